package dbtext

import (
	"fmt"
	"strings"

	"goser/worker/module/api/db"
)

// parser walks through a statement, one word ahead. After the first error it stands still.
type parser struct {
	text   string
	at     int    // behind tok
	start  int    // of tok
	tok    string // a word, a sign or the text in quotes; "" at the end
	quoted bool   // tok stood in ' or "
	ticked bool   // tok stood in `
	err    error
}

func (p *parser) atEnd() bool { return p.tok == "" && !p.quoted && !p.ticked }

func (p *parser) failf(format string, a ...any) {
	if p.err != nil {
		return
	}
	near := p.text[p.start:]
	if near == "" {
		near = "the end"
	} else {
		near = quoted(near)
	}
	p.err = fmt.Errorf("statement, character %d, at %s: %s", p.start+1, near, fmt.Sprintf(format, a...))
}

// next reads the next word.
func (p *parser) next() {
	if p.err != nil {
		return
	}
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
	p.start, p.tok, p.quoted, p.ticked = p.at, "", false, false
	if p.at == len(p.text) {
		return
	}
	switch c := p.text[p.at]; {
	case c == '\'' || c == '"' || c == '`':
		p.quote(c)
	case wordByte(c) || c == '-' || c == '+':
		p.at++
		for p.at < len(p.text) && wordByte(p.text[p.at]) {
			p.at++
		}
		p.tok = p.text[p.start:p.at]
	case strings.IndexByte("<>!", c) >= 0 && p.at+1 < len(p.text) && (p.text[p.at+1] == '=' || c == '<' && p.text[p.at+1] == '>'):
		p.at += 2
		p.tok = p.text[p.start:p.at]
	default:
		p.at++
		p.tok = p.text[p.start:p.at]
	}
}

func wordByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c >= 0x80
}

// quote reads what stands in quotes: a \ takes its meaning from the next character, and
// two quotes are one.
func (p *parser) quote(q byte) {
	p.quoted, p.ticked = q != '`', q == '`'
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		c := p.text[i]
		switch {
		case c == '\\' && q != '`' && i+1 < len(p.text):
			i++
			b.WriteByte(p.text[i])
		case c != q:
			b.WriteByte(c)
		case i+1 < len(p.text) && p.text[i+1] == q:
			i++
			b.WriteByte(c)
		default:
			p.tok, p.at = b.String(), i+1
			return
		}
	}
	p.failf("the quote %c is not closed", q)
}

// is tells whether the next word is this one, in any case.
func (p *parser) is(word string) bool {
	return p.err == nil && !p.quoted && !p.ticked && strings.EqualFold(p.tok, word)
}

// take goes on behind a word, if it is there.
func (p *parser) take(word string) bool {
	if !p.is(word) {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(word string) {
	if !p.take(word) {
		p.failf("expected %s", word)
	}
}

// name reads the name of a table or column.
func (p *parser) name(want string) string {
	if p.err != nil {
		return ""
	}
	if p.quoted || p.tok == "" || !p.ticked && !wordByte(p.tok[0]) {
		p.failf("expected %s", want)
		return ""
	}
	name := p.tok
	p.next()
	return name
}

// value reads a number, a text in quotes, or null.
func (p *parser) value() (v db.Value) {
	if p.err != nil {
		return v
	}
	n, whole := wholeNumber(p.tok)
	x, number := decimal(p.tok)
	switch {
	case p.quoted:
		v = db.TextValue(p.tok)
	case p.ticked:
		p.failf("expected a value: a number, a text in quotes or null")
	case whole:
		v = db.IntValue(n)
	case number:
		v = db.Value{Kind: db.Double, Double: x}
	case p.is("null"):
	default:
		p.failf("expected a value: a number, a text in quotes or null")
	}
	p.next()
	return v
}
