package module

import (
	"errors"
	"fmt"
	"strings"

	"goser/cfg/check"
)

// ErrReadOnly is what assigning to a variable without a setter returns.
var ErrReadOnly = errors.New("the variable is read only")

// VarUse is one use of a variable in the script: $(hdr(X)[-1]{s.len}), bound
// to the module that has it.
type VarUse struct {
	Name string // as written, for messages
	Type check.Type
	// Transformed tells that the variable has transformations. Undef is then printed as "", and assigning
	// it fails.
	Transformed bool

	get func(c *Ctx) Value
	set func(c *Ctx, v Value) error
}

// Get reads the variable.
func (u *VarUse) Get(c *Ctx) Value { return u.get(c) }

// Printed is the variable as it stands in a text.
func (u *VarUse) Printed(c *Ctx) string {
	v := u.get(c)
	if u.Transformed && v.Kind == KindUndef {
		return ""
	}
	return c.Printed(v)
}

// Set assigns; undef means $null.
func (u *VarUse) Set(c *Ctx, v Value) error {
	if u.set == nil {
		return ErrReadOnly
	}
	return u.set(c, v)
}

// Writable tells whether Set can work.
func (u *VarUse) Writable() bool { return u.set != nil }

// bound is a variable with its constant part prepared: VarInfo.Ref.
type bound struct {
	v     *Var
	fixed any
}

// BindVar makes a checked variable ready to run.
func BindVar(v *check.Var) (*VarUse, error) {
	u, err := bindBase(v)
	if err != nil {
		return nil, fmt.Errorf("$%s: %w", v.Name, err)
	}
	u.Name, u.Type = v.Name, v.Info.Type
	for i := range v.Trans {
		if err := bindTrans(u, &v.Trans[i]); err != nil {
			return nil, fmt.Errorf("$%s: %w", v.Name, err)
		}
		u.Type, u.Transformed = v.Trans[i].Info.Type, true
	}
	return u, nil
}

func bindBase(v *check.Var) (*VarUse, error) {
	switch ref := v.Info.Ref.(type) {
	case *attr:
		return ref.use(v)
	case *bound:
		return bindModuleVar(v, ref)
	}
	if v.Info.Ref == nil {
		return nil, check.ErrReported
	}
	return nil, fmt.Errorf("no module offers it (%T)", v.Info.Ref)
}

func bindModuleVar(v *check.Var, b *bound) (*VarUse, error) {
	inner, err := bindInner(v, b)
	if err != nil {
		return nil, err
	}
	var index *VarUse
	if v.Index == check.IndexVar {
		if index, err = BindVar(v.IndexVar); err != nil {
			return nil, err
		}
	}
	ref := Ref{
		Inner: v.Inner, Index: int(v.IndexN), All: v.Index == check.IndexAll,
		Has: v.Index == check.IndexInt || index != nil, Fixed: b.fixed, Site: &v.Site,
	}
	if v.Info.Inner == check.InnerVar && inner != nil {
		ref.Fixed, inner = inner.single, nil
	}
	if inner == nil && index == nil {
		return staticUse(b.v, &ref), nil
	}
	return dynamicUse(b.v, ref, inner, index), nil
}

// bindInner binds the text in the parentheses; nil if it is constant.
func bindInner(v *check.Var, b *bound) (*Format, error) {
	if len(v.Parts) == 0 {
		return nil, nil
	}
	return BindFormat(v.Parts)
}

func staticUse(d *Var, ref *Ref) *VarUse {
	u := &VarUse{get: func(c *Ctx) Value { return d.Get(c, ref) }}
	if d.Set != nil {
		u.set = func(c *Ctx, v Value) error { return d.Set(c, ref, v) }
	}
	return u
}

// dynamicUse fills a copy of ref at each use.
func dynamicUse(d *Var, ref Ref, inner *Format, index *VarUse) *VarUse {
	fill := func(c *Ctx) *Ref {
		r := &c.push().ref
		*r = ref
		if inner != nil {
			r.Inner, _ = inner.Text(c)
		}
		if index != nil {
			r.Index = int(index.Get(c).AsInt())
		}
		return r
	}
	u := &VarUse{get: func(c *Ctx) Value {
		v := d.Get(c, fill(c))
		c.depth--
		return v
	}}
	if d.Set != nil {
		u.set = func(c *Ctx, v Value) error {
			err := d.Set(c, fill(c), v)
			c.depth--
			return err
		}
	}
	return u
}

// bindTrans puts one transformation on top of u, which then cannot be assigned.
// An undef input stays undef, and an undef or empty variable among the arguments makes it undef.
func bindTrans(u *VarUse, t *check.Trans) error {
	d, ok := t.Info.Ref.(*Trans)
	if !ok {
		return fmt.Errorf("no module offers {%s.%s}", t.Class, t.Name)
	}
	if len(t.Args) > maxArgs {
		return fmt.Errorf("{%s.%s}: more than %d arguments", t.Class, t.Name, maxArgs)
	}
	vals, vars, err := bindTransArgs(d, t)
	if err != nil {
		return err
	}
	get := u.get
	u.set = nil
	if vars == nil {
		u.get = func(c *Ctx) Value {
			in := get(c)
			if in.Kind == KindUndef {
				return in
			}
			return d.Do(c, in, vals)
		}
		return nil
	}
	u.get = func(c *Ctx) Value {
		in := get(c)
		if in.Kind == KindUndef {
			return in
		}
		s := c.push()
		args := s.args.vals[:len(vals)]
		copy(args, vals)
		out, usable := Undef, true
		for i, v := range vars {
			if v == nil {
				continue
			}
			args[i] = v.Get(c)
			if k := args[i].Kind; k == KindUndef || k == KindStr && (args[i].Str == "" || d.Numbers>>i&1 != 0) {
				usable = false
			}
		}
		if usable {
			out = d.Do(c, in, args)
		}
		c.depth--
		return out
	}
	return nil
}

func argText(d *Trans, i int, s string) string {
	const blanks = " \t\r\n"
	switch {
	case d.Numbers>>i&1 != 0:
		return strings.Trim(s, blanks)
	case d.Blanks>>i&1 != 0:
		return s
	}
	return strings.TrimLeft(s, blanks)
}

// bindTransArgs returns the constant arguments and, if there are any, the
// variable ones.
func bindTransArgs(d *Trans, t *check.Trans) (vals []Value, vars []*VarUse, err error) {
	vals = make([]Value, len(t.Args))
	for i, a := range t.Args {
		if a.Var == nil {
			vals[i] = StrValue(argText(d, i, a.Text))
			continue
		}
		if vars == nil {
			vars = make([]*VarUse, len(t.Args))
		}
		if vars[i], err = BindVar(a.Var); err != nil {
			return nil, nil, err
		}
	}
	return vals, vars, nil
}
