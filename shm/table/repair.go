package table

import (
	"sync/atomic"

	"goser/shm"
	"goser/shm/kill"
)

// repair finishes or undoes what the dead owner of a stripe was at. The lists
// themselves are whole at every store; the count is taken anew.
func (t *Table) repair(p *shm.Proc, s *stripe) {
	off, bucket := atomic.LoadUint64(&s.Intent), atomic.LoadUint64(&s.Bucket)
	if op := atomic.LoadUint32(&s.Op); op != opNone && bucket < uint64(len(t.buckets)) {
		linked := Guard{t: t, p: p, bucket: bucket}.Holds(off)
		switch {
		case op == opInsert && linked:
			p.Rescue(off)
		case op == opRemove && !linked && t.a.Published(off):
			_ = p.Dispose(off, func() { atomic.StoreUint32(&s.Op, opNone) })
		}
	}
	kill.Point("table.repair.1")
	atomic.StoreInt64(&s.Count, t.countStripe(p, s))
	kill.Point("table.repair.2")
	atomic.StoreUint32(&s.Op, opNone)
}

// countStripe walks the buckets of a stripe. A damaged link ends its list there.
func (t *Table) countStripe(p *shm.Proc, s *stripe) (n int64) {
	limit := t.head.Max + 1
	for b := t.index(s); b < uint64(len(t.buckets)); b += uint64(len(t.stripes)) {
		for link := &t.buckets[b]; ; n++ {
			off := atomic.LoadUint64(link)
			if off == 0 {
				break
			}
			if !t.a.Published(off) || n > limit {
				atomic.StoreUint64(link, 0)
				break
			}
			link = &t.entry(off).Next
		}
	}
	return n
}

func (t *Table) index(s *stripe) uint64 {
	for i := range t.stripes {
		if &t.stripes[i] == s {
			return uint64(i)
		}
	}
	return 0
}

// reap passes through every lock, repairing where the dead process held one, and
// then, with all of them held, sets the total right.
func reap(p *shm.Proc, r shm.Root, _ int) error {
	t, err := view(p.Arena(), r)
	if err != nil {
		return err
	}
	var total int64
	for i := range t.stripes {
		t.lockStripe(p, &t.stripes[i])
		total += atomic.LoadInt64(&t.stripes[i].Count)
	}
	kill.Point("table.reap")
	atomic.StoreInt64(&t.head.Total, total)
	for i := range t.stripes {
		t.stripes[i].Lock.Unlock(p)
	}
	return nil
}

func check(c *shm.Checker, r shm.Root) {
	t, err := view(c.Arena(), r)
	if err != nil {
		c.Errorf("%v", err)
		return
	}
	var total int64
	for i := range t.stripes {
		s := &t.stripes[i]
		c.Unlocked(&s.Lock, r.Name)
		if s.Op != opNone {
			c.Errorf("table %q: stripe %d has an unfinished operation %d", r.Name, i, s.Op)
		}
		n := t.checkStripe(c, i)
		if s.Count != n {
			c.Errorf("table %q: stripe %d counts %d entries, it has %d", r.Name, i, s.Count, n)
		}
		total += n
	}
	if t.head.Total != total {
		c.Errorf("table %q counts %d entries, it has %d", r.Name, t.head.Total, total)
	}
	if total > t.head.Max {
		c.Errorf("table %q has %d entries, its limit is %d", r.Name, total, t.head.Max)
	}
}

// checkStripe needs no guard against rings: Reach refuses a block it has seen.
func (t *Table) checkStripe(c *shm.Checker, i int) (n int64) {
	for b := uint64(i); b < uint64(len(t.buckets)); b += uint64(len(t.stripes)) {
		for off := t.buckets[b]; off != 0 && c.Reach(off, "table "+t.name); n++ {
			e := t.entry(off)
			if e == nil {
				break
			}
			if e.Hash&uint64(len(t.buckets)-1) != b {
				c.Errorf("table %q: entry %#x with hash %#x is in the wrong bucket %d", t.name, off, e.Hash, b)
			}
			off = e.Next
		}
	}
	return n
}
