package pv

import (
	"strings"

	"goser/sip"
	"goser/worker/module"
)

// authVars: the digest credentials of a request, RFC 3261 §22.4. They are
// undefined in ACK and CANCEL, which cannot be challenged.
var authVars = []module.Var{
	text("aU", "user name, as sent", credential("username")),
	text("au", "user name before the @", func(c *module.Ctx) module.Value {
		name, _ := credentialOf(c, "username")
		user, _, _ := strings.Cut(name, "@")
		return nonEmpty(user)
	}),
	text("ad", "domain of the user name", func(c *module.Ctx) module.Value {
		name, _ := credentialOf(c, "username")
		_, domain, _ := strings.Cut(name, "@")
		return nonEmpty(domain)
	}),
	text("ar", "realm", credential("realm")),
	text("aa", "algorithm", credential("algorithm")),
	text("adn", "nonce", credential("nonce")),
	text("adc", "cnonce", credential("cnonce")),
	text("adr", "response", credential("response")),
	text("ado", "opaque", credential("opaque")),
	text("adu", "uri", credential("uri")),
	text("AU", "user of From", fromUser),
	text("Au", "user@host of From", func(c *module.Ctx) module.Value {
		if u := fromParsed(c); u != nil {
			return module.StrValue(c.Concat(u.User, "@", u.Host))
		}
		return module.Undef
	}),
}

func credential(name string) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value {
		return module.OptStr(credentialOf(c, name))
	}
}

// credentialOf reads a parameter of Proxy-Authorization, else Authorization,
// without its quotes.
func credentialOf(c *module.Ctx, name string) (string, bool) {
	if c.SIP.Method&(sip.MethodAck|sip.MethodCancel) != 0 {
		return "", false
	}
	h := c.SIP.First(sip.HdrProxyAuthorization)
	if h == nil {
		h = c.SIP.First(sip.HdrAuthorization)
	}
	if h == nil || len(h.Body) < 7 || !sip.EqualFold(h.Body[:6], "digest") || !isBlank(h.Body[6]) {
		return "", false
	}
	return listParam(h.Body[7:], name, ',')
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

func fromUser(c *module.Ctx) module.Value {
	if u := fromParsed(c); u != nil {
		return module.StrValue(u.User)
	}
	return module.Undef
}

// fromParsed is the URI of From, nil if it is none.
func fromParsed(c *module.Ctx) *sip.URI {
	a, err := c.SIP.From()
	if err != nil {
		return nil
	}
	u, err := c.TempURI(a.URI)
	if err != nil {
		return nil
	}
	return u
}
