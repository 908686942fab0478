package check

import (
	"strconv"
	"strings"

	"goser/cfg/ere"
	"goser/cfg/syntax"
)

// arg resolves one argument as its ArgSpec wants it.
func (c *checker) arg(fn string, n int, x *syntax.Expr, spec ArgSpec) Arg {
	a := Arg{Kind: spec.Kind, Pos: x.At}
	ac := &argCheck{c: c, fn: fn, n: n, x: x, spec: spec, out: &a}
	switch spec.Kind {
	case ArgSocket, ArgHost:
		ac.addr()
	case ArgPort:
		ac.port()
	case ArgProto:
		ac.proto()
	case ArgFlag, ArgAVPFlag:
		ac.flag()
	case ArgFlagVar:
		ac.flagOrVariable()
	case ArgVar, ArgWritable:
		ac.variable()
	case ArgAVP:
		ac.avp()
	case ArgRoute, ArgFailureRoute, ArgBranchRoute, ArgReplyRoute, ArgEventRoute:
		ac.route()
	default:
		ac.value()
	}
	if a.Const && spec.Check != nil {
		if err := spec.Check(a.Str); err != nil {
			c.errorf(x.At, syntax.KindType, "", "argument %d of %s: %s", n+1, fn, err)
		}
	}
	return a
}

// argCheck resolves one argument into out.
type argCheck struct {
	c    *checker
	fn   string
	n    int
	x    *syntax.Expr
	spec ArgSpec
	out  *Arg
}

// fail reports that the argument is not what the function takes.
func (ac *argCheck) fail(want, hint string) {
	ac.c.errorf(ac.x.At, syntax.KindType, hint, "argument %d of %s: %s expected", ac.n+1, ac.fn, want)
}

func (ac *argCheck) constant(s string) { ac.out.Const, ac.out.Str = true, s }

// value resolves kinds that start from an expression.
func (ac *argCheck) value() {
	if ac.x.Kind == syntax.NameEx {
		ac.fail("a value", "write \""+ac.x.Str+"\"")
		return
	}
	v := ac.c.expr(ac.x)
	switch ac.spec.Kind {
	case ArgExpr:
		ac.out.X = v
		if isConst(v) {
			ac.constant(text(v))
			ac.out.Int = value(v)
		}
	case ArgInt, ArgIntVar:
		ac.number(v)
	case ArgStr:
		if !isConst(v) {
			ac.fail("a constant string", `write it in quotes; this function takes no variables here`)
			return
		}
		ac.constant(text(v))
	case ArgStrVar:
		if ac.out.X = v; isConst(v) {
			ac.constant(text(v))
		}
	case ArgFormat:
		ac.format(v)
	case ArgRegex, ArgRegexFormat:
		ac.regex(v)
	}
}

func (ac *argCheck) number(v *Expr) {
	switch {
	case v.Op == OpInt:
		ac.intConst(v.Int)
	case v.Op == OpStr:
		if n, ok := number(v.Str); ok {
			ac.intConst(n)
		} else if v.Str == "" && ac.spec.Kind == ArgIntVar {
			ac.c.warnf(ac.x.At, "write a number", "argument %d of %s: an empty text is taken for 0", ac.n+1, ac.fn)
			ac.intConst(0)
		} else if ac.spec.Kind == ArgIntVar && strings.Contains(v.Str, "$") {
			ac.out.Parts, _ = ac.c.format(v.Str, ac.x.At, true, 0)
		} else {
			ac.fail("a number", "")
		}
	case ac.spec.Kind == ArgIntVar:
		ac.out.X = v
	default:
		ac.fail("a constant number", "")
	}
}

func (ac *argCheck) intConst(n int32) {
	if s := ac.spec; s.Max >= s.Min && (s.Min != 0 || s.Max != 0) && (n < s.Min || n > s.Max) {
		ac.fail("a number from "+strconv.Itoa(int(s.Min))+" to "+strconv.Itoa(int(s.Max)), "")
	}
	ac.out.Int = n
	ac.constant(strconv.Itoa(int(n)))
}

