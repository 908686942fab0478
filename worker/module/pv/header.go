package pv

import (
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// headerVars: any header, and the ones with a name of their own.
var headerVars = []module.Var{
	{
		Name: "hdr", Type: check.TypeStr, Inner: check.InnerFormat, Indexed: true, Get: getHeader,
		Help: "body of a header: [n] the n-th, [-1] the last, [*] all joined by commas",
	},
	{
		Name: "hdrc", Type: check.TypeInt, Inner: check.InnerFormat, Help: "number of headers of a name",
		Get: func(c *module.Ctx, r *module.Ref) module.Value { return intValue(countHeaders(&c.SIP, r.Inner)) },
	},
	{
		Name: "hfl", Type: check.TypeStr, Inner: check.InnerFormat, Indexed: true, Get: getListItem,
		Help: "value in comma-separated headers",
	},
	{
		Name: "hflc", Type: check.TypeInt, Inner: check.InnerFormat, Help: "number of values in comma-separated headers",
		Get: func(c *module.Ctx, r *module.Ref) module.Value { return intValue(countValues(&c.SIP, r.Inner)) },
	},
	text("ci", "Call-ID", body(sip.HdrCallID)),
	text("ct", "Contact", body(sip.HdrContact)),
	text("cT", "Content-Type", body(sip.HdrContentType)),
	text("ua", "User-Agent", body(sip.HdrUserAgent)),
	text("csb", "CSeq", body(sip.HdrCSeq)),
	text("cs", "number of CSeq", func(c *module.Ctx) module.Value {
		if q, err := c.SIP.CSeq(); err == nil {
			return module.StrValue(c.Itoa(int64(q.Number)))
		}
		return module.Undef
	}),
	number("cl", "Content-Length", func(c *module.Ctx) module.Value {
		if n, err := c.SIP.ContentLength(); err == nil {
			return intValue(n)
		}
		return module.Undef
	}),
	fields("expires", "least (min) or greatest (max) time of Contact and Expires", check.TypeInt,
		map[string]func(c *module.Ctx) module.Value{
			"min": func(c *module.Ctx) module.Value { return expires(c, func(a, b int32) int32 { return min(a, b) }) },
			"max": func(c *module.Ctx) module.Value { return expires(c, func(a, b int32) int32 { return max(a, b) }) },
		}),
}

func body(t sip.HeaderType) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value {
		if h := c.SIP.First(t); h != nil {
			return module.StrValue(h.Body)
		}
		return module.Undef
	}
}

func getHeader(c *module.Ctx, r *module.Ref) module.Value {
	if r.All {
		return joinHeaders(c, r.Inner)
	}
	i := r.Index
	if i < 0 {
		if i += countHeaders(&c.SIP, r.Inner); i < 0 {
			return module.Undef
		}
	}
	for h := c.SIP.ByName(r.Inner); h != nil; h = c.SIP.NextByName(h) {
		if i == 0 {
			return module.StrValue(h.Body)
		}
		i--
	}
	return module.Undef
}

func countHeaders(m *sip.Msg, name string) int {
	n := 0
	for h := m.ByName(name); h != nil; h = m.NextByName(h) {
		n++
	}
	return n
}

func joinHeaders(c *module.Ctx, name string) module.Value {
	first := c.SIP.ByName(name)
	if first == nil {
		return module.Undef
	}
	return module.StrValue(c.Build(2*len(first.Body)+64, func(dst []byte) []byte {
		for h := first; h != nil; h = c.SIP.NextByName(h) {
			if h != first {
				dst = append(dst, ',')
			}
			dst = append(dst, h.Body...)
		}
		return dst
	}))
}

// getListItem is $hfl(name)[i].
func getListItem(c *module.Ctx, r *module.Ref) module.Value {
	t := sip.ParseHeaderType(r.Inner)
	if t == sip.HdrOther {
		return getHeader(c, r)
	}
	if r.All {
		return joinHeaders(c, r.Inner)
	}
	i := r.Index
	if i < 0 {
		if i += countValues(&c.SIP, r.Inner); i < 0 {
			return module.Undef
		}
	}
	for it := c.SIP.Values(t); it.Next(); i-- {
		if i == 0 {
			return module.StrValue(it.Text)
		}
	}
	return module.Undef
}

func countValues(m *sip.Msg, name string) int {
	t := sip.ParseHeaderType(name)
	if t == sip.HdrOther {
		return countHeaders(m, name)
	}
	n := 0
	for it := m.Values(t); it.Next(); {
		n++
	}
	return n
}

// expires picks among the expires of all Contacts and the Expires header.
func expires(c *module.Ctx, pick func(a, b int32) int32) module.Value {
	v := module.Undef
	take := func(s string) {
		n, ok := module.ParseInt(strings.TrimSpace(s))
		switch {
		case !ok || n < 0:
		case v.IsUndef():
			v = module.IntValue(n)
		default:
			v.Int = pick(v.Int, n)
		}
	}
	var a sip.NameAddr
	for it := c.SIP.Contacts(); it.Next(); {
		if it.Addr(&a) == nil {
			if s, ok := a.Param("expires"); ok {
				take(s)
			}
		}
	}
	if h := c.SIP.First(sip.HdrExpires); h != nil {
		take(h.Body)
	}
	return v
}
