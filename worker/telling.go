package worker

import (
	"goser/cfg/check"
	"goser/worker/module"
)

// telling runs routes for the messages that modules bring back, from a timer for
// one, and tells the log which message each is about.
type telling struct {
	module.Runner
	w *Worker
}

// callRunner is what modules run routes with.
func (w *Worker) callRunner() module.Runner {
	if !w.tells() {
		return w.runner
	}
	return telling{w.runner, w}
}

// Call implements module.Runner.
func (t telling) Call(c *module.Ctx, kind check.RouteKind, name string) int {
	t.w.about(c)
	defer t.w.about(t.w.current())
	return t.Runner.Call(c, kind, name)
}

// current is the message that this goroutine received, nil in the timers.
func (w *Worker) current() *module.Ctx {
	if w.turn == nil || w.turn.slot == nil {
		return nil
	}
	return &w.turn.ctx
}
