package tm

import (
	"errors"

	"goser/shm"
	"goser/sip/fsm"
	"goser/worker/module"
)

var (
	errNone    = errors.New("there is no transaction")
	errRefused = errors.New("the transaction takes no reply")
)

// Suspend adds a branch that nothing is sent on and that fr_timer guards.
func (service) Suspend(c *module.Ctx) (index, label uint32, ok bool) {
	s := of(c.Env)
	h, what := s.begin(c)
	if what == failed {
		return 0, 0, false
	}
	if what != again && what != looked && !h.final() && (what == resumed && h.has(flAsync) || s.addBlind(h)) {
		if what != resumed || !s.resendReply(h) {
			s.trying(c, h, 0)
		}
		h.Flags |= flAsync | flRelayed
		s.saveAVPs(c, h)
		index, label, ok = uint32(h.off>>4), h.Label, true
	}
	s.release(h)
	return index, label, ok
}

func (s *state) addBlind(h held) bool {
	if int(h.N) >= module.MaxBranches {
		return false
	}
	off, ok := s.proc.Alloc(kindBranch, branchSize)
	if !ok {
		s.full()
		return false
	}
	b := shm.View[branch](s.arena, off)
	b.State, _ = h.client().On(fsm.None, fsm.Begin)
	b.Index, b.Flags, b.Failure = h.N, brBlind, h.OnFailure
	b.TimeoutAt = s.env.Tick() + ticks(h.FR)
	s.link(h.tx, slotOf(&h.Branches[h.N]), off)
	h.N++
	return true
}

// Continue runs a request route with the suspended request, as a failure_route
// would be.
func (service) Continue(c *module.Ctx, index, label uint32, route string) bool {
	s := of(c.Env)
	h, ok := s.take(c, uint64(index)<<4, label)
	if !ok {
		return false
	}
	ok = h.has(flAsync) && !h.final() && s.continueIn(c, h, route)
	s.release(h)
	return ok
}
