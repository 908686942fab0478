package textops

import (
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// substitution is one in the message; which says in which headers.
type substitution struct {
	*module.Subst
	which byte
}

func newSubst(s string) (*substitution, error) {
	x, err := module.ParseSubst(s)
	if err != nil {
		return nil, err
	}
	return &substitution{x, 'a'}, nil
}

// edit substitutes in Raw[start:end) by edits. In a header a variable may not
// bring line ends.
func (x *substitution) edit(c *module.Ctx, start, end int) int {
	s, rc := c.SIP.Raw[start:end], -1
	for _, loc := range x.Matches(s) {
		text, dirty := x.Expand(c, nil, s, loc)
		if dirty && start+loc[0] < c.SIP.BodyStart() || !c.Room(len(text)) {
			continue
		}
		c.Edits.Replace(start+loc[0], start+loc[1], c.Keep(string(text)))
		rc = 1
	}
	return rc
}

func fixSubst(i int) func(a []check.Arg) (any, error) {
	return func(a []check.Arg) (any, error) { return newSubst(a[i].Str) }
}

func fixSubstHeader(a []check.Arg) (any, error) {
	x, err := newSubst(a[1].Str)
	if err != nil {
		return nil, err
	}
	x.which = which(a)
	return x, nil
}

func substIn(of part) func(c *module.Ctx, a *module.Args) int {
	of = editable(of)
	return func(c *module.Ctx, a *module.Args) int {
		start, end := of(&c.SIP)
		return a.Fixed.(*substitution).edit(c, start, end)
	}
}

func substHeader(c *module.Ctx, a *module.Args) int {
	x, rc := a.Fixed.(*substitution), -1
	for h := range headers(&c.SIP, a.Str(c, 0), x.which) {
		if x.edit(c, h.BodyStart, h.BodyEnd()) == 1 {
			rc = 1
		}
	}
	return rc
}

// maxURI bounds a R-URI that a script builds.
const maxURI = 1024

func substURI(c *module.Ctx, a *module.Args) int {
	s, ok := a.Fixed.(*substitution).Run(c, c.RequestURI())
	if !ok || s == "" || len(s) > maxURI || !c.SIP.IsRequest {
		return -1
	}
	c.Dest.URI = s
	return 1
}

// substUser works on the user part of the R-URI alone.
func substUser(c *module.Ctx, a *module.Args) int {
	u, err := c.ParsedURI()
	if err != nil || u.User == "" || u.Scheme == sip.SchemeOther || u.Scheme == sip.SchemeURN {
		return -1
	}
	uri := c.RequestURI()
	at := len(u.SchemeName) + 1
	user, ok := a.Fixed.(*substitution).Run(c, u.User)
	tail := uri[at+len(u.User):]
	if !ok || at+len(user)+len(tail) > maxURI {
		return -1
	}
	if user == "" { // without a user there is no @ and no password
		if _, tail, ok = strings.Cut(tail, "@"); !ok {
			return -1
		}
	}
	c.Dest.URI = c.Concat(uri[:at], user, tail)
	return 1
}

// substTrans is {re.subst,/expression/replacement/flags}. The commas in it
// come as borders of arguments.
func substTrans(c *module.Ctx, in module.Value, args []module.Value) module.Value {
	s := c.Text(args[0])
	for _, v := range args[1:] {
		s = c.Concat(s, ",", c.Text(v))
	}
	x := module.CachedSubst(s)
	if x == nil {
		return module.StrValue("")
	}
	text := c.Text(in)
	out, changed, ok := x.Whole(c, text)
	switch {
	case !ok || text == "":
		return module.Undef
	case !changed:
		return in
	}
	return module.StrValue(out)
}
