package format

import (
	"strings"
	"unicode/utf8"

	"goser/cfg/syntax"
)

// line is one line of the output; its text may hold line ends of its own, in
// strings and comments.
type line struct {
	blank   bool // a blank line before it
	indent  int
	text    string
	comment string // at its end
}

// maxAlign bounds how far a comment is moved to stand below its neighbour's.
const maxAlign = 40

// render writes the lines, comments at the ends of neighbouring lines below each
// other.
func render(lines []line) []byte {
	alignComments(lines)
	var b strings.Builder
	for i, l := range lines {
		if l.blank && i > 0 {
			b.WriteByte('\n')
		}
		if l.text != "" {
			b.WriteString(strings.Repeat("\t", min(max(l.indent, 0), syntax.MaxNesting)))
			b.WriteString(l.text)
		}
		b.WriteString(l.comment)
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// alignComments puts the blanks before comments at the ends of lines.
func alignComments(lines []line) {
	for i := 0; i < len(lines); {
		n := i
		for n < len(lines) && aligns(lines[i], lines[n], n > i) {
			n++
		}
		if n == i {
			if l := &lines[i]; l.comment != "" {
				l.comment = " " + l.comment
			}
			i++
			continue
		}
		most, least := 0, 1<<30
		for _, l := range lines[i:n] {
			w := utf8.RuneCountInString(l.text)
			most, least = max(most, w), min(least, w)
		}
		for k := i; k < n; k++ {
			pad := 1
			if most-least <= maxAlign {
				pad += most - utf8.RuneCountInString(lines[k].text)
			}
			lines[k].comment = strings.Repeat(" ", pad) + lines[k].comment
		}
		i = n
	}
}

func aligns(first, l line, follows bool) bool {
	return l.comment != "" && l.indent == first.indent && !strings.Contains(l.text, "\n") &&
		!strings.Contains(l.text, "\t") && !(follows && l.blank)
}
