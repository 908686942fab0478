package module

import (
	"errors"
	"strings"

	"goser/cfg/check"
)

// Header injection. A text that goes among the headers may hold just the line
// ends that the author of the script wrote; a value that brings more, say
// because the script unescaped it, is refused with all of the text. Folds of a
// received header (a line end before a blank) are no new line and may pass. A
// text that is a single variable or an expression is the author's as a whole.
// In each case every line must be a header.

var errHeaderText = errors.New("the text is no header: expected NAME: VALUE, each line ended with \\r\\n")

// ErrHeader is the log's word on a text that was refused at run time.
const ErrHeader = "the text is no header, or a variable in it brought a line end"

// FixHeader checks a constant header at start. What it returns is for Header.
func FixHeader(a *check.Arg) (literal int, err error) {
	if a.Const {
		if _, ok := HeaderLines(a.Str); !ok {
			return 0, errHeaderText
		}
	}
	return LiteralBreaks(a), nil
}

// LiteralBreaks counts the line ends that the author wrote; -1 if the text is
// the author's as a whole.
func LiteralBreaks(a *check.Arg) int {
	if a.Const || len(a.Parts) < 2 {
		return -1
	}
	n := 0
	for _, p := range a.Parts {
		if p.Var == nil {
			n += Breaks(p.Text)
		}
	}
	return n
}

// Breaks counts line ends, a CR on its own included. Those before a blank are
// folds.
func Breaks(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '\r' && s[i] != '\n' {
			continue
		}
		if strings.HasPrefix(s[i:], "\r\n") {
			i++
		}
		if s[i] == '\r' || i+1 == len(s) || s[i+1] != ' ' && s[i+1] != '\t' {
			n++
		}
	}
	return n
}

// Honest tells whether s has the line ends its author wrote, and no others.
func Honest(s string, literal int) bool { return literal < 0 || Breaks(s) == literal }

// HeaderLines checks that s consists of headers; complete says whether the
// last one has its line end.
func HeaderLines(s string) (complete, ok bool) {
	if s == "" || strings.IndexByte(s, 0) >= 0 {
		return false, false
	}
	for first := true; s != ""; first = false {
		line, rest, found := strings.Cut(s, "\n")
		line = strings.TrimSuffix(line, "\r")
		fold := line != "" && (line[0] == ' ' || line[0] == '\t') && !first
		if strings.IndexByte(line, '\r') >= 0 || !fold && !isHeader(line) {
			return false, false
		}
		s, complete = rest, found
	}
	return complete, true
}

// isHeader wants a name and a colon.
func isHeader(line string) bool {
	name, _, ok := strings.Cut(line, ":")
	name = strings.TrimRight(name, " \t")
	return ok && name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r > '~' || r <= ' ' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	}) < 0
}

// Header is s as complete header lines; false if it cannot be let among the
// headers. literal is what FixHeader returned.
func (c *Ctx) Header(s string, literal int) (string, bool) {
	if !Honest(s, literal) {
		return "", false
	}
	complete, ok := HeaderLines(s)
	if ok && !complete {
		s = c.Concat(s, "\r\n")
	}
	return s, ok
}
