// Package cfgutils is the module with tools for scripts: chance, time, locks, global
// flags. See README.md for the operator's view.
//
// What all processes share (the probability, the global flags, the locks) are single
// words in the arena, each changed with one store: a process may die at any
// instruction.
package cfgutils

import (
	_ "embed"
	"errors"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

// Parameters.
var (
	initialProbability int32 = 10
	initialFlags       int32
	lockSetSize        int32
	hashFile           string
)

// maxLockBits bounds lock_set_size: 65536 locks.
const maxLockBits = 16

func init() {
	module.Register(&module.Module{
		Name: "cfgutils", Doc: readme, Funcs: functions(), Start: start, AfterRequest: releaseAll, OnReply: afterReply,
		Params: []module.Param{
			{Name: "initial_probability", Kind: check.ParamInt, Set: module.Within("initial_probability", &initialProbability, 0, 100), Help: "percent, of rand_event (10)"},
			{Name: "initial_gflags", Int: &initialFlags, Help: "global flags at start (0)"},
			{Name: "lock_set_size", Kind: check.ParamInt, Set: module.Within("lock_set_size", &lockSetSize, 0, maxLockBits), Help: "2 to this power locks; 0: no locks (0)"},
			{Name: "hash_file", Str: &hashFile, Help: "accepted; the command that uses it is not there yet"},
		},
		Vars: []module.Var{{
			Name: "RANDOM", Type: check.TypeInt, Help: "a random number, 0 to 2147483647",
			Get: func(c *module.Ctx, _ *module.Ref) module.Value {
				return module.IntValue(int32(c.Env.Random() & 0x7fffffff))
			},
		}},
	})
}

func functions() []module.Func {
	text, fixed, number := check.ArgSpec{Kind: check.ArgFormat}, check.ArgSpec{Kind: check.ArgStr}, check.ArgSpec{Kind: check.ArgIntVar}
	percent := check.ArgSpec{Kind: check.ArgIntVar, Min: 0, Max: 100}
	fn := func(name, help string, do func(c *module.Ctx, a *module.Args) int, args ...check.ArgSpec) module.Func {
		return module.Func{Name: name, Help: help, In: check.AnyRoute, Args: args, MinArgs: module.AllArgs, Do: do}
	}
	flag := func(f module.Func) module.Func { f.Fixup = fixFlag; return f }
	lock := func(f module.Func) module.Func { f.Fixup, f.Waits = fixLock, true; return f }
	waits := func(f module.Func) module.Func { f.Waits = true; return f }
	return []module.Func{
		fn("rand_set_prob", "sets the probability of rand_event, percent", setProb, percent),
		fn("rand_reset_prob", "brings back initial_probability", resetProb),
		fn("rand_get_prob", "returns the probability", getProb),
		fn("rand_event", "true by chance", event),
		waits(fn("sleep", "waits for seconds", nap(1e6), number)),
		waits(fn("usleep", "waits for microseconds", nap(1), number)),
		fn("abort", "ends this process with a dump", abort),
		fn("pkg_status", "writes this process's memory to the log", pkgStatus),
		fn("pkg_summary", "the same", pkgStatus),
		fn("shm_status", "writes the state of the shared memory to the log", shmStatus),
		fn("shm_summary", "the same", shmStatus),
		flag(fn("set_gflag", "sets a global flag", setFlag, fixed)),
		flag(fn("reset_gflag", "clears a global flag", resetFlag, fixed)),
		flag(fn("is_gflag", "tests a global flag", isFlag, fixed)),
		lock(fn("lock", "takes the lock of a key, and waits for it", takeLock, text)),
		lock(fn("trylock", "takes the lock of a key if it is free", tryLock, text)),
		lock(fn("unlock", "gives the lock of a key back", giveLock, text)),
		fn("core_hash", "returns a hash of two texts plus one", coreHash, text, text, number),
		fn("check_route_exists", "is there a route of this name", routeExists, text),
		fn("route_if_exists", "runs the route of this name if there is one", routeIfExists, text),
	}
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}

// fixLock wants the locks to be there.
func fixLock([]check.Arg) (any, error) {
	if lockSetSize == 0 {
		return nil, errors.New(`there are no locks: write modparam("cfgutils", "lock_set_size", 10) for 2^10 of them`)
	}
	return nil, nil
}
