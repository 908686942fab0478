package cfgutils

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"unsafe"

	"goser/cfg/check"
	"goser/shm"
	"goser/worker/module"
)

const rootName = "cfgutils"

// shared is what all processes see. Locks follow it.
type shared struct {
	Prob  uint32
	Flags uint32
}

var (
	kindShared = shm.NewKindOf[shared](shm.KindInfo{Name: "cfgutils"})

	common *shared
	locks  []uint64 // see lock.go
)

// start finds the shared words; the first process makes them.
func start(e module.Env) error {
	p := e.Proc()
	n := uint64(0)
	if lockSetSize > 0 {
		n = 1 << uint(lockSetSize)
	}
	const size = uint64(unsafe.Sizeof(shared{}))
	r, _, err := p.Root(rootName, kindShared, size+8*n, 0, func(b []byte) {
		s := (*shared)(unsafe.Pointer(&b[0]))
		s.Prob, s.Flags = uint32(initialProbability), uint32(initialFlags)
	})
	if err != nil {
		return fmt.Errorf("cfgutils: %w", err)
	}
	common = shm.View[shared](p.Arena(), r.Off)
	locks = shm.Slice[uint64](p.Arena(), r.Off+size, n)
	if hashFile != "" {
		e.Log().Warn("cfgutils: hash_file has no effect: the command check_config_hash is not there yet")
	}
	return nil
}

func setProb(c *module.Ctx, a *module.Args) int {
	n := a.Int(0, 0)
	if n < 0 || n > 100 {
		return c.Fail(-1, "a probability is 0 to 100 percent")
	}
	atomic.StoreUint32(&common.Prob, uint32(n))
	return 1
}

func resetProb(*module.Ctx, *module.Args) int {
	atomic.StoreUint32(&common.Prob, uint32(initialProbability))
	return 1
}

// getProb returns the number itself: 0 ends the script, as in 5.6.3.
func getProb(*module.Ctx, *module.Args) int { return int(atomic.LoadUint32(&common.Prob)) }

func event(c *module.Ctx, _ *module.Args) int {
	return truth(c.Env.Random()%100 < uint64(atomic.LoadUint32(&common.Prob)))
}

// fixFlag makes the bit of a flag's number.
func fixFlag(a []check.Arg) (any, error) {
	n, err := strconv.Atoi(a[0].Str)
	if err != nil || n < 0 || n > 31 {
		return nil, &module.ArgError{Arg: 0, Err: fmt.Errorf("%q: expected a flag's number, 0 to 31", a[0].Str)}
	}
	return uint32(1) << n, nil
}

func setFlag(_ *module.Ctx, a *module.Args) int {
	atomic.OrUint32(&common.Flags, a.Fixed.(uint32))
	return 1
}

func resetFlag(_ *module.Ctx, a *module.Args) int {
	atomic.AndUint32(&common.Flags, ^a.Fixed.(uint32))
	return 1
}

func isFlag(_ *module.Ctx, a *module.Args) int {
	return truth(atomic.LoadUint32(&common.Flags)&a.Fixed.(uint32) != 0)
}
