// Package ring is a bounded queue of records in the arena, for messages from any
// process to any process. A record is copied in and out.
//
// Each cell has a word that says which turn it is in (the low 32 bits of the
// position), its state and who is at it. A producer claims the cell with one
// compare-and-swap on that word, so a cell that is being written names its
// writer from the first instruction on; Head and Tail only help to find the
// place and are pushed on by whoever finds them late. A record that a producer
// died over is skipped by the next consumer. One that a consumer died over is
// queued again by the reap of that consumer, so a record arrives at least once,
// unless the ring is full at that moment, which is counted.
//
// What can go wrong: full is an answer, and so is a record that is too long.
package ring

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
)

var (
	// ErrFull is the answer to a push into a full ring.
	ErrFull = errors.New("ring: full")
	// ErrTooLong is the answer to a record that no cell can hold.
	ErrTooLong = errors.New("ring: record too long")
)

// Options are a ring's bounds. All processes must name the same.
type Options struct {
	Cells  int // records, a power of two, at least 2
	Record int // bytes of the longest record
}

const (
	free    = 0
	writing = 1
	ready   = 2
	reading = 3
)

type head struct {
	Cells   uint32
	Record  uint32
	_       [56]byte
	Head    uint64 // next to read
	Skipped uint64 // records of dead producers
	Dropped uint64 // records of dead consumers that found no room
	Signal  uint32 // bit 0: somebody may sleep; the rest counts
	_       [36]byte
	Tail    uint64 // next to write
	_       [56]byte
}

type cell struct {
	Word uint64
	Len  uint32
	_    uint32
}

const (
	headSize = uint64(unsafe.Sizeof(head{}))
	cellSize = uint64(unsafe.Sizeof(cell{}))
)

var rootKind shm.Kind

func init() {
	rootKind = shm.NewKind(shm.KindInfo{Name: "shm.ring", Check: check, Reap: reap})
}

// Ring is one process's view of a ring.
type Ring struct {
	a      *shm.Arena
	name   string
	head   *head
	cells  uint64 // offset of the first
	stride uint64
	mask   uint64
}

// Open finds the named ring, or makes it.
func Open(p *shm.Proc, name string, o Options) (*Ring, error) {
	if o.Cells < 2 || o.Cells > 1<<24 || o.Cells&(o.Cells-1) != 0 || o.Record < 1 || o.Record > 1<<24 {
		return nil, fmt.Errorf("ring: %q with %d cells of %d bytes: want a power of two from 2 to %d, and 1 to %d bytes", name, o.Cells, o.Record, 1<<24, 1<<24)
	}
	size := headSize + uint64(o.Cells)*stride(uint64(o.Record))
	r, _, err := p.Root(name, rootKind, size, 0, func(b []byte) { format(b, o) })
	if err != nil {
		return nil, fmt.Errorf("ring: %w", err)
	}
	g, err := view(p.Arena(), r)
	if err == nil && (g.mask != uint64(o.Cells-1) || g.head.Record != uint32(o.Record)) {
		err = fmt.Errorf("ring: %q exists with %d cells of %d bytes, wanted with %d of %d", name, g.mask+1, g.head.Record, o.Cells, o.Record)
	}
	return g, err
}

func stride(record uint64) uint64 { return (cellSize + record + 15) &^ 15 }

func format(b []byte, o Options) {
	*(*head)(unsafe.Pointer(&b[0])) = head{Cells: uint32(o.Cells), Record: uint32(o.Record)}
	for i := range uint64(o.Cells) {
		c := (*cell)(unsafe.Pointer(&b[headSize+i*stride(uint64(o.Record))]))
		c.Word = newWord(i, free, 0)
	}
}

func view(a *shm.Arena, r shm.Root) (*Ring, error) {
	h := shm.View[head](a, r.Off)
	if h == nil {
		return nil, fmt.Errorf("ring: root %q is damaged", r.Name)
	}
	n := uint64(h.Cells)
	g := &Ring{a: a, name: r.Name, head: h, cells: r.Off + headSize, stride: stride(uint64(h.Record)), mask: n - 1}
	if n < 2 || n&(n-1) != 0 || headSize+n*g.stride != r.Size {
		return nil, fmt.Errorf("ring: root %q of %d bytes says it has %d cells of %d", r.Name, r.Size, n, h.Record)
	}
	return g, nil
}

// A cell's word: turn in the high half, then owner (28 bits of its tag), state.
func newWord(pos uint64, state uint64, tag uint32) uint64 {
	return pos<<32 | uint64(tag&0xFFFFFFF)<<4 | state
}

func turn(w uint64) uint32  { return uint32(w >> 32) }
func state(w uint64) uint64 { return w & 0xF }

// past tells whether a cell has been freed for a later turn than that of pos: for
// the next, or for one after it when what was freed out of order was used and
// freed again.
func past(w, pos uint64) bool { return int32(turn(w)-uint32(pos)) > 0 }
func owner(w uint64) uint32   { return uint32(w>>4) & 0xFFFFFFF }

func (g *Ring) cell(pos uint64) *cell {
	return shm.View[cell](g.a, g.cells+(pos&g.mask)*g.stride)
}

func (g *Ring) bytes(pos uint64, n uint32) []byte {
	return g.a.Bytes(g.cells+(pos&g.mask)*g.stride+cellSize, uint64(min(n, g.head.Record)))
}

