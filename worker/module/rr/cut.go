package rr

import (
	"goser/sip"
	"goser/worker/module"
)

// cutRoutes removes the first n Route values, and the last one. A header that
// loses all of them goes as a whole.
func cutRoutes(c *module.Ctx, n int, last bool) {
	c.RR.Gone = n
	it := c.SIP.Routes()
	for ok := it.Next(); ok; {
		h, begin, have := it.Header, it, 0
		for ; ok && it.Header == h; ok = it.Next() {
			have++
		}
		gone := min(max(n, 0), have)
		n -= have
		end := 0 // values at the end of this header that go
		if last && !ok && gone < have {
			end = 1
		}
		if gone+end == have {
			c.Edits.DeleteHeader(h)
			continue
		}
		cutValues(&c.Edits, begin, gone, have, end == 1)
		if n <= 0 && !last {
			return
		}
	}
}

func cutValues(e *sip.Edits, it sip.ValueIter, gone, have int, last bool) {
	for i := range have {
		if i < gone || last && i == have-1 {
			e.DeleteValue(&it)
		}
		it.Next()
	}
}
