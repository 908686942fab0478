package module

import (
	"errors"
	"fmt"

	"goser/cfg/check"
)

// defaultFormatMax is the default of pv_buffer_size.
const defaultFormatMax = 8192

var errFormatLong = errors.New("the text is longer than pv_buffer_size")

// Format is a text with variables in it, bound.
type Format struct {
	parts  []formatPart
	single *VarUse // the format is one variable and nothing else
	fixed  string  // the text, if there are no variables
	plain  bool
}

type formatPart struct {
	text string
	v    *VarUse
}

// BindFormat makes a checked format ready to run.
func BindFormat(parts []check.Part) (*Format, error) {
	f := &Format{plain: true}
	for _, p := range parts {
		fp := formatPart{text: p.Text}
		if p.Var != nil {
			u, err := BindVar(p.Var)
			if err != nil {
				return nil, err
			}
			fp.v, f.plain = u, false
		}
		f.parts = append(f.parts, fp)
	}
	if f.plain {
		for _, p := range f.parts {
			f.fixed += p.text
		}
	}
	if len(f.parts) == 1 {
		f.single = f.parts[0].v
	}
	return f, nil
}

// Value is the variable's own value where the format is just one, else Text.
func (f *Format) Value(c *Ctx) (v Value, ok bool) {
	if f.single != nil {
		v := f.single.Get(c)
		if f.single.Transformed && v.Kind == KindUndef {
			v = StrValue("")
		}
		return v, true
	}
	s, ok := f.Text(c)
	return StrValue(s), ok
}

// Text renders the format. It fails when the text is longer than pv_buffer_size.
func (f *Format) Text(c *Ctx) (string, bool) {
	if f.plain {
		return f.fixed, true
	}
	if f.single != nil {
		s := f.single.Printed(c)
		return s, len(s) < c.formatMax()
	}
	base, n := len(c.texts), 0
	for i := range f.parts {
		s := f.parts[i].text
		if v := f.parts[i].v; v != nil {
			s = v.Printed(c)
		}
		c.texts = append(c.texts, s)
		n += len(s)
	}
	out, ok := "", n < c.formatMax() && c.Room(n)
	if ok {
		out = c.Concat(c.texts[base:]...)
	}
	c.texts = c.texts[:base]
	return out, ok
}

func (c *Ctx) formatMax() int {
	if c.FormatMax > 0 {
		return c.FormatMax
	}
	return defaultFormatMax
}

// loaded are the modules of the program that this process has.
var loaded = check.Loaded{}

// used is the program that these belong to.
var used *check.Program

// HasRoute tells whether the program has a block of a name.
func HasRoute(kind check.RouteKind, name string) bool {
	return used != nil && used.Route(kind, name) != nil
}

// Use tells which program's modules are loaded: ParseFormat and ParseVar know
// their variables. Configure does it, and who compiles a program.
func Use(p *check.Program) {
	used = p
	loaded = check.Loaded{}
	for _, m := range p.Modules {
		loaded[m.Name] = true
	}
}

// IsLoaded tells whether a module is loaded by that program.
func IsLoaded(name string) bool { return loaded[name] }

// ParseFormat makes a text with variables ready to run, for parameters and for
// what a Fixup finds inside a constant argument.
func ParseFormat(s string) (*Format, error) {
	parts, err := check.ParseText(NewCatalog(), loaded, s)
	if err != nil {
		return nil, err
	}
	return BindFormat(parts)
}

// ParseVar binds a text that is one variable and nothing else.
func ParseVar(s string) (*VarUse, error) {
	u, _, err := parseVar(s)
	return u, err
}

func parseVar(s string) (*VarUse, *check.Var, error) {
	parts, err := check.ParseText(NewCatalog(), loaded, s)
	if err != nil {
		return nil, nil, err
	}
	if len(parts) != 1 || parts[0].Var == nil {
		return nil, nil, fmt.Errorf("%q is not a variable", s)
	}
	u, err := BindVar(parts[0].Var)
	return u, parts[0].Var, err
}

// ParseAVP is the full name of the AVP that a text such as "$avp(x)" or "x"
// means, for modules that take the whole list.
func ParseAVP(s string) (string, error) {
	_, v, err := parseVar(s)
	if err != nil {
		return "", err
	}
	names := AVPNames(v)
	if len(names) == 0 {
		return "", fmt.Errorf("%q is no AVP: expected $avp(name)", s)
	}
	return names[0], nil
}
