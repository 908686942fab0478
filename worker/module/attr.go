package module

import (
	"fmt"
	"strings"

	"goser/cfg/check"
)

// attr is a SER attribute: $f.x, $tu.x, $g.x, $x[1], %x. An attribute is an
// AVP in one of the lists below; $avp(x) is the one of the calling user.
type attr struct {
	name  string   // for messages
	lists []string // full AVP names, searched in this order
	set   string   // where assignments go; "" if read only
}

// attrLists: user, URI and domain lists of From and To, and the global one.
var attrLists = map[string]struct {
	read []string
	set  string
}{
	"":   {[]string{"s:", "fr:", "tu:", "tr:", "fd:", "td:", "g:"}, "s:"},
	"f":  {[]string{"fr:", "s:", "fd:"}, "s:"},
	"t":  {[]string{"tr:", "tu:", "td:"}, "tu:"},
	"fu": {[]string{"s:"}, "s:"},
	"fr": {[]string{"fr:"}, "fr:"},
	"fd": {[]string{"fd:"}, ""},
	"tu": {[]string{"tu:"}, "tu:"},
	"tr": {[]string{"tr:"}, "tr:"},
	"td": {[]string{"td:"}, ""},
	"g":  {[]string{"g:"}, ""},
}

func newAttr(scope, name string) (*attr, error) {
	l, ok := attrLists[scope]
	if !ok {
		return nil, fmt.Errorf("unknown attribute class %q: expected f t fu tu fr tr fd td or g", scope)
	}
	a := &attr{name: name}
	for _, p := range l.read {
		a.lists = append(a.lists, p+name)
	}
	if l.set != "" {
		a.set = l.set + name
	}
	return a, nil
}

// find returns the i-th value in the order of the lists.
func (a *attr) find(c *Ctx, i int) Value {
	for _, name := range a.lists {
		n := c.AVPs.Count(name)
		if i < n {
			return c.AVPs.Get(name, i).Value
		}
		i -= n
	}
	return Undef
}

// use binds an attribute. Assigning replaces all its values: that is what tells
// it from $avp(x), which pushes.
func (a *attr) use(v *check.Var) (*VarUse, error) {
	i, fromEnd := int(v.IndexN), v.Index == check.IndexInt && v.IndexN < 0
	if v.Index == check.IndexVar {
		return nil, fmt.Errorf("an attribute's index must be a number")
	}
	u := &VarUse{get: func(c *Ctx) Value {
		if fromEnd {
			n := 0
			for _, name := range a.lists {
				n += c.AVPs.Count(name)
			}
			if n+i < 0 {
				return Undef
			}
			return a.find(c, n+i)
		}
		return a.find(c, i)
	}}
	if a.set != "" {
		u.set = a.assign
	}
	return u, nil
}

func (a *attr) assign(c *Ctx, v Value) error {
	v.Str = c.Keep(v.Str)
	c.AVPs.Clear(a.set)
	if v.Kind != KindUndef && !c.AVPs.Push(a.set, v) {
		return ErrTooManyAVPs
	}
	return nil
}

// AVPNames are the AVP lists that a variable reads, by their full names: of
// $avp(x) and of attributes; nil for others.
func AVPNames(v *check.Var) []string {
	if v == nil || len(v.Parts) > 0 {
		return nil
	}
	if a, ok := v.Info.Ref.(*attr); ok {
		return a.lists
	}
	if v.Name != "avp" {
		return nil
	}
	return []string{AVPName(v.Inner)}
}

// AVPName is the full name of $avp(x): i:5 has a number, all others are s:x.
func AVPName(inner string) string {
	if strings.HasPrefix(inner, "s:") || strings.HasPrefix(inner, "i:") {
		return inner
	}
	return "s:" + inner
}
