package script

import (
	"goser/sip"
	"goser/worker/module"
)

func uriRoot(get textFunc) func(selParts) (selector, error) {
	return func(parts selParts) (selector, error) { return module.SelectURI(get, parts) }
}

func portText(c *module.Ctx, port int) string {
	if port == 0 {
		return ""
	}
	return c.Itoa(int64(port))
}

// addrRoot is a header that holds an address.
func addrRoot(t sip.HeaderType) func(selParts) (selector, error) {
	get := firstAddr(t)
	return func(parts selParts) (selector, error) {
		if len(parts) == 0 {
			return headerBody(t), nil
		}
		return module.SelectAddr(get, parts, t)
	}
}

func firstAddr(t sip.HeaderType) addrFunc {
	switch t {
	case sip.HdrFrom:
		return func(c *module.Ctx) (sip.NameAddr, bool) {
			a, err := c.SIP.From()
			return *a, err == nil
		}
	case sip.HdrTo:
		return func(c *module.Ctx) (sip.NameAddr, bool) {
			a, err := c.SIP.To()
			return *a, err == nil
		}
	}
	return func(c *module.Ctx) (a sip.NameAddr, ok bool) {
		it := c.SIP.Values(t)
		ok = it.Next() && it.Addr(&a) == nil
		return a, ok
	}
}
