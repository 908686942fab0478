package sip

import (
	"cmp"
	"slices"
)

// Edits are changes to a message, collected by their offset in Msg.Raw and written when the
// message is built. The zero value is ready; Reset makes it ready again. Texts are views that
// must live until then; Text makes one in a buffer that the Edits own.
//
// At one offset, what was inserted after what ends there comes before what was inserted before
// what begins there, and of the same kind the earlier before the later (InsertAbove: the later
// first). Deletions may overlap. An insertion inside deleted text is still written.
type Edits struct {
	list    []edit
	seq     int32
	sorted  bool
	scratch []byte
	body    bool // the whole body is replaced
	newBody string
	typed   int32 // order of what SetContentType wrote; 0 if nothing yet
}

// edit deletes [at, end) and writes something in its place: text, then what kind says.
type edit struct {
	at, end int
	order   int32 // among those at the same offset
	kind    editKind
	n       int    // editNumber: the number; editScratch: where in scratch
	text    string // editScratch: unused
	tail    string // editText, editNumber: behind text
	size    int    // editScratch: bytes of scratch
}

type editKind uint8

const (
	editText editKind = iota
	editScratch
	editNumber // text, then n in decimal, then tail
	editVia    // our own Via
	editRecord // see RecordRoute: text, n is where the host begins, size socket and Double, tail
)

// The orders at one offset: insertions after what ends there (rising), insertions above (falling,
// the later first), insertions before what begins there (rising), our own Via, replacements, updates.
const (
	orderAfter   int32 = -7 << 28
	orderAbove   int32 = -4 << 28
	orderBefore  int32 = -3 << 28
	orderVia     int32 = 0
	orderReplace int32 = 1
	orderUpdate  int32 = 1 << 28
)

// Reset forgets all changes.
func (e *Edits) Reset() {
	e.list, e.scratch = e.list[:0], e.scratch[:0]
	e.seq, e.sorted, e.body, e.newBody, e.typed = 0, true, false, "", 0
}

// Len is the number of changes collected.
func (e *Edits) Len() int {
	if e == nil {
		return 0
	}
	n := len(e.list)
	if e.body {
		n++
	}
	return n
}

// InsertBefore writes text in front of what begins at offset, below earlier InsertBefores there.
func (e *Edits) InsertBefore(offset int, text string) {
	e.seq++
	e.add(edit{at: offset, end: offset, order: orderBefore + e.seq, text: text})
}

// InsertBeforeBytes is InsertBefore with a copy of text.
func (e *Edits) InsertBeforeBytes(offset int, text []byte) {
	e.InsertBefore(offset, "")
	e.keep(text)
}

// InsertAbove is InsertBefore above all that is inserted before the same offset.
func (e *Edits) InsertAbove(offset int, text string) {
	e.seq++
	e.add(edit{at: offset, end: offset, order: orderAbove - e.seq, text: text})
}

// InsertAfter writes text behind what ends at offset, below earlier InsertAfters there.
func (e *Edits) InsertAfter(offset int, text string) {
	e.seq++
	e.add(edit{at: offset, end: offset, order: orderAfter + e.seq, text: text})
}

// InsertAfterBytes is InsertAfter with a copy of text.
func (e *Edits) InsertAfterBytes(offset int, text []byte) {
	e.InsertAfter(offset, "")
	e.keep(text)
}

// Delete leaves [start, end) out.
func (e *Edits) Delete(start, end int) { e.Replace(start, end, "") }

// Replace writes text instead of [start, end).
func (e *Edits) Replace(start, end int, text string) {
	e.seq++
	e.add(edit{at: start, end: max(start, end), order: orderReplace + e.seq, text: text})
}

// Has says whether text is written at offset already.
func (e *Edits) Has(offset int, text string) bool {
	return slices.ContainsFunc(e.list, func(x edit) bool { return x.at == offset && x.kind == editText && x.text == text })
}

// Update is Replace for what the server itself keeps right: where a deletion that begins earlier takes the place away, the
// new text goes with it.
func (e *Edits) Update(start, end int, text string) {
	e.seq++
	e.add(edit{at: start, end: max(start, end), order: orderUpdate + e.seq, text: text})
}

// ReplaceBytes is Replace with a copy of text.
func (e *Edits) ReplaceBytes(start, end int, text []byte) {
	e.Replace(start, end, "")
	e.keep(text)
}

// keep copies text into the scratch buffer for the edit added last.
func (e *Edits) keep(text []byte) {
	x := &e.list[len(e.list)-1]
	x.kind, x.n, x.size = editScratch, len(e.scratch), len(text)
	e.scratch = append(e.scratch, text...)
}

// DeleteHeader leaves a whole header out.
func (e *Edits) DeleteHeader(h *Header) { e.Delete(h.Start, h.End) }

// DeleteValue leaves one of a header's values out, the header too when it has no other. To delete
// all values of a header, delete the header.
func (e *Edits) DeleteValue(it *ValueIter) {
	s := it.cut()
	e.Delete(s.Start, s.End)
}

// PrependHeader puts complete lines above the first header, and below those put there before. All
// of them stand above the Via that AppendForward adds. (KAMAILIO: 5.6 does so too.)
func (e *Edits) PrependHeader(m *Msg, lines string) { e.InsertBefore(m.headersAt, lines) }

// AppendHeader puts complete lines below the last header, and below those put there before.
func (e *Edits) AppendHeader(m *Msg, lines string) { e.InsertAfter(m.lastHdr, lines) }

// SetContentType writes lines below the last header in place of every Content-Type of the message
// and of what an earlier SetContentType wrote.
func (e *Edits) SetContentType(m *Msg, lines string) {
	for i := range e.list {
		if x := &e.list[i]; e.typed != 0 && x.order == e.typed {
			x.text = lines
			return
		}
	}
	for h := m.First(HdrContentType); h != nil; h = m.Next(h) {
		e.DeleteHeader(h)
	}
	e.AppendHeader(m, lines)
	e.typed = e.list[len(e.list)-1].order
}

// SetBody replaces the body. Content-Length follows.
func (e *Edits) SetBody(body string) { e.body, e.newBody = true, body }

func (e *Edits) add(x edit) {
	if n := len(e.list); n > 0 && x.before(&e.list[n-1]) {
		e.sorted = false
	} else if n == 0 {
		e.sorted = true
	}
	e.list = append(e.list, x)
}

func (x *edit) before(y *edit) bool { return x.at < y.at || x.at == y.at && x.order < y.order }

func compareEdits(x, y edit) int {
	if c := cmp.Compare(x.at, y.at); c != 0 {
		return c
	}
	return cmp.Compare(x.order, y.order)
}

// ordered are the changes in the order they are written.
func (e *Edits) ordered() []edit {
	if e == nil {
		return nil
	}
	if !e.sorted {
		slices.SortStableFunc(e.list, compareEdits)
		e.sorted = true
	}
	return e.list
}
