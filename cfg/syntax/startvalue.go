package syntax

import "strings"

// startValue expands the variables in a value of loadmodulex or modparamx, whose
// values are known when the file is read: $def(NAME), the body of a define, and
// $env(NAME), the environment. It tells whether all of them have a value.
func (p *parser) startValue(t *Text) bool {
	if t.Kind != ValStr || !strings.Contains(t.Str, "$") {
		return true
	}
	parts, err := ParseFormat(t.Str)
	if err != nil {
		p.report(t.At, err.Hint, "%s", err.Msg)
		return false
	}
	var b strings.Builder
	for _, part := range parts {
		if part.Var == nil {
			b.WriteString(part.Text)
			continue
		}
		v := part.Var
		value, ok := "", false
		switch {
		case len(v.Trans) > 0 || v.HasIndex || !v.HasInner:
		case v.Name == "def" || v.Name == "defn":
			if n := p.lex.defines[v.Inner]; n > 0 {
				value, ok = strings.Trim(p.lex.files.Defines[n-1].Body, `"`), true
			}
		case v.Name == "env" || v.Name == "envn":
			value, ok = p.lex.opt.getenv(v.Inner)
		}
		if !ok {
			p.report(t.At, "only $def(NAME) of a define above and $env(NAME) of an existing variable have a value here",
				"$%s has no value when the file is read", v.Name+inParens(v))
			return false
		}
		b.WriteString(value)
	}
	t.Str = b.String()
	return true
}

func inParens(v *VarRef) string {
	if v.HasInner {
		return "(" + clip(v.Inner, 40) + ")"
	}
	return ""
}

// engine parses cfgengine "native", the only engine there is.
func (p *parser) engine() Item {
	p.advance()
	name := p.str("the name of an engine", `write cfgengine "native"`)
	if name.Str != "native" && name.Str != "default" {
		p.report(name.At, "only the native language is available", "there is no configuration engine %q", clip(name.Str, 40))
	}
	return nil
}
