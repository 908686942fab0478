package shm

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// Checker collects what a check finds. The hooks of kinds call its methods.
type Checker struct {
	Blocks int // blocks in use
	Free   int // free blocks on lists and in magazines

	a     *Arena
	seen  map[uint64]string // block to how it was reached
	wrong []error
	more  int
}

const maxWrong = 50 // a damaged list would otherwise fill the log

// Check walks the whole arena and returns everything that is not as it should
// be: every block is either free in exactly one place, under construction by a
// process that lives, or reached from exactly one structure; lists end; what the
// kinds' own checks verify holds. The arena must be at rest: no process may
// change it meanwhile.
func Check(a *Arena) error {
	_, err := CheckReport(a)
	return err
}

// CheckReport is Check with its figures.
func CheckReport(a *Arena) (*Checker, error) {
	c := &Checker{a: a, seen: map[uint64]string{}}
	c.header()
	c.pages()
	c.centralLists()
	c.magazines()
	for _, r := range a.Roots() {
		if info, ok := r.Kind.info(); !ok {
			c.Errorf("root %q has unknown %s", r.Name, r.Kind)
		} else if info.Check != nil {
			info.Check(c, r)
		}
	}
	c.blocks()
	if c.more > 0 {
		c.wrong = append(c.wrong, fmt.Errorf("and %d more", c.more))
	}
	return c, errors.Join(c.wrong...)
}

// Arena returns what is checked.
func (c *Checker) Arena() *Arena { return c.a }

// Errorf reports something wrong.
func (c *Checker) Errorf(format string, args ...any) {
	if len(c.wrong) == maxWrong {
		c.more++
		return
	}
	c.wrong = append(c.wrong, fmt.Errorf("shm: check: "+format, args...))
}

// Reach says that a structure refers to the block at off; by tells which. It
// follows what the block owns. False means that the block is not one that may
// be referred to (it is reported): the structure should not look into it.
func (c *Checker) Reach(off uint64, by string) bool {
	w, ok := c.a.wordAt(off)
	if !ok {
		c.Errorf("%s refers to %#x, where no block starts", by, off)
		return false
	}
	if w.state() != blockPublished {
		c.Errorf("%s refers to block %#x (%s), which is %s", by, off, w.kind(), c.describe(w))
		return false
	}
	if first, dup := c.seen[off-headerSize]; dup {
		c.Errorf("%s refers to block %#x (%s), and so does %s", by, off, w.kind(), first)
		return false
	}
	c.seen[off-headerSize] = by
	if info, ok := w.kind().info(); ok && info.Refs != nil {
		for i := 0; ; i++ {
			ref := info.Refs(c.a, off, i)
			if ref == nil {
				break
			}
			if child := atomic.LoadUint64(ref); child != 0 {
				c.Reach(child, fmt.Sprintf("%s at %#x", w.kind(), off))
			}
		}
	}
	return true
}

// Unlocked reports a lock that is held by a process that is dead.
func (c *Checker) Unlocked(m *Mutex, what string) {
	w := atomic.LoadUint32(&m.word) &^ lockWaiters
	if w != 0 && c.a.ownerDead(w, true) {
		c.Errorf("%s is locked by the dead process of row %d", what, ownerSlot(w))
	}
}

func (c *Checker) describe(w word) string {
	switch w.state() {
	case blockFree:
		return "free"
	case blockMag:
		return fmt.Sprintf("free in row %d", ownerSlot(w.owner()))
	case blockOpen:
		return fmt.Sprintf("under construction by row %d", ownerSlot(w.owner()))
	case blockPublished:
		return "published"
	}
	return fmt.Sprintf("in unknown state %d", w.state())
}

func (c *Checker) header() {
	h := *c.a.hdr
	if err := h.verify(c.a.size); err != nil {
		c.wrong = append(c.wrong, err)
	}
	c.Unlocked(&c.a.hdr.RootLock, "the root table")
	c.Unlocked(&c.a.hdr.PageLock, "the page table")
	for i := range c.a.Slots() {
		r := c.a.rowAt(i)
		c.Unlocked(&r.ReapLock, fmt.Sprintf("the reap of row %d", i))
		if st := State(atomic.LoadUint32(&r.State)); st > Dead {
			c.Errorf("process row %d has unknown %s", i, st)
		}
	}
}

// pages verifies the page table and that roots and pages name each other.
func (c *Checker) pages() {
	roots := map[uint64]uint64{} // page to pages
	for i := range MaxRoots {
		r := c.a.rootAt(i)
		switch st := atomic.LoadUint32(&r.State); {
		case st == rootNone:
		case !c.a.holds(r.Off, r.Size, PageSize):
			c.Errorf("root %q at %#x with %d bytes lies outside the arena", r.name(), r.Off, r.Size)
		case st != rootReady:
			c.Errorf("root %q is unfinished (state %d)", r.name(), st)
		default:
			roots[c.a.pageOf(r.Off)] = (r.Size + PageSize - 1) / PageSize
		}
	}
	used := c.walkPages(roots)
	for page := range roots {
		c.Errorf("the pages of the root at %#x are not taken", c.a.pageOff(page))
	}
	if n := atomic.LoadUint64(&c.a.hdr.PagesUsed); n != used {
		c.Errorf("the page count says %d, there are %d", n, used)
	}
}

