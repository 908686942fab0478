package tm

import (
	"sync/atomic"
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
)

// tail is the room behind a structure in its block.
func (s *state) tail(off, head, n uint64) []byte {
	if off == 0 || head+n > s.arena.SizeOf(off) {
		return nil
	}
	return s.arena.Bytes(off+head, n)
}

func text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b))
}

// bytes of a blob, nil if there are none.
func (s *state) blob(o shm.Own[blob]) []byte {
	b := o.Get(s.arena)
	if b == nil {
		return nil
	}
	return s.tail(o.Off(), blobSize, uint64(atomic.LoadUint32(&b.Len)))
}

// sent are the bytes that a branch sent.
func (s *state) sent(t *tx, i int) []byte {
	o := t.Branches[i]
	if b := o.Get(s.arena); b != nil {
		return s.tail(o.Off(), branchSize, uint64(b.Len))
	}
	return nil
}

// store puts data into a blob of t, in place if there is room: who dies in
// here leaves it empty, so this is for what is made again. False means that the
// arena is full; then the blob is as it was.
func (s *state) store(t *tx, slot *shm.Own[blob], data []byte) bool {
	if b := slot.Get(s.arena); b != nil && uint32(len(data)) <= b.Cap {
		atomic.StoreUint32(&b.Len, 0)
		kill.Point("tm.store.1")
		copy(s.tail(slot.Off(), blobSize, uint64(len(data))), data)
		kill.Point("tm.store.2")
		atomic.StoreUint32(&b.Len, uint32(len(data)))
		return true
	}
	return s.replace(t, slot, data)
}

// replace puts data into a blob of t at once: whoever dies, it is the old or
// the new.
func (s *state) replace(t *tx, slot *shm.Own[blob], data []byte) bool {
	room := (uint64(len(data)) + blobSize + 127) &^ 127
	off, ok := s.proc.Alloc(kindBlob, room)
	if !ok {
		s.full()
		return false
	}
	b := shm.View[blob](s.arena, off)
	b.Len, b.Cap = uint32(len(data)), uint32(room-blobSize)
	copy(s.tail(off, blobSize, uint64(len(data))), data)
	s.link(t, (*uint64)(unsafe.Pointer(slot)), off)
	return true
}

// link makes a block under construction part of t in place of what the slot
// refers to now. Whoever takes t's lock over from a process that died in here
// finds Intent and Old and finishes (see mend).
func (s *state) link(t *tx, slot *uint64, off uint64) {
	old := *slot
	t.Intent, t.Old = off, old
	kill.Point("tm.link.1")
	atomic.StoreUint64(slot, off)
	kill.Point("tm.link.2")
	_ = s.proc.Publish(off)
	kill.Point("tm.link.3")
	if old != 0 {
		_ = s.proc.Retire(old)
		kill.Point("tm.link.4")
	}
	atomic.StoreUint64(&t.Intent, 0)
	kill.Point("tm.link.5")
	t.Old = 0
	if old != 0 {
		_ = s.proc.FreeTree(old)
	}
}

// mend finishes what a dead process was at with t, whose lock p holds. It may
// be done again.
func mend(p *shm.Proc, t *tx) {
	a := p.Arena()
	intent, old := atomic.LoadUint64(&t.Intent), atomic.LoadUint64(&t.Old)
	if intent != 0 && refers(a, t, intent) {
		p.Rescue(intent)
	}
	kill.Point("tm.mend.1")
	if old != 0 && !refers(a, t, old) && a.Published(old) {
		_ = p.Dispose(old, func() { atomic.StoreUint64(&t.Old, 0) })
	}
	kill.Point("tm.mend.2")
	atomic.StoreUint64(&t.Old, 0)
	atomic.StoreUint64(&t.Intent, 0)
}

// refers tells whether t reaches the block.
func refers(a *shm.Arena, t *tx, off uint64) bool {
	if t.Request.Off() == off || t.Reply.Off() == off || t.AVPs.Off() == off || t.Reason.Off() == off {
		return true
	}
	for i := range t.Branches {
		o := t.Branches[i]
		if o.Off() == off {
			return true
		}
		if b := o.Get(a); o != 0 && b != nil && b.Reply.Off() == off {
			return true
		}
	}
	return false
}
