package tm

import (
	"strconv"

	"goser/sip"
	"goser/worker/module"
)

// Reason headers of CANCELs of our own (RFC 3326).
const (
	reasonNone      = ""
	reasonElsewhere = "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"
)

// reasonOf is the Reason of a CANCEL that a final status has caused, put into
// buf.
func reasonOf(buf []byte, code int) string {
	buf = strconv.AppendInt(append(buf, "Reason: SIP;cause="...), int64(code), 10)
	return text(append(buf, "\r\n"...))
}

// relayCancel deals with a CANCEL whose INVITE is known (RFC 3261 §16.10): 200
// at once, and each branch that has shown a sign of life gets a CANCEL. done is
// false when there is no such INVITE and the CANCEL is to be relayed like any
// other request.
func (s *state) relayCancel(c *module.Ctx, to module.Target) (r int, done bool) {
	if off, label := s.original(c); off != 0 {
		if h, ok := s.take(c, off, label); ok {
			s.takeCancel(c, h)
			s.release(h)
			return 1, true
		}
	}
	s.count(&counters.unmatchedCancel)
	switch params.unmatchedCancel {
	case 1:
		if err := s.env.Forward(c, to); err != nil {
			return fail(c, err), true
		}
		return 0, true
	case 2:
		return 1, true
	}
	return 0, false
}

// others are the methods whose requests a CANCEL may be for, though it does nothing to them.
var others = [...]sip.Method{
	sip.MethodMessage, sip.MethodOptions, sip.MethodBye, sip.MethodRegister, sip.MethodSubscribe, sip.MethodNotify, sip.MethodInfo,
	sip.MethodUpdate, sip.MethodRefer, sip.MethodPublish, sip.MethodPrack,
}

// original finds the transaction that a CANCEL is for: most likely that of an INVITE.
func (s *state) original(c *module.Ctx) (off uint64, label uint32) {
	hash, _ := s.keyOf(c, sip.MethodInvite, "INVITE")
	off, label = s.lookup(hash)
	for i := 0; off == 0 && i < len(others); i++ {
		hash, _ = s.keyOf(c, others[i], others[i].String())
		off, label = s.lookup(hash)
	}
	return off, label
}

// takeCancel cancels the INVITE of a CANCEL and answers the CANCEL: once more
// the same if it comes once more.
func (s *state) takeCancel(c *module.Ctx, h held) {
	reason := "ok -- no more pending branches"
	if s.underWay(h) {
		reason = "canceling"
	}
	if h.invite() && !h.final() { // it has no effect on others (RFC 3261 §9.2)
		if !h.has(flCanceled|flNoReason) && params.e2eReason != 0 {
			s.keepReason(c, h)
		}
		s.cancelAll(c, h)
	}
	if h.has(flCanceling) {
		reason = "canceling"
	}
	if c.Tx.Made { // t_newtran made a transaction of the CANCEL itself
		if own, ok := s.enter(c); ok {
			_ = s.reply(c, own, 200, reason)
			s.release(own)
		}
	} else if path, err := s.env.ReplyPath(c); err == nil {
		data := s.env.AppendReply(s.out[:0], c, 200, reason, s.toTag(c, h))
		_ = s.env.SendOn(path, data)
		c.Replied = 200
	}
}

// underWay tells whether any branch that was sent waits for its final reply.
func (s *state) underWay(h held) bool {
	for i := range int(h.N) {
		if b := s.branch(h, i); b != nil && !b.over() && !b.has(brBlind) {
			return true
		}
	}
	return false
}

// keepReason keeps the Reason headers of a CANCEL for those we send.
func (s *state) keepReason(c *module.Ctx, h held) {
	b := s.out[:0]
	for r := c.SIP.First(sip.HdrReason); r != nil; r = c.SIP.Next(r) {
		b = append(sip.AppendClean(append(b, "Reason: "...), r.Body), "\r\n"...)
	}
	if len(b) > 0 {
		s.store(h.tx, &h.Reason, b)
	}
}

// cancelAll cancels every branch; an INVITE that has none is answered.
func (s *state) cancelAll(c *module.Ctx, h held) {
	h.Flags |= flCanceled
	for i := range int(h.N) {
		s.cancelBranch(h, i, reasonNone)
	}
	if !s.sentAny(h) && !c.Tx.Held {
		h.WaitAt = 0
		h.Flags &^= flAsync
		s.localFinal(h, 487, "Request canceled")
		return
	}
	h.Flags |= flCanceling
	s.decide(h, nil, -1)
}

// sentAny tells whether the request has been sent anywhere.
func (s *state) sentAny(h held) bool {
	for i := range int(h.N) {
		if b := s.branch(h, i); b != nil && !b.has(brBlind) {
			return true
		}
	}
	return false
}

// cancelOthers cancels the branches that somebody else's answer has made idle.
func (s *state) cancelOthers(h held, not int, reason string) {
	if !h.invite() {
		return
	}
	for i := range int(h.N) {
		if i != not {
			s.cancelBranch(h, i, reason)
		}
	}
}

