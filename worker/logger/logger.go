// Package logger writes the server's log: lines as the original writes them,
// to stderr or to syslog, through log/slog.
//
// A line on stderr is "%2d(%d) LEVEL: text key=value": process number, pid.
// Syslog gets the same without the two numbers (RFC 3164 framing on /dev/log).
// With the engine json (option --log-engine=json) a line is one JSON object
// instead, see json.go. On a terminal, lines on stderr have colours.
//
// Nothing here may stop a worker: writes never wait. A line that the socket to
// the supervisor or to syslog does not take at once is dropped and counted; the
// count is reported with the next line that gets through. Only [Handler.Patient]
// waits, for reports that nothing depends on. A line arrives whole or not at
// all. Control characters are escaped, so what a stranger sends cannot forge
// lines.
package logger

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Handler is a slog.Handler that writes the original's lines.
type Handler struct {
	out       *output
	index     int
	pid       int
	role      string
	threshold *atomic.Int32
	color     bool
	json      bool
	attrs     string // preformatted
	callid    *callID
}

// callID is what the message being handled calls itself, which only the engine
// json uses, and what lines about it begin with.
type callID struct {
	mu     sync.Mutex
	buf    []byte
	prefix []byte
}

// Options say where and what is logged.
type Options struct {
	Index    int    // process number, the first number of a line on stderr
	Role     string // what the process does, for the engine json
	Debug    int    // threshold
	Stderr   bool   // core parameter log_stderror
	Facility string // core parameter log_facility, "LOG_DAEMON"
	Name     string // core parameter log_name
	FD       int    // descriptor used as stderr; 2 if zero
	Color    bool   // option -e, or a terminal: colours on stderr
	Engine   Engine // option --log-engine
}

// New opens the log. A syslog that cannot be reached is tried again later.
func New(o Options) *Handler {
	out := newOutput(o)
	h := &Handler{
		out: out, index: o.Index, pid: os.Getpid(), role: o.Role, threshold: new(atomic.Int32), json: o.Engine.JSON,
		color: o.Color && !o.Engine.JSON && out.syslog == nil, callid: new(callID),
	}
	h.threshold.Store(int32(o.Debug))
	return h
}

// Patient is the same log for a report that must be complete and that nobody
// waits for: a line that is not taken at once is tried again, for two seconds
// in all. It tells of no message.
func (h *Handler) Patient() *Handler {
	p := *h
	p.out, p.callid = h.out.patient(), new(callID)
	return &p
}

// SetDebug changes the threshold of this handler and all made from it.
func (h *Handler) SetDebug(level int) { h.threshold.Store(int32(level)) }

// On tells whether a line of the original's level l would be written.
func (h *Handler) On(l int) bool { return int32(l) <= h.threshold.Load() }

// Dropped is the number of lines that were not taken.
func (h *Handler) Dropped() uint64 { return h.out.dropped.Load() }

// WantsCallID tells whether About has a use for the Call-ID.
func (h *Handler) WantsCallID() bool { return h.json }

// About says which message the lines to come are about, and with what they
// begin (log_prefix); "" is none.
func (h *Handler) About(id, prefix string) {
	h.callid.mu.Lock()
	h.callid.buf = append(h.callid.buf[:0], id[:min(len(id), longestAttr)]...)
	h.callid.prefix = append(h.callid.prefix[:0], prefix[:min(len(prefix), longestAttr)]...)
	h.callid.mu.Unlock()
}

// Enabled implements slog.Handler.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool { return h.On(Threshold(l)) }

// Handle implements slog.Handler. It never fails, and waits only if patient.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	level := Threshold(r.Level)
	h.out.write(level, func(buf []byte, lost uint64) []byte {
		if h.json {
			return h.jsonRecord(buf, level, r, lost)
		}
		return h.textRecord(buf, level, r, lost)
	})
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
	h.out.write(level, func(buf []byte, lost uint64) []byte {
		if h.json {
			return h.jsonLine(buf, level, prefix, text, lost)
		}
		return h.textLine(buf, level, prefix, text, lost)
	})
}

// At writes a record at a level of the original in the name of the function
// that called the caller.
func (h *Handler) At(level int, msg string, args ...any) {
	if !h.On(level) {
		return
	}
	var pc [1]uintptr
	runtime.Callers(3, pc[:])
	r := slog.NewRecord(time.Now(), Level(level), msg, pc[0])
	r.Add(args...)
	_ = h.Handle(context.Background(), r)
}

// Stray writes a line that a process wrote on stderr past the log, such as one
// of the trace of a panic.
func (h *Handler) Stray(pid int, role, text string) {
	h.out.write(Err, func(buf []byte, lost uint64) []byte {
		if h.json {
			return h.AppendStray(buf, pid, role, text)
		}
		return h.textLine(buf, Err, "stderr: ", text, lost)
	})
}

// AppendStray appends such a line as the engine json writes it.
func (h *Handler) AppendStray(buf []byte, pid int, role, text string) []byte {
	c := *h
	c.pid, c.role, c.index = pid, role, -1
	buf = c.jsonHead(buf, Err)
	buf = append(buf, `,"module":"stderr"`...)
	return c.jsonEnd(buf, text, 0)
}

// WithAttrs implements slog.Handler.
func (h *Handler) WithAttrs(as []slog.Attr) slog.Handler {
	buf := []byte(h.attrs)
	for _, a := range as {
		if h.json {
			buf = jsonAttr(buf, a)
		} else {
			buf = textAttr(buf, a)
		}
	}
	child := *h
	child.attrs = string(buf)
	return &child
}

// WithGroup implements slog.Handler; groups are not shown.
func (h *Handler) WithGroup(string) slog.Handler { return h }
