package shm

import (
	"errors"
	"sync/atomic"

	"goser/shm/kill"
)

// Why a block was not freed, published or retired.
var (
	ErrNoBlock    = errors.New("shm: no block starts at this offset")
	ErrDoubleFree = errors.New("shm: the block is free already")
	ErrPublished  = errors.New("shm: the block belongs to a structure: retire it first")
	ErrNotOwner   = errors.New("shm: the block is in the hands of another process")
)

// magazine is a process's own supply of free blocks of one class, used without
// a central lock. Entries at and above N may be stale; a reap looks at all of
// them and believes only the blocks' own words.
type magazine struct {
	N     uint32
	Slots [magSlots]uint32
}

// Alloc returns a zeroed block of at least size bytes that belongs to p until
// it is published or freed. False means that the arena has no room for it (or
// that size is over MaxBlock), which is counted; the caller answers for it.
func (p *Proc) Alloc(kind Kind, size uint64) (off uint64, ok bool) {
	class := classOf(size)
	if class == classRun {
		off, ok = p.allocRun(kind, size)
	} else if off, ok = p.allocSmall(class, kind, size); !ok {
		off, ok = p.allocCentral(class, kind, size)
	}
	if !ok {
		p.a.count(&p.a.hdr.Stats.NoMemory)
		p.traced(Event{Alloc: true, Kind: kind, Size: size})
		return 0, false
	}
	p.traced(Event{Alloc: true, Kind: kind, Size: size, Off: off + headerSize})
	return off + headerSize, true
}

// allocSmall serves from the magazine, unless another goroutine of this process
// is at it, or the magazine still holds what a dead predecessor left.
func (p *Proc) allocSmall(class int, kind Kind, size uint64) (off uint64, ok bool) {
	r := p.row
	if !atomic.CompareAndSwapUint32(&r.MagLock, 0, 1) {
		return 0, false
	}
	m := &r.Mags[class]
	mine := newWord(blockMag, class, 0, p.own, 0)
	for !ok {
		n := atomic.LoadUint32(&m.N)
		if n == 0 || n > magSlots {
			if n = p.refill(class, m); n == 0 {
				break
			}
		}
		off = uint64(atomic.LoadUint32(&m.Slots[n-1])) << 4
		if ok = p.a.holds(off, blockSize(class), 16) && p.a.block(off).load() == mine; ok {
			p.open(off, class, kind, size)
		} else {
			p.a.count(&p.a.hdr.Stats.Corrupt)
		}
		atomic.StoreUint32(&m.N, n-1)
		kill.Point("alloc.mag.3")
	}
	atomic.StoreUint32(&r.MagLock, 0)
	return off, ok
}

// open makes a block of the magazine ours to build in.
func (p *Proc) open(off uint64, class int, kind Kind, size uint64) {
	b := p.a.block(off)
	p.a.zero(off+headerSize, (size+15)&^15)
	idx := p.openSlot(off)
	kill.Point("alloc.mag.1")
	b.Size = uint32(size)
	b.store(newWord(blockOpen, class, kind, p.own, idx))
	kill.Point("alloc.mag.2")
}

// openSlot notes a block in the process's row, where a reap looks first. If all
// places are taken the row asks for a full sweep instead.
func (p *Proc) openSlot(off uint64) int { return p.row.note(off) }

func (r *row) note(off uint64) int {
	for i := range r.Open {
		if atomic.LoadUint64(&r.Open[i]) == 0 && atomic.CompareAndSwapUint64(&r.Open[i], 0, off) {
			return i + 1
		}
	}
	atomic.StoreUint32(&r.Sweep, 1)
	return 0
}

func (r *row) forget(idx int) {
	if idx > 0 && idx <= openSlots {
		atomic.StoreUint64(&r.Open[idx-1], 0)
	}
}

// allocCentral takes one block straight from a central list.
func (p *Proc) allocCentral(class int, kind Kind, size uint64) (off uint64, ok bool) {
	for i := range numStripes + 1 {
		s := p.a.stripe(class, p.slot+i)
		if i < numStripes && atomic.LoadUint64(&s.Head) == 0 {
			continue
		}
		p.lockStripe(s, class)
		off, b := p.first(s, class)
		if b == nil && i == numStripes && p.grow(s, class) {
			off, b = p.first(s, class)
		}
		if b != nil {
			p.a.zero(off+headerSize, (size+15)&^15)
			idx := p.openSlot(off)
			kill.Point("alloc.central.1")
			b.Size = uint32(size)
			s.pop(b, newWord(blockOpen, class, kind, p.own, idx))
		}
		s.Lock.Unlock(p)
		if b != nil {
			return off, true
		}
	}
	return 0, false
}

