// Package counter keeps the server's counters in the arena: each process adds
// to lanes of its own, a reader sums them. What a dead process counted stays
// with its slot, so a total never goes backwards.
//
// A slot has two lanes. The receive loop adds to its [Lane] with a plain store
// (it is the only writer); everybody else in the process uses [Set.Add], which
// is atomic. Lanes start on cache lines of their own.
//
// What can go wrong: the table of names is full (an error from Register).
package counter

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
)

// ID is a counter's number, the same in every process.
type ID uint32

// DefaultMax is the number of counters a set has room for.
const DefaultMax = 1024

const rootName = "counters"

type head struct {
	Lock shm.Mutex
	N    uint32
	Max  uint32
	_    [52]byte
}

type nameRow struct {
	Name [56]byte
	Base int64 // what a reset subtracts
}

var rootKind shm.Kind

func init() {
	rootKind = shm.NewKind(shm.KindInfo{Name: "shm.counters", Check: check, Reap: reap})
}

// Set is all counters of an arena.
type Set struct {
	a      *shm.Arena
	head   *head
	names  []nameRow
	lanes  uint64 // offset of the first
	stride uint64 // counters per lane
}

// Open finds the arena's counters, or makes room for max of them (DefaultMax if 0).
func Open(p *shm.Proc, max int) (*Set, error) {
	if max == 0 {
		max = DefaultMax
	}
	if max < 1 || max > 1<<16 {
		return nil, fmt.Errorf("counter: room for %d counters: want 1 to %d", max, 1<<16)
	}
	size := headSize + uint64(max)*nameSize
	size += uint64(p.Arena().Slots()) * 2 * stride(max) * 8
	r, _, err := p.Root(rootName, rootKind, size, 64, func(b []byte) {
		(*head)(unsafe.Pointer(&b[0])).Max = uint32(max)
	})
	if err != nil {
		return nil, fmt.Errorf("counter: %w", err)
	}
	return view(p.Arena(), r)
}

const (
	headSize = uint64(unsafe.Sizeof(head{}))
	nameSize = uint64(unsafe.Sizeof(nameRow{}))
)

func stride(max int) uint64 { return uint64(max+7) &^ 7 }

func view(a *shm.Arena, r shm.Root) (*Set, error) {
	h := shm.View[head](a, r.Off)
	if h == nil || h.Max == 0 || h.Max > 1<<16 {
		return nil, fmt.Errorf("counter: root %q is damaged", r.Name)
	}
	s := &Set{a: a, head: h, stride: stride(int(h.Max)), lanes: r.Off + headSize + uint64(h.Max)*nameSize}
	if s.lanes+uint64(a.Slots())*2*s.stride*8 != r.Off+r.Size {
		return nil, fmt.Errorf("counter: root %q of %d bytes does not fit %d counters", r.Name, r.Size, h.Max)
	}
	s.names = shm.Slice[nameRow](a, r.Off+headSize, uint64(h.Max))
	return s, nil
}

// Register finds the counter of that name ("group.name"), or makes it.
func (s *Set) Register(p *shm.Proc, name string) (ID, error) {
	if name == "" || len(name) > len(nameRow{}.Name) {
		return 0, fmt.Errorf("counter: name %q: want 1 to %d bytes", name, len(nameRow{}.Name))
	}
	s.head.Lock.Lock(p) // nothing to repair: a name counts from the store of N on
	defer s.head.Lock.Unlock(p)
	if id, ok := s.Lookup(name); ok {
		return id, nil
	}
	n := atomic.LoadUint32(&s.head.N)
	if n >= s.head.Max {
		return 0, fmt.Errorf("counter: no room for %q: all %d counters are in use", name, s.head.Max)
	}
	s.names[n] = nameRow{}
	copy(s.names[n].Name[:], name)
	kill.Point("counter.register.1")
	atomic.StoreUint32(&s.head.N, n+1)
	kill.Point("counter.register.2")
	return ID(n), nil
}

// Lookup finds a counter by name.
func (s *Set) Lookup(name string) (ID, bool) {
	for id := range s.Len() {
		if s.Name(ID(id)) == name {
			return ID(id), true
		}
	}
	return 0, false
}

// Len is the number of counters; their IDs are 0 to Len()-1.
func (s *Set) Len() int { return int(min(atomic.LoadUint32(&s.head.N), s.head.Max)) }

// Name is the counter's name, "" for an ID that does not exist.
func (s *Set) Name(id ID) string {
	if int(id) >= s.Len() {
		return ""
	}
	b := s.names[id].Name[:]
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

func (s *Set) lane(slot, n int) []int64 {
	return shm.Slice[int64](s.a, s.lanes+(uint64(slot)*2+uint64(n))*s.stride*8, s.stride)
}

// Lane is where one goroutine of a process counts without atomics.
type Lane struct{ v []int64 }

// Lane returns the lane of p's receive loop. One goroutine at a time may use it.
func (s *Set) Lane(p *shm.Proc) Lane { return Lane{s.lane(p.Slot(), 0)} }

// Shared returns p's lane for everybody else.
func (s *Set) Shared(p *shm.Proc) Shared { return Shared{s.lane(p.Slot(), 1)} }

// Shared is a lane that any goroutine of the process may add to.
type Shared struct{ v []int64 }

// Add adds to a counter; an ID that does not exist is ignored.
func (l Shared) Add(id ID, n int64) {
	if int(id) < len(l.v) {
		atomic.AddInt64(&l.v[id], n)
	}
}

// Sum is the counter's value over all processes, dead ones included.
func (s *Set) Sum(id ID) int64 {
	if int(id) >= s.Len() {
		return 0
	}
	return s.raw(id) - atomic.LoadInt64(&s.names[id].Base)
}

func (s *Set) raw(id ID) (sum int64) {
	for slot := range s.a.Slots() {
		sum += s.Slot(id, slot)
	}
	return sum
}

// Slot is what the processes of one slot have counted, resets aside.
func (s *Set) Slot(id ID, slot int) int64 {
	if int(id) >= s.Len() || slot < 0 || slot >= s.a.Slots() {
		return 0
	}
	return atomic.LoadInt64(&s.lane(slot, 0)[id]) + atomic.LoadInt64(&s.lane(slot, 1)[id])
}

// Reset makes the counter read zero.
func (s *Set) Reset(id ID) {
	if int(id) < s.Len() {
		atomic.StoreInt64(&s.names[id].Base, s.raw(id))
	}
}

func reap(p *shm.Proc, r shm.Root, _ int) error {
	s, err := view(p.Arena(), r)
	if err != nil {
		return err
	}
	s.head.Lock.Lock(p)
	s.head.Lock.Unlock(p)
	return nil
}

func check(c *shm.Checker, r shm.Root) {
	s, err := view(c.Arena(), r)
	if err != nil {
		c.Errorf("%v", err)
		return
	}
	c.Unlocked(&s.head.Lock, "the counter table")
	if s.head.N > s.head.Max {
		c.Errorf("counters: %d of %d in use", s.head.N, s.head.Max)
	}
	seen := map[string]bool{}
	for id := range s.Len() {
		name := s.Name(ID(id))
		if name == "" || seen[name] {
			c.Errorf("counter %d has the name %q, which is empty or taken", id, name)
		}
		seen[name] = true
	}
}
