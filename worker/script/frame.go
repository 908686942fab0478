package script

import (
	"log/slog"
	"time"

	"goser/cfg/check"
	"goser/cfg/syntax"
	"goser/worker/module"
)

// What ends a sequence of statements, or an expression. Each is a bit of
// frame.state, so that "nothing happened" is one comparison.
const (
	stFail   = 1 << iota // the expression failed
	stBreak              // leave the switch, while, block or route
	stReturn             // leave the route
	stExit               // leave everything
	stDrop               // with stExit: cancel what the server does afterwards
)

// maxString is the longest string that a script can build, in bytes.
const maxString = 64 << 10

// frame is one top-level block at work on one message.
type frame struct {
	c     *module.Ctx
	e     *Engine
	value int32 // of return, exit, drop
	depth int32
	steps int32
	state uint8

	longText bool // an argument's text is longer than pv_buffer_size
}

// block is a compiled sequence of statements.
type block struct {
	stmts []stmt
	pos   syntax.Span
}

type stmt struct {
	run func(f *frame) int32
	id  int32 // counter slot
}

// run runs a block. Its value is that of its last statement, for which see
// valueOf; what ended it early is in f.state.
func (f *frame) run(b *block) int32 {
	if int(f.depth) >= f.e.opts.MaxNesting {
		f.log(b.pos, "too many nested blocks or routes", "limit", f.e.opts.MaxNesting)
		return -1
	}
	if f.steps += int32(len(b.stmts)) + 1; f.steps > f.e.opts.MaxSteps {
		f.runaway(b)
		return -1
	}
	f.depth++
	ret := int32(1)
	counts := f.e.counts
	for i := range b.stmts {
		s := &b.stmts[i]
		counts[s.id]++
		if ret = s.run(f); f.state != 0 {
			break
		}
	}
	f.depth--
	return ret
}

// runaway ends a script that would not end in any useful time.
func (f *frame) runaway(b *block) {
	f.log(b.pos, "runaway script: it ends here", "statements", f.e.opts.MaxSteps)
	f.steps, f.value = 0, -1
	f.state |= stExit
}

// route runs a block as a route: return and break end here.
func (f *frame) route(b *block) int32 {
	ret := f.run(b)
	if f.state != 0 {
		ret = f.value
		f.state &^= stReturn | stBreak
	}
	f.c.RC = ret
	return ret
}

// settle is called after a statement's expression: a failure ends here. It
// tells whether the expression has a value; ended means that the script ends.
func (f *frame) settle() (ok, ended bool) {
	if f.state == 0 {
		return true, false
	}
	ok = f.state&stFail == 0
	f.state &^= stFail
	return ok, f.state != 0
}

// fail makes the expression fail and says why.
func (f *frame) fail(pos syntax.Span, msg string, args ...any) {
	f.state |= stFail
	f.log(pos, msg, args...)
}

// log reports a mistake of the script, at most logsPerSecond of them.
func (f *frame) log(pos syntax.Span, msg string, args ...any) {
	ok, held := f.e.limit.allow(f.c.Env.Now())
	if !ok {
		return
	}
	if held > 0 {
		args = append(args, slog.Uint64("suppressed", held))
	}
	f.c.Env.Log().Error("script: "+msg, append(args, slog.String("at", f.e.prog.Where(pos)))...)
}

const logsPerSecond = 20

// limiter bounds log lines: what a stranger's message makes the script do wrong
// must not fill the log.
type limiter struct {
	second int64
	used   int
	held   uint64
}

func (l *limiter) allow(now time.Time) (ok bool, held uint64) {
	if s := now.Unix(); s != l.second {
		l.second, l.used = s, 0
	}
	if l.used >= logsPerSecond {
		l.held++
		return false, 0
	}
	l.used++
	held, l.held = l.held, 0
	return true, held
}

// top runs a top-level block for c. Script flags and $rc begin at 0; the flags
// are put back afterwards.
func (e *Engine) top(c *module.Ctx, kind check.RouteKind, b *block) (value int32, dropped bool) {
	f := e.take(c)
	flags, route := c.ScriptFlags, c.Route
	c.ScriptFlags, c.Route, c.RC = 0, kind, 0
	c.Runner, c.FormatMax = e, e.opts.FormatMax
	value = e.timed(f, b)
	if f.state != 0 {
		value = f.value
	}
	c.Ended, dropped = f.state&stExit != 0, f.state&stDrop != 0
	c.RC, c.ScriptFlags, c.Route = value, flags, route
	e.free = append(e.free, f)
	return value, dropped
}

// take finds a frame that no message uses. Messages that wait keep theirs.
func (e *Engine) take(c *module.Ctx) *frame {
	if n := len(e.free); n > 0 {
		f := e.free[n-1]
		e.free = e.free[:n-1]
		*f = frame{c: c, e: e}
		return f
	}
	return &frame{c: c, e: e}
}
