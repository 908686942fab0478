package tm

import (
	"goser/cfg/check"
	"goser/shm/kill"
	"goser/sip"
	"goser/sip/fsm"
	"goser/worker/module"
)

// onReply sees every reply after the core's onreply_route; false means that it
// belonged to a transaction and is dealt with. room 5
func (s *state) onReply(c *module.Ctx) bool {
	via, err := c.SIP.Via(0)
	if err != nil {
		return true
	}
	id, ok := s.parseBranchID(via.Branch)
	if !ok {
		return s.stray(c)
	}
	s.count(&counters.received)
	h, ok := s.take(c, id.off, id.label)
	if !ok {
		return s.late(c)
	}
	b := s.branch(h, id.n)
	foreign := b == nil && h.WaitAt == 0 || b != nil && b.has(brBlind)
	switch {
	case foreign:
	case b == nil:
		s.repeated(c, h, id.n)
	default:
		s.branchReply(c, h, b, id.n)
	}
	s.release(h)
	return foreign
}

// repeated is a reply to a branch of which nothing is left: the final one once
// more. A 2xx to an INVITE goes on. If the worker that had the final reply first
// died before its own was sent, that is made good.
func (s *state) repeated(c *module.Ctx, h held, i int) {
	q, err := c.SIP.CSeq()
	switch {
	case err != nil || !h.sameCSeq(q):
		s.count(&counters.wrong)
	case h.invite() && c.SIP.StatusCode/100 == 2:
		s.relayReply(c, h, i)
	default:
		s.count(&counters.absorbed)
		if c.Recv.ID != 0 && h.Ender == c.Recv.ID {
			s.resendReply(h)
		}
	}
}

// late is a reply to a request that we have sent and whose transaction has
// ended, so the client has had its final reply. A 2xx to an INVITE goes on all
// the same, for somebody has to end that call; nothing else does (RFC 3261 §16.7
// step 5, RFC 4320 §4.2).
func (s *state) late(c *module.Ctx) bool {
	s.count(&counters.unmatched)
	q, err := c.SIP.CSeq()
	if err == nil && q.Method == sip.MethodInvite && c.SIP.StatusCode/100 == 2 {
		return s.stray(c)
	}
	return false
}

// stray is a reply without a transaction: sent on statelessly, unless the route
// of on_sl_reply drops it.
func (s *state) stray(c *module.Ctx) bool {
	if params.onSlReply == "" {
		return true
	}
	n := c.Runner.Find(check.ReplyRoute, params.onSlReply)
	if n < 0 {
		return true
	}
	value, dropped := c.Runner.Run(c, n)
	return !dropped && value != 0
}

// branchReply handles a reply to a branch of h.
func (s *state) branchReply(c *module.Ctx, h held, b *branch, i int) {
	q, err := c.SIP.CSeq()
	switch {
	case err != nil:
		s.count(&counters.wrong)
		return
	case q.Method == sip.MethodCancel && h.invite():
		s.cancelReply(c, h, b)
		return
	case !h.sameCSeq(q):
		s.count(&counters.wrong)
		return
	}
	code := c.SIP.StatusCode
	rerun := c.Recv.ID != 0 && b.SeenID == c.Recv.ID
	b.SeenID, h.Ender = c.Recv.ID, c.Recv.ID
	switch {
	case h.invite() && code >= 300:
		s.sendAck(h, i, c)
	case h.invite() && h.has(flLocal) && code >= 200:
		s.own2xx(c, h, b, i)
	}
	switch {
	case code < 200:
		s.provisional(c, h, b, i)
	case b.over() && !(h.invite() && code < 300 && !b.refused()) && !(rerun && !h.final()):
		s.lateFinal(c, h, b, i, rerun)
	default:
		s.finalReply(c, h, b, i, rerun)
	}
	h.Flags |= flReplied // the routes above ask for what came before
}

// lateFinal is a final reply once more, or another one: the script sees it, the
// client does not. If the worker that had it first died before its own was sent,
// that is made good.
func (s *state) lateFinal(c *module.Ctx, h held, b *branch, i int, rerun bool) {
	s.count(&counters.absorbed)
	if b.OnReply != 0 {
		s.replyRoute(c, h, b, i)
	}
	if rerun && h.final() {
		s.resendReply(h)
	}
	s.decide(h, nil, -1)
}

// sameCSeq tells whether a reply's CSeq is that of the request.
func (t *tx) sameCSeq(q *sip.CSeq) bool {
	return t.CSeq == q.Number && (q.Method == sip.MethodInvite) == t.invite()
}

