package module

import (
	"goser/cfg/check"
	"goser/cfg/ere"
)

// Args are the arguments of one call, evaluated.
type Args struct {
	N     int
	Fixed any
	Site  *check.Site // where the call stands
	vals  [maxArgs]Value
	spec  []check.Arg
	vars  []*VarUse
}

const maxArgs = 6

// Set is for the engine: it hands over the evaluated argument i.
func (a *Args) Set(i int, v Value) { a.vals[i] = v }

// Init is for the engine: it begins a call. vars holds the bound variables of
// ArgVar, ArgWritable and ArgAVP arguments, nil elsewhere.
func (a *Args) Init(spec []check.Arg, vars []*VarUse, fixed any) {
	a.N, a.spec, a.vars, a.Fixed = len(spec), spec, vars, fixed
}

// Value returns argument i, undef if it was not given.
func (a *Args) Value(i int) Value {
	if i >= a.N {
		return Undef
	}
	return a.vals[i]
}

// Int returns argument i as a number; def if it was not given.
func (a *Args) Int(i int, def int32) int32 {
	if i >= a.N {
		return def
	}
	return a.vals[i].AsInt()
}

// Number returns argument i if it is a number or a text that is one.
func (a *Args) Number(i int) (n int32, ok bool) {
	switch v := a.Value(i); v.Kind {
	case KindInt:
		return v.Int, true
	case KindStr:
		return ParseInt(v.Str)
	}
	return 0, false
}

// Str returns argument i as text of this message; undef is "", but "<null>" where it stands in quotes: there it is a
// format, as is one that holds more than a variable.
func (a *Args) Str(c *Ctx, i int) string {
	switch {
	case i >= a.N:
		return ""
	case a.vals[i].Kind == KindUndef && a.quoted(i):
		return "<null>"
	}
	return c.Text(a.vals[i])
}

// Given returns argument i as text; undef is "", in quotes, too.
func (a *Args) Given(c *Ctx, i int) string {
	if i >= a.N {
		return ""
	}
	return c.Text(a.vals[i])
}

// quoted tells whether argument i is a variable in quotes.
func (a *Args) quoted(i int) bool { return a.spec[i].X == nil && len(a.spec[i].Parts) == 1 }

// Printed returns argument i as it is printed: undef is "<null>". A format
// that is one variable and nothing else arrives as that variable, so that only
// functions that print want this.
func (a *Args) Printed(c *Ctx, i int) string {
	if i >= a.N {
		return ""
	}
	return c.Printed(a.vals[i])
}

// Regexp returns a constant regular expression argument.
func (a *Args) Regexp(i int) *ere.Regexp {
	if i >= a.N {
		return nil
	}
	return a.spec[i].Re
}

// Spec returns argument i as the checker left it: addresses, routes.
func (a *Args) Spec(i int) *check.Arg {
	if i >= a.N {
		return nil
	}
	return &a.spec[i]
}

// Var returns the variable that argument i (ArgVar, ArgWritable, ArgAVP) names,
// to be read and assigned; nil if it is none.
func (a *Args) Var(i int) *VarUse {
	if i >= a.N || i >= len(a.vars) {
		return nil
	}
	return a.vars[i]
}

// Text converts a value as the language does: undef is "".
func (c *Ctx) Text(v Value) string {
	switch v.Kind {
	case KindStr:
		return v.Str
	case KindInt:
		switch v.Str {
		case "":
			return c.Itoa(int64(v.Int))
		case blank:
			return ""
		}
		return v.Str
	}
	return ""
}

// Printed converts a value as formats print it: undef is "<null>".
func (c *Ctx) Printed(v Value) string {
	if v.Kind == KindUndef {
		return "<null>"
	}
	return c.Text(v)
}

// slot is what one evaluation in progress needs: calls nest, and none of them
// may allocate, so a message keeps as many as it once had nested.
type slot struct {
	args Args
	ref  Ref
}

func (c *Ctx) push() *slot {
	if c.depth == len(c.slots) {
		c.slots = append(c.slots, new(slot))
	}
	c.depth++
	return c.slots[c.depth-1]
}

// PushArgs is for the engine: arguments for a call that nests in c's others.
// PopArgs gives them back.
func (c *Ctx) PushArgs() *Args { return &c.push().args }

// PopArgs ends what PushArgs began.
func (c *Ctx) PopArgs() { c.depth-- }
