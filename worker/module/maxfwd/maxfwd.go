package maxfwd

import (
	"errors"

	"goser/sip"
	"goser/worker/module"
)

// process counts this hop. It does so once for a request: called again it says
// the same and changes nothing.
//
// KAMAILIO: 5.6.3 counts at every call and adds a second header to a request
// that came without one.
func process(c *module.Ctx, a *module.Args) int {
	add := a.Int(0, 0)
	if add < 0 || add > 255 {
		return -1
	}
	n, err := c.SIP.MaxForwards()
	switch {
	case errors.Is(err, sip.ErrMissing):
		if !c.MaxForwardsDone {
			c.Edits.InsertAfter(c.SIP.HeadersStart(), c.Concat("Max-Forwards: ", c.Itoa(int64(add)), "\r\n"))
		}
		c.MaxForwardsDone = true
		return 2
	case err != nil:
		return -2
	case n == 0:
		return -1
	}
	if !c.MaxForwardsDone {
		h := c.SIP.First(sip.HdrMaxForwards)
		c.Edits.Update(h.BodyStart, h.BodyEnd(), c.Itoa(int64(min(n-1, int(limit)))))
	}
	c.MaxForwardsDone = true
	return 1
}

// isLess compares the count as received, or as process has left it.
func isLess(c *module.Ctx, a *module.Args) int {
	than := a.Int(0, 0)
	if than < 0 || than > 255 {
		return -1
	}
	n, err := c.SIP.MaxForwards()
	switch {
	case errors.Is(err, sip.ErrMissing):
		return -2
	case err != nil:
		return -3
	case c.MaxForwardsDone:
		n = min(n-1, int(limit))
	}
	if n < int(than) {
		return 1
	}
	return -1
}
