package cfgutils

import (
	"sync/atomic"
	"time"

	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module"
)

// A lock is one word: 0 is free, else the owner's process in the upper half and the
// number of the holder in the lower one. Taking it and giving it back is one store
// each, so a process that dies leaves it taken or free, never half of both. Whoever
// finds it taken by a dead process takes it over with one exchange.

const (
	// patience is how long lock() waits. A script that keeps a lock for longer is
	// broken, and must not stop the others.
	patience = 10 * time.Second
	pollMin  = 200 * time.Microsecond
	pollMax  = 5 * time.Millisecond
)

// holding is a lock that a message of this process has.
type holding struct {
	c      *module.Ctx // compared, never used
	number uint64      // Recv.Number
	lock   int
	word   uint64
}

var (
	holdings []holding
	serial   uint32
)

func lockOf(key string) int { return int(module.CoreHash(key, "") & uint32(len(locks)-1)) }

// newWord is a value of a lock that nobody else writes.
func newWord(e module.Env) uint64 {
	if serial++; serial == 0 {
		serial++
	}
	return uint64(e.Proc().Tag())<<32 | uint64(serial)
}

// take tries once.
func take(a *shm.Arena, at *uint64, word uint64) bool {
	old := atomic.LoadUint64(at)
	if old != 0 && !a.Gone(uint32(old>>32)) {
		return false
	}
	kill.Point("cfgutils.lock.free")
	ok := atomic.CompareAndSwapUint64(at, old, word)
	kill.Point("cfgutils.lock.taken")
	return ok
}

// held finds the lock among those of c.
func held(c *module.Ctx, lock int) int {
	for i := range holdings {
		if h := &holdings[i]; h.lock == lock && h.c == c && h.number == c.Recv.Number {
			return i
		}
	}
	return -1
}

// hold notes a lock. What c's message before this one has kept is given back: its
// script is over.
func hold(c *module.Ctx, lock int, word uint64) int {
	for i := len(holdings) - 1; i >= 0; i-- {
		if h := &holdings[i]; h.c == c && h.number != c.Recv.Number {
			release(i)
		}
	}
	holdings = append(holdings, holding{c, c.Recv.Number, lock, word})
	return 1
}

// takeLock waits with the loop handed on: other messages have their turn. A lock
// that the message has already it gets again, without counting.
func takeLock(c *module.Ctx, a *module.Args) int {
	i := lockOf(a.Str(c, 0))
	if held(c, i) >= 0 {
		return 1
	}
	arena, at, word := c.Env.Arena(), &locks[i], newWord(c.Env)
	if take(arena, at, word) {
		return hold(c, i, word)
	}
	ok := false
	if err := c.Env.Wait(c, func() { ok = await(arena, at, word) }); err != nil {
		return c.Fail(-1, err.Error())
	}
	if !ok {
		return c.Fail(-1, "the lock was not given back in 10 seconds")
	}
	return hold(c, i, word)
}

func await(a *shm.Arena, at *uint64, word uint64) bool {
	for end, pause := time.Now().Add(patience), pollMin; time.Now().Before(end); pause = min(2*pause, pollMax) {
		time.Sleep(pause)
		if take(a, at, word) {
			return true
		}
	}
	return false
}

// tryLock fails also for a lock that the message has.
func tryLock(c *module.Ctx, a *module.Args) int {
	i := lockOf(a.Str(c, 0))
	if held(c, i) >= 0 {
		return -1
	}
	word := newWord(c.Env)
	if !take(c.Env.Arena(), &locks[i], word) {
		return -1
	}
	return hold(c, i, word)
}

// giveLock succeeds also if the message does not have the lock.
func giveLock(c *module.Ctx, a *module.Args) int {
	if i := held(c, lockOf(a.Str(c, 0))); i >= 0 {
		release(i)
	}
	return 1
}

func release(i int) {
	h := holdings[i]
	holdings[i] = holdings[len(holdings)-1]
	holdings = holdings[:len(holdings)-1]
	kill.Point("cfgutils.unlock")
	atomic.CompareAndSwapUint64(&locks[h.lock], h.word, 0)
}

// afterReply does for replies what AfterRequest does for requests.
func afterReply(c *module.Ctx) bool {
	releaseAll(c)
	return true
}

// releaseAll gives back what the script has forgotten to.
func releaseAll(c *module.Ctx) {
	for i := len(holdings) - 1; i >= 0; i-- {
		if h := &holdings[i]; h.c == c && h.number == c.Recv.Number {
			release(i)
		}
	}
}
