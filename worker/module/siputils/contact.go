package siputils

import (
	"encoding/base64"
	"errors"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// separator stands between the fields of an encoded contact.
var separator = "*"

func setSeparator(v module.Value) error {
	if len(v.Str) != 1 || strings.ContainsAny(v.Str, "@:;,<>\"? \t\r\n") {
		return errors.New("contact_flds_separator is one character that may stand in the user of a URI, such as *")
	}
	separator = v.Str
	return nil
}

// What 5.6.3 returns for a URI that encode_contact has not made: it has no user, too many fields,
// too few.
const (
	errNoUser     = -23
	errTooMany    = -24
	errNotEncoded = -26
)

// contact is reused: one message is in the script at a time.
var contact sip.NameAddr

// eachContact replaces the URIs of all Contacts by what f makes of them; "" leaves
// one as it is. It returns how many there are, and whether f refused one.
func eachContact(c *module.Ctx, f func(u *sip.URI, uri string) (string, bool)) (n int, ok bool) {
	ok = true
	for it := c.SIP.Contacts(); it.Next(); {
		n++
		if it.Text == "*" {
			continue
		}
		var u sip.URI
		if it.Addr(&contact) != nil || sip.ParseURI(contact.URI, &u) != nil {
			return n, false
		}
		out, good := f(&u, contact.URI)
		ok = ok && good
		if out == "" || !good {
			continue
		}
		start := contact.URIStart
		if !contact.Bracketed && strings.ContainsAny(out, ";?,") {
			out = c.Concat("<", out, ">")
		}
		c.Edits.Replace(start, start+len(contact.URI), out)
	}
	return n, ok
}

// fixEncode wants a prefix and a host that can stand in a URI.
func fixEncode(a []check.Arg) (any, error) {
	for i := range a {
		if a[i].Str == "" || !plain(a[i].Str, "@;?,") || i == 0 && strings.Contains(a[i].Str, separator) {
			return nil, &module.ArgError{Arg: i, Err: errors.New("it cannot stand in the URI of a contact")}
		}
	}
	return nil, nil
}

// encodeContact hides where a client is: sip:PREFIX*user*password*host*port*transport@IP.
func encodeContact(c *module.Ctx, a *module.Args) int {
	prefix, ip := a.Str(c, 0), a.Str(c, 1)
	n, ok := eachContact(c, func(u *sip.URI, _ string) (string, bool) {
		if u.Scheme != sip.SchemeSIP && u.Scheme != sip.SchemeSIPS || strings.Contains(u.User+u.Password, separator) {
			return "", false
		}
		port := ""
		if u.Port != 0 {
			port = c.Itoa(int64(u.Port))
		}
		return c.Concat(u.SchemeName, ":", prefix, separator, u.User, separator, u.Password, separator, u.Host, separator, port, separator,
			u.Transport(), "@", ip), true
	})
	return truth(n > 0 && ok)
}

// decoded is the URI that encodeContact was given; "" if it was not.
func decoded(c *module.Ctx, u *sip.URI) string {
	var f [6]string
	rest := u.User
	if u.Password != "" { // an IPv6 host holds colons, so that its rest looks like a password
		rest = c.Concat(u.User, ":", u.Password)
	}
	for i := range f {
		var more bool
		f[i], rest, more = strings.Cut(rest, separator)
		if more != (i < len(f)-1) {
			return ""
		}
	}
	user, pass, host, port, proto := f[1], f[2], f[3], f[4], f[5]
	if host == "" {
		return ""
	}
	return c.Build(len(u.User)+len(u.Password)+len(u.Params)+32, func(dst []byte) []byte {
		dst = append(append(dst, u.SchemeName...), ':')
		if user != "" {
			if dst = append(dst, user...); pass != "" {
				dst = append(append(dst, ':'), pass...)
			}
			dst = append(dst, '@')
		}
		if dst = append(dst, host...); port != "" {
			dst = append(append(dst, ':'), port...)
		}
		if proto != "" {
			dst = append(append(dst, ";transport="...), proto...)
		}
		if u.Params != "" {
			dst = append(append(dst, ';'), u.Params...)
		}
		return dst
	})
}

func decodeContact(c *module.Ctx, _ *module.Args) int {
	u, err := c.ParsedURI()
	if err != nil || !c.SIP.IsRequest {
		return -1
	}
	out := decoded(c, u)
	switch {
	case out != "":
		c.Dest.URI = out
		return 1
	case u.User == "":
		return errNoUser
	case strings.Count(u.User, separator) > 5:
		return errTooMany
	}
	return errNotEncoded
}

func decodeContactHeader(c *module.Ctx, _ *module.Args) int {
	n, ok := eachContact(c, func(u *sip.URI, _ string) (string, bool) {
		out := decoded(c, u)
		return out, out != ""
	})
	switch {
	case n == 0:
		return -1
	case !ok:
		return errNotEncoded
	}
	return 1
}

// The functions contact_param_… keep the whole URI in a parameter of another one.

func fixParamName(a []check.Arg) (any, error) {
	if !a[0].Const {
		return nil, nil
	}
	if !paramName(a[0].Str) {
		return nil, errors.New("expected the name of a URI parameter")
	}
	return nil, nil
}

func paramName(s string) bool { return s != "" && plain(s, "@;?,=:") }

func contactParamEncode(c *module.Ctx, a *module.Args) int {
	name, addr := a.Str(c, 0), a.Str(c, 1)
	if !paramName(name) || !plain(addr, "?,") {
		return -1
	}
	n, ok := eachContact(c, func(_ *sip.URI, uri string) (string, bool) {
		return c.Concat(addr, ";", name, "=", base64.RawURLEncoding.EncodeToString([]byte(uri))), true
	})
	return truth(n > 0 && ok)
}

// hidden is the URI in a parameter; "" if there is none. What it holds must be one:
// strangers can write it, too.
func hidden(u *sip.URI, name string) (uri string, bad bool) {
	v, ok := u.Param(name)
	if !ok || v == "" {
		return "", false
	}
	v = strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(v), "=")
	data, err := base64.RawURLEncoding.DecodeString(v)
	var in sip.URI
	if err != nil || len(data) > maxURI || !plain(string(data), "") || sip.ParseURI(string(data), &in) != nil {
		return "", true
	}
	return string(data), false
}

func contactParamDecode(c *module.Ctx, a *module.Args) int {
	name := a.Str(c, 0)
	_, ok := eachContact(c, func(u *sip.URI, _ string) (string, bool) {
		out, bad := hidden(u, name)
		return out, !bad
	})
	return truth(ok)
}

func contactParamDecodeRURI(c *module.Ctx, a *module.Args) int {
	u, err := c.ParsedURI()
	if err != nil || !c.SIP.IsRequest {
		return -1
	}
	out, bad := hidden(u, a.Str(c, 0))
	if bad {
		return -1
	}
	if out != "" {
		c.SetURI(out)
	}
	return 1
}

func contactParamRemove(c *module.Ctx, a *module.Args) int {
	name := a.Str(c, 0)
	_, ok := eachContact(c, func(u *sip.URI, _ string) (string, bool) {
		if _, has := u.Param(name); !has {
			return "", true
		}
		v := *u
		v.Params = withoutParam(c, u.Params, name)
		return build(c, &v)
	})
	return truth(ok)
}
