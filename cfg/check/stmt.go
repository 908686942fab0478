package check

import (
	"strconv"

	"goser/cfg/ere"
	"goser/cfg/syntax"
)

// block resolves statements; nil ones are left out.
func (c *checker) block(b *syntax.Block) Block {
	if b == nil {
		return nil
	}
	var out Block
	var ended *syntax.Stmt
	for _, s := range b.Stmts {
		if s.Kind == syntax.Nop {
			continue
		}
		if ended != nil && !ends(s) { // a return behind an exit that an #!ifdef lets in is no mistake
			if bad := s.Kind == syntax.ExprStmt && s.X.Kind == syntax.Wrong; !bad && !c.prog.Files.Conditional(s.At.File, ended.At.Line, s.At.Line) {
				c.warnf(s.At, "", "this is never reached")
			}
			ended = nil
		}
		out = append(out, c.stmt(s))
		if ended == nil && ends(s) {
			ended = s
		}
	}
	return out
}

// lastLine is the line in which a statement ends, its blocks included.
func lastLine(s *syntax.Stmt) int32 {
	last := s.At.EndLine
	for _, b := range []*syntax.Block{s.Then, s.Else} {
		if b != nil && b.At.File == s.At.File {
			last = max(last, b.At.EndLine)
		}
	}
	for _, c := range s.Cases {
		if c.Body != nil && c.Body.At.File == s.At.File {
			last = max(last, c.Body.At.EndLine)
		}
	}
	return last
}

// ends tells whether nothing behind a statement runs.
func ends(s *syntax.Stmt) bool {
	return s.Kind == syntax.Return || s.Kind == syntax.Exit || s.Kind == syntax.Drop || s.Kind == syntax.Break
}

var stmtKinds = [...]StmtKind{StmtNop, StmtExpr, StmtAssign, StmtIf, StmtWhile, StmtSwitch, StmtBreak, StmtReturn, StmtExit, StmtDrop, StmtBlock}

func (c *checker) stmt(s *syntax.Stmt) *Stmt {
	c.mode = s.Mode
	out := &Stmt{Kind: stmtKinds[s.Kind], ID: int32(len(c.prog.Statements)), Pos: s.At, Last: lastLine(s)}
	c.prog.Statements = append(c.prog.Statements, StmtInfo{Pos: s.At, Route: c.route, Kind: out.Kind})
	switch s.Kind {
	case syntax.ExprStmt:
		c.exprStmt(out, s)
	case syntax.Assign:
		out.Target = c.target(s.Left)
		out.X = raw(c.expr(s.X))
	case syntax.If:
		out.X = c.condition(s.X, "if")
		out.Then, out.Else = c.block(s.Then), c.block(s.Else)
	case syntax.While:
		out.X = c.condition(s.X, "while")
		out.Then = c.block(s.Then)
	case syntax.Switch:
		c.switchStmt(out, s)
	case syntax.Return, syntax.Exit, syntax.Drop:
		if s.X != nil {
			out.X = c.expr(s.X)
		}
	case syntax.BlockStmt:
		out.Then = c.block(s.Then)
	}
	return out
}

// exprStmt resolves a call, or an expression whose value is not used.
func (c *checker) exprStmt(out *Stmt, s *syntax.Stmt) {
	out.X = raw(c.expr(s.X))
	switch out.X.Op {
	case OpCall:
		c.prog.Statements[out.ID].Text = out.X.Call.Name
	case OpRoute:
		c.prog.Statements[out.ID].Text = "route"
	case OpAssign, OpBlock:
	default:
		if out.X.Wrong != nil {
			return
		}
		c.warnf(s.At, "", "the value of this expression is not used")
	}
}

// raw marks a call or block whose code is kept as it is.
func raw(x *Expr) *Expr {
	if x != nil && isCode(x) {
		x.Raw = true
	}
	return x
}

// isCode tells whether an expression is a code, which is 1 or 0 unless raw.
func isCode(x *Expr) bool { return x.Op == OpCall || x.Op == OpRoute || x.Op == OpBlock }

