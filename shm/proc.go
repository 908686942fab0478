package shm

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// State is where a process stands in its life.
type State uint32

// The states of a process row.
const (
	Free     State = iota // the row was never used
	Starting              // the supervisor has spawned it
	Ready                 // attached and reaped
	Running               // it serves
	Dead                  // its process is gone
)

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state %d", uint32(s))
}

var stateNames = [...]string{"free", "starting", "ready", "running", "dead"}

const (
	openSlots = 64 // blocks a process may have under construction before a reap needs a full sweep

	magUnreaped = 2 // a row's magazines wait for the successor to reap them
)

// row is one line of the process table. The first part is told by the
// supervisor and the process itself; the rest is the allocator's.
type row struct {
	State    uint32
	Gen      uint32
	Pid      int32
	Role     uint32
	Rank     int32
	Restarts uint32
	Start    uint64 // start time of the process in clock ticks since boot
	Beat     int64  // last sign of life, in ms since the epoch
	Reaped   uint32 // generation up to which the predecessors were reaped
	ReapLock Mutex
	Sweep    uint32 // a block was opened that Open had no place for
	MagLock  uint32
	_        [64]byte
	Open     [openSlots]uint64 // blocks under construction
	Mags     [numClasses]magazine
}

// Proc is a process's seat in the arena: the identity under which it locks and
// allocates. All its methods may be called by several goroutines.
type Proc struct {
	a    *Arena
	row  *row
	slot int
	gen  uint32
	tag  uint32 // in a lock's word
	own  uint32 // in a block's header

	trace atomic.Pointer[Tracer]
}

// Row is a copy of one line of the process table.
type Row struct {
	Slot     int
	State    State
	Gen      uint32
	Pid      int
	Role     uint32
	Rank     int
	Restarts uint32
	Beat     time.Time
}

func (a *Arena) rowAt(slot int) *row {
	if slot < 0 || slot >= int(a.hdr.Rows) {
		return nil
	}
	return at[row](a, a.hdr.RowOff+uint64(slot)*rowSize)
}

// Slots is the number of rows in the process table.
func (a *Arena) Slots() int { return int(a.hdr.Rows) }

// Spawn prepares a row for a process that is about to be started, and returns
// its generation, which [Arena.Join] asks for. Only the supervisor calls it, and
// only after the predecessor was waited for.
func (a *Arena) Spawn(slot int, role uint32, rank int) (gen uint32, err error) {
	r := a.rowAt(slot)
	if r == nil {
		return 0, fmt.Errorf("shm: process row %d: want 0 to %d", slot, a.hdr.Rows-1)
	}
	if st := State(atomic.LoadUint32(&r.State)); st != Free {
		atomic.AddUint32(&r.Restarts, 1)
	}
	atomic.StoreUint32(&r.State, uint32(Dead))
	atomic.StoreInt32(&r.Pid, 0)
	atomic.StoreUint32(&r.Role, role)
	atomic.StoreInt32(&r.Rank, int32(rank))
	if atomic.LoadUint32(&r.Gen) > atomic.LoadUint32(&r.Reaped) {
		atomic.StoreUint32(&r.MagLock, magUnreaped)
	}
	gen = atomic.AddUint32(&r.Gen, 1)
	atomic.StoreUint32(&r.State, uint32(Starting))
	return gen, nil
}

// Join takes the seat that was prepared by [Arena.Spawn]. If the row had a
// process before, the caller's next act is [Proc.Reap] of its own slot.
func (a *Arena) Join(slot int, gen uint32) (*Proc, error) {
	r := a.rowAt(slot)
	if r == nil {
		return nil, fmt.Errorf("shm: process row %d: want 0 to %d", slot, a.hdr.Rows-1)
	}
	if g := atomic.LoadUint32(&r.Gen); g != gen {
		return nil, fmt.Errorf("shm: process row %d is at generation %d, not %d: a newer process has the seat", slot, g, gen)
	}
	pid := os.Getpid()
	start, _ := startTime(pid) // 0 without /proc: then the pid alone tells
	atomic.StoreUint64(&r.Start, start)
	atomic.StoreInt32(&r.Pid, int32(pid))
	atomic.StoreUint32(&r.State, uint32(Ready))
	p := &Proc{a: a, row: r, slot: slot, gen: gen, tag: lockTag(slot, gen), own: ownerTag(slot, gen)}
	p.Beat(time.Now())
	return p, nil
}

