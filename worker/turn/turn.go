// Package turn lets as many receivers of a socket be awake as there are CPUs
// and keeps the rest standing by.
//
// More awake receivers than CPUs only take the CPU from each other: the kernel
// wakes a different process for each datagram, and every message pays for a
// change of address space. So a socket has a token for each CPU (at most one
// for each receiver), in the arena; who holds one receives, the others sleep.
//
// The tokens decide who works, never what is right: any number of processes
// may receive at the same time. So nothing needs repair. The death of a process
// rings the arena's bell, and a standby takes its token at once. The timer
// process watches besides: a token whose holder is stopped or lost in a long
// computation while datagrams wait is taken away within a few ticks.
package turn

import (
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
)

// Max is the most tokens that a socket can have.
const Max = 64

// patience is how many looks in a row must find a token without progress
// before it is taken away.
const patience = 2

// nap bounds how long a standby sleeps without looking.
const nap = time.Second

type token struct {
	Holder   uint32 // slot + 1 of the process that has it, 0 nobody
	_        uint32
	Progress uint64 // turns of its holder's loop
	_        [48]byte
}

type table struct {
	Tokens [Max]token
}

var kind = shm.NewKindOf[table](shm.KindInfo{Name: "worker.turn"})

// Turns are the tokens of one socket, seen by one process.
type Turns struct {
	a      *shm.Arena
	t      *table
	n      int
	me     uint32
	mine   *token
	seen   [Max]uint64 // by the watcher
	misses [Max]int
}

// Open finds or makes the tokens of a socket; n of them are used.
func Open(p *shm.Proc, socket, n int) (*Turns, error) {
	root, _, err := p.Root(fmt.Sprintf("worker.turn.%d", socket), kind, uint64(unsafe.Sizeof(table{})), 64, nil)
	if err != nil {
		return nil, err
	}
	return &Turns{a: p.Arena(), t: shm.View[table](p.Arena(), root.Off), n: min(max(n, 1), Max), me: uint32(p.Slot() + 1)}, nil
}

// Take tries to get a token: a free one, that of a dead process, or the one
// that the predecessor of this row had.
func (t *Turns) Take() bool {
	for i := range t.n {
		k := &t.t.Tokens[i]
		h := atomic.LoadUint32(&k.Holder)
		if h == t.me || t.vacant(h) && atomic.CompareAndSwapUint32(&k.Holder, h, t.me) {
			kill.Point("turn.take")
			t.mine = k
			return true
		}
	}
	return false
}

// vacant tells whether nobody alive holds what h says.
func (t *Turns) vacant(h uint32) bool { return h == 0 || t.a.Row(int(h)-1).State == shm.Dead }

// Keep says that the holder is alive and tells whether it still has its token:
// the watcher may have given it to another.
func (t *Turns) Keep() bool {
	if t.mine == nil || atomic.LoadUint32(&t.mine.Holder) != t.me {
		t.mine = nil
		return false
	}
	atomic.StoreUint64(&t.mine.Progress, t.mine.Progress+1) // only the holder writes
	return true
}

// Release gives the token up and wakes a standby.
func (t *Turns) Release() {
	if t.mine != nil {
		atomic.CompareAndSwapUint32(&t.mine.Holder, t.me, 0)
		kill.Point("turn.release")
		t.mine = nil
		t.a.Ring(1)
	}
}

// Park sleeps until a token may be free: one was given up or taken away, or a
// process has died.
func (t *Turns) Park() {
	seen := t.a.Bell()
	for i := range t.n {
		if t.vacant(atomic.LoadUint32(&t.t.Tokens[i].Holder)) {
			return
		}
	}
	t.a.Await(seen, nap)
}

// Watch is the timer process's look, a tick apart from the last; waiting tells
// whether datagrams wait in the socket. It returns how many tokens it took away.
func (t *Turns) Watch(waiting bool) (taken int) {
	for i := range t.n {
		k := &t.t.Tokens[i]
		p := atomic.LoadUint64(&k.Progress)
		if !waiting || p != t.seen[i] {
			t.seen[i], t.misses[i] = p, 0
			continue
		}
		if t.misses[i]++; t.misses[i] < patience {
			continue
		}
		t.misses[i] = 0
		atomic.StoreUint32(&k.Holder, 0)
		kill.Point("turn.watch")
		t.a.Ring(1)
		taken++
	}
	return taken
}
