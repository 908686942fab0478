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

// fixInternal knows the two flags by name.
func fixInternal(a []check.Arg) (any, error) {
	switch a[0].Str {
	case "USE_UAC_FROM":
		return module.UseUACFrom, nil
	case "USE_UAC_TO":
		return module.UseUACTo, nil
	}
	return nil, fmt.Errorf("unknown flag %q: expected USE_UAC_FROM or USE_UAC_TO", a[0].Str)
}

func setInternal(c *module.Ctx, a *module.Args) int {
	c.Internal |= a.Fixed.(module.InternalFlags)
	return 1
}

func resetInternal(c *module.Ctx, a *module.Args) int {
	c.Internal &^= a.Fixed.(module.InternalFlags)
	return 1
}

// internalSet is -2 for a flag that is not set, as in 5.6.3.
func internalSet(c *module.Ctx, a *module.Args) int {
	if c.Internal&a.Fixed.(module.InternalFlags) != 0 {
		return 1
	}
	return -2
}
