package syntax

import "strings"

// binding powers of the binary operators, lowest to highest. The bit operators
// bind tighter than && and looser than ==, << looser than >>.
var infix = map[string]struct {
	power int
	op    string
}{
	"||": {2, "||"}, "or": {2, "||"},
	"&&": {3, "&&"}, "and": {3, "&&"},
	"|": {4, "|"}, "&": {5, "&"}, "^": {6, "^"}, "<<": {7, "<<"}, ">>": {8, ">>"},
	"==": {9, "=="}, "!=": {9, "!="}, "=~": {9, "=~"}, "!~": {9, "!~"},
	"ieq": {9, "ieq"}, "ine": {9, "ine"}, "eq": {9, "eq"}, "ne": {9, "ne"},
	"<": {10, "<"}, ">": {10, ">"}, "<=": {10, "<="}, ">=": {10, ">="},
	"+": {11, "+"}, "-": {11, "-"},
	"*": {12, "*"}, "/": {12, "/"}, "mod": {12, "mod"}, "%": {12, "mod"},
}

// binding powers of the prefix operators.
const (
	powerUnary   = 13
	powerDefined = 14
	powerCast    = 15
)

// expr parses operators that bind tighter than min.
func (p *parser) expr(min int) *Expr {
	defer p.nest()()
	left := p.prefix()
	for chain := 0; ; chain++ {
		in, ok := infix[p.tok.Str]
		if !ok || p.tok.Kind != tOp && p.tok.Kind != tID || in.power <= min {
			return left
		}
		if chain >= MaxChain {
			p.lex.fatal(p.tok.At, KindLimit, "split the expression", "more than %d operators in one expression", MaxChain)
			panic(bailout{})
		}
		op := p.tok
		p.advance()
		left = &Expr{Kind: Binary, Op: in.op, OpAt: op.At, X: left, Mode: op.Mode}
		left.Y = p.operand(in.power, op)
		left.At = left.X.At.To(left.Y.At)
	}
}

// operand parses what stands right of a binary operator.
func (p *parser) operand(power int, op token) *Expr {
	if p.tok.Kind == tEOF || p.tok.op(";") || p.tok.op(")") || p.tok.op("}") || p.tok.op("{") && op.Str != "=" && !p.blockOperand() {
		p.fail(op.At, "an operator needs a value on both sides", "nothing to the right of %s", op.describe())
	}
	return p.expr(power)
}

// blockOperand: { statements } as operand is rare; a { at the end of a line
// opens the body of an if.
func (p *parser) blockOperand() bool { return !p.peek(1).Line }

var boolWords = map[string]int32{"yes": 1, "true": 1, "on": 1, "enable": 1, "no": 0, "false": 0, "off": 0, "disable": 0}

// prefix parses unary operators and primaries.
func (p *parser) prefix() *Expr {
	t := p.tok
	switch {
	case t.op("!"), t.id("not"):
		return p.unary("!", powerUnary)
	case t.op("~"):
		return p.unary("~", powerUnary)
	case t.op("-"):
		return p.minus()
	case t.id("defined"):
		return p.unary("defined", powerDefined)
	case t.id("strlen"), t.id("strempty"):
		return p.strOp()
	case t.op("("):
		return p.paren()
	case t.op("["):
		return p.test()
	case t.op("{"):
		at := t.At
		b := p.block()
		return &Expr{Kind: BlockEx, Block: b, At: at.To(p.prev.At), Mode: t.Mode}
	case t.op("%") && p.peek(1).Kind == tID && p.adjacent(1):
		return p.attribute()
	}
	return p.primary()
}

func (p *parser) unary(op string, power int) *Expr {
	t := p.tok
	p.advance()
	x := p.operandOf(t, power)
	return &Expr{Kind: Unary, Op: op, OpAt: t.At, X: x, At: t.At.To(x.At), Mode: t.Mode}
}

func (p *parser) operandOf(t token, power int) *Expr {
	if p.tok.Kind == tEOF || p.tok.op(";") || p.tok.op(")") || p.tok.op("}") {
		p.fail(t.At, "", "nothing after %s", t.describe())
	}
	return p.expr(power - 1)
}

// minus parses a negative number or a negation.
func (p *parser) minus() *Expr {
	t := p.tok
	if n := p.peek(1); n.Kind == tNum {
		p.advance()
		p.advance()
		return &Expr{Kind: Number, Int: -p.prev.Int, Str: "-" + p.prev.Str, At: t.At.To(p.prev.At), Mode: t.Mode}
	}
	return p.unary("-", powerUnary)
}

// strOp parses strlen(x) and strempty(x).
func (p *parser) strOp() *Expr {
	t := p.tok
	p.advance()
	p.expect("(", "after "+t.Str, "write "+t.Str+"(value)")
	x := p.expr(0)
	p.expect(")", "to close "+t.Str+"(", "")
	return &Expr{Kind: Unary, Op: t.Str, OpAt: t.At, X: x, At: t.At.To(p.prev.At), Mode: t.Mode}
}

// paren parses (x), a cast (int)x, (str)x, or an assignment ($x = y).
func (p *parser) paren() *Expr {
	open := p.tok
	if n := p.peek(1); (n.id("int") || n.id("str")) && p.peek(2).op(")") {
		op := n.Str
		p.advance()
		p.advance()
		return p.unary(op, powerCast)
	}
	p.advance()
	if p.tok.op(")") {
		p.fail(open.At.To(p.tok.At), "", "nothing between the parentheses")
	}
	x := p.expr(0)
	if p.tok.op("=") {
		p.checkLeft(x)
		x = &Expr{Kind: AssignEx, Op: "=", OpAt: p.tok.At, X: x, Mode: open.Mode}
		p.advance()
		x.Y = p.expr(0)
		x.At = x.X.At.To(x.Y.At)
	}
	p.closeParen(open, ")")
	x.Paren = true
	x.At = open.At.To(p.prev.At)
	return x
}

