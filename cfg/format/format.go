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
	"slices"
	"strings"

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
		if placed := (*syntax.Error)(nil); errors.As(err, &placed) {
			return nil, err
		}
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
	opt.Defines = nil
	if err := sameProgram(name, src, out, opt); err != nil {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return otherDefines(name, src, out, before, opt)
}

// sameProgram compares what the texts parse to.
func sameProgram(name string, src, out []byte, opt syntax.Options) error {
	was, wasDiag := syntax.Parse(name, src, opt)
	is, isDiag := syntax.Parse(name, out, opt)
	switch {
	case wasDiag.Failed() != isDiag.Failed():
		return fmt.Errorf("%d errors became %d", wasDiag.Errors(), isDiag.Errors())
	case !wasDiag.Failed() && !syntax.Equal(was, is):
		return errors.New("it parses to another program")
	}
	return nil
}

// maxSets bounds with how many names, each defined alone, the programs are compared.
const maxSets = 8

// otherDefines compares the programs with other defines than none: all names that the
// text asks for, and some of them alone. They differ where a comment or a string runs
// over a conditional: what it holds then depends on the defines, and how it is to be
// laid out with it.
func otherDefines(name string, src, out []byte, lex []syntax.Lexeme, opt syntax.Options) error {
	names, first := conditions(lex)
	sets := [][]string{names}
	for _, n := range names[:min(len(names), maxSets)] {
		sets = append(sets, []string{n})
	}
	if len(names) < 2 {
		sets = sets[:len(names)]
	}
	for _, set := range sets {
		if opt.Defines = set; sameProgram(name, src, out, opt) != nil {
			return &syntax.Error{
				At: first, Where: fmt.Sprintf("%s:%d:%d", name, first.Line, first.Col), Kind: syntax.KindPrep,
				Msg:  "a comment or a string runs over a conditional, so that with " + set[0] + " defined the text is another",
				Hint: "end it before the conditional",
			}
		}
	}
	return nil
}

// conditions are the names that conditionals ask for, each once, and where the first
// of them stands.
func conditions(lex []syntax.Lexeme) (names []string, first syntax.Span) {
	for _, l := range lex {
		if l.Kind != syntax.LexDirective {
			continue
		}
		f := strings.Fields(strings.TrimLeft(l.Text, "#!"))
		if len(f) < 2 || f[0] != "ifdef" && f[0] != "ifndef" || slices.Contains(names, f[1]) {
			continue
		}
		if len(names) == 0 {
			first = l.At
		}
		names = append(names, f[1])
	}
	return names, first
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
