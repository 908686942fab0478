package shm

import (
	"errors"
	"fmt"
	"sync/atomic"

	"goser/shm/kill"
)

// ReapReport says what a reap found.
type ReapReport struct {
	Open   int // blocks under construction that were freed, with what they owned
	Cached int // free blocks taken out of the dead process's magazines
}

// Reap cleans up after the dead process that had the slot: it is the first act
// of a successor (for its own slot), and anybody may do it for a slot that is
// dead. The order matters: first every structure is repaired, so that nothing
// unpublished is reachable; then what is unpublished is freed. A reap that dies
// half way is simply done again.
func (p *Proc) Reap(slot int) (rep ReapReport, err error) {
	r := p.a.rowAt(slot)
	if r == nil {
		return rep, fmt.Errorf("shm: reap of process row %d: want 0 to %d", slot, p.a.Slots()-1)
	}
	if slot != p.slot && p.a.Alive(slot) {
		return rep, fmt.Errorf("shm: reap of process row %d: its process %d is alive", slot, atomic.LoadInt32(&r.Pid))
	}
	r.ReapLock.Lock(p)
	defer r.ReapLock.Unlock(p)
	last := atomic.LoadUint32(&r.Gen)
	if slot == p.slot {
		last--
	}
	if atomic.LoadUint32(&r.Reaped) >= last {
		return rep, nil
	}
	p.repairAllocator()
	err = p.repairRoots(slot)
	kill.Point("reap.repaired")
	rep.Open = p.reapOpen(r, slot)
	kill.Point("reap.open")
	rep.Cached = p.reapMags(r, slot)
	kill.Point("reap.mags")
	atomic.StoreUint32(&r.Sweep, 0)
	atomic.StoreUint32(&r.MagLock, 0)
	atomic.StoreUint32(&r.Reaped, last)
	p.a.count(&p.a.hdr.Stats.Reaps)
	return rep, err
}

// repairAllocator passes through every lock of the allocator. Passing matters
// even where the dead process is no longer the owner: somebody who took over
// may still be repairing.
func (p *Proc) repairAllocator() {
	for c := range numClasses {
		for i := range numStripes {
			s := p.a.stripe(c, i)
			p.lockStripe(s, c)
			s.Lock.Unlock(p)
		}
	}
	if p.a.hdr.RootLock.Lock(p) {
		p.undoRoots()
	}
	p.a.hdr.RootLock.Unlock(p)
	p.lockPages()
	p.a.hdr.PageLock.Unlock(p)
}

func (p *Proc) repairRoots(slot int) error {
	var errs []error
	for _, root := range p.a.Roots() {
		info, ok := root.Kind.info()
		if !ok || info.Reap == nil {
			continue
		}
		if err := info.Reap(p, root, slot); err != nil {
			errs = append(errs, fmt.Errorf("shm: reap of row %d in root %q: %w", slot, root.Name, err))
		}
		kill.Point("reap.root")
	}
	return errors.Join(errs...)
}

// dead tells whether the word says that the dead process of that slot has it.
func (p *Proc) dead(w word, s blockState, slot int) bool {
	return w.state() == s && ownerSlot(w.owner()) == slot && w.owner() != p.own
}

// reapOpen frees what was under construction, and what that owned.
func (p *Proc) reapOpen(r *row, slot int) int {
	var list []uint64
	seen := map[uint64]bool{}
	add := func(off uint64) {
		if _, ok := p.a.locate(off); ok && !seen[off] && p.dead(p.a.block(off).load(), blockOpen, slot) {
			seen[off] = true
			list = append(list, off)
		}
	}
	for i := range r.Open {
		add(atomic.LoadUint64(&r.Open[i]))
	}
	if atomic.LoadUint32(&r.Sweep) != 0 {
		p.a.eachBlock(func(off uint64, _ *block, _ word, _ uint64) { add(off) })
	}
	for i := 0; i < len(list); i++ { // grows while we walk
		p.detach(r, list[i], add)
	}
	for _, off := range list {
		p.discard(off, slot)
	}
	p.clearOpen(r)
	p.a.addReaped(len(list))
	return len(list)
}

func (a *Arena) addReaped(n int) { atomic.AddUint64(&a.hdr.Stats.Reaped, uint64(n)) }

// detach prepares a dead block for freeing: its kind cancels what refers to it,
// and what it owns is taken over from it and listed.
func (p *Proc) detach(r *row, off uint64, add func(uint64)) {
	w := p.a.block(off).load()
	info, ok := w.kind().info()
	if !ok {
		return
	}
	if info.Release != nil {
		info.Release(p, off+headerSize)
		kill.Point("reap.release")
	}
	for i := 0; info.Refs != nil; i++ {
		ref := info.Refs(p.a, off+headerSize, i)
		if ref == nil {
			return
		}
		p.adopt(r, w.owner(), atomic.LoadUint64(ref))
		add(atomic.LoadUint64(ref) - headerSize)
		kill.Point("reap.adopt")
		atomic.StoreUint64(ref, 0)
	}
}

// adopt puts a published block in the dead process's name, so that whoever
// finishes this reap finds it.
func (p *Proc) adopt(r *row, owner uint32, off uint64) {
	w, ok := p.a.wordAt(off)
	if !ok || w.state() != blockPublished {
		return
	}
	idx := r.note(off - headerSize)
	kill.Point("reap.note")
	if !p.a.block(off-headerSize).swap(w, newWord(blockOpen, w.class(), w.kind(), owner, idx)) {
		r.forget(idx)
	}
}

// discard returns a dead process's block to where free ones are.
func (p *Proc) discard(off uint64, slot int) {
	class, ok := p.a.locate(off)
	if !ok {
		return
	}
	if class == classRun {
		p.lockPages()
		if p.dead(p.a.block(off).load(), blockOpen, slot) {
			p.a.freePages(p.a.pageOf(off))
		}
		p.a.hdr.PageLock.Unlock(p)
		return
	}
	s := p.a.stripe(class, slot)
	p.lockStripe(s, class)
	defer s.Lock.Unlock(p)
	b := p.a.block(off)
	if w := b.load(); p.dead(w, blockOpen, slot) || p.dead(w, blockMag, slot) {
		s.push(off, b, class)
	}
}

// clearOpen empties the notes, but for those of a successor that could not wait.
func (p *Proc) clearOpen(r *row) {
	for i := range r.Open {
		off := atomic.LoadUint64(&r.Open[i])
		if _, ok := p.a.locate(off); ok && r == p.row {
			if w := p.a.block(off).load(); w.state() == blockOpen && w.owner() == p.own {
				continue
			}
		}
		atomic.CompareAndSwapUint64(&r.Open[i], off, 0)
	}
}

func (p *Proc) reapMags(r *row, slot int) (n int) {
	for c := range r.Mags {
		m := &r.Mags[c]
		for i := range m.Slots {
			off := uint64(atomic.LoadUint32(&m.Slots[i])) << 4
			if class, ok := p.a.locate(off); ok && class == c && p.dead(p.a.block(off).load(), blockMag, slot) {
				p.discard(off, slot)
				n++
			}
			atomic.StoreUint32(&m.Slots[i], 0)
			kill.Point("reap.mag")
		}
		atomic.StoreUint32(&m.N, 0)
	}
	return n
}
