package tm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/api"
)

var (
	errPart   = errors.New("ACK and CANCEL are parts of an INVITE, never requests of their own")
	errNoType = errors.New("the body has no Content-Type among the headers")
	errFolded = errors.New("a header line, or an empty one, where none may be: From, To and Call-ID are one line each")
)

// firstCSeq is what the original begins with.
const firstCSeq = 10

// checkOwn refuses what cannot be sent, before anything waits.
func checkOwn(r *api.Request) error {
	switch sip.ParseMethod(r.Method) {
	case sip.MethodAck, sip.MethodCancel:
		return errPart
	}
	if strings.ContainsAny(r.Method+r.RURI+r.From+r.To+r.FromTag+r.CallID, "\r\n") {
		return errFolded
	}
	var u sip.URI
	if err := sip.ParseURI(r.RURI, &u); err != nil {
		return fmt.Errorf("Request-URI %q: %w", r.RURI, err)
	}
	if r.NextHop != "" {
		if err := sip.ParseURI(r.NextHop, &u); err != nil {
			return fmt.Errorf("next hop %q: %w", r.NextHop, err)
		}
	}
	return nil
}

// appendOwn builds the request but for its Via (RFC 3261 §8.1.1), in the order of
// the original.
func (s *state) appendOwn(d []byte, r *api.Request, path *module.Path) []byte {
	host := path.SentBy
	d = append(append(append(d, r.Method...), ' '), r.RURI...)
	d = append(d, " SIP/2.0\r\nTo: "...)
	d = appendAddress(d, r.To, r.RURI)
	d = append(d, "\r\nFrom: "...)
	d = s.appendFrom(d, r, host)
	d = append(d, "\r\nCSeq: "...)
	n := r.CSeq
	if n == 0 {
		n = firstCSeq
	}
	d = strconv.AppendUint(d, uint64(n), 10)
	d = append(append(append(d, ' '), r.Method...), "\r\nCall-ID: "...)
	if r.CallID != "" {
		d = append(d, r.CallID...)
	} else {
		d = append(append(s.appendRandom(d), '@'), host...)
	}
	d = append(d, "\r\n"...)
	return s.appendRest(d, r, host)
}

// appendRest is everything behind Call-ID.
func (s *state) appendRest(d []byte, r *api.Request, host string) []byte {
	given := func(names ...string) bool {
		for line := range strings.Lines(r.Headers) {
			name, _, _ := strings.Cut(line, ":")
			for _, n := range names {
				if sip.EqualFold(strings.TrimSpace(name), n) {
					return true
				}
			}
		}
		return false
	}
	if r.Method == "INVITE" && !given("Contact", "m") { // RFC 3261 §8.1.1.8
		d = append(append(append(d, "Contact: <sip:"...), host...), ">\r\n"...)
	}
	if !given("Max-Forwards") {
		d = append(strconv.AppendInt(append(d, "Max-Forwards: "...), sip.InitialHops, 10), "\r\n"...)
	}
	d = append(strconv.AppendInt(append(d, "Content-Length: "...), int64(len(r.Body)), 10), "\r\n"...)
	if ua := s.env.Conf().UserAgent; ua != "" && !given("User-Agent") {
		d = append(append(d, ua...), "\r\n"...)
	}
	d = append(d, r.Headers...)
	if r.Headers != "" && !strings.HasSuffix(r.Headers, "\n") {
		d = append(d, "\r\n"...)
	}
	return append(append(d, "\r\n"...), r.Body...)
}

// appendAddress is a To or From: as given, or made of a URI. What stands without
// angle brackets gets them, so that a tag is one of the header.
func appendAddress(d []byte, given, uri string) []byte {
	var na sip.NameAddr
	switch {
	case given == "":
		return append(append(append(d, '<'), uri...), '>')
	case sip.ParseNameAddr(given, &na) != nil || na.Bracketed:
		return append(d, given...) // what is wrong with it is said when all is checked
	}
	d = append(append(append(d, '<'), na.URI...), '>')
	return append(d, na.Params...)
}

func (s *state) appendFrom(d []byte, r *api.Request, host string) []byte {
	d = appendAddress(d, r.From, "sip:"+host)
	var na sip.NameAddr
	if r.From != "" && (sip.ParseNameAddr(r.From, &na) != nil || na.Tag != "") {
		return d
	}
	d = append(d, ";tag="...)
	if r.FromTag != "" {
		return append(d, r.FromTag...)
	}
	return s.appendRandom(d)
}

func (s *state) appendRandom(d []byte) []byte {
	x := s.env.Random()
	return appendHex(appendHex(d, uint32(x>>32)), uint32(x))
}
