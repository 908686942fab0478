package check

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"goser/cfg/syntax"
)

// attrScopes are the classes of SER attributes: from, to and global, by URI,
// user or domain.
var attrScopes = map[string]bool{"f": true, "t": true, "fu": true, "tu": true, "fd": true, "td": true, "fr": true, "tr": true, "g": true}

// variable resolves a variable; nil if it is wrong, which has been reported.
func (c *checker) variable(v *syntax.VarRef, attr bool, depth int) *Var {
	out := &Var{Name: v.Name, Inner: v.Inner, HasInner: v.HasInner, Reset: v.Reset, Pos: v.At}
	out.Site = c.prog.SiteOf(v.At, c.route)
	if found := c.resolve(out, v, attr, depth); found != nil {
		return found
	}
	c.mentionVar(v)
	return nil
}

func (c *checker) resolve(out *Var, v *syntax.VarRef, attr bool, depth int) *Var {
	if depth > syntax.MaxVarNesting {
		c.errorf(v.At, syntax.KindLimit, "", "variables nested too deep")
		return nil
	}
	if err := c.lookup(out, v, attr); err != nil {
		c.badVar(v, err)
		return nil
	}
	return c.varDetails(out, v, depth)
}

// varDetails resolves what stands around the name.
func (c *checker) varDetails(out *Var, v *syntax.VarRef, depth int) *Var {
	if out.HasInner && !c.inner(out, depth) {
		return nil
	}
	if v.HasIndex && !c.index(out, v, depth) {
		return nil
	}
	for i := range v.Trans {
		t, ok := c.transformation(v, &v.Trans[i], depth)
		if !ok {
			return nil
		}
		out.Trans = append(out.Trans, t)
	}
	return out
}

// lookup finds the variable or the attribute a name stands for; the mode in
// force decides which comes first.
func (c *checker) lookup(out *Var, v *syntax.VarRef, attr bool) (err error) {
	scope, rest, dotted := strings.Cut(v.Name, ".")
	isScope := dotted && attrScopes[scope] && !v.HasInner && !v.Paren
	plain := !v.HasInner && !v.Paren && !v.HasIndex && !v.Reset
	indexed := (v.HasIndex || v.Reset) && !v.Paren && !v.HasInner
	ser := c.mode != syntax.ModeKamailio
	switch {
	case attr && isScope, isScope && ser:
		return c.attr(out, scope, rest)
	case attr, indexed && ser, plain && c.mode == syntax.ModeSER:
		return c.attr(out, "", v.Name)
	}
	if out.Info, err = c.cat.Var(v.Name, v.Inner, v.HasInner, c.loaded); err == nil {
		return nil
	}
	var unknown *UnknownName
	if plain && ser && !c.inText && errors.As(err, &unknown) && unknown.Module == "" && c.attr(out, "", v.Name) == nil {
		return nil
	}
	return err
}

func (c *checker) attr(out *Var, scope, name string) (err error) {
	out.Attr, out.Scope = true, scope
	if out.Info, err = c.cat.Attr(scope, name); err != nil {
		out.Attr, out.Scope = false, ""
		return err
	}
	out.Name = name
	return nil
}

func (c *checker) badVar(v *syntax.VarRef, err error) {
	var unknown *UnknownName
	if !errors.As(err, &unknown) {
		c.errorf(v.At, syntax.KindName, "", "$%s: %s", v.Name, err)
		return
	}
	if slices.Contains(c.absent, unknown.Module) {
		return
	}
	if unknown.Module != "" {
		c.notLoaded(unknown.Module, v.At, "variable $"+v.Name)
		return
	}
	hint := c.didYouMean(v.Name, VarNames, "", "$", "")
	if c.alien && hint == "" {
		return // it may be one of the module that does not exist
	}
	c.onceError("variable "+v.Name, v.At, syntax.KindName, cmp.Or(hint, "script variables are written $var("+v.Name+")"), "unknown variable $%s", v.Name)
}

// inner resolves the text in the parentheses.
func (c *checker) inner(out *Var, depth int) bool {
	switch out.Info.Inner {
	case InnerNone:
		if out.Inner != "" {
			c.errorf(out.Pos, syntax.KindSyntax, "write $"+out.Name, "$%s takes nothing in parentheses", out.Name)
			return false
		}
	case InnerVar:
		text := strings.TrimSpace(out.Inner)
		if !strings.HasPrefix(text, "$") {
			c.errorf(out.Pos, syntax.KindSyntax, "write $"+out.Name+"($name)", "$%s takes a variable in parentheses", out.Name)
			return false
		}
		ref, err := syntax.ParseVar(text)
		if err != nil {
			c.errorf(out.Pos, syntax.KindSyntax, err.Hint, "$%s: %s", out.Name, err.Msg)
			return false
		}
		ref.At = out.Pos
		inner := c.variable(ref, false, depth+1)
		out.Parts = []Part{{Var: inner}}
		return inner != nil
	case InnerFormat:
		if strings.Contains(out.Inner, "$") {
			parts, ok := c.format(out.Inner, out.Pos, false, depth+1)
			out.Parts = parts
			return ok
		}
	}
	return true
}

