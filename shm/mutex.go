package shm

import (
	"runtime"
	"sync/atomic"
	"time"

	"goser/shm/kill"
)

// Mutex is a lock in the arena. Its word holds its owner (row and generation),
// so that the lock of a dead owner can be taken over. It is not recursive.
// Goroutines of one process exclude each other like processes do. An owner that
// somebody has stopped (SIGSTOP) is killed when others have waited for 20 ms: it
// has a successor, and they would wait for ever.
type Mutex struct{ word uint32 }

const (
	lockWaiters = 1 << 31
	lockSpins   = 200
	// lockWait bounds a sleep: after it the owner's health is looked at.
	lockWait = 4 * time.Millisecond
	// lockPatience is how many such sleeps the same owner may cause before we look
	// whether somebody has stopped it.
	lockPatience = 5
)

// Lock waits for the mutex. It reports whether it was taken over from a dead
// owner: then what it guards may be half changed, and the caller repairs it.
func (m *Mutex) Lock(p *Proc) (recovered bool) {
	if !atomic.CompareAndSwapUint32(&m.word, 0, p.tag) {
		recovered = m.lockSlow(p)
	}
	kill.Point("lock.taken")
	return recovered
}

// TryLock takes the mutex if it is free or its owner is known to be dead.
func (m *Mutex) TryLock(p *Proc) (ok, recovered bool) {
	w := atomic.LoadUint32(&m.word)
	if w == 0 {
		return atomic.CompareAndSwapUint32(&m.word, 0, p.tag), false
	}
	if p.a.ownerDead(w&^lockWaiters, false) && atomic.CompareAndSwapUint32(&m.word, w, p.tag|lockWaiters) {
		return true, true
	}
	return false, false
}

// Unlock gives the mutex back. Unlocking what one does not hold is counted and
// otherwise ignored.
func (m *Mutex) Unlock(p *Proc) {
	kill.Point("lock.release")
	if atomic.CompareAndSwapUint32(&m.word, p.tag, 0) {
		return
	}
	if !atomic.CompareAndSwapUint32(&m.word, p.tag|lockWaiters, 0) {
		p.a.count(&p.a.hdr.Stats.BadUnlock)
		return
	}
	kill.Point("lock.wake")
	futexWake(&m.word, 1)
}

// Owner returns the slot of the process that holds the mutex, or -1.
func (m *Mutex) Owner() int { return ownerSlot(atomic.LoadUint32(&m.word) &^ lockWaiters) }

// PutDownStopped kills the owner if somebody has stopped it, for those that only
// try a lock. Call it when the same owner has had it for a while.
func (m *Mutex) PutDownStopped(p *Proc) {
	if w := atomic.LoadUint32(&m.word) &^ lockWaiters; w != 0 {
		p.a.putDown(w)
	}
}

func (m *Mutex) lockSlow(p *Proc) bool {
	for range lockSpins {
		if atomic.LoadUint32(&m.word) == 0 && atomic.CompareAndSwapUint32(&m.word, 0, p.tag) {
			return false
		}
	}
	runtime.Gosched()
	// From here on the word keeps the waiters' bit when taken: others may sleep.
	waited, owner := 0, uint32(0)
	for ask := false; ; {
		w := atomic.LoadUint32(&m.word)
		switch {
		case w == 0:
			if atomic.CompareAndSwapUint32(&m.word, 0, p.tag|lockWaiters) {
				return false
			}
		case p.a.ownerDead(w&^lockWaiters, ask):
			if atomic.CompareAndSwapUint32(&m.word, w, p.tag|lockWaiters) {
				p.a.count(&p.a.hdr.Stats.Takeovers)
				return true
			}
		case w&lockWaiters != 0 || atomic.CompareAndSwapUint32(&m.word, w, w|lockWaiters):
			futexWait(&m.word, w|lockWaiters, lockWait)
			ask = true
			if w &^= lockWaiters; w != owner {
				waited, owner = 0, w
			}
			if waited++; waited%lockPatience == 0 {
				p.a.putDown(w)
			}
		}
	}
}
