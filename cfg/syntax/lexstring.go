package syntax

import "strings"

// quoted reads "...", with escapes.
func (l *lexer) quoted(start Span) token {
	var b strings.Builder
	l.take(1)
	for piece := start.Line; ; {
		if l.f.pos >= len(l.f.src) {
			return l.unclosed(start, '"')
		}
		switch c := l.peek(0); c {
		case '"':
			l.take(1)
			long := l.f.line > piece
			if n, ok := l.joined(); ok {
				l.take(n)
				piece = l.f.line
				l.take(1)
				continue
			}
			return l.stringToken(tStr, b.String(), l.since(start), long)
		case '\\':
			l.escape(&b)
		default:
			b.WriteByte(c)
			l.take(1)
		}
	}
}

// joined returns how far behind a string the next one is, if there are substitutions for what they are together and no
// parser to join them.
func (l *lexer) joined() (n int, ok bool) {
	if len(l.substs) == 0 || l.echo == nil {
		return 0, false
	}
	for isBlank(l.peek(n)) || l.peek(n) == '\n' {
		n++
	}
	return n, l.peek(n) == '"'
}

// escape reads one backslash sequence of a "..." string.
func (l *lexer) escape(b *strings.Builder) {
	c := l.peek(1)
	if i := strings.IndexByte(`nrat"\`, c); i >= 0 && c != 0 {
		b.WriteByte("\n\r\a\t\"\\"[i])
		l.take(2)
		return
	}
	switch {
	case c == '\n':
		l.take(2)
	case c == '\r' && l.peek(2) == '\n':
		l.take(3)
	case c == 'x' && isHex(l.peek(2)):
		l.take(2)
		b.WriteByte(l.digits(16, 2))
	case isOctal(c) && isOctal(l.peek(2)):
		l.take(1)
		b.WriteByte(l.digits(8, 3))
	default: // any other backslash stays, with its character
		b.WriteByte('\\')
		l.take(1)
	}
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

// digits reads at most n digits of a base as one byte.
func (l *lexer) digits(base, n int) byte {
	v := 0
	for ; n > 0; n-- {
		c := l.peek(0)
		d := 99
		switch {
		case isDigit(c):
			d = int(c - '0')
		case isHex(c):
			d = int(c|0x20-'a') + 10
		}
		if d >= base || v*base+d > 255 {
			break
		}
		v = v*base + d
		l.take(1)
	}
	return byte(v)
}

// raw reads '...', where nothing is special.
func (l *lexer) raw(start Span) token {
	l.take(1)
	begin := l.f.pos
	for l.f.pos < len(l.f.src) && l.peek(0) != '\'' {
		l.take(1)
	}
	if l.f.pos >= len(l.f.src) {
		return l.unclosed(start, '\'')
	}
	s := string(l.f.src[begin:l.f.pos])
	l.take(1)
	at := l.since(start)
	return l.stringToken(tRaw, s, at, at.EndLine > at.Line)
}

// unclosed reports a string that runs to the end of the text. The caret stands
// under the opening quote; all that follows is lost, so nothing more is said.
func (l *lexer) unclosed(start Span, quote byte) token {
	l.fatal(start, KindSyntax, "it runs to the end of the file", "string is never closed: a %c is missing", quote)
	return token{Kind: tBad, At: start}
}

func (l *lexer) stringToken(kind tokKind, s string, at Span, long bool) token {
	t := token{Kind: kind, Written: s, Substs: len(l.substs), Str: l.substitute(s, at), At: at}
	l.changed = l.changed || t.Str != s
	if long && at.Define == 0 {
		l.long = at
	}
	return t
}

// variable reads $name, $name(...) or $(...) with balanced parentheses.
func (l *lexer) variable(start Span) token {
	begin := l.f.pos
	n := varLength(l.f.src[begin:])
	if n < 0 {
		l.skipBadVar()
		at := l.since(start)
		l.errorf(at, KindSyntax, "write $(name{...}) or $name(...), with as many ) as (", "parentheses of this variable do not close")
		return token{Kind: tBad, At: at}
	}
	if n == 1 {
		l.take(1)
		at := l.since(start)
		l.errorf(at, KindSyntax, "write $name, $name(inner) or $(name{transformation})", "variable without a name")
		return token{Kind: tBad, At: at}
	}
	l.take(n)
	t := token{Kind: tVar, Str: string(l.f.src[begin:l.f.pos]), At: l.since(start)}
	if strings.HasSuffix(t.Str, ")") { // a name alone is no text
		s := l.substitute(t.Str, t.At)
		l.changed, t.Str = l.changed || s != t.Str, s
	}
	return t
}

// skipBadVar passes over a variable that never closes: to the first blank or ;
func (l *lexer) skipBadVar() {
	for l.f.pos < len(l.f.src) && !strings.ContainsRune(" \t\r\n;", rune(l.peek(0))) {
		l.take(1)
	}
}

// varLength measures the variable at the start of s, which begins with $. It
// returns 1 if no name follows and -1 if parentheses do not close.
func varLength(s []byte) int {
	i := 1
	if i < len(s) && s[i] == '(' {
		return balanced(s, i)
	}
	for i < len(s) && (isWord(s[i]) || s[i] == '.' && i > 1 && i+1 < len(s) && isWord(s[i+1])) {
		i++
	}
	if i == 1 && i < len(s) && s[i] == '?' {
		return 2
	}
	if i > 1 && i < len(s) && s[i] == '(' {
		return balanced(s, i)
	}
	return i
}

// balanced returns the index behind the parenthesis that closes the one at
// s[i], or -1. It looks no further than MaxVarLength.
func balanced(s []byte, i int) int {
	depth := 0
	for ; i < len(s) && i < MaxVarLength; i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
