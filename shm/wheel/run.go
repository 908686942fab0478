package wheel

import (
	"sync/atomic"

	"goser/shm"
	"goser/shm/kill"
)

// Handler is called for each timer that is due, with no lock held. node may be
// gone from its structure by now: the handler finds that by arg, under its
// lock, and then settles the timer with Done, Add or Cancel.
type Handler func(p *shm.Proc, node, arg uint64, kind uint16)

// Due is a timer as the handler is told of it.
type due struct {
	node, arg uint64
	kind      uint16
}

// Run fires everything that is due up to and including the tick now, and returns
// how many that were. Several processes may run the same wheel.
func (w *Wheel) Run(p *shm.Proc, now uint64, fire Handler) (n int) {
	for i := range w.shards {
		n += w.runShard(p, &w.shards[i], now, fire)
	}
	return n
}

func (w *Wheel) runShard(p *shm.Proc, s *shard, now uint64, fire Handler) (fired int) {
	for {
		// A tick that was begun by one who died is finished first.
		fired += w.fireList(p, s, listDue, fire)
		fired += w.fireList(p, s, uint32(1+atomic.LoadUint64(&s.Now)%level0), fire)
		if !w.advance(p, s, now) {
			return fired
		}
	}
}

// advance begins the next tick, if there is one up to now, having sorted what the
// upper levels hold for it into the lower ones.
func (w *Wheel) advance(p *shm.Proc, s *shard, now uint64) bool {
	w.lock(p, s)
	defer s.Lock.Unlock(p)
	if s.Now >= now {
		return false
	}
	if s.Count == 0 { // nothing to find on the way
		atomic.StoreUint64(&s.Now, now)
		return false
	}
	if s.Heads[1+s.Now%level0] != 0 || s.Heads[listDue] != 0 {
		return true // another process has put something here meanwhile
	}
	next := s.Now + 1
	if next%level0 == 0 && !w.cascade(s, next) {
		return true
	}
	kill.Point("wheel.advance.1")
	atomic.StoreUint64(&s.Now, next)
	kill.Point("wheel.advance.2")
	return true
}

// cascade empties the upper lists that the tick next opens, highest first. It
// moves a batch and answers false while there is more, so that the lock is free
// in between; what was moved stays valid.
func (w *Wheel) cascade(s *shard, next uint64) bool {
	top, unit := 1, uint64(level0)
	for top < levels-1 && next%(unit*levelN) == 0 {
		top, unit = top+1, unit*levelN
	}
	for left := batch; top > 0; top, unit = top-1, unit/levelN {
		from := uint32(1 + level0 + (top-1)*levelN + int(next/unit%levelN))
		for s.Heads[from] != 0 {
			if left--; left < 0 {
				return false
			}
			if off := s.Heads[from]; !w.lower(s, off, next, from) {
				return true
			}
		}
	}
	return true
}

// lower sorts one node in as if the tick next had begun, except that what is due
// at next itself goes to its list.
func (w *Wheel) lower(s *shard, off, next uint64, from uint32) bool {
	n := w.node(off)
	if n == nil || uint32(n.List) != from { // damaged: give the list up
		atomic.StoreUint64(&s.Heads[from], 0)
		return false
	}
	to := uint32(1 + next%level0)
	if at := n.Expires; at > next {
		if at == next+level0-1 {
			at-- // its list is the one that is still at hand: wait a tick before it
		}
		to = place(next, at)
	}
	w.move(s, off, n, to)
	return true
}

// fireList hands all nodes of a list to the handler, one after the other.
func (w *Wheel) fireList(p *shm.Proc, s *shard, list uint32, fire Handler) (fired int) {
	for {
		d, ok := w.take(p, s, list)
		if !ok {
			return fired
		}
		kill.Point("wheel.fire.1")
		fire(p, d.node, d.arg, d.kind)
		kill.Point("wheel.fire.2")
		fired++
	}
}

// take moves the first node that is really due to the firing list, in our name.
func (w *Wheel) take(p *shm.Proc, s *shard, list uint32) (d due, ok bool) {
	if atomic.LoadUint64(&s.Heads[list]) == 0 {
		return d, false
	}
	w.lock(p, s)
	defer s.Lock.Unlock(p)
	for range batch {
		if list <= level0 && list != uint32(1+s.Now%level0) {
			return d, false // the tick has moved on: another process fired the rest
		}
		off := s.Heads[list]
		n := w.node(off)
		if n == nil || uint32(n.List) != list { // damaged: give the list up
			atomic.StoreUint64(&s.Heads[list], 0)
			return d, false
		}
		if n.Expires > s.Now || !w.a.Settled(off) {
			w.move(s, off, n, place(s.Now, n.Expires))
			continue
		}
		n.Owner = p.Tag()
		kill.Point("wheel.take.owner")
		w.move(s, off, n, listFire)
		return due{off, n.Arg, n.Kind}, true
	}
	return d, false
}
