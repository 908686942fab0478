package sanity

import (
	"strings"

	"goser/sip"
	"goser/worker/module"
)

func version(c *module.Ctx, _ int32) verdict {
	if !sip.EqualFold(c.SIP.Version, "SIP/2.0") {
		return verdict{code: 505, reason: "Version Not Supported (R-URI)"}
	}
	return verdict{}
}

func scheme(c *module.Ctx, _ int32) verdict {
	u, err := c.SIP.URI()
	switch {
	case err != nil:
		return bad("Bad Request URI")
	case u.Scheme == sip.SchemeOther:
		return verdict{code: 416, reason: "Unsupported URI Scheme in Request URI"}
	}
	return verdict{}
}

func headers(c *module.Ctx, _ int32) verdict {
	for _, t := range [...]sip.HeaderType{sip.HdrVia, sip.HdrFrom, sip.HdrTo, sip.HdrCallID, sip.HdrCSeq} {
		if c.SIP.First(t) == nil {
			return bad("Bad Headers")
		}
	}
	return verdict{}
}

func cseqMethod(c *module.Ctx, _ int32) verdict {
	if q, err := c.SIP.CSeq(); err != nil || q.MethodName != c.SIP.MethodName {
		return bad("CSeq method does not match request method")
	}
	return verdict{}
}

func cseqNumber(c *module.Ctx, _ int32) verdict {
	if _, err := c.SIP.CSeq(); err != nil {
		return bad("CSeq number is illegal")
	}
	return verdict{}
}

// length compares with all that came, not with what Content-Length lets through.
func length(c *module.Ctx, _ int32) verdict {
	n, err := c.SIP.ContentLength()
	if err == sip.ErrMissing {
		return verdict{}
	}
	if err != nil || n != len(c.SIP.Raw)-c.SIP.BodyStart() {
		return bad("Content-Length mis-match")
	}
	return verdict{}
}

// expires wants delta-seconds below 2^32 (RFC 3261 §20.19).
func expires(c *module.Ctx, _ int32) verdict {
	h := c.SIP.First(sip.HdrExpires)
	if h == nil {
		return verdict{}
	}
	n := uint64(0)
	for i := range len(h.Body) {
		d := h.Body[i] - '0'
		if n = n*10 + uint64(d); d > 9 || n >= 1<<32 {
			return bad("Expires value is illegal")
		}
	}
	if h.Body == "" {
		return bad("Expires value is illegal")
	}
	return verdict{}
}

// proxyRequire names the first tag that is not supported, as 5.6.3 does.
func proxyRequire(c *module.Ctx, _ int32) verdict {
	for it := c.SIP.ProxyRequires(); it.Next(); {
		if known(it.Text) {
			continue
		}
		return verdict{
			code: 420, reason: "Bad Proxy Require Extension",
			header: c.Concat("Unsupported: ", it.Text, "\r\n"),
		}
	}
	return verdict{}
}

func known(tag string) bool {
	for _, s := range supported {
		if sip.EqualFold(s, tag) {
			return true
		}
	}
	return false
}

// The URIs of the second argument.
const (
	uriRequest = 1 << iota
	uriFrom
	uriTo
	uriContact
)

func allURIs(c *module.Ctx, which int32) verdict {
	if which&uriRequest != 0 && c.SIP.IsRequest {
		if _, err := c.SIP.URI(); err != nil {
			return bad("Bad Request URI")
		}
	}
	if which&uriFrom != 0 {
		if from, err := c.SIP.From(); err != nil || !goodURI(c, from.URI) {
			return bad("Invalid From Header")
		}
	}
	if which&uriTo != 0 {
		if to, err := c.SIP.To(); err != nil || !goodURI(c, to.URI) {
			return bad("Invalid To Header")
		}
	}
	if which&uriContact != 0 {
		return contacts(c)
	}
	return verdict{}
}

// contact is reused: messages are checked one at a time.
var contact sip.NameAddr

func contacts(c *module.Ctx) verdict {
	for it := c.SIP.Contacts(); it.Next(); {
		if it.Text == "*" {
			continue
		}
		if it.Addr(&contact) != nil {
			return bad("Bad Contact Header")
		}
		if !goodURI(c, contact.URI) {
			return bad("Bad Contact URI")
		}
	}
	return verdict{}
}

// goodURI wants a sip:, sips: or tel: URI.
func goodURI(c *module.Ctx, s string) bool {
	u, err := c.TempURI(s)
	return err == nil && u.Scheme != sip.SchemeOther
}

// digest looks at the first Authorization and Proxy-Authorization. Schemes other
// than Digest are nobody's here.
func digest(c *module.Ctx, _ int32) verdict {
	for _, t := range [...]sip.HeaderType{sip.HdrAuthorization, sip.HdrProxyAuthorization} {
		h := c.SIP.First(t)
		if h == nil {
			continue
		}
		if v := credentials(h.Body); v.code != 0 {
			return v
		}
	}
	return verdict{}
}

func credentials(body string) verdict {
	name, list, _ := strings.Cut(body, " ")
	if !sip.EqualFold(name, "Digest") {
		return verdict{}
	}
	d := parseDigest(list)
	switch {
	case !d.ok:
		return bad("Bad Auth Header")
	case d.user == "" && d.has&hasUser != 0:
		return bad("Auth Empty User")
	case d.nonce == "" && d.has&hasNonce != 0:
		return bad("Auth Empty Nonce")
	case d.response == "" && d.has&hasResponse != 0:
		return bad("Auth Empty Response")
	case d.has != hasUser|hasRealm|hasNonce|hasURI|hasResponse:
		return bad("Bad Auth Credentials")
	}
	return verdict{}
}

func tags(c *module.Ctx, _ int32) verdict {
	if from, err := c.SIP.From(); err == nil && tagCount(from.Params) > 1 {
		return bad("Many From Tag Params")
	}
	if to, err := c.SIP.To(); err == nil && tagCount(to.Params) > 1 {
		return bad("Many To Tag Params")
	}
	return verdict{}
}

// tagCount counts without a closure, which would be garbage for each message.
func tagCount(params string) (n int) {
	for quoted, i := false, 0; i < len(params); i++ {
		switch {
		case quoted && params[i] == '\\':
			i++
		case params[i] == '"':
			quoted = !quoted
		case !quoted && params[i] == ';':
			name := strings.TrimLeft(params[i+1:], " \t")
			if len(name) >= 3 && sip.EqualFold(name[:3], "tag") && strings.HasPrefix(strings.TrimLeft(name[3:], " \t"), "=") {
				n++
			}
		}
	}
	return n
}

func via(c *module.Ctx, _ int32) verdict {
	if _, err := c.SIP.Via(0); err != nil {
		return bad("Bad Via Header")
	}
	return verdict{}
}
