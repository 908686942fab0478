package lint

import (
	"strconv"
	"strings"

	"goser/cfg/check"
)

// always reports comparisons whose result is known beforehand.
func (l *linter) always() {
	l.each(visitor{expr: func(x *check.Expr) {
		switch x.Op {
		case check.OpAnd:
			l.contradiction(x, check.OpAnd)
		case check.OpOr:
			l.contradiction(x, check.OpOr)
		default:
			l.itself(x)
			l.impossible(x)
		}
	}})
}

// test is left == constant, or !=.
type test struct {
	left, value string
	negated, ok bool
}

// testOf takes a comparison with a constant apart.
func testOf(x *check.Expr) test {
	switch x.Op {
	case check.OpEq, check.OpStrEq, check.OpIntEq, check.OpNe, check.OpStrNe, check.OpIntNe:
		if x.X == nil || x.Y == nil || x.Y.Op != check.OpInt && x.Y.Op != check.OpStr {
			return test{}
		}
		left := text(x.X)
		ne := x.Op == check.OpNe || x.Op == check.OpStrNe || x.Op == check.OpIntNe
		return test{left, constant(x.Y), ne, left != ""}
	case check.OpKeyStrEq, check.OpKeyStrNe:
		if x.Y == nil || x.Y.Op != check.OpStr {
			return test{}
		}
		return test{"key " + keyName(x), strings.ToLower(x.Y.Str), x.Op == check.OpKeyStrNe, true}
	}
	return test{}
}

// contradiction looks for a == 1 && a == 2, which is never true, and for
// a != 1 || a != 2, which always is.
func (l *linter) contradiction(x *check.Expr, op check.Op) {
	right := testOf(x.Y)
	if !right.ok {
		return
	}
	for _, y := range operands(x.X, op) {
		left := testOf(y)
		if !left.ok || left.left != right.left || left.value == right.value || left.negated != right.negated {
			continue
		}
		switch {
		case op == check.OpAnd && !left.negated:
			l.warn(x.Y.Pos, "write || for one of several values", "this is never true: it is compared with another value before &&")
		case op == check.OpOr && left.negated:
			l.warn(x.Y.Pos, "write && for none of several values", "this is always true: what equals one value differs from the other")
		}
	}
}

// operands are those of a chain of && or ||.
func operands(x *check.Expr, op check.Op) []*check.Expr {
	if x.Op != op {
		return []*check.Expr{x}
	}
	return append(operands(x.X, op), operands(x.Y, op)...)
}

// itself reports the comparison of a value with itself.
func (l *linter) itself(x *check.Expr) {
	switch x.Op {
	case check.OpEq, check.OpStrEq, check.OpIntEq, check.OpNe, check.OpStrNe, check.OpIntNe,
		check.OpLt, check.OpGt, check.OpLe, check.OpGe:
		if x.X == nil || x.Y == nil {
			return
		}
		if t := text(x.X); t != "" && t == text(x.Y) {
			l.warn(x.Pos, "", "a value is compared with itself")
		}
	}
}

// impossible reports text that a variable never holds.
func (l *linter) impossible(x *check.Expr) {
	t := testOf(x)
	if !t.ok || x.X == nil || x.X.Op != check.OpVar {
		return
	}
	word := "false"
	if t.negated {
		word = "true"
	}
	switch x.X.Var.Name {
	case "rm":
		if up := strings.ToUpper(t.value); up != t.value {
			l.warn(x.Pos, `write "`+up+`", or method=="`+t.value+`", which ignores case`, "this is always %s: methods have capital letters", word)
		}
	case "proto", "pr":
		if low := strings.ToLower(t.value); low != t.value {
			l.warn(x.Pos, `write "`+low+`"`, "this is always %s: $%s has small letters", word, x.X.Var.Name)
		}
	}
}

// status reports the keyword status in blocks that see requests.
func (l *linter) status() {
	for _, r := range l.prog.Routes {
		if r.Kind == check.ReplyRoute || r.Kind == check.EventRoute || l.seesReplies(r) {
			continue
		}
		visitor{expr: func(x *check.Expr) {
			if x.Op != check.OpKeyStrEq && x.Op != check.OpKeyStrNe && x.Op != check.OpKeyMatch || x.Key != check.KeyURI {
				return
			}
			if line := l.prog.Files.Text(x.Pos.File, x.Pos.Line); x.Pos.Define == 0 && int(x.Pos.Col) <= len(line) && strings.HasPrefix(strings.TrimLeft(line[x.Pos.Col-1:], "( \t"), "status") {
				l.warn(x.Pos, "in a failure_route ask t_check_status()", "status is the R-URI in a request")
			}
		}}.block(r.Body)
	}
}

// seesReplies tells whether a route can be called for a reply: from a reply route, or
// from where nobody knows.
func (l *linter) seesReplies(r *check.Route) bool {
	if r.Kind != check.RequestRoute || r.Name == "0" {
		return false
	}
	for _, from := range l.prog.Routes {
		if (from.Kind == check.ReplyRoute || from.Kind == check.SendRoute) && reaches(from, r, map[*check.Route]bool{}) {
			return true
		}
	}
	return !r.Used || l.prog.Dynamic || l.prog.NamedInParams(r.Name)
}

func constant(x *check.Expr) string {
	if x.Op == check.OpInt {
		return "i" + strconv.Itoa(int(x.Int))
	}
	return x.Str
}

func keyName(x *check.Expr) string { return string(rune('a' + x.Key)) }

// text is a name for the value of an expression that reads nothing but a
// variable or a select; "" for others. Variables that change when they are read
// have none.
func text(x *check.Expr) string {
	switch {
	case x.Wrong != nil:
	case x.Op == check.OpVar:
		v := x.Var
		if v.Index == check.IndexVar || len(v.Parts) > 0 || len(v.Trans) > 0 || changing[v.Name] {
			return ""
		}
		return "$" + v.Scope + "." + v.Name + "(" + v.Inner + ")" + string(rune('0'+v.Index)) + string(rune('0'+v.IndexN&63))
	case x.Op == check.OpSelect:
		return x.Select.Text
	}
	return ""
}

// changing are variables that may differ between two reads.
var changing = set("RANDOM TV Ts Tb TF shv sht cnt_add stat")
