package tm

import (
	"errors"

	"goser/shm/kill"
	"goser/sip"
	"goser/sip/fsm"
	"goser/worker/module"
	"goser/worker/module/api"
)

var (
	errFinal  = errors.New("the transaction has its final reply already")
	errAck    = errors.New("an ACK is never answered (RFC 3261 §17)")
	errStatus = errors.New("the status is outside 100 to 699")
	errLarge  = errors.New("the reply would be more than reply_amplification times the request")
)

// reply answers the transaction's request, which c holds, ourselves.
func (s *state) reply(c *module.Ctx, h held, code int, reason string) error {
	switch {
	case c.SIP.Method == sip.MethodAck:
		return errAck
	case code < 100 || code > 699:
		return errStatus
	case h.final():
		return errFinal
	}
	tag := ""
	if code > 100 {
		tag = s.toTag(c, h)
	}
	data := s.env.AppendReply(s.out[:0], c, code, reason, tag)
	if limit := uint32(s.env.Conf().Amplification) * h.BytesIn; !h.has(flShown) && uint32(len(data))+h.BytesOut > limit {
		if uint32(len(data)) > limit || h.BytesOut > limit {
			s.count(&counters.amplified)
			if code < 200 || len(data) > int(limit) {
				return errLarge
			}
		}
	}
	if code >= 200 {
		h.Flags |= flFinalLocal
	}
	s.count(&counters.generated)
	s.answer(h, code, data, true)
	return nil
}

// answer takes a reply of any origin upstream: stored, so that a retransmission
// of the request gets it again, then sent. A relayed 2xx to an INVITE is not
// stored: it is the callee who repeats that (RFC 6026 §7.1).
func (s *state) answer(h held, code int, data []byte, keep bool) {
	if keep {
		s.store(h.tx, &h.Reply, data)
	}
	h.Status = uint16(code)
	kill.Point("tm.answer.1")
	s.serverStep(h, fsm.ReplyEvent(code, true))
	kill.Point("tm.answer.2")
	if code >= 200 {
		s.tally(code)
	}
	s.toClient(h, data)
}

// serverStep takes an arrow of the server side's machine and sets its timers.
func (s *state) serverStep(h held, e fsm.Event) fsm.Action {
	to, do := h.server().On(h.State, e)
	now := s.env.Tick()
	if do.Has(fsm.SetRetransmit) {
		h.RetrMs = h.T1
		h.RetrAt = now + ticks(h.RetrMs)
	}
	if do.Has(fsm.SetTimeout) {
		h.TimeoutAt = now + ticks(h.FR)
	}
	h.State = to
	if h.has(flNoReply | flLocal) {
		h.RetrAt, h.TimeoutAt = 0, 0
	}
	if to.Final() {
		s.settle(h)
	}
	return do
}

// relayReply takes the reply that c holds upstream, without our Via.
func (s *state) relayReply(c *module.Ctx, h held, i int) {
	code := c.SIP.StatusCode
	if h.has(flLocal) {
		return
	}
	if vias, _ := c.SIP.Vias(); len(vias) < 2 {
		if code >= 200 && !h.final() {
			s.localFinal(h, 502, "Bad Gateway") // a reply that nobody could route
		}
		return
	}
	data := sip.AppendReplyForward(s.out[:0], &c.SIP, &c.Edits)
	if code >= 200 && code < 300 && h.invite() {
		s.count(&counters.relayed)
		if !h.final() {
			h.Winner = int8(i)
			s.answer(h, code, data, false)
			return
		}
		s.toClient(h, data) // one more 2xx: always goes on (RFC 3261 §16.7 step 5)
		return
	}
	if h.final() {
		return
	}
	if code >= 200 {
		h.Winner = int8(i)
	}
	s.count(&counters.relayed)
	s.answer(h, code, data, true)
}

// localFinal answers with a final reply of our own where no request is at hand.
func (s *state) localFinal(h held, code int, reason string) {
	if h.final() {
		return
	}
	if h.has(flLocal) {
		s.tell(h, nil, &api.Outcome{Code: code, Local: true, Reason: reason})
		return
	}
	c := s.env.Borrow()
	if !s.thaw(c, h) || s.reply(c, h, code, reason) != nil {
		// Nothing can be said, and yet it has to end.
		h.Status = uint16(code)
		h.State = fsm.Terminated
		s.settle(h)
	}
	s.env.Return(c)
}

func (s *state) tally(code int) {
	if i := code/100 - 2; i >= 0 && i < len(counters.class) {
		s.env.Count(counters.class[i], 1)
	}
}
