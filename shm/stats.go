package shm

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// Stats count what should be rare. They live in the arena, for all processes.
type Stats struct {
	NoMemory   uint64 // allocations refused for lack of room
	BadFree    uint64 // frees of what is no block, or another's
	DoubleFree uint64
	BadUnlock  uint64 // unlocks of what was not held
	Corrupt    uint64 // damaged words met and left alone
	Takeovers  uint64 // locks taken over from dead owners
	Reaps      uint64 // predecessors cleaned up after
	Reaped     uint64 // blocks freed by that
}

func (a *Arena) count(c *uint64) { atomic.AddUint64(c, 1) }

// Stats returns a copy of the counters.
func (a *Arena) Stats() Stats {
	s := &a.hdr.Stats
	l := atomic.LoadUint64
	return Stats{
		l(&s.NoMemory), l(&s.BadFree), l(&s.DoubleFree), l(&s.BadUnlock), l(&s.Corrupt),
		l(&s.Takeovers), l(&s.Reaps), l(&s.Reaped),
	}
}

// Memory is the cheap summary: what the pages say.
type Memory struct {
	Size  uint64 // the limit, with the header
	Data  uint64 // what roots and blocks can have
	Taken uint64 // what they have, free blocks of started pages included
}

// Memory returns the summary.
func (a *Arena) Memory() Memory {
	return Memory{Size: a.size, Data: a.hdr.Pages * PageSize, Taken: atomic.LoadUint64(&a.hdr.PagesUsed) * PageSize}
}

// Usage is a line of the dump: the blocks of one kind in the hands of one owner.
type Usage struct {
	Kind  string
	Root  bool // a named root; Kind is its name
	Owner int  // slot of the process that builds them, -1 for published
	Count int
	Bytes uint64 // asked for
	Held  uint64 // taken, with headers and rounding
}

// Usage walks all pages and says who holds what, largest first. It reads without
// locks: beside running processes the figures are a snapshot in motion.
func (a *Arena) Usage() []Usage {
	type key struct {
		name  string
		root  bool
		owner int
	}
	sum := map[key]*Usage{}
	add := func(k key, bytes, held uint64) {
		u := sum[k]
		if u == nil {
			u = &Usage{Kind: k.name, Root: k.root, Owner: k.owner}
			sum[k] = u
		}
		u.Count, u.Bytes, u.Held = u.Count+1, u.Bytes+bytes, u.Held+held
	}
	for _, r := range a.Roots() {
		add(key{r.Name, true, -1}, r.Size, roundUp(r.Size, PageSize))
	}
	a.eachBlock(func(off uint64, b *block, w word, held uint64) {
		if w.state() == blockOpen || w.state() == blockPublished {
			add(key{w.kind().String(), false, ownerSlot(w.owner())}, uint64(b.Size), held)
		}
	})
	out := make([]Usage, 0, len(sum))
	for _, u := range sum {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(x, y Usage) int {
		return cmp.Or(cmp.Compare(y.Held, x.Held), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Owner, y.Owner))
	})
	return out
}

// eachBlock visits every block there is, free ones included.
func (a *Arena) eachBlock(visit func(off uint64, b *block, w word, held uint64)) {
	for i := a.skip(0); i < a.hdr.Pages; i = a.skip(i) {
		d := a.desc(i)
		if d == 0 {
			i++
			continue
		}
		n := a.step(i, d)
		off := a.pageOff(i)
		switch {
		case d.kind() == pageSpan && d.class() < numClasses:
			size := blockSize(d.class())
			for end := off + n*PageSize; off+size <= end; off += size {
				visit(off, a.block(off), a.block(off).load(), size)
			}
		case d.kind() == pageRun:
			visit(off, a.block(off), a.block(off).load(), n*PageSize)
		}
		i += n
	}
}
