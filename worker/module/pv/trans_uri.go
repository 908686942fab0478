package pv

import (
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// uriTrans take a URI apart; what is not a URI is undefined.
func uriTrans() []module.Trans {
	part := func(name string, typ check.Type, get func(c *module.Ctx, u *sip.URI) module.Value) module.Trans {
		return trans("uri", name, 0, 0, typ, name+" of a URI", func(c *module.Ctx, s string, _ []module.Value) module.Value {
			var u sip.URI
			if !module.LooseURI(s, &u) {
				return module.Undef
			}
			return get(c, &u)
		})
	}
	str := func(name string, get func(u *sip.URI) string) module.Trans {
		return part(name, check.TypeStr, func(_ *module.Ctx, u *sip.URI) module.Value { return module.StrValue(get(u)) })
	}
	ts := []module.Trans{
		part("user", check.TypeStr, func(c *module.Ctx, u *sip.URI) module.Value { return module.StrValue(c.URIUser(u)) }),
		str("host", func(u *sip.URI) string { return u.Host }),
		str("domain", func(u *sip.URI) string { return u.Host }),
		str("passwd", func(u *sip.URI) string { return u.Password }),
		str("params", func(u *sip.URI) string {
			if u.Scheme == sip.SchemeTel {
				return ""
			}
			return u.Params
		}),
		str("headers", func(u *sip.URI) string { return u.Headers }),
		str("scheme", func(u *sip.URI) string { return u.SchemeName }),
		part("port", check.TypeAny, func(_ *module.Ctx, u *sip.URI) module.Value {
			if u.Port == 0 {
				return module.Blank
			}
			return intValue(u.Port)
		}),
		part("tosocket", check.TypeStr, func(c *module.Ctx, u *sip.URI) module.Value {
			if u.Transport() == "" || u.Host == "" {
				return empty
			}
			return module.StrValue(c.Concat(lower(c, u.Transport()), ":", u.Host, ":", uriPort(c, *u).Str))
		}),
		part("duri", check.TypeStr, short(false, true)),
		part("saor", check.TypeStr, short(true, false)),
		part("suri", check.TypeStr, short(true, true)),
		trans("uri", "param", 1, 1, check.TypeStr, "a parameter of a URI", func(c *module.Ctx, s string, a []module.Value) module.Value {
			return uriParam(s, c.Text(a[0]))
		}),
	}
	for name, p := range map[string]string{
		"transport": "transport", "ttl": "ttl", "uparam": "user", "maddr": "maddr",
		"method": "method", "lr": "lr", "r2": "r2",
	} {
		ts = append(ts, trans("uri", name, 0, 0, check.TypeStr, "parameter "+p+" of a URI",
			func(_ *module.Ctx, s string, _ []module.Value) module.Value { return uriParam(s, p) }))
	}
	return ts
}

func uriParam(s, name string) module.Value {
	var u sip.URI
	if !module.LooseURI(s, &u) {
		return module.Undef
	}
	v, _ := u.Param(strings.TrimSpace(name))
	return module.StrValue(v)
}

// short builds the short forms: duri is the destination, saor the address of
// record, suri both.
func short(user, dest bool) func(c *module.Ctx, u *sip.URI) module.Value {
	return func(c *module.Ctx, u *sip.URI) module.Value {
		s := sip.URI{Scheme: u.Scheme, SchemeName: u.SchemeName, Host: u.Host}
		if user {
			s.User = u.User
		}
		if dest {
			s.Port = u.Port
			if t := u.Transport(); t != "" {
				s.Params = c.Concat("transport=", t)
			}
		}
		return module.StrValue(c.Build(len(u.User)+len(u.Host)+len(s.Params)+16, s.Append))
	}
}
