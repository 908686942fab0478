package syntax

import "strings"

// selectToken reads @a.b["x"][1].c.
func (l *lexer) selectToken(start Span) token {
	begin := l.f.pos
	sel := &SelectRef{}
	l.take(1)
	ok := l.selectName(sel)
	for ok {
		switch c := l.peek(0); {
		case c == '.' && isWord(l.peek(1)):
			l.take(1)
			ok = l.selectName(sel)
			continue
		case c == '[':
			ok = l.selectArg(sel)
			continue
		}
		break
	}
	sel.At = l.since(start)
	sel.Text = string(l.f.src[begin:l.f.pos])
	t := token{Kind: tSelect, Str: sel.Text, Sel: sel, At: sel.At}
	switch {
	case !ok:
		l.errorf(t.At, KindSyntax, `write @name.name["text"][number]`, "bad select %s", clip(sel.Text, 60))
		t.Kind = tBad
	case len(sel.Parts) > MaxSelectParts:
		l.errorf(t.At, KindLimit, "", "select has %d parts, at most %d are allowed", len(sel.Parts), MaxSelectParts)
		t.Kind = tBad
	}
	return t
}

func (l *lexer) selectName(sel *SelectRef) bool {
	begin := l.f.pos
	for isWord(l.peek(0)) {
		l.take(1)
	}
	name := string(l.f.src[begin:l.f.pos])
	if n, ok, _ := parseNumber(name); ok {
		sel.Parts = append(sel.Parts, SelectStep{Int: n, IsInt: true, IsArg: true, Name: name})
	} else if name != "" {
		sel.Parts = append(sel.Parts, SelectStep{Name: name})
	}
	return name != ""
}

// selectArg reads ["text"], ['text'], [n] or [-n].
func (l *lexer) selectArg(sel *SelectRef) bool {
	l.take(1)
	l.selectBlanks()
	step := SelectStep{IsArg: true}
	switch c := l.peek(0); {
	case c == '"' || c == '\'':
		t := l.scan()
		if t.Kind != tStr && t.Kind != tRaw {
			return false
		}
		step.Name = t.Str
	default:
		begin := l.f.pos
		for l.peek(0) == '-' || isWord(l.peek(0)) {
			l.take(1)
		}
		step.Name = string(l.f.src[begin:l.f.pos])
		neg := strings.HasPrefix(step.Name, "-")
		n, ok, _ := parseNumber(strings.TrimPrefix(step.Name, "-"))
		if !ok {
			return false
		}
		if neg {
			n = -n
		}
		step.Int, step.IsInt = n, true
	}
	l.selectBlanks()
	if l.peek(0) != ']' {
		return false
	}
	l.take(1)
	sel.Parts = append(sel.Parts, step)
	return true
}

func (l *lexer) selectBlanks() {
	for isBlank(l.peek(0)) {
		l.take(1)
	}
}
