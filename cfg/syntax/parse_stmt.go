package syntax

import "fmt"

// block parses { statements }.
func (p *parser) block() *Block {
	open := p.tok
	p.expect("{", "to open the block", "")
	defer p.nest()()
	b := &Block{At: open.At}
	b.Stmts = p.stmts(open)
	b.At = b.At.To(p.prev.At)
	return b
}

// stmts parses statements up to and including the closing brace of a block.
func (p *parser) stmts(open token) []*Stmt {
	var list []*Stmt
	for {
		switch {
		case p.closed:
			return list
		case p.accept("}"):
			return list
		case p.tok.Kind == tEOF || p.tok.Line && p.atBlock():
			p.missingBrace(open)
			return list
		case p.tok.id("case") || p.tok.id("default") && p.peek(1).op(":"):
			p.strayCase()
			continue
		}
		if s := p.guardedStmt(); s != nil {
			list = append(list, s)
		}
	}
}

// strayCase reports a label outside of a switch and passes over it.
func (p *parser) strayCase() {
	p.report(p.tok.At, "write switch (value) { case ...: }", "%s outside of a switch", p.tok.describe())
	line := p.tok.At.Line
	for p.advance(); p.tok.Kind != tEOF && p.tok.At.Line == line && !p.tok.op("}"); p.advance() {
		if p.accept(":") {
			return
		}
	}
}

// missingBrace reports once that a block never closes.
func (p *parser) missingBrace(open token) {
	p.closed, p.owed = true, true
	if p.tok.Kind == tEOF && len(p.lex.ifs) > 0 {
		return // the } may stand in what an #!ifdef without end leaves out
	}
	p.report(open.At, "add the } that ends it", "block is never closed: } missing before %s", p.tok.describe())
}

// guardedStmt parses a statement. Of one that is wrong its place is kept, if it ends
// where its author has ended it.
func (p *parser) guardedStmt() (s *Stmt) {
	start, braces, found := p.tok, p.braces, len(p.lex.diag.List)
	if p.guardStmt(func() { s = p.stmt() }) {
		return s
	}
	if p.braces != braces || !p.prev.op(";") || p.lex.stop {
		return nil
	}
	p.lex.diag.contain(found)
	at := start.At.To(p.prev.At)
	return &Stmt{Kind: ExprStmt, X: &Expr{Kind: Wrong, At: at, Mode: start.Mode}, Mode: start.Mode, At: at}
}

func (p *parser) guardStmt(f func()) bool {
	before := p.count
	if p.guard(f) {
		return true
	}
	p.syncStmt()
	if p.count == before && p.tok.Kind != tEOF {
		p.advance()
	}
	return false
}

// syncStmt skips the rest of a bad statement: to its ; or to the } of the
// enclosing block. Braces inside it are skipped in pairs.
func (p *parser) syncStmt() {
	depth := 0
	for ; p.tok.Kind != tEOF; p.advance() {
		switch {
		case p.tok.op("{"):
			depth++
		case p.tok.op("}"):
			if depth == 0 {
				return
			}
			if depth--; depth == 0 && !p.peek(1).id("else") {
				p.advance()
				return
			}
		case p.tok.op(";") && depth == 0:
			p.advance()
			return
		case p.tok.Line && p.atBlock():
			return
		case depth == 0 && p.tok.Line && p.stmtStart():
			return
		}
	}
}

// stmtStart tells whether a line starts with a word that can only start a
// statement, so that a missing ; costs no more than one statement.
func (p *parser) stmtStart() bool {
	switch p.tok.Str {
	case "if", "while", "switch", "return", "exit", "drop", "break", "case":
		return p.tok.Kind == tID
	}
	return p.tok.Kind == tID && p.peek(1).op("(") && p.prev.op(")")
}

// body parses a statement or a block after if, else and while.
func (p *parser) body() *Block {
	if p.tok.op("{") {
		return p.block()
	}
	if p.tok.op("}") || p.tok.Kind == tEOF {
		p.unexpected("a statement", "write { } for nothing")
	}
	defer p.nest()()
	start := p.tok.At
	s := p.stmt()
	return &Block{Stmts: []*Stmt{s}, At: start.To(p.prev.At)}
}

func (p *parser) stmt() *Stmt {
	t := p.tok
	if (t.id("modparam") || t.id("modparamx")) && p.peek(1).op("(") {
		p.modParam(t.Str)
		p.fail(t.At, "it stands outside of route { ... }, behind its loadmodule", "%s inside of a route block", t.Str)
	}
	s := &Stmt{Mode: t.Mode, At: t.At}
	switch {
	case t.op(";"):
		p.advance()
		return s
	case t.op("{"):
		s.Kind, s.Then = BlockStmt, p.block()
		return s
	case t.Kind == tID:
		if p.keywordStmt(s, t.Str) {
			return s
		}
	}
	p.simple(s)
	s.At = s.At.To(p.prev.At)
	p.semicolon()
	return s
}

