package shm

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"goser/shm/kill"
)

// desc describes a page: zero unless a span, run or root starts there. So one
// store publishes any number of pages, and one store frees them.
//
//	bits 0-1 kind, 2-7 class, 8-31 pages, 32-63 number of the allocation
type desc uint64

const (
	pageSpan = 1 // blocks of one class
	pageRun  = 2 // one large block
	pageRoot = 3 // a named root
)

func newDesc(kind, class int, pages uint64, seq uint32) desc {
	return desc(kind) | desc(class)<<2 | desc(pages)<<8 | desc(seq)<<32
}

func (d desc) kind() int   { return int(d & 3) }
func (d desc) class() int  { return int(d >> 2 & 63) }
func (d desc) len() uint64 { return uint64(d >> 8 & 0xFFFFFF) }
func (d desc) seq() uint32 { return uint32(d >> 32) }

func (a *Arena) descAt(page uint64) *uint64      { return at[uint64](a, a.hdr.PageOff+page*8) }
func (a *Arena) desc(page uint64) desc           { return desc(atomic.LoadUint64(a.descAt(page))) }
func (a *Arena) setDesc(page uint64, d desc)     { atomic.StoreUint64(a.descAt(page), uint64(d)) }
func (a *Arena) pageOff(page uint64) uint64      { return a.dataOff + page*PageSize }
func (a *Arena) pageOf(off uint64) (page uint64) { return (off - a.dataOff) / PageSize }

// step is how many pages to go on from one that starts something. A damaged
// length must neither stop the walk nor lead it outside.
func (a *Arena) step(page uint64, d desc) uint64 {
	n := d.len()
	if n == 0 || n > a.hdr.Pages-page {
		a.count(&a.hdr.Stats.Corrupt)
		return 1
	}
	return n
}

// skip jumps over the pages that nothing has ever used.
func (a *Arena) skip(page uint64) uint64 {
	low := min(atomic.LoadUint64(&a.hdr.PageLow), a.hdr.Pages)
	if page < low && page >= atomic.LoadUint64(&a.hdr.PageHigh) {
		return low
	}
	return page
}

func (p *Proc) lockPages() {
	if p.a.hdr.PageLock.Lock(p) {
		p.a.recountPages()
	}
}

// recountPages is the repair: the table itself is whole at every store.
func (a *Arena) recountPages() {
	var used uint64
	for i := a.skip(0); i < a.hdr.Pages; i = a.skip(i) {
		d := a.desc(i)
		if d == 0 {
			i++
			continue
		}
		n := a.step(i, d)
		i, used = i+n, used+n
	}
	atomic.StoreUint64(&a.hdr.PagesUsed, used)
	atomic.StoreUint64(&a.hdr.PageFail, 0)
}

// takePages finds n free pages in a row, under the page lock. A search that
// failed is remembered, so that being out of memory stays cheap.
func (a *Arena) takePages(n uint64) (start uint64, ok bool) {
	if f := atomic.LoadUint64(&a.hdr.PageFail); f != 0 && n >= f {
		return 0, false
	}
	hint := atomic.LoadUint64(&a.hdr.PageHint)
	if hint >= a.hdr.Pages {
		hint = 0
	}
	if start, ok = a.scan(hint, n); !ok && hint > 0 {
		start, ok = a.scan(0, n)
	}
	if !ok {
		atomic.StoreUint64(&a.hdr.PageFail, n)
	}
	return start, ok
}

func (a *Arena) scan(from, n uint64) (uint64, bool) {
	free := uint64(0)
	for i := from; i < a.hdr.Pages; {
		d := a.desc(i)
		if d != 0 {
			i, free = i+a.step(i, d), 0
			continue
		}
		if i, free = i+1, free+1; free == n {
			return i - n, true
		}
	}
	return 0, false
}

// takeTop finds the highest n free pages whose offset has that alignment: roots
// live at the top, so that they do not cut up the space for blocks.
func (a *Arena) takeTop(n, align uint64) (start uint64, ok bool) {
	first := uint64(0) // of the free stretch at hand
	fit := func(end uint64) {
		if end < first+n {
			return
		}
		off := a.pageOff(end-n) &^ (align - 1)
		if off >= a.pageOff(first) {
			start, ok = a.pageOf(off), true
		}
	}
	for i := a.skip(0); i < a.hdr.Pages; i = a.skip(i) {
		d := a.desc(i)
		if d == 0 {
			i++
			continue
		}
		fit(i)
		i += a.step(i, d)
		first = i
	}
	fit(a.hdr.Pages)
	return start, ok
}

// publishPages makes pages visible, under the page lock. The hint always points
// at the start of something or at a free page, also if we die in between.
func (a *Arena) publishPages(start uint64, d desc, hint bool) {
	if hint {
		atomic.StoreUint64(&a.hdr.PageHint, start)
		atomic.StoreUint64(&a.hdr.PageHigh, max(a.hdr.PageHigh, start+d.len()))
		kill.Point("page.publish.hint")
	} else {
		atomic.StoreUint64(&a.hdr.PageLow, min(a.hdr.PageLow, start))
	}
	a.setDesc(start, d)
	kill.Point("page.publish.desc")
	if hint {
		atomic.StoreUint64(&a.hdr.PageHint, start+d.len())
	}
	if used := atomic.AddUint64(&a.hdr.PagesUsed, d.len()); used > atomic.LoadUint64(&a.hdr.PagesPeak) {
		atomic.StoreUint64(&a.hdr.PagesPeak, used)
	}
}

// freePages gives back what starts at that page, under the page lock.
func (a *Arena) freePages(start uint64) {
	n := a.step(start, a.desc(start))
	a.setDesc(start, 0)
	kill.Point("page.free.desc")
	atomic.StoreUint64(&a.hdr.PageFail, 0)
	atomic.AddUint64(&a.hdr.PagesUsed, -n)
}

func (a *Arena) nextSeq() uint32 {
	s := atomic.AddUint32(&a.hdr.PageSeq, 1)
	if s == 0 {
		s = atomic.AddUint32(&a.hdr.PageSeq, 1)
	}
	return s
}

// punch gives memory back to the machine; the range reads as zero afterwards.
func (a *Arena) punch(off, n uint64) {
	if n == 0 {
		return
	}
	if a.mem != nil && off%4096 == 0 && n%4096 == 0 && unix.Madvise(a.mem[off:off+n], unix.MADV_REMOVE) == nil {
		return
	}
	a.zero(off, n)
}
