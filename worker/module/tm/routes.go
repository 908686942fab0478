package tm

import (
	"sync/atomic"

	"goser/cfg/check"
	"goser/shm"
	"goser/shm/kill"
	"goser/sip/fsm"
	"goser/worker/module"
)

// A route may decide what becomes of a transaction: make branches, answer. A
// process that dies in one leaves flDeciding; whoever has the transaction next
// turns that into flRedo (rewind), and the route runs again, passing over the
// branches that it had made (resumeBranch).

// run is a kind of such a route.
type run uint8

const (
	runFailure run = iota
	runBranchFailure
	runContinue
	runTell // no route: the function that learns how a request of our own ended
)

// maxDeaths is how many processes may die in the routes of a transaction before
// none of them is run any more.
const maxDeaths = 2

// deciding runs such a route on the request as it was; false if it did not.
func (s *state) deciding(h held, kind run, branch int, route uint16) bool {
	if h.Deaths >= maxDeaths {
		s.count(&counters.poison)
		return false
	}
	c := s.env.Borrow()
	defer s.env.Return(c)
	if !s.thaw(c, h) {
		return false
	}
	if !h.has(flRedo) {
		h.Before = h.N
	}
	h.Run, h.RunFor, h.Deciding = kind, uint8(branch), route
	atomic.StoreUint32(&h.Flags, h.Flags|flDeciding)
	kill.Point("tm.decide.1")
	switch kind {
	case runBranchFailure:
		c.Tx.Branch = int8(branch)
		s.branch(h, branch).Flags |= brFailureOn
		c.Dest.Flags = s.branch(h, branch).BFlags
	case runFailure:
		h.OnFailure = 0 // the next leg has one if the route arms it
		c.Dest.Flags = s.branch(h, branch).BFlags
	}
	if kind == runContinue {
		c.Tx.Flags |= txResumed
		c.Runner.RunAs(c, int(route)-1, check.FailureRoute)
	} else {
		c.Runner.Run(c, int(route)-1)
	}
	h.MsgFlags = c.Flags
	s.saveAVPs(c, h)
	kill.Point("tm.decide.2")
	if kind == runContinue {
		s.endBlind(h)
	}
	h.Flags &^= flDeciding | flRedo
	return true
}

// rewind is for who takes over a transaction in one of whose routes a process
// has died.
func rewind(t *tx) {
	if !t.has(flDeciding) {
		return
	}
	t.Deaths++
	atomic.StoreUint32(&t.Flags, t.Flags&^flDeciding|flRedo)
}

// unsay is for the same one: the last reply may have gone down with that process,
// so it does not count against reply_amplification, or nothing might repeat it.
func unsay(a *shm.Arena, t *tx) {
	if b := t.Reply.Get(a); b != nil {
		t.BytesOut -= min(t.BytesOut, atomic.LoadUint32(&b.Len))
	}
}

// redo runs the route again in which a process has died; false if that has
// settled it.
func (s *state) redo(h held) bool {
	switch h.Run {
	case runFailure:
		return true
	case runBranchFailure:
		s.deciding(h, runBranchFailure, int(h.RunFor), h.Deciding)
	case runContinue:
		s.deciding(h, runContinue, 0, h.Deciding)
	}
	h.Flags &^= flRedo
	return false
}

// failureRoute runs the failure route of the branch that has won; true if it has
// made new branches or answered, so that the winner is not wanted (yet).
func (s *state) failureRoute(h held, w int) bool {
	n := h.N
	if h.has(flRedo) {
		n = h.Before
	}
	if !s.deciding(h, runFailure, w, s.branch(h, w).Failure) {
		h.Flags &^= flRedo
		return false
	}
	if h.N > n && !s.allOver(h) {
		return true
	}
	if h.final() {
		return true
	}
	h.Winner = int8(s.winner(h))
	return h.has(flAsync)
}

// branchFailed runs event_route[tm:branch-failure:NAME] of a branch.
func (s *state) branchFailed(h held, b *branch, i int) {
	if b.OnFailure == 0 || b.has(brFailureOn) || h.final() {
		return
	}
	s.deciding(h, runBranchFailure, i, b.OnFailure)
}

// endBlind ends the branches that stood for a suspended request, but for those
// that the route that continued it has made.
func (s *state) endBlind(h held) {
	again := false
	for i := range int(h.N) {
		b := s.branch(h, i)
		switch {
		case b == nil || !b.has(brBlind) || b.over():
		case i >= int(h.Before):
			again = true
		default:
			b.Flags |= brDropped
			b.State, b.TimeoutAt = fsm.Terminated, 0
		}
	}
	if !again {
		h.Flags &^= flAsync
	}
}

// continueIn runs a request route with the suspended request, as a failure_route
// would run.
func (s *state) continueIn(c *module.Ctx, h held, route string) bool {
	n := c.Runner.Find(check.RequestRoute, route)
	if n < 0 || !s.deciding(h, runContinue, 0, uint16(n+1)) {
		s.endBlind(h)
		s.localFinal(h, 500, "Server Internal Error")
		return false
	}
	s.decide(h, nil, -1)
	return true
}
