package tm

import (
	"strconv"
	"strings"

	"goser/worker/module"
)

// errBreadth is the code for a request that may not be forked so far.
const errBreadth = -440

const breadthHeader = "Max-Breadth"

// breadth is what each of n branches may be forked into further (RFC 5393 §5.3):
// -1 leaves the header alone, false means that it does not allow n branches.
// A request that goes to one place and has no such header gets none.
func (s *state) breadth(c *module.Ctx, n int) (int, bool) {
	h := c.SIP.ByName(breadthHeader)
	if h == nil && (n < 2 || params.maxBreadth == 0) {
		return -1, true
	}
	have := int(params.maxBreadth)
	if h != nil {
		v, err := strconv.Atoi(strings.TrimSpace(h.Body))
		if err != nil || v < 0 {
			v = 0
		}
		if have = min(v, have); params.maxBreadth == 0 {
			have = v
		}
	}
	if have < n {
		s.count(&counters.tooBroad)
		return 0, false
	}
	return have / max(n, 1), true
}

// setBreadth writes the header for the branch at hand.
func setBreadth(c *module.Ctx, n int) {
	line := c.Concat(breadthHeader, ": ", c.Itoa(int64(n)), "\r\n")
	h := c.SIP.ByName(breadthHeader)
	if h == nil {
		c.Edits.AppendHeader(&c.SIP, line)
		return
	}
	c.Edits.Replace(h.Start, h.End, line)
}
