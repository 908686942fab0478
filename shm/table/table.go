// Package table is a hash table in the arena. Its entries are blocks whose
// payload starts with an [Entry]; what follows is the user's. Locks are striped
// over the buckets.
//
// An entry is built aside, inserted with one store and removed with one store.
// Around that store the stripe says what is going on (Op, Intent), so whoever
// takes the lock over from a dead process finishes or undoes it: an inserted
// entry is published, one that was cut off is freed. [Guard.Remove] hands the
// entry back to the caller as a block of its own, to be freed by it, or by the
// reap of its process.
//
// What can go wrong: the table has Max entries ([ErrFull]).
package table

import (
	"errors"
	"fmt"
	"sync/atomic"
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
)

// Entry stands first in the payload of every block in a table.
type Entry struct {
	Next uint64
	Hash uint64
}

var (
	// ErrFull is the answer to an insert beyond Max entries.
	ErrFull = errors.New("table: full")
	// ErrNotFound says that the entry is not in the bucket that is locked.
	ErrNotFound = errors.New("table: no such entry")
	// ErrEntry says that the offset is no block with room for an Entry that is
	// under construction by the caller.
	ErrEntry = errors.New("table: not a block under construction by this process")
)

// Options are a table's bounds. All processes must name the same.
type Options struct {
	Buckets int // a power of two; about Max is right
	Max     int // entries
}

const maxStripes = 256

const (
	opNone   = 0
	opInsert = 1
	opRemove = 2
)

type head struct {
	Buckets uint32
	Stripes uint32
	Max     int64
	_       [48]byte
	Total   int64
	_       [56]byte
}

type stripe struct {
	Lock   shm.Mutex
	Op     uint32
	Bucket uint64 // that Op works in
	Intent uint64 // entry that Op is about
	Count  int64
	_      [32]byte
}

const (
	headSize   = uint64(unsafe.Sizeof(head{}))
	stripeSize = uint64(unsafe.Sizeof(stripe{}))
	entrySize  = uint64(unsafe.Sizeof(Entry{}))
)

var rootKind shm.Kind

func init() {
	rootKind = shm.NewKind(shm.KindInfo{Name: "shm.table", Check: check, Reap: reap})
}

// Table is one process's view of a table.
type Table struct {
	a       *shm.Arena
	name    string
	head    *head
	stripes []stripe
	buckets []uint64
}

// Open finds the named table, or makes it.
func Open(p *shm.Proc, name string, o Options) (*Table, error) {
	if o.Buckets < 1 || o.Buckets > 1<<26 || o.Buckets&(o.Buckets-1) != 0 || o.Max < 1 {
		return nil, fmt.Errorf("table: %q with %d buckets for %d entries: want a power of two up to %d, and at least 1 entry", name, o.Buckets, o.Max, 1<<26)
	}
	stripes := min(o.Buckets, maxStripes)
	size := headSize + uint64(stripes)*stripeSize + uint64(o.Buckets)*8
	r, _, err := p.Root(name, rootKind, size, 0, func(b []byte) {
		*(*head)(unsafe.Pointer(&b[0])) = head{Buckets: uint32(o.Buckets), Stripes: uint32(stripes), Max: int64(o.Max)}
	})
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	t, err := view(p.Arena(), r)
	if err == nil && (int(t.head.Buckets) != o.Buckets || t.head.Max != int64(o.Max)) {
		err = fmt.Errorf("table: %q exists with %d buckets for %d entries, wanted with %d for %d", name, t.head.Buckets, t.head.Max, o.Buckets, o.Max)
	}
	return t, err
}

func view(a *shm.Arena, r shm.Root) (*Table, error) {
	h := shm.View[head](a, r.Off)
	if h == nil {
		return nil, fmt.Errorf("table: root %q is damaged", r.Name)
	}
	n, s := uint64(h.Buckets), uint64(h.Stripes)
	if n == 0 || n&(n-1) != 0 || s == 0 || s&(s-1) != 0 || s > n || s > maxStripes ||
		headSize+s*stripeSize+n*8 != r.Size {
		return nil, fmt.Errorf("table: root %q of %d bytes says it has %d buckets and %d locks", r.Name, r.Size, n, s)
	}
	return &Table{
		a: a, name: r.Name, head: h, stripes: shm.Slice[stripe](a, r.Off+headSize, s),
		buckets: shm.Slice[uint64](a, r.Off+headSize+s*stripeSize, n),
	}, nil
}

// Len is the number of entries.
func (t *Table) Len() int { return int(atomic.LoadInt64(&t.head.Total)) }

// Guard is a locked bucket. It is a value: locking allocates nothing.
type Guard struct {
	t      *Table
	p      *shm.Proc
	bucket uint64
	hash   uint64
}

// Lock locks the bucket of a hash. A process holds one bucket of a table at a time.
func (t *Table) Lock(p *shm.Proc, hash uint64) Guard {
	g := Guard{t: t, p: p, bucket: hash & uint64(len(t.buckets)-1), hash: hash}
	t.lockStripe(p, g.stripe())
	return g
}

