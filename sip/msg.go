package sip

// Msg is one message, request or reply. The zero value is ready for Parse; reuse it.
type Msg struct {
	Limits Limits // zero fields mean DefaultLimits; set before Parse

	Raw       string // all that was given to Parse
	IsRequest bool

	MethodName string // requests only
	Method     Method
	RURI       string
	StatusCode int // replies only
	Reason     string
	Version    string // as written; "SIP/2.0" in all that passes Check

	Headers []Header
	Body    string // ends where Content-Length says, if that is inside Raw

	start     int // of the start line: CRLFs may precede it
	headersAt int // behind the start line
	bodyAt    int // behind the empty line; len(Raw) when there is none
	lastHdr   int // behind the last header line
	ruriAt    int
	flaws     flaw
	flawAt    int // of the first malformed header line

	newStatus bool   // SetStatus was called
	newReason string // what it said

	limits Limits // with the defaults filled in
	have   Limits // the Limits that limits was made from
	chains [numHeaderTypes]chain
	err    ParseError
	policy Policy // that Check applies

	done        cached
	uri         URI
	from, to    NameAddr
	cseq        CSeq
	contentLen  int
	maxForwards int
	uriErr, fromErr, toErr, cseqErr,
	contentLenErr, maxForwardsErr, viaErr error

	vias   []Via
	noVia  Via
	viaHdr *Header // the Via header being parsed
	viaPos int     // where in it the next value begins
}

// chain links the headers of one type.
type chain struct{ first, last, count uint16 } // first and last: index + 1

// cached has one bit for each typed value already parsed.
type cached uint16

const (
	gotURI cached = 1 << iota
	gotFrom
	gotTo
	gotCSeq
	gotContentLength
	gotMaxForwards
)

// flaw is what Parse tolerates and Check refuses.
type flaw uint8

const (
	flawRequestLine flaw = 1 << iota // space in or around the Request-URI, RFC 4475 §3.1.2.8-10
	flawHeaderLine                   // no name or no colon
	flawBareCR                       // a CR that ends no line
	flawBareLF                       // lines that end in LF alone: tolerated, mended on the way out
)

// SetStatus makes a reply leave with another status and reason. StatusCode changes at once; Reason
// is the received one until the message is built and parsed again. (KAMAILIO: 5.6 shows the same.)
func (m *Msg) SetStatus(code int, reason string) {
	m.StatusCode, m.newStatus, m.newReason = code, true, reason
}

// reason is what a reply leaves with.
func (m *Msg) reason() string {
	if m.newStatus {
		return m.newReason
	}
	return m.Reason
}

// First is the first header of the type, nil when there is none.
func (m *Msg) First(t HeaderType) *Header {
	if t >= numHeaderTypes || m.chains[t].first == 0 {
		return nil
	}
	return &m.Headers[m.chains[t].first-1]
}

// Next is the next header of h's type, nil after the last. Other headers (HdrOther) are one type.
func (m *Msg) Next(h *Header) *Header {
	if h.next == 0 {
		return nil
	}
	return &m.Headers[h.next]
}

// Last is the last header of the type, nil when there is none.
func (m *Msg) Last(t HeaderType) *Header {
	if t >= numHeaderTypes || m.chains[t].last == 0 {
		return nil
	}
	return &m.Headers[m.chains[t].last-1]
}

// Count is the number of header lines of the type.
func (m *Msg) Count(t HeaderType) int {
	if t >= numHeaderTypes {
		return 0
	}
	return int(m.chains[t].count)
}

// ByName is the first header with that name; compact and full names are the same header.
func (m *Msg) ByName(name string) *Header {
	if t := ParseHeaderType(name); t != HdrOther {
		return m.First(t)
	}
	return m.named(m.First(HdrOther), name)
}

// NextByName is the next header with the name of h.
func (m *Msg) NextByName(h *Header) *Header {
	if h.Type != HdrOther {
		return m.Next(h)
	}
	return m.named(m.Next(h), h.Name)
}

func (m *Msg) named(h *Header, name string) *Header {
	for ; h != nil; h = m.Next(h) {
		if EqualFold(h.Name, name) {
			return h
		}
	}
	return nil
}

// HeadersStart is the offset of the first header, HeadersEnd the one behind the last header line
// (where the empty line begins), BodyStart that of the body.
func (m *Msg) HeadersStart() int { return m.headersAt }

// HeadersEnd is the offset behind the last header line: what is appended goes there.
func (m *Msg) HeadersEnd() int { return m.lastHdr }

// BodyStart is the offset of the body, and of the end when there is none.
func (m *Msg) BodyStart() int { return m.bodyAt }

// URI is the Request-URI.
func (m *Msg) URI() (*URI, error) {
	if m.done&gotURI == 0 {
		m.done |= gotURI
		m.uriErr = ParseURI(m.RURI, &m.uri)
	}
	return &m.uri, m.uriErr
}

// From is the first From header.
func (m *Msg) From() (*NameAddr, error) {
	if m.done&gotFrom == 0 {
		m.done |= gotFrom
		m.fromErr = m.address(HdrFrom, &m.from)
	}
	return &m.from, m.fromErr
}

// To is the first To header.
func (m *Msg) To() (*NameAddr, error) {
	if m.done&gotTo == 0 {
		m.done |= gotTo
		m.toErr = m.address(HdrTo, &m.to)
	}
	return &m.to, m.toErr
}

func (m *Msg) address(t HeaderType, na *NameAddr) error {
	h := m.First(t)
	if h == nil {
		*na = NameAddr{}
		return ErrMissing
	}
	return parseNameAddr(m.Raw, h.BodyStart, h.BodyEnd(), na)
}

// CallID is the Call-ID's body, "" when there is none.
func (m *Msg) CallID() string {
	if h := m.First(HdrCallID); h != nil {
		return h.Body
	}
	return ""
}

// MaxForwards is the hop count left; ErrMissing when there is no such header.
func (m *Msg) MaxForwards() (int, error) {
	if m.done&gotMaxForwards == 0 {
		m.done |= gotMaxForwards
		m.maxForwards, m.maxForwardsErr = m.numeric(HdrMaxForwards)
	}
	return m.maxForwards, m.maxForwardsErr
}

// ContentLength is what the first such header says; ErrMissing when there is none.
func (m *Msg) ContentLength() (int, error) {
	if m.done&gotContentLength == 0 {
		m.done |= gotContentLength
		m.contentLen, m.contentLenErr = m.numeric(HdrContentLength)
	}
	return m.contentLen, m.contentLenErr
}

const errNumber = SyntaxError("not a decimal number in range")

func (m *Msg) numeric(t HeaderType) (int, error) {
	h := m.First(t)
	if h == nil {
		return 0, ErrMissing
	}
	n, ok := number(h.Body, 1<<31-1)
	if !ok {
		return 0, errNumber
	}
	return int(n), nil
}
