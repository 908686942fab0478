package script

import (
	"errors"

	"goser/cfg/check"
	"goser/cfg/param"
	"goser/shm/conf"
	"goser/worker/module"
)

// The configuration's runtime variables: group.name = value in the file, which
// scripts read as @cfg_get.group.name.
var confFuncs = []module.Func{
	{
		Name: "cfg_select", In: anywhere, Args: args(check.ArgStr, check.ArgIntVar), MinArgs: module.AllArgs, Do: cfgSelect,
		Help: "this message sees the n-th instance of a group of runtime variables, where that has values of its own",
	},
	{
		Name: "cfg_reset", In: anywhere, Args: args(check.ArgStr), MinArgs: module.AllArgs, Do: cfgReset,
		Help: "this message sees the values of the group itself again",
	},
}

func cfgSelect(c *module.Ctx, a *module.Args) int {
	n := a.Int(1, -1)
	if n < 0 {
		return c.Fail(module.ErrUnspec, "instances are numbered from 0")
	}
	if param.IsRTGroup(a.Spec(0).Str) {
		return module.ErrUnspec // the core's parameters have no instances
	}
	if !c.Instances.Select(a.Spec(0).Str, n) {
		return c.Fail(module.ErrUnspec, "a message can choose instances of 8 groups")
	}
	return 1
}

func cfgReset(c *module.Ctx, a *module.Args) int {
	c.Instances.Select(a.Spec(0).Str, -1)
	return 1
}

// confRoot is @cfg_get.group.name. The variables are known once the process has
// attached to the arena, the script is checked before.
func confRoot(parts selParts) (selector, error) {
	if len(parts) != 2 || parts[0].IsInt || parts[1].IsInt {
		return nil, errors.New("a group and a name must follow, as in @cfg_get.group.name")
	}
	group, name := parts[0].Name, parts[1].Name
	if p := param.LookupRT(group, name); p != nil {
		return func(c *module.Ctx) module.Value {
			if module.CoreParam == nil {
				return module.Undef
			}
			return module.StrValue(c.Itoa(int64(module.CoreParam(p.ID)) * int64(max(p.RT.Scale, 1))))
		}, nil
	}
	return func(c *module.Ctx) module.Value {
		t := module.RuntimeVars
		if t == nil {
			return module.Undef
		}
		i := t.Find(group, name, c.Instances.Of(group))
		switch {
		case i < 0:
			return module.Undef
		case t.Decl(i).IsStr:
			return module.StrValue(c.Build(conf.MaxText+8, func(dst []byte) []byte { return t.Text(i, dst) }))
		}
		return module.StrValue(c.Itoa(int64(t.Int(i)))) // a select is a text
	}, nil
}

// RuntimeDecls are the runtime variables a program declares.
func RuntimeDecls(p *check.Program) []conf.Decl {
	var all []conf.Decl
	for _, v := range p.CustomVars {
		all = append(all, conf.Decl{Group: v.Group, Name: v.Name, Instance: v.Instance, IsStr: v.IsStr, Int: v.Int, Str: v.Str})
	}
	return all
}
