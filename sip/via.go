package sip

import (
	"slices"
	"strings"
)

// Via is one Via value (RFC 3261 §20.42). Offsets are those of the text parsed, Msg.Raw for a
// message's header.
type Via struct {
	Protocol  string // "SIP"
	Version   string // "2.0"
	Transport string // "UDP", as written
	Host      string // sent-by; an IPv6 reference keeps its brackets
	Port      int    // 0 when absent
	Params    string // from the first semicolon on
	Branch    string
	Received  string // without brackets (RFC 5118 §4.5)
	Maddr     string
	I         string // the connection that some servers note for themselves
	Rport     int    // RFC 3581; 0 when without value
	HasRport  bool
	TTL       int // 0 when absent
	Alias     bool

	Start, End int  // the value
	SentByEnd  int  // behind the host and port: parameters may be inserted here
	ParamsEnd  int  // behind the last parameter
	ReceivedAt Span // the parameters themselves, semicolon included
	RportAt    Span
	BranchAt   Span
	IAt        Span

	cutEnd int // where the next value of the same line begins, 0 when there is none
	header *Header
}

const (
	errViaProtocol = SyntaxError("expected PROTOCOL/VERSION/TRANSPORT, such as SIP/2.0/UDP")
	errViaSpace    = SyntaxError("expected space and the sent-by host behind the transport")
	errViaEnd      = SyntaxError("unexpected character in Via: expected ';' or ','")
	errViaRport    = SyntaxError("rport is no port number")
	errViaTTL      = SyntaxError("ttl is not between 0 and 255")
	errViaComment  = SyntaxError("comment without closing ')'")
	errViaMany     = SyntaxError("more Via values than the limit")
)

// Via is the i-th Via value, counted from 0 over all Via headers. When its parameters are
// malformed, the error comes with what was understood before them.
func (m *Msg) Via(i int) (*Via, error) {
	for i >= len(m.vias) && m.viaErr == nil {
		m.nextVia()
	}
	if i >= len(m.vias) {
		m.noVia = Via{}
		return &m.noVia, m.viaErr
	}
	if i == len(m.vias)-1 && m.viaErr != ErrMissing && m.viaErr != errViaMany {
		return &m.vias[i], m.viaErr
	}
	return &m.vias[i], nil
}

// ReplyTo is where a reply goes to reach whoever wrote the Via: received and rport if they are there, else sent-by, whose
// port is 5060 if it names none (RFC 3261 §18.2.2, RFC 3581 §4).
func (v *Via) ReplyTo() (host string, port int) {
	if host, port = v.Host, v.Port; v.Received != "" {
		host = v.Received
	}
	if v.Rport != 0 {
		port = v.Rport
	}
	if port == 0 {
		port = 5060
	}
	return host, port
}

// Vias are all Via values, up to the first malformed one.
func (m *Msg) Vias() ([]Via, error) {
	for m.viaErr == nil {
		m.nextVia()
	}
	if m.viaErr == ErrMissing && len(m.vias) > 0 {
		return m.vias, nil
	}
	return m.vias, m.viaErr
}

// maxVias is the limit for this message: a reply comes back with the Via that we put on a request that was just
// within it.
func (m *Msg) maxVias() int {
	if m.IsRequest {
		return m.limits.MaxVias
	}
	return m.limits.MaxVias + 1
}

// nextVia parses one more value. viaErr becomes ErrMissing when there are no more.
func (m *Msg) nextVia() {
	if m.viaHdr == nil {
		if len(m.vias) > 0 {
			m.viaErr = ErrMissing
			return
		}
		if m.viaHdr = m.First(HdrVia); m.viaHdr == nil {
			m.viaErr = ErrMissing
			return
		}
		m.viaPos = m.viaHdr.BodyStart
	}
	if len(m.vias) >= m.maxVias() {
		m.viaErr = errViaMany
		return
	}
	if len(m.vias) == cap(m.vias) {
		m.vias = slices.Grow(m.vias, 1)
	}
	m.vias = m.vias[:len(m.vias)+1]
	v := &m.vias[len(m.vias)-1]
	*v = Via{}
	v.header = m.viaHdr
	end := m.viaHdr.BodyEnd()
	m.viaPos, m.viaErr = parseVia(m.Raw, m.viaPos, end, v)
	if m.viaPos < end && m.viaErr == nil {
		m.viaPos = skip(m.Raw, m.viaPos+1, end, clSpace)
		v.cutEnd = m.viaPos
		return
	}
	if m.viaHdr = m.Next(m.viaHdr); m.viaHdr != nil {
		m.viaPos = m.viaHdr.BodyStart
	}
}

// ParseVia parses one Via value.
func ParseVia(s string, v *Via) error {
	*v = Via{}
	next, err := parseVia(s, 0, len(s), v)
	if err == nil && next < len(s) {
		err = errViaEnd
	}
	return err
}

