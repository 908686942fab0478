// Package tm is stateful forwarding: transactions in the arena (RFC 3261 §16
// and §17 with RFC 6026 and RFC 5393), which any worker and the timer processes
// can handle and which outlive the worker that made them. README.md is the
// operator's view.
//
// A transaction (tx.go) is a block in a hash table, its frozen request, its
// last reply and a block for each branch with the bytes that were sent. lock.go
// says who may touch it and what happens when that one dies; create.go and
// relay.go are the way of a request, downstream.go, decide.go and upstream.go
// that of a reply, timer.go what the clock does; own.go sends requests of our own.
package tm

import (
	_ "embed"

	"goser/shm"
	"goser/worker/module"
	"goser/worker/module/api"
)

//go:embed README.md
var readme string

func init() {
	module.Register(&module.Module{
		Name: "tm", Doc: readme,
		Events: []module.Event{
			{Name: "tm:branch-failure:", Help: "a branch failed for which t_on_branch_failure(NAME) armed it"},
			{Name: "tm:local-request", Help: "a request of ours is about to leave"},
		},
		Params: moduleParams(), Funcs: functions(), Counters: counters.declare(),
		Roots: roots, Start: start, OnReply: func(c *module.Ctx) bool { return of(c.Env).onReply(c) },
		AfterRequest: func(c *module.Ctx) { of(c.Env).afterRequest(c) },
	})
}

// roots makes what transactions are kept in, so that a memory too small for it is
// an error at start.
func roots(p *shm.Proc) error {
	if _, err := openTable(p); err != nil {
		return err
	}
	if _, err := openWork(p); err != nil {
		return err
	}
	_, err := openShown(p)
	return err
}

func start(e module.Env) error {
	if e.Arena() == nil {
		return nil
	}
	if _, err := open(e); err != nil {
		return err
	}
	for _, w := range params.warnings {
		if e.Process().Index <= 1 {
			e.Log().Warn(w)
		}
	}
	api.TM = service{}
	return nil
}

// afterRequest ends what the main route has left open: a reply owed since
// t_relay failed, a transaction that was neither relayed nor answered.
func (s *state) afterRequest(c *module.Ctx) {
	if c.Tx.Off == 0 || c.Tx.Held || !c.Tx.Made {
		return
	}
	s.saveLate(c)
	if c.Tx.ErrCode == 0 && c.Tx.Flags&txDone != 0 {
		return
	}
	h, ok := s.enter(c)
	if !ok {
		return
	}
	switch {
	case h.final() || h.N > 0 || h.has(flAsync):
	case h.ErrCode != 0 && !h.has(flReleased):
		code, reason := errorReply(int(h.ErrCode))
		_ = s.reply(c, h, code, reason)
	default: // forgotten: it goes without a word
		s.endLater(h)
	}
	s.release(h)
}

// endLater ends a transaction without a reply; until wt_timer it absorbs
// retransmissions, and a CANCEL finds it.
func (s *state) endLater(h held) {
	h.Flags |= flReleased
	h.WaitAt = s.env.Tick() + ticks(uint32(params.wt))
}

// txDone in TxRef.Flags says that t_relay went well: nothing is left open. It
// is no flag of the transaction.
const txDone = 1 << 31

// txSeen says that the request was a retransmission and has been dealt with.
const txSeen = 1 << 30

// txResumed says that the route goes on with a suspended request.
const txResumed = 1 << 29

// txDropped says that the failure route has called t_drop_replies.
const txDropped = 1 << 28

// endSilently ends a transaction without a reply.
func (s *state) endSilently(h held) {
	h.Flags |= flReleased | flNoReply
	h.WaitAt = s.env.Tick()
}
