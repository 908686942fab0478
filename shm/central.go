package shm

import (
	"sync/atomic"

	"goser/shm/kill"
)

const numStripes = 4

// stripe is one of the central lists of free blocks of a class. A block is free
// if and only if it is on one. Under the lock the only unfinished thing a dead
// owner can leave behind is its head (being taken or just put) or a span that
// is not linked yet (Pending).
type stripe struct {
	Lock    Mutex
	_       uint32
	Head    uint64
	Pending uint64 // page<<32 | allocation number of a new span
	_       [40]byte
}

type centrals [numClasses][numStripes]stripe

func (a *Arena) stripe(class, i int) *stripe {
	return &at[centrals](a, a.hdr.CentralOff)[class][i%numStripes]
}

func (p *Proc) lockStripe(s *stripe, class int) {
	if s.Lock.Lock(p) {
		p.fixStripe(s, class)
	}
}

// fixStripe repairs after a dead owner: its head was on its way in or out and is
// put back, its new span is linked.
func (p *Proc) fixStripe(s *stripe, class int) {
	if h := atomic.LoadUint64(&s.Head); h != 0 {
		if c, ok := p.a.locate(h); !ok || c != class {
			p.a.count(&p.a.hdr.Stats.Corrupt)
			atomic.StoreUint64(&s.Head, 0)
		} else if b := p.a.block(h); b.load().state() != blockFree {
			b.store(newWord(blockFree, class, 0, 0, 0))
		}
	}
	kill.Point("central.fix.head")
	if pend := atomic.LoadUint64(&s.Pending); pend != 0 {
		p.fixPending(s, class, pend)
	}
}

func (p *Proc) fixPending(s *stripe, class int, pend uint64) {
	page := pend >> 32
	if page < p.a.hdr.Pages {
		d := p.a.desc(page)
		ours := d.kind() == pageSpan && d.class() == class && d.seq() == uint32(pend)
		if ours && atomic.LoadUint64(&s.Head) != p.a.pageOff(page) {
			last := p.a.carve(page, d.len(), class)
			p.link(s, p.a.pageOff(page), last)
		}
	}
	kill.Point("central.fix.pending")
	atomic.StoreUint64(&s.Pending, 0)
}

// first is the head of the list if it can be trusted. A list that cannot is
// given up: some blocks are lost, the process is not.
func (p *Proc) first(s *stripe, class int) (uint64, *block) {
	h := atomic.LoadUint64(&s.Head)
	if h == 0 {
		return 0, nil
	}
	c, ok := p.a.locate(h)
	if !ok || c != class || p.a.block(h).load().state() != blockFree {
		p.a.count(&p.a.hdr.Stats.Corrupt)
		atomic.StoreUint64(&s.Head, 0)
		return 0, nil
	}
	return h, p.a.block(h)
}

// pop takes the head, which the caller has recorded where a reap looks for it.
func (s *stripe) pop(b *block, w word) {
	next := b.next()
	b.store(w)
	kill.Point("central.pop.1")
	atomic.StoreUint64(&s.Head, next)
	kill.Point("central.pop.2")
}

// push puts a block back. Between the two stores it is on the list but does not
// say so yet; fixStripe finishes that.
func (s *stripe) push(off uint64, b *block, class int) {
	b.setNext(atomic.LoadUint64(&s.Head))
	kill.Point("central.push.1")
	atomic.StoreUint64(&s.Head, off)
	kill.Point("central.push.2")
	b.store(newWord(blockFree, class, 0, 0, 0))
	kill.Point("central.push.3")
}

// refill moves blocks from a central list to an empty magazine: from our own
// stripe, from another, from a new span.
func (p *Proc) refill(class int, m *magazine) uint32 {
	for i := range numStripes {
		s := p.a.stripe(class, p.slot+i)
		if atomic.LoadUint64(&s.Head) == 0 {
			continue
		}
		p.lockStripe(s, class)
		n := p.take(s, class, m)
		s.Lock.Unlock(p)
		if n > 0 {
			return n
		}
	}
	s := p.a.stripe(class, p.slot)
	p.lockStripe(s, class)
	defer s.Lock.Unlock(p)
	p.grow(s, class)
	return p.take(s, class, m)
}

func (p *Proc) take(s *stripe, class int, m *magazine) (n uint32) {
	for n < max(magCaps[class]/2, 1) {
		off, b := p.first(s, class)
		if b == nil {
			break
		}
		atomic.StoreUint32(&m.Slots[n], uint32(off>>4))
		kill.Point("central.take.slot")
		s.pop(b, newWord(blockMag, class, 0, p.own, 0))
		n++
		atomic.StoreUint32(&m.N, n)
	}
	return n
}

// grow adds a span to the list, under its lock.
func (p *Proc) grow(s *stripe, class int) bool {
	p.lockPages()
	n := uint64(spanPages[class])
	start, ok := p.a.takePages(n)
	if !ok { // a smaller span wastes more, but is better than none
		n = (blockSize(class) + PageSize - 1) / PageSize
		start, ok = p.a.takePages(n)
	}
	if !ok {
		p.a.hdr.PageLock.Unlock(p)
		return false
	}
	seq := p.a.nextSeq()
	atomic.StoreUint64(&s.Pending, start<<32|uint64(seq))
	kill.Point("central.grow.pending")
	last := p.a.carve(start, n, class)
	kill.Point("central.grow.carved")
	p.a.publishPages(start, newDesc(pageSpan, class, n, seq), true)
	p.a.hdr.PageLock.Unlock(p)
	kill.Point("central.grow.published")
	p.link(s, p.a.pageOff(start), last)
	kill.Point("central.grow.linked")
	atomic.StoreUint64(&s.Pending, 0)
	return true
}

func (p *Proc) link(s *stripe, first, last uint64) {
	p.a.block(last).setNext(atomic.LoadUint64(&s.Head))
	atomic.StoreUint64(&s.Head, first)
}

// carve turns pages into a chain of free blocks that nobody sees yet.
func (a *Arena) carve(page, pages uint64, class int) (last uint64) {
	size := blockSize(class)
	off, end := a.pageOff(page), a.pageOff(page)+pages*PageSize
	for ; off+size <= end; off += size {
		b := a.block(off)
		b.setNext(off + size)
		b.store(newWord(blockFree, class, 0, 0, 0))
		last = off
	}
	return last
}
