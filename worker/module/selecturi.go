package module

import (
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/sip"
)

// SelectURI goes on inside a URI. What the URI does not have is undef.
func SelectURI(get func(c *Ctx) (string, bool), parts []check.SelectPart) (func(c *Ctx) Value, error) {
	if len(parts) == 0 {
		return SelectText(get), nil
	}
	name := strings.ToLower(parts[0].Name)
	if name == "params" && len(parts) == 2 {
		param, _, err := SelectName(parts[1:])
		if err != nil {
			return nil, err
		}
		return uriValue(get, func(_ *Ctx, _ string, u *sip.URI) (string, bool) { return lastParam(u.Params, param) }), nil
	}
	read := uriParts[name]
	if read == nil || len(parts) > 1 {
		return nil, fmt.Errorf("unknown part %q of a URI: expected type user rn_user pwd host port params[\"x\"] hostport or transport", name)
	}
	return uriValue(get, read), nil
}

// lastParam is the last parameter of a name that has a value.
func lastParam(params, name string) (value string, ok bool) {
	sip.EachParam(params, func(n, v string) bool {
		if sip.EqualFold(n, name) {
			value = v
		}
		return true
	})
	return value, value != ""
}

type uriPart = func(c *Ctx, s string, u *sip.URI) (string, bool)

func uriValue(get func(c *Ctx) (string, bool), read uriPart) func(c *Ctx) Value {
	return func(c *Ctx) Value {
		s, ok := get(c)
		if !ok {
			return Undef
		}
		u, ok := c.TempLooseURI(s)
		if !ok {
			return Undef
		}
		return OptStr(read(c, s, u))
	}
}

// uriParts are what is never undefined in a URI, but for hostport without a host.
var uriParts = map[string]uriPart{
	"type":      func(c *Ctx, _ string, u *sip.URI) (string, bool) { return uriType(c, u), true },
	"user":      func(c *Ctx, _ string, u *sip.URI) (string, bool) { return plainNumber(c, u, c.URIUser(u)), true },
	"rn_user":   func(c *Ctx, _ string, u *sip.URI) (string, bool) { return routingNumber(c, u), true },
	"pwd":       func(_ *Ctx, _ string, u *sip.URI) (string, bool) { return u.Password, true },
	"host":      func(_ *Ctx, _ string, u *sip.URI) (string, bool) { return u.Host, true },
	"port":      func(_ *Ctx, s string, u *sip.URI) (string, bool) { return PortText(s, u), true },
	"params":    func(c *Ctx, _ string, u *sip.URI) (string, bool) { return uriParams(c, u), true },
	"transport": func(_ *Ctx, _ string, u *sip.URI) (string, bool) { return transportOf(u), true },
	"hostport":  hostPort,
}

func hostPort(c *Ctx, s string, u *sip.URI) (string, bool) {
	port := PortText(s, u)
	if port == "" {
		port = c.Itoa(int64(defaultPort(u)))
	}
	return c.Concat(u.Host, ":", port), u.Host != ""
}

// uriType and uriParams are those of a tel: URI for a number in a sip: URI, if phone2tel says so.
func uriType(c *Ctx, u *sip.URI) string {
	if _, _, ok := c.Phone(u); ok {
		return "tel"
	}
	return u.Scheme.String()
}

func uriParams(c *Ctx, u *sip.URI) string {
	if _, params, ok := c.Phone(u); ok {
		return params
	}
	return u.Params
}

// transportOf is the transport parameter if it is known, else that of the scheme.
func transportOf(u *sip.URI) string {
	for _, name := range []string{"udp", "tcp", "tls", "sctp", "ws", "wss"} {
		if sip.EqualFold(u.Transport(), name) {
			return name
		}
	}
	if u.Scheme == sip.SchemeSIPS {
		return "tls"
	}
	return "udp"
}

func defaultPort(u *sip.URI) int {
	if u.Scheme == sip.SchemeSIPS {
		return 5061
	}
	return 5060
}

// plainNumber leaves the visual separators of a telephone number out (RFC 3966 §5.1.1).
func plainNumber(c *Ctx, u *sip.URI, s string) string {
	const separators = "-.()"
	_, _, phone := c.Phone(u)
	if u.Scheme != sip.SchemeTel && !phone || !strings.ContainsAny(s, separators) {
		return s
	}
	return c.Build(len(s), func(dst []byte) []byte {
		for i := range len(s) {
			if strings.IndexByte(separators, s[i]) < 0 {
				dst = append(dst, s[i])
			}
		}
		return dst
	})
}

// routingNumber is the rn parameter of a tel: URI (RFC 4694), else the user.
func routingNumber(c *Ctx, u *sip.URI) string {
	if u.Scheme == sip.SchemeTel {
		if rn, ok := lastParam(u.Params, "rn"); ok {
			return plainNumber(c, u, rn)
		}
	}
	return plainNumber(c, u, c.URIUser(u))
}

func addrValue(get func(c *Ctx) (sip.NameAddr, bool), read func(a sip.NameAddr) (string, bool)) func(c *Ctx) Value {
	return func(c *Ctx) Value {
		a, ok := get(c)
		if !ok {
			return Undef
		}
		return OptStr(read(a))
	}
}

// SelectAddr goes on inside an address.
func SelectAddr(get func(c *Ctx) (sip.NameAddr, bool), parts []check.SelectPart, t sip.HeaderType) (func(c *Ctx) Value, error) {
	name, rest := strings.ToLower(parts[0].Name), parts[1:]
	switch {
	case name == "uri":
		return SelectURI(func(c *Ctx) (string, bool) {
			a, ok := get(c)
			return a.URI, ok && a.URI != "*"
		}, rest)
	case name == "params" && len(rest) == 1:
		param, _, err := SelectName(rest)
		return addrValue(get, func(a sip.NameAddr) (string, bool) {
			v, ok := a.Param(param)
			return Unquoted(v), ok || t == sip.HdrRecordRoute
		}), err
	case len(rest) > 0:
	case name == "name":
		return addrValue(get, func(a sip.NameAddr) (string, bool) { return a.Display, true }), nil
	case name == "tag" && (t == sip.HdrFrom || t == sip.HdrTo || t == sip.HdrRemotePartyID):
		return addrValue(get, func(a sip.NameAddr) (string, bool) { return a.Tag, true }), nil
	case name == "tag" && t != sip.HdrOther:
		return addrValue(get, func(a sip.NameAddr) (string, bool) { return a.Tag, a.Tag != "" }), nil
	case t == sip.HdrContact && contactParams[name] != "":
		param := contactParams[name]
		return addrValue(get, func(a sip.NameAddr) (string, bool) {
			v, ok := a.Param(param)
			return Unquoted(v), ok
		}), nil
	}
	return nil, fmt.Errorf("unknown part %q of an address: expected uri name params[\"x\"], of a header of its own also tag", name)
}

var contactParams = map[string]string{"q": "q", "expires": "expires", "methods": "methods", "received": "received", "instance": "+sip.instance"}

// Unquoted leaves the quotes around a text out.
func Unquoted(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// SelectName takes a ["x"] or .x off the parts.
func SelectName(parts []check.SelectPart) (string, []check.SelectPart, error) {
	if len(parts) == 0 || parts[0].IsInt {
		return "", nil, fmt.Errorf(`a name must follow, as in ["x"]`)
	}
	return parts[0].Name, parts[1:], nil
}

// SelectText is a select that is a text.
func SelectText(get func(c *Ctx) (string, bool)) func(c *Ctx) Value {
	return func(c *Ctx) Value { return OptStr(get(c)) }
}
