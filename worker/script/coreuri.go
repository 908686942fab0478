package script

import (
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// maxURI bounds a rewritten R-URI, bytes.
const maxURI = 1024

var uriFuncs = []module.Func{
	{
		Name: "rewriteuri", Aliases: []string{"seturi"}, In: notOnSend, Args: args(check.ArgStr), MinArgs: 1, Do: rewriteURI,
		Help: "replaces the R-URI",
	},
	{
		Name: "rewritehost", Aliases: []string{"sethost", "seth"}, In: notOnSend, Args: args(check.ArgStr), MinArgs: 1, Do: edit((*parts).setHost),
		Help: "replaces its host; a tel: URI becomes a sip: one",
	},
	{
		Name: "rewritehostport", Aliases: []string{"sethostport", "sethp"}, In: notOnSend, Args: args(check.ArgStr), MinArgs: 1, Do: edit((*parts).setHostPort),
		Help: "replaces its host and port; the port goes if none is given",
	},
	{
		Name: "rewritehostporttrans", Aliases: []string{"sethostporttrans", "sethpt"}, In: notOnSend, Args: args(check.ArgStr), MinArgs: 1, Do: edit((*parts).setHostPortTrans),
		Help: "replaces its host, port and transport",
	},
	{
		Name: "rewriteport", Aliases: []string{"setport", "setp"}, In: notOnSend, Args: args(check.ArgStr), MinArgs: 1, Do: edit((*parts).setPort),
		Help: "replaces its port; an empty one removes it",
	},
	{
		Name: "rewriteuser", Aliases: []string{"setuser", "setu"}, In: notOnSend, Args: args(check.ArgStr), MinArgs: 1, Do: edit((*parts).setUser),
		Help: "replaces its user; an empty one removes it",
	},
	{
		Name: "rewriteuserpass", Aliases: []string{"setuserpass", "setup"}, In: notOnSend, Args: args(check.ArgStr), MinArgs: 1, Do: edit((*parts).setUserPass),
		Help: "replaces user and password",
	},
	{
		Name: "prefix", In: notOnSend, Args: args(check.ArgStr), MinArgs: 1, Do: edit((*parts).prefix),
		Help: "puts a text before the user",
	},
	{
		Name: "strip", In: notOnSend, Args: []check.ArgSpec{{Kind: check.ArgInt, Min: 0, Max: maxURI}}, MinArgs: 1, Do: strip(func(u string, n int) string { return u[n:] }),
		Help: "removes the first n characters of the user",
	},
	{
		Name: "strip_tail", In: notOnSend, Args: []check.ArgSpec{{Kind: check.ArgInt, Min: 0, Max: maxURI}}, MinArgs: 1, Do: strip(func(u string, n int) string { return u[:len(u)-n] }),
		Help: "removes the last n characters of the user",
	},
	{Name: "userphone", In: notOnSend, Do: userPhone, Help: "adds ;user=phone"},
	{Name: "revert_uri", In: notOnSend, Do: revertURI, Help: "brings back the R-URI as it was received"},
}

// parts is a URI taken apart, to be put together again with one part changed.
// Everything that is not changed stays as it was written.
type parts struct {
	tel                               bool
	scheme, user, pass, host          string
	userParams                        string // of a telephone number
	port, hostParams, params, headers string
}

// takeApart reads the current R-URI; false if there is none or it is malformed.
func (p *parts) takeApart(c *module.Ctx) bool {
	u, err := c.ParsedURI()
	ok := err == nil
	if !ok {
		u, ok = c.TempLooseURI(c.RequestURI())
	}
	if !ok || !c.SIP.IsRequest || u.Scheme == sip.SchemeOther || u.Scheme == sip.SchemeURN {
		return false
	}
	*p = parts{
		tel: u.Scheme == sip.SchemeTel, scheme: u.Scheme.String(), user: u.User, pass: u.Password,
		host: u.Host, params: u.Params, headers: u.Headers,
	}
	if number, params, ok := c.Phone(u); ok {
		p.user, p.userParams = number, params
	}
	p.port = module.PortText(c.RequestURI(), u)
	return true
}

// put makes the parts the R-URI.
func (p *parts) put(c *module.Ctx) int {
	n := len(p.scheme) + len(p.user) + len(p.userParams) + len(p.pass) + len(p.host) + len(p.port) + len(p.hostParams) + len(p.params) + len(p.headers) + 8
	if n > maxURI+8 {
		return tooLong(c)
	}
	uri := c.Build(n, p.append)
	if len(uri) > maxURI {
		return tooLong(c)
	}
	c.Dest.URI = uri
	return 1
}

// noURI is -1 to the script; sl_reply_error knows that the URI was bad.
func noURI(c *module.Ctx) int {
	c.Fail(module.ErrBadURI, "the R-URI is not a sip:, sips: or tel: URI")
	return module.ErrUnspec
}

func tooLong(c *module.Ctx) int {
	return c.Fail(module.ErrUnspec, "uri too long: a rewritten R-URI has at most 1024 bytes")
}

func (p *parts) append(dst []byte) []byte {
	dst = append(append(dst, p.scheme...), ':')
	dst = append(dst, p.user...)
	if !p.tel {
		if p.user != "" {
			if p.userParams != "" {
				dst = append(append(dst, ';'), p.userParams...)
			}
			if p.pass != "" {
				dst = append(append(dst, ':'), p.pass...)
			}
			dst = append(dst, '@')
		}
		dst = append(dst, p.host...)
		if p.port != "" {
			dst = append(append(dst, ':'), p.port...)
		}
		dst = append(dst, p.hostParams...)
	}
	if p.params != "" {
		dst = append(append(dst, ';'), p.params...)
	}
	if p.headers != "" {
		dst = append(append(dst, '?'), p.headers...)
	}
	return dst
}

// edit makes a function out of a change; a change that cannot be made says why.
func edit(change func(p *parts, c *module.Ctx, to string) string) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		var p parts
		if !p.takeApart(c) {
			return noURI(c)
		}
		to := a.Str(c, 0)
		if err := module.CheckURIPart(to); err != nil {
			return c.Fail(module.ErrUnspec, err.Error())
		}
		if why := change(&p, c, to); why != "" {
			return c.Fail(module.ErrUnspec, why)
		}
		return p.put(c)
	}
}

