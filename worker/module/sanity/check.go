package sanity

import (
	"goser/sip"
	"goser/worker/module"
)

// The checks, as sanity_check counts them. 8 and 16 never did anything.
const (
	checkVersion      = 1 << 0
	checkScheme       = 1 << 1
	checkHeaders      = 1 << 2
	checkCSeqMethod   = 1 << 5
	checkCSeqNumber   = 1 << 6
	checkLength       = 1 << 7
	checkExpires      = 1 << 8
	checkProxyRequire = 1 << 9
	checkURIs         = 1 << 10
	checkDigest       = 1 << 11
	checkTags         = 1 << 12
	checkAuthorize    = 1 << 13
	checkVia          = 1 << 14
)

// verdict is what is wrong with a message; the zero value: nothing.
type verdict struct {
	code   int
	reason string
	header string // for the reply
}

func bad(reason string) verdict { return verdict{code: 400, reason: reason} }

// checks are made in the order of their numbers; the first that fails decides.
var checks = []struct {
	bit     int32
	request bool // looks at requests only
	do      func(c *module.Ctx, uris int32) verdict
}{
	{checkVersion, true, version},
	{checkScheme, true, scheme},
	{checkHeaders, false, headers},
	{checkCSeqMethod, true, cseqMethod},
	{checkCSeqNumber, false, cseqNumber},
	{checkLength, false, length},
	{checkExpires, false, expires},
	{checkProxyRequire, true, proxyRequire},
	{checkURIs, false, allURIs},
	{checkDigest | checkAuthorize, true, digest},
	{checkTags, false, tags},
	{checkVia, false, via},
}

// mostChecks and mostURIs are all of them; more or none at all fails, as in 5.6.3.
const mostChecks, mostURIs = 32767, 15

// sanityCheck runs the checks until one finds something.
func sanityCheck(c *module.Ctx, a *module.Args) int {
	which, uris := a.Int(0, defaultChecks), a.Int(1, uriChecks)
	if which < 1 || which > mostChecks || uris < 1 || uris > mostURIs {
		return c.Fail(-1, "checks are numbers from 1 to 32767 for the message, from 1 to 15 for its URIs")
	}
	for i := range checks {
		k := &checks[i]
		if which&k.bit == 0 || k.request && !c.SIP.IsRequest {
			continue
		}
		v := k.do(c, uris)
		if v.code == 0 {
			continue
		}
		last = finding{verdict: v, c: c, number: c.Recv.Number}
		if noreply == 0 && c.SIP.IsRequest {
			answer(c, v)
		}
		if autodrop != 0 {
			return 0
		}
		return -1
	}
	return 1
}

// finding is what the last check found, for sanity_reply.
type finding struct {
	verdict
	c      *module.Ctx // compared, never used
	number uint64
}

var last finding

// sanityReply answers in any case, as 5.6.3 does.
func sanityReply(c *module.Ctx, _ *module.Args) int {
	v := verdict{code: 500, reason: "Server Sanity Failure"}
	if last.c == c && last.number == c.Recv.Number {
		v = last.verdict
	}
	return answer(c, v)
}

func answer(c *module.Ctx, v verdict) int {
	if c.SIP.Method == sip.MethodAck {
		return 1
	}
	n := len(c.ReplyHeaders)
	if v.header != "" {
		c.ReplyHeaders = append(c.ReplyHeaders, v.header)
	}
	err := c.Env.Reply(c, v.code, v.reason)
	c.ReplyHeaders = c.ReplyHeaders[:n]
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	return 1
}
