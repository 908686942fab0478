package sip

import (
	"strconv"
	"strings"
)

// AppendTo appends the message with the edits, and a Content-Length that fits.
func (e *Edits) AppendTo(dst []byte, m *Msg) []byte {
	b := builder{dst: dst, m: m, e: e}
	b.fitContentLength(false)
	if m.newStatus {
		b.statusLine(m.StatusCode, m.newReason)
		b.headers(m.headersAt)
	} else {
		b.headers(m.start)
	}
	return b.body()
}

// AppendApplied is AppendTo with ruri as the Request-URI; "" keeps the received one.
func (e *Edits) AppendApplied(dst []byte, m *Msg, ruri string) []byte {
	if !m.IsRequest || ruri == "" {
		return e.AppendTo(dst, m)
	}
	b := builder{dst: dst, m: m, e: e}
	b.fitContentLength(false)
	b.requestLine(ruri)
	b.headers(m.headersAt)
	return b.body()
}

// builder writes one message in one pass: what stands in Raw, the user's edits, and our own.
type builder struct {
	dst  []byte
	m    *Msg
	e    *Edits
	f    *Forward
	own  [6]edit // in order; see addOwn
	nOwn int
	iOwn int // the next of ours
	iUse int // the next of the user's
}

// addOwn makes room for an edit of ours in its place, all but at, end and order zero: our Via, what it
// leaves out, received, rport, Max-Forwards and Content-Length, one of each at most.
func (b *builder) addOwn(s Span, order int32) *edit {
	i := b.nOwn
	for ; i > 0 && (s.Start < b.own[i-1].at || s.Start == b.own[i-1].at && order < b.own[i-1].order); i-- {
		b.own[i] = b.own[i-1]
	}
	x := &b.own[i]
	*x = edit{}
	x.at, x.end, x.order = s.Start, s.End, order
	b.nOwn++
	return x
}

// next is the next edit that begins before end, nil when there is none.
func (b *builder) next(user []edit, end int) (x *edit, ours bool) {
	if b.iUse < len(user) && user[b.iUse].at < end {
		x = &user[b.iUse]
	}
	if b.iOwn < b.nOwn && b.own[b.iOwn].at < end && (x == nil || b.own[b.iOwn].before(x)) {
		b.iOwn++
		return &b.own[b.iOwn-1], true
	}
	if x != nil {
		b.iUse++
	}
	return x, false
}

// span writes Raw[pos:end) with all edits that begin before end; mend turns LF into CRLF.
func (b *builder) span(pos, end int, mend bool) {
	user := b.e.ordered()
	for x, ours := b.next(user, end); x != nil; x, ours = b.next(user, end) {
		if x.at < pos && (x.order >= orderUpdate || ours && x.order >= orderReplace) {
			continue // what it would change is deleted
		}
		if x.at > pos {
			b.copy(b.m.Raw[pos:x.at], mend)
			pos = x.at
		}
		b.write(x)
		pos = max(pos, min(x.end, end))
	}
	b.copy(b.m.Raw[pos:end], mend)
}

func (b *builder) copy(s string, mend bool) {
	if mend {
		b.dst = appendMended(b.dst, s)
		return
	}
	b.dst = append(b.dst, s...)
}

func (b *builder) write(x *edit) {
	switch x.kind {
	case editText:
		b.dst = append(b.dst, x.text...)
		b.dst = append(b.dst, x.tail...)
	case editScratch:
		b.dst = append(b.dst, b.e.scratch[x.n:x.n+x.size]...)
	case editNumber:
		b.dst = append(b.dst, x.text...)
		b.dst = strconv.AppendInt(b.dst, int64(x.n), 10)
		b.dst = append(b.dst, x.tail...)
	case editVia:
		b.ownVia()
	case editRecord:
		b.recordRoute(x)
	}
}

// headers writes from pos up to the body; pos may lie behind edits that are then left out.
func (b *builder) headers(pos int) {
	user := b.e.ordered()
	for b.iUse < len(user) && user[b.iUse].at < pos {
		b.iUse++
	}
	b.span(pos, b.m.bodyAt, b.m.flaws&flawBareLF != 0)
}

func (b *builder) body() []byte {
	if b.e != nil && b.e.body {
		return append(b.dst, b.e.newBody...)
	}
	m := b.m
	end := m.bodyAt + len(m.Body)
	if user := b.e.ordered(); b.iUse < len(user) {
		b.span(m.bodyAt, end, false)
		for ; b.iUse < len(user) && user[b.iUse].at == end; b.iUse++ {
			b.write(&user[b.iUse])
		}
		return b.dst
	}
	return append(b.dst, m.Body...)
}

// bodyLen is the length that body will write.
func (b *builder) bodyLen() int {
	if b.e == nil {
		return len(b.m.Body)
	}
	if b.e.body {
		return len(b.e.newBody)
	}
	pos := b.m.bodyAt
	end, n := pos+len(b.m.Body), 0
	for _, x := range b.e.ordered() {
		if x.at < b.m.bodyAt || x.at > end {
			continue
		}
		n += max(0, x.at-pos) + x.length()
		pos = max(pos, x.at, min(x.end, end))
	}
	return n + end - pos
}

// length is what a user's edit writes.
func (x *edit) length() int {
	if x.kind == editScratch {
		return x.size
	}
	return len(x.text)
}

// fitContentLength corrects the header; where there is none it adds one if the body changed or
// always is set.
func (b *builder) fitContentLength(always bool) {
	m, n := b.m, b.bodyLen()
	h := m.First(HdrContentLength)
	if h == nil {
		if always || n != len(m.Body) || b.e != nil && b.e.body {
			x := b.addOwn(Span{m.lastHdr, m.lastHdr}, orderAfter)
			x.kind, x.text, x.n, x.tail = editNumber, "Content-Length: ", n, "\r\n"
		}
		return
	}
	if old, err := m.ContentLength(); err != nil || old != n {
		x := b.addOwn(Span{h.BodyStart, h.BodyEnd()}, orderReplace)
		x.kind, x.n = editNumber, n
	}
}

// appendMended appends header text whose lines may end in LF alone with lines that end in CRLF.
func appendMended(dst []byte, s string) []byte {
	for s != "" {
		n := strings.IndexByte(s, '\n')
		if n < 0 {
			return append(dst, s...)
		}
		dst = append(dst, strings.TrimSuffix(s[:n], "\r")...)
		dst = append(dst, "\r\n"...)
		s = s[n+1:]
	}
	return dst
}

// AppendClean appends s with every CR and LF turned into a space, so that what a stranger sent
// cannot begin a line of its own.
func AppendClean(dst []byte, s string) []byte {
	for {
		n := lineBreak(s, 0)
		if n == len(s) {
			return append(dst, s...)
		}
		dst = append(append(dst, s[:n]...), ' ')
		s = s[n+1:]
	}
}

// appendLines appends header lines, each ended with CRLF; empty lines, which would begin the
// body, are left out.
func appendLines(dst []byte, s string) []byte {
	for s != "" {
		var line string
		line, s = cutByte(s, '\n')
		if line = strings.TrimRight(line, "\r"); line != "" {
			dst = AppendClean(dst, line)
			dst = append(dst, "\r\n"...)
		}
	}
	return dst
}

// appendURI appends a Request-URI; what would break the request line is escaped.
func appendURI(dst []byte, s string) []byte {
	if !has(s, clBadURI) {
		return append(dst, s...)
	}
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; c <= 0x20 || c == 0x7f {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}