func (c *Checker) walkPages(roots map[uint64]uint64) (used uint64) {
	for i := c.a.skip(0); i < c.a.hdr.Pages; i = c.a.skip(i) {
		d := c.a.desc(i)
		if d == 0 {
			i++
			continue
		}
		n := d.len()
		if n == 0 || n > c.a.hdr.Pages-i {
			c.Errorf("page %d starts %d pages of %d", i, n, c.a.hdr.Pages)
			n = 1
		}
		switch k := d.kind(); {
		case k == pageRoot && roots[i] != n:
			c.Errorf("page %d starts a root of %d pages that no root row names", i, n)
		case k == pageRoot:
			delete(roots, i)
		case k == pageSpan && (d.class() >= numClasses || n > maxSpan || n*PageSize < blockSize(d.class())):
			c.Errorf("page %d starts a span of class %d with %d pages", i, d.class(), n)
		case k == 0:
			c.Errorf("page %d is described as %#x, which is of no kind", i, uint64(d))
		}
		i, used = i+n, used+n
	}
	return used
}

func (c *Checker) centralLists() {
	for class := range numClasses {
		for i := range numStripes {
			s := c.a.stripe(class, i)
			what := fmt.Sprintf("free list %d of class %d", i, class)
			c.Unlocked(&s.Lock, what)
			if s.Pending != 0 {
				c.Errorf("%s has an unfinished span", what)
			}
			for off := s.Head; off != 0 && c.free(off, class, blockFree, what); off = c.a.block(off).next() {
			}
		}
	}
}

// free marks a block that a list or magazine holds.
func (c *Checker) free(off uint64, class int, want blockState, what string) bool {
	got, ok := c.a.locate(off)
	if !ok || got != class {
		c.Errorf("%s holds %#x, where no block of its class starts", what, off)
		return false
	}
	if w := c.a.block(off).load(); w.state() != want {
		c.Errorf("%s holds block %#x, which is %s", what, off, c.describe(w))
		return false
	}
	if first, dup := c.seen[off]; dup {
		c.Errorf("%s holds block %#x, and so does %s", what, off, first)
		return false
	}
	c.seen[off] = what
	c.Free++
	return true
}

func (c *Checker) magazines() {
	for slot := range c.a.Slots() {
		r := c.a.rowAt(slot)
		if r.State == uint32(Free) {
			continue
		}
		for class := range r.Mags {
			m := &r.Mags[class]
			what := fmt.Sprintf("magazine of row %d, class %d", slot, class)
			if m.N > magSlots {
				c.Errorf("%s says it holds %d", what, m.N)
				continue
			}
			for _, b := range m.Slots[:m.N] {
				c.free(uint64(b)<<4, class, blockMag, what)
			}
		}
	}
}

// blocks looks at every block: was it found where its word says it is?
func (c *Checker) blocks() {
	c.a.eachBlock(func(off uint64, b *block, w word, held uint64) {
		by, reached := c.seen[off]
		switch st := w.state(); {
		case st == blockOpen:
			c.Blocks++
			c.openBlock(off, w)
		case st == blockPublished && !reached:
			c.Errorf("block %#x (%s, %d bytes) is lost: nothing refers to it", off+headerSize, w.kind(), b.Size)
		case (st == blockFree || st == blockMag) && !reached:
			c.Errorf("block %#x is lost: it is %s but in no list", off+headerSize, c.describe(w))
		case st < blockFree || st > blockPublished:
			c.Errorf("block %#x is %s", off+headerSize, c.describe(w))
		case st == blockPublished:
			c.Blocks++
			if uint64(b.Size)+headerSize > held {
				c.Errorf("block %#x (by %s) says %d bytes but has room for %d", off+headerSize, by, b.Size, held-headerSize)
			}
		}
	})
}

func (c *Checker) openBlock(off uint64, w word) {
	slot := ownerSlot(w.owner())
	r := c.a.rowAt(slot)
	if r == nil || ownerTag(slot, atomic.LoadUint32(&r.Gen)) != w.owner() || !c.a.Alive(slot) {
		c.Errorf("block %#x (%s) is under construction by a dead process (row %d)", off+headerSize, w.kind(), slot)
		return
	}
	noted := w.open() > 0 && w.open() <= openSlots && atomic.LoadUint64(&r.Open[w.open()-1]) == off
	if !noted && atomic.LoadUint32(&r.Sweep) == 0 {
		c.Errorf("block %#x (%s) under construction is not in the notes of row %d", off+headerSize, w.kind(), slot)
	}
}
