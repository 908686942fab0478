package sl

import (
	"slices"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/api"
)

// sendReply is sl_send_reply(code, reason). A code that a variable left empty
// becomes default_code, an undefined reason default_reason.
func sendReply(c *module.Ctx, a *module.Args) int {
	code := a.Int(0, 0)
	if code == 0 {
		code = defaultCode
	}
	reason := defaultReason
	if v := a.Value(1); !v.IsUndef() {
		reason = c.Text(v)
	}
	if !isStatus(code) {
		return -1
	}
	return send(c, int(code), reason)
}

// send answers the request, unless it is an ACK: those are never answered
// (RFC 3261 §17).
func send(c *module.Ctx, code int, reason string) int {
	if !c.SIP.IsRequest {
		return answerReplied(c, code, reason)
	}
	if c.SIP.Method == sip.MethodAck {
		return -1
	}
	runLocalResponse(c)
	n := len(c.ReplyHeaders)
	if code/100 == 3 {
		if contact := c.RedirectContact(richRedirect); contact != "" {
			c.ReplyHeaders = append(c.ReplyHeaders, contact)
		}
	}
	err := answer(c, code, reason)
	c.ReplyHeaders = c.ReplyHeaders[:n]
	if err != nil {
		c.Env.Count(counters.failures, 1)
		return -1
	}
	counters.sent(c.Env, code)
	return 1
}

// answerReplied answers, in a reply route, the request whose reply is at hand, which
// needs its transaction.
func answerReplied(c *module.Ctx, code int, reason string) int {
	if bindTM == 0 || api.TM == nil || api.TM.Reply(c, code, reason) != nil {
		return -1
	}
	return 1
}

// answer sends the reply: from the request's transaction if it has one, so that
// there is one final reply and retransmissions get it again.
func answer(c *module.Ctx, code int, reason string) error {
	if bindTM != 0 && api.TM != nil && api.TM.Has(c) {
		return api.TM.Reply(c, code, reason)
	}
	return c.Env.Reply(c, code, reason)
}

// inLocalResponse holds the messages whose event_route[sl:local-response] is
// running: a reply sent in there raises no further event.
var inLocalResponse []*module.Ctx

func runLocalResponse(c *module.Ctx) {
	if !handled(c, "sl:local-response") || slices.Contains(inLocalResponse, c) {
		return
	}
	inLocalResponse = append(inLocalResponse, c)
	c.Runner.Call(c, check.EventRoute, "sl:local-response")
	i := slices.Index(inLocalResponse, c)
	inLocalResponse = slices.Delete(inLocalResponse, i, i+1)
}

// handled tells whether the script has an event_route of that name.
func handled(c *module.Ctx, event string) bool {
	r, ok := c.Runner.(interface {
		Has(kind check.RouteKind, name string) bool
	})
	return ok && r.Has(check.EventRoute, event)
}
