package wheel

import (
	"fmt"
	"sync/atomic"

	"goser/shm"
	"goser/shm/kill"
)

// repair does the dead owner's move again, then follows every list by its Next
// links, which are whole at every store, and restores what follows from them.
func (w *Wheel) repair(s *shard) {
	if n := w.node(s.Node); n != nil && atomic.LoadUint32(&s.Op) == opMove && s.From < numLists && s.To < numLists {
		w.drop(s, s.Node, s.From)
		w.drop(s, s.Node, s.To)
		n.List = 0
		kill.Point("wheel.repair.1")
		if s.To != 0 {
			w.link(s, s.Node, n, s.To)
		}
		n.List = uint16(s.To)
	}
	kill.Point("wheel.repair.2")
	var count int64
	for list := 1; list < numLists; list++ {
		count += w.relink(s, uint16(list))
	}
	atomic.StoreInt64(&s.Count, count)
	kill.Point("wheel.repair.3")
	atomic.StoreUint32(&s.Op, opNone)
}

// maxWalk ends a walk in a damaged list.
func (w *Wheel) maxWalk() uint64 { return w.a.Size() / 32 }

// drop takes the node out of a list if it is there.
func (w *Wheel) drop(s *shard, off uint64, list uint32) {
	if list == 0 {
		return
	}
	link := &s.Heads[list]
	for range w.maxWalk() {
		n := w.node(atomic.LoadUint64(link))
		if n == nil {
			return
		}
		if atomic.LoadUint64(link) == off {
			atomic.StoreUint64(link, n.Next)
			return
		}
		link = &n.Next
	}
}

func (w *Wheel) relink(s *shard, list uint16) (count int64) {
	prev, link := uint64(0), &s.Heads[list]
	for range w.maxWalk() {
		off := atomic.LoadUint64(link)
		n := w.node(off)
		if n == nil {
			break
		}
		n.Prev, n.List = prev, list
		prev, link = off, &n.Next
		count++
	}
	return count
}

// reap passes through every lock, and puts back what the dead process was firing.
func reap(p *shm.Proc, r shm.Root, slot int) error {
	w, err := view(p.Arena(), r)
	if err != nil {
		return err
	}
	for i := range w.shards {
		s := &w.shards[i]
		w.lock(p, s)
		for off := s.Heads[listFire]; off != 0; {
			n := w.node(off)
			if n == nil {
				break
			}
			next := n.Next
			if shm.TagSlot(n.Owner) == slot && n.Owner != p.Tag() {
				w.move(s, off, n, listDue)
				kill.Point("wheel.reap")
			}
			off = next
		}
		s.Lock.Unlock(p)
	}
	return nil
}

func check(c *shm.Checker, r shm.Root) {
	w, err := view(c.Arena(), r)
	if err != nil {
		c.Errorf("%v", err)
		return
	}
	seen := map[uint64]bool{}
	for i := range w.shards {
		s := &w.shards[i]
		c.Unlocked(&s.Lock, fmt.Sprintf("wheel %q, shard %d", r.Name, i))
		if s.Op != opNone {
			c.Errorf("wheel %q: shard %d has an unfinished operation %d", r.Name, i, s.Op)
		}
		var count int64
		for list := 1; list < numLists; list++ {
			count += w.checkList(c, s, uint16(list), seen)
		}
		if count != s.Count {
			c.Errorf("wheel %q: shard %d counts %d timers, it has %d", r.Name, i, s.Count, count)
		}
	}
}

func (w *Wheel) checkList(c *shm.Checker, s *shard, list uint16, seen map[uint64]bool) (count int64) {
	prev := uint64(0)
	for off := s.Heads[list]; off != 0; count++ {
		n := w.node(off)
		if n == nil || seen[off] {
			c.Errorf("wheel %q: list %d holds %#x, which is outside the arena or on a list already", w.name, list, off)
			return count
		}
		seen[off] = true
		if n.List != list || n.Prev != prev || w.shard(off) != s {
			c.Errorf("wheel %q: timer %#x of list %d says list %d, previous %#x instead of %#x", w.name, off, list, n.List, n.Prev, prev)
		}
		w.checkNode(c, s, off, n, list)
		prev, off = off, n.Next
	}
	return count
}

func (w *Wheel) checkNode(c *shm.Checker, s *shard, off uint64, n *Node, list uint16) {
	if !w.a.Settled(off) {
		c.Errorf("wheel %q: timer %#x is set but its block is not published", w.name, off)
	}
	if list == listFire && c.Arena().Gone(n.Owner) {
		c.Errorf("wheel %q: timer %#x is being fired by a dead process (row %d)", w.name, off, shm.TagSlot(n.Owner))
	}
	if list > level0 {
		return
	}
	// Its list comes round within 256 ticks, and not after the timer is due.
	comes := s.Now + (uint64(list-1)-s.Now)%level0
	if n.Expires < comes && n.Expires > s.Now {
		c.Errorf("wheel %q: timer %#x is due at %d, its list at %d", w.name, off, n.Expires, comes)
	}
}