// format resolves a string that may hold variables.
func (ac *argCheck) format(v *Expr) {
	switch {
	case v.Op == OpInt:
		ac.constant(text(v))
		ac.out.Int = v.Int
	case v.Op == OpVar:
		ac.out.X, ac.out.Parts = v, []Part{{Var: v.Var}}
	case v.Op != OpStr:
		ac.out.X = v
	default:
		parts, ok := ac.c.format(v.Str, ac.x.At, true, 0)
		switch {
		case !ok:
			ac.out.Parts = parts
		case len(parts) == 0:
			ac.constant("")
		case len(parts) == 1 && parts[0].Var == nil:
			ac.constant(parts[0].Text)
		default:
			ac.out.Parts = parts
		}
	}
}

func (ac *argCheck) regex(v *Expr) {
	if ac.spec.Kind == ArgRegexFormat && (!isConst(v) || hasVariable(v.Str)) {
		ac.format(v)
		return
	}
	if !isConst(v) {
		ac.fail("a constant regular expression", "write it in quotes")
		return
	}
	ac.constant(text(v))
	re, err := ere.Compile(ac.out.Str, true)
	if err != nil {
		ac.c.badRegex(ac.x.At, ac.out.Str, err)
		return
	}
	if s := ere.Suspicious(ac.out.Str); s != "" {
		ac.c.warnf(ac.x.At, "write [[:digit:]] or [0-9]", "%s", s)
	}
	ac.out.Re = re
}

// hasVariable tells a $name from the $ that ends an expression.
func hasVariable(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if n := s[i+1]; s[i] == '$' && (n == '(' || n == '_' || n|0x20 >= 'a' && n|0x20 <= 'z') {
			return true
		}
	}
	return false
}

func (ac *argCheck) addr() {
	switch ac.x.Kind {
	case syntax.AddrEx:
		ac.out.Addr = ac.c.addr(ac.x.Addr)
		ac.constant(ac.out.Addr.Host)
	case syntax.URIPart:
		if ac.x.Str != "uri:host" || ac.spec.Kind != ArgHost {
			ac.fail("a host", "write uri:host")
			return
		}
		ac.out.FromURI = true
	case syntax.String:
		a, msg := ParseAddr(ac.x.Str)
		if msg != "" {
			ac.c.errorf(ac.x.At, syntax.KindType, "write [proto:]host[:port]", "argument %d of %s: %s", ac.n+1, ac.fn, msg)
			return
		}
		a.Pos = ac.x.At
		ac.out.Addr = a
		ac.constant(ac.x.Str)
	case syntax.NetEx, syntax.NameEx:
		a, msg := ParseAddr(ac.x.Str)
		if msg != "" {
			ac.fail("an address", msg)
			return
		}
		ac.out.Addr = a
		ac.constant(ac.x.Str)
	default:
		ac.fail("a constant address", "write [proto:]host[:port]; for computed ones assign $du or $fs")
	}
}

func (ac *argCheck) port() {
	if ac.x.Kind == syntax.URIPart {
		if ac.x.Str != "uri:port" {
			ac.fail("a port", "write uri:port or a number")
		}
		ac.out.FromURI = true
		return
	}
	v := ac.c.expr(ac.x)
	n, ok := v.Int, v.Op == OpInt
	if v.Op == OpStr {
		n, ok = number(v.Str)
	}
	if !ok || n < 0 || n > 65535 {
		ac.fail("a port", "ports are 1 to 65535")
		return
	}
	ac.out.Int = n
	ac.constant(strconv.Itoa(int(n)))
}

func (ac *argCheck) proto() {
	s := strings.ToLower(ac.x.Str)
	p, ok := protoNumbers[s]
	if !ok || ac.x.Kind != syntax.ProtoEx && ac.x.Kind != syntax.String {
		ac.fail("a protocol", "one of UDP, TCP, TLS, SCTP")
		return
	}
	ac.out.Int = int32(p)
	ac.constant(s)
}

