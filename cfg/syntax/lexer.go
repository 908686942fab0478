package syntax

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// frame is one text being read: a file, or the body of a define.
type frame struct {
	src       []byte
	pos       int
	line, col int32
	file      int32
	define    int32 // 1 + index of the define this is the body of; 0 for files
	at        Span  // of the use, for define bodies
	space     bool  // blanks before the use
	first     bool  // no token read yet
}

// lexer cuts the text into tokens; directives are carried out on the way.
type lexer struct {
	opt    Options
	diag   *Diagnostics
	files  *FileSet
	frames []*frame
	f      *frame // the top of frames

	mode     Mode
	defines  map[string]int32 // name to 1 + index into files.Defines
	substs   []subst
	ifs      []ifLevel
	includes int // nested files
	read     int // bytes of all files
	tokens   int // tokens and expansions so far
	expanded int // tokens out of define bodies
	stop     bool
	long     Span // the last string over several lines
	lastBad  Span // the last syntax error
	quiet    bool // what is read belongs to something that has been reported
	newline  bool // a line end was crossed since the last token
	opened   func(name string, data []byte, err error)
	echo     *echo // collects the preprocessed text, if set
	changed  bool  // a substitution has changed the last string
	loading  bool  // the last token was loadmodule
	loaded   map[string]bool

	strangeLine, strangeFile int32 // where the last character that nothing starts with was
}

func newLexer(name string, src []byte, opt Options) *lexer {
	fs := &FileSet{}
	l := &lexer{opt: opt, diag: &Diagnostics{Files: fs}, files: fs, mode: opt.Mode, defines: map[string]int32{}, loaded: map[string]bool{}}
	l.pushFile(name, src, Span{})
	l.commandLine()
	return l
}

