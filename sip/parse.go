package sip

import "slices"

// Parse takes raw, one whole message, apart: the start line and the header offsets, nothing more.
// It returns nil or a *ParseError. After an error the message still holds all headers found, so
// that AppendReply can answer what can be answered.
func (m *Msg) Parse(raw string) error {
	m.reset(raw)
	for m.start < len(raw) && (raw[m.start] == '\r' || raw[m.start] == '\n') {
		m.start++ // RFC 3261 §7.5
	}
	if m.startLine() {
		m.headerLines()
		m.takeBody()
	}
	if m.err.Msg == "" {
		return nil
	}
	return m.verdict()
}

// IsKeepalive says whether a datagram is nothing but line ends and NULs, which clients behind NAT
// send to keep their binding (RFC 5626 §3.5.1).
func IsKeepalive(raw string) bool {
	for i := range len(raw) {
		if c := raw[i]; c != '\r' && c != '\n' && c != 0 {
			return false
		}
	}
	return true
}

// Opaque takes bytes that are not looked into: of the message there is nothing but Raw.
func (m *Msg) Opaque(raw string) { m.reset(raw) }

func (m *Msg) reset(raw string) {
	if m.have != m.Limits || m.limits.MaxHeaders == 0 {
		m.have, m.limits = m.Limits, m.Limits.withDefaults()
	}
	m.Raw, m.IsRequest = raw, false
	m.MethodName, m.Method, m.RURI = "", 0, ""
	m.StatusCode, m.Reason, m.Version = 0, "", ""
	m.Headers, m.Body = m.Headers[:0], ""
	m.start, m.headersAt, m.bodyAt, m.lastHdr = 0, len(raw), len(raw), len(raw)
	m.ruriAt, m.flaws, m.flawAt = 0, 0, 0
	m.newStatus, m.newReason = false, ""
	clear(m.chains[:])
	m.err = ParseError{}
	m.done, m.vias, m.viaErr = 0, m.vias[:0], nil
	m.viaHdr, m.viaPos = nil, 0
}

// fail records the first thing that is wrong.
func (m *Msg) fail(code int, reason, header string, offset int, msg string) {
	if m.err.Msg == "" {
		m.err = ParseError{code, reason, header, offset, msg}
	}
}

// verdict is the recorded error, with the code taken away where nobody can or may be answered:
// replies, ACK (RFC 3261 §17), and requests without a Via to answer to.
func (m *Msg) verdict() *ParseError {
	if m.err.Code != 0 {
		if v, err := m.Via(0); !m.IsRequest || m.Method == MethodAck || err != nil && v.Host == "" {
			m.err.Code = 0
		}
	}
	return &m.err
}

// headerLines finds every header up to the empty line.
func (m *Msg) headerLines() {
	raw, pos := m.Raw, m.headersAt
	for {
		m.lastHdr = pos
		if pos-m.start > m.limits.MaxHeaderBytes {
			m.fail(513, "Message Too Large", "", pos, "headers exceed the limit of bytes")
			return
		}
		if n := emptyLine(raw, pos); n > 0 {
			if n == 1 {
				m.flaws |= flawBareLF
			}
			m.bodyAt = pos + n
			return
		}
		t, n := knownName(raw[pos:])
		colon := pos + n
		if t == HdrOther {
			t, n, colon = otherName(raw, pos)
		}
		end := m.lineEnd(pos + n)
		if end < 0 {
			m.fail(400, "Bad Request", "", len(raw), "no empty line behind the headers")
			return
		}
		if len(m.Headers) >= m.limits.MaxHeaders {
			m.fail(513, "Message Too Large", "", pos, "more headers than the limit")
			return
		}
		if t == HdrBad {
			m.flaw(flawHeaderLine, pos)
		}
		i, j := trim(raw, colon+1, end)
		if i == j { // an empty value begins where one would be written, not behind the line
			i, j = colon+1, colon+1
		}
		h := m.newHeader()
		h.Type, h.Name, h.Body = t, raw[pos:pos+n], raw[i:j]
		h.Start, h.End, h.BodyStart, h.next = pos, end, i, 0
		m.link(t)
		pos = end
	}
}

// otherName is the type of the header at pos, the length of its name and where its colon stands. A line
// without a name or a colon is HdrBad, with a colon in front of it.
func otherName(raw string, pos int) (t HeaderType, n, colon int) {
	nameEnd := skip(raw, pos, len(raw), clToken)
	colon = nameEnd
	for colon < len(raw) && (raw[colon] == ' ' || raw[colon] == '\t') {
		colon++
	}
	if nameEnd == pos || colon == len(raw) || raw[colon] != ':' {
		return HdrBad, 0, pos - 1
	}
	return ParseHeaderType(raw[pos:nameEnd]), nameEnd - pos, colon
}

// emptyLine is the length of the line end at pos, 0 when something else is there.
func emptyLine(raw string, pos int) int {
	switch {
	case pos < len(raw) && raw[pos] == '\n':
		return 1
	case pos+1 < len(raw) && raw[pos] == '\r' && raw[pos+1] == '\n':
		return 2
	}
	return 0
}

// lineEnd is the position behind the header line that goes on at i, folds included; -1 when the
// message ends first.
func (m *Msg) lineEnd(i int) int {
	raw := m.Raw
	for {
		i = lineBreak(raw, i)
		if i < len(raw)-2 && raw[i] == '\r' && raw[i+1] == '\n' && raw[i+2] > ' ' {
			return i + 2 // nearly always
		}
		switch n := emptyLine(raw, i); {
		case n == 2:
			i += 2
		case n == 1:
			m.flaws |= flawBareLF
			i++
		case i == len(raw):
			return -1
		default:
			m.flaw(flawBareCR, i)
			i++
			continue
		}
		if i >= len(raw) || raw[i] != ' ' && raw[i] != '\t' {
			return i
		}
	}
}

func (m *Msg) flaw(f flaw, at int) {
	if m.flaws&(flawBareCR|flawHeaderLine) == 0 {
		m.flawAt = at
	}
	m.flaws |= f
}

// newHeader makes room for one more, without copying one through the stack.
func (m *Msg) newHeader() *Header {
	n := len(m.Headers)
	if n == cap(m.Headers) {
		m.Headers = slices.Grow(m.Headers, 1)
	}
	m.Headers = m.Headers[:n+1]
	return &m.Headers[n]
}

// link chains the newest header to the last one of its type.
func (m *Msg) link(t HeaderType) {
	c, n := &m.chains[t], uint16(len(m.Headers))
	if c.last != 0 {
		m.Headers[c.last-1].next = int32(n) - 1
	} else {
		c.first = n
	}
	c.last = n
	c.count++
}

// takeBody cuts the body where Content-Length says; what follows in a datagram is to be ignored
// (RFC 3261 §18.3, RFC 4475 §3.1.1.8).
func (m *Msg) takeBody() {
	m.Body = m.Raw[m.bodyAt:]
	if n, err := m.ContentLength(); err == nil && n < len(m.Body) {
		m.Body = m.Body[:n]
	}
	if len(m.Body) > m.limits.MaxBody {
		m.fail(413, "Request Entity Too Large", "", m.bodyAt, "body exceeds the limit of bytes")
	}
}
