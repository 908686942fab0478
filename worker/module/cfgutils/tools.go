package cfgutils

import (
	"log/slog"
	"runtime"
	"syscall"
	"time"

	"goser/cfg/check"
	"goser/worker/module"
)

// maxNap bounds sleep: a message must not be kept for ever.
const maxNap = time.Hour

// nap waits with the loop handed on.
func nap(unit int64) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		n, ok := a.Number(0)
		if !ok {
			return c.Fail(-1, errNoNumber)
		}
		d := time.Duration(n) * time.Duration(unit) * time.Microsecond
		if d <= 0 {
			return 1
		}
		if err := c.Env.Wait(c, func() { time.Sleep(min(d, maxNap)) }); err != nil {
			return c.Fail(-1, err.Error())
		}
		return 1
	}
}

const errNoNumber = "an argument is no number"

func abort(*module.Ctx, *module.Args) int {
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGABRT)
	select {}
}

func pkgStatus(c *module.Ctx, _ *module.Args) int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.Env.Log().Info("memory of this process", slog.Uint64("heap_used", m.HeapAlloc), slog.Uint64("heap_kept", m.HeapSys-m.HeapReleased),
		slog.Uint64("system", m.Sys), slog.Uint64("objects", m.HeapObjects))
	return 1
}

func shmStatus(c *module.Ctx, _ *module.Args) int {
	m, s := c.Env.Arena().Memory(), c.Env.Arena().Stats()
	c.Env.Log().Info("shared memory", slog.Uint64("limit", m.Size), slog.Uint64("used", m.Taken), slog.Uint64("most", m.Peak),
		slog.Uint64("refused", s.NoMemory), slog.Uint64("takeovers", s.Takeovers))
	return 1
}

// coreHash returns slot + 1 of 2^bits slots, so that it is never 0. Of the bits
// the lowest five count.
func coreHash(c *module.Ctx, a *module.Args) int {
	x, y := a.Str(c, 0), a.Str(c, 1)
	bits, ok := a.Number(2)
	switch {
	case !ok:
		return c.Fail(-1, errNoNumber)
	case bits < 1:
		bits = 1
	}
	bits &= 31
	return int(module.CoreHash(x, y)&(1<<uint32(bits)-1)) + 1
}

func routeExists(c *module.Ctx, a *module.Args) int {
	return truth(c.Runner.Find(check.RequestRoute, a.Str(c, 0)) >= 0)
}

// routeIfExists ends the script when the route ended it.
func routeIfExists(c *module.Ctx, a *module.Args) int {
	name := a.Str(c, 0)
	if c.Runner.Find(check.RequestRoute, name) < 0 {
		return -1
	}
	route := c.Route
	value := c.Runner.Call(c, check.RequestRoute, name)
	c.Route = route
	if c.Ended {
		return 0
	}
	return value
}
