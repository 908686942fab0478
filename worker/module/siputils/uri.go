package siputils

import (
	"strings"

	"goser/sip"
	"goser/worker/module"
)

// maxURI bounds a URI that a script builds.
const maxURI = 1024

func isURI(c *module.Ctx, a *module.Args) int {
	var u sip.URI
	return truth(sip.ParseURI(a.Str(c, 0), &u) == nil && u.Scheme != sip.SchemeOther)
}

// uriParam: with one argument the parameter must be there without a value.
func uriParam(c *module.Ctx, a *module.Args) int {
	u, err := c.ParsedURI()
	if err != nil {
		return -1
	}
	v, ok := u.Param(a.Str(c, 0))
	return truth(ok && sip.EqualFold(v, a.Str(c, 1)))
}

func uriParamAny(c *module.Ctx, a *module.Args) int {
	u, err := c.ParsedURI()
	if err != nil {
		return -1
	}
	_, ok := u.Param(a.Str(c, 0))
	return truth(ok)
}

func getURIParam(c *module.Ctx, a *module.Args) int {
	u, err := c.ParsedURI()
	if err != nil {
		return -1
	}
	v, ok := u.Param(a.Str(c, 0))
	return truth(ok && a.Var(1).Set(c, module.StrValue(v)) == nil)
}

// plain tells whether s can stand in a URI.
func plain(s, not string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`<>"`, r) || strings.ContainsRune(not, r)
	}) < 0
}

// setURI makes u the R-URI.
func setURI(c *module.Ctx, u *sip.URI) int {
	s, ok := build(c, u)
	if ok {
		c.Dest.URI = s
	}
	return truth(ok)
}

// build writes a URI.
func build(c *module.Ctx, u *sip.URI) (string, bool) {
	n := len(u.SchemeName) + len(u.User) + len(u.Password) + len(u.Host) + len(u.Params) + len(u.Headers) + 12
	if n > maxURI || u.Scheme == sip.SchemeOther {
		return "", false
	}
	return c.Build(n, u.Append), true
}

func addURIParam(c *module.Ctx, a *module.Args) int {
	cur, err := c.ParsedURI()
	p := strings.TrimLeft(a.Given(c, 0), ";")
	switch {
	case err != nil || !c.SIP.IsRequest || !plain(p, "?"):
		return -1
	case p == "":
		return 1
	}
	u := *cur
	if u.Params != "" {
		p = c.Concat(u.Params, ";", p)
	}
	u.Params = p
	return setURI(c, &u)
}

func removeURIParam(c *module.Ctx, a *module.Args) int {
	cur, err := c.ParsedURI()
	if err != nil || !c.SIP.IsRequest {
		return -1
	}
	u, name := *cur, a.Str(c, 0)
	if _, ok := u.Param(name); !ok {
		return 1
	}
	u.Params = withoutParam(c, cur.Params, name)
	return setURI(c, &u)
}

// withoutParam is a list of parameters without one.
func withoutParam(c *module.Ctx, params, name string) string {
	return c.Build(len(params), func(dst []byte) []byte {
		from := len(dst)
		for list, more := params, true; more; {
			var item string
			item, list, more = strings.Cut(list, ";")
			if k, _, _ := strings.Cut(item, "="); sip.EqualFold(k, name) || item == "" {
				continue
			}
			if len(dst) > from {
				dst = append(dst, ';')
			}
			dst = append(dst, item...)
		}
		return dst
	})
}

// tel2sip makes sip:NUMBER;PARAMS@HOST;user=phone of a tel URI (RFC 3261
// §19.1.6): visual separators go, parameters become lower case. Any other URI
// is left alone: 2.
func tel2sip(c *module.Ctx, a *module.Args) int {
	tel, host := a.Str(c, 0), a.Str(c, 1)
	if a.Value(0).IsUndef() {
		return -1
	}
	if len(tel) < 4 || !sip.EqualFold(tel[:4], "tel:") {
		return 2
	}
	if host == "" || !plain(host, "@?") || !plain(tel, "@?") || len(tel)+len(host)+16 > maxURI {
		return -1
	}
	s := c.Build(len(tel)+len(host)+16, func(dst []byte) []byte {
		dst = append(dst, "sip:"...)
		number, params, more := strings.Cut(tel[4:], ";")
		for i := range len(number) {
			if strings.IndexByte("-.()", number[i]) < 0 {
				dst = append(dst, number[i])
			}
		}
		if more {
			dst = append(dst, ';')
		}
		for i := range len(params) {
			b := params[i]
			if 'A' <= b && b <= 'Z' {
				b |= 0x20
			}
			dst = append(dst, b)
		}
		dst = append(append(dst, '@'), host...)
		return append(dst, ";user=phone"...)
	})
	return truth(a.Var(2).Set(c, module.StrValue(s)) == nil)
}

// change rewrites the URI in variable 0 with text 1.
func change(c *module.Ctx, a *module.Args, set func(u *sip.URI, s string) bool) int {
	var u sip.URI
	s := a.Str(c, 1)
	if sip.ParseURI(c.Text(a.Var(0).Get(c)), &u) != nil || !plain(s, "@;?") || !set(&u, s) {
		return -1
	}
	out, ok := build(c, &u)
	return truth(ok && a.Var(0).Set(c, module.StrValue(out)) == nil)
}

// setURIUser takes the password of the old user away.
func setURIUser(c *module.Ctx, a *module.Args) int {
	return change(c, a, func(u *sip.URI, s string) bool {
		u.User, u.Password = s, ""
		return s != "" || u.Scheme != sip.SchemeTel
	})
}

func setURIHost(c *module.Ctx, a *module.Args) int {
	return change(c, a, func(u *sip.URI, s string) bool {
		u.Host = s
		return s != "" && u.Scheme != sip.SchemeTel
	})
}
