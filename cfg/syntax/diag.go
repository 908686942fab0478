package syntax

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Severity says whether a diagnostic stops the start.
type Severity uint8

const (
	SevError Severity = iota
	SevWarning
)

// ErrKind groups diagnostics for tools.
type ErrKind uint8

const (
	KindSyntax  ErrKind = iota // the text is not of the language
	KindPrep                   // preprocessor: includes, defines, conditionals, substitutions
	KindFile                   // a file cannot be read: the original exits at once
	KindName                   // unknown parameter, function, variable, route, module, flag
	KindType                   // wrong type or value
	KindRegex                  // bad or inexpressible regular expression
	KindPlace                  // right thing, wrong place
	KindLimit                  // a documented limit was reached
	KindSuspect                // warnings: legal, but hardly meant
	KindMissing                // a module of the original that this server does not have
)

// Error is one diagnostic: what was wrong, where, and what would be right.
type Error struct {
	At       Span
	Where    string // file:line:col, filled when reported
	Severity Severity
	Kind     ErrKind
	Msg      string
	Hint     string // what would be right; may be empty
	Rule     string // name of the lint rule that found it, if one did
	// Contained is set for text that is not of the language where what stands
	// around it has been read all the same.
	Contained bool
}

// Error implements the error interface: file:line:col: error: text.
func (e *Error) Error() string {
	s := e.Where + ": " + e.label() + ": " + e.Msg
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

func (e *Error) label() string {
	if e.Severity == SevWarning {
		return "warning"
	}
	return "error"
}

// Diagnostics collects errors and warnings in the order they were found, and
// the text they point into.
type Diagnostics struct {
	Files *FileSet
	List  []*Error
	// Dropped counts what was left out once MaxErrors were reported.
	Dropped int
	errors  int
	missing int // errors of KindMissing
	text    int // errors of text that is not of the language
	seen    map[string]bool
}

// Failed tells whether there is at least one error.
func (d *Diagnostics) Failed() bool { return d.errors > 0 }

// OnlyMissing tells whether there is no error but of modules that this server does
// not have.
func (d *Diagnostics) OnlyMissing() bool { return d.errors == d.missing }

// Broken tells whether an error may have kept more of the text from being read than
// the statement it is in.
func (d *Diagnostics) Broken() bool {
	return d.Dropped > 0 || slices.ContainsFunc(d.List, func(e *Error) bool { return e.unread() && !e.Contained })
}

// unread tells whether an error hides text.
func (e *Error) unread() bool {
	return e.Severity == SevError && (e.Kind == KindSyntax || e.Kind == KindPrep || e.Kind == KindFile || e.Kind == KindLimit)
}

// contain marks what has been found since the list had n entries.
func (d *Diagnostics) contain(n int) {
	for _, e := range d.List[min(n, len(d.List)):] {
		e.Contained = true
	}
}

// Errors returns the number of errors, Warnings that of warnings.
func (d *Diagnostics) Errors() int { return d.errors }

// Warnings returns the number of warnings.
func (d *Diagnostics) Warnings() int { return len(d.List) + d.Dropped - d.errors }

// Err returns nil, or an error whose text is the first error and the count.
func (d *Diagnostics) Err() error {
	if d.errors == 0 {
		return nil
	}
	for _, e := range d.List {
		if e.Severity == SevError {
			return fmt.Errorf("%w; bad config file (%d errors)", e, d.errors)
		}
	}
	return fmt.Errorf("bad config file (%d errors)", d.errors)
}

// Add reports e. The same text at the same place is reported once.
func (d *Diagnostics) Add(e *Error) {
	e.Where = d.Files.Where(e.At)
	key := e.Where + e.Msg
	if d.seen == nil {
		d.seen = map[string]bool{}
	}
	if d.seen[key] {
		return
	}
	if e.Severity == SevError {
		d.errors++
	}
	if e.unread() {
		d.text++
	}
	if e.Kind == KindMissing {
		d.missing++
	}
	if !d.room(e) {
		d.Dropped++
		return
	}
	d.seen[key] = true
	d.List = append(d.List, e)
}

// room tells whether one more is to be shown. In text that is not of the language
// every line can be wrong; other mistakes are few.
func (d *Diagnostics) room(e *Error) bool {
	if e.unread() {
		return d.text <= MaxErrors
	}
	return len(d.List) < MaxFindings
}

// Sort puts diagnostics in the order of the source; included files follow the
// main one in the order they were read.
func (d *Diagnostics) Sort() {
	slices.SortStableFunc(d.List, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Col, b.At.Col))
	})
}

// Print writes every diagnostic with its source line and a caret line, then
// the original's closing line if there were errors.
func (d *Diagnostics) Print(w io.Writer) {
	for _, e := range d.List {
		d.printOne(w, e)
	}
	if d.Dropped > 0 {
		fmt.Fprintf(w, "%d more not shown\n", d.Dropped)
	}
	if d.errors > 0 {
		fmt.Fprintf(w, "ERROR: bad config file (%d errors)\n", d.errors)
	}
}