func (p *parts) setHost(_ *module.Ctx, to string) string {
	if to == "" {
		return "the host is empty"
	}
	if p.tel {
		p.becomeSIP()
	}
	p.host = to
	return ""
}

// becomeSIP turns tel:number into sip:number@host;user=phone (RFC 3261 §19.1.6).
func (p *parts) becomeSIP() {
	p.tel, p.scheme = false, "sip"
	if p.params == "" {
		p.params = "user=phone"
	} else {
		p.user, p.params = p.user+";"+p.params, "user=phone"
	}
}

func (p *parts) setHostPort(c *module.Ctx, to string) string {
	why := p.setHost(c, to)
	p.port = "" // a port in to is part of what is written as the host
	return why
}

func (p *parts) setHostPortTrans(c *module.Ctx, to string) string {
	why := p.setHostPort(c, to)
	p.params = without(c, p.params, "transport")
	return why
}

// without removes the parameters of a name, in one pass.
func without(c *module.Ctx, params, name string) string {
	if params == "" {
		return ""
	}
	return c.Build(len(params), func(dst []byte) []byte {
		for rest, more := params, true; more; {
			var item string
			item, rest, more = strings.Cut(rest, ";")
			if key, _, _ := strings.Cut(item, "="); sip.EqualFold(key, name) {
				continue
			}
			if len(dst) > 0 {
				dst = append(dst, ';')
			}
			dst = append(dst, item...)
		}
		return dst
	})
}

func (p *parts) setPort(_ *module.Ctx, to string) string {
	if p.tel {
		return "a tel: URI has no port"
	}
	p.port = to
	return ""
}

func (p *parts) setUser(_ *module.Ctx, to string) string {
	if p.tel && to == "" {
		return "a tel: URI needs its number"
	}
	p.user = to
	return ""
}

func (p *parts) setUserPass(c *module.Ctx, to string) string {
	p.pass = ""
	return p.setUser(c, to)
}

func (p *parts) prefix(c *module.Ctx, to string) string {
	p.user = c.Concat(to, p.user)
	return ""
}

// strip shortens the user. More than it has leaves none.
func strip(cut func(user string, n int) string) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		var p parts
		if !p.takeApart(c) {
			return noURI(c)
		}
		n := int(a.Int(0, 0))
		if n < 0 {
			return c.Fail(module.ErrUnspec, "the number is negative")
		}
		p.user = cut(p.user, min(n, len(p.user)))
		if p.tel && p.user == "" {
			return c.Fail(module.ErrUnspec, "a tel: URI needs its number")
		}
		return p.put(c)
	}
}

func rewriteURI(c *module.Ctx, a *module.Args) int {
	uri := a.Str(c, 0)
	switch {
	case !c.SIP.IsRequest:
		return c.Fail(module.ErrBadURI, "a reply has no R-URI")
	case uri == "":
		return c.Fail(module.ErrBadURI, "the URI is empty")
	case len(uri) > maxURI:
		return tooLong(c)
	}
	c.SetURI(uri)
	return 1
}

func userPhone(c *module.Ctx, _ *module.Args) int {
	var p parts
	if !p.takeApart(c) {
		return noURI(c)
	}
	u, _ := c.ParsedURI()
	if v, ok := u.Param("user"); p.tel || ok && sip.EqualFold(v, "phone") {
		return 1
	}
	if p.params == "" {
		p.params = "user=phone"
	} else {
		p.params = c.Concat(p.params, ";user=phone")
	}
	return p.put(c)
}

func revertURI(c *module.Ctx, _ *module.Args) int {
	c.Dest.URI = ""
	return 1
}
