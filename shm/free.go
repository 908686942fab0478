package shm

import (
	"errors"
	"sync/atomic"

	"goser/shm/kill"
)

// Free gives back a block of ours. One that a structure holds is retired first,
// under the structure's lock ([Proc.Retire]). A wild or double free changes
// nothing, is counted, and says so.
func (p *Proc) Free(off uint64) error {
	b, w, err := p.find(off)
	if err == nil && w.state() == blockPublished {
		err = ErrPublished
	}
	if err != nil {
		return p.badFree(err)
	}
	e := Event{Kind: w.kind(), Size: uint64(b.Size), Off: off}
	switch class := w.class(); {
	case class == classRun:
		err = p.freeRun(off-headerSize, b, w)
	case atomic.CompareAndSwapUint32(&p.row.MagLock, 0, 1):
		err = p.freeSmall(off-headerSize, class, b, w)
		atomic.StoreUint32(&p.row.MagLock, 0)
	default:
		err = p.freeCentral(off-headerSize, class, b, w)
	}
	if err != nil {
		return p.badFree(err)
	}
	p.traced(e)
	return nil
}

func (p *Proc) badFree(err error) error {
	if errors.Is(err, ErrDoubleFree) {
		p.a.count(&p.a.hdr.Stats.DoubleFree)
	} else {
		p.a.count(&p.a.hdr.Stats.BadFree)
	}
	return err
}

// freeSmall puts the block into the magazine, under its lock.
func (p *Proc) freeSmall(off uint64, class int, b *block, w word) error {
	m := &p.row.Mags[class]
	n := atomic.LoadUint32(&m.N)
	if n >= magCaps[class] {
		n = p.flush(class, m)
	}
	atomic.StoreUint32(&m.Slots[n], uint32(off>>4))
	kill.Point("free.mag.1")
	if !b.swap(w, newWord(blockMag, class, 0, p.own, 0)) {
		return ErrDoubleFree
	}
	kill.Point("free.mag.2")
	atomic.StoreUint32(&m.N, n+1)
	kill.Point("free.mag.3")
	p.row.forget(w.open())
	return nil
}

// flush returns half of a full magazine to the central list.
func (p *Proc) flush(class int, m *magazine) uint32 {
	s := p.a.stripe(class, p.slot)
	n := min(atomic.LoadUint32(&m.N), magSlots)
	p.lockStripe(s, class)
	for keep := magCaps[class] / 2; n > keep; n-- {
		off := uint64(atomic.LoadUint32(&m.Slots[n-1])) << 4
		if c, ok := p.a.locate(off); ok && c == class {
			s.push(off, p.a.block(off), class)
		} else {
			p.a.count(&p.a.hdr.Stats.Corrupt)
		}
		atomic.StoreUint32(&m.N, n-1)
	}
	s.Lock.Unlock(p)
	return n
}

func (p *Proc) freeCentral(off uint64, class int, b *block, w word) error {
	s := p.a.stripe(class, p.slot)
	p.lockStripe(s, class)
	defer s.Lock.Unlock(p)
	if b.load() != w {
		return ErrDoubleFree
	}
	s.push(off, b, class)
	p.row.forget(w.open())
	return nil
}

func (p *Proc) freeRun(off uint64, b *block, w word) error {
	p.lockPages()
	defer p.a.hdr.PageLock.Unlock(p)
	page := p.a.pageOf(off)
	if b.load() != w || p.a.desc(page).kind() != pageRun {
		return ErrDoubleFree
	}
	// All but the first page go back to the machine; the first has the header.
	p.a.punch(off+4096, p.a.step(page, p.a.desc(page))*PageSize-4096)
	kill.Point("free.run.1")
	p.a.freePages(page)
	p.row.forget(w.open())
	return nil
}

// FreeTree frees a block together with those that its kind says it owns. Each
// is retired and cut off before it is freed, so that dying half way leaves
// nothing that could be freed twice.
func (p *Proc) FreeTree(off uint64) error { return p.freeTree(off, 0) }

const maxTree = 64 // depth; a deeper one is damaged or a list that should be freed by hand

func (p *Proc) freeTree(off uint64, depth int) error {
	if err := p.Retire(off); err != nil {
		return p.badFree(err)
	}
	if info, ok := p.a.KindAt(off).info(); ok && info.Refs != nil && depth < maxTree {
		for i := 0; ; i++ {
			ref := info.Refs(p.a, off, i)
			if ref == nil {
				break
			}
			p.freeRef(ref, depth)
		}
	}
	return p.Free(off)
}

func (p *Proc) freeRef(ref *uint64, depth int) {
	child := atomic.LoadUint64(ref)
	if child == 0 || p.Retire(child) != nil {
		return
	}
	kill.Point("free.tree.cut")
	atomic.StoreUint64(ref, 0)
	_ = p.freeTree(child, depth+1)
}

// Dispose finishes what a dead process had begun: it retires a published block
// that nothing reaches any more, lets its kind cancel what refers to it, and
// frees it with what it owns. done, which may be nil, runs once the block is in
// the hands of p: from there on the reap of p would find it.
func (p *Proc) Dispose(off uint64, done func()) error {
	err := p.Retire(off)
	if done != nil {
		done()
	}
	if err != nil {
		return err
	}
	if info, ok := p.a.KindAt(off).info(); ok && info.Release != nil {
		info.Release(p, off)
	}
	return p.FreeTree(off)
}