// keywordStmt parses statements that start with a word of their own.
func (p *parser) keywordStmt(s *Stmt, word string) bool {
	switch word {
	case "if":
		p.ifStmt(s)
	case "while":
		p.advance()
		s.Kind, s.X, s.Then = While, p.condition("while"), p.body()
	case "switch":
		p.switchStmt(s)
	case "break":
		s.Kind = Break
		p.advance()
		if p.tok.op("(") && p.peek(1).op(")") {
			p.report(p.tok.At.To(p.peek(1).At), "write break;", "break takes no parentheses")
			p.advance()
			p.advance()
		}
		p.semicolon()
	case "return", "exit", "drop":
		p.flow(s, word)
	case "elseif", "elsif", "elif", "elseIf":
		if !p.peek(1).op("(") || !p.prev.op("}") && !p.prev.op(";") {
			return false
		}
		p.fail(s.At, "write else if (condition) ...", "there is no %s", word)
	case "for", "foreach", "do", "repeat", "continue", "goto", "gosub":
		return p.foreignStmt(s, word)
	case "else":
		p.fail(s.At, "else follows the statement or block of an if; is there a ; or a } too many before it?", "else without if")
	default:
		return false
	}
	return true
}

// foreignStmt reports a statement of other languages, and reads its body.
func (p *parser) foreignStmt(s *Stmt, word string) bool {
	next, hint := p.peek(1), "write while (condition) { ... }"
	switch word {
	case "continue":
		if !next.op(";") {
			return false
		}
		hint = "write if (condition) { ... } around what is left out; break ends the loop"
	case "goto", "gosub":
		if next.op("(") {
			return false
		}
		hint = "write route(NAME);"
	default:
		if !next.op("(") && !next.op("{") && next.Kind != tVar {
			return false
		}
	}
	p.report(s.At, hint, "there is no %s", word)
	for depth := 0; !p.tok.op("{") && p.tok.Kind != tEOF && (depth > 0 || !p.tok.op(";") && !p.tok.op("}")); p.advance() {
		switch {
		case p.tok.op("("):
			depth++
		case p.tok.op(")"):
			depth--
		}
	}
	s.Kind, s.X = If, &Expr{Kind: Wrong, At: s.At.To(p.prev.At), Mode: s.Mode}
	if p.tok.op("{") {
		s.Then = p.body()
	} else {
		p.accept(";")
		s.Then = &Block{At: s.At}
	}
	return true
}

func (p *parser) flow(s *Stmt, word string) {
	s.Kind = map[string]StmtKind{"return": Return, "exit": Exit, "drop": Drop}[word]
	p.advance()
	switch {
	case p.tok.op("(") && p.peek(1).op(")"):
		p.advance()
		p.advance()
	case p.tok.op(";"), p.tok.op("}"), p.tok.Line:
	default:
		s.X = p.expr(0)
	}
	s.At = s.At.To(p.prev.At)
	p.semicolon()
}

// semicolon ends a statement. A missing one is reported at its place, and
// nothing is skipped.
func (p *parser) semicolon() {
	if p.accept(";") {
		return
	}
	if p.tok.Line || p.tok.op("}") || p.tok.Kind == tEOF {
		p.report(p.afterPrev(), "end every statement with ;", "; missing after this statement")
		return
	}
	if p.tok.op(".") {
		p.unexpected(`";"`, "texts are joined with +")
	}
	p.unexpected(`";"`, "end every statement with ;")
}

// simple parses an assignment or an expression.
func (p *parser) simple(s *Stmt) {
	x := p.expr(0)
	switch {
	case p.tok.op("="):
		p.checkLeft(x)
		p.advance()
		s.Kind, s.Left = Assign, x
		s.X = p.expr(0)
	case p.tok.op("+="), p.tok.op(":") && p.peek(1).op("=") && p.adjacent(1):
		p.fail(p.tok.At, "write $x = $x + value; $(avp(x)[*]) = value replaces all values", "there is no such assignment operator")
	default:
		s.Kind, s.X = ExprStmt, x
	}
}

func (p *parser) checkLeft(x *Expr) {
	if x.Kind != Variable && x.Kind != Attribute {
		p.fail(x.At, "only variables can be assigned: $name = value", "left side of = is not a variable")
	}
}

// condition parses the expression of if, while and switch. One that is wrong is
// reported and passed over, so that what is wrong in the body is said too.
func (p *parser) condition(word string) *Expr {
	start, braces, found := p.tok, p.braces, len(p.lex.diag.List)
	var x *Expr
	if p.guard(func() { x = p.conditionExpr(word) }) {
		return x
	}
	p.syncCondition()
	if p.tok.op("{") && p.braces == braces && !p.lex.stop {
		p.lex.diag.contain(found)
	}
	return &Expr{Kind: Wrong, At: start.At.To(p.prev.At), Mode: start.Mode}
}

