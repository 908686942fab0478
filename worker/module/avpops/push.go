package avpops

import (
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// pushing is where avp_pushto writes, and what.
type pushing struct {
	to   func(c *module.Ctx, s string) bool
	text bool                     // a number is refused
	more func(c *module.Ctx) bool // before each further value; nil nothing
	all  bool
	avp  string         // or
	from *module.VarUse // any variable
}

// maxURI bounds a URI that AVPs make.
const maxURI = 1024

var pushTargets = map[string]func(c *module.Ctx, s string) bool{
	"$ru": setURI, "$ruri": setURI, "$ru/username": setUser, "$ru/domain": setHost,
	"$ruri/username": setUser, "$ruri/domain": setHost,
	"$du": setNext, "$duri": setNext, "$br": addBranch,
}

func fixPush(a []check.Arg) (any, error) {
	name := strings.TrimSpace(a[0].Str)
	k := &pushing{to: pushTargets[name]}
	if k.to == nil {
		return nil, at(0, fmt.Errorf("%q: expected $ru, $ru/username, $ru/domain, $du or $br", a[0].Str))
	}
	if strings.HasPrefix(name, "$ru") {
		k.more = keepURI
	} else {
		k.text = true
	}
	name, flags := cutFlags(a[1].Str)
	if err := checkFlags(flags, "g"); err != nil {
		return nil, at(1, err)
	}
	k.all = flags != ""
	if avp, err := module.ParseAVP(name); err == nil {
		k.avp = avp
		return k, nil
	}
	var err error
	k.from, err = module.ParseVar(name)
	return k, at(1, err)
}

// push writes the newest value, with g one after the other. Those that were R-URI on the way become branches.
func push(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*pushing)
	if k.from != nil {
		v := k.from.Get(c)
		return truth(!v.IsUndef() && k.write(c, v))
	}
	n := c.AVPs.Count(k.avp)
	if n == 0 {
		return -1
	}
	if !k.all {
		n = 1
	}
	for i := range n {
		if i > 0 && k.more != nil && !k.more(c) || !k.write(c, c.AVPs.Get(k.avp, i).Value) {
			return -1
		}
	}
	return 1
}

func (k *pushing) write(c *module.Ctx, v module.Value) bool {
	return !(k.text && v.Kind == module.KindInt) && k.to(c, c.Text(v))
}

// keepURI makes a branch of the R-URI.
func keepURI(c *module.Ctx) bool { return addBranch(c, c.RequestURI()) }

func fits(s string) bool { return s != "" && len(s) <= maxURI && !strings.ContainsAny(s, "\r\n\x00") }

func setURI(c *module.Ctx, s string) bool {
	if !fits(s) || !c.SIP.IsRequest {
		return false
	}
	c.SetURI(s)
	return true
}

func setNext(c *module.Ctx, s string) bool {
	if !fits(s) {
		return false
	}
	c.Dest.Next = c.Keep(s)
	return true
}

func addBranch(c *module.Ctx, s string) bool {
	if !fits(s) || c.Dest.N >= len(c.Dest.Branches) {
		return false
	}
	c.Dest.Branches[c.Dest.N] = module.Branch{URI: c.Keep(s), Q: -1, Flags: c.Dest.Flags, Socket: c.Dest.Socket}
	c.Dest.N++
	return true
}

func setUser(c *module.Ctx, s string) bool {
	return rewrite(c, s, func(u *sip.URI) { u.User = s })
}

func setHost(c *module.Ctx, s string) bool {
	return rewrite(c, s, func(u *sip.URI) { u.Host = s })
}

func rewrite(c *module.Ctx, s string, set func(u *sip.URI)) bool {
	cur, err := c.ParsedURI()
	if err != nil || !c.SIP.IsRequest || cur.Scheme != sip.SchemeSIP && cur.Scheme != sip.SchemeSIPS || !fits(s) || strings.ContainsAny(s, " @<>\"?") {
		return false
	}
	u := *cur
	set(&u)
	n := len(c.RequestURI()) + len(s) + 8
	if n > 2*maxURI {
		return false
	}
	out := c.Build(n, u.Append)
	if len(out) > maxURI {
		return false
	}
	c.Dest.URI = out
	return true
}