// PrintLines writes one line for each diagnostic, as editors and other programs
// read it: file:line:col: severity: text; what would be right [rule].
func (d *Diagnostics) PrintLines(w io.Writer) {
	for _, e := range d.List {
		fmt.Fprintln(w, e.oneLine())
	}
	if d.Dropped > 0 {
		fmt.Fprintf(w, "%d more not shown\n", d.Dropped)
	}
}

func (e *Error) oneLine() string {
	s := e.Where + ": " + e.label() + ": " + Printable(e.Msg)
	if e.Hint != "" {
		s += "; " + Printable(e.Hint)
	}
	if e.Rule != "" {
		s += " [" + e.Rule + "]"
	}
	return s
}

func (d *Diagnostics) printOne(w io.Writer, e *Error) {
	d.printIncludes(w, e.At)
	rule := ""
	if e.Rule != "" {
		rule = " [" + e.Rule + "]"
	}
	if e.Kind == KindMissing {
		fmt.Fprintln(w, e.oneLine())
		return
	}
	fmt.Fprintf(w, "%s: %s: %s%s\n", e.Where, e.label(), Printable(e.Msg), rule)
	if !e.At.IsZero() {
		d.printCaret(w, e.At)
		if n := int(e.At.Define); n > 0 && n <= len(d.Files.Defines) {
			def := d.Files.Defines[n-1]
			fmt.Fprintf(w, "    in the body of define %s (%s): %s\n", def.Name, d.Files.Where(def.At), Printable(clip(def.Body, 100)))
		}
	}
	if e.Hint != "" {
		fmt.Fprintf(w, "    %s\n", Printable(e.Hint))
	}
}

func (d *Diagnostics) printIncludes(w io.Writer, at Span) {
	for depth := 0; depth <= MaxIncludes && !at.IsZero(); depth++ {
		if at.File < 0 || int(at.File) >= len(d.Files.Files) {
			return
		}
		at = d.Files.Files[at.File].IncludedAt
		if at.IsZero() {
			return
		}
		fmt.Fprintf(w, "included from %s:\n", d.Files.Where(at))
	}
}

// printCaret writes the line and marks the culprit under it. Tabs stay tabs so
// that the marks line up; a very long line is shown as a window.
func (d *Diagnostics) printCaret(w io.Writer, at Span) {
	line := d.Files.Text(at.File, at.Line)
	start := min(max(int(at.Col)-1, 0), len(line))
	end := len(line)
	if at.EndLine == at.Line {
		end = min(int(at.EndCol), len(line))
	}
	if from := start - 80; len(line) > 200 && from > 0 {
		line, start, end = line[from:], start-from, end-from
	}
	if len(line) > 200 {
		line = line[:200]
		start, end = min(start, 200), min(end, 200)
	}
	var pad strings.Builder
	for i := 0; i < start; i++ {
		switch c := line[i]; {
		case c == '\t':
			pad.WriteByte('\t')
		case c&0xC0 != 0x80: // one column for each UTF-8 sequence
			pad.WriteByte(' ')
		}
	}
	fmt.Fprintf(w, "    %s\n    %s^", printableLine(line), pad.String())
	tail := 0
	for i := start + 1; i < end; i++ {
		if line[i]&0xC0 != 0x80 {
			tail++
		}
	}
	fmt.Fprintf(w, "%s\n", strings.Repeat("~", tail))
}

// LogLines returns the diagnostics in the original's one-line form, without
// the " 0(pid) LEVEL: " that the logger puts before them.
func (d *Diagnostics) LogLines() []string {
	var out []string
	for _, e := range d.List {
		word := "parse error"
		if e.Severity == SevWarning {
			word = "warning"
		}
		out = append(out, word+" in config file "+d.logPlace(e.At)+": "+Printable(e.Msg))
	}
	return out
}

func (d *Diagnostics) logPlace(s Span) string {
	name := d.Files.Name(s)
	switch {
	case s.IsZero():
		return "(command line)"
	case s.EndLine > s.Line:
		return fmt.Sprintf("%s, from line %d, column %d to line %d, column %d", name, s.Line, s.Col, s.EndLine, s.EndCol)
	case s.EndCol > s.Col:
		return fmt.Sprintf("%s, line %d, column %d-%d", name, s.Line, s.Col, s.EndCol)
	}
	return fmt.Sprintf("%s, line %d, column %d", name, s.Line, s.Col)
}

// PrintLog writes the original's format: one CRITICAL (or WARNING) line for
// each diagnostic with process index and pid, then the closing line.
func (d *Diagnostics) PrintLog(w io.Writer, index, pid int) {
	for i, l := range d.LogLines() {
		level := "CRITICAL"
		if d.List[i].Severity == SevWarning {
			level = "WARNING"
		}
		fmt.Fprintf(w, "%2d(%d) %s: <core> %s\n", index, pid, level, l)
	}
	if d.errors > 0 {
		fmt.Fprintf(w, "ERROR: bad config file (%d errors)\n", d.errors)
	}
}

// Printable makes text safe for a terminal or a log line.
func Printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == 0x7f {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// printableLine keeps tabs and replaces other control bytes one for one, so
// that columns stay where they are.
func printableLine(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c != '\t' && (c < ' ' || c == 0x7f) {
			b[i] = '?'
		}
	}
	return string(b)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "..."
}
