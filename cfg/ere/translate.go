package ere

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// translator rewrites an expression in Go's syntax, atom by atom.
type translator struct {
	src   string
	pos   int
	out   strings.Builder
	atom  int   // where in out the last atom starts; -1: nothing that can be repeated
	open  []int // where in out each open group starts
	opens []int // and where in src
}

// Translate rewrites an expression in Go's syntax. Groups keep their numbers.
func Translate(pattern string) (string, *Error) {
	t := &translator{src: pattern, atom: -1}
	switch {
	case len(pattern) > MaxPattern:
		return "", &Error{MaxPattern, "expression is longer than " + strconv.Itoa(MaxPattern) + " bytes", ""}
	case !utf8.ValidString(pattern):
		return "", &Error{0, "expression is not valid UTF-8", ""}
	case strings.IndexByte(pattern, 0) >= 0:
		return "", &Error{strings.IndexByte(pattern, 0), "expression holds a NUL byte", ""}
	}
	for t.pos < len(t.src) {
		if err := t.step(); err != nil {
			return "", err
		}
	}
	if n := len(t.opens); n > 0 {
		return "", &Error{t.opens[n-1], "unmatched (", "close every ( with ), or write \\( for the character"}
	}
	return t.out.String(), nil
}

func (t *translator) fail(msg, hint string) *Error { return &Error{t.pos, msg, hint} }

// step translates what stands at pos.
func (t *translator) step() *Error {
	switch c := t.src[t.pos]; c {
	case '(':
		return t.openGroup()
	case ')':
		t.closeGroup()
	case '|':
		t.emit("|", -1)
	case '^':
		t.emit(`\A`, -1)
	case '$':
		t.emit(`\z`, -1)
	case '.':
		t.emit(".", t.out.Len())
	case '*', '+', '?':
		return t.repeat(string(c), 1)
	case '{':
		return t.interval()
	case '[':
		return t.bracket()
	case '\\':
		return t.backslash()
	default:
		_, n := utf8.DecodeRuneInString(t.src[t.pos:])
		t.literal(t.src[t.pos : t.pos+n])
		t.pos += n
	}
	return nil
}

// emit writes s for one input byte; atom tells where what can be repeated starts.
func (t *translator) emit(s string, atom int) {
	t.out.WriteString(s)
	t.atom = atom
	t.pos++
}

// literal writes one character, quoted as needed.
func (t *translator) literal(ch string) {
	t.atom = t.out.Len()
	if strings.ContainsAny(ch, `\.+*?()|[]{}^$`) {
		t.out.WriteByte('\\')
	}
	t.out.WriteString(ch)
}

func (t *translator) openGroup() *Error {
	if len(t.open) >= MaxDepth {
		return t.fail("groups nested too deep", "at most "+strconv.Itoa(MaxDepth))
	}
	t.open, t.opens = append(t.open, t.out.Len()), append(t.opens, t.pos)
	t.emit("(", -1)
	return nil
}

// closeGroup ends a group; a ) without ( is an ordinary character.
func (t *translator) closeGroup() {
	if len(t.open) == 0 {
		t.literal(")")
		t.pos++
		return
	}
	start := t.open[len(t.open)-1]
	t.open, t.opens = t.open[:len(t.open)-1], t.opens[:len(t.opens)-1]
	t.emit(")", start)
}

// repeat applies an operator of n input bytes to the last atom. The atom is
// wrapped, so that a second operator does not mean "non-greedy".
func (t *translator) repeat(op string, n int) *Error {
	if t.atom < 0 {
		return t.fail("nothing before "+t.src[t.pos:t.pos+n]+" to repeat", `write \`+t.src[t.pos:t.pos+1]+" for the character itself")
	}
	if t.out.Len() > 64*MaxPattern {
		return t.fail("expression is too complex", "")
	}
	s := t.out.String()
	t.out.Reset()
	t.out.WriteString(s[:t.atom] + "(?:" + s[t.atom:] + op + ")")
	t.pos += n
	return nil
}

// interval translates {n}, {n,}, {,m} and {n,m}.
func (t *translator) interval() *Error {
	end := strings.IndexByte(t.src[t.pos:], '}')
	if end < 0 {
		return t.fail("unmatched {", `write \{ for the character itself`)
	}
	lo, hi, two := strings.Cut(t.src[t.pos+1:t.pos+end], ",")
	if lo == "" && two {
		lo = "0"
	}
	if !two {
		hi = lo
	}
	n, err1 := strconv.ParseUint(lo, 10, 31)
	m := n
	var err2 error
	if hi != "" {
		m, err2 = strconv.ParseUint(hi, 10, 31)
	}
	switch {
	case err1 != nil || err2 != nil || m < n:
		return t.fail("bad repetition {"+t.src[t.pos+1:t.pos+end]+"}", "write {n}, {n,}, {,m} or {n,m}; \\{ for the character itself")
	case n > MaxRepeat || m > MaxRepeat:
		return t.fail("repetition count above "+strconv.Itoa(MaxRepeat), "this engine repeats at most "+strconv.Itoa(MaxRepeat)+" times")
	}
	op := "{" + strconv.FormatUint(n, 10) + ","
	if hi != "" {
		op += strconv.FormatUint(m, 10)
	}
	return t.repeat(op+"}", end+1)
}

// backslash translates an escape outside brackets.
func (t *translator) backslash() *Error {
	if t.pos+1 >= len(t.src) {
		return t.fail("trailing backslash", `write \\ for the character itself`)
	}
	_, n := utf8.DecodeRuneInString(t.src[t.pos+1:])
	ch := t.src[t.pos+1 : t.pos+1+n]
	switch c := ch[0]; c {
	case 'w', 'W', 's', 'S':
		t.atom = t.out.Len()
		t.out.WriteString(map[byte]string{'w': "[A-Za-z0-9_]", 'W': "[^A-Za-z0-9_]", 's': "[ \\t\\n\\v\\f\\r]", 'S': "[^ \\t\\n\\v\\f\\r]"}[c])
	case 'b', 'B':
		t.out.WriteString(`\` + ch)
		t.atom = -1
	case '`', '\'':
		t.out.WriteString(map[byte]string{'`': `\A`, '\'': `\z`}[c])
		t.atom = -1
	case '<', '>':
		return t.fail(`\`+ch+" cannot be expressed", `write \b for a word boundary`)
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return t.fail("back-references cannot be expressed", "this engine runs in linear time; spell the alternatives out, or compare in the script")
	default:
		t.literal(ch)
	}
	t.pos += 1 + n
	return nil
}
