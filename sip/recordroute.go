package sip

// A Record-Route names the socket that the request came in by, and a second one above it the
// socket that it leaves by when that is another (RFC 3261 §16.6 step 4, RFC 5658 §4). Which one
// that is, is known only when the message is built, and for each branch anew.

// Double says when a Record-Route is written twice.
type Double uint8

// The values of Double.
const (
	DoubleNever Double = iota
	DoubleDiffers
	DoubleAlways
	DoubleTransport // when the transports differ; the host is the same in both
)

// RecordRoute is one entry. Its texts are views that must live until the message is built; nothing
// in them is checked.
type RecordRoute struct {
	Line   string // "Record-Route: <sip:user@" and host[:port][;transport=…] of the socket of reception
	Host   int    // where in Line the host begins
	Socket int    // number of that socket, from 1 (see OwnVia); 0 when unknown: then the texts are compared
	Params string // ";lr;ftag=…", up to the closing bracket
	Double Double
}

// EditID names an insertion that may still be changed, until Reset. The zero value names none.
type EditID int32

// twin marks both entries of a pair: who removes one removes the other.
const twin = ";r2=on"

// InsertRecordRoute writes the entry behind what ends at offset, as InsertAfter does.
func (e *Edits) InsertRecordRoute(offset int, r RecordRoute) EditID {
	e.seq++
	e.add(edit{
		at: offset, end: offset, order: orderAfter + e.seq, kind: editRecord,
		text: r.Line, tail: r.Params, n: r.Host, size: r.Socket<<2 | int(r.Double),
	})
	return EditID(e.seq)
}

// SetRecordParams gives the entry that InsertRecordRoute made other parameters; false when it is
// not there (any more).
func (e *Edits) SetRecordParams(id EditID, params string) bool {
	x := e.record(id)
	if x != nil {
		x.tail = params
	}
	return x != nil
}

// DropRecordRoute takes back what InsertRecordRoute did; false when it is not there.
func (e *Edits) DropRecordRoute(id EditID) bool {
	x := e.record(id)
	if x != nil {
		*x = edit{at: x.at, end: x.end, order: x.order} // an insertion of nothing
	}
	return x != nil
}

func (e *Edits) record(id EditID) *edit {
	for i := range e.list {
		if x := &e.list[i]; x.kind == editRecord && x.order == orderAfter+int32(id) {
			return x
		}
	}
	return nil
}

// recordRoute writes the entry, and above it the one of the socket that the message leaves by.
func (b *builder) recordRoute(x *edit) {
	mark := ""
	if b.leavesElsewhere(x) {
		mark = twin
		b.dst = append(append(b.dst, x.text[:x.n]...), b.leavingHost(x)...)
		b.dst = appendTransport(b.dst, b.f.Via.Transport)
		b.dst = append(append(append(b.dst, twin...), x.tail...), ">\r\n"...)
	}
	b.dst = append(append(append(append(b.dst, x.text...), mark...), x.tail...), ">\r\n"...)
}

// leavesElsewhere says whether a second entry is needed.
func (b *builder) leavesElsewhere(x *edit) bool {
	socket, double := x.size>>2, Double(x.size&3)
	switch {
	case b.f == nil || b.f.Via.SentBy == "" || double == DoubleNever:
		return false
	case double == DoubleAlways:
		return true
	case double == DoubleDiffers && socket != 0 && b.f.Via.Socket != 0:
		return socket != b.f.Via.Socket
	}
	host, transport := splitTransport(x.text[x.n:])
	v := &b.f.Via
	return double == DoubleDiffers && !EqualFold(host, v.SentBy) || !EqualFold(transport, v.Transport)
}

func (b *builder) leavingHost(x *edit) string {
	if Double(x.size&3) == DoubleTransport {
		host, _ := splitTransport(x.text[x.n:])
		return host
	}
	return b.f.Via.SentBy
}

const transportParam = ";transport="

// appendTransport appends the URI parameter; UDP is what a URI means without.
func appendTransport(dst []byte, transport string) []byte {
	if EqualFold(transport, "UDP") {
		return dst
	}
	dst = append(dst, transportParam...)
	for i := range len(transport) {
		c := transport[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

func splitTransport(s string) (host, transport string) {
	host, params := cutByte(s, ';')
	if t, ok := Param(params, "transport"); ok {
		return host, t
	}
	return host, "UDP"
}
