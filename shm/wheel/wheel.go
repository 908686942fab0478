// Package wheel is a hierarchical timer wheel in the arena. A timer is a [Node]
// inside the structure it serves; any process adds and cancels, a timer process
// fires what is due ([Wheel.Run]).
//
// The wheel is cut into shards by the node's offset. Each is a whole wheel of
// four levels under one lock, and moves a node from list to list by writing down
// first what it is about to do (Op, Node, From, To), so that whoever takes the
// lock over from a dead process does it again. A node is on exactly one list.
//
// Firing: the node moves to the shard's firing list, in the name of the firing
// process, and its handler is called with no lock held. The handler settles it
// with [Wheel.Done], [Wheel.Add] or [Wheel.Cancel], under the lock of the node's
// structure, before that is freed. Until then the node stays on the firing list;
// if its process dies, the reap puts it back and it fires again. So a timer
// fires at least once, and a handler looks first whether there is something left
// to do.
//
// A timer in a block that is not published (being built, or being taken apart
// by somebody who will cancel it) does not fire. The Release of the block's kind
// cancels it, for the case that this somebody dies.
//
// Cancel against fire: [Wheel.Cancel] takes the node off every list, for good.
// [Firing] tells that a handler has been called, or is about to be, with this
// node's offset and Arg. If handlers find their structure by Arg under the lock
// that the canceller holds, and do nothing if it is gone, the canceller may free
// it at once.
//
// Times are ticks of [TickMs] on whatever clock Run is given; [Now] is the
// machine's monotonic one, the same in every process. The wheel spans about 7.7
// days; a node set further ahead waits at the end and is sorted in again.
package wheel

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"goser/shm"
	"goser/shm/kill"
)

// TickMs is the length of a tick.
const TickMs = 10

// Node is a timer, a field of the structure it belongs to. All but Arg and Kind
// is the wheel's.
type Node struct {
	Next    uint64
	Prev    uint64
	Expires uint64 // tick
	Arg     uint64 // for the handler: the hash under which it finds the structure
	Owner   uint32 // who fires it
	List    uint16 // it is on, 0 for none
	Kind    uint16 // for the handler: which timer of the structure this is
}

const (
	shards   = 16
	level0   = 256
	levelN   = 64
	levels   = 4
	listDue  = 1 + level0 + (levels-1)*levelN // put back by a reap: fires at the next tick
	listFire = listDue + 1                    // handed to handlers
	numLists = listFire + 1
	span     = level0 * levelN * levelN * levelN

	// batch bounds how long a shard's lock is held for sorting.
	batch = 64
)

const (
	opNone = 0
	opMove = 1
)

type shard struct {
	Lock  shm.Mutex
	Op    uint32
	Node  uint64
	From  uint32
	To    uint32
	Now   uint64 // last tick that was begun
	Count int64  // nodes on lists
	_     [24]byte
	Heads [numLists]uint64 // 0 is unused
	_     [40]byte
}

var rootKind shm.Kind

func init() {
	rootKind = shm.NewKind(shm.KindInfo{Name: "shm.wheel", Check: check, Reap: reap})
}

// Wheel is one process's view of a wheel.
type Wheel struct {
	a      *shm.Arena
	name   string
	shards []shard
}

// Open finds the named wheel, or makes it, starting at the tick now.
func Open(p *shm.Proc, name string, now uint64) (*Wheel, error) {
	size := shards * uint64(unsafe.Sizeof(shard{}))
	r, _, err := p.Root(name, rootKind, size, 0, func(b []byte) {
		for i := range shards {
			(*shard)(unsafe.Pointer(&b[uint64(i)*uint64(unsafe.Sizeof(shard{}))])).Now = now
		}
	})
	if err != nil {
		return nil, fmt.Errorf("wheel: %w", err)
	}
	return view(p.Arena(), r)
}

func view(a *shm.Arena, r shm.Root) (*Wheel, error) {
	s := shm.Slice[shard](a, r.Off, shards)
	if s == nil || r.Size != shards*uint64(unsafe.Sizeof(shard{})) {
		return nil, fmt.Errorf("wheel: root %q is damaged", r.Name)
	}
	return &Wheel{a: a, name: r.Name, shards: s}, nil
}

// Now is the current tick of the machine's monotonic clock.
func Now() uint64 {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return uint64(ts.Nano()) / (TickMs * 1e6)
}

// Len is the number of timers that are set or firing.
func (w *Wheel) Len() (n int) {
	for i := range w.shards {
		n += int(atomic.LoadInt64(&w.shards[i].Count))
	}
	return n
}

func (w *Wheel) node(off uint64) *Node { return shm.View[Node](w.a, off) }

// shard of a node: the same whatever happens to it, so that one lock covers
// all its moves. Nodes are at least 32 bytes apart.
func (w *Wheel) shard(off uint64) *shard {
	h := off >> 4
	return &w.shards[(h^h>>4^h>>8^h>>16)%shards]
}