func (ac *argCheck) flag() {
	if ac.x.Kind != syntax.Number && ac.x.Kind != syntax.NameEx && ac.x.Kind != syntax.String {
		ac.fail("a flag", "write a number from 0 to 31 or the name of a declared flag")
		return
	}
	name := ac.x.Str
	if n, ok := number(name); ok && ac.spec.Kind == ArgFlag {
		if n < 0 || n > 31 {
			ac.fail("a flag", "numbers are 0 to 31")
		}
		ac.out.Int = n
		ac.constant(name)
		return
	}
	ac.constant(name)
	if ac.spec.Kind == ArgAVPFlag {
		ac.named(name, ac.c.prog.AVPFlags, "avpflags")
		return
	}
	if n, ok := ac.c.flagAt[name]; ok {
		ac.out.Int = int32(n)
		return
	}
	ac.undeclared(name, ac.c.prog.Flags[:], "flags")
}

// flagOrVariable tells a flag's name or number from what is known at run time only.
func (ac *argCheck) flagOrVariable() {
	k := ac.x.Kind
	if k == syntax.NameEx || k == syntax.Number || k == syntax.String && !strings.Contains(ac.x.Str, "$") {
		ac.spec.Kind, ac.out.Kind = ArgFlag, ArgFlag
		ac.flag()
		return
	}
	ac.spec.Kind, ac.out.Kind = ArgIntVar, ArgIntVar
	ac.value()
}

func (ac *argCheck) named(name string, all []string, word string) {
	for i, n := range all {
		if n == name {
			ac.out.Int = int32(i)
			return
		}
	}
	ac.undeclared(name, all, word)
}

func (ac *argCheck) undeclared(name string, all []string, word string) {
	ac.c.prog.Mentions = append(ac.c.prog.Mentions, all...) // one of them may be meant
	hint := "declare it: " + word + " " + name
	if s := syntax.Suggest(name, all); s != "" {
		hint = "did you mean " + s + "?"
	}
	ac.c.onceError(word+" "+name, ac.x.At, syntax.KindName, hint, "flag %s is not declared", name)
}

// variable resolves $x or "$x".
func (ac *argCheck) variable() {
	x := ac.x
	switch {
	case x.Kind == syntax.Variable || x.Kind == syntax.Attribute:
		ac.c.mode = x.Mode
		ac.out.Var = ac.c.variable(x.Var, x.Kind == syntax.Attribute, 0)
	case x.Kind == syntax.String && strings.HasPrefix(x.Str, "$"):
		ref, rest, err := syntax.ParseLeadingVar(x.Str)
		if err != nil {
			ac.c.errorf(x.At, syntax.KindSyntax, err.Hint, "argument %d of %s: %s", ac.n+1, ac.fn, err.Msg)
			return
		}
		if rest != "" {
			ac.c.warnf(x.At, "leave it out", "argument %d of %s: what stands behind the variable, %q, has no effect", ac.n+1, ac.fn, rest)
		}
		ref.At = x.At
		ac.out.Var = ac.c.variable(ref, false, 0)
	default:
		ac.fail("a variable", "write $name")
		return
	}
	if v := ac.out.Var; v != nil && ac.spec.Kind == ArgWritable && (!v.Info.Writable || len(v.Trans) > 0) {
		ac.fail("a variable that can be assigned", varText(v)+" is read-only")
	}
}

// avp resolves $avp(...), an attribute, or "name".
func (ac *argCheck) avp() {
	if ac.x.Kind == syntax.String && !strings.HasPrefix(ac.x.Str, "$") {
		ac.constant(ac.x.Str)
		return
	}
	ac.variable()
}

var argRoutes = map[ArgKind]RouteKind{
	ArgRoute: RequestRoute, ArgFailureRoute: FailureRoute, ArgBranchRoute: BranchRoute,
	ArgReplyRoute: ReplyRoute, ArgEventRoute: EventRoute,
}

// route resolves the name of a block. "0" and "" disarm; a name that holds
// variables is looked up at each call.
func (ac *argCheck) route() {
	name := ac.x.Str
	switch ac.x.Kind {
	case syntax.NameEx, syntax.Number:
	case syntax.String:
		if hasVariable(name) {
			ac.c.prog.Dynamic = true
			ac.out.Parts, _ = ac.c.format(name, ac.x.At, true, 0)
			return
		}
	default:
		ac.c.prog.Dynamic = true
		ac.out.X = ac.c.expr(ac.x)
		return
	}
	ac.constant(name)
	if name != "" && name != "0" {
		ac.out.Route = ac.c.findRoute(argRoutes[ac.spec.Kind], name, ac.x.At)
	}
}
