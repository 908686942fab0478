package shm

import (
	"cmp"
	"slices"
)

// Holding is a line of the whole dump: blocks of one kind and size in the hands
// of one owner.
type Holding struct {
	Usage
	Free  bool   // blocks without a use: at hand of Owner, or, with -1, of all
	Class uint64 // bytes of such a block with its header; 0 for what has pages of its own
}

// Usage is a line of the summary: the blocks of one kind in the hands of one
// owner.
type Usage struct {
	Kind  string
	Root  bool // a named root; Kind is its name
	Owner int  // slot of the process that builds them, -1 for published
	Count int
	Bytes uint64 // asked for
	Held  uint64 // taken, with headers and rounding
}

// add counts one more.
func (u *Usage) add(count int, bytes, held uint64) {
	u.Count, u.Bytes, u.Held = u.Count+count, u.Bytes+bytes, u.Held+held
}

func (u *Usage) compare(v *Usage) int {
	return cmp.Or(cmp.Compare(v.Held, u.Held), cmp.Compare(u.Kind, v.Kind), cmp.Compare(u.Owner, v.Owner))
}

// Holdings walks all pages and says who holds what, largest first. It reads
// without locks: beside running processes the figures are a snapshot in motion.
// What is missing to the memory taken is the rest of pages that blocks of that
// size do not fill.
func (a *Arena) Holdings() []Holding {
	type key struct {
		name       string
		root, free bool
		owner      int
		class      uint64
	}
	sum := map[key]*Holding{}
	add := func(k key, bytes, held uint64) {
		h := sum[k]
		if h == nil {
			h = &Holding{Usage: Usage{Kind: k.name, Root: k.root, Owner: k.owner}, Free: k.free, Class: k.class}
			sum[k] = h
		}
		h.add(1, bytes, held)
	}
	for _, r := range a.Roots() {
		add(key{name: r.Name, root: true, owner: -1}, r.Size, roundUp(r.Size, PageSize))
	}
	a.eachBlock(func(off uint64, b *block, w word, held uint64) {
		k := key{owner: ownerSlot(w.owner()), class: held}
		if w.class() == classRun {
			k.class = 0
		}
		switch w.state() {
		case blockOpen, blockPublished:
			k.name = w.kind().String()
			add(k, uint64(b.Size), held)
		case blockMag, blockFree:
			k.free = true
			add(k, 0, held)
		}
	})
	out := make([]Holding, 0, len(sum))
	for _, h := range sum {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(x, y Holding) int { return cmp.Or(x.compare(&y.Usage), cmp.Compare(x.Class, y.Class)) })
	return out
}

// Usage is the summary of what is in use, largest first.
func (a *Arena) Usage() []Usage { return Summary(a.Holdings()) }

// Summary adds up what is in use, whatever its size, largest first.
func Summary(all []Holding) []Usage {
	type key struct {
		name  string
		root  bool
		owner int
	}
	sum := map[key]int{}
	var out []Usage
	for _, h := range all {
		if h.Free {
			continue
		}
		k := key{h.Kind, h.Root, h.Owner}
		i, ok := sum[k]
		if !ok {
			i, sum[k] = len(out), len(out)
			out = append(out, Usage{Kind: h.Kind, Root: h.Root, Owner: h.Owner})
		}
		out[i].add(h.Count, h.Bytes, h.Held)
	}
	slices.SortFunc(out, func(x, y Usage) int { return x.compare(&y) })
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