// target resolves the left side of an assignment.
func (c *checker) target(x *syntax.Expr) *Var {
	c.mode = x.Mode
	v := c.variable(x.Var, x.Kind == syntax.Attribute, 0)
	switch {
	case v == nil:
		return &Var{Name: x.Var.Name, Pos: x.At}
	case len(v.Trans) > 0:
		c.errorf(x.At, syntax.KindPlace, "assign $"+v.Name+" itself", "a variable with transformations cannot be assigned")
	case !v.Info.Writable:
		c.errorf(x.At, syntax.KindPlace, "", "%s is read-only", varText(v))
	}
	return v
}

func (c *checker) condition(x *syntax.Expr, word string) *Expr {
	out := c.expr(x)
	switch {
	case x.Kind == syntax.AssignEx:
		c.warnf(x.OpAt, "write == to compare", "assignment in the condition of %s", word)
	case word == "while" && out.Type == TypeStr:
		c.errorf(x.At, syntax.KindType, "compare it, or write (int)", "condition of while is a string")
	case isConst(out) && word == "if":
		c.warnf(x.At, "", "constant value in if(...)")
	case isConst(out) && out.Int == 0:
		c.warnf(x.At, "", "while(...) never runs")
	case out.Type == TypeStr:
		c.warnf(x.At, "it counts as its number; compare it with something", "non-int expression in if(...)")
	}
	return out
}

func isConst(x *Expr) bool { return x.Op == OpInt || x.Op == OpStr }

// switchStmt resolves labels: all numbers, or all strings and expressions.
func (c *checker) switchStmt(out *Stmt, s *syntax.Stmt) {
	out.X = c.expr(s.X)
	sw := &Switch{Default: -1, Ints: map[int32]int{}}
	out.Switch = sw
	if len(s.Cases) == 0 && !c.diag.Failed() {
		c.warnf(s.At, "", "switch has no cases")
	}
	seen := map[string]bool{}
	kind := TypeAny
	for i, cs := range s.Cases {
		k := Case{Pos: cs.At}
		if cs.X == nil {
			if k.Default = true; sw.Default >= 0 {
				c.errorf(cs.At, syntax.KindSyntax, "", "more than one default in a switch")
			}
			sw.Default = i
		} else if key := c.label(&k, cs, &kind); key != "" {
			if seen[key] {
				c.errorf(cs.At, syntax.KindName, "each value can stand once", "duplicate case label")
			}
			seen[key] = true
			if kind == TypeInt {
				sw.Ints[k.Int] = i
			}
		}
		k.Body = c.block(cs.Body)
		sw.Cases = append(sw.Cases, k)
	}
	sw.Str = kind == TypeStr
}

// label resolves one label and returns a key to find duplicates, "" if it is
// wrong. kind is that of the labels before.
func (c *checker) label(k *Case, cs *syntax.Case, kind *Type) string {
	x := c.expr(cs.X)
	if cs.X.Kind == syntax.Wrong { // it has been reported
		return ""
	}
	if !isConst(x) || cs.Regex && x.Op != OpStr {
		hint := "write a number, a string, or /\"regular expression\""
		c.errorf(cs.X.At, syntax.KindType, hint, "case label is not a constant")
		return ""
	}
	if *kind != TypeAny && *kind != x.Type {
		c.errorf(cs.X.At, syntax.KindType, "labels are all numbers, or all strings and expressions", "labels of both numbers and strings in one switch")
		return ""
	}
	*kind = x.Type
	k.Int, k.Str = x.Int, x.Str
	if x.Op == OpInt {
		return strconv.Itoa(int(x.Int))
	}
	if cs.Regex {
		re, err := ere.Compile(x.Str, false)
		if err != nil {
			c.badRegex(cs.X.At, x.Str, err)
			return ""
		}
		k.Re = re
		return "/" + x.Str
	}
	return "=" + x.Str
}
