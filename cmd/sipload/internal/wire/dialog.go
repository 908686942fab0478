package wire

import (
	"bytes"
	"errors"
	"strconv"
)

// ErrDialog says that a 2xx to INVITE cannot make a dialog.
var ErrDialog = errors.New("the 200 to INVITE has no Contact URI")

// Within says what a caller puts into a request inside the dialog that a 200 to its INVITE made.
type Within struct {
	Method string
	CSeq   uint32
	Via    []byte // sent-by, "127.0.0.1:5060"
	Branch []byte // all but the id
	ID     ID
	Fixed  string // further header lines, each with CRLF

	Contact []byte // host and port of ours, for requests that refresh the target (RFC 3261 §12.2.1.1)
}

// Append writes the request to answer, the 200 to INVITE: Request-URI from its Contact, Route
// from its Record-Route in reverse (RFC 3261 §12.1.2), a first route without lr put into the
// Request-URI (§12.2.1.1). The next hop is what NextHop says.
func (w *Within) Append(dst []byte, answer *Message) ([]byte, error) {
	target := URIOf(answer.Contact)
	if len(target) == 0 {
		return dst, ErrDialog
	}
	routes := answer.RecordRoutes()
	strict := len(routes) > 0 && !loose(routes[len(routes)-1])
	uri := target
	if strict {
		uri = URIOf(routes[len(routes)-1])
		routes = routes[:len(routes)-1]
	}
	dst = append(append(append(dst, w.Method...), ' '), uri...)
	dst = append(append(dst, " SIP/2.0\r\nVia: SIP/2.0/UDP "...), w.Via...)
	dst = append(append(dst, ";rport;branch="...), w.Branch...)
	dst = append(AppendID(dst, w.ID), "\r\n"...)
	for i := len(routes) - 1; i >= 0; i-- {
		dst = appendHeader(dst, "Route: ", routes[i])
	}
	if strict {
		dst = append(append(append(dst, "Route: <"...), target...), ">\r\n"...)
	}
	dst = appendHeader(dst, "From: ", answer.From)
	dst = appendHeader(dst, "To: ", answer.To)
	dst = appendHeader(dst, "Call-ID: ", answer.CallID)
	dst = append(dst, "CSeq: "...)
	dst = strconv.AppendUint(dst, uint64(w.CSeq), 10)
	dst = append(append(append(dst, ' '), w.Method...), "\r\n"...)
	if w.Contact != nil {
		dst = append(append(append(dst, "Contact: <sip:load@"...), w.Contact...), ">\r\n"...)
	}
	dst = append(dst, w.Fixed...)
	return append(dst, "Content-Length: 0\r\n\r\n"...), nil
}

// loose tells whether a Record-Route value has the lr parameter inside its URI.
func loose(route []byte) bool { return Param(URIOf(route), "lr") != nil }

// NextHop is host and port to which requests inside the dialog are sent: the first route's, or the
// peer's own when there is no route (RFC 3261 §8.1.2).
func NextHop(answer *Message) []byte {
	if routes := answer.RecordRoutes(); len(routes) > 0 {
		return HostPort(URIOf(routes[len(routes)-1]))
	}
	return HostPort(URIOf(answer.Contact))
}

// AppendAck writes the ACK of a failed INVITE (RFC 3261 §17.1.1.3): invite is the request as it
// was sent, to is the To of the reply that refused it.
func AppendAck(dst, invite, to []byte) []byte { return appendHopByHop(dst, "ACK", invite, to) }

// AppendCancel writes the CANCEL of an INVITE that was sent (§9.1).
func AppendCancel(dst, invite []byte) []byte { return appendHopByHop(dst, "CANCEL", invite, nil) }

// appendHopByHop copies from invite what the two must have in common with it; to, if given, is the
// To instead of its own.
func appendHopByHop(dst []byte, method string, invite, to []byte) []byte {
	_, uri, _ := bytes.Cut(invite, space)
	uri, _, _ = bytes.Cut(uri, space)
	dst = append(append(append(append(dst, method...), ' '), uri...), " SIP/2.0\r\n"...)
	for pos := 0; ; {
		line, next, ok := cutLine(invite, pos)
		if !ok || len(line) == 0 {
			return append(dst, "Content-Length: 0\r\n\r\n"...)
		}
		pos = next
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			continue
		}
		switch fieldOf(line[:colon]) {
		case via, from, callID:
			dst = append(append(dst, line...), "\r\n"...)
		case toHeader:
			if to == nil {
				to = trim(line[colon+1:])
			}
			dst = appendHeader(dst, "To: ", to)
		case cseq:
			number, _, _ := bytes.Cut(trim(line[colon+1:]), space)
			dst = append(append(append(dst, "CSeq: "...), number...), ' ')
			dst = append(append(dst, method...), "\r\n"...)
		default:
			if bytes.HasPrefix(line, maxForwards) || bytes.HasPrefix(line, routeHeader) {
				dst = append(append(dst, line...), "\r\n"...)
			}
		}
	}
}

// Our own requests write these as they stand here.
var (
	maxForwards = []byte("Max-Forwards:")
	routeHeader = []byte("Route:")
)
