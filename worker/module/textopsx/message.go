package textopsx

import (
	"strings"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/sip"
	"goser/worker/module"
)

func applyChanges(c *module.Ctx, _ *module.Args) int {
	if err := c.Apply(); err != nil {
		return c.Fail(-1, err.Error())
	}
	return 1
}

// setBuffer takes a whole message from the script. It must be one that the server
// would have taken from the network.
func setBuffer(c *module.Ctx, a *module.Args) int {
	raw := c.Keep(a.Str(c, 0))
	var m sip.Msg
	m.Limits = c.SIP.Limits
	if err := m.Parse(raw); err != nil {
		return c.Fail(-1, err.Error())
	}
	if err := sip.Check(&m); err != nil {
		return c.Fail(-1, err.Error())
	}
	if err := c.Replace(raw); err != nil {
		return c.Fail(-1, err.Error())
	}
	return 1
}

// changeStatus keeps provisional replies provisional, 2xx successes and failures
// failures: what others have made of the reply depends on that.
func changeStatus(c *module.Ctx, a *module.Args) int {
	code := int(a.Int(0, 0))
	reason := c.SIP.Reason
	if a.N > 1 {
		reason = a.Str(c, 1)
	}
	switch {
	case c.SIP.IsRequest:
		return -1
	case code < 100 || code > 699:
		return c.Fail(-1, "a status is 100 to 699")
	case outcome(code) != outcome(c.SIP.StatusCode):
		return c.Fail(-1, "a provisional reply, a success and a failure cannot become one another")
	case a.N > 1 && reason == "":
		return c.Fail(-1, "the reason is empty")
	}
	c.SIP.SetStatus(code, c.Keep(reason))
	return 1
}

func outcome(code int) int { return min(code/100, 3) }

func removeBody(c *module.Ctx, _ *module.Args) int {
	c.Edits.SetBody("")
	return 1
}

func fixKeep(a []check.Arg) (any, error) {
	if len(a) == 0 {
		return (*ere.Regexp)(nil), nil
	}
	return module.CompileLines(a[0].Str, true, false, 0)
}

// keepHeaders returns -1 although it has done its work.
//
// KAMAILIO: 5.6.3 does that, and scripts may rely on it.
func keepHeaders(c *module.Ctx, a *module.Args) int {
	re := a.Fixed.(*ere.Regexp)
	for i := range c.SIP.Headers {
		h := &c.SIP.Headers[i]
		if !necessary(h.Type) && (re == nil || !re.MatchString(h.Name)) {
			c.Edits.DeleteHeader(h)
		}
	}
	return -1
}

func necessary(t sip.HeaderType) bool {
	switch t {
	case sip.HdrVia, sip.HdrFrom, sip.HdrTo, sip.HdrCSeq, sip.HdrCallID, sip.HdrContact, sip.HdrMaxForwards,
		sip.HdrRoute, sip.HdrRecordRoute, sip.HdrContentLength, sip.HdrContentType:
		return true
	}
	return false
}

func fnmatch(c *module.Ctx, a *module.Args) int {
	fold := strings.ContainsAny(a.Str(c, 2), "iI")
	return truth(module.Fnmatch(a.Str(c, 1), a.Str(c, 0), fold))
}