// Len is about how many records wait.
func (g *Ring) Len() int {
	h, t := atomic.LoadUint64(&g.head.Head), atomic.LoadUint64(&g.head.Tail)
	if t < h {
		return 0
	}
	return int(t - h)
}

// Lost tells how many records died with their producer, and how many a dead
// consumer's reap found no room for.
func (g *Ring) Lost() (skipped, dropped uint64) {
	return atomic.LoadUint64(&g.head.Skipped), atomic.LoadUint64(&g.head.Dropped)
}

// Push queues a copy of rec.
func (g *Ring) Push(p *shm.Proc, rec []byte) error {
	if len(rec) > int(g.head.Record) {
		return ErrTooLong
	}
	pos, c, ok := g.claim(p)
	if !ok {
		return ErrFull
	}
	kill.Point("ring.push.1")
	copy(g.bytes(pos, uint32(len(rec))), rec)
	atomic.StoreUint32(&c.Len, uint32(len(rec)))
	kill.Point("ring.push.2")
	atomic.StoreUint64(&c.Word, newWord(pos, ready, 0))
	kill.Point("ring.push.3")
	g.signal()
	return nil
}

// claim makes the cell at the tail ours to write.
func (g *Ring) claim(p *shm.Proc) (pos uint64, c *cell, ok bool) {
	for {
		t := atomic.LoadUint64(&g.head.Tail)
		c := g.cell(t)
		w := atomic.LoadUint64(&c.Word)
		switch {
		case turn(w) == uint32(t) && state(w) == free:
			if atomic.CompareAndSwapUint64(&c.Word, w, newWord(t, writing, p.Tag())) {
				kill.Point("ring.claim")
				atomic.CompareAndSwapUint64(&g.head.Tail, t, t+1)
				return t, c, true
			}
		case turn(w) == uint32(t) || past(w, t):
			atomic.CompareAndSwapUint64(&g.head.Tail, t, t+1) // its claimer has not got round to it
		case t == atomic.LoadUint64(&g.head.Tail):
			return 0, nil, false // still in the turn before: full
		}
	}
}

// signal wakes the sleepers, if any. A sleeper that died asleep costs one call.
func (g *Ring) signal() {
	if s := atomic.LoadUint32(&g.head.Signal); s&1 != 0 && atomic.CompareAndSwapUint32(&g.head.Signal, s, s+1) {
		shm.WakeWord(&g.head.Signal, 1<<30)
	}
}

// Pop copies the next record to the front of buf and returns its length (which
// may exceed len(buf): then the rest is lost). False means there is none.
func (g *Ring) Pop(p *shm.Proc, buf []byte) (n int, ok bool) {
	for {
		h := atomic.LoadUint64(&g.head.Head)
		c := g.cell(h)
		w := atomic.LoadUint64(&c.Word)
		switch {
		case past(w, h), turn(w) == uint32(h) && state(w) == reading:
			atomic.CompareAndSwapUint64(&g.head.Head, h, h+1)
		case turn(w) != uint32(h):
			if h == atomic.LoadUint64(&g.head.Head) {
				return 0, false
			}
		case state(w) == ready:
			if atomic.CompareAndSwapUint64(&c.Word, w, newWord(h, reading, p.Tag())) {
				return g.read(h, c, buf), true
			}
		case state(w) == writing && g.gone(owner(w)):
			g.skip(h, c, w)
		default:
			return 0, false
		}
	}
}

func (g *Ring) read(pos uint64, c *cell, buf []byte) int {
	kill.Point("ring.pop.1")
	atomic.CompareAndSwapUint64(&g.head.Head, pos, pos+1)
	kill.Point("ring.pop.2")
	n := min(atomic.LoadUint32(&c.Len), g.head.Record)
	copy(buf, g.bytes(pos, n))
	kill.Point("ring.pop.3")
	atomic.StoreUint64(&c.Word, newWord(pos+g.mask+1, free, 0))
	kill.Point("ring.pop.4")
	return int(n)
}

// skip frees the cell that a dead producer left half written.
func (g *Ring) skip(pos uint64, c *cell, w uint64) {
	if atomic.CompareAndSwapUint64(&c.Word, w, newWord(pos+g.mask+1, free, 0)) {
		kill.Point("ring.skip")
		atomic.AddUint64(&g.head.Skipped, 1)
		atomic.CompareAndSwapUint64(&g.head.Tail, pos, pos+1)
		atomic.CompareAndSwapUint64(&g.head.Head, pos, pos+1)
	}
}

// gone completes the tag from the row: of the generation a word has 16 bits.
func (g *Ring) gone(tag uint32) bool {
	slot := shm.TagSlot(tag)
	gen := g.a.Row(slot).Gen
	return tag != shm.Tag(slot, gen)&0xFFFFFFF || !g.a.Alive(slot)
}

// PopWait is Pop, waiting up to d for a record.
func (g *Ring) PopWait(p *shm.Proc, buf []byte, d time.Duration) (n int, ok bool) {
	for end := time.Now().Add(d); ; {
		if n, ok = g.Pop(p, buf); ok {
			return n, true
		}
		left := time.Until(end)
		if left <= 0 {
			return 0, false
		}
		s := atomic.LoadUint32(&g.head.Signal)
		if s&1 == 0 && !atomic.CompareAndSwapUint32(&g.head.Signal, s, s|1) {
			continue
		}
		if n, ok = g.Pop(p, buf); ok {
			return n, true
		}
		// Bounded, since a producer may die between its record and the signal.
		shm.WaitWord(&g.head.Signal, s|1, min(left, 50*time.Millisecond))
	}
}
