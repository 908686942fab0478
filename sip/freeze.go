package sip

import "encoding/binary"

// AppendBinary appends the changes in a form that LoadBinary reads, for those
// who keep a message longer than its buffers. No changes append nothing.
func (e *Edits) AppendBinary(dst []byte) []byte {
	if e.Len() == 0 {
		return dst
	}
	dst = appendUint(dst, uint64(len(e.list)), uint64(e.seq), flag(e.body), uint64(uint32(e.typed)), uint64(len(e.newBody)), uint64(len(e.scratch)))
	for i := range e.list {
		x := &e.list[i]
		dst = appendUint(dst, uint64(x.at), uint64(x.end), uint64(uint32(x.order)), uint64(x.kind),
			uint64(uint32(x.n)), uint64(uint32(x.size)), uint64(len(x.text)), uint64(len(x.tail)))
		dst = append(append(dst, x.text...), x.tail...)
	}
	return append(append(dst, e.newBody...), e.scratch...)
}

// LoadBinary replaces the changes by those that AppendBinary wrote for a
// message of size bytes. Texts are views of s. False: s is damaged, and there
// are no changes.
func (e *Edits) LoadBinary(s string, size int) bool {
	e.Reset()
	if s == "" {
		return true
	}
	r := reader{s: s}
	n, seq, body, typed, bodyLen, scratch := r.num(), r.num(), r.num(), r.num(), r.num(), r.num()
	for ; n > 0 && !r.bad; n-- {
		x := edit{
			at: r.num(), end: r.num(), order: int32(uint32(r.num())), kind: editKind(r.num()),
			n: int(int32(uint32(r.num()))), size: int(int32(uint32(r.num()))),
		}
		text, tail := r.num(), r.num()
		x.text, x.tail = r.text(text), r.text(tail)
		if x.at > size || x.end < x.at || x.end > size || x.kind > editRecord ||
			x.kind == editScratch && (x.n < 0 || x.size < 0 || x.n+x.size > scratch) ||
			x.kind == editRecord && (x.n < 0 || x.n > len(x.text)) {
			r.bad = true
		}
		e.list = append(e.list, x)
	}
	e.seq, e.body, e.typed, e.newBody = int32(seq), body != 0, int32(uint32(typed)), r.text(bodyLen)
	e.scratch = append(e.scratch, r.text(scratch)...)
	if e.sorted = false; r.bad || r.s != "" {
		e.Reset()
		return false
	}
	return true
}

// CopyFrom makes e the same as o. The texts are shared.
func (e *Edits) CopyFrom(o *Edits) {
	e.list, e.scratch = append(e.list[:0], o.list...), append(e.scratch[:0], o.scratch...)
	e.seq, e.sorted, e.body, e.newBody, e.typed = o.seq, o.sorted, o.body, o.newBody, o.typed
}

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func appendUint(dst []byte, ns ...uint64) []byte {
	for _, n := range ns {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

// reader reads what appendUint wrote.
type reader struct {
	s   string
	bad bool
}

func (r *reader) num() int {
	var n uint64
	for i := 0; i < len(r.s) && i < 5; i++ {
		n |= uint64(r.s[i]&0x7f) << (7 * i)
		if r.s[i] < 0x80 {
			r.s = r.s[i+1:]
			return int(n)
		}
	}
	r.bad, r.s = true, ""
	return 0
}

func (r *reader) text(n int) string {
	if n < 0 || n > len(r.s) {
		r.bad, r.s = true, ""
		return ""
	}
	t := r.s[:n]
	r.s = r.s[n:]
	return t
}
