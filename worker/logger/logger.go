// Package logger writes the server's log: lines as the original writes them,
// to stderr or to syslog, through log/slog.
//
// A line on stderr is "%2d(%d) LEVEL: text key=value": process number, pid.
// Syslog gets the same without the two numbers (RFC 3164 framing on /dev/log).
//
// Nothing here may stop a worker: writes never wait. A line that the pipe or
// the syslog socket does not take at once is dropped and counted; the count is
// reported with the next line that gets through. Control characters are
// escaped, so what a stranger sends cannot forge lines.
package logger

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// The levels of the original, most severe first. A line is written when its
// level is at most the threshold (core parameter debug).
const (
	Alert  = -5
	Bug    = -4
	Crit   = -3
	Err    = -1
	Warn   = 0
	Notice = 1
	Info   = 2
	Debug  = 3
)

var names = map[int]string{
	Alert: "ALERT", Bug: "BUG", -2: "CRITICAL", Crit: "CRITICAL", Err: "ERROR",
	Warn: "WARNING", Notice: "NOTICE", Info: "INFO", Debug: "DEBUG",
}

// slogLevels holds slog's level for each of the original's, from Alert on.
var slogLevels = [...]slog.Level{20, 16, 12, 10, slog.LevelError, slog.LevelWarn, 2, slog.LevelInfo, slog.LevelDebug}

// Level turns a level of the original into one of slog, where more is worse.
func Level(l int) slog.Level {
	return slogLevels[min(max(l, Alert), Debug)-Alert]
}

// Threshold turns a slog level back; one between two of ours counts as the
// milder.
func Threshold(l slog.Level) int {
	for i, s := range slogLevels {
		if l >= s {
			return i + Alert
		}
	}
	return Debug
}

// maxLine keeps a line below PIPE_BUF: it arrives whole or not at all.
const maxLine = 4096

// Handler is a slog.Handler that writes the original's lines.
type Handler struct {
	out       *output
	index     int
	threshold *atomic.Int32
	prefix    string // preformatted attributes
}

// output is shared by a handler and its children.
type output struct {
	mu      sync.Mutex
	buf     []byte
	syslog  *syslogConn // nil: stderr
	fd      int
	dropped atomic.Uint64
}

// Options say where and what is logged.
type Options struct {
	Index    int    // process number, the first number of a line on stderr
	Debug    int    // threshold
	Stderr   bool   // core parameter log_stderror
	Facility string // core parameter log_facility, "LOG_DAEMON"
	Name     string // core parameter log_name
	FD       int    // descriptor used as stderr; 2 if zero
}

// New opens the log. A syslog that cannot be reached is tried again later.
func New(o Options) *Handler {
	out := &output{fd: o.FD, buf: make([]byte, 0, maxLine+64)}
	if out.fd == 0 {
		out.fd = 2
	}
	if !o.Stderr {
		out.syslog = newSyslog(o.Facility, o.Name)
	}
	h := &Handler{out: out, index: o.Index, threshold: new(atomic.Int32)}
	h.threshold.Store(int32(o.Debug))
	return h
}

// SetDebug changes the threshold of this handler and all made from it.
func (h *Handler) SetDebug(level int) { h.threshold.Store(int32(level)) }

// On tells whether a line of the original's level l would be written.
func (h *Handler) On(l int) bool { return int32(l) <= h.threshold.Load() }

// Dropped is the number of lines that were not taken.
func (h *Handler) Dropped() uint64 { return h.out.dropped.Load() }

// Enabled implements slog.Handler.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool { return h.On(Threshold(l)) }

// Handle implements slog.Handler. It never waits and never fails.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	buf := h.head(h.out.buf[:0], Threshold(r.Level))
	buf = escape(buf, r.Message)
	buf = append(buf, h.prefix...)
	r.Attrs(func(a slog.Attr) bool {
		buf = appendAttr(buf, a)
		return len(buf) < maxLine
	})
	h.out.write(Threshold(r.Level), buf)
	return nil
}

// Line writes text as it is, for log() and xlog(): no attributes, only the
// given prefix. A final newline is the author's and not doubled.
func (h *Handler) Line(level int, prefix, text string) {
	if !h.On(level) {
		return
	}
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	buf := h.head(h.out.buf[:0], level)
	buf = append(buf, prefix...)
	h.out.write(level, escape(buf, text))
}

// WithAttrs implements slog.Handler.
func (h *Handler) WithAttrs(as []slog.Attr) slog.Handler {
	buf := []byte(h.prefix)
	for _, a := range as {
		buf = appendAttr(buf, a)
	}
	child := *h
	child.prefix = string(buf)
	return &child
}

// WithGroup implements slog.Handler; groups are not shown.
func (h *Handler) WithGroup(string) slog.Handler { return h }

func (h *Handler) head(buf []byte, level int) []byte {
	if h.out.syslog == nil {
		if h.index < 10 {
			buf = append(buf, ' ')
		}
		buf = strconv.AppendInt(buf, int64(h.index), 10)
		buf = append(buf, '(')
		buf = strconv.AppendInt(buf, int64(os.Getpid()), 10)
		buf = append(buf, ") "...)
	} else {
		buf = h.out.syslog.head(buf, level)
	}
	buf = append(buf, levelName(level)...)
	return append(buf, ": "...)
}

func levelName(l int) string {
	if n, ok := names[l]; ok {
		return n
	}
	if l < Alert {
		return "ALERT"
	}
	return "DEBUG"
}

func (o *output) write(level int, buf []byte) {
	if len(buf) > maxLine-1 {
		buf = append(buf[:maxLine-4], "..."...)
	}
	if n := o.dropped.Load(); n > 0 && len(buf) < maxLine-40 {
		buf = fmt.Appendf(buf, " (%d lines lost before)", n)
		if o.send(append(buf, '\n')) {
			o.dropped.Add(-n)
			return
		}
	} else if o.send(append(buf, '\n')) {
		return
	}
	o.dropped.Add(1)
}

func (o *output) send(line []byte) bool {
	if o.syslog != nil {
		return o.syslog.send(line[:len(line)-1])
	}
	return writeNoWait(o.fd, line)
}

func appendAttr(buf []byte, a slog.Attr) []byte {
	if a.Key == "" {
		return buf
	}
	buf = append(buf, ' ')
	buf = append(buf, a.Key...)
	buf = append(buf, '=')
	v := a.Value.Resolve()
	if v.Kind() == slog.KindString {
		return escape(buf, v.String())
	}
	return escape(buf, fmt.Sprint(v.Any()))
}

// escape appends s with everything that is not printable made visible.
func escape(buf []byte, s string) []byte {
	for i := 0; i < len(s) && len(buf) < maxLine; {
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

func appendHex(buf []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	return append(buf, '\\', 'x', hex[c>>4], hex[c&15])
}