func (s *state) provisional(c *module.Ctx, h held, b *branch, i int) {
	to, do := h.client().On(b.State, fsm.Recv1xx)
	if do == 0 { // after the final one
		if b.OnReply != 0 {
			s.replyRoute(c, h, b, i)
		}
		if h.invite() && b.has(brLocal) && !b.has(brBlind) {
			s.setReason(h, reasonOf(s.text[:0], int(b.Status)))
			s.cancelNow(h, b, i) // which was ours: nobody may ring for ever
		}
		return
	}
	was := b.Cancel
	if was == cancelNone && b.OnReply != 0 && s.replyRoute(c, h, b, i) {
		return // dropped: moves no timer either
	}
	b.State = to
	b.Flags |= brProgress | brReplied
	now := s.env.Tick()
	if do.Has(fsm.StopRetransmit) {
		b.RetrAt = 0
	}
	if do.Has(fsm.SlowRetransmit) {
		b.RetrMs = h.T2
	}
	code := c.SIP.StatusCode
	if do.Has(fsm.SetProgress) && (b.Status < 100 || params.restartFR != 0 || code >= 180 && code > int(b.Status)) {
		b.TimeoutAt = now + ticks(h.FRInv)
	}
	b.Status = uint16(max(code, int(b.Status)))
	switch {
	case b.Cancel == cancelWanted:
		s.cancelNow(h, b, i)
	case was != cancelNone: // it has not understood yet
		s.sendCancel(h, i)
	}
	if was == cancelNone && !h.final() && !h.has(flCanceled) && (code != 100 || params.relay100 != 0) {
		s.relayReply(c, h, i)
	}
}

// finalReply ends the branch and, when it was the last one, the transaction.
func (s *state) finalReply(c *module.Ctx, h held, b *branch, i int, rerun bool) {
	if h.has(flLocal) {
		s.ownReply(c, h, b, i)
		return
	}
	if b.OnReply != 0 {
		s.replyRoute(c, h, b, i) // a final reply cannot be dropped
	}
	code := c.SIP.StatusCode
	// What goes upstream is stored, and the server side over, before the branch is:
	// a timer process that has the transaction when we die in here must not find all
	// branches over and nothing to say.
	switch {
	case code < 300 || s.prompt(h, b, code):
		if rerun && h.final() && !(h.invite() && code < 300) {
			s.resendReply(h) // our predecessor came so far
		} else {
			s.relayReply(c, h, i)
		}
	case !h.final():
		s.replace(h.tx, &b.Reply, c.Edits.AppendTo(s.out[:0], &c.SIP))
	}
	kill.Point("tm.final.1")
	s.endWith(h, b, code)
	if code < 300 {
		reason := reasonElsewhere
		if code != 200 {
			reason = reasonOf(s.text[:0], code)
		}
		s.cancelOthers(h, i, reason)
		s.settle(h)
		return
	}
	s.branchFailed(h, b, i)
	s.decide(h, c, i)
}

// endWith gives a branch the status of its final reply. Its state comes last: it
// is what others go by.
func (s *state) endWith(h held, b *branch, code int) {
	b.Status = uint16(code)
	b.Flags = b.Flags&^(brLocal|brTimeout) | brReplied
	if b.Cancel == cancelWanted {
		b.Cancel = cancelNone
	}
	kill.Point("tm.final.2")
	if to, do := h.client().On(b.State, fsm.ReplyEvent(code, false)); do != 0 {
		b.State = to
	} else if !b.over() {
		b.State = fsm.Completed
	}
	kill.Point("tm.final.3")
	b.RetrAt, b.TimeoutAt, b.CancelAt = 0, 0, 0
}

// prompt tells whether a negative reply goes upstream whatever else may be: there
// is no other branch to wait for, no route to look at it, and no reply of ours to
// take its place.
func (s *state) prompt(h held, b *branch, code int) bool {
	return h.N == 1 && b.Failure == 0 && b.OnFailure == 0 && !b.has(brDropped) && !h.has(flAsync|flRedo) &&
		!(code == 503 && params.remap503 != 0)
}

// replyRoute runs onreply_route[NAME]; true if it dropped the reply.
func (s *state) replyRoute(c *module.Ctx, h held, b *branch, i int) bool {
	s.loadAVPs(c, h)
	flags := c.Flags
	c.Flags, c.Dest.Flags = h.MsgFlags, b.BFlags
	c.Tx = module.TxRef{Off: h.off, Label: h.Label, Branch: int8(i), Held: true}
	_, dropped := c.Runner.Run(c, int(b.OnReply)-1)
	c.Tx = module.TxRef{Branch: -1}
	s.saveAVPs(c, h)
	h.MsgFlags, b.BFlags = c.Flags, c.Dest.Flags
	c.Flags, c.Dest.Flags = flags, 0
	return dropped
}
