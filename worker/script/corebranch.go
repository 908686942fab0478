package script

import (
	"errors"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// maxBranchURI bounds the URI of a branch, bytes.
const maxBranchURI = 1023

var branchFuncs = []module.Func{
	{
		Name: "append_branch", Aliases: []string{"km_append_branch"}, In: inRequest, Args: []check.ArgSpec{{Kind: check.ArgFormat}, {Kind: check.ArgFormat}}, Fixup: branchQ, Do: appendBranch,
		Help: "adds a destination: the given URI or the current R-URI, with $du, branch flags and socket of the request",
	},
	{
		Name: "remove_branch", In: notOnSend, Args: args(check.ArgIntVar), Do: removeBranch,
		Help: "removes the n-th destination that append_branch added, the first if n is not given",
	},
	{Name: "clear_branches", In: notOnSend, Do: clearBranches, Help: "removes all of them"},
	{Name: "setdsturi", In: anywhere, Args: args(check.ArgFormat), MinArgs: 1, Do: setDst, Help: "sets the next hop, as $du = uri"},
	{Name: "resetdsturi", In: anywhere, Do: resetDst, Help: "forgets the next hop"},
	{Name: "isdsturiset", In: anywhere, Do: isDstSet, Help: "tells whether there is one"},
}

var errQ = errors.New("q must be 0 to 1, as in 0.5")

// parseQ accepts 0 to 1 (RFC 3261 §25.1 qvalue); decimals behind the third have no effect. "" is unset.
func parseQ(s string) (int16, error) {
	if s == "" {
		return -1, nil
	}
	whole, frac, _ := strings.Cut(s, ".")
	if whole != "0" && whole != "1" && (whole != "" || frac == "") || strings.Trim(frac, "0123456789") != "" {
		return 0, errQ
	}
	n := int16(0)
	for i := range 3 {
		n *= 10
		if i < len(frac) {
			n += int16(frac[i] - '0')
		}
	}
	if whole == "1" {
		n += 1000
	}
	if n > 1000 {
		return 0, errQ
	}
	return n, nil
}

// branchQ is nil for a q that is not known before the call.
func branchQ(a []check.Arg) (any, error) {
	switch {
	case len(a) < 2:
		return int16(-1), nil
	case !a[1].Const:
		return nil, nil
	}
	q, err := parseQ(a[1].Str)
	if err != nil {
		return nil, &module.ArgError{Arg: 1, Err: err}
	}
	return q, nil
}

func appendBranch(c *module.Ctx, a *module.Args) int {
	uri := a.Str(c, 0)
	if uri == "" {
		uri = c.RequestURI()
	}
	switch {
	case uri == "":
		return c.Fail(module.ErrUnspec, "there is no URI")
	case len(uri) > maxBranchURI:
		return c.Fail(module.ErrUnspec, "the URI is longer than 1023 bytes")
	case c.BranchesFull():
		return c.Fail(module.ErrUnspec, "a request has at most 12 destinations")
	}
	q, ok := a.Fixed.(int16)
	if !ok {
		if a.Value(1).IsUndef() {
			return c.Fail(module.ErrUnspec, "q is undefined")
		}
		var err error
		if q, err = parseQ(a.Str(c, 1)); err != nil {
			return c.Fail(module.ErrUnspec, err.Error())
		}
	}
	c.Dest.Branches[c.Dest.N] = module.Branch{URI: c.Keep(uri), Dst: c.Dest.Next, Q: q, Flags: c.Dest.Flags, Socket: c.Dest.Socket}
	c.Dest.N++
	return 1
}

func removeBranch(c *module.Ctx, a *module.Args) int {
	i := int(a.Int(0, 0))
	if i < 0 || i >= c.Dest.N {
		return c.Fail(module.ErrUnspec, "there is no such branch")
	}
	b := &c.Dest.Branches
	copy(b[i:], b[i+1:c.Dest.N])
	c.Dest.N--
	b[c.Dest.N] = module.Branch{}
	return 1
}

func clearBranches(c *module.Ctx, _ *module.Args) int {
	clear(c.Dest.Branches[:c.Dest.N])
	c.Dest.N = 0
	return 1
}

// setDst with no URI is resetdsturi.
func setDst(c *module.Ctx, a *module.Args) int {
	uri := a.Given(c, 0)
	if len(uri) > maxURI {
		return c.Fail(module.ErrBadURI, "the next hop must be a URI of at most 1024 bytes")
	}
	c.Dest.Next = c.Keep(uri)
	return 1
}

func resetDst(c *module.Ctx, _ *module.Args) int {
	c.Dest.Next = ""
	return 1
}

func isDstSet(c *module.Ctx, _ *module.Args) int { return yes(c.Dest.Next != "") }

func yes(b bool) int {
	if b {
		return 1
	}
	return -1
}
