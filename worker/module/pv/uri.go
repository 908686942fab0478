package pv

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

const (
	maxURI = 1024 // bounds a R-URI that a script builds
	noPort = -1   // one that is to be removed
)

var (
	errNull    = errors.New("$null cannot be assigned")
	errReply   = errors.New("a reply has no Request-URI")
	errNoHost  = errors.New("the URI has no host to change: only sip: and sips: URIs have one")
	errURILong = fmt.Errorf("the URI would be longer than %d bytes", maxURI)
)

// uriPart reads one piece of a URI.
type uriPart func(c *module.Ctx, u sip.URI) module.Value

func uriUser(c *module.Ctx, u sip.URI) module.Value { return nonEmpty(c.URIUser(&u)) }
func uriHost(_ *module.Ctx, u sip.URI) module.Value { return nonEmpty(u.Host) }

// uriPort is the port, or the default one.
func uriPort(c *module.Ctx, u sip.URI) module.Value {
	switch {
	case u.Port != 0:
		return module.StrValue(c.Itoa(int64(u.Port)))
	case sip.EqualFold(transportOf(&u), "tls"): // KAMAILIO: not for sips: by itself
		return module.StrValue("5061")
	}
	return module.StrValue("5060")
}

// hopPort does not look at the transport.
func hopPort(c *module.Ctx, u sip.URI) module.Value {
	if u.Port != 0 {
		return module.StrValue(c.Itoa(int64(u.Port)))
	}
	return module.StrValue("5060")
}

func uriTransport(_ *module.Ctx, u sip.URI) module.Value {
	if t := transportOf(&u); t != "" {
		return module.StrValue(t)
	}
	return module.StrValue("UDP")
}

// transportOf is the last transport parameter.
func transportOf(u *sip.URI) (t string) {
	if u.Params != "" {
		sip.EachParam(u.Params, func(name, value string) bool {
			if sip.EqualFold(name, "transport") {
				t = value
			}
			return true
		})
	}
	return t
}

func uriUserLen(c *module.Ctx, u sip.URI) module.Value { return intValue(len(c.URIUser(&u))) }

// uriScheme is tel for a telephone number in a sip: URI if phone2tel says so.
func uriScheme(c *module.Ctx, u sip.URI) module.Value {
	if _, _, ok := c.Phone(&u); ok {
		return module.StrValue("tel")
	}
	if name := u.Scheme.String(); name != "" {
		return module.StrValue(name)
	}
	return module.StrValue(u.SchemeName)
}

// uriSource yields the URI that a family of variables is about; false if there
// is none or it cannot be parsed. URIs travel by value here: a pointer through
// a function value would put each of them on the heap.
type uriSource func(c *module.Ctx) (sip.URI, bool)

func currentURI(c *module.Ctx) (sip.URI, bool) {
	if c.RequestURI() == "" {
		return sip.URI{}, false
	}
	u, err := c.ParsedURI()
	if err != nil {
		return looseURI(c.RequestURI())
	}
	return *u, true
}

func originalURI(c *module.Ctx) (sip.URI, bool) {
	if !c.SIP.IsRequest {
		return sip.URI{}, false
	}
	u, err := c.SIP.URI()
	if err != nil {
		return looseURI(c.SIP.RURI)
	}
	return *u, true
}

func nextURI(c *module.Ctx) (sip.URI, bool) {
	if c.Dest.Next == "" {
		return sip.URI{}, false
	}
	return parseURI(c.Dest.Next)
}

func parseURI(s string) (u sip.URI, ok bool) {
	if sip.ParseURI(s, &u) != nil {
		return looseURI(s)
	}
	return u, true
}

func looseURI(s string) (u sip.URI, ok bool) {
	ok = module.LooseURI(s, &u)
	return u, ok
}

// hopURI is where the message goes: $du if set, else the R-URI; a reply where its second Via points.
func hopURI(c *module.Ctx) (sip.URI, bool) {
	if !c.SIP.IsRequest {
		return replyURI(c)
	}
	if c.Dest.Next != "" {
		return nextURI(c)
	}
	return currentURI(c)
}