func (c *checker) index(out *Var, v *syntax.VarRef, depth int) bool {
	switch n, err := strconv.ParseInt(v.Index, 10, 32); {
	case v.Index == "*":
		out.Index = IndexAll
	case v.IndexVar != nil:
		v.IndexVar.At = v.At
		out.Index, out.IndexVar = IndexVar, c.variable(v.IndexVar, false, depth+1)
		return out.IndexVar != nil
	case err == nil:
		out.Index, out.IndexN = IndexInt, int32(n)
	default:
		c.errorf(v.At, syntax.KindSyntax, "write [n], [*] or [$var(i)]", "bad index [%s]", v.Index)
		return false
	}
	return true
}

func (c *checker) transformation(v *syntax.VarRef, t *syntax.TransRef, depth int) (Trans, bool) {
	out := Trans{Class: strings.ToLower(t.Class), Name: strings.ToLower(t.Name)}
	info, err := c.cat.Transformation(out.Class, out.Name, len(t.Args), c.loaded)
	if err != nil {
		var unknown *UnknownName
		full := out.Class + "." + out.Name
		switch {
		case errors.As(err, &unknown) && unknown.Module != "":
			c.notLoaded(unknown.Module, v.At, "transformation {"+full+"}")
		case unknown != nil:
			c.onceError("transformation "+full, v.At, syntax.KindName, c.didYouMean(full, TransNames, "", "", ""), "unknown transformation {%s}", full)
		default:
			c.errorf(v.At, syntax.KindName, "", "transformation {%s}: %s", full, err)
		}
		return out, false
	}
	out.Info = info
	for _, a := range t.Args {
		arg := TransArg{Text: a.Text}
		if a.Var != nil {
			a.Var.At = v.At
			if arg.Var = c.variable(a.Var, false, depth+1); arg.Var == nil {
				return out, false
			}
		}
		out.Args = append(out.Args, arg)
	}
	return out, true
}

// format cuts a string with variables up and resolves these. quoted tells that
// the text stands in quotes at at, so that carets can point into it.
func (c *checker) format(s string, at syntax.Span, quoted bool, depth int) ([]Part, bool) {
	defer func(before bool) { c.inText = before }(c.inText)
	c.inText = true
	refs, err := syntax.ParseFormat(s)
	if err != nil {
		if quoted && c.verbatim(at, s) {
			at = syntax.SubSpan(at, len(s)+2, err.Offset+1, err.Len)
		}
		c.errorf(at, syntax.KindSyntax, err.Hint, "%s", err.Msg)
		return nil, false
	}
	src := ""
	if quoted {
		src = c.source(at)
	}
	cursor := 0
	var out []Part
	ok := true
	for _, r := range refs {
		if r.Var == nil {
			out = append(out, Part{Text: r.Text})
			continue
		}
		r.Var.At = at
		if i := strings.Index(src[cursor:], varSource(r.Var)); i >= 0 {
			cursor += i
			n := varLen(r.Var, src[cursor:])
			r.Var.At = syntax.SubSpan(at, len(src), cursor, n)
			cursor += min(n, len(src)-cursor)
		}
		v, tail := c.formatVar(r.Var, depth)
		if v == nil {
			ok = false
			continue
		}
		if out = append(out, Part{Var: v}); tail != "" {
			out = append(out, Part{Text: tail})
		}
	}
	return joinText(out), ok
}

// formatVar resolves a variable in a string. A dot after a name may be the end
// of a sentence: $si.x is $si and ".x" if no variable $si.x exists.
func (c *checker) formatVar(v *syntax.VarRef, depth int) (*Var, string) {
	name, tail, dotted := strings.Cut(v.Name, ".")
	if !dotted || v.HasInner || v.Paren {
		return c.variable(v, false, depth), ""
	}
	probe := &Var{Name: v.Name, Pos: v.At}
	if c.lookup(probe, v, false) != nil {
		if _, err := c.cat.Var(name, "", false, c.loaded); err == nil {
			short := *v
			short.Name = name
			return c.variable(&short, false, depth), "." + tail
		}
	}
	return c.variable(v, false, depth), ""
}

// varSource is how a variable begins in the source.
func varSource(v *syntax.VarRef) string {
	if v.Paren {
		return "$("
	}
	return "$" + v.Name
}

func varLen(v *syntax.VarRef, s string) int {
	n := 1 + len(v.Name)
	if v.Paren || v.HasInner {
		depth := 0
		for i := range len(s) {
			if s[i] == '(' {
				depth++
			} else if s[i] == ')' {
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	return n
}

// joinText merges neighbouring pieces of text.
func joinText(parts []Part) []Part {
	out := parts[:0]
	for _, p := range parts {
		if n := len(out); p.Var == nil && n > 0 && out[n-1].Var == nil {
			out[n-1].Text += p.Text
			continue
		}
		out = append(out, p)
	}
	return out
}

// varText shows a variable in messages.
func varText(v *Var) string {
	switch {
	case v.Attr && v.Scope != "":
		return "$" + v.Scope + "." + v.Name
	case v.HasInner:
		return "$" + v.Name + "(" + v.Inner + ")"
	}
	return "$" + v.Name
}
