package syntax

import "fmt"

// parser turns tokens into a tree by recursive descent. A statement that does
// not parse is reported once and skipped; parsing goes on behind it.
type parser struct {
	lex    *lexer
	tok    token
	ahead  []token
	prev   token
	depth  int
	count  int  // tokens passed; shows progress
	braces int  // passed so far
	owed   bool // a missing } was reported: those that close nothing are no news
	closed bool // a missing } was reported; blocks end silently up to the top
}

// bailout unwinds to the nearest statement or top-level item.
type bailout struct{}

// Parse reads a configuration and everything it includes. Errors are in the
// diagnostics; the tree holds what could be understood.
func Parse(name string, src []byte, opt Options) (*Tree, *Diagnostics) {
	return parseAll(newLexer(name, src, opt))
}

func parseAll(l *lexer) (*Tree, *Diagnostics) {
	p := &parser{lex: l}
	p.advance()
	tree := &Tree{Files: l.files}
	for p.tok.Kind != tEOF {
		before := p.tok.At
		if item := p.item(); item != nil {
			tree.Items = append(tree.Items, item)
		}
		if p.tok.At == before && p.tok.Kind != tEOF && p.lex.stop {
			break
		}
	}
	l.unclosedIfs()
	return tree, l.diag
}

func (p *parser) advance() {
	p.count++
	if p.tok.op("{") || p.tok.op("}") {
		p.braces++
	}
	p.prev = p.tok
	if len(p.ahead) > 0 {
		p.tok = p.ahead[0]
		p.ahead = p.ahead[1:]
		return
	}
	p.tok = p.lex.next()
}

// peek returns the n-th token after the current one; peek(0) is the current.
func (p *parser) peek(n int) *token {
	if n == 0 {
		return &p.tok
	}
	for len(p.ahead) < n {
		p.ahead = append(p.ahead, p.lex.next())
	}
	return &p.ahead[n-1]
}

// fail reports an error and unwinds. After an error of the lexer nothing more
// is said: the culprit has been named.
func (p *parser) fail(at Span, hint, format string, args ...any) {
	p.report(at, hint, format, args...)
	panic(bailout{})
}

func (p *parser) report(at Span, hint, format string, args ...any) {
	if p.tok.Kind == tBad || p.prev.Kind == tBad || p.lex.stop {
		return
	}
	p.lex.errorf(at, KindSyntax, hint, format, args...)
}

// unexpected reports the current token. A string over several lines just before
// it is the likelier culprit.
func (p *parser) unexpected(what, hint string) {
	if (p.prev.Kind == tStr || p.prev.Kind == tRaw) && p.prev.At.EndLine > p.prev.At.Line {
		at := p.prev.At
		at.EndLine, at.EndCol = at.Line, at.Col
		p.report(at, "is its closing quote missing?", "string runs on to line %d, where %s was expected", p.prev.At.EndLine, what)
		p.lex.stop = true // from here on what is text and what is not is inverted
		p.tok, p.ahead = p.lex.next(), nil
		panic(bailout{})
	}
	p.fail(p.tok.At, hint, "%s expected, got %s", what, p.tok.describe())
}

// guard runs f and tells whether it came to its end.
func (p *parser) guard(f func()) (ok bool) {
	depth := p.depth
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(bailout); !is {
				panic(r)
			}
			p.depth = depth
			ok = false
		}
	}()
	f()
	return true
}

// nest counts nesting; the returned function ends it.
func (p *parser) nest() func() {
	if p.depth++; p.depth > MaxNesting {
		p.lex.fatal(p.tok.At, KindLimit, "move parts to routes of their own", "nested more than %d levels deep", MaxNesting)
		p.tok = p.lex.next()
		p.ahead = nil
		panic(bailout{})
	}
	return func() { p.depth-- }
}

func (p *parser) accept(op string) bool {
	if p.tok.op(op) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) expect(op, where, hint string) {
	if !p.accept(op) {
		if p.tok.Line && p.prev.Kind != tBad && p.prev.At.EndLine == p.prev.At.Line && p.prev.At.File == p.tok.At.File { // it is missing at the end of the line before
			p.fail(p.afterPrev(), hint, "%q %s expected, got %s in the next line", op, where, p.tok.describe())
		}
		p.unexpected(fmt.Sprintf("%q %s", op, where), hint)
	}
}

// adjacent tells whether the n-th token follows the one before without blanks.
func (p *parser) adjacent(n int) bool { return !p.peek(n).Space }

// afterPrev is the place just behind the previous token.
func (p *parser) afterPrev() Span {
	s := p.prev.At
	if s.Define > 0 {
		return s
	}
	s.Line, s.Col = s.EndLine, s.EndCol+1
	s.EndCol = s.Col
	return s
}
