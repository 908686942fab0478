package tm

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
	"goser/shm/table"
	"goser/shm/wheel"
	"goser/worker/module"
)

// A transaction is handled by one process at a time: whoever holds its lock.
// The lock is held over routes, and those may wait, so nobody ever sleeps on
// it: who finds it taken tries again, having handed the receive loop on. An owner
// that somebody has stopped is killed after a while, as those of other locks are.
//
// A process notes the transactions it holds in its row of the root tm.work.
// When it dies, the reap of its row finds them there and mends them, before
// what it had under construction is freed.

const (
	maxHeld  = 128 // by one process at a time
	workRoot = "tm.work"
	txRoot   = "tm.transactions"
	spins    = 200
	patience = 5 * time.Second
	nap      = 200 * time.Microsecond
	healthy  = int(100 * time.Millisecond / nap) // naps until we look whether the owner is stopped
)

type workRow struct{ Held [maxHeld]uint64 }

var kindWork shm.Kind

func init() { kindWork = shm.NewKind(shm.KindInfo{Name: "tm.work", Check: checkWork, Reap: reapWork}) }

// openWork finds the rows of all processes.
func openWork(p *shm.Proc) ([]workRow, error) {
	n := uint64(p.Arena().Slots())
	r, _, err := p.Root(workRoot, kindWork, n*uint64(unsafe.Sizeof(workRow{})), 0, nil)
	if err != nil {
		return nil, fmt.Errorf("tm: %w", err)
	}
	return shm.Slice[workRow](p.Arena(), r.Off, n), nil
}

func openTable(p *shm.Proc) (*table.Table, error) {
	return table.Open(p, txRoot, table.Options{Buckets: buckets, Max: maxTransactions})
}

const (
	buckets         = 1 << 16
	maxTransactions = 1 << 20
)

// held is a transaction whose lock we have.
type held struct {
	*tx
	off  uint64
	note int
	mine bool // to be unlocked by release
}

// note writes down that we are at work on a transaction; -1: on too many.
func (s *state) note(off uint64) int {
	row := &s.work[s.proc.Slot()]
	for i := range row.Held {
		if row.Held[i] == 0 {
			atomic.StoreUint64(&row.Held[i], off)
			return i
		}
	}
	return -1
}

func (s *state) forget(i int) { atomic.StoreUint64(&s.work[s.proc.Slot()].Held[i], 0) }

// outcome of try.
type outcome uint8

const (
	gone outcome = iota
	busy
	taken
)

// try takes the lock of a transaction once. The bucket's lock protects the
// block while we look; it is only tried, since the order is the other way.
func (s *state) try(off uint64, label uint32) (held, outcome) {
	if shm.Ref[tx](off).Get(s.arena) == nil {
		return held{}, gone
	}
	t := shm.View[tx](s.arena, off)
	hash := atomic.LoadUint64(&t.Hash)
	g := s.table.Lock(s.proc, hash)
	if !g.Holds(off) || t.Label != label {
		g.Unlock()
		return held{}, gone
	}
	note := s.note(off)
	if note < 0 {
		g.Unlock()
		return held{}, busy
	}
	ok, recovered := t.Lock.TryLock(s.proc)
	g.Unlock()
	if !ok {
		s.forget(note)
		return held{}, busy
	}
	kill.Point("tm.locked")
	h := held{tx: t, off: off, note: note, mine: true}
	if recovered {
		s.inherit(h)
	}
	return h, taken
}

// inherit takes over a transaction from a process that died holding it.
func (s *state) inherit(h held) {
	mend(s.proc, h.tx)
	rewind(h.tx)
	unsay(s.arena, h.tx)
	h.Armed = 0
	s.count(&counters.inherited)
}

// take takes the lock of a transaction, waiting its turn; false if it is gone.
func (s *state) take(c *module.Ctx, off uint64, label uint32) (held, bool) {
	owner, since := -1, 0
	for n := 0; ; n++ {
		h, what := s.try(off, label)
		if what != busy {
			return h, what == taken
		}
		if now := s.ownerOf(off); now != owner {
			owner, since = now, n
		} else if n >= spins && owner >= 0 && (n-since)%healthy == healthy-1 {
			shm.View[tx](s.arena, off).Lock.PutDownStopped(s.proc)
		}
		if n < spins {
			if n%16 == 15 {
				runtime.Gosched()
			}
			continue
		}
		if n-spins > int(patience/nap) || s.env.Wait(c, sleep) != nil {
			s.count(&counters.busy)
			return held{}, false
		}
	}
}

