package format

import (
	"strings"

	"goser/cfg/syntax"
)

// gap is what stood between two pieces of code in the source.
type gap struct {
	space bool
	lines int // line ends
	items []item
}

// item is a comment or a directive between two pieces of code.
type item struct {
	syntax.Lexeme
	lines int // line ends before it
}

// frame is an open brace, parenthesis or bracket.
type frame struct {
	open     int // index in code
	block    bool
	isSwitch bool
	indent   int // of what stands inside
	extra    int // of the statement that it belongs to
	label    bool
}

// printer lays out one text.
type printer struct {
	lex  []syntax.Lexeme
	code []syntax.Lexeme
	gaps []gap // before each piece of code, and one at the end

	casts, tests, labels map[int]bool // closing ) of casts, ] of tests, : of labels

	lines []line
	stack []frame
	saved [][]frame // at each open #!ifdef

	start bool  // a statement begins
	extra int   // indentation by if, while and else without braces
	heads []int // stack heights at which a condition's parenthesis closes
	ifs   []int // extra of the ifs an else may belong to
}

// print returns the text laid out.
func (p *printer) print() []byte {
	p.split()
	p.mark()
	p.start = true
	for i := range p.code {
		p.between(i)
		p.put(i)
	}
	p.items(len(p.code), &p.gaps[len(p.code)])
	return render(p.lines)
}

// split parts the code from what stands between.
func (p *printer) split() {
	var g gap
	lines := 0
	for _, l := range p.lex {
		switch l.Kind {
		case syntax.LexBlank:
			g.space = true
			lines += strings.Count(strings.ReplaceAll(strings.ReplaceAll(l.Text, "\\\r\n", ""), "\\\n", ""), "\n")
		case syntax.LexComment, syntax.LexDirective, syntax.LexRaw:
			l.Text = trimLine(l.Text)
			g.items = append(g.items, item{l, lines})
			g.space, lines = true, 0
		default:
			g.lines = lines
			p.code, p.gaps = append(p.code, l), append(p.gaps, g)
			g, lines = gap{}, 0
		}
	}
	g.lines = lines
	p.gaps = append(p.gaps, g)
}

// mark finds the pieces whose partner decides how they are laid out.
func (p *printer) mark() {
	p.casts, p.tests, p.labels = map[int]bool{}, map[int]bool{}, map[int]bool{}
	var open []int
	label := false
	for i, l := range p.code {
		switch {
		case l.Kind == syntax.LexWord && (l.Text == "case" || l.Text == "default") && p.labelStart(i):
			label = true
		case l.Kind != syntax.LexOp:
		case l.Text == "(" || l.Text == "[":
			open = append(open, i)
		case (l.Text == ")" || l.Text == "]") && len(open) > 0:
			o := open[len(open)-1]
			open = open[:len(open)-1]
			p.casts[i] = l.Text == ")" && i == o+2 && (p.code[o+1].Text == "int" || p.code[o+1].Text == "str") && p.prefix(o)
			p.tests[i] = l.Text == "]" && p.testBracket(o)
		case l.Text == ":" && label && len(open) == 0:
			p.labels[i], label = true, false
		case l.Text == ";" || l.Text == "{" || l.Text == "}":
			label, open = false, nil
		}
	}
}

func (p *printer) labelStart(i int) bool {
	return i > 0 && (p.isOp(i-1, ";") || p.isOp(i-1, "{") || p.isOp(i-1, "}") || p.labels[i-1])
}

// top tells whether nothing is open.
func (p *printer) top() bool { return len(p.stack) == 0 }

// indent is that of a statement that begins here.
func (p *printer) indent() int {
	if p.top() {
		return p.extra
	}
	f := p.stack[len(p.stack)-1]
	n := f.indent + p.extra
	if f.isSwitch && f.label {
		n++
	}
	return n
}

// continued is the indentation of a line that continues a statement.
func (p *printer) continued() int {
	if len(p.stack) == 0 {
		return 1
	}
	for i := len(p.stack) - 1; i >= 0; i-- {
		if p.stack[i].block {
			f := p.stack[i]
			n := f.indent + p.extra + 2
			if f.isSwitch && f.label {
				n++
			}
			return n
		}
	}
	return 1
}

// between writes what comes before piece i: comments, directives, a line end or
// a blank.
func (p *printer) between(i int) {
	g := &p.gaps[i]
	p.endHeads(i)
	if len(g.items) > 0 {
		p.items(i, g)
	}
	if i == 0 || p.breaks(i, g) {
		p.newLine(i, g)
		return
	}
	if p.space(i) {
		p.write(" ")
	}
}

