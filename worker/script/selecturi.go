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
		return uriValue(get, func(c *module.Ctx, u *sip.URI) (string, bool) { return u.Param(param) }), nil
	}
	read := uriParts[name]
	if read == nil || len(parts) > 1 {
		return nil, fmt.Errorf("unknown part %q of a URI: expected type user rn_user pwd host port params[\"x\"] hostport or transport", name)
	}
	return uriValue(get, func(c *module.Ctx, u *sip.URI) (string, bool) {
		s := read(c, u)
		return s, s != ""
	}), nil
}

func uriValue(get textFunc, read func(c *module.Ctx, u *sip.URI) (string, bool)) selector {
	return func(c *module.Ctx) module.Value {
		s, ok := get(c)
		if !ok {
			return module.Undef
		}
		u, err := c.TempURI(s)
		if err != nil {
			return module.Undef
		}
		return module.OptStr(read(c, u))
	}
}

var uriParts = map[string]func(c *module.Ctx, u *sip.URI) string{
	"type":      uriType,
	"user":      func(c *module.Ctx, u *sip.URI) string { return c.URIUser(u) },
	"rn_user":   func(_ *module.Ctx, u *sip.URI) string { return routingNumber(u) },
	"pwd":       func(_ *module.Ctx, u *sip.URI) string { return u.Password },
	"host":      func(_ *module.Ctx, u *sip.URI) string { return u.Host },
	"port":      func(c *module.Ctx, u *sip.URI) string { return portText(c, u.Port) },
	"params":    uriParams,
	"transport": func(_ *module.Ctx, u *sip.URI) string { return transportOf(u) },
	"hostport": func(c *module.Ctx, u *sip.URI) string {
		port := u.Port
		if port == 0 {
			port = defaultPort(u)
		}
		return c.Concat(u.Host, ":", portText(c, port))
	},
}

// uriType and uriParams are those of a tel: URI for a number in a sip: URI, if phone2tel says so.
func uriType(c *module.Ctx, u *sip.URI) string {
	if _, _, ok := c.Phone(u); ok {
		return "tel"
	}
	return u.SchemeName
}

func uriParams(c *module.Ctx, u *sip.URI) string {
	if _, params, ok := c.Phone(u); ok {
		return params
	}
	return u.Params
}

// transportOf is the transport parameter, else that of the scheme.
func transportOf(u *sip.URI) string {
	switch {
	case u.Transport() != "":
		return u.Transport()
	case u.Scheme == sip.SchemeSIPS:
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

// routingNumber is the rn parameter of the user part (RFC 4694), else the user.
func routingNumber(u *sip.URI) string {
	user, params, ok := strings.Cut(u.User, ";")
	if !ok {
		return u.User
	}
	if rn, ok := sip.Param(params, "rn"); ok {
		return rn
	}
	return user
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
			return a.URI, ok
		}, rest)
	case name == "params" && len(rest) == 1:
		param, _, err := named(rest)
		return addrValue(get, func(a sip.NameAddr) (string, bool) { return a.Param(param) }), err
	case len(rest) > 0:
	case name == "name":
		return addrValue(get, func(a sip.NameAddr) (string, bool) { return a.Display, true }), nil
	case name == "tag" && (t == sip.HdrFrom || t == sip.HdrTo || t == sip.HdrRemotePartyID):
		return addrValue(get, func(a sip.NameAddr) (string, bool) { return a.Tag, true }), nil
	case t == sip.HdrContact && contactParams[name] != "":
		param := contactParams[name]
		return addrValue(get, func(a sip.NameAddr) (string, bool) { return a.Param(param) }), nil
	}
	return nil, fmt.Errorf("unknown part %q of an address: expected uri name params[\"x\"], of From and To also tag", name)
}

var contactParams = map[string]string{"q": "q", "expires": "expires", "methods": "methods", "received": "received", "instance": "+sip.instance"}
