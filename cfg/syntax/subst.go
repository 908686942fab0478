package syntax

import (
	"strings"

	"goser/cfg/ere"
)

// subst is one registered substitution, for strings and for variables with parentheses.
type subst struct {
	re     *ere.Regexp
	repl   string
	global bool
}

// substDirective carries out #!subst, #!substdef and #!substdefs.
func (l *lexer) substDirective(word string, at Span) {
	for isBlank(l.peek(0)) {
		l.take(1)
	}
	start := l.here()
	text, ok := l.substText()
	full := l.since(start)
	l.skipLine()
	written := text
	text = l.substitute(text, full) // those above act on this one, as on any string
	hint := `write #!` + word + ` "/regex/replacement/flags", flags out of i and g; any separator but \`
	if !ok {
		l.errorf(at.To(full), KindPrep, hint, "#!%s needs a quoted expression", word)
		return
	}
	parts, ok := splitSubst(text)
	if !ok || strings.Trim(parts[2], "ig") != "" {
		l.errorf(full, KindPrep, hint, "bad substitution %q", clip(text, 60))
		return
	}
	if len(l.substs) >= MaxSubsts {
		l.fatal(full, KindLimit, "", "too many substitutions: at most %d", MaxSubsts)
		return
	}
	re, err := ere.Compile(parts[0], strings.Contains(parts[2], "i"))
	if err != nil {
		l.errorf(full, KindRegex, err.Hint, "bad regular expression: %s", err.Msg)
		return
	}
	l.substs = append(l.substs, subst{re, parts[1], strings.Contains(parts[2], "g")})
	if word != "subst" && (text == written || validName(parts[0])) { // what an earlier one has made of the name, nobody can write
		l.substDefine(word, parts, full)
	}
}

func (l *lexer) substDefine(word string, parts [3]string, at Span) {
	name, body := parts[0], parts[1]
	if word == "substdefs" {
		body = `"` + body + `"`
	}
	switch _, exists := l.defines[name]; {
	case !validName(name):
		l.errorf(at, KindPrep, "names are made of letters, digits and _; #!subst takes any expression", "%q cannot be the name of a define", clip(name, 60))
	case exists:
		l.alreadyDefined(name, at)
	default:
		l.addDefine(name, body, at)
	}
}

func validName(s string) bool {
	if s == "" || isDigit(s[0]) {
		return false
	}
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return true
}

// substText reads the quoted text of a substitution; backslashes stay, except
// before the quote.
func (l *lexer) substText() (string, bool) {
	quote := l.peek(0)
	if quote != '"' && quote != '\'' {
		return "", false
	}
	l.take(1)
	var b strings.Builder
	for l.f.pos < len(l.f.src) && l.peek(0) != '\n' {
		c := l.peek(0)
		if c == '\\' && l.peek(1) == quote {
			b.WriteByte(quote)
			l.take(2)
			continue
		}
		l.take(1)
		if c == quote {
			return b.String(), true
		}
		b.WriteByte(c)
	}
	return "", false
}

// splitSubst cuts /a/b/flags at its separator, which \ can protect.
func splitSubst(s string) (parts [3]string, ok bool) {
	if s == "" || s[0] == '\\' {
		return parts, false
	}
	sep, n := s[0], 0
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			if s[i+1] != sep {
				b.WriteByte('\\')
			}
			i++
			b.WriteByte(s[i])
		case s[i] == sep && n < 2:
			parts[n] = b.String()
			b.Reset()
			n++
		default:
			b.WriteByte(s[i])
		}
	}
	parts[2] = b.String()
	return parts, n == 2 && parts[0] != ""
}

// substitute applies all substitutions, in order, to a text.
func (l *lexer) substitute(s string, at Span) string { return l.substituteBy(len(l.substs), s, at) }

// substituteBy applies the first n.
func (l *lexer) substituteBy(n int, s string, at Span) string {
	if l.opt.Prelude && at.File == 0 {
		return s
	}
	for _, sub := range l.substs[:n] {
		s = sub.apply(s)
		if len(s) > MaxString {
			l.fatal(at, KindLimit, "", "substitutions make this string longer than %d bytes", MaxString)
			return ""
		}
	}
	return s
}

func (s *subst) apply(text string) string {
	n := 1
	if s.global {
		n = -1
	}
	var b strings.Builder
	last := 0
	for _, m := range s.re.FindAllStringSubmatchIndex(text, n) {
		b.WriteString(text[last:m[0]])
		for i := 0; i < len(s.repl); i++ {
			if s.repl[i] == '\\' && i+1 < len(s.repl) {
				i++
				if c := s.repl[i]; isDigit(c) {
					if g := int(c-'0') * 2; g+1 < len(m) && m[g] >= 0 {
						b.WriteString(text[m[g]:m[g+1]])
					}
					continue
				}
			}
			b.WriteByte(s.repl[i])
		}
		last = m[1]
		if b.Len() > MaxString {
			break
		}
	}
	b.WriteString(text[last:])
	return b.String()
}
