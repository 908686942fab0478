// Package wire is the little SIP a load generator needs: it reads the fields by which replies are
// matched (RFC 3261 §17.1.3) and dialogs are built (§12.1), and writes requests and replies from
// templates. It neither copies nor allocates; a parsed Message points into the datagram and is good
// only as long as that is. It is deliberately not the server's parser: one that tested itself
// with its own mistakes would prove nothing.
package wire

import (
	"bytes"
	"errors"
)

// maxLines bounds the Via and the Record-Route values of one message.
const maxLines = 32

// What can be wrong with a datagram.
var (
	ErrStart     = errors.New("the first line is neither a SIP/2.0 request nor a reply")
	ErrNoEnd     = errors.New("the headers do not end in an empty line")
	ErrHeader    = errors.New("a header line has no colon or no name")
	ErrTooMany   = errors.New("more than 32 Via or Record-Route values")
	ErrMandatory = errors.New("Via, From, To, Call-ID or CSeq is missing")
	ErrCSeq      = errors.New("CSeq is not a number and a method")
	ErrBranch    = errors.New("the top Via has no branch")
)

// Message is what was read of one datagram. All slices point into it.
type Message struct {
	Code   int    // of a reply, 0 for a request
	Method []byte // of a request
	URI    []byte // of a request

	CSeq       uint32
	CSeqMethod []byte
	Branch     []byte // of the top Via
	Vias       int    // how many, counting those that share a line
	CallID     []byte
	From, To   []byte // whole values
	Contact    []byte

	viaLines [maxLines][]byte // values as they came
	nVia     int
	routes   [maxLines][]byte // Record-Route, one value each
	nRoute   int
	cseqLine []byte
}

// Parse reads a datagram into m, whatever m held before.
func (m *Message) Parse(b []byte) error {
	m.reset()
	first, pos, ok := cutLine(b, 0)
	if !ok {
		return ErrNoEnd
	}
	if err := m.startLine(first); err != nil {
		return err
	}
	for {
		line, next, ok := cutLine(b, pos)
		if !ok {
			return ErrNoEnd
		}
		if len(line) == 0 {
			return m.finish()
		}
		for next < len(b) && (b[next] == ' ' || b[next] == '\t') { // folded, RFC 3261 §7.3.1
			_, end, ok := cutLine(b, next)
			if !ok {
				return ErrNoEnd
			}
			line = bytes.TrimRight(b[pos:end], "\r\n")
			next = end
		}
		if err := m.header(line); err != nil {
			return err
		}
		pos = next
	}
}

func (m *Message) reset() {
	m.Code, m.Method, m.URI = 0, nil, nil
	m.CSeq, m.CSeqMethod, m.cseqLine = 0, nil, nil
	m.Branch, m.Vias, m.nVia, m.nRoute = nil, 0, 0, 0
	m.CallID, m.From, m.To, m.Contact = nil, nil, nil, nil
}

// cutLine gives the line that begins at pos, without its end, and where the next one begins.
func cutLine(b []byte, pos int) (line []byte, next int, ok bool) {
	n := bytes.IndexByte(b[pos:], '\n')
	if n < 0 {
		return nil, 0, false
	}
	line = b[pos : pos+n]
	if n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, pos + n + 1, true
}

var version = []byte("SIP/2.0")

func (m *Message) startLine(line []byte) error {
	if len(line) >= 11 && bytes.EqualFold(line[:7], version) && line[7] == ' ' {
		code := 0
		for _, c := range line[8:11] {
			if c < '0' || c > '9' {
				return ErrStart
			}
			code = code*10 + int(c-'0')
		}
		if code < 100 || code > 699 || (len(line) > 11 && line[11] != ' ') {
			return ErrStart
		}
		m.Code = code
		return nil
	}
	method, rest, ok := bytes.Cut(line, space)
	uri, ver, ok2 := bytes.Cut(rest, space)
	if !ok || !ok2 || len(method) == 0 || len(uri) == 0 || !bytes.EqualFold(ver, version) {
		return ErrStart
	}
	m.Method, m.URI = method, uri
	return nil
}

var space = []byte(" ")

// finish checks what every message must have (RFC 3261 §8.1.1) and reads the top branch.
func (m *Message) finish() error {
	if m.nVia == 0 || m.From == nil || m.To == nil || m.CallID == nil || m.cseqLine == nil {
		return ErrMandatory
	}
	if m.Branch = Param(firstValue(m.viaLines[0]), "branch"); len(m.Branch) == 0 {
		return ErrBranch
	}
	return nil
}

// RecordRoutes gives the Record-Route values, top first.
func (m *Message) RecordRoutes() [][]byte { return m.routes[:m.nRoute] }
