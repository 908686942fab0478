package tm

import (
	"goser/shm"
	"goser/shm/kill"
	"goser/sip/fsm"
	"goser/worker/module"
)

var timerKind = module.NewTimer(fire)

// maxCancels bounds the CANCELs to one branch (RFC 3261 timer F: 64*T1).
const cancelTries = 10

// fire is called by a timer process when a transaction's time has come. It
// looks at all that is due. A transaction that somebody is at work on comes
// again a tick later.
func fire(e module.Env, node, arg uint64) {
	s := of(e)
	if s == nil || node < timerAt {
		return
	}
	off := node - timerAt
	g := s.table.Lock(s.proc, arg)
	if !g.Holds(off) {
		g.Unlock() // whoever took it out cancels the timer
		return
	}
	t := shm.View[tx](s.arena, off)
	note := s.note(off)
	ok, recovered := false, false
	if note >= 0 {
		ok, recovered = t.Lock.TryLock(s.proc)
	}
	if !ok {
		if note >= 0 {
			s.forget(note)
		}
		s.timers.Add(s.proc, node, e.Tick()+1)
		g.Unlock()
		return
	}
	g.Unlock()
	h := held{tx: t, off: off, note: note, mine: true}
	if recovered {
		s.inherit(h)
	}
	h.Armed = 0
	s.due(h, e.Tick())
	s.release(h)
}

// due does what the clock wants done.
func (s *state) due(h held, now uint64) {
	if h.WaitAt != 0 {
		return // release takes it out
	}
	if h.LifeAt <= now {
		s.expire(h)
	}
	for i := range int(h.N) {
		if b := s.branch(h, i); b != nil {
			s.branchDue(h, b, i, now)
		}
	}
	if h.RetrAt != 0 && h.RetrAt <= now {
		s.replyDue(h, now)
	}
	if h.TimeoutAt != 0 && h.TimeoutAt <= now { // timer H: the ACK does not come
		h.RetrAt, h.TimeoutAt = 0, 0
		h.State, _ = h.server().On(h.State, fsm.Timeout)
		s.count(&counters.noAck)
		s.settle(h)
	}
	if s.undecided(h) {
		s.decide(h, nil, -1)
	}
}

// replyDue is timer G: a negative reply once more, as long as that does not
// amount to an attack on an address that somebody has forged.
func (s *state) replyDue(h held, now uint64) {
	_, do := h.server().On(h.State, fsm.Retransmit)
	if !do.Has(fsm.SendReply) {
		h.RetrAt = 0
		return
	}
	limit := uint32(s.env.Conf().Amplification) * h.BytesIn
	if h.has(flShown) || h.BytesOut+uint32(len(s.blob(h.Reply))) <= limit {
		s.count(&counters.retransmitted)
		s.resendReply(h)
	}
	h.RetrMs = min(2*h.RetrMs, h.T2)
	h.RetrAt = now + ticks(h.RetrMs)
}

// branchDue is timers A, E, B, F and C of a branch, and those of its CANCEL.
func (s *state) branchDue(h held, b *branch, i int, now uint64) {
	if b.CancelAt != 0 && b.CancelAt <= now {
		s.cancelDue(h, b, i, now)
	}
	if b.over() { // its final reply came, and who had that died before these were unset
		b.RetrAt, b.TimeoutAt = 0, 0
		return
	}
	if b.TimeoutAt != 0 && b.TimeoutAt <= now {
		s.timeout(h, b, i)
		return
	}
	if b.RetrAt == 0 || b.RetrAt > now {
		return
	}
	_, do := h.client().On(b.State, fsm.Retransmit)
	switch {
	case do.Has(fsm.SendRequest | fsm.SlowRetransmit):
		b.RetrMs = h.T2
	case do.Has(fsm.SendRequest) && h.invite(): // timer A doubles without bound (RFC 3261 §17.1.1.2); retr_timer2 bounds it
		b.RetrMs = min(2*b.RetrMs, h.T2)
	case do.Has(fsm.SendRequest):
		b.RetrMs = min(2*b.RetrMs, h.T2)
	default:
		b.RetrAt = 0
		return
	}
	b.RetrAt = now + ticks(b.RetrMs)
	s.count(&counters.retransmitted)
	s.sendBranch(h, i)
}

func (s *state) cancelDue(h held, b *branch, i int, now uint64) {
	b.CancelTries++
	if b.Cancel != cancelSent || b.CancelTries > cancelTries {
		b.CancelAt = 0
		s.settle(h)
		return
	}
	b.CancelMs = min(2*b.CancelMs, h.T2)
	b.CancelAt = now + ticks(b.CancelMs)
	s.sendCancel(h, i)
}

// timeout ends a branch with a 408 of ours; one that had begun to ring is
// cancelled.
func (s *state) timeout(h held, b *branch, i int) {
	s.branchExpires(h, b, i)
	s.decide(h, nil, -1)
}

func (s *state) branchExpires(h held, b *branch, i int) {
	s.count(&counters.timeouts)
	h.Flags |= flTimeout
	progress := b.has(brProgress)
	code := 408
	if b.Cancel != cancelNone {
		code = 487
	}
	s.endBranch(h, b, code, brTimeout)
	if h.invite() && progress && b.Cancel == cancelNone {
		s.cancelNow(h, b, i)
	}
	s.branchFailed(h, b, i)
}

// expire is the end of a transaction's life, whatever its other timers say. Its
// last reply may still be repeated and acknowledged, for as long as a finished
// transaction is kept.
func (s *state) expire(h held) {
	h.Flags |= flExpired
	for i := range int(h.N) {
		if b := s.branch(h, i); b != nil && !b.over() {
			s.branchExpires(h, b, i)
		}
	}
	h.Flags &^= flAsync
	until := s.env.Tick() + ticks(uint32(params.wt))
	if h.final() {
		h.RetrAt, h.TimeoutAt, h.WaitAt = 0, 0, until
		return
	}
	h.LifeAt = until
	kill.Point("tm.expire") // the successor finds it undecided
	if h.N > 0 {
		s.decide(h, nil, -1)
		s.localFinal(h, 408, "Request Timeout")
		return
	}
	h.State = fsm.Terminated // created and forgotten
	s.settle(h)
}
