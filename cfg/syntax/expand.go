package syntax

import (
	"bytes"
	"strings"
)

// Expand returns the text of a configuration after preprocessing: includes
// spliced, conditionals decided, defines and substitutions carried out; comments
// and layout stay. What it returns parses to the same program.
func Expand(name string, src []byte, opt Options) ([]byte, *Diagnostics) {
	l := newLexer(name, src, opt)
	l.echo = &echo{}
	for l.next().Kind != tEOF {
	}
	l.unclosedIfs()
	return l.echo.text, l.diag
}

// echo collects the text that is left after preprocessing.
type echo struct {
	text []byte
	left bool // a directive stood here: the end of its line goes with it
}

// echoRaw repeats what a frame's text holds from begin up to its current
// position. Comments in the body of a define are left out: they end with the
// body, which cannot be written down.
func (l *lexer) echoRaw(f *frame, begin int) {
	if l.echo == nil {
		return
	}
	s := string(f.src[begin:f.pos])
	if f.define > 0 && (strings.HasPrefix(s, "#") || strings.HasPrefix(s, "//")) || s == byteOrderMark {
		return
	}
	left := l.echo.left
	l.echo.left = left && isBlank(s[0])
	if left && (s == "\n" || isBlank(s[0])) {
		return
	}
	l.echo.text = append(l.echo.text, s...)
}

// echoToken repeats a token; a string that a substitution has changed is quoted
// anew.
func (l *lexer) echoToken(f *frame, begin int, t *token) {
	if l.echo == nil {
		return
	}
	l.echo.left = false
	text := string(f.src[begin:f.pos])
	if l.changed {
		text = rewritten(t, text)
	}
	l.echo.text = append(l.echo.text, text...)
}

// rewritten is the text of a token in which a substitution has changed something.
func rewritten(t *token, text string) string {
	switch {
	case t.Kind == tRaw && !strings.Contains(t.Str, "'"):
		return "'" + t.Str + "'"
	case t.Kind == tStr, t.Kind == tRaw:
		return Quote(t.Str)
	case t.Kind == tVar:
		return t.Str
	case t.Kind == tSelect:
		text = "@"
		for i, p := range t.Sel.Parts {
			switch {
			case p.IsArg && !p.IsInt:
				text += "[" + Quote(p.Name) + "]"
			case p.IsInt:
				text += "[" + p.Name + "]"
			case i == 0:
				text += p.Name
			default:
				text += "." + p.Name
			}
		}
	}
	return text
}

// echoDirective leaves a directive out, but for one that selects a mode: nothing
// else can say that.
func (l *lexer) echoDirective(f *frame, begin int, mode Mode) {
	switch {
	case l.echo == nil:
	case mode != l.mode:
		l.echoNewLine()
		l.echo.left = false
		l.echo.text = append(l.echo.text, bytes.TrimSpace(f.src[begin:f.pos])...)
	default:
		blank := bytes.TrimRight(l.echo.text, " \t")
		if l.echo.left = len(blank) == 0 || blank[len(blank)-1] == '\n'; l.echo.left {
			l.echo.text = blank
		}
	}
}

// echoNewLine keeps the texts of two files apart.
func (l *lexer) echoNewLine() {
	if l.echo == nil {
		return
	}
	if n := len(l.echo.text); n > 0 && l.echo.text[n-1] != '\n' {
		l.echo.text = append(l.echo.text, '\n')
	}
	l.echo.left = true
}

const byteOrderMark = "\xEF\xBB\xBF"

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\a", `\a`)

// Quote writes a string as the language has it, in double quotes.
func Quote(s string) string { return `"` + quoter.Replace(s) + `"` }