func (l *lexer) errorf(at Span, kind ErrKind, hint, format string, args ...any) {
	if l.quiet || kind == KindSyntax && l.inverted(at) {
		return
	}
	if kind == KindSyntax {
		l.lastBad = at
	}
	l.diag.Add(&Error{At: at, Kind: kind, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// inverted tells whether an error stands behind a string over several lines that
// begins where the last error was, or ends in this line: then a quote is missing, and
// from here on what is text and what is not is inverted. That is said once.
func (l *lexer) inverted(at Span) bool {
	s := l.long
	if s.IsZero() || at.File != s.File || at.Line < s.EndLine || at.Line == s.EndLine && at.Col <= s.EndCol {
		return false
	}
	if bad := l.lastBad; bad.File == s.File && !bad.IsZero() && (bad.Line == s.Line || oddQuotes(l.files.Text(bad.File, bad.Line))) {
		l.stop = true
		return true
	}
	if at.Line > s.EndLine {
		return false
	}
	l.long = Span{}
	end := s.EndLine
	s.EndLine, s.EndCol = s.Line, s.Col
	l.fatal(s, KindSyntax, "is its closing quote missing?", "string runs on to line %d, where the text makes no sense", end)
	return true
}

// oddQuotes tells whether one of the quotes in a line has no partner there.
func oddQuotes(line string) bool {
	return (strings.Count(line, `"`)-strings.Count(line, `\\"`))%2 != 0
}

func (l *lexer) warnf(at Span, hint, format string, args ...any) {
	l.diag.Add(&Error{At: at, Severity: SevWarning, Kind: KindSuspect, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// fatal reports an error after which reading on makes no sense.
func (l *lexer) fatal(at Span, kind ErrKind, hint, format string, args ...any) {
	l.errorf(at, kind, hint, format, args...)
	l.stop = true
}

func (l *lexer) peek(n int) byte {
	if i := l.f.pos + n; i < len(l.f.src) {
		return l.f.src[i]
	}
	return 0
}

// take advances n bytes, keeping line and column.
func (l *lexer) take(n int) {
	f := l.f
	for ; n > 0 && f.pos < len(f.src); n-- {
		if f.src[f.pos] == '\n' {
			f.line++
			f.col = 1
			l.newline = true
		} else {
			f.col++
		}
		f.pos++
	}
}

// here is the span of the next byte.
func (l *lexer) here() Span {
	f := l.f
	if f.define > 0 {
		return f.at
	}
	return Span{File: f.file, Line: f.line, Col: f.col, EndLine: f.line, EndCol: f.col}
}

// since closes a span that began at start before the next byte.
func (l *lexer) since(start Span) Span {
	f := l.f
	if f.define > 0 {
		return start
	}
	start.EndLine, start.EndCol = f.line, f.col-1
	if start.EndCol < 1 || start.EndLine == start.Line && start.EndCol < start.Col {
		start.EndLine, start.EndCol = start.Line, max(start.Col, start.EndCol)
	}
	return start
}

// next returns the next token, carrying out directives before it.
func (l *lexer) next() token {
	space := false
	l.newline = false
	for !l.stop {
		if l.f.pos >= len(l.f.src) {
			if !l.pop() {
				break
			}
			space = space || l.f.define == 0 && l.frameEndedFile()
			continue
		}
		f, begin, mode := l.f, l.f.pos, l.mode
		if !l.skipping() && l.skipBlank() {
			l.echoRaw(f, begin)
			space = true
			continue
		}
		if l.directive() {
			l.echoDirective(f, begin, mode)
			space = true
			continue
		}
		if l.f.first {
			l.f.first = false
			space = space || l.f.space
		}
		l.changed = false
		t := l.scan()
		if t.Kind == tID && l.expand(&t, space) {
			space = false // the body's first token inherits it through its frame
			continue
		}
		if t.Kind == tID && (t.Str == "include_file" || t.Str == "import_file") {
			l.include(t, t.Str == "import_file")
			l.echoNewLine()
			space = true
			continue
		}
		l.echoToken(f, begin, &t)
		l.noteLoad(&t)
		t.Space, t.Line, t.Mode = space, l.newline, l.mode
		if l.count(t.At) {
			return t
		}
	}
	return token{Kind: tEOF, Space: true, Line: true, Mode: l.mode, At: l.eofSpan()}
}

// count holds the token budget, which also bounds what defines can grow into.
func (l *lexer) count(at Span) bool {
	l.tokens++
	if l.f.define > 0 {
		l.expanded++
	}
	if l.tokens > MaxTokens || l.expanded > MaxExpanded {
		l.fatal(at, KindLimit, "a define that uses others may have grown out of hand",
			"too many tokens: at most %d in all, %d out of define bodies", MaxTokens, MaxExpanded)
		return false
	}
	return true
}

// frameEndedFile tells that the frame just left ended like a file does.
func (l *lexer) frameEndedFile() bool { return l.newline }

// pop leaves the current text; false at the very end.
func (l *lexer) pop() bool {
	if len(l.frames) == 1 {
		return false
	}
	if l.f.define == 0 {
		l.includes--
		l.newline = true
		l.echoNewLine()
	}
	l.frames = l.frames[:len(l.frames)-1]
	l.f = l.frames[len(l.frames)-1]
	return true
}

func (l *lexer) eofSpan() Span {
	f := l.frames[0]
	s := Span{File: f.file, Line: f.line, Col: f.col, EndLine: f.line, EndCol: f.col}
	if s.Col == 1 && s.Line > 1 { // the caret is more use under the last line
		s.Line--
		s.EndLine--
		s.Col = int32(len(l.files.Text(s.File, s.Line))) + 1
		s.EndCol = s.Col
	}
	return s
}

// skipBlank passes over one stretch of blanks, a comment or a joined line.
func (l *lexer) skipBlank() bool {
	c := l.peek(0)
	switch {
	case c == '\n' || isBlank(c) || c == '\f' || c == '\v':
		l.take(1)
	case c == '\\' && (l.peek(1) == '\n' || l.peek(1) == '\r'):
		l.take(2)
	case c == '#' && l.peek(1) != '!', c == '/' && l.peek(1) == '/':
		l.skipLine()
	case c == '/' && l.peek(1) == '*':
		l.blockComment()
	case c == 0xEF && l.f.pos == 0 && l.peek(1) == 0xBB && l.peek(2) == 0xBF:
		l.take(3) // a byte order mark
		l.f.col = 1
	default:
		return false
	}
	return true
}

// skipLine passes over the rest of the line, but not its end.
func (l *lexer) skipLine() {
	for l.f.pos < len(l.f.src) && l.peek(0) != '\n' {
		l.take(1)
	}
}

func (l *lexer) blockComment() {
	start := l.here()
	l.take(2)
	for depth := 1; depth > 0; {
		switch {
		case l.f.pos >= len(l.f.src):
			start.EndCol++
			l.fatal(start, KindSyntax, "close it with */", "comment is never closed")
			return
		case l.peek(0) == '*' && l.peek(1) == '/':
			depth--
			l.take(2)
		case l.peek(0) == '/' && l.peek(1) == '*':
			depth++
			l.take(2)
		default:
			l.take(1)
		}
	}
}

// scan reads one token; the next byte is not blank.
func (l *lexer) scan() token {
	start := l.here()
	c := l.peek(0)
	if isHex(c) || c == ':' {
		if t, ok := l.scanIP(start); ok {
			return t
		}
	}
	switch {
	case isLetter(c):
		return l.word(start, tID)
	case isDigit(c):
		return l.number(start)
	case c == '"':
		return l.quoted(start)
	case c == '\'':
		return l.raw(start)
	case c == '$':
		return l.variable(start)
	case c == '@':
		return l.selectToken(start)
	}
	for _, p := range punct {
		if l.startsWith(p) {
			l.take(len(p))
			return token{Kind: tOp, Str: p, At: l.since(start)}
		}
	}
	return l.strange(start)
}

func (l *lexer) startsWith(s string) bool {
	return len(l.f.src)-l.f.pos >= len(s) && string(l.f.src[l.f.pos:l.f.pos+len(s)]) == s
}

// strange reports a run of bytes that start no token, once.
func (l *lexer) strange(start Span) token {
	begin := l.f.pos
	for l.f.pos < len(l.f.src) {
		c := l.peek(0)
		if c > ' ' && c < 0x7f && !strings.ContainsRune("\\`", rune(c)) || c == '\n' {
			break
		}
		l.take(1)
	}
	if l.f.pos == begin {
		l.take(1)
	}
	at := l.since(start)
	if at.Line == l.strangeLine && at.File == l.strangeFile || at.Line == l.lastBad.Line && at.File == l.lastBad.File {
		return token{Kind: tBad, At: at} // it has been said of this line
	}
	l.strangeLine, l.strangeFile = at.Line, at.File
	run, hint := string(l.f.src[begin:l.f.pos]), "text belongs in \"quotes\", remarks after #"
	if strings.ContainsAny(run, "“”„‟«»‘’‚") {
		hint = "a word processor made this quote: write \""
	}
	l.errorf(at, KindSyntax, hint, "unexpected character %s", strconv.QuoteToASCII(clip(run, 20)))
	return token{Kind: tBad, At: at}
}

func (l *lexer) word(start Span, kind tokKind) token {
	begin := l.f.pos
	for isWord(l.peek(0)) {
		l.take(1)
	}
	return token{Kind: kind, Str: string(l.f.src[begin:l.f.pos]), At: l.since(start)}
}

func (l *lexer) number(start Span) token {
	t := l.word(start, tMixed)
	n, ok, overflow := parseNumber(t.Str)
	if overflow {
		l.errorf(t.At, KindType, "numbers have 32 bits: at most 2147483647, or 0xffffffff", "number %s is too large", clip(t.Str, 30))
		t.Kind, t.Int = tNum, 0
	} else if ok {
		t.Kind, t.Int = tNum, n
	}
	return t
}

// parseNumber reads decimal, 0x hexadecimal, 0 octal and binary with b behind.
// Only notations other than decimal may use the 32nd bit.
func parseNumber(s string) (n int32, ok, overflow bool) {
	base, digits := 10, s
	switch {
	case len(s) > 2 && s[0] == '0' && s[1] == 'x':
		base, digits = 16, s[2:]
	case strings.HasSuffix(s, "b") && strings.Trim(s[:len(s)-1], "01") == "" && len(s) > 1:
		base, digits = 2, s[:len(s)-1]
	case len(s) > 1 && s[0] == '0':
		base, digits = 8, s[1:]
	}
	if strings.Contains(s, "_") {
		return 0, false, false
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0, false, err.(*strconv.NumError).Err == strconv.ErrRange
	}
	if base == 10 && v > 1<<31 { // 2147483648 only makes sense after a minus
		return 0, false, true
	}
	return int32(uint32(v)), true, false
}

// scanIP takes an address literal if one starts here.
func (l *lexer) scanIP(start Span) (token, bool) {
	src := l.f.src[l.f.pos:]
	n, dots, colons := 0, 0, 0
	for n < len(src) && n < 48 && (isHex(src[n]) || src[n] == '.' || src[n] == ':') {
		switch src[n] {
		case '.':
			dots++
		case ':':
			colons++
		}
		n++
	}
	if colons >= 2 && (n == len(src) || !isWord(src[n])) {
		if a, err := netip.ParseAddr(string(src[:n])); err == nil && a.Is6() {
			l.take(n)
			return token{Kind: tIPv6, Str: string(src[:n]), At: l.since(start)}, true
		}
	}
	if dots < 3 || !isDigit(src[0]) {
		return token{}, false
	}
	return l.scanIPv4(start, src)
}

func (l *lexer) scanIPv4(start Span, src []byte) (token, bool) {
	n, dots := 0, 0
	for n < len(src) && (isDigit(src[n]) || src[n] == '.' && dots < 3) {
		if src[n] == '.' {
			if n+1 >= len(src) || !isDigit(src[n+1]) {
				return token{}, false
			}
			dots++
		}
		n++
	}
	if dots != 3 || n < len(src) && (isWord(src[n]) || src[n] == '.' || src[n] == '-') {
		return token{}, false // a host name like 1.2.3.4.example.org
	}
	l.take(n)
	t := token{Kind: tIPv4, Str: string(src[:n]), At: l.since(start)}
	if _, err := netip.ParseAddr(t.Str); err != nil {
		if a, ok := laxIPv4(t.Str); ok {
			t.Str = a
			return t, true
		}
		l.errorf(t.At, KindType, "each of the four numbers is at most 255", "bad IPv4 address %s", clip(t.Str, 40))
		t.Kind = tBad
	}
	return t, true
}

// laxIPv4 drops leading zeros, which the original reads as decimal.
func laxIPv4(s string) (string, bool) {
	parts := strings.Split(s, ".")
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n > 255 {
			return "", false
		}
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, "."), true
}
