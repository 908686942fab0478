package sip

// Forward says how a request leaves (RFC 3261 §16.6).
type Forward struct {
	RURI          string // the new Request-URI; "" keeps the received one
	Via           OwnVia
	Fix           ViaFix // for the top Via received
	Hops          Hops
	PopRoute      bool // leave the first Route value out
	ContentLength bool // add one when there is none: streams need it (RFC 3261 §18.3)
}

// OwnVia is the Via we put on top: "Via: SIP/2.0/" Transport " " SentBy ";branch=" Branch Params.
type OwnVia struct {
	Transport string // "UDP"
	SentBy    string // host[:port]
	Branch    string // with the magic cookie, if it shall have one; "" for no branch
	Params    string // further parameters, each with its semicolon
	Socket    int    // number of the socket it leaves by, from 1; 0 when unknown (see RecordRoute)
}

// Hops says what becomes of Max-Forwards.
type Hops uint8

// HopsKeep leaves Max-Forwards alone, HopsDecrement takes one away and HopsAdd leaves it alone;
// both give a request that has none the 70 of RFC 3261 §16.6. A count of 0 stays 0: whether such
// a request is forwarded at all (§16.3) must be asked before.
const (
	HopsKeep Hops = iota
	HopsDecrement
	HopsAdd
)

// InitialHops is the count that a request without Max-Forwards gets.
const InitialHops = 70

// ViaFix is what the server that receives a request notes in its top Via, so that replies find
// their way: received (RFC 3261 §18.2.1) and rport (RFC 3581 §4). Empty fields change nothing.
type ViaFix struct {
	Received string
	Rport    int
}

// Fix decides what to note for a request that came from an address. A received that the sender
// put there himself is never believed. With force, rport is answered unasked.
func (v *Via) Fix(ip string, port int, force bool) ViaFix {
	var f ViaFix
	if v.HasRport || force {
		f.Received, f.Rport = ip, port
	}
	if unbracket(v.Host) != ip || v.ReceivedAt.End != 0 && v.Received != ip {
		f.Received = ip
	}
	return f
}

// AppendForward appends the request as it leaves. The new Via stands directly above the received
// ones; e may be nil and is not changed, so that several branches can be built from it.
func AppendForward(dst []byte, m *Msg, e *Edits, f *Forward) []byte {
	b := builder{dst: dst, m: m, e: e, f: f}
	top, err := m.Via(0)
	if err == nil {
		b.fixVia(top, &f.Fix)
	}
	b.addOwn(Span{b.viaAt(), b.viaAt()}, orderVia).kind = editVia
	b.hops()
	if f.PopRoute {
		b.popRoute()
	}
	b.fitContentLength(f.ContentLength)
	b.requestLine(f.RURI)
	b.headers(m.headersAt)
	return b.body()
}

// viaAt is where our Via goes.
func (b *builder) viaAt() int {
	if h := b.m.First(HdrVia); h != nil {
		return h.Start
	}
	return b.m.headersAt
}

func (b *builder) requestLine(uri string) {
	if uri == "" {
		uri = b.m.RURI
	}
	b.dst = append(append(b.dst, b.m.MethodName...), ' ')
	b.dst = append(appendURI(b.dst, uri), " SIP/2.0\r\n"...)
}

func (b *builder) ownVia() {
	v := &b.f.Via
	d := append(b.dst, "Via: SIP/2.0/"...)
	d = append(append(d, v.Transport...), ' ')
	d = append(d, v.SentBy...)
	if v.Branch != "" {
		d = append(append(d, ";branch="...), v.Branch...)
	}
	d = append(append(d, v.Params...), "\r\n"...)
	if b.f.Hops != HopsKeep && b.m.First(HdrMaxForwards) == nil {
		d = append(d, "Max-Forwards: 70\r\n"...)
	}
	b.dst = d
}

func (b *builder) hops() {
	if b.f.Hops != HopsDecrement {
		return
	}
	if n, err := b.m.MaxForwards(); err == nil {
		h := b.m.First(HdrMaxForwards)
		x := b.addOwn(Span{h.BodyStart, h.BodyEnd()}, orderReplace)
		x.kind, x.n = editNumber, max(0, n-1)
	}
}

func (b *builder) popRoute() {
	if it := b.m.Routes(); it.Next() {
		b.addOwn(it.cut(), orderReplace)
	}
}

// fixVia notes received and rport in v: in place where they are, behind the parameters where not.
func (b *builder) fixVia(v *Via, f *ViaFix) {
	at := func(s Span) Span {
		if s.End == 0 {
			return Span{v.ParamsEnd, v.ParamsEnd}
		}
		return s
	}
	if f.Received != "" {
		x := b.addOwn(at(v.ReceivedAt), orderReplace)
		x.text, x.tail = ";received=", f.Received
	}
	if f.Rport > 0 {
		x := b.addOwn(at(v.RportAt), orderReplace)
		x.kind, x.text, x.n = editNumber, ";rport=", f.Rport
	}
}

// AppendReplyForward appends a reply as it travels on: without its top Via (RFC 3261 §16.7).
func AppendReplyForward(dst []byte, m *Msg, e *Edits) []byte {
	b := builder{dst: dst, m: m, e: e}
	if top, err := m.Via(0); err == nil {
		b.addOwn(top.cut(), orderReplace)
	}
	b.fitContentLength(false)
	b.statusLine(m.StatusCode, m.reason())
	b.headers(m.headersAt)
	return b.body()
}