// endHeads sees that the condition of an if or a while is over, and that a
// statement follows.
func (p *printer) endHeads(i int) {
	n := len(p.heads)
	if n == 0 || p.heads[n-1] != len(p.stack) || !p.isOp(i-1, ")") {
		return
	}
	r := p.code[i]
	if r.Kind == syntax.LexOp && (binary[r.Text] || strings.Contains("- * / % [ .", r.Text)) || r.Kind == syntax.LexWord && wordOps[r.Text] {
		return
	}
	p.heads = p.heads[:n-1]
	p.start = true
	if !p.isOp(i, "{") {
		p.extra++
	}
}

// breaks tells whether piece i begins a line.
func (p *printer) breaks(i int, g *gap) bool {
	r := p.code[i]
	if n := len(g.items); n > 0 {
		last := g.items[n-1]
		if last.Kind != syntax.LexComment || !strings.HasPrefix(last.Text, "/*") || g.lines > 0 {
			return true
		}
	}
	switch {
	case p.isOp(i-1, "{") && p.blockOpen():
		return !p.isOp(i, "}")
	case p.isOp(i-1, ";") && !p.inOperand(), p.labels[i-1], p.isOp(i, "}") && p.blockOpen():
		return true
	case p.isOp(i, ";") && (p.isOp(i-1, "}") || g.lines > 0):
		return false
	case p.isOp(i-1, "}") && p.start:
		return r.Text != "else" || r.Kind != syntax.LexWord
	case p.isOp(i, ",") || p.isOp(i, "{") && p.opensBlock(i) || r.Text == "else" && p.isOp(i-1, "}"):
		return false
	case p.top() && p.startsItem(i):
		return true
	}
	return g.lines > 0
}

// startsItem tells whether a top-level statement begins.
func (p *printer) startsItem(i int) bool {
	if !p.isWord(i) {
		return false
	}
	w := p.code[i].Text
	switch {
	case topWords[w]:
		return true
	case blockWords[w]:
		return p.isOp(i+1, "{") || p.isOp(i+1, "[")
	}
	if p.isOp(i+1, "[") && p.isOp(i+3, "]") {
		i += 3
	}
	return p.isOp(i+1, "=") && !p.isOp(i-1, ".") || p.isOp(i+1, ".") && p.isWord(i+2) && p.isOp(i+3, "=")
}

// inOperand tells whether the innermost brace begins an operand.
func (p *printer) inOperand() bool {
	n := len(p.stack)
	return n > 0 && !p.stack[n-1].block && p.code[p.stack[n-1].open].Text == "{"
}

func (p *printer) blockOpen() bool {
	return len(p.stack) > 0 && p.stack[len(p.stack)-1].block
}

// opensBlock tells the brace of a block from one that begins an operand.
func (p *printer) opensBlock(i int) bool {
	if i == 0 || p.start {
		return true
	}
	l := p.code[i-1]
	switch l.Kind {
	case syntax.LexOp:
		return strings.Contains(") ] } { ;", l.Text) || p.labels[i-1]
	case syntax.LexWord:
		return l.Text == "else" || !beforeValue[l.Text]
	}
	return true
}

// newLine begins a line with piece i.
func (p *printer) newLine(i int, g *gap) {
	if p.top() && p.startsItem(i) {
		p.start, p.extra = true, 0
	}
	n := p.continued()
	if p.start {
		n = p.lineIndent(i)
	}
	blank := g.lines > 1 && !p.isOp(i, "}") && !(p.isOp(i-1, "{") && len(g.items) == 0)
	p.lines = append(p.lines, line{indent: n, blank: blank})
}

// lineIndent is the indentation of the statement that begins with piece i.
func (p *printer) lineIndent(i int) int {
	switch {
	case p.isOp(i, "}") && !p.top():
		f := p.stack[len(p.stack)-1]
		return f.indent - 1
	case p.isLabel(i):
		return p.stack[len(p.stack)-1].indent
	case p.isWord(i) && p.code[i].Text == "else" && p.lastIf() >= 0:
		p.extra = p.lastIf()
	}
	return p.indent()
}

// lastIf is the extra indentation of the if that an else here belongs to; -1 if
// there is none.
func (p *printer) lastIf() int {
	if n := len(p.ifs); n > 0 {
		return p.ifs[n-1]
	}
	return -1
}

func (p *printer) isLabel(i int) bool {
	if !p.isWord(i) || p.top() || !p.stack[len(p.stack)-1].isSwitch {
		return false
	}
	return p.code[i].Text == "case" || p.code[i].Text == "default"
}

func (p *printer) write(s string) {
	if len(p.lines) == 0 {
		p.lines = append(p.lines, line{})
	}
	l := &p.lines[len(p.lines)-1]
	if l.comment != "" { // a comment inside of the line
		l.text += " " + l.comment
		l.comment = ""
	}
	l.text += s
}
