package script

import (
	"errors"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

var flagFuncs = []module.Func{
	{
		Name: "setflag", In: anywhere, Args: args(check.ArgFlagVar), MinArgs: 1, Help: "sets a message flag",
		Do: func(c *module.Ctx, a *module.Args) int { c.Flags |= bit(a); return 1 },
	},
	{
		Name: "resetflag", In: anywhere, Args: args(check.ArgFlagVar), MinArgs: 1, Help: "clears a message flag",
		Do: func(c *module.Ctx, a *module.Args) int { c.Flags &^= bit(a); return 1 },
	},
	{
		Name: "isflagset", In: anywhere, Args: args(check.ArgFlagVar), MinArgs: 1, Help: "tests a message flag",
		Do: func(c *module.Ctx, a *module.Args) int { return yes(c.Flags&bit(a) != 0) },
	},

	{
		Name: "setbflag", In: anywhere, Args: args(check.ArgFlagVar, check.ArgIntVar), MinArgs: 1, Help: "sets a flag of a branch: 0, the request, or the n-th appended",
		Do: func(c *module.Ctx, a *module.Args) int {
			f := branchFlags(c, a)
			if f == nil {
				return noBranch(c)
			}
			*f |= bit(a)
			return 1
		},
	},
	{
		Name: "resetbflag", In: anywhere, Args: args(check.ArgFlagVar, check.ArgIntVar), MinArgs: 1, Help: "clears a flag of a branch",
		Do: func(c *module.Ctx, a *module.Args) int {
			f := branchFlags(c, a)
			if f == nil {
				return noBranch(c)
			}
			*f &^= bit(a)
			return 1
		},
	},
	{
		Name: "isbflagset", In: anywhere, Args: args(check.ArgFlagVar, check.ArgIntVar), MinArgs: 1, Help: "tests a flag of a branch",
		Do: func(c *module.Ctx, a *module.Args) int {
			f := branchFlags(c, a)
			if f == nil {
				return noBranch(c)
			}
			return yes(*f&bit(a) != 0)
		},
	},

	{
		Name: "setavpflag", In: anywhere, Args: args(check.ArgAVP, check.ArgAVPFlag), MinArgs: module.AllArgs, Fixup: avpArg, Help: "sets a flag of the newest AVP of a name",
		Do: func(c *module.Ctx, a *module.Args) int {
			v := findAVP(c, a)
			if v == nil {
				return -1
			}
			v.Flags |= avpBit(a)
			return 1
		},
	},
	{
		Name: "resetavpflag", In: anywhere, Args: args(check.ArgAVP, check.ArgAVPFlag), MinArgs: module.AllArgs, Fixup: avpArg, Help: "clears it",
		Do: func(c *module.Ctx, a *module.Args) int {
			v := findAVP(c, a)
			if v == nil {
				return -1
			}
			v.Flags &^= avpBit(a)
			return 1
		},
	},
	{
		Name: "isavpflagset", In: anywhere, Args: args(check.ArgAVP, check.ArgAVPFlag), MinArgs: module.AllArgs, Fixup: avpArg, Help: "tests it",
		Do: func(c *module.Ctx, a *module.Args) int {
			v := findAVP(c, a)
			return yes(v != nil && v.Flags&avpBit(a) != 0)
		},
	},
}

func bit(a *module.Args) uint32 { return 1 << (uint32(a.Int(0, 0)) & 31) }

func avpBit(a *module.Args) uint32 { return 1 << (uint32(a.Int(1, 0)) & 31) }

// branchFlags is where the flags of the branch in argument 1 are; nil if there is none, or a number is missing.
func branchFlags(c *module.Ctx, a *module.Args) *uint32 {
	if _, ok := a.Number(0); !ok {
		return nil
	}
	i, ok := a.Number(1)
	switch i := int(i); {
	case !ok && a.N > 1:
	case i == 0:
		return &c.Dest.Flags
	case i > 0 && i <= c.Dest.N:
		return &c.Dest.Branches[i-1].Flags
	}
	return nil
}

func noBranch(c *module.Ctx) int { return c.Fail(module.ErrUnspec, "there is no such branch") }

// avpArg finds the lists that the first argument names.
func avpArg(a []check.Arg) (any, error) {
	names := module.AVPNames(a[0].Var)
	if names == nil && a[0].Str != "" {
		names = []string{module.AVPName(strings.TrimPrefix(a[0].Str, "$"))}
	}
	if names == nil {
		return nil, &module.ArgError{Arg: 0, Err: errors.New("expected $avp(name), an attribute or a name in quotes")}
	}
	return names, nil
}

// findAVP is the first match only.
func findAVP(c *module.Ctx, a *module.Args) *module.AVP {
	for _, name := range a.Fixed.([]string) {
		if v := c.AVPs.Get(name, 0); v != nil {
			return v
		}
	}
	return nil
}
