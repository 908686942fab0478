package syntax

import (
	"bytes"
	"fmt"
)

// LexKind is the kind of a Lexeme.
type LexKind uint8

const (
	LexBlank     LexKind = iota // blanks and line ends; joined lines, too
	LexComment                  // # ..., // ..., /* ... */
	LexDirective                // #!ifdef X, with all of its lines
	LexWord
	LexNumber // also what starts with a digit and holds letters
	LexString // "..." or '...'
	LexVar
	LexSelect
	LexAddr // an IP address
	LexOp   // operator or punctuation
	LexRaw  // text between conditionals that is not of the language
)

// Lexeme is a piece of source text as it stands there.
type Lexeme struct {
	Kind LexKind
	Text string
	At   Span
}

// Scan cuts a text into pieces without carrying out directives: joined together
// they are the text again. Where text between #!ifdef and #!endif is not of the
// language, the rest of its line becomes one LexRaw; elsewhere that is an error.
func Scan(name string, src []byte) ([]Lexeme, error) {
	if len(src) > MaxSource {
		return nil, fmt.Errorf("%s: larger than %d bytes", name, MaxSource)
	}
	s := scanner{lexer: newLexer(name, src, Options{})}
	var out []Lexeme
	for s.f.pos < len(src) {
		begin, at := s.f.pos, s.here()
		kind, err := s.piece()
		if err != nil {
			return nil, err
		}
		text := string(src[begin:s.f.pos])
		if n := len(out); n > 0 && kind == LexBlank && out[n-1].Kind == LexBlank {
			out[n-1].Text += text
			continue
		}
		out = append(out, Lexeme{kind, text, s.since(at)})
	}
	return out, nil
}

// scanner is a lexer that looks at directives and does not follow them.
type scanner struct {
	*lexer
	depth int // of conditionals
}

// piece passes over one piece of text.
func (s *scanner) piece() (LexKind, error) {
	start, begin := s.here(), s.f.pos
	f := *s.f
	c := s.peek(0)
	switch {
	case (c == '#' || c == '!') && s.peek(1) == '!' && directiveFor(s.wordAt(2)) != nil:
		s.directiveText(s.wordAt(2))
		return LexDirective, nil
	case c == '#':
		s.skipLine()
		s.trimReturn(begin)
		return LexComment, nil
	}
	kind := LexBlank
	if s.skipBlank() {
		if c == '/' {
			kind = LexComment
			s.trimReturn(begin)
		}
		if !s.lost(begin) {
			return kind, nil
		}
	} else if t := s.scan(); !s.lost(begin) && t.Kind != tBad {
		return lexKinds[t.Kind], nil
	}
	if s.depth == 0 {
		return 0, s.lexError(start)
	}
	*s.f = f
	s.stop, s.diag = false, &Diagnostics{Files: s.files}
	s.skipLine()
	s.trimReturn(begin)
	return LexRaw, nil
}

// lost tells whether the last piece ran over its end: it did not close, or it
// swallowed a conditional.
func (s *scanner) lost(begin int) bool {
	if s.stop || s.diag.Failed() {
		return true
	}
	text := s.f.src[begin:s.f.pos]
	if s.depth == 0 || bytes.IndexByte(text, '\n') < 0 {
		return false
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimLeft(line, " \t")
		for _, word := range []string{"#!ifdef", "#!ifndef", "#!else", "#!endif"} {
			if bytes.HasPrefix(line, []byte(word)) {
				return true
			}
		}
	}
	return false
}

func (s *scanner) lexError(at Span) error {
	for _, e := range s.diag.List {
		if e.Severity == SevError {
			return e
		}
	}
	return &Error{At: at, Where: s.files.Where(at), Kind: KindSyntax, Msg: "unexpected text"}
}

// trimReturn leaves the carriage return before a line end to the line end.
func (s *scanner) trimReturn(begin int) {
	if s.f.pos > begin && s.f.src[s.f.pos-1] == '\r' {
		s.f.pos--
		s.f.col--
	}
}

// directiveText passes over a directive and all of its lines.
func (s *scanner) directiveText(word string) {
	switch word {
	case "ifdef", "ifndef":
		s.depth++
	case "endif":
		s.depth = max(s.depth-1, 0)
	case "include_file", "import_file":
		s.take(2 + len(word))
		for isBlank(s.peek(0)) {
			s.take(1)
		}
		if c := s.peek(0); c == '"' || c == '\'' {
			s.scan()
		}
		return
	case "define", "def", "trydefine", "trydef", "redefine", "redef":
		begin := s.f.pos
		s.defineBody(s.here())
		s.trimReturn(begin)
		return
	}
	begin := s.f.pos
	s.skipLine()
	s.trimReturn(begin)
}

var lexKinds = map[tokKind]LexKind{
	tID: LexWord, tNum: LexNumber, tMixed: LexNumber, tStr: LexString, tRaw: LexString,
	tVar: LexVar, tSelect: LexSelect, tIPv4: LexAddr, tIPv6: LexAddr, tOp: LexOp,
}
