package module

import (
	"strconv"
	"strings"
)

// RedirectContact is the Contact line of a 3xx: the R-URI, if the script
// changed it, and the branches, each with its q; empty if there is neither. rich
// is what else they say: 1 branch flags, 2 the path, 3 both.
func (c *Ctx) RedirectContact(rich int32) string {
	d := &c.Dest
	if d.URI == "" && d.N == 0 {
		return ""
	}
	room := len("Contact: \r\n") + 3*len(d.URI) + 2 + len(flagsParam)
	for i := range d.N {
		b := &d.Branches[i]
		room += 3*len(b.URI) + len(", <>;q=1.000") + len(routeHeader) + 3*len(b.Path) + len(flagsParam)
	}
	return c.Build(room, func(dst []byte) []byte {
		dst = append(dst, "Contact: "...)
		first := true
		if d.URI != "" {
			dst, first = appendContact(dst, &Branch{URI: d.URI, Q: -1, Flags: d.Flags}, rich), false
		}
		for i := range d.N {
			if !first {
				dst = append(dst, ", "...)
			}
			dst, first = appendContact(dst, &d.Branches[i], rich), false
		}
		return append(dst, "\r\n"...)
	})
}

// What rich_redirect adds.
const (
	withFlags = 1
	withPath  = 2

	routeHeader = "?Route=" // RFC 3261 §19.1.1, headers
	flagsParam  = ";flags=4294967295"
)

// appendContact writes <uri>;q=0.5. What would end the brackets or the line is
// escaped (RFC 3261 §25.1): the URI may come from a stranger.
func appendContact(dst []byte, b *Branch, rich int32) []byte {
	dst = appendEscaped(append(dst, '<'), b.URI, `<>"`)
	if rich&withPath != 0 && b.Path != "" {
		header := routeHeader
		if strings.IndexByte(b.URI, '?') >= 0 {
			header = "&" + routeHeader[1:]
		}
		dst = appendEscaped(append(dst, header...), b.Path, `<>"@;,?&=%`)
	}
	dst = append(dst, '>')
	if b.Q >= 0 {
		dst = appendQ(append(dst, ";q="...), b.Q)
	}
	if rich&withFlags != 0 {
		dst = strconv.AppendUint(append(dst, ";flags="...), uint64(b.Flags), 10)
	}
	return dst
}

// appendEscaped escapes some characters, blanks and what is not printed.
func appendEscaped(dst []byte, s, chars string) []byte {
	const hex = "0123456789abcdef"
	for i := range len(s) {
		switch b := s[i]; {
		case b <= ' ' || b == 0x7f || strings.IndexByte(chars, b) >= 0:
			dst = append(dst, '%', hex[b>>4], hex[b&15])
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// appendQ writes thousandths as 1, 0 or 0.5 (RFC 3261 §25.1, qvalue).
func appendQ(dst []byte, q int16) []byte {
	if q >= 1000 {
		return append(dst, '1')
	}
	dst = append(dst, '0')
	if q == 0 {
		return dst
	}
	from := len(dst) + 1
	dst = strconv.AppendInt(append(dst, '.'), int64(q)+1000, 10)
	copy(dst[from:], dst[from+1:]) // the 1 that held the zeros
	dst = dst[:len(dst)-1]
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}
