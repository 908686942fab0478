package format

import (
	"strings"

	"goser/cfg/syntax"
)

// put writes piece i and follows what it opens, closes or ends.
func (p *printer) put(i int) {
	l := p.code[i]
	p.write(l.Text)
	switch l.Kind {
	case syntax.LexWord:
		p.word(i)
	case syntax.LexOp:
		p.op(i)
	default:
		p.start = false
	}
}

func (p *printer) word(i int) {
	w := p.code[i].Text
	was := p.start
	p.start = false
	switch {
	case p.isLabel(i):
		p.stack[len(p.stack)-1].label = true
		p.extra = 0
	case w == "else" && was:
		if n := p.lastIf(); n >= 0 {
			p.extra = n
			p.ifs = p.ifs[:len(p.ifs)-1]
		}
		if p.start = true; !p.isOp(i+1, "{") && !(p.isWord(i+1) && p.code[i+1].Text == "if" && p.gaps[i+1].lines == 0) {
			p.extra++
		}
	case (w == "if" || w == "while") && was:
		if p.extra == 0 {
			p.forgetIfs()
		}
		if w == "if" {
			p.ifs = append(p.ifs, p.extra)
		}
		if p.isOp(i+1, "(") {
			p.heads = append(p.heads, len(p.stack))
		}
	case was && p.extra == 0:
		p.forgetIfs()
	}
}

func (p *printer) op(i int) {
	was := p.start
	p.start = false
	switch op := p.code[i].Text; op {
	case "(", "[":
		p.stack = append(p.stack, frame{open: i})
	case ")", "]":
		if n := len(p.stack); n > 0 && !p.stack[n-1].block {
			p.stack = p.stack[:n-1]
		}
	case "{":
		p.openBrace(i, was)
	case "}":
		p.closeBrace(p.isWord(i+1) && p.code[i+1].Text == "else")
	case ";":
		p.start, p.extra, p.heads = true, 0, nil
	case ":":
		p.start = p.labels[i]
	}
}

func (p *printer) openBrace(i int, start bool) {
	f := frame{open: i, block: p.opensBlockAt(i, start), extra: p.extra}
	if !f.block {
		p.stack = append(p.stack, f)
		return
	}
	f.isSwitch = p.afterSwitch(i)
	f.indent = p.indentOfLine() + 1
	p.stack = append(p.stack, f)
	p.start, p.extra, p.heads, p.ifs = true, 0, nil, append(p.ifs, -1)
}

func (p *printer) opensBlockAt(i int, start bool) bool {
	saved := p.start
	p.start = start
	defer func() { p.start = saved }()
	return p.opensBlock(i)
}

// indentOfLine is that of the statement the current line belongs to: a brace
// that ends continued lines stands for the first of them.
func (p *printer) indentOfLine() int {
	n := 0
	for i := len(p.stack) - 1; i >= 0; i-- {
		if f := p.stack[i]; f.block {
			n = f.indent
			if f.isSwitch && f.label {
				n++
			}
			break
		}
	}
	return n + p.extra
}

// afterSwitch tells whether the brace at i opens the labels of a switch.
func (p *printer) afterSwitch(i int) bool {
	depth := 0
	for k := i - 1; k >= 0; k-- {
		switch l := p.code[k]; {
		case l.Kind == syntax.LexWord && l.Text == "switch" && depth == 0:
			return true
		case l.Kind != syntax.LexOp:
		case l.Text == ")" || l.Text == "]":
			depth++
		case l.Text == "(" || l.Text == "[":
			depth--
		case l.Text == ";" || l.Text == "{" || l.Text == "}":
			return false
		}
	}
	return false
}

// closeBrace ends the innermost brace, and what was left open in it.
func (p *printer) closeBrace(goesOn bool) {
	for n := len(p.stack); n > 0; n = len(p.stack) {
		f := p.stack[n-1]
		p.stack = p.stack[:n-1]
		if p.code[f.open].Text == "{" {
			if f.block {
				p.start, p.extra = true, 0
				if goesOn {
					p.extra = f.extra
				}
				p.dropIfs()
			}
			return
		}
	}
	p.start, p.extra = true, 0
}

// forgetIfs forgets the ifs of this block: another statement begins.
func (p *printer) forgetIfs() {
	for n := len(p.ifs); n > 0 && p.ifs[n-1] != -1; n-- {
		p.ifs = p.ifs[:n-1]
	}
}

// dropIfs forgets the ifs inside of the block that has just ended.
func (p *printer) dropIfs() {
	for n := len(p.ifs); n > 0; n = len(p.ifs) {
		last := p.ifs[n-1]
		p.ifs = p.ifs[:n-1]
		if last == -1 {
			return
		}
	}
}

// items writes the comments and directives before piece i.
func (p *printer) items(i int, g *gap) {
	for k, it := range g.items {
		switch {
		case it.Kind == syntax.LexDirective:
			p.directive(it, i > 0 || k > 0)
		case it.lines == 0 && len(p.lines) > 0 && p.sameLine(i, k):
			p.trailing(it.Text)
		default:
			p.ownLine(i, k, g)
		}
	}
}

// sameLine tells whether a comment stands behind what the last line holds.
func (p *printer) sameLine(i, k int) bool {
	if k == 0 {
		return i > 0
	}
	return p.gaps[i].items[k-1].Kind != syntax.LexDirective
}

// trailing puts a comment at the end of the line.
func (p *printer) trailing(text string) {
	l := &p.lines[len(p.lines)-1]
	if l.comment != "" {
		text = l.comment + " " + text
	}
	l.comment = text
}

// ownLine puts a comment, or text that is not of the language, on a line of its
// own.
func (p *printer) ownLine(i, k int, g *gap) {
	it := g.items[k]
	n := 0
	switch {
	case !p.start:
		n = p.continued()
	case p.isLabel(i):
		n = p.stack[len(p.stack)-1].indent
	default:
		n = p.indent()
	}
	if i < len(p.code) && p.top() && p.startsItem(i) || i == len(p.code) && p.top() {
		n = 0
	}
	blank := it.lines > 1 && !(k == 0 && i > 0 && p.isOp(i-1, "{"))
	p.lines = append(p.lines, line{indent: n, text: it.Text, blank: blank})
}

// directive writes a directive at the beginning of a line. Both sides of a
// conditional begin with the same blocks open.
func (p *printer) directive(it item, between bool) {
	p.lines = append(p.lines, line{text: it.Text, blank: between && it.lines > 1})
	word := strings.TrimLeft(it.Text, "#!")
	switch {
	case strings.HasPrefix(word, "if"):
		p.saved = append(p.saved, append([]frame(nil), p.stack...))
	case strings.HasPrefix(word, "else") && len(p.saved) > 0:
		p.stack = append([]frame(nil), p.saved[len(p.saved)-1]...)
	case strings.HasPrefix(word, "endif") && len(p.saved) > 0:
		p.saved = p.saved[:len(p.saved)-1]
	}
}