// syncCondition skips to where the body of a statement may begin. No word can
// follow a ) inside of an expression, but for the operators that are words.
func (p *parser) syncCondition() {
	for ; p.tok.Kind != tEOF; p.advance() {
		_, operator := infix[p.tok.Str]
		switch {
		case p.prev.op(")") && p.tok.Kind == tID && !operator, p.prev.op(")") && p.tok.Kind == tVar:
			return
		case p.tok.op("{"):
			return
		case p.tok.op(";"), p.tok.op("}"), p.tok.Line && (p.atBlock() || p.stmtStart()):
			return
		}
	}
}

func (p *parser) conditionExpr(word string) *Expr {
	if p.tok.op("{") || p.tok.op(";") || p.tok.op("(") && p.peek(1).op(")") {
		p.fail(p.tok.At, "write "+word+" (condition) ...", "condition missing after %s", word)
	}
	return p.expr(0)
}

func (p *parser) ifStmt(s *Stmt) {
	for chain := 0; ; chain++ {
		s.Kind = If
		p.advance()
		s.X = p.condition("if")
		s.At = s.At.To(p.prev.At)
		s.Then = p.body()
		if !p.tok.id("else") || p.closed {
			return
		}
		p.advance()
		if !p.tok.id("if") {
			s.Else = p.body()
			return
		}
		if chain >= MaxChain {
			p.lex.fatal(p.tok.At, KindLimit, "use switch", "more than %d else-ifs in one if", MaxChain)
			panic(bailout{})
		}
		next := &Stmt{Mode: p.tok.Mode, At: p.tok.At}
		s.Else = &Block{Stmts: []*Stmt{next}, At: p.tok.At}
		s = next
	}
}

func (p *parser) switchStmt(s *Stmt) {
	s.Kind = Switch
	p.advance()
	s.X = p.condition("switch")
	s.At = s.At.To(p.prev.At)
	open := p.tok
	p.expect("{", "after switch (...)", "write switch (value) { case 1: ... default: ... }")
	defer p.nest()()
	for !p.accept("}") {
		if p.closed {
			return
		}
		if p.tok.Kind == tEOF || p.tok.Line && p.atBlock() {
			p.missingBrace(open)
			return
		}
		p.guardStmt(func() { s.Cases = append(s.Cases, p.caseLabel()) })
	}
}

func (p *parser) caseLabel() *Case {
	c := &Case{At: p.tok.At}
	switch {
	case p.tok.id("case"):
		p.caseValue(c)
	case p.tok.id("default"):
		p.advance()
	default:
		p.fail(p.tok.At, "statements in a switch follow case VALUE: or default:", "case or default expected, got %s", p.tok.describe())
	}
	c.At = c.At.To(p.prev.At)
	if c.X == nil || c.X.Kind != Wrong || p.tok.op(":") {
		p.expect(":", "after the label", "write case VALUE: or default:")
	}
	c.Body = &Block{At: p.tok.At}
	for !p.tok.op("}") && !p.tok.id("case") && !p.tok.id("default") && p.tok.Kind != tEOF && !p.closed && !(p.tok.Line && p.atBlock()) {
		if s := p.guardedStmt(); s != nil {
			c.Body.Stmts = append(c.Body.Stmts, s)
		}
	}
	return c
}

// caseValue parses what follows case. One that is wrong is reported and passed
// over up to its colon, so that its statements are not taken for labels.
func (p *parser) caseValue(c *Case) {
	word := p.tok
	if p.guard(func() {
		p.advance()
		if c.Regex = p.accept("/"); c.Regex && p.tok.Kind != tStr && p.tok.Kind != tRaw && p.tok.Kind != tVar {
			p.bareRegex()
		}
		c.X = p.expr(0)
		if p.tok.op(",") {
			p.fail(p.tok.At, "write case 1: case 2: for several values", "only one value in a case")
		}
	}) {
		return
	}
	c.X = &Expr{Kind: Wrong, At: word.At, Mode: word.Mode}
	for p.tok.Kind != tEOF && !p.tok.Line && !p.tok.op(":") && !p.tok.op("}") {
		p.advance()
	}
}

// bareRegex reports an expression without quotes. What it is made of makes no
// sense as tokens, so the line is passed over.
func (p *parser) bareRegex() {
	p.report(p.prev.At, `write case /"expression":`, "the regular expression of a case stands in quotes")
	p.lex.quiet = true
	for p.tok.Kind != tEOF && !p.tok.Line && !(p.tok.op("}") && p.prev.op(";")) {
		p.advance()
	}
	p.lex.quiet = false
	panic(bailout{})
}

func quoteOp(op string) string { return fmt.Sprintf("%q", op) }