func replyURI(c *module.Ctx) (u sip.URI, ok bool) {
	v, err := c.SIP.Via(1)
	if err != nil {
		return u, false
	}
	u.Scheme, u.Params = sip.SchemeSIP, c.Concat("transport=", lower(c, v.Transport))
	if u.Host, u.Port = v.ReplyTo(); strings.IndexByte(u.Host, ':') >= 0 && u.Host[0] != '[' {
		u.Host = c.Concat("[", u.Host, "]")
	}
	return u, true
}

func partOf(src uriSource, part uriPart) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value {
		if u, ok := src(c); ok {
			return part(c, u)
		}
		return module.Undef
	}
}

// uriVars are $ru and its parts, $ou and its parts.
func uriVars() []module.Var {
	ru := text("ru", "R-URI", func(c *module.Ctx) module.Value {
		_, ok := currentURI(c)
		return module.OptStr(c.RequestURI(), ok)
	}, "ruri")
	ru.Set = setURI
	ou := text("ou", "R-URI as received", func(c *module.Ctx) module.Value { return nonEmpty(c.SIP.RURI) }, "ouri")
	vs := []module.Var{ru, ou}
	for _, f := range []struct {
		letter, help string
		from         uriSource
		set          bool
	}{{"r", "R-URI", currentURI, true}, {"o", "received R-URI", originalURI, false}} {
		user := text(f.letter+"U", "user of the "+f.help, partOf(f.from, uriUser))
		host := text(f.letter+"d", "host of the "+f.help, partOf(f.from, uriHost))
		port := text(f.letter+"p", "port of the "+f.help, partOf(f.from, uriPort))
		if f.set {
			user.Aliases, host.Aliases = []string{"ruri.user"}, []string{"ruri.domain"}
			user.Set, host.Set, port.Set = setUser, setHost, setPort
		}
		vs = append(vs, user, host, port,
			text(f.letter+"P", "transport of the "+f.help, partOf(f.from, uriTransport)),
			number(f.letter+"Ul", "length of the user of the "+f.help, partOf(f.from, uriUserLen)))
	}
	return append(vs, text("rz", "scheme of the R-URI", partOf(currentURI, uriScheme)))
}

func setURI(c *module.Ctx, _ *module.Ref, v module.Value) error {
	switch {
	case v.IsUndef():
		return errNull
	case !c.SIP.IsRequest:
		return errReply
	case v.Kind == module.KindInt:
		return module.ErrNumber
	}
	s := c.Text(v)
	if s == "" {
		return errors.New("the empty text is no URI")
	}
	if len(s) > maxURI {
		return errURILong
	}
	c.SetURI(s)
	return nil
}

// rewrite builds a new R-URI after change has worked on its parts.
func rewrite(c *module.Ctx, change func(u *sip.URI) error) error {
	u, ok := currentURI(c)
	if !ok {
		return errors.New("there is no R-URI that can be parsed")
	}
	port, raw := u.Port, module.PortText(c.RequestURI(), &u)
	if err := change(&u); err != nil {
		return err
	}
	u.SchemeName = u.Scheme.String()
	if raw != "" && u.Port == port {
		u.Host, u.Port = c.Concat(u.Host, ":", raw), 0 // as it was written
	}
	u.Port = max(u.Port, 0)
	if u.Scheme == sip.SchemeOther || u.Scheme == sip.SchemeURN {
		return errNoHost
	}
	n := len(u.SchemeName) + len(u.User) + len(u.Password) + len(u.Host) + len(u.Params) + len(u.Headers) + 12
	if n > maxURI {
		return errURILong
	}
	c.Dest.URI = c.Build(n, u.Append)
	return nil
}

func setUser(c *module.Ctx, _ *module.Ref, v module.Value) error {
	if v.Kind == module.KindInt {
		return module.ErrNumber
	}
	s := c.Text(v)
	if err := module.CheckURIPart(s); err != nil {
		return err
	}
	return rewrite(c, func(u *sip.URI) error {
		_, params, _ := c.Phone(u)
		if u.User = s; s == "" {
			u.Password = ""
		} else if params != "" {
			u.User = c.Concat(s, ";", params)
		}
		return nil
	})
}

