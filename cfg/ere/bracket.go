package ere

import (
	"strings"
	"unicode/utf8"
)

var classes = map[string]bool{
	"alnum": true, "alpha": true, "blank": true, "cntrl": true, "digit": true, "graph": true,
	"lower": true, "print": true, "punct": true, "space": true, "upper": true, "xdigit": true,
}

const classHint = "one of alnum alpha blank cntrl digit graph lower print punct space upper xdigit"

// bracket translates [...].
func (t *translator) bracket() *Error {
	start := t.pos
	head := bracketHead(t.src[t.pos+1:])
	t.pos += 1
	var set strings.Builder
	set.WriteByte('[')
	if strings.HasPrefix(head, "^") {
		set.WriteByte('^')
		t.pos++
	}
	for first := true; ; first = false {
		if t.pos >= len(t.src) {
			t.pos = start
			return t.fail("unmatched [", `close it with ], or write \[ for the character itself`)
		}
		if t.src[t.pos] == ']' && !first {
			break
		}
		if err := t.bracketItem(&set); err != nil {
			return err
		}
	}
	t.pos++
	set.WriteByte(']')
	t.atom = t.out.Len()
	t.out.WriteString(set.String())
	return nil
}

// bracketItem translates a class, a character or a range.
func (t *translator) bracketItem(set *strings.Builder) *Error {
	if strings.HasPrefix(t.src[t.pos:], "[:") {
		return t.class(set)
	}
	at := t.pos
	lo, err := t.bracketChar()
	if err != nil {
		return err
	}
	hi := lo
	if rest := t.src[t.pos:]; len(rest) >= 2 && rest[0] == '-' && rest[1] != ']' {
		t.pos++
		if hi, err = t.bracketChar(); err != nil {
			return err
		}
		if hi < lo {
			t.pos = at
			return t.fail("range ends before it starts", "write the smaller character first, and a - itself last")
		}
		if next := t.src[t.pos:]; len(next) >= 2 && next[0] == '-' && next[1] != ']' {
			return t.fail("a range cannot end a range", "write a - itself last")
		}
	}
	writeSetRune(set, lo)
	if hi != lo {
		set.WriteByte('-')
		writeSetRune(set, hi)
	}
	return nil
}

func (t *translator) class(set *strings.Builder) *Error {
	end := strings.Index(t.src[t.pos+2:], ":]") + 2
	if end < 2 {
		return t.fail("unmatched [:", classHint)
	}
	name := t.src[t.pos+2 : t.pos+end]
	if !classes[name] {
		return t.fail("unknown character class [:"+name+":]", classHint)
	}
	set.WriteString("[:" + name + ":]")
	t.pos += end + 2
	return nil
}

// bracketChar reads one character, which may be written [.x.] or [=x=].
func (t *translator) bracketChar() (rune, *Error) {
	rest := t.src[t.pos:]
	if len(rest) > 1 && rest[0] == '[' && (rest[1] == '.' || rest[1] == '=') {
		end := strings.Index(rest[2:], rest[1:2]+"]")
		if end < 0 {
			return 0, t.fail("unmatched ["+rest[1:2], "")
		}
		r, n := utf8.DecodeRuneInString(rest[2 : 2+end])
		if n != end || n == 0 {
			return 0, t.fail("only single characters can stand in "+rest[:2+end]+rest[1:2]+"]", "")
		}
		t.pos += 4 + end
		return r, nil
	}
	r, n := utf8.DecodeRuneInString(rest)
	t.pos += n
	return r, nil
}

func writeSetRune(set *strings.Builder, r rune) {
	if strings.ContainsRune(`\]^-[&~`, r) {
		set.WriteByte('\\')
	}
	set.WriteRune(r)
}
