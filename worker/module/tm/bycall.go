package tm

import (
	"strconv"
	"sync/atomic"

	"goser/shm/kill"
	"goser/shm/table"
	"goser/sip"
	"goser/worker/module"
)

// callHash is what a transaction is found by where only Call-ID and CSeq are
// known. No table has it: whoever asks walks through all transactions.
func (s *state) callHash(callID string, cseq uint32) uint32 {
	s.text = strconv.AppendUint(append(append(s.text[:0], callID...), 0), uint64(cseq), 10)
	return uint32(s.arena.Hash(s.text))
}

// byCall takes the transaction of a request with this Call-ID and CSeq number.
func (s *state) byCall(c *module.Ctx, callID, cseq string) (held, bool) {
	n, err := strconv.ParseUint(cseq, 10, 32)
	if err != nil || callID == "" {
		return held{}, false
	}
	want := s.callHash(callID, uint32(n))
	if c.Tx.Held {
		if h, ok := s.enter(c); ok && h.CallHash == want {
			return h, true
		}
	}
	var off uint64
	var label uint32
	s.table.Each(s.proc, func(_ table.Guard, at uint64) bool {
		t := viewTx(s.arena, at)
		if t == nil || atomic.LoadUint32(&t.CallHash) != want {
			return true
		}
		off, label = at, t.Label
		return false
	})
	if off == 0 {
		return held{}, false
	}
	h, ok := s.take(c, off, label)
	if ok && !s.isCall(h, callID) {
		s.release(h)
		return held{}, false
	}
	return h, ok
}

// isCall guards against two calls with one hash. Of a transaction that has given
// its request back nobody wants anything any more.
func (s *state) isCall(h held, callID string) bool {
	req := s.env.Borrow()
	same := h.has(flSlim) || s.thaw(req, h) && req.SIP.CallID() == callID
	s.env.Return(req)
	return same
}

func (service) CancelCall(c *module.Ctx, callID, cseq string, flag, code int) bool {
	s := of(c.Env)
	h, ok := s.byCall(c, callID, cseq)
	if !ok {
		return false
	}
	if flag > 0 && flag < 32 {
		h.MsgFlags |= 1 << flag
		kill.Point("tm.bycall.1")
	}
	reason := reasonNone
	if code > 0 {
		reason = reasonOf(s.text[:0], code)
	}
	if h.invite() && !h.final() {
		for i := range int(h.N) {
			s.cancelBranch(h, i, reason)
		}
		if h.mine { // in a route of its own the turn to decide comes when that has ended
			s.decide(h, nil, -1)
		}
	}
	s.release(h)
	return true
}

func (service) ReplyCall(c *module.Ctx, callID, cseq string, code int, reason string) bool {
	s := of(c.Env)
	h, ok := s.byCall(c, callID, cseq)
	if !ok {
		return false
	}
	req, r := s.env.Borrow(), -1
	if s.thaw(req, h) {
		err := s.reply(req, h, code, reason)
		if err == nil && code >= 200 && h.invite() {
			s.setReason(h, reasonOf(s.text[:0], code))
		}
		r = s.replied(req, h, err, code)
	}
	s.env.Return(req)
	s.release(h)
	return r > 0
}

func (service) WithInvite(c *module.Ctx, f func(inv *module.Ctx)) (found bool) {
	s := of(c.Env)
	if !c.SIP.IsRequest || c.SIP.Method != sip.MethodCancel {
		return false
	}
	hash, _ := s.keyOf(c, sip.MethodInvite, "INVITE")
	h, ok := s.takeBy(c, hash)
	if !ok {
		return false
	}
	inv := s.env.Borrow()
	if found = s.thaw(inv, h); found {
		inv.Dest.URI, inv.Dest.Next = "", "" // as it was received
		inv.AVPs.Reset()
		f(inv)
	}
	s.env.Return(inv)
	s.release(h)
	return found
}

func (service) ReuseBranch(c *module.Ctx) bool {
	s := of(c.Env)
	if !c.Tx.Held || c.Tx.Branch < 0 || !c.SIP.IsRequest {
		return false
	}
	return s.peek(c, func(h held) {
		i := int(c.Tx.Branch)
		b, sent := s.branch(h, i), s.sent(h.tx, i)
		if end := int(b.URIAt) + int(b.URILen); end <= len(sent) {
			c.Dest.URI = c.Keep(text(sent[b.URIAt:end]))
		}
		c.Dest.Flags = b.BFlags
	})
}