// parseVia fills v from s[i:end] and returns the position of the comma behind the value, or end.
func parseVia(s string, i, end int, v *Via) (int, error) {
	i = skip(s, i, end, clSpace)
	v.Start, v.End = i, end
	i, err := viaProtocol(s, i, end, v)
	if err != nil {
		return end, err
	}
	hostEnd, err := scanHost(s, i, end)
	if err != nil {
		return end, err
	}
	v.Host = s[i:hostEnd]
	if i, err = viaPort(s, hostEnd, end, v); err != nil {
		return end, err
	}
	v.SentByEnd, v.ParamsEnd, v.End = i, i, i
	if i, err = viaParams(s, i, end, v); err != nil {
		return end, err
	}
	if i < end && s[i] == '(' { // RFC 2543 §6.40; obsolete, still sent
		if i = skipComment(s, i, end); i < 0 {
			return end, errViaComment
		}
		v.End = i
		i = skip(s, i, end, clSpace)
	}
	if i < end && s[i] != ',' {
		return end, errViaEnd
	}
	return i, nil
}

// viaProtocol parses "SIP / 2.0 / UDP" and the space behind it.
func viaProtocol(s string, i, end int, v *Via) (int, error) {
	parts := [...]*string{&v.Protocol, &v.Version, &v.Transport}
	n := 0
	if strings.HasPrefix(s[i:end], "SIP/2.0/") { // as nearly all write it
		v.Protocol, v.Version, n, i = "SIP", "2.0", 2, i+len("SIP/2.0")
	}
	for ; n < len(parts); n++ {
		if n > 0 {
			if i = skip(s, i, end, clSpace); i == end || s[i] != '/' {
				return i, errViaProtocol
			}
			i = skip(s, i+1, end, clSpace)
		}
		j := skip(s, i, end, clToken)
		if j == i {
			return i, errViaProtocol
		}
		*parts[n], i = s[i:j], j
	}
	j := skip(s, i, end, clSpace)
	if j == i || j == end {
		return i, errViaSpace
	}
	return j, nil
}

// viaPort parses the port, if there is one, and returns the position behind the sent-by.
func viaPort(s string, i, end int, v *Via) (int, error) {
	j := skip(s, i, end, clSpace)
	if j == end || s[j] != ':' {
		return i, nil
	}
	j = skip(s, j+1, end, clSpace)
	k := skip(s, j, end, clDigit)
	n, ok := number(s[j:k], 65535)
	if !ok || n == 0 {
		return i, errPort
	}
	v.Port = int(n)
	return k, nil
}

func viaParams(s string, i, end int, v *Via) (int, error) {
	var p param
	at := skip(s, i, end, clSpace)
	i = at
	for i < end && s[i] == ';' {
		if err := nextParam(s, i, end, &p); err != nil {
			return i, err
		}
		if err := v.take(&p); err != nil {
			return i, err
		}
		v.ParamsEnd, v.End = p.at.End, p.at.End
		v.Params = s[at:p.at.End]
		i = skip(s, p.at.End, end, clSpace)
	}
	return i, nil
}

// take notes the parameters that have a meaning here; of several with one name the first counts.
func (v *Via) take(p *param) error {
	switch len(p.name) {
	case 1:
		if lower(p.name[0]) == 'i' && v.IAt.End == 0 {
			v.I, v.IAt = p.value, p.at
		}
	case 3:
		if EqualFold(p.name, "ttl") {
			n, ok := number(p.value, 255)
			if !ok {
				return errViaTTL
			}
			v.TTL = int(n)
		}
	case 5:
		return v.take5(p)
	case 6:
		if EqualFold(p.name, "branch") && v.BranchAt.End == 0 {
			v.Branch, v.BranchAt = p.value, p.at
		}
	case 8:
		if EqualFold(p.name, "received") && v.ReceivedAt.End == 0 {
			v.Received, v.ReceivedAt = unbracket(p.value), p.at
		}
	}
	return nil
}

func (v *Via) take5(p *param) error {
	switch lower(p.name[0]) {
	case 'r':
		if EqualFold(p.name, "rport") && !v.HasRport {
			n, ok := number(p.value, 65535)
			if p.value != "" && (!ok || n == 0) {
				return errViaRport
			}
			v.Rport, v.HasRport, v.RportAt = int(n), true, p.at
		}
	case 'm':
		if EqualFold(p.name, "maddr") && v.Maddr == "" {
			v.Maddr = p.value
		}
	case 'a':
		v.Alias = v.Alias || EqualFold(p.name, "alias")
	}
	return nil
}

// cut is what to delete so that the value is gone (see ValueIter.cut); only for a value that is
// the first of its header.
func (v *Via) cut() Span {
	if v.cutEnd == 0 {
		return Span{v.header.Start, v.header.End}
	}
	return Span{v.Start, v.cutEnd}
}

// skipComment returns the position behind the comment that opens at s[i], -1 when it stays open.
func skipComment(s string, i, end int) int {
	for depth := 0; i < end; i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func unbracket(s string) string {
	if len(s) > 2 && s[0] == '[' && strings.HasSuffix(s, "]") {
		return s[1 : len(s)-1]
	}
	return s
}