// test parses [ x ], which is the same as (x).
func (p *parser) test() *Expr {
	open := p.tok
	p.advance()
	x := p.expr(0)
	p.closeParen(open, "]")
	x.Paren = true
	x.At = open.At.To(p.prev.At)
	return x
}

// closeParen expects the partner of an opening bracket, and names that if it
// is missing.
func (p *parser) closeParen(open token, close string) {
	if p.accept(close) {
		return
	}
	if p.tok.Kind == tEOF || p.tok.op(";") || p.tok.op("{") || p.tok.op("}") || p.tok.Line || p.prev.op(")") && p.tok.Kind == tID {
		p.fail(open.At, "", "this %s is never closed: %s missing before %s", open.Str, close, p.tok.describe())
	}
	p.unexpected("an operator or "+quoteOp(close), "")
}

// attribute parses %name.
func (p *parser) attribute() *Expr {
	at := p.tok.At
	mode := p.tok.Mode
	p.advance()
	v := &VarRef{Name: p.tok.Str}
	p.advance()
	for p.tok.op(".") && p.adjacent(0) && p.peek(1).Kind == tID && p.adjacent(1) {
		p.advance()
		v.Name += "." + p.tok.Str
		p.advance()
	}
	e := &Expr{Kind: Attribute, Var: v, Mode: mode}
	p.attrIndex(v)
	e.At = at.To(p.prev.At)
	v.At = e.At
	return e
}

// attrIndex parses [], [n] or [-n] directly after an attribute.
func (p *parser) attrIndex(v *VarRef) {
	if !p.tok.op("[") || p.tok.Space {
		return
	}
	p.advance()
	if p.accept("]") {
		v.Reset = true
		return
	}
	neg := p.accept("-")
	switch {
	case p.tok.Kind == tNum:
		v.Index = p.tok.Str
		if neg {
			v.Index = "-" + v.Index
		}
	case p.tok.op("*") && !neg:
		v.Index = "*"
	default:
		p.unexpected("a number in the index", "write [n]")
	}
	v.HasIndex = true
	p.advance()
	p.expect("]", "after the index", "")
}

// primary parses constants, variables, selects, calls and keyword tests.
func (p *parser) primary() *Expr {
	t := p.tok
	e := &Expr{At: t.At, Mode: t.Mode, Str: t.Str}
	switch t.Kind {
	case tBad:
		panic(bailout{})
	case tNum:
		e.Kind, e.Int = Number, t.Int
		p.checkPlus(&t)
		p.advance()
	case tStr, tRaw:
		txt := p.joinStrings()
		e.Kind, e.Str, e.At = String, txt.Str, txt.At
	case tVar:
		p.advance()
		e.Kind, e.Var = Variable, p.varToken(t)
		p.attrIndex(e.Var)
		p.outerTransformation(t)
		e.At = t.At.To(p.prev.At)
	case tSelect:
		p.advance()
		e.Kind, e.Sel, e.Str = SelectEx, t.Sel, ""
	case tIPv4, tIPv6:
		return p.net()
	case tID:
		return p.name()
	default:
		p.unexpected("a value", p.meantOp())
	}
	return e
}

// meantOp is a hint for two operators in a row that are one in other languages.
func (p *parser) meantOp() string {
	if !p.adjacent(0) && p.tok.Str != "=" || p.tok.Kind != tOp || p.prev.Kind != tOp {
		return ""
	}
	op := map[string]string{"++": "$x = $x + 1", "=>": ">=", "=<": "<=", "<>": "!=", "==": "==", "===": "==", "!==": "!=", "=!": "!="}[p.prev.Str+p.tok.Str]
	if op == "" {
		return ""
	}
	return "write " + op
}

// outerTransformation reports $name{...}, which is $(name{...}), and passes over it.
func (p *parser) outerTransformation(v token) {
	if !p.tok.op("{") || !p.adjacent(0) || p.peek(1).Kind != tID || !strings.HasPrefix(v.Str, "$") || strings.HasPrefix(v.Str, "$(") {
		return
	}
	at, text := v.At, clip(v.Str[1:], 40)
	for p.tok.Kind != tEOF && !p.tok.op("}") && !p.tok.op(";") {
		if p.advance(); p.tok.Line {
			break
		}
	}
	at = at.To(p.tok.At)
	p.accept("}")
	p.report(at, "write $("+text+"{...})", "transformations stand in the parentheses of a variable")
}

// varToken takes a variable apart; the culprit inside it gets the caret.
func (p *parser) varToken(t token) *VarRef {
	v, err := ParseVar(t.Str)
	if err != nil {
		at := SubSpan(t.At, len(t.Str), err.Offset, err.Len)
		p.fail(at, err.Hint, "%s", err.Msg)
	}
	v.At = t.At
	return v
}

// SubSpan narrows the span of a text of n bytes to len bytes at offset. It can
// do so only for text that stands in one line exactly as it is meant.
func SubSpan(at Span, n, offset, length int) Span {
	if at.Define > 0 || at.Line != at.EndLine || int(at.EndCol-at.Col)+1 != n {
		return at
	}
	at.Col += int32(min(offset, n-1))
	at.EndCol = min(at.Col+int32(max(length, 1))-1, at.EndCol)
	return at
}
