package sip

import "strings"

// Policy says which of the checks that RFC 3261 §16.3 leaves to what an element supports are made.
// The zero value supports the schemes sip, sips and tel, and no extensions.
type Policy struct {
	AnyScheme    bool     // leave unknown URI schemes (416) to the script
	AnyExtension bool     // leave Proxy-Require (420) to the script
	Extensions   []string // option tags that are supported in Proxy-Require
}

// Check is Policy.Check with the zero Policy.
func Check(m *Msg) *ParseError {
	var p Policy
	return p.Check(m)
}

// Check says what makes m, which Parse took, a message that a proxy must refuse; nil when nothing
// does. It looks at what a proxy needs in order to route, answer and match transactions
// (RFC 3261 §16.3 step 1), and leaves the rest to those whom it concerns; the one exception is the
// Contact of a REGISTER. Where RFC 4475 leaves a choice, testdata/rfc4475/verdicts.txt says what
// was chosen. Bad replies, bad ACKs and requests without a usable Via get code 0.
func (p *Policy) Check(m *Msg) *ParseError {
	if m.err.Msg != "" {
		return m.verdict()
	}
	m.policy = *p
	checks := requestChecks[:]
	if !m.IsRequest {
		checks = replyChecks[:]
	}
	for _, check := range checks {
		if check(m); m.err.Msg != "" {
			return m.verdict()
		}
	}
	return nil
}

var requestChecks = [...]func(*Msg){
	checkVersion, checkLines, checkRURI, checkCounts, checkMandatory, checkTopVia, checkFromTo,
	checkCSeq, checkCallID, checkMaxForwards, checkContentLength, checkRegister, checkExtensions,
}

var replyChecks = [...]func(*Msg){
	checkVersion, checkLines, checkCounts, checkMandatory, checkTopVia, checkCSeq, checkCallID,
	checkContentLength, checkNextVia,
}

func checkVersion(m *Msg) {
	if m.Version != "SIP/2.0" && !EqualFold(m.Version, "SIP/2.0") {
		m.fail(505, "Version Not Supported", "", m.start, "version is not SIP/2.0")
	}
}

func checkLines(m *Msg) {
	switch {
	case m.flaws&flawRequestLine != 0:
		m.fail(400, "Bad Request Line", "", m.start,
			"space in or around the Request-URI, or behind the version: expected METHOD SP URI SP SIP/2.0")
	case m.flaws&flawBareCR != 0:
		m.fail(400, "Bad Header", "", m.flawAt, "a CR that is not followed by LF")
	case m.flaws&flawHeaderLine != 0:
		m.fail(400, "Bad Header", "", m.flawAt, "line is no header: expected NAME: VALUE")
	}
}

func checkRURI(m *Msg) {
	if m.RURI[0] == '<' { // RFC 4475 §3.1.2.7
		m.fail(400, "Bad Request-URI", "", m.ruriAt, "Request-URI stands in angle brackets")
		return
	}
	u, err := m.URI()
	switch {
	case err != nil:
		m.fail(400, "Bad Request-URI", "", m.ruriAt, text(err))
	case u.Scheme == SchemeOther && !m.policy.AnyScheme: // RFC 3261 §16.3 step 2
		m.fail(416, "Unsupported URI Scheme", "", m.ruriAt, "scheme of the Request-URI is not sip, sips, tel or urn")
	case u.Headers != "": // RFC 3261 §19.1.1, RFC 4475 §3.1.2.11
		m.fail(400, "Bad Request-URI", "", m.ruriAt, "Request-URI carries headers")
	}
}

func checkCounts(m *Msg) {
	l := &m.limits
	if m.moreThan(HdrVia, m.maxVias()) {
		m.fail(483, "Too Many Hops", "Via", m.First(HdrVia).Start, "more Via values than the limit")
	}
	m.checkCount(HdrRoute, l.MaxRoutes)
	m.checkCount(HdrRecordRoute, l.MaxRoutes)
	m.checkCount(HdrContact, l.MaxContacts)
}

func (m *Msg) checkCount(t HeaderType, top int) {
	if m.moreThan(t, top) {
		m.fail(513, "Message Too Large", t.String(), m.First(t).Start, "more values than the limit")
	}
}

// mandatory says which headers must be there (RFC 3261 §8.1.1) and of which there may be only one
// (§7.3.1). A Content-Length repeated without contradiction is refused too: the next element may
// read the other one.
var mandatory = [...]struct {
	t                 HeaderType
	missing, multiple string
}{
	{HdrVia, "Missing Via Header", ""},
	{HdrFrom, "Missing From Header", "Multiple From Headers"},
	{HdrTo, "Missing To Header", "Multiple To Headers"},
	{HdrCallID, "Missing Call-ID Header", "Multiple Call-ID Headers"},
	{HdrCSeq, "Missing CSeq Header", "Multiple CSeq Headers"},
	{HdrMaxForwards, "", "Multiple Max-Forwards Headers"},
	{HdrContentLength, "", "Multiple Content-Length Headers"},
}

func checkMandatory(m *Msg) {
	for i := range mandatory {
		x := &mandatory[i]
		switch n := m.Count(x.t); {
		case n == 0 && x.missing != "":
			m.fail(400, x.missing, x.t.String(), m.headersAt, "mandatory header is missing")
		case n > 1 && x.multiple != "":
			m.fail(400, x.multiple, x.t.String(), m.Next(m.First(x.t)).Start, "header may stand only once")
		}
	}
}

