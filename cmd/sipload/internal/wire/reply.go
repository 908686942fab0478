package wire

import (
	"net/netip"
	"strconv"
)

// Reply says what a user agent server puts into its answer beside what it copies from the request.
type Reply struct {
	Line    string // "SIP/2.0 200 OK"
	ToTag   []byte // added when the request's To has none (RFC 3261 §8.2.6.2)
	Extra   string // whole header lines, each with CRLF
	Body    string
	Dialog  bool           // copy Record-Route (§12.1.1)
	Source  netip.AddrPort // where the request came from, for rport and received
	LenBody string         // Content-Length, as text
}

// NewReply prepares a reply; line is such as "200 OK".
func NewReply(line, extra, body string, dialog bool) Reply {
	return Reply{Line: "SIP/2.0 " + line, Extra: extra, Body: body, Dialog: dialog, LenBody: strconv.Itoa(len(body))}
}

// Append writes the reply to m.
func (r *Reply) Append(dst []byte, m *Message) []byte {
	dst = append(append(dst, r.Line...), "\r\n"...)
	for i, v := range m.viaLines[:m.nVia] {
		dst = append(dst, "Via: "...)
		if i == 0 {
			dst = r.appendTopVia(dst, v)
		} else {
			dst = append(dst, v...)
		}
		dst = append(dst, "\r\n"...)
	}
	if r.Dialog {
		for _, v := range m.RecordRoutes() {
			dst = appendHeader(dst, "Record-Route: ", v)
		}
	}
	dst = appendHeader(dst, "From: ", m.From)
	dst = append(append(dst, "To: "...), m.To...)
	if r.ToTag != nil && Param(m.To, "tag") == nil {
		dst = append(append(dst, ";tag="...), r.ToTag...)
	}
	dst = append(dst, "\r\n"...)
	dst = appendHeader(dst, "Call-ID: ", m.CallID)
	dst = appendHeader(dst, "CSeq: ", m.cseqLine)
	dst = append(dst, r.Extra...)
	dst = append(append(dst, "Content-Length: "...), r.LenBody...)
	dst = append(dst, "\r\n\r\n"...)
	return append(dst, r.Body...)
}

func appendHeader(dst []byte, name string, value []byte) []byte {
	dst = append(append(dst, name...), value...)
	return append(dst, "\r\n"...)
}

// appendTopVia copies the top Via line and fills an rport that asks for it (RFC 3581 §4). The
// parameter is looked for in the first value only.
func (r *Reply) appendTopVia(dst, line []byte) []byte {
	first := firstValue(line)
	port := Param(first, "rport")
	if port == nil || len(port) != 0 {
		return append(dst, line...)
	}
	at := cap(line) - cap(port) // where the empty value stands in line
	if at < 0 || at > len(line) {
		return append(dst, line...)
	}
	dst = append(dst, line[:at]...)
	if at == 0 || line[at-1] != '=' {
		dst = append(dst, '=')
	}
	dst = strconv.AppendUint(dst, uint64(r.Source.Port()), 10)
	dst = append(dst, ";received="...)
	dst = r.Source.Addr().AppendTo(dst)
	return append(dst, line[at:]...)
}

// ReplyAddress is where the answer to m goes (RFC 3261 §18.2.2, RFC 3581 §4): the source address,
// with the port of the top Via's sent-by unless rport asks for the source port.
func (m *Message) ReplyAddress(source netip.AddrPort) netip.AddrPort {
	first := firstValue(m.viaLines[0])
	if Param(first, "rport") != nil {
		return source
	}
	sentBy := trim(first[:scan(first, ';', false)])
	port := uint16(5060)
	if p, ok := portOf(sentBy); ok {
		port = p
	}
	return netip.AddrPortFrom(source.Addr(), port)
}

// portOf reads the digits after the last colon, unless that is inside an IPv6 reference.
func portOf(hostport []byte) (uint16, bool) {
	i := len(hostport)
	for i > 0 && hostport[i-1] >= '0' && hostport[i-1] <= '9' {
		i--
	}
	if i == len(hostport) || i < 2 || hostport[i-1] != ':' {
		return 0, false
	}
	port := 0
	for _, c := range hostport[i:] {
		if port = port*10 + int(c-'0'); port > 65535 {
			return 0, false
		}
	}
	return uint16(port), port != 0
}
