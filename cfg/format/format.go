// Package format lays a configuration out in the canonical way: one statement
// to a line, indented with tabs by the blocks it stands in, operators between
// blanks. Comments stay, and so do directives; line ends inside of statements
// stay where the author put them.
//
// Nothing but blanks and line ends changes. [Source] holds that against its own
// result before it returns it: the pieces of the text are the same, and the text
// parses to the same program.
package format

import (
	"bytes"
	"errors"
	"fmt"

	"goser/cfg/syntax"
)

// ErrChanged says that the formatted text would not mean the same. It is never
// expected: the text is then left alone.
var ErrChanged = errors.New("formatting would change the meaning")

// Source returns the formatted text. The error is a *syntax.Error with its place
// where the text does not consist of words of the language; whether these make
// sense does not matter.
func Source(name string, src []byte, opt syntax.Options) ([]byte, error) {
	lex, err := syntax.Scan(name, src)
	if err != nil {
		return nil, err
	}
	p := &printer{lex: lex}
	out := p.print()
	if err := verify(name, src, out, lex, opt); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// verify compares the pieces of the texts, and what they parse to.
func verify(name string, src, out []byte, before []syntax.Lexeme, opt syntax.Options) error {
	after, err := syntax.Scan(name, out)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	if a, b := pieces(before), pieces(after); len(a) != len(b) {
		return fmt.Errorf("%w: %d pieces became %d", ErrChanged, len(a), len(b))
	} else {
		for i := range a {
			if a[i] != b[i] {
				return fmt.Errorf("%w: %q became %q", ErrChanged, a[i], b[i])
			}
		}
	}
	was, wasDiag := syntax.Parse(name, src, opt)
	is, isDiag := syntax.Parse(name, out, opt)
	switch {
	case wasDiag.Failed() != isDiag.Failed():
		return fmt.Errorf("%w: %d errors became %d", ErrChanged, wasDiag.Errors(), isDiag.Errors())
	case !wasDiag.Failed() && !syntax.Equal(was, is):
		return fmt.Errorf("%w: it parses to another program", ErrChanged)
	}
	return nil
}

// pieces are the texts of all but blanks. Blanks at the end of comments and
// directives do not count.
func pieces(lex []syntax.Lexeme) []string {
	var out []string
	for _, l := range lex {
		switch l.Kind {
		case syntax.LexBlank:
		case syntax.LexComment, syntax.LexDirective, syntax.LexRaw:
			out = append(out, trimLine(l.Text))
		default:
			out = append(out, l.Text)
		}
	}
	return out
}

// trimLine takes the blanks off the end of a comment or directive.
func trimLine(s string) string {
	return string(bytes.TrimRight([]byte(s), " \t\r\f\v"))
}