func setHost(c *module.Ctx, _ *module.Ref, v module.Value) error {
	if v.Kind == module.KindInt {
		return module.ErrNumber
	}
	s := c.Text(v)
	if s == "" {
		return errNull
	}
	if err := module.CheckURIPart(s); err != nil {
		return err
	}
	return rewrite(c, func(u *sip.URI) error {
		switch u.Scheme {
		case sip.SchemeSIP, sip.SchemeSIPS:
		case sip.SchemeTel: // RFC 3261 §19.1.6
			if u.Params != "" {
				u.User = c.Concat(u.User, ";", u.Params)
			}
			u.Scheme, u.Params = sip.SchemeSIP, "user=phone"
		default:
			return errNoHost
		}
		u.Host = s
		return nil
	})
}

func setPort(c *module.Ctx, _ *module.Ref, v module.Value) error {
	n := v.AsInt()
	if !v.IsUndef() && c.Text(v) != "" && n == 0 || n < 0 || n > 65535 {
		return fmt.Errorf("%q is no port: expected 1 to 65535", c.Text(v))
	}
	return rewrite(c, func(u *sip.URI) error {
		if u.Scheme == sip.SchemeTel {
			return errNoHost
		}
		if u.Port = int(n); n == 0 {
			u.Port = noPort
		}
		return nil
	})
}

// nh is $nh(x): the next hop.
var nextHop = module.Var{
	Name: "nh", Type: check.TypeAny, Inner: check.InnerText, Names: []string{"u", "U", "d", "p", "P"},
	Help: "next hop, $du or else $ru: u whole, U user, d host, p port, P transport; of a reply where the next Via points",
	Prepare: func(inner string) (any, error) {
		get, ok := map[string]func(c *module.Ctx) module.Value{
			"u": nextHopText, "U": partOf(hopURI, uriUser), "d": partOf(hopURI, uriHost),
			"p": nextHopPort, "P": partOf(hopURI, uriTransport),
		}[inner]
		if !ok {
			return nil, fmt.Errorf("unknown field %q: expected u, U, d, p or P", inner)
		}
		return get, nil
	},
	Get: fixedGetter,
}

func nextHopText(c *module.Ctx) module.Value {
	if !c.SIP.IsRequest {
		u, ok := replyURI(c)
		if !ok {
			return module.Undef
		}
		return module.StrValue(c.Concat("sip:", u.Host, ":", c.Itoa(int64(u.Port)), ";", u.Params))
	}
	if c.Dest.Next != "" {
		return module.StrValue(c.Dest.Next)
	}
	return nonEmpty(c.RequestURI())
}

// nextHopPort is a number in replies only, as in Kamailio.
func nextHopPort(c *module.Ctx) module.Value {
	u, ok := hopURI(c)
	switch {
	case !ok:
		return module.Undef
	case !c.SIP.IsRequest:
		return intValue(u.Port)
	}
	return hopPort(c, u)
}

// fixedGetter calls what Prepare chose.
func fixedGetter(c *module.Ctx, r *module.Ref) module.Value {
	if get, ok := r.Fixed.(func(c *module.Ctx) module.Value); ok {
		return get(c)
	}
	return module.Undef
}

// fields makes a variable whose parentheses choose one of several getters.
func fields(name, help string, typ check.Type, get map[string]func(c *module.Ctx) module.Value) module.Var {
	v := module.Var{Name: name, Type: typ, Inner: check.InnerText, Help: help, Get: fixedGetter}
	for n := range get {
		v.Names = append(v.Names, n)
	}
	slices.Sort(v.Names)
	v.Prepare = func(inner string) (any, error) {
		if g, ok := get[inner]; ok {
			return g, nil
		}
		return nil, fmt.Errorf("unknown field %q", inner)
	}
	return v
}
