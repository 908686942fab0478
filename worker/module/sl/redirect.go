package sl

import (
	"strconv"

	"goser/worker/module"
)

// redirectContact is the Contact line of a 3xx: the R-URI, if the script
// changed it, and the branches, each with its q.
func redirectContact(c *module.Ctx) string {
	d := &c.Dest
	if d.URI == "" && d.N == 0 {
		return ""
	}
	room := len("Contact: \r\n") + 3*len(d.URI) + 2
	for i := range d.N {
		room += 3*len(d.Branches[i].URI) + len(", <>;q=1.000")
	}
	return c.Build(room, func(dst []byte) []byte {
		dst = append(dst, "Contact: "...)
		first := true
		if d.URI != "" {
			dst, first = appendContact(dst, d.URI, -1), false
		}
		for i := range d.N {
			if !first {
				dst = append(dst, ", "...)
			}
			dst, first = appendContact(dst, d.Branches[i].URI, d.Branches[i].Q), false
		}
		return append(dst, "\r\n"...)
	})
}

// appendContact writes <uri>;q=0.5. What would end the brackets or the line is
// escaped (RFC 3261 §25.1): the URI may come from a stranger.
func appendContact(dst []byte, uri string, q int16) []byte {
	const hex = "0123456789ABCDEF"
	dst = append(dst, '<')
	for i := range len(uri) {
		switch b := uri[i]; {
		case b <= ' ' || b == 0x7f || b == '<' || b == '>' || b == '"':
			dst = append(dst, '%', hex[b>>4], hex[b&15])
		default:
			dst = append(dst, b)
		}
	}
	dst = append(dst, '>')
	if q < 0 {
		return dst
	}
	return appendQ(append(dst, ";q="...), q)
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