// bad fails with "Bad NAME Header" at the first header of the type.
func (m *Msg) bad(t HeaderType, reason string, err error) {
	m.fail(400, reason, t.String(), m.First(t).BodyStart, text(err))
}

func checkTopVia(m *Msg) {
	if _, err := m.Via(0); err != nil {
		m.bad(HdrVia, "Bad Via Header", err)
	}
}

func checkFromTo(m *Msg) {
	from, err := m.From()
	if err == nil {
		err = checkAddrURI(from.URI)
	}
	if err != nil {
		m.bad(HdrFrom, "Bad From Header", err)
	}
	to, err := m.To()
	if err == nil {
		err = checkAddrURI(to.URI)
	}
	if err != nil {
		m.bad(HdrTo, "Bad To Header", err)
	}
}

// checkAddrURI is content with any scheme: what From and To name need not be SIP
// (RFC 4475 §3.3.4).
func checkAddrURI(s string) error {
	if has(s, clBadURI) {
		return errURIChar
	}
	if n := schemeEnd(s); n < 0 || n+1 == len(s) {
		return errURIScheme
	}
	return nil
}

const errCSeqDiffers = SyntaxError("method differs from the request line's")

func checkCSeq(m *Msg) {
	c, err := m.CSeq()
	if err == nil && m.IsRequest && c.MethodName != m.MethodName {
		err = errCSeqDiffers
	}
	if err != nil {
		m.bad(HdrCSeq, "Bad CSeq Header", err)
	}
}

const errCallID = SyntaxError("expected one word without space")

func checkCallID(m *Msg) {
	id := m.CallID()
	if id == "" || has(id, clBadURI) && hasControl(id) {
		m.bad(HdrCallID, "Bad Call-ID Header", errCallID)
	}
}

const errHops = SyntaxError("not a number between 0 and 255")

func checkMaxForwards(m *Msg) {
	if n, err := m.MaxForwards(); err != ErrMissing && (err != nil || n > 255) {
		m.bad(HdrMaxForwards, "Bad Max-Forwards Header", errHops)
	}
}

const errLength = SyntaxError("message is shorter than Content-Length says")

func checkContentLength(m *Msg) {
	n, err := m.ContentLength()
	if err == nil && n > len(m.Body) {
		err = errLength
	}
	if err != nil && err != ErrMissing {
		m.bad(HdrContentLength, "Bad Content-Length Header", err)
	}
}

const errBareHeaders = SyntaxError("a URI with '?' must stand in angle brackets")

// checkRegister refuses a Contact whose headers might be the URI's or not (RFC 3261 §20.10,
// RFC 4475 §3.1.2.13): the binding would be a guess.
func checkRegister(m *Msg) {
	if m.Method != MethodRegister {
		return
	}
	for it := m.Contacts(); it.Next(); {
		var na NameAddr
		if it.Addr(&na) == nil && !na.Bracketed && strings.IndexByte(na.URI, '?') >= 0 {
			m.fail(400, "Bad Contact Header", "Contact", it.Start, text(errBareHeaders))
			return
		}
	}
}

// checkExtensions is RFC 3261 §16.3 step 5; ACK and CANCEL are exempt (§8.2.2.3).
func checkExtensions(m *Msg) {
	if m.policy.AnyExtension || m.Method&(MethodAck|MethodCancel) != 0 {
		return
	}
	for it := m.ProxyRequires(); it.Next(); {
		if !m.policy.supports(it.Text) {
			m.fail(420, "Bad Extension", "Proxy-Require", it.Start, "extension is not supported")
			return
		}
	}
}

func (p *Policy) supports(tag string) bool {
	for _, x := range p.Extensions {
		if EqualFold(x, tag) {
			return true
		}
	}
	return false
}

// AppendUnsupported appends the Unsupported line that a 420 must carry (RFC 3261 §8.2.2.3): all
// tags of Proxy-Require that are not supported.
func (p *Policy) AppendUnsupported(dst []byte, m *Msg) []byte {
	sep := "Unsupported: "
	for it := m.ProxyRequires(); it.Next(); {
		if !p.supports(it.Text) {
			dst = AppendClean(append(dst, sep...), it.Text)
			sep = ", "
		}
	}
	if sep == ", " {
		dst = append(dst, "\r\n"...)
	}
	return dst
}

const errBroadcast = SyntaxError("reply would go to a broadcast or multicast address")

// checkNextVia keeps a forged reply from being sent to everybody (RFC 4475 §3.3.10), and stops
// one whose next hop cannot be read.
func checkNextVia(m *Msg) {
	v, err := m.Via(1)
	if err == ErrMissing {
		return
	}
	if err == nil && (everybody(v.Host) || everybody(v.Received) || v.Maddr == "255.255.255.255") {
		err = errBroadcast
	}
	if err != nil {
		m.bad(HdrVia, "Bad Via Header", err)
	}
}

// everybody recognises 255.255.255.255, 224.0.0.0/4 and ff00::/8, and the address of nobody.
func everybody(host string) bool {
	if host == "" {
		return false
	}
	switch host[0] {
	case '2': // of the first octets that begin so, "224" to "239" are greater than most
		return host == "255.255.255.255" || host >= "224." && host < "24" && len(host) > 3 && host[3] == '.' && isIPv4(host)
	case '[', 'f', 'F':
		h := unbracket(host)
		return host == "[::]" || len(h) > 4 && EqualFold(h[:2], "ff") && strings.IndexByte(h[:5], ':') == 4
	}
	return host == "0.0.0.0"
}
