package format

import (
	"goser/cfg/syntax"
)

func words(list ...string) map[string]bool {
	m := map[string]bool{}
	for _, w := range list {
		m[w] = true
	}
	return m
}

var (
	// operators that are words
	wordOps = words("and", "or", "mod", "eq", "ne", "ieq", "ine", "not")
	// words with a blank before the parenthesis that follows
	spaced = words("if", "while", "switch", "case", "else", "and", "or", "mod", "eq", "ne", "ieq", "ine", "not")
	// words after which a value begins
	beforeValue = words("if", "while", "switch", "case", "else", "return", "exit", "drop", "defined", "and", "or", "mod", "eq", "ne", "ieq", "ine", "not")
	binary      = words("==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "<<", ">>", "+=", "=", "<", ">", "+", "&", "|", "^")
	glued       = words("==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "<<", ">>", "+=", "=>", "!!", "//", "/*", ":=", "-=")
	blockWords  = words("route", "request_route", "failure_route", "branch_route", "onreply_route", "reply_route", "onsend_route", "event_route")
	topWords    = words("loadmodule", "loadmodulex", "loadpath", "mpath", "modparam", "modparamx", "flags", "bool", "avpflags", "include_file", "import_file")
)

func (p *printer) isOp(i int, text string) bool {
	return i >= 0 && i < len(p.code) && p.code[i].Kind == syntax.LexOp && p.code[i].Text == text
}

func (p *printer) isWord(i int) bool {
	return i >= 0 && i < len(p.code) && p.code[i].Kind == syntax.LexWord
}

// namePart tells whether a piece can be part of a bare host or route name.
func (p *printer) namePart(i int) bool {
	if i < 0 || i >= len(p.code) {
		return false
	}
	switch k := p.code[i].Kind; k {
	case syntax.LexWord:
		return !wordOps[p.code[i].Text]
	case syntax.LexNumber, syntax.LexAddr:
		return true
	}
	return p.isOp(i, "]") || p.isOp(i, "*") || p.isOp(i, "[")
}

// prefix tells whether a value begins at i, so that an operator there has
// nothing to its left.
func (p *printer) prefix(i int) bool {
	if i == 0 {
		return true
	}
	l := p.code[i-1]
	switch l.Kind {
	case syntax.LexOp:
		return l.Text != ")" && l.Text != "]" && l.Text != "}"
	case syntax.LexWord:
		return beforeValue[l.Text]
	}
	return false
}

// space tells whether a blank stands between piece i-1 and piece i of a line.
func (p *printer) space(i int) bool {
	l, r := p.code[i-1], p.code[i]
	source := p.gaps[i].space
	if source && l.Kind == syntax.LexOp && r.Kind == syntax.LexOp && glued[l.Text+r.Text] {
		return true // in text that is wrong: without the blank they would be one
	}
	if l.Kind == syntax.LexOp {
		if yes, known := p.spaceAfter(i-1, source); known {
			return yes
		}
	}
	if r.Kind == syntax.LexOp {
		return p.spaceBefore(i, l, source)
	}
	return true
}

// spaceAfter decides by the operator to the left.
func (p *printer) spaceAfter(i int, source bool) (yes, known bool) {
	switch op := p.code[i].Text; op {
	case "(":
		return false, true
	case "{":
		return !p.isOp(i+1, "}"), true
	case "[":
		return p.testBracket(i), true
	case "!", "~":
		return source && p.isOp(i+1, "!"), true
	case "-":
		switch {
		case p.prefix(i):
			return false, true
		case p.inName(i):
			return source, true
		}
		return true, true
	case ")":
		if p.casts[i] {
			return false, true
		}
	case ".", ":", "?":
		return source, true
	case "/":
		if p.isWord(i-1) && p.code[i-1].Text == "case" {
			return false, true
		}
		return p.netSlash(i, source), true
	case "*":
		return p.star(i, source), true
	case "%":
		if p.prefix(i) {
			return source, true
		}
		return true, true
	case ",":
		return true, true
	}
	return false, false
}

// spaceBefore decides by the operator to the right.
func (p *printer) spaceBefore(i int, l syntax.Lexeme, source bool) bool {
	switch op := p.code[i].Text; op {
	case ";", ",", ")":
		return false
	case "]":
		return p.tests[i]
	case ":":
		return source && !p.labels[i]
	case ".", "?":
		return source
	case "(":
		if l.Kind == syntax.LexWord {
			return spaced[l.Text]
		}
		return source || l.Kind == syntax.LexOp && (binary[l.Text] || l.Text == "-" || l.Text == "/" || l.Text == "*" || l.Text == "%")
	case "[":
		if l.Kind == syntax.LexWord && blockWords[l.Text] && p.top() {
			return false
		}
		return source || p.prefix(i) && l.Kind != syntax.LexOp || l.Kind == syntax.LexOp && binary[l.Text]
	case "-":
		return !p.inName(i)
	case "/":
		if l.Kind == syntax.LexWord && l.Text == "case" {
			return true
		}
		return p.netSlash(i, source)
	case "*":
		return p.star(i, source)
	}
	return true
}

// inName tells the - in a host or route name from a minus.
func (p *printer) inName(i int) bool {
	if p.blockName(i) {
		return !p.gaps[i].space
	}
	if !p.namePart(i-1) && !p.isOp(i-1, ".") && !p.isOp(i-1, "-") || p.gaps[i].space {
		return false
	}
	if i+1 == len(p.code) {
		return true
	}
	switch p.code[i+1].Kind {
	case syntax.LexVar, syntax.LexSelect, syntax.LexString:
		return false
	}
	return !p.isOp(i+1, "(")
}

// blockName tells whether a piece stands in the brackets behind the word of a block,
// where every word is part of the name: event_route[htable:mod-init].
func (p *printer) blockName(i int) bool {
	for i--; i > 0 && !p.isOp(i, "]") && !p.isOp(i, "{"); i-- {
		if p.isOp(i, "[") {
			return p.isWord(i-1) && blockWords[p.code[i-1].Text]
		}
	}
	return false
}

// netSlash keeps 10.0.0.0/8 together.
func (p *printer) netSlash(i int, source bool) bool {
	if p.namePart(i-1) && p.namePart(i+1) {
		return source
	}
	return true
}

// star keeps *:5060 and udp:* together.
func (p *printer) star(i int, source bool) bool {
	if p.isOp(i-1, ":") || p.isOp(i+1, ":") || p.prefix(i) {
		return source || p.isOp(i-1, "=")
	}
	return true
}

// testBracket tells [ $x == 1 ] from an index or an IPv6 address.
func (p *printer) testBracket(i int) bool {
	return p.prefix(i) && !(i+1 < len(p.code) && p.code[i+1].Kind == syntax.LexAddr) && !p.isOp(i-1, ":")
}