// allocRun gives a large block pages of its own.
func (p *Proc) allocRun(kind Kind, size uint64) (off uint64, ok bool) {
	if size > MaxBlock {
		return 0, false
	}
	n := (size + headerSize + PageSize - 1) / PageSize
	p.lockPages()
	defer p.a.hdr.PageLock.Unlock(p)
	start, ok := p.a.takePages(n)
	if !ok {
		return 0, false
	}
	off = p.a.pageOff(start)
	p.a.punch(off, n*PageSize)
	idx := p.openSlot(off)
	kill.Point("alloc.run.1")
	b := p.a.block(off)
	b.Size = uint32(size)
	b.store(newWord(blockOpen, classRun, kind, p.own, idx))
	kill.Point("alloc.run.2")
	p.a.publishPages(start, newDesc(pageRun, classRun, n, p.a.nextSeq()), true)
	return off, true
}

// find returns the block of a payload and its word.
func (p *Proc) find(off uint64) (*block, word, error) {
	if off < headerSize {
		return nil, 0, ErrNoBlock
	}
	class, ok := p.a.locate(off - headerSize)
	if !ok {
		return nil, 0, ErrNoBlock
	}
	b := p.a.block(off - headerSize)
	w := b.load()
	if s := w.state(); s == blockFree || s == blockMag {
		return b, w, ErrDoubleFree
	}
	if w.class() != class {
		return nil, 0, ErrNoBlock
	}
	if w.state() == blockOpen && w.owner() != p.own {
		return b, w, ErrNotOwner
	}
	return b, w, nil
}

// Publish gives a block of ours to the structure that now refers to it.
func (p *Proc) Publish(off uint64) error {
	b, w, err := p.find(off)
	if err != nil || w.state() == blockPublished {
		return err
	}
	b.store(newWord(blockPublished, w.class(), w.kind(), 0, 0))
	kill.Point("alloc.publish")
	p.row.forget(w.open())
	return nil
}

// Retire takes a published block back into the hands of p, to be freed. Of
// several who try, one succeeds.
func (p *Proc) Retire(off uint64) error {
	b, w, err := p.find(off)
	if err != nil || w.state() == blockOpen {
		return err
	}
	idx := p.openSlot(off - headerSize)
	kill.Point("alloc.retire")
	if !b.swap(w, newWord(blockOpen, w.class(), w.kind(), p.own, idx)) {
		p.row.forget(idx)
		return ErrNotOwner
	}
	return nil
}

// Published reports whether a block starts at off and belongs to a structure.
func (a *Arena) Published(off uint64) bool {
	w, ok := a.wordAt(off)
	return ok && w.state() == blockPublished
}

// wordAt is the word of the block whose payload is at off.
func (a *Arena) wordAt(off uint64) (word, bool) {
	if off < headerSize {
		return 0, false
	}
	if _, ok := a.locate(off - headerSize); !ok {
		return 0, false
	}
	return a.block(off - headerSize).load(), true
}

// SizeOf is the number of bytes asked for when the block was allocated, 0 if
// none starts at off.
func (a *Arena) SizeOf(off uint64) uint64 {
	w, ok := a.wordAt(off)
	if !ok || (w.state() != blockOpen && w.state() != blockPublished) {
		return 0
	}
	return uint64(a.block(off - headerSize).Size)
}

// KindAt is the kind of the block at off, 0 if none starts there.
func (a *Arena) KindAt(off uint64) Kind {
	w, ok := a.wordAt(off)
	if !ok {
		return 0
	}
	return w.kind()
}

// Rescue publishes a block that its dead owner had linked but not published
// yet. Only the repair of the structure that reaches it calls this.
func (p *Proc) Rescue(off uint64) bool {
	w, ok := p.a.wordAt(off)
	if !ok || w.state() == blockPublished {
		return ok
	}
	return w.state() == blockOpen &&
		p.a.block(off-headerSize).swap(w, newWord(blockPublished, w.class(), w.kind(), 0, 0))
}
