package script

import (
	"strconv"
	"time"

	"goser/cfg/syntax"
)

// Latency says what is told about what takes long: latency_limit_action with latency_log, and
// latency_limit_cfg with latency_cfg_log. A limit of 0 tells nothing and costs nothing.
type Latency struct {
	Action, Block           time.Duration
	ActionLevel, BlockLevel int
}

// watched makes a statement tell when it took long.
func (k *compiler) watched(run func(f *frame) int32, at syntax.Span) func(f *frame) int32 {
	l := k.e.opts.Latency
	if l.Action == 0 {
		return run
	}
	where := k.p.Where(at)
	return func(f *frame) int32 {
		start := time.Now()
		ret := run(f)
		if took := time.Since(start); took > l.Action {
			f.late(l.ActionLevel, "the statement", where, took)
		}
		return ret
	}
}

// timed runs a top-level block.
func (e *Engine) timed(f *frame, b *block) int32 {
	l := &e.opts.Latency
	if l.Block == 0 {
		return f.run(b)
	}
	start := time.Now()
	ret := f.run(b)
	if took := time.Since(start); took > l.Block {
		f.late(l.BlockLevel, "the route", e.prog.Where(b.pos), took)
	}
	return ret
}

// late tells that something took long, at most logsPerSecond times in a second.
func (f *frame) late(level int, what, where string, took time.Duration) {
	if ok, _ := f.e.limit.allow(f.c.Env.Now()); !ok {
		return
	}
	us := strconv.FormatInt(took.Microseconds(), 10)
	f.c.Env.ScriptLog(level, "latency: ", what+" at "+where+" took "+us+" us")
}
