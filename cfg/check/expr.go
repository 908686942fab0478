package check

import (
	"errors"

	"goser/cfg/ere"
	"goser/cfg/syntax"
)

// expr resolves an expression and folds what is constant. It never returns nil:
// what is wrong becomes a constant 0, after it was reported.
func (c *checker) expr(x *syntax.Expr) *Expr {
	c.mode = x.Mode
	out := &Expr{Pos: x.At}
	switch x.Kind {
	case syntax.Number:
		out.Op, out.Type, out.Int, out.Str = OpInt, TypeInt, x.Int, x.Str
	case syntax.String:
		out.Op, out.Type, out.Str = OpStr, TypeStr, x.Str
	case syntax.Variable, syntax.Attribute:
		out.Op = OpVar
		if out.Var = c.variable(x.Var, x.Kind == syntax.Attribute, 0); out.Var == nil {
			return c.wrong(x)
		}
	case syntax.SelectEx:
		return c.selectRef(x)
	case syntax.CallEx:
		return c.call(x)
	case syntax.Unary:
		return c.unary(x)
	case syntax.Binary:
		return c.binary(x)
	case syntax.AssignEx:
		out.Op, out.Type = OpAssign, TypeInt
		out.Var, out.X = c.target(x.X), raw(c.expr(x.Y))
	case syntax.BlockEx:
		out.Op, out.Type, out.Block = OpBlock, TypeInt, c.block(x.Block)
	case syntax.Wrong:
		return c.wrong(x)
	default:
		return c.misplaced(x)
	}
	return out
}

// wrong stands for an expression that was reported. Its type is unknown, so
// that it causes no further errors.
func (c *checker) wrong(x *syntax.Expr) *Expr {
	c.mention(x)
	return wrongCall(x, nil)
}

// wrongCall is wrong for a call, of whose arguments something is known.
func wrongCall(x *syntax.Expr, args []Arg) *Expr {
	return &Expr{
		Op: OpVar, Type: TypeAny, Pos: x.At, Var: &Var{Name: "null", Pos: x.At},
		Wrong: &Call{Name: x.Str, Args: args, Pos: x.At},
	}
}

// misplaced reports operands that mean something only beside a keyword.
func (c *checker) misplaced(x *syntax.Expr) *Expr {
	switch x.Kind {
	case syntax.NetEx:
		c.errorf(x.At, syntax.KindPlace, `write "`+x.Str+`"`, "an address without quotes can only be compared with src_ip, dst_ip, snd_ip or to_ip")
	case syntax.ProtoEx:
		c.errorf(x.At, syntax.KindPlace, "write proto=="+x.Str+`, or "`+x.Str+`"`, "%s can only be compared with proto or snd_proto", x.Str)
	case syntax.Myself:
		c.errorf(x.At, syntax.KindPlace, "write uri==myself", "myself can only be compared with uri, from_uri, to_uri and IP keywords")
	default:
		c.errorf(x.At, syntax.KindPlace, "text goes in quotes", "%q cannot stand here", x.Str)
	}
	return c.wrong(x)
}

func (c *checker) selectRef(x *syntax.Expr) *Expr {
	parts := make([]SelectPart, len(x.Sel.Parts))
	for i, p := range x.Sel.Parts {
		parts[i] = SelectPart(p)
	}
	info, err := c.cat.Select(parts, c.loaded)
	if err != nil {
		c.badSelect(x, parts[0].Name, err)
		return c.wrong(x)
	}
	if len(parts) == 3 && parts[0].Name == "cfg_get" {
		c.confVariable(x.At, parts[1].Name, parts[2].Name)
	}
	return &Expr{Op: OpSelect, Type: TypeStr, Pos: x.At, Select: &Select{Text: x.Sel.Text, Parts: parts, Info: info, Pos: x.At}}
}