// cancelBranch cancels one branch: at once if it has had a provisional reply,
// else when one comes (RFC 3261 §9.1), or as cancel_b_method says. It tells whether
// there was anything to cancel.
func (s *state) cancelBranch(h held, i int, reason string) bool {
	b := s.branch(h, i)
	if b == nil || b.over() || b.Cancel != cancelNone {
		return b != nil && !b.over() && b.Cancel == cancelWanted
	}
	s.setReason(h, reason)
	switch {
	case b.has(brBlind):
		s.endBranch(h, b, 487, 0)
	case b.has(brProgress) || params.cancelMethod == 2:
		s.cancelNow(h, b, i)
	case params.cancelMethod == 0:
		s.endBranch(h, b, 487, 0)
	default:
		b.Cancel = cancelWanted
	}
	return true
}

// setReason notes why we cancel, unless a CANCEL that came has said it.
func (s *state) setReason(h held, reason string) {
	if reason != "" && params.localReason != 0 && h.Reason == 0 {
		s.store(h.tx, &h.Reason, []byte(reason))
	}
}

// cancelNow sends the CANCEL and sees to its retransmission.
func (s *state) cancelNow(h held, b *branch, i int) {
	now := s.env.Tick()
	b.Cancel, b.CancelMs = cancelSent, h.T1
	b.CancelAt = now + ticks(h.T1)
	b.RetrAt = 0
	if !b.over() {
		b.TimeoutAt = now + ticks(h.FR)
	}
	s.sendCancel(h, i)
}

func (s *state) sendCancel(h held, i int) {
	b := s.branch(h, i)
	path, ok := b.To.path(s.env.Sockets())
	if !ok || !s.parseSent(h, i) {
		return
	}
	s.count(&counters.cancels)
	_ = s.env.SendOn(path, s.appendHopByHop(s.out[:0], "CANCEL", nil, text(s.blob(h.Reason))))
}

// sendAck acknowledges a negative reply (RFC 3261 §17.1.1.3): its To, all else
// from the INVITE.
func (s *state) sendAck(h held, i int, c *module.Ctx) {
	b := s.branch(h, i)
	path, ok := b.To.path(s.env.Sockets())
	if !ok || c.SIP.First(sip.HdrTo) == nil || !s.parseSent(h, i) {
		return
	}
	_ = s.env.SendOn(path, s.appendHopByHop(s.out[:0], "ACK", &c.SIP, ""))
}

// appendHopByHop builds a CANCEL or ACK from the INVITE in s.hop (RFC 3261
// §9.1, §17.1.1.3): same Request-URI, top Via, From, Call-ID, CSeq number and
// Routes. An ACK has the To of the reply, and whatever is not kept of the INVITE
// any more (slimBranch).
func (s *state) appendHopByHop(d []byte, method string, reply *sip.Msg, extra string) []byte {
	from := &s.hop
	if _, err := from.Via(0); err != nil && reply != nil {
		from = reply
	}
	d = s.appendStart(d, method)
	if v, err := from.Via(0); err == nil {
		d = append(append(append(d, "Via: "...), from.Raw[v.Start:v.End]...), "\r\n"...)
	}
	d = s.appendWay(d)
	for _, t := range [...]sip.HeaderType{sip.HdrFrom, sip.HdrTo, sip.HdrCallID} {
		h := from.First(t)
		if t == sip.HdrTo && reply != nil {
			h = reply.First(t)
		}
		if h == nil {
			continue
		}
		d = append(append(d, t.String()...), ": "...)
		d = append(sip.AppendClean(d, h.Body), "\r\n"...)
	}
	if q, err := from.CSeq(); err == nil {
		d = strconv.AppendUint(append(d, "CSeq: "...), uint64(q.Number), 10)
		d = append(append(append(d, ' '), method...), "\r\n"...)
	}
	d = append(append(d, "Content-Length: 0\r\n"...), extra...)
	return append(d, "\r\n"...)
}

func (s *state) appendStart(d []byte, method string) []byte {
	d = append(append(append(d, method...), ' '), s.hop.RURI...)
	return append(d, " SIP/2.0\r\n"...)
}

// appendWay adds what says how a request travels.
func (s *state) appendWay(d []byte) []byte {
	m := &s.hop
	for r := m.First(sip.HdrRoute); r != nil; r = m.Next(r) {
		d = append(d, m.Raw[r.Start:r.End]...)
	}
	if mf := m.First(sip.HdrMaxForwards); mf != nil {
		d = append(append(append(d, "Max-Forwards: "...), mf.Body...), "\r\n"...)
	}
	return d
}

// cancelReply is a reply to our CANCEL: it need not be sent again.
func (s *state) cancelReply(c *module.Ctx, h held, b *branch) {
	if c.SIP.StatusCode < 200 || b.Cancel != cancelSent {
		return
	}
	b.Cancel, b.CancelAt = cancelDone, 0
	s.settle(h)
}