// ownerOf is the row of the process that has the lock, -1 if nobody has. Its block
// may be somebody else's by now: that costs nobody more than a look.
func (s *state) ownerOf(off uint64) int {
	if t := shm.View[tx](s.arena, off); t != nil {
		return t.Lock.Owner()
	}
	return -1
}

func sleep() { time.Sleep(nap) }

// enter is how a script function gets at the transaction of its message; false
// if it has none.
func (s *state) enter(c *module.Ctx) (held, bool) {
	if c.Tx.Off == 0 {
		return held{}, false
	}
	if c.Tx.Held {
		t := shm.View[tx](s.arena, c.Tx.Off)
		return held{tx: t, off: c.Tx.Off}, t != nil && t.Label == c.Tx.Label
	}
	h, ok := s.take(c, c.Tx.Off, c.Tx.Label)
	if !ok {
		c.Tx.Off = 0
	}
	return h, ok
}

// release sets the timer as the transaction now needs it and lets it go; one
// that is over is taken out.
func (s *state) release(h held) {
	if !h.mine {
		return
	}
	if h.WaitAt != 0 {
		if h.WaitAt <= s.env.Tick() {
			s.free(h)
			return
		}
		if h.final() { // a forgotten one may still be cancelled
			s.slim(h)
		}
	}
	s.arm(h)
	h.Lock.Unlock(s.proc)
	s.forget(h.note)
}

// free takes a transaction out. Its lock goes with it: nobody sleeps on it, and
// who finds it looks in the bucket first.
func (s *state) free(h held) {
	g := s.table.Lock(s.proc, h.Hash)
	err := g.Remove(h.off)
	g.Unlock()
	kill.Point("tm.free.1")
	s.timers.Cancel(s.proc, h.off+timerAt)
	kill.Point("tm.free.2")
	h.Lock.Unlock(s.proc)
	if err == nil {
		_ = s.proc.FreeTree(h.off)
	}
	s.forget(h.note)
	s.count(&counters.freed)
}

// reapWork mends what a dead process was at.
func reapWork(p *shm.Proc, r shm.Root, slot int) error {
	rows := shm.Slice[workRow](p.Arena(), r.Off, uint64(p.Arena().Slots()))
	if slot < 0 || slot >= len(rows) {
		return nil
	}
	tab, err := openTable(p)
	if err != nil {
		return err
	}
	for i := range rows[slot].Held {
		if off := atomic.LoadUint64(&rows[slot].Held[i]); off != 0 {
			reapTx(p, tab, off)
			kill.Point("tm.reap")
			atomic.StoreUint64(&rows[slot].Held[i], 0)
		}
	}
	return nil
}

// reapTx passes through the lock of one transaction, mending it if nobody else
// has. Somebody alive who holds it has mended it first of all, in an instant.
func reapTx(p *shm.Proc, tab *table.Table, off uint64) {
	t := shm.View[tx](p.Arena(), off)
	for range 1000 {
		if t == nil {
			return
		}
		g := tab.Lock(p, atomic.LoadUint64(&t.Hash))
		if !g.Holds(off) {
			g.Unlock()
			return
		}
		ok, recovered := t.Lock.TryLock(p)
		g.Unlock()
		switch {
		case ok:
			unsay(p.Arena(), t)
			if recovered {
				mend(p, t)
				rewind(t)
				t.Armed = 0
			}
			if w, err := wheel.Open(p, timersRoot, 0); err == nil {
				w.Add(p, off+timerAt, 0) // whatever was due is looked at now
			}
			t.Lock.Unlock(p)
			return
		case atomic.LoadUint64(&t.Intent) == 0 && atomic.LoadUint64(&t.Old) == 0:
			return
		}
		time.Sleep(nap)
	}
}

func checkWork(c *shm.Checker, r shm.Root) {
	a := c.Arena()
	rows := shm.Slice[workRow](a, r.Off, uint64(a.Slots()))
	for i := range rows {
		for _, off := range rows[i].Held {
			if off != 0 && !a.Alive(i) {
				c.Errorf("tm: the dead process of row %d is at work on %#x", i, off)
			}
		}
	}
}
