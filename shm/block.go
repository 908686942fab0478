package shm

import (
	"sync/atomic"
	"unsafe"
)

// block is the header before every payload. Its word says all that matters and
// changes with one store:
//
//	bits  0-3   state
//	bits  4-11  class
//	bits 12-27  kind
//	bits 28-55  owner (row+1, 16 bits of generation), 0 unless mag or open
//	bits 56-63  index+1 in the owner's Open, 0 for none
type block struct {
	Word uint64
	Next uint32 // next free block in units of 16 bytes
	Size uint32 // bytes asked for
}

type blockState uint64

const (
	blockFree      blockState = 1 // on a central list
	blockMag       blockState = 2 // in its owner's magazine
	blockOpen      blockState = 3 // under construction, or being taken apart
	blockPublished blockState = 4 // belongs to a structure
)

type word uint64

func newWord(s blockState, class int, k Kind, own uint32, open int) word {
	return word(s) | word(class)<<4 | word(k)<<12 | word(own)<<28 | word(open)<<56
}

func (w word) state() blockState { return blockState(w & 0xF) }
func (w word) class() int        { return int(w >> 4 & 0xFF) }
func (w word) kind() Kind        { return Kind(w >> 12) }
func (w word) owner() uint32     { return uint32(w >> 28 & 0xFFFFFFF) }
func (w word) open() int         { return int(w >> 56) }

func (b *block) load() word       { return word(atomic.LoadUint64(&b.Word)) }
func (b *block) store(w word)     { atomic.StoreUint64(&b.Word, uint64(w)) }
func (b *block) next() uint64     { return uint64(atomic.LoadUint32(&b.Next)) << 4 }
func (b *block) setNext(n uint64) { atomic.StoreUint32(&b.Next, uint32(n>>4)) }

func (b *block) swap(old, new word) bool {
	return atomic.CompareAndSwapUint64(&b.Word, uint64(old), uint64(new))
}

func (a *Arena) block(b uint64) *block { return at[block](a, b) }

// zero clears a payload before anybody can see it: a reap that finds it half
// built follows its references.
func (a *Arena) zero(off, n uint64) {
	clear(unsafe.Slice((*byte)(unsafe.Add(a.base, off)), n))
}

// locate finds out whether a block starts at b, and of which class, from the
// page table alone: nothing in the block is believed.
func (a *Arena) locate(b uint64) (class int, ok bool) {
	if b < a.dataOff || b&15 != 0 {
		return 0, false
	}
	pg := (b - a.dataOff) / PageSize
	if pg >= a.hdr.Pages {
		return 0, false
	}
	for i := pg; ; i-- {
		if d := a.desc(i); d != 0 {
			return a.within(d, i, b)
		}
		if i == 0 || pg-i >= maxSpan {
			return 0, false
		}
	}
}

// within is locate once the first page of the span or run is known.
func (a *Arena) within(d desc, page, b uint64) (int, bool) {
	rel := b - a.pageOff(page)
	switch d.kind() {
	case pageSpan:
		c := d.class()
		if c >= numClasses {
			return 0, false
		}
		size := blockSize(c)
		return c, rel%size == 0 && rel+size <= d.len()*PageSize
	case pageRun:
		return classRun, rel == 0
	}
	return 0, false
}

// Settled reports whether off lies in a published block or in a root: false
// while its block is being built or taken apart, or is free.
func (a *Arena) Settled(off uint64) bool {
	if off < a.dataOff || off >= a.dataOff+a.hdr.Pages*PageSize {
		return false
	}
	for i, back := a.pageOf(off), uint64(0); ; i, back = i-1, back+1 {
		d := a.desc(i)
		switch {
		case d.kind() == pageRoot:
			return true
		case d.kind() == pageRun:
			return a.block(a.pageOff(i)).load().state() == blockPublished
		case d.kind() == pageSpan && d.class() < numClasses && back < d.len():
			size := blockSize(d.class())
			rel := (off - a.pageOff(i)) / size * size
			return a.block(a.pageOff(i)+rel).load().state() == blockPublished
		}
		if i == 0 {
			return false
		}
	}
}
