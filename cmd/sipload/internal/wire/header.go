package wire

import "bytes"

type field uint8

const (
	other field = iota
	via
	from
	toHeader
	callID
	cseq
	contact
	recordRoute
)

// names by length, so that most headers are told apart without a comparison.
var names = [...][]struct {
	name []byte
	id   field
}{
	1:  {{[]byte("v"), via}, {[]byte("f"), from}, {[]byte("t"), toHeader}, {[]byte("i"), callID}, {[]byte("m"), contact}},
	2:  {{[]byte("to"), toHeader}},
	3:  {{[]byte("via"), via}},
	4:  {{[]byte("from"), from}, {[]byte("cseq"), cseq}},
	7:  {{[]byte("call-id"), callID}, {[]byte("contact"), contact}},
	12: {{[]byte("record-route"), recordRoute}},
}

func fieldOf(name []byte) field {
	if len(name) < len(names) {
		for _, n := range names[len(name)] {
			if bytes.EqualFold(n.name, name) {
				return n.id
			}
		}
	}
	return other
}

func (m *Message) header(line []byte) error {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return ErrHeader
	}
	name := line[:colon]
	for isSpace(name[len(name)-1]) {
		if name = name[:len(name)-1]; len(name) == 0 {
			return ErrHeader
		}
	}
	value := trim(line[colon+1:])
	switch fieldOf(name) {
	case via:
		return m.addVia(value)
	case recordRoute:
		return m.addRoutes(value)
	case from:
		keepFirst(&m.From, value)
	case toHeader:
		keepFirst(&m.To, value)
	case callID:
		keepFirst(&m.CallID, value)
	case contact:
		keepFirst(&m.Contact, value)
	case cseq:
		return m.setCSeq(value)
	}
	return nil
}

// keepFirst keeps the first of a header that may not repeat; an empty value still counts as there.
func keepFirst(dst *[]byte, value []byte) {
	if *dst == nil {
		*dst = value
	}
}

func (m *Message) addVia(value []byte) error {
	if m.nVia == maxLines {
		return ErrTooMany
	}
	m.viaLines[m.nVia] = value
	m.nVia++
	for len(value) > 0 {
		_, value = cutValue(value)
		m.Vias++
	}
	return nil
}

func (m *Message) addRoutes(value []byte) error {
	for len(value) > 0 {
		var one []byte
		if one, value = cutValue(value); len(one) == 0 {
			continue
		}
		if m.nRoute == maxLines {
			return ErrTooMany
		}
		m.routes[m.nRoute] = one
		m.nRoute++
	}
	return nil
}

func (m *Message) setCSeq(value []byte) error {
	if m.cseqLine != nil {
		return nil
	}
	var n uint64
	i := 0
	for ; i < len(value) && value[i] >= '0' && value[i] <= '9'; i++ {
		if n = n*10 + uint64(value[i]-'0'); n > 1<<32-1 {
			return ErrCSeq
		}
	}
	method := trim(value[i:])
	if i == 0 || len(method) == 0 || len(method) == len(value)-i {
		return ErrCSeq
	}
	m.CSeq, m.CSeqMethod, m.cseqLine = uint32(n), method, value
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// trim cuts white space, fold included, off both ends; the result is never nil.
func trim(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// cutValue splits a header value at its first comma outside quotes and angle brackets.
func cutValue(b []byte) (first, rest []byte) {
	end := scan(b, ',', true)
	if end == len(b) {
		return trim(b), nil
	}
	return trim(b[:end]), b[end+1:]
}

func firstValue(b []byte) []byte {
	first, _ := cutValue(b)
	return first
}

// scan finds the first sep in b outside quoted strings (and, if angle, outside <>), or len(b).
func scan(b []byte, sep byte, angle bool) int {
	first := bytes.IndexByte(b, sep)
	if first < 0 {
		return len(b)
	}
	// What stands before the first sep matters only if it can hide it.
	if bytes.IndexByte(b[:first], '"') < 0 && (!angle || bytes.IndexByte(b[:first], '<') < 0) {
		return first
	}
	return scanHidden(b, sep, angle)
}

// scanHidden is scan where quotes or angle brackets may hide a sep.
func scanHidden(b []byte, sep byte, angle bool) int {
	quoted, inside := false, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case angle && c == '<':
			inside = true
		case angle && c == '>':
			inside = false
		case c == sep && !inside:
			return i
		}
	}
	return len(b)
}

// Param finds a parameter after the first ';' of a value such as "host;branch=x;lr"; nil when it is
// not there, empty but not nil when it has no value. Parameters inside <> are not looked at.
func Param(value []byte, name string) []byte {
	for i := scan(value, ';', true); i < len(value); {
		value = value[i+1:]
		i = scan(value, ';', true)
		key, val, _ := bytes.Cut(value[:i], equals)
		if key = trim(key); len(key) == len(name) && equalFold(key, name) {
			if val = trim(val); val == nil {
				val = key[len(key):]
			}
			return val
		}
	}
	return nil
}

var equals = []byte("=")

// equalFold compares a key with a lower-case ASCII name of the same length.
func equalFold(key []byte, name string) bool {
	for i := range key {
		c := key[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != name[i] {
			return false
		}
	}
	return true
}

// URIOf takes the URI out of a name-addr or addr-spec (RFC 3261 §20.10): what stands in <>, or all
// up to the first ';' when there are none.
func URIOf(value []byte) []byte {
	if open := scan(value, '<', false); open < len(value) {
		rest := value[open+1:]
		if end := bytes.IndexByte(rest, '>'); end >= 0 {
			return trim(rest[:end])
		}
		return nil
	}
	return trim(value[:scan(value, ';', false)])
}

// HostPort takes "host:port" (or "host", or "[v6]:port") out of a SIP URI, nil if it has none.
func HostPort(uri []byte) []byte {
	scheme := bytes.IndexByte(uri, ':')
	if scheme < 0 {
		return nil
	}
	rest := uri[scheme+1:]
	if at := bytes.IndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if end := bytes.IndexAny(rest, ";?> "); end >= 0 {
		rest = rest[:end]
	}
	return rest
}