func (c *checker) badSelect(x *syntax.Expr, root string, err error) {
	hint := c.didYouMean(root, SelectNames, "", "@", "")
	var unknown *UnknownName
	switch isUnknown := errors.As(err, &unknown); {
	case isUnknown && unknown.Module != "":
		c.notLoaded(unknown.Module, x.At, "select @"+root)
	case isUnknown && c.alien && hint == "": // it may be one of the module that does not exist
	default:
		c.errorf(x.At, syntax.KindName, hint, "select %s: %s", x.Sel.Text, err)
	}
}

var unaryOps = map[string]struct {
	op  Op
	typ Type
}{
	"!": {OpNot, TypeInt}, "-": {OpNeg, TypeInt}, "~": {OpBitNot, TypeInt}, "defined": {OpDefined, TypeInt},
	"int": {OpToInt, TypeInt}, "str": {OpToStr, TypeStr}, "strlen": {OpStrlen, TypeInt}, "strempty": {OpStrempty, TypeInt},
}

func (c *checker) unary(x *syntax.Expr) *Expr {
	u := unaryOps[x.Op]
	v := c.expr(x.X)
	switch {
	case (u.op == OpNeg || u.op == OpBitNot) && v.Op == OpStr:
		c.errorf(x.X.At, syntax.KindType, "write a number, or (int)\"...\"", "%s needs a number, not a string", x.Op)
		return c.wrong(x)
	case (u.op == OpStrlen || u.op == OpStrempty) && v.Op == OpInt:
		c.errorf(x.X.At, syntax.KindType, "write a string or a variable", "%s needs a string, not a number", x.Op)
		return c.wrong(x)
	case u.op == OpToInt && v.Type == TypeInt && !isCode(v), u.op == OpToStr && v.Type == TypeStr:
		return v
	}
	return fold(&Expr{Op: u.op, Type: u.typ, X: v, Pos: x.At})
}

var intOps = map[string]Op{
	"||": OpOr, "&&": OpAnd, "|": OpBitOr, "&": OpBitAnd, "^": OpXor, "<<": OpShl, ">>": OpShr,
	"<": OpLt, ">": OpGt, "<=": OpLe, ">=": OpGe, "-": OpSub, "*": OpMul, "/": OpDiv, "mod": OpMod,
}

func (c *checker) binary(x *syntax.Expr) *Expr {
	if x.X.Kind == syntax.KeywordEx {
		return c.keywordTest(x)
	}
	c.loose(x)
	l, r := c.expr(x.X), c.expr(x.Y)
	out := &Expr{Type: TypeInt, X: l, Y: r, Pos: x.At}
	switch x.Op {
	case "=~", "!~":
		return c.match(out, x)
	case "+":
		return c.add(out, x)
	case "==", "!=", "eq", "ne", "ieq", "ine":
		return c.equal(out, x)
	}
	out.Op = intOps[x.Op]
	if out.Op != OpOr && out.Op != OpAnd {
		if !c.wantInt(l, x.X, x.Op) || !c.wantInt(r, x.Y, x.Op) {
			return c.wrong(x)
		}
	}
	if (out.Op == OpDiv || out.Op == OpMod) && r.Op == OpInt && r.Int == 0 {
		c.warnf(x.Y.At, "the expression fails each time it is reached: an assignment is skipped, a condition is false", "division by zero")
		return out
	}
	return fold(out)
}

// loose warns where a bit operator binds looser than its author may think.
func (c *checker) loose(x *syntax.Expr) {
	if x.Op != "&" && x.Op != "|" && x.Op != "^" {
		return
	}
	for _, o := range []*syntax.Expr{x.X, x.Y} {
		if o.Kind != syntax.Binary || o.Paren || o.X.Kind == syntax.KeywordEx {
			continue
		}
		switch o.Op {
		case "==", "!=", "<", ">", "<=", ">=", "=~", "eq", "ne", "ieq", "ine":
			c.warnf(x.OpAt, "write parentheses to say which is meant", "%s binds looser than %s", x.Op, o.Op)
		}
	}
}

