package sl

import (
	"goser/worker/module"
)

// sorry is what sl_reply_error answers to the last error of a core function.
// Codes and phrases were seen on Kamailio 5.6.3.
var sorry = map[int]struct {
	code   int
	reason string
}{
	module.ErrSend:    {477, "Unfortunately error on sending to next hop occurred"},
	module.ErrBadAddr: {478, "Unresolvable destination"},
	module.ErrBadURI:  {479, "Regretfully, we were not able to process the URI"},
	module.ErrLoop:    {482, "Loop Detected"},
	module.ErrTooMany: {483, "Too Many Hops"},
}

// replyError answers with what went wrong last; the number in the phrase is
// the error's.
func replyError(c *module.Ctx, _ *module.Args) int {
	n := c.LastErr
	if n == 0 {
		n = module.ErrUnspec
	}
	code, reason := 500, "I'm terribly sorry, server error occurred"
	if s, ok := sorry[n]; ok {
		code, reason = s.code, s.reason
	}
	if n < 0 {
		n = -n
	}
	r := send(c, code, c.Concat(reason, " (", c.Itoa(int64(n)), "/SL)"))
	if r > 0 {
		c.Env.Count(counters.errors, 1)
	}
	return r
}
