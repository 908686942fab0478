package sl

import "goser/worker/module"

// forwardReply is sl_forward_reply([code[, reason]]). The reply itself stays as it is: the core sends it on, too, unless
// the script drops it.
func forwardReply(c *module.Ctx, a *module.Args) int {
	if c.SIP.IsRequest {
		return c.Fail(-1, "a request is no reply")
	}
	if a.N > 0 {
		code, was := int(a.Int(0, 0)), c.SIP.StatusCode
		if code/100 != was/100 {
			return c.Fail(-1, "the status is of another class than that of the reply")
		}
		reason := c.SIP.Reason
		if s := a.Str(c, 1); s != "" {
			reason = s
		}
		defer c.SIP.SetStatus(was, c.SIP.Reason)
		c.SIP.SetStatus(code, c.Keep(reason))
	}
	if err := c.Env.ForwardReply(c); err != nil {
		return c.Fail(-1, err.Error())
	}
	return 1
}