func (c *checker) wantInt(v *Expr, x *syntax.Expr, op string) bool {
	if v.Op != OpStr {
		return true
	}
	c.errorf(x.At, syntax.KindType, `write a number, or (int)"..."`, "%s needs a number, not a string", op)
	return false
}

// match resolves =~ and !~. Constant patterns are compiled here.
func (c *checker) match(out *Expr, x *syntax.Expr) *Expr {
	out.Op, out.Negate = OpMatch, x.Op == "!~"
	if out.Y.Op == OpVar && isNull(out.Y.Var) {
		return c.isDefined(out, out.Negate)
	}
	if !c.pattern(out, x.Y) {
		return c.wrong(x)
	}
	return fold(out)
}

// pattern compiles a constant right side of =~ into Re.
func (c *checker) pattern(out *Expr, y *syntax.Expr) bool {
	if out.Y.Op == OpInt {
		c.errorf(y.At, syntax.KindType, "write a regular expression in quotes", "=~ needs a string, not a number")
		return false
	}
	if out.Y.Op != OpStr {
		return true
	}
	re, err := ere.Compile(out.Y.Str, true)
	if err != nil {
		c.badRegex(y.At, out.Y.Str, err)
		return false
	}
	if s := ere.Suspicious(out.Y.Str); s != "" {
		c.warnf(y.At, "write [[:digit:]] or [0-9]", "%s", s)
	}
	out.Re, out.Str, out.Y = re, out.Y.Str, nil
	return true
}

// add resolves +, which goes by the type of its left operand.
func (c *checker) add(out *Expr, x *syntax.Expr) *Expr {
	switch out.X.Type {
	case TypeInt:
		if out.X.Op == OpInt && out.Y.Op == OpStr {
			c.errorf(x.Y.At, syntax.KindType, `write (int)"...", or put a string first: "" + 5`, "number + string: the left operand decides, and it is a number")
			return c.wrong(x)
		}
		out.Op = OpIntAdd
	case TypeStr:
		out.Op, out.Type = OpConcat, TypeStr
	default:
		out.Op, out.Type = OpAdd, TypeAny
	}
	return fold(out)
}

func isNull(v *Var) bool { return v != nil && v.Name == "null" && len(v.Trans) == 0 }

// isDefined resolves x == $null and x =~ $null, which ask whether x is undefined: neither 0 nor "" is.
func (c *checker) isDefined(out *Expr, want bool) *Expr {
	d := fold(&Expr{Op: OpDefined, Type: TypeInt, X: out.X, Pos: out.Pos})
	if want {
		return d
	}
	return fold(&Expr{Op: OpNot, Type: TypeInt, X: d, Pos: out.Pos})
}

// equal resolves == and its like to the sharpest operator the types allow.
func (c *checker) equal(out *Expr, x *syntax.Expr) *Expr {
	ne := x.Op == "!=" || x.Op == "ne" || x.Op == "ine"
	switch {
	case isConst(out.X) && isConst(out.Y) && (out.X.Type != out.Y.Type || (x.Op == "ieq" || x.Op == "ine") && out.X.Op == OpStr):
		c.warnf(x.At, "the right side is converted to the type of the left", "%s compares constants of different types", x.Op)
	}
	switch {
	case out.Y.Op == OpVar && isNull(out.Y.Var):
		return c.isDefined(out, ne)
	case x.Op == "eq" || x.Op == "ne" || out.X.Type == TypeStr && x.Op != "ieq" && x.Op != "ine":
		out.Op = OpStrEq
	case x.Op == "ieq" || x.Op == "ine" || out.X.Type == TypeInt:
		out.Op = OpIntEq
	case out.Y.Op == OpStr && out.Y.Str == "":
		out.Op, out.Y = OpStrempty, nil
		if ne {
			out = &Expr{Op: OpNot, Type: TypeInt, X: out, Pos: x.At}
		}
		return out
	default:
		out.Op = OpEq
	}
	if ne {
		out.Op++ // each ...Ne follows its ...Eq
	}
	return fold(out)
}
