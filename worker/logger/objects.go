package logger

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"strings"
	"unicode/utf8"
)

// Objects returns a writer that makes an object of each line which is none yet:
// what is said before there is a log. "LEVEL: text" becomes level and message.
func Objects(w io.Writer, role string) io.Writer { return &objects{w: w, role: role} }

type objects struct {
	w    io.Writer
	role string
	rest []byte
}

func (o *objects) Write(b []byte) (int, error) {
	o.rest = append(o.rest, b...)
	for {
		i := bytes.IndexByte(o.rest, '\n')
		if i < 0 {
			return len(b), nil
		}
		line := o.rest[:i+1]
		if !bytes.HasPrefix(line, []byte(objectStart)) && i > 0 {
			line = o.object(string(line[:i]))
		}
		if i > 0 {
			if _, err := o.w.Write(line); err != nil {
				return len(b), err
			}
		}
		o.rest = append(o.rest[:0], o.rest[i+1:]...)
	}
}

func (o *objects) object(text string) []byte {
	level := Notice
	for i, l := range levels {
		if rest, ok := strings.CutPrefix(text, l.name+": "); ok {
			level, text = i+Alert, rest
			break
		}
	}
	h := &Handler{out: &output{longest: longestLine}, pid: os.Getpid(), role: o.role, callid: new(callID), json: true}
	buf := append(h.jsonHead(nil, level), `,"module":"core"`...)
	return append(h.jsonEnd(buf, text, 0), '\n')
}

// objectStart is how every object begins.
const objectStart = `{"time":"`

// jsonAttr appends "key":"value", with the comma.
func jsonAttr(buf []byte, a slog.Attr) []byte {
	if a.Key == "" {
		return buf
	}
	buf = jsonString(buf, a.Key, len(buf)+longestAttr)
	buf = append(buf, ':')
	buf = jsonString(buf, attrText(a), len(buf)+longestAttr)
	return append(buf, ',')
}

// jsonString appends s in quotes, cut with "..." when buf would get longer than
// limit. What is no UTF-8 is shown as \xNN; control characters, those of C1 and
// the line separators included, are escaped.
func jsonString(buf []byte, s string, limit int) []byte {
	buf = append(buf, '"')
	for i := 0; i < len(s); {
		if len(buf) > limit-12 { // the longest piece, and the end
			buf = append(buf, "..."...)
			break
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			buf = append(buf, '\\')
			buf = appendHex(buf, s[i])
		case r == '"' || r == '\\':
			buf = append(buf, '\\', byte(r))
		case r == '\n':
			buf = append(buf, `\n`...)
		case r == '\r':
			buf = append(buf, `\r`...)
		case r == '\t':
			buf = append(buf, `\t`...)
		case r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029:
			buf = append(buf, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			buf = append(buf, s[i:i+n]...)
		}
		i += n
	}
	return append(buf, '"')
}
