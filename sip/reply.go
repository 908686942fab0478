package sip

import "strconv"

// Reply says how to answer a request (RFC 3261 §8.2.6).
type Reply struct {
	Code        int
	Reason      string
	ToTag       string // given to a To that has none; "" for none
	Fix         ViaFix // for the top Via
	RecordRoute bool   // copy Record-Route; see CopiesRecordRoute
	Headers     string // further header lines; a missing line end is added
	ServerLine  string // "Server: ...", without line end; "" for none
	ContentType string
	Body        string
}

// CopiesRecordRoute says whether a reply with this code may make a dialog, so that Record-Route
// must be in it (RFC 3261 §12.1.1). KAMAILIO: 5.6 copies it into the same replies.
func CopiesRecordRoute(code int) bool { return code > 100 && code < 300 }

// AppendReply appends the reply to m: Via, Record-Route, From, To, Call-ID, CSeq, Headers,
// ServerLine, Content-Type, Content-Length. A header that m lacks is left out, so that even
// RFC 4475 §3.3.1 can be answered. Line ends in Reason become spaces.
func AppendReply(dst []byte, m *Msg, r *Reply) []byte {
	b := builder{dst: dst, m: m}
	b.statusLine(r.Code, r.Reason)
	b.replyVias(&r.Fix)
	if r.RecordRoute {
		b.copyAll(HdrRecordRoute, "Record-Route: ")
	}
	b.copyFirst(HdrFrom, "From: ")
	b.replyTo(r.ToTag)
	b.copyFirst(HdrCallID, "Call-ID: ")
	b.copyFirst(HdrCSeq, "CSeq: ")
	d := appendLines(b.dst, r.Headers)
	d = appendLines(d, r.ServerLine)
	if r.ContentType != "" {
		d = append(AppendClean(append(d, "Content-Type: "...), r.ContentType), "\r\n"...)
	}
	d = strconv.AppendInt(append(d, "Content-Length: "...), int64(len(r.Body)), 10)
	d = append(d, "\r\n\r\n"...)
	return append(d, r.Body...)
}

func (b *builder) statusLine(code int, reason string) {
	d := append(b.dst, "SIP/2.0 "...)
	d = append(strconv.AppendInt(d, int64(code), 10), ' ')
	b.dst = append(AppendClean(d, reason), "\r\n"...)
}

// replyVias copies every Via in order (RFC 3261 §8.2.6.2), the top one completed.
func (b *builder) replyVias(f *ViaFix) {
	if top, err := b.m.Via(0); err == nil {
		b.fixVia(top, f)
	}
	b.copyAll(HdrVia, "Via: ")
}

func (b *builder) copyAll(t HeaderType, name string) {
	for h := b.m.First(t); h != nil; h = b.m.Next(h) {
		b.copyBody(h, name)
		b.dst = append(b.dst, "\r\n"...)
	}
}

func (b *builder) copyFirst(t HeaderType, name string) {
	if h := b.m.First(t); h != nil {
		b.copyBody(h, name)
		b.dst = append(b.dst, "\r\n"...)
	}
}

// copyBody copies a header without its line end, with our own edits that fall into it. An edit at
// the very end of the body belongs to it too.
func (b *builder) copyBody(h *Header, name string) {
	b.dst = append(b.dst, name...)
	b.span(h.BodyStart, h.BodyEnd(), b.m.flaws&flawBareLF != 0)
	for b.iOwn < b.nOwn && b.own[b.iOwn].at == h.BodyEnd() {
		b.write(&b.own[b.iOwn])
		b.iOwn++
	}
}

func (b *builder) replyTo(tag string) {
	h := b.m.First(HdrTo)
	if h == nil {
		return
	}
	b.copyBody(h, "To: ")
	if to, _ := b.m.To(); tag != "" && to.Tag == "" {
		b.dst = AppendClean(append(b.dst, ";tag="...), tag)
	}
	b.dst = append(b.dst, "\r\n"...)
}
