package rr

import (
	"strings"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/sip"
	"goser/worker/module"
)

// ownParams are the parameters of our Route: of the one that loose_route
// followed, else of the first if it is ours.
func ownParams(c *module.Ctx) string {
	if c.RR.Params != "" {
		return c.RR.Params
	}
	r := walk{c: c, it: c.SIP.Routes()}
	if !r.next() || !ours(c, &r.uri) {
		return ""
	}
	return params(c, &r.uri)
}

// params are the parameters as check_route_param sees them.
func params(c *module.Ctx, u *sip.URI) string {
	if u.Params == "" {
		return ""
	}
	return c.Concat(";", u.Params)
}

func checkParam(c *module.Ctx, a *module.Args) int {
	p := ownParams(c)
	if p == "" || !a.Fixed.(*ere.Regexp).MatchString(p) {
		return -1
	}
	return 1
}

func isDirection(c *module.Ctx, a *module.Args) int {
	if upstream(c) == a.Fixed.(bool) {
		return 1
	}
	return -1
}

// upstream: the request comes from the other side than the one that began the
// dialog, whose tag is in our Record-Route.
func upstream(c *module.Ctx) bool {
	u := sip.URI{Params: strings.TrimPrefix(ownParams(c), ";")}
	tag, ok := u.Param("ftag")
	from, err := c.SIP.From()
	if !ok || tag == "" || err != nil || from.Tag == "" {
		return false
	}
	return tag != from.Tag && !sameUnescaped(c, tag, from.Tag)
}

// sameUnescaped: we write what is odd in a tag as %HH.
func sameUnescaped(c *module.Ctx, escaped, tag string) bool {
	if strings.IndexByte(escaped, '%') < 0 {
		return false
	}
	ok := true
	plain := c.Build(len(escaped), func(dst []byte) []byte {
		dst, ok = sip.AppendUnescaped(dst, escaped)
		return dst
	})
	return ok && plain == tag
}

func vars() []module.Var {
	return []module.Var{
		{Name: "route_uri", Type: check.TypeStr, Get: routeURI, Help: "URI of the first Route, as received"},
		{Name: "fti", Type: check.TypeStr, Get: initialTag(false), Help: "From tag of the request that began the dialog"},
		{Name: "tti", Type: check.TypeStr, Get: initialTag(true), Help: "To tag of the dialog, seen from its beginning"},
		{
			Name: "rdir", Type: check.TypeStr, Inner: check.InnerText, Names: []string{"id", "name"}, Get: direction,
			Help: "direction of the request: id 1 or name downstream, 2 or upstream",
		},
		{Name: "rr_count", Type: check.TypeInt, Get: recordCount, Help: "number of Record-Route entries, as received"},
		{Name: "rr_top_count", Type: check.TypeInt, Get: recordTopCount, Help: "entries that the last server added: 2 if the first is one of a pair"},
	}
}

func routeURI(c *module.Ctx, _ *module.Ref) module.Value {
	var na sip.NameAddr
	it := c.SIP.Routes()
	if !it.Next() || it.Addr(&na) != nil || !na.Bracketed {
		return module.StrValue("")
	}
	return module.StrValue(na.URI)
}

func initialTag(to bool) func(*module.Ctx, *module.Ref) module.Value {
	return func(c *module.Ctx, _ *module.Ref) module.Value {
		na, err := c.SIP.From()
		if to != upstream(c) {
			na, err = c.SIP.To()
		}
		if err != nil || na.Tag == "" {
			return module.Undef
		}
		return module.StrValue(na.Tag)
	}
}

func direction(c *module.Ctx, r *module.Ref) module.Value {
	up, name := upstream(c), r.Inner == "name"
	switch {
	case name && up:
		return module.StrValue("upstream")
	case name:
		return module.StrValue("downstream")
	case up:
		return module.IntValue(2)
	}
	return module.IntValue(1)
}

func recordCount(c *module.Ctx, _ *module.Ref) module.Value {
	n := int32(0)
	for it := c.SIP.RecordRoutes(); it.Next(); n++ {
	}
	return module.IntValue(n)
}

func recordTopCount(c *module.Ctx, _ *module.Ref) module.Value {
	var (
		na sip.NameAddr
		u  sip.URI
	)
	it := c.SIP.RecordRoutes()
	if !it.Next() {
		return module.IntValue(0)
	}
	if it.Addr(&na) == nil && sip.ParseURI(na.URI, &u) == nil {
		if _, pair := u.Param("r2"); pair {
			return module.IntValue(2)
		}
	}
	return module.IntValue(1)
}
