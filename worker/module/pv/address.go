package pv

import (
	"errors"
	"strings"

	"goser/sip"
	"goser/worker/module"
)

var errNoAddress = errors.New("the header cannot be parsed")

// party is From or To.
type party struct {
	header sip.HeaderType
	addr   func(m *sip.Msg) (*sip.NameAddr, error)
}

// addressVars are $fu and its family, $tu and its family.
func addressVars() []module.Var {
	return append(
		partyVars("f", "from", party{sip.HdrFrom, (*sip.Msg).From}),
		partyVars("t", "to", party{sip.HdrTo, (*sip.Msg).To})...)
}

func partyVars(letter, word string, p party) []module.Var {
	src := func(c *module.Ctx) (sip.URI, bool) {
		a, err := p.addr(&c.SIP)
		if err != nil {
			return sip.URI{}, false
		}
		return parseURI(a.URI)
	}
	field := func(get func(a *sip.NameAddr) string) func(c *module.Ctx) module.Value {
		return func(c *module.Ctx) module.Value {
			a, err := p.addr(&c.SIP)
			if err != nil {
				return module.Undef
			}
			return nonEmpty(get(a))
		}
	}
	vs := []module.Var{
		text(letter+"u", word+" URI", field(func(a *sip.NameAddr) string { return a.URI }), word),
		text(letter+"n", word+" display name, quotes included", field(func(a *sip.NameAddr) string { return a.Display })),
		text(letter+"U", "user of the "+word+" URI", partOf(src, uriUser), word+".user"),
		text(letter+"d", "host of the "+word+" URI", partOf(src, uriHost), word+".domain"),
		text(letter+"t", word+" tag", field(func(a *sip.NameAddr) string { return a.Tag })),
		number(letter+"Ul", "length of the user of the "+word+" URI", partOf(src, uriUserLen)),
	}
	for i, set := range []func(c *module.Ctx, a *sip.NameAddr, s string) error{setAddrURI, p.setName, setAddrUser, setAddrHost} {
		vs[i].Set = p.setter(set)
	}
	return vs
}

// setter makes an edit of an assignment. The text may not hold line ends: it
// could begin a header of its own.
func (p party) setter(set func(c *module.Ctx, a *sip.NameAddr, s string) error) func(*module.Ctx, *module.Ref, module.Value) error {
	return func(c *module.Ctx, _ *module.Ref, v module.Value) error {
		a, err := p.addr(&c.SIP)
		if err != nil {
			return errNoAddress
		}
		if v.Kind == module.KindInt {
			return module.ErrNumber
		}
		s := c.Text(v)
		if strings.ContainsAny(s, "\r\n\x00") {
			return errors.New("a line end cannot stand in a header's address")
		}
		return set(c, a, c.Keep(s))
	}
}

func setAddrURI(c *module.Ctx, a *sip.NameAddr, s string) error {
	if s == "" {
		return errNull
	}
	if strings.ContainsAny(s, "<> ") {
		return errors.New("a URI cannot hold a space or an angle bracket")
	}
	if !a.Bracketed {
		s = c.Concat("<", s, ">")
	}
	c.Edits.Replace(a.URIStart, a.URIStart+len(a.URI), s)
	return nil
}

// setName writes the display name as it is given, quotes are the author's.
func (p party) setName(c *module.Ctx, a *sip.NameAddr, s string) error {
	if s != "" {
		s = c.Concat(s, " ")
	}
	if a.Bracketed {
		c.Edits.Replace(c.SIP.First(p.header).BodyStart, a.URIStart-1, s)
		return nil
	}
	c.Edits.InsertBefore(a.URIStart, c.Concat(s, "<"))
	c.Edits.InsertAfter(a.URIStart+len(a.URI), ">")
	return nil
}

// setAddrUser edits the user alone, of a telephone number without its parameters, so that user and host can both be set.
func setAddrUser(c *module.Ctx, a *sip.NameAddr, s string) error {
	u, host, err := splitAddr(a, s)
	start := a.URIStart + len(u.SchemeName) + 1
	switch {
	case errors.Is(err, errNoHost) && u.Scheme == sip.SchemeTel && s != "":
		c.Edits.Replace(start, start+len(u.User), s)
	case err != nil:
		return err
	case s == "":
		c.Edits.Delete(start, host)
	case u.User == "":
		c.Edits.InsertBefore(start, c.Concat(s, "@"))
	default:
		c.Edits.Replace(start, start+len(c.URIUser(&u)), s)
	}
	return nil
}

func setAddrHost(c *module.Ctx, a *sip.NameAddr, s string) error {
	if s == "" {
		return errNull
	}
	u, host, err := splitAddr(a, s)
	if err != nil {
		return err
	}
	c.Edits.Replace(host, host+len(u.Host), s)
	return nil
}

// splitAddr parses the URI of a and finds where in the message its host is.
func splitAddr(a *sip.NameAddr, s string) (u sip.URI, host int, err error) {
	if err = module.CheckURIPart(s); err != nil {
		return u, 0, err
	}
	if err = sip.ParseURI(a.URI, &u); err != nil {
		return u, 0, errNoAddress
	}
	if u.Scheme != sip.SchemeSIP && u.Scheme != sip.SchemeSIPS {
		return u, 0, errNoHost
	}
	host = a.URIStart + len(u.SchemeName) + 1
	if at := strings.IndexByte(a.URI, '@'); at >= 0 {
		host = a.URIStart + at + 1
	}
	return u, host, nil
}