func (w *Wheel) lock(p *shm.Proc, s *shard) {
	if s.Lock.Lock(p) {
		w.repair(s)
	}
}

// Add sets the timer to fire at that tick, or as soon as possible if that has
// begun already. A timer that is set is moved; one that fires is settled.
func (w *Wheel) Add(p *shm.Proc, off uint64, at uint64) bool {
	n := w.node(off)
	if n == nil {
		return false
	}
	s := w.shard(off)
	w.lock(p, s)
	n.Expires = at
	kill.Point("wheel.add")
	w.move(s, off, n, place(s.Now, at))
	s.Lock.Unlock(p)
	return true
}

// Result says what Cancel found.
type Result int

// The results of Cancel.
const (
	Idle      Result = iota // the timer was not set
	Cancelled               // it was set and will not fire
	Firing                  // its handler has been or is being called
)

// Cancel takes the timer off; see the package's text about Firing.
func (w *Wheel) Cancel(p *shm.Proc, off uint64) Result {
	n := w.node(off)
	if n == nil {
		return Idle
	}
	s := w.shard(off)
	w.lock(p, s)
	defer s.Lock.Unlock(p)
	switch n.List {
	case 0:
		return Idle
	case listFire:
		w.move(s, off, n, 0)
		return Firing
	}
	w.move(s, off, n, 0)
	return Cancelled
}

// Mine reports whether the timer is on the firing list in the name of p. A
// handler asks this under its structure's lock: the timer may have been
// cancelled, or set anew, between the call and the lock.
func (w *Wheel) Mine(p *shm.Proc, off uint64) bool {
	n := w.node(off)
	if n == nil {
		return false
	}
	s := w.shard(off)
	w.lock(p, s)
	defer s.Lock.Unlock(p)
	return n.List == listFire && n.Owner == p.Tag()
}

// Done settles a timer whose handler has done its work.
func (w *Wheel) Done(p *shm.Proc, off uint64) { w.Cancel(p, off) }

// Set reports whether the timer is set or firing, and for which tick.
func (w *Wheel) Set(p *shm.Proc, off uint64) (at uint64, ok bool) {
	n := w.node(off)
	if n == nil {
		return 0, false
	}
	s := w.shard(off)
	w.lock(p, s)
	defer s.Lock.Unlock(p)
	return n.Expires, n.List != 0
}

// place is the list for a tick. Everything is relative to the tick at hand,
// whose own list takes nothing new: a handler that sets itself again without
// delay waits for the next.
func place(now, at uint64) uint32 {
	at = max(at, now+1)
	ahead := at - now
	if ahead < level0 {
		return uint32(1 + at%level0)
	}
	if ahead >= span {
		at = now + span - 1
	}
	first, unit := uint64(1+level0), uint64(level0)
	for range levels - 2 {
		if at/unit-now/unit < levelN {
			return uint32(first + at/unit%levelN)
		}
		first, unit = first+levelN, unit*levelN
	}
	// The last level: a node that would land in the slot at hand is a whole
	// turn ahead, and waits in the one before.
	if at/unit-now/unit >= levelN {
		at -= unit
	}
	return uint32(first + at/unit%levelN)
}

// move takes a node from its list to another, 0 being none. After a death
// anywhere in it, redo brings it to its end.
func (w *Wheel) move(s *shard, off uint64, n *Node, to uint32) {
	from := uint32(n.List)
	if from == to {
		return
	}
	s.Node, s.From, s.To = off, from, to
	kill.Point("wheel.move.1")
	atomic.StoreUint32(&s.Op, opMove)
	kill.Point("wheel.move.2")
	if from != 0 {
		w.unlink(s, n, from)
	} else {
		atomic.AddInt64(&s.Count, 1)
	}
	kill.Point("wheel.move.5")
	if to != 0 {
		w.link(s, off, n, to)
	} else {
		atomic.AddInt64(&s.Count, -1)
	}
	n.List = uint16(to)
	kill.Point("wheel.move.9")
	atomic.StoreUint32(&s.Op, opNone)
	kill.Point("wheel.move.10")
}

func (w *Wheel) unlink(s *shard, n *Node, from uint32) {
	if prev := w.node(n.Prev); prev != nil {
		atomic.StoreUint64(&prev.Next, n.Next)
	} else {
		atomic.StoreUint64(&s.Heads[from], n.Next)
	}
	kill.Point("wheel.move.3")
	if next := w.node(n.Next); next != nil {
		next.Prev = n.Prev
	}
	kill.Point("wheel.move.4")
}

func (w *Wheel) link(s *shard, off uint64, n *Node, to uint32) {
	head := s.Heads[to]
	n.Prev, n.Next = 0, head
	kill.Point("wheel.move.6")
	if next := w.node(head); next != nil {
		next.Prev = off
	}
	kill.Point("wheel.move.7")
	atomic.StoreUint64(&s.Heads[to], off)
	kill.Point("wheel.move.8")
}
