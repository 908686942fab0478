package script

import (
	"fmt"
	"strings"

	"goser/sip"
	"goser/worker/module"
)

func uriRoot(get textFunc) func(selParts) (selector, error) {
	return func(parts selParts) (selector, error) { return uriSelect(get, parts) }
}

// uriSelect goes on inside a URI. What the URI does not have is undef.
func uriSelect(get textFunc, parts selParts) (selector, error) {
	if len(parts) == 0 {
		return textValue(get), nil
	}
	name := strings.ToLower(parts[0].Name)
	if name == "params" && len(parts) == 2 {
		param, _, err := named(parts[1:])
		if err != nil {
			return nil, err
		}
		return uriValue(get, func(_ *module.Ctx, _ string, u *sip.URI) (string, bool) { return lastParam(u.Params, param) }), nil
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

type uriPart = func(c *module.Ctx, s string, u *sip.URI) (string, bool)

func uriValue(get textFunc, read uriPart) selector {
	return func(c *module.Ctx) module.Value {
		s, ok := get(c)
		if !ok {
			return module.Undef
		}
		u, ok := c.TempLooseURI(s)
		if !ok {
			return module.Undef
		}
		return module.OptStr(read(c, s, u))
	}
}

// uriParts are what is never undefined in a URI, but for hostport without a host.
var uriParts = map[string]uriPart{
	"type":      func(c *module.Ctx, _ string, u *sip.URI) (string, bool) { return uriType(c, u), true },
	"user":      func(c *module.Ctx, _ string, u *sip.URI) (string, bool) { return plainNumber(c, u, c.URIUser(u)), true },
	"rn_user":   func(c *module.Ctx, _ string, u *sip.URI) (string, bool) { return routingNumber(c, u), true },
	"pwd":       func(_ *module.Ctx, _ string, u *sip.URI) (string, bool) { return u.Password, true },
	"host":      func(_ *module.Ctx, _ string, u *sip.URI) (string, bool) { return u.Host, true },
	"port":      func(_ *module.Ctx, s string, u *sip.URI) (string, bool) { return module.PortText(s, u), true },
	"params":    func(c *module.Ctx, _ string, u *sip.URI) (string, bool) { return uriParams(c, u), true },
	"transport": func(_ *module.Ctx, _ string, u *sip.URI) (string, bool) { return transportOf(u), true },
	"hostport":  hostPort,
}

func hostPort(c *module.Ctx, s string, u *sip.URI) (string, bool) {
	port := module.PortText(s, u)
	if port == "" {
		port = c.Itoa(int64(defaultPort(u)))
	}
	return c.Concat(u.Host, ":", port), u.Host != ""
}

// uriType and uriParams are those of a tel: URI for a number in a sip: URI, if phone2tel says so.
func uriType(c *module.Ctx, u *sip.URI) string {
	if _, _, ok := c.Phone(u); ok {
		return "tel"
	}
	return u.Scheme.String()
}

func uriParams(c *module.Ctx, u *sip.URI) string {
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

func portText(c *module.Ctx, port int) string {
	if port == 0 {
		return ""
	}
	return c.Itoa(int64(port))
}

// plainNumber leaves the visual separators of a telephone number out (RFC 3966 §5.1.1).
func plainNumber(c *module.Ctx, u *sip.URI, s string) string {
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
func routingNumber(c *module.Ctx, u *sip.URI) string {
	if u.Scheme == sip.SchemeTel {
		if rn, ok := lastParam(u.Params, "rn"); ok {
			return plainNumber(c, u, rn)
		}
	}
	return plainNumber(c, u, c.URIUser(u))
}

// addrRoot is a header that holds an address.
func addrRoot(t sip.HeaderType) func(selParts) (selector, error) {
	get := firstAddr(t)
	return func(parts selParts) (selector, error) {
		if len(parts) == 0 {
			return headerBody(t), nil
		}
		return addrSelect(get, parts, t)
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

func addrValue(get addrFunc, read func(a sip.NameAddr) (string, bool)) selector {
	return func(c *module.Ctx) module.Value {
		a, ok := get(c)
		if !ok {
			return module.Undef
		}
		return module.OptStr(read(a))
	}
}

// addrSelect goes on inside an address.
func addrSelect(get addrFunc, parts selParts, t sip.HeaderType) (selector, error) {
	name, rest := strings.ToLower(parts[0].Name), parts[1:]
	switch {
	case name == "uri":
		return uriSelect(func(c *module.Ctx) (string, bool) {
			a, ok := get(c)
			return a.URI, ok && a.URI != "*"
		}, rest)
	case name == "params" && len(rest) == 1:
		param, _, err := named(rest)
		return addrValue(get, func(a sip.NameAddr) (string, bool) {
			v, ok := a.Param(param)
			return unquoted(v), ok || t == sip.HdrRecordRoute
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
			return unquoted(v), ok
		}), nil
	}
	return nil, fmt.Errorf("unknown part %q of an address: expected uri name params[\"x\"], of a header of its own also tag", name)
}

var contactParams = map[string]string{"q": "q", "expires": "expires", "methods": "methods", "received": "received", "instance": "+sip.instance"}

func unquoted(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}
