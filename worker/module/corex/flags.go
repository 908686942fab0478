package corex

import (
	"fmt"

	"goser/cfg/check"
	"goser/worker/module"
)

// The extended message flags are 0 to 63.

func xbit(a *module.Args) (bit uint64, ok bool) {
	n, ok := a.Number(0)
	return 1 << (uint32(n) & 63), ok && n >= 0 && n <= 63
}

func setX(c *module.Ctx, a *module.Args) int {
	bit, ok := xbit(a)
	if ok {
		c.MoreFlags |= bit
	}
	return truth(ok)
}

func resetX(c *module.Ctx, a *module.Args) int {
	bit, ok := xbit(a)
	if ok {
		c.MoreFlags &^= bit
	}
	return truth(ok)
}

func isX(c *module.Ctx, a *module.Args) int {
	bit, ok := xbit(a)
	return truth(ok && c.MoreFlags&bit != 0)
}

// internalFlags are the internal flags by name.
var internalFlags = map[string]module.InternalFlags{
	"USE_UAC_FROM": module.UseUACFrom, "USE_UAC_TO": module.UseUACTo, "UAC_AUTH": module.UACAuth,
}

// fixInternal refuses a name that is none, where it is known.
func fixInternal(a []check.Arg) (any, error) {
	if a[0].Const && internalFlags[a[0].Str] == 0 {
		return nil, errInternal(a[0].Str)
	}
	return nil, nil
}

func errInternal(name string) error {
	return fmt.Errorf("unknown flag %q: expected USE_UAC_FROM, USE_UAC_TO or UAC_AUTH", name)
}

// internal is the flag that the argument names; 0, and a complaint, if it is none.
func internal(c *module.Ctx, a *module.Args) module.InternalFlags {
	name := a.Str(c, 0)
	f := internalFlags[name]
	if f == 0 {
		c.Complain(errInternal(name).Error())
	}
	return f
}

// setInternal is 1 for a name that is none, too, as in 5.6.3.
func setInternal(c *module.Ctx, a *module.Args) int {
	c.Internal |= internal(c, a)
	return 1
}

func resetInternal(c *module.Ctx, a *module.Args) int {
	f := internal(c, a)
	c.Internal &^= f
	return truth(f != 0)
}

// internalSet is -2 for a flag that is not set, as in 5.6.3.
func internalSet(c *module.Ctx, a *module.Args) int {
	switch f := internal(c, a); {
	case f == 0:
		return -1
	case c.Internal&f != 0:
		return 1
	}
	return -2
}
