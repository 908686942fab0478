package tm

import (
	"unsafe"

	"goser/sip"
	"goser/sip/fsm"
	"goser/worker/module"
)

// decide is called whenever a branch has ended: it ends the transaction if all
// have. c and i are the reply at hand and its branch, nil and -1 if there is
// none.
func (s *state) decide(h held, c *module.Ctx, i int) {
	if h.final() {
		s.settle(h)
		return
	}
	if b := s.branch(h, i); b != nil && b.Status/100 == 6 && !h.has(flNo6xx) && params.disable6xx == 0 {
		s.cancelOthers(h, i, reasonOf(s.text[:0], int(b.Status)))
	}
	redo := h.has(flRedo) && s.redo(h)
	if h.final() || h.N == 0 || !redo && !s.allOver(h) || h.has(flAsync) {
		return
	}
	w := s.winner(h)
	if redo { // the replies of its leg may be dropped by now
		w = int(h.RunFor)
	}
	if w < 0 {
		s.localFinal(h, 500, "Server Internal Error")
		return
	}
	h.Winner = int8(w)
	if s.branch(h, w).Failure != 0 && s.failureRoute(h, w) {
		return
	}
	if h.Winner < 0 { // t_drop_replies: none of them is to be picked up again
		s.localFinal(h, 500, "I'm terribly sorry, server error occurred (1/TM)")
		return
	}
	s.conclude(h, c, i, w)
}

// conclude takes the winner upstream.
func (s *state) conclude(h held, c *module.Ctx, i, w int) {
	b := s.branch(h, w)
	code := int(b.Status)
	switch {
	case h.has(flLocal):
		s.ownEnd(h, c, i, w)
	case h.has(flCanceled) && b.has(brLocal):
		s.localFinal(h, 487, "Request Terminated")
	case b.has(brLocal):
		s.localFinal(h, code, localReason(code))
	case code == 503 && params.remap503 != 0:
		s.localFinal(h, 500, "Service Unavailable")
	case (code == 401 || code == 407) && params.aggregate != 0 && s.challenges(h) > 1:
		s.aggregated(h, code)
	case w == i && c != nil:
		s.relayReply(c, h, w)
	default:
		s.relayStored(h, w)
	}
	if !h.final() { // whatever happened: it has to end
		s.localFinal(h, 500, "Server Internal Error")
	}
}

func localReason(code int) string {
	switch code {
	case 408:
		return "Request Timeout"
	case 487:
		return "Request Terminated"
	case 477:
		return "Unfortunately error on sending to next hop occurred (477/TM)"
	}
	return "Server Internal Error"
}

// winner is the branch whose reply is the best: the smallest rank, of several
// the earliest; -1 if none counts.
func (s *state) winner(h held) int {
	best, rank := -1, 1<<30
	for i := range int(h.N) {
		b := s.branch(h, i)
		if b == nil || b.has(brDropped) || b.Status < 200 {
			continue
		}
		if r := rankOf(b); r < rank {
			best, rank = i, r
		}
	}
	return best
}

// rankOf orders final replies as the original does (RFC 3261 §16.7 step 6
// leaves the order within 4xx open): 2xx, 6xx, 3xx, 4xx with those that the
// client can mend first, 5xx, and what is beyond 6xx.
func rankOf(b *branch) int {
	code := int(b.Status)
	xx := code % 100
	r := 0
	switch code / 100 {
	case 2:
		r = xx
	case 6:
		r = 1000 + xx
	case 3:
		r = 3000 + xx
	case 4:
		r = 4100 + xx
		switch code {
		case 401, 407, 415, 420, 484:
			r = 4000 + xx
		}
	default:
		r = code/100*1000 + xx
	}
	if b.has(brTimeout) {
		r += int(params.fakedPrio)
	}
	return r
}

// relayStored takes a branch's stored reply upstream.
func (s *state) relayStored(h held, w int) {
	b := s.branch(h, w)
	data := s.blob(b.Reply)
	c := s.env.Borrow()
	if len(data) > 0 && c.SIP.Parse(text(data)) == nil {
		s.relayReply(c, h, w)
	}
	s.env.Return(c)
}

// challenges counts the branches that want credentials.
func (s *state) challenges(h held) (n int) {
	for i := range int(h.N) {
		if b := s.branch(h, i); b != nil && !b.has(brDropped) && b.Reply != 0 && (b.Status == 401 || b.Status == 407) {
			n++
		}
	}
	return n
}

// aggregated answers with the challenges of all branches (RFC 3261 §16.7 step 7).
func (s *state) aggregated(h held, code int) {
	c := s.env.Borrow()
	defer s.env.Return(c)
	if !s.thaw(c, h) {
		return
	}
	reason := "Proxy Authentication Required"
	if code == 401 {
		reason = "Unauthorized"
	}
	for i := range int(h.N) {
		b := s.branch(h, i)
		if b == nil || b.has(brDropped) || b.Reply == 0 || b.Status != 401 && b.Status != 407 {
			continue
		}
		if s.hop.Parse(text(s.blob(b.Reply))) != nil {
			continue
		}
		for _, t := range [...]sip.HeaderType{sip.HdrWWWAuthenticate, sip.HdrProxyAuthenticate} {
			for x := s.hop.First(t); x != nil; x = s.hop.Next(x) {
				c.ReplyHeaders = append(c.ReplyHeaders, c.Keep(s.hop.Raw[x.Start:x.End]))
			}
		}
	}
	_ = s.reply(c, h, code, reason)
}

// parseSent parses what a branch sent.
func (s *state) parseSent(h held, i int) bool {
	data := s.sent(h.tx, i)
	return len(data) > 0 && s.hop.Parse(unsafe.String(&data[0], len(data))) == nil
}

// endBranch gives a branch a final status of our own.
func (s *state) endBranch(h held, b *branch, code int, flags uint8) {
	b.Status, b.State = uint16(code), fsm.Terminated
	b.Flags |= brLocal | flags
	b.RetrAt, b.TimeoutAt = 0, 0
	if b.has(brBlind) {
		h.Flags &^= flAsync
	}
}