// Enter is Spawn and Join in one, for the supervisor's own row and for tests.
func (a *Arena) Enter(slot int, role uint32, rank int) (*Proc, error) {
	gen, err := a.Spawn(slot, role, rank)
	if err != nil {
		return nil, err
	}
	return a.Join(slot, gen)
}

// MarkDead says that the process of that row is gone; the supervisor calls it
// once it has waited for it.
func (a *Arena) MarkDead(slot int) {
	if r := a.rowAt(slot); r != nil && State(atomic.LoadUint32(&r.State)) != Free {
		atomic.StoreUint32(&r.State, uint32(Dead))
		a.Ring(1 << 30)
	}
}

// Ring wakes up to n of those who sleep in Await.
func (a *Arena) Ring(n int) {
	atomic.AddUint32(&a.hdr.Bell, 1)
	futexWake(&a.hdr.Bell, n)
}

// Bell is the count of rings, for Await.
func (a *Arena) Bell() uint32 { return atomic.LoadUint32(&a.hdr.Bell) }

// Await sleeps until the bell is rung again after it stood at seen, at most d:
// every death of a process rings it.
func (a *Arena) Await(seen uint32, d time.Duration) { futexWait(&a.hdr.Bell, seen, d) }

// Row returns a copy of the row, or a zero Row for a slot that does not exist.
func (a *Arena) Row(slot int) Row {
	r := a.rowAt(slot)
	if r == nil {
		return Row{}
	}
	return Row{
		Slot: slot, State: State(atomic.LoadUint32(&r.State)), Gen: atomic.LoadUint32(&r.Gen),
		Pid: int(atomic.LoadInt32(&r.Pid)), Role: atomic.LoadUint32(&r.Role), Rank: int(atomic.LoadInt32(&r.Rank)),
		Restarts: atomic.LoadUint32(&r.Restarts), Beat: time.UnixMilli(atomic.LoadInt64(&r.Beat)),
	}
}

// Rows returns all rows that have had a process.
func (a *Arena) Rows() []Row {
	var out []Row
	for i := range a.Slots() {
		if r := a.Row(i); r.State != Free {
			out = append(out, r)
		}
	}
	return out
}

// Arena returns the arena the seat is in.
func (p *Proc) Arena() *Arena { return p.a }

// Slot is the row's number.
func (p *Proc) Slot() int { return p.slot }

// Gen is the generation of the process within its slot.
func (p *Proc) Gen() uint32 { return p.gen }

// SetState records where the process stands.
func (p *Proc) SetState(s State) { atomic.StoreUint32(&p.row.State, uint32(s)) }

// Beat records a sign of life.
func (p *Proc) Beat(now time.Time) { atomic.StoreInt64(&p.row.Beat, now.UnixMilli()) }

// Leave gives the seat up in order: what the process still holds is reaped as
// if it had died, which is what the row says afterwards.
func (p *Proc) Leave() { p.SetState(Dead) }

func lockTag(slot int, gen uint32) uint32  { return uint32(slot+1) | gen<<12&0x7FFFF000 }
func ownerTag(slot int, gen uint32) uint32 { return uint32(slot+1) | gen&0xFFFF<<12 }

// ownerSlot is the slot in an owner tag, -1 for none.
func ownerSlot(tag uint32) int { return int(tag&0xFFF) - 1 }

// Tag names the process in 31 bits, for structures that note who is at work on
// what. It is never 0.
func (p *Proc) Tag() uint32 { return p.tag }

// TagSlot is the slot in a tag.
func TagSlot(tag uint32) int { return ownerSlot(tag) }

// Gone reports whether the process that a tag names has ended. It asks the
// kernel, if nobody has noticed yet.
func (a *Arena) Gone(tag uint32) bool { return a.ownerDead(tag, true) }

// Tag is the tag of that generation of a slot.
func Tag(slot int, gen uint32) uint32 { return lockTag(slot, gen) }
