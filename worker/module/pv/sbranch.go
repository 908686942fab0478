package pv

import (
	"goser/cfg/check"
	"goser/worker/module"
)

// stagedFuncs move $sbranch to where the request goes.
var stagedFuncs = []module.Func{
	{Name: "sbranch_set_ruri", In: check.AnyRoute, Help: "$sbranch becomes R-URI, next hop, socket and branch flags", Do: stagedToURI},
	{Name: "sbranch_append", In: check.AnyRoute, Help: "$sbranch becomes a further branch", Do: stagedToBranch},
	{Name: "sbranch_reset", In: check.AnyRoute, Help: "empties $sbranch", Do: func(c *module.Ctx, _ *module.Args) int {
		c.Dest.Staged, c.Dest.Staging = module.Branch{}, false
		return 1
	}},
}

const errNothingStaged = "$sbranch(uri) is not set"

func getStaged(c *module.Ctx, r *module.Ref) module.Value {
	switch {
	case r.Inner == "count":
		return intValue(c.Dest.N)
	case !c.Dest.Staging:
		return module.Undef
	}
	return fieldOf(c, &c.Dest.Staged, r.Inner)
}

func setStaged(c *module.Ctx, r *module.Ref, v module.Value) error {
	if !c.Dest.Staging {
		c.Dest.Staged, c.Dest.Staging = module.Branch{Q: -1}, true
	}
	if s := c.Text(v); r.Inner == "uri" && len(s) > maxURI {
		return errURILong
	}
	return setField(c, &c.Dest.Staged, r.Inner, v)
}

func stagedToURI(c *module.Ctx, _ *module.Args) int {
	b := &c.Dest.Staged
	if b.URI == "" {
		return c.Fail(-1, errNothingStaged)
	}
	c.SetURI(b.URI)
	c.Dest.Next, c.Dest.Flags, c.Dest.Binding = b.Dst, b.Flags, b.Binding
	if b.Socket != nil {
		c.Dest.Socket = b.Socket
	}
	return 1
}

func stagedToBranch(c *module.Ctx, _ *module.Args) int {
	switch {
	case c.Dest.Staged.URI == "":
		return c.Fail(-1, errNothingStaged)
	case c.BranchesFull():
		return c.Fail(-1, errBranches.Error())
	}
	c.Dest.Branches[c.Dest.N] = c.Dest.Staged
	c.Dest.N++
	return 1
}
