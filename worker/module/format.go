package module

import "goser/cfg/check"

// defaultFormatMax is the default of pv_buffer_size.
const defaultFormatMax = 8192

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
		return f.single.Get(c), true
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
		s := c.Printed(f.single.Get(c))
		return s, len(s) <= c.formatMax()
	}
	base, n := len(c.texts), 0
	for i := range f.parts {
		s := f.parts[i].text
		if v := f.parts[i].v; v != nil {
			s = c.Printed(v.Get(c))
		}
		c.texts = append(c.texts, s)
		n += len(s)
	}
	out, ok := "", n <= c.formatMax() && c.Room(n)
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
