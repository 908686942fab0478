package logger

import (
	"fmt"
	"log/slog"
	"strconv"
	"unicode/utf8"
)

const colorEnd = "\x1b[0;39;49m"

func (h *Handler) textRecord(buf []byte, level int, r slog.Record, lost uint64) []byte {
	buf = h.textHead(buf, level)
	buf = h.out.escape(buf, r.Message)
	buf = append(buf, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		buf = textAttr(buf, a)
		return len(buf) < h.out.longest
	})
	return h.textEnd(buf, lost)
}

func (h *Handler) textLine(buf []byte, level int, prefix, text string, lost uint64) []byte {
	buf = append(h.textHead(buf, level), prefix...)
	return h.textEnd(h.out.escape(buf, text), lost)
}

func (h *Handler) textHead(buf []byte, level int) []byte {
	if h.out.syslog == nil {
		if h.color {
			buf = append(buf, "\x1b["...)
			buf = append(buf, levels[row(level)].color...)
			buf = append(buf, ";49m"...)
		}
		if h.index < 10 {
			buf = append(buf, ' ')
		}
		buf = strconv.AppendInt(buf, int64(h.index), 10)
		buf = append(buf, '(')
		buf = strconv.AppendInt(buf, int64(h.pid), 10)
		buf = append(buf, ") "...)
	}
	buf = append(buf, levelName(level)...)
	buf = append(buf, ": "...)
	h.callid.mu.Lock()
	defer h.callid.mu.Unlock()
	return h.out.escape(buf, string(h.callid.prefix))
}

// textEnd cuts what is too long and tells of lines lost before.
func (h *Handler) textEnd(buf []byte, lost uint64) []byte {
	const room = 64 // for what follows
	if len(buf) > h.out.longest-room {
		buf = append(buf[:h.out.longest-room], "..."...)
	}
	if lost > 0 {
		buf = fmt.Appendf(buf, " (%d lines lost before)", lost)
	}
	if h.color {
		buf = append(buf, colorEnd...)
	}
	return buf
}

func textAttr(buf []byte, a slog.Attr) []byte {
	if a.Key == "" {
		return buf
	}
	buf = append(buf, ' ')
	buf = append(buf, a.Key...)
	buf = append(buf, '=')
	return escape(buf, attrText(a), len(buf)+longestAttr)
}

// longestAttr bounds the value of an attribute.
const longestAttr = 4096

func attrText(a slog.Attr) string {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindString {
		return v.String()
	}
	return fmt.Sprint(v.Any())
}

func (o *output) escape(buf []byte, s string) []byte { return escape(buf, s, o.longest) }

// escape appends s, until buf is longer than limit, with everything that is not
// printable made visible.
func escape(buf []byte, s string, limit int) []byte {
	for i := 0; i < len(s) && len(buf) < limit; {
		c := s[i]
		switch {
		case c == '\n':
			buf = append(buf, `\n`...)
		case c == '\r':
			buf = append(buf, `\r`...)
		case c == '\t':
			buf = append(buf, c)
		case c < 0x20 || c == 0x7f:
			buf = appendHex(buf, c)
		case c < utf8.RuneSelf:
			buf = append(buf, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || r < 0xa0 || r == 0x2028 || r == 0x2029 {
				buf = appendHex(buf, c)
				break
			}
			buf = append(buf, s[i:i+n]...)
			i += n - 1
		}
		i++
	}
	return buf
}

const hex = "0123456789abcdef"

func appendHex(buf []byte, c byte) []byte {
	return append(buf, '\\', 'x', hex[c>>4], hex[c&15])
}