func (t *Table) lockStripe(p *shm.Proc, s *stripe) {
	if s.Lock.Lock(p) {
		t.repair(p, s)
	}
}

func (g Guard) stripe() *stripe { return &g.t.stripes[g.bucket&uint64(len(g.t.stripes)-1)] }

// Unlock unlocks the bucket.
func (g Guard) Unlock() { g.stripe().Lock.Unlock(g.p) }

func (t *Table) entry(off uint64) *Entry { return shm.View[Entry](t.a, off) }

// First returns the first entry with the guard's hash, 0 if there is none.
func (g Guard) First() uint64 { return g.find(atomic.LoadUint64(&g.t.buckets[g.bucket])) }

// Next returns the next entry with the same hash.
func (g Guard) Next(off uint64) uint64 {
	e := g.t.entry(off)
	if e == nil {
		return 0
	}
	return g.find(atomic.LoadUint64(&e.Next))
}

func (g Guard) find(off uint64) uint64 {
	for range g.t.head.Max { // no list is longer, unless it is damaged
		e := g.t.entry(off)
		if e == nil {
			return 0
		}
		if atomic.LoadUint64(&e.Hash) == g.hash {
			return off
		}
		off = atomic.LoadUint64(&e.Next)
	}
	return 0
}

// Insert puts a block of the caller's into the bucket, which publishes it.
func (g Guard) Insert(off uint64) error {
	t, s := g.t, g.stripe()
	if t.a.SizeOf(off) < entrySize || t.a.Published(off) {
		return ErrEntry
	}
	if atomic.AddInt64(&t.head.Total, 1) > t.head.Max {
		atomic.AddInt64(&t.head.Total, -1)
		return ErrFull
	}
	kill.Point("table.insert.1")
	s.begin(opInsert, g.bucket, off)
	e, b := t.entry(off), &t.buckets[g.bucket]
	atomic.StoreUint64(&e.Hash, g.hash)
	atomic.StoreUint64(&e.Next, atomic.LoadUint64(b))
	kill.Point("table.insert.2")
	atomic.StoreUint64(b, off)
	kill.Point("table.insert.3")
	err := g.p.Publish(off)
	kill.Point("table.insert.4")
	atomic.AddInt64(&s.Count, 1)
	s.end()
	return err
}

// Remove takes an entry out of the bucket. It is the caller's block again: free it.
func (g Guard) Remove(off uint64) error {
	t, s := g.t, g.stripe()
	link := g.linkTo(off)
	if off == 0 || link == nil {
		return ErrNotFound
	}
	s.begin(opRemove, g.bucket, off)
	atomic.StoreUint64(link, atomic.LoadUint64(&t.entry(off).Next))
	kill.Point("table.remove.1")
	err := g.p.Retire(off)
	kill.Point("table.remove.2")
	atomic.AddInt64(&s.Count, -1)
	s.end()
	atomic.AddInt64(&t.head.Total, -1)
	return err
}

// Holds reports whether the entry is in the bucket now. A handler that was told
// an offset earlier asks this before it looks into the block.
func (g Guard) Holds(off uint64) bool { return off != 0 && g.linkTo(off) != nil }

// linkTo is the word that refers to an entry of the bucket.
func (g Guard) linkTo(off uint64) *uint64 {
	link := &g.t.buckets[g.bucket]
	for range g.t.head.Max + 1 {
		next := atomic.LoadUint64(link)
		if next == off {
			return link
		}
		e := g.t.entry(next)
		if e == nil {
			return nil
		}
		link = &e.Next
	}
	return nil
}

func (s *stripe) begin(op uint32, bucket, off uint64) {
	atomic.StoreUint64(&s.Bucket, bucket)
	atomic.StoreUint64(&s.Intent, off)
	kill.Point("table.begin")
	atomic.StoreUint32(&s.Op, op)
	kill.Point("table.began")
}

func (s *stripe) end() {
	kill.Point("table.end")
	atomic.StoreUint32(&s.Op, opNone)
	kill.Point("table.ended")
}

// Each calls fn with every entry and the guard of its bucket until fn returns
// false. fn may remove the entry it was given, and no other.
func (t *Table) Each(p *shm.Proc, fn func(g Guard, off uint64) bool) {
	for b := range t.buckets {
		if atomic.LoadUint64(&t.buckets[b]) != 0 && !t.eachIn(p, uint64(b), fn) {
			return
		}
	}
}

func (t *Table) eachIn(p *shm.Proc, bucket uint64, fn func(g Guard, off uint64) bool) bool {
	g := t.Lock(p, bucket)
	defer g.Unlock()
	off := atomic.LoadUint64(&t.buckets[bucket])
	for range t.head.Max + 1 {
		e := t.entry(off)
		if e == nil {
			return true
		}
		next := atomic.LoadUint64(&e.Next)
		g.hash = atomic.LoadUint64(&e.Hash)
		if !fn(g, off) {
			return false
		}
		off = next
	}
	return true
}
