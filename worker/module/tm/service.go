package tm

import (
	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/api"
)

// service is what other modules see of tm.
type service struct{}

var _ api.Transactions = service{}

func (service) Has(c *module.Ctx) bool {
	return (c.Tx.Made || c.Tx.Held) && c.Tx.Off != 0 && c.SIP.IsRequest && c.Tx.Flags&flNoReply == 0 // t_replicate leaves the answer to sl
}

func (service) Reply(c *module.Ctx, code int, reason string) error {
	if !mayReply(c) {
		return errRefused
	}
	s := of(c.Env)
	h, ok := s.enter(c)
	if !ok {
		return errNone
	}
	var err error
	switch {
	case !c.SIP.IsRequest:
		if s.replyFor(c, h, code, reason) < 0 {
			err = errRefused
		}
	default:
		if err = s.reply(c, h, code, reason); err == nil && code >= 200 {
			c.Replied = code
		}
	}
	s.release(h)
	return err
}

// peek calls f with the transaction of c held.
func (s *state) peek(c *module.Ctx, f func(h held)) bool {
	h, ok := s.enter(c)
	if !ok {
		return false
	}
	f(h)
	s.release(h)
	return true
}

func (service) Info(c *module.Ctx) (in api.Info, ok bool) {
	s := of(c.Env)
	h, ok := s.enterReply(c)
	if !ok {
		return in, false
	}
	in = api.Info{Index: uint32(h.off >> 4), Label: h.Label, Branch: int(c.Tx.Branch), Winner: int(h.Winner), Last: int(h.Status)}
	if !c.SIP.IsRequest {
		in.Last = c.SIP.StatusCode
	}
	if in.Code, in.Local = s.codeFor(c, h); in.Local {
		in.Reason = localReason(in.Code)
	}
	i := in.Branch
	if i < 0 {
		i = in.Winner
	}
	if b := s.branch(h, i); b != nil {
		sent := s.sent(h.tx, i)
		if end := int(b.URIAt) + int(b.URILen); end <= len(sent) {
			in.BranchURI = c.Keep(text(sent[b.URIAt:end]))
		}
		in.BranchFlags = b.BFlags
	}
	if c.Route == check.FailureRoute {
		in.Branch = int(h.N)
	}
	s.release(h)
	return in, true
}

// codeFor is the status that matters where the script is: in a reply route that
// of the reply, in a failure route the winner's, elsewhere the last one sent.
func (s *state) codeFor(c *module.Ctx, h held) (code int, local bool) {
	switch {
	case !c.SIP.IsRequest:
		return c.SIP.StatusCode, false
	case c.Route == check.FailureRoute || c.Tx.Held && c.Tx.Branch < 0:
		if b := s.branch(h, int(h.Winner)); b != nil {
			return int(b.Status), b.has(brLocal)
		}
	case c.Tx.Held:
		if b := s.branch(h, int(c.Tx.Branch)); b != nil {
			return int(b.Status), b.has(brLocal)
		}
	}
	return int(h.Status), false
}

func (service) WithRequest(c *module.Ctx, f func(req *module.Ctx)) bool {
	s := of(c.Env)
	h, ok := s.enterReply(c)
	if !ok {
		return false
	}
	req := s.env.Borrow()
	if s.thaw(req, h) {
		f(req)
	}
	s.env.Return(req)
	s.release(h)
	return true
}

func (service) WithReply(c *module.Ctx, f func(rpl *module.Ctx)) bool {
	if !c.SIP.IsRequest {
		f(c)
		return true
	}
	s, found := of(c.Env), false
	s.peek(c, func(h held) {
		b := s.branch(h, int(h.Winner))
		if b == nil || b.Reply == 0 {
			return
		}
		rpl := s.env.Borrow()
		if rpl.SIP.Parse(text(s.blob(b.Reply))) == nil {
			found = true
			f(rpl)
		}
		s.env.Return(rpl)
	})
	return found
}

// CancelBranches tells whether there was any to cancel.
func (service) CancelBranches(c *module.Ctx, which byte) bool {
	s, any := of(c.Env), false
	s.peek(c, func(h held) {
		for i := 0; h.invite() && i < int(h.N); i++ { // nothing else is cancelled (RFC 3261 §9.1)
			this := i == int(c.Tx.Branch)
			if this && !c.SIP.IsRequest && c.SIP.StatusCode >= 200 {
				continue // it ends by the reply at hand
			}
			if which == 'a' || which == 'o' && !this || which == 't' && this {
				any = s.cancelBranch(h, i, reasonNone) || any
			}
		}
	})
	return any
}

func (service) FlushFlags(c *module.Ctx) bool {
	return of(c.Env).peek(c, func(h held) { h.MsgFlags = c.Flags })
}

func (service) Drop(c *module.Ctx, code int) bool {
	s := of(c.Env)
	return s.peek(c, func(h held) {
		h.Status = uint16(code)
		s.endSilently(h)
	})
}

func (service) Exists(c *module.Ctx) bool {
	s := of(c.Env)
	hash, _ := s.keyOf(c, c.SIP.Method, c.SIP.MethodName)
	off, _ := s.lookup(hash)
	return off != 0
}
