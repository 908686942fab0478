package ring

import (
	"sync/atomic"

	"goser/shm"
	"goser/shm/kill"
)

// reap frees the cells that the dead process was writing, and queues again what
// it was reading.
func reap(p *shm.Proc, r shm.Root, slot int) error {
	g, err := view(p.Arena(), r)
	if err != nil {
		return err
	}
	for i := range g.mask + 1 {
		c := g.cell(i)
		w := atomic.LoadUint64(&c.Word)
		if s := state(w); s != writing && s != reading || shm.TagSlot(owner(w)) != slot ||
			owner(w) == p.Tag()&0xFFFFFFF {
			continue
		}
		pos := g.position(w)
		if state(w) == writing {
			g.skipAt(pos, c, w)
			continue
		}
		g.again(p, pos, c, w)
	}
	g.settle()
	return nil
}

// again queues the record of a dead consumer once more, if need be in the place
// of the one it frees: that place may be the only one.
func (g *Ring) again(p *shm.Proc, pos uint64, c *cell, w uint64) {
	rec := append([]byte(nil), g.bytes(pos, atomic.LoadUint32(&c.Len))...)
	full := g.Push(p, rec) != nil
	kill.Point("ring.reap")
	atomic.CompareAndSwapUint64(&g.head.Head, pos, pos+1)
	atomic.CompareAndSwapUint64(&c.Word, w, newWord(pos+g.mask+1, free, 0))
	if full && g.Push(p, rec) != nil {
		atomic.AddUint64(&g.head.Dropped, 1)
	}
}

// settle pushes head and tail on over what was done out of order.
func (g *Ring) settle() {
	for range g.mask + 1 {
		h := atomic.LoadUint64(&g.head.Head)
		if !past(atomic.LoadUint64(&g.cell(h).Word), h) {
			return
		}
		atomic.CompareAndSwapUint64(&g.head.Head, h, h+1)
	}
}

// position restores the full position of a turn from where the tail is now.
func (g *Ring) position(w uint64) uint64 {
	t := atomic.LoadUint64(&g.head.Tail)
	return t - uint64(uint32(t)-turn(w))
}

// skipAt is skip for a cell anywhere in the ring. Freed before its turn to be
// read has come, it is passed over by who comes to it.
func (g *Ring) skipAt(pos uint64, c *cell, w uint64) {
	atomic.CompareAndSwapUint64(&g.head.Tail, pos, pos+1)
	g.skip(pos, c, w)
}

func check(c *shm.Checker, r shm.Root) {
	g, err := view(c.Arena(), r)
	if err != nil {
		c.Errorf("%v", err)
		return
	}
	h, t := g.head.Head, g.head.Tail
	for h < t && past(g.cell(h).Word, h) {
		h++ // freed out of order, which the next consumer will notice
	}
	if t < h || t-h > g.mask+1 {
		c.Errorf("ring %q: head %d, tail %d of %d cells", r.Name, h, t, g.mask+1)
		return
	}
	for i := range g.mask + 1 {
		g.checkCell(c, h, t, i)
	}
}

// checkCell: between head and tail cells are written or ready; outside they wait
// for the turn that comes.
func (g *Ring) checkCell(c *shm.Checker, h, t, i uint64) {
	w := g.cell(i).Word
	s := state(w)
	if s == writing || s == reading {
		if g.gone(owner(w)) {
			c.Errorf("ring %q: cell %d is in the hands of a dead process (row %d)", g.name, i, shm.TagSlot(owner(w)))
		}
		return
	}
	pos := h + (i-h)&g.mask // of this cell in the turn at hand
	queued := pos < t
	want := newWord(pos, free, 0)
	if queued {
		want = newWord(pos, ready, 0)
	}
	// A cell freed out of order, after its consumer died, is a turn ahead.
	if w != want && !(queued && w == newWord(pos+g.mask+1, free, 0)) {
		c.Errorf("ring %q: cell %d of turn %d is in state %d of turn %d", g.name, i, uint32(pos), s, turn(w))
	}
}
