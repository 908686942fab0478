package random

import "strconv"

func (g *gen) num() string {
	switch g.r.IntN(4) {
	case 0:
		return g.word("0 1 2 7 31 32 33 100 255 65535 65536 2147483647 0x10 0x7fffffff 010 101b")
	case 1:
		return strconv.Itoa(g.r.IntN(10))
	case 2:
		return strconv.Itoa(-g.r.IntN(10))
	}
	return strconv.Itoa(int(int32(g.r.Uint32())))
}

func (g *gen) str() string {
	return pick(g, `""`, `"0"`, `"1"`, `"7"`, `"-3"`, `"abc"`, `"ABC"`, `"5x"`, `" 5"`, `"5 "`, `"0x10"`, `"+5"`, `"2147483648"`, `"-2147483648"`, `"bob"`,
		`"a b"`, `"007"`, `"1.5"`, `"1e3"`, `"--5"`, `"-"`, `"0b1"`, `"99999999999999999999"`, `'raw\n'`, `"tab\there"`)
}

// The variables that an expression may read.
var anyVars = []string{
	"$var(i)", "$var(n)", "$var(o)", "$var(d)", "$var(t)", "$var(e)", "$vn(u)", "$avp(none)", "$avp(l)", "$(avp(l)[1])", "$(avp(l)[2])",
	"$(avp(l)[5])", "$(avp(l)[*])", "$avp(s)", "$xavp(x=>a)", "$xavp(x[1]=>b)", "$xavp(x[1]=>b[1])", "$xavp(x=>none)", "$xavp(none=>a)", "$shv(k)",
	"$shv(s)", "$shv(si)", "$shv(ss)", "$hdr(X-Num)", "$hdr(X-No)", "$(hdr(X-Multi)[-1])", "$(hdr(X-Multi)[1])", "$(hdr(X-Multi)[7])", "$rU", "$rp", "$rd",
	"$cs", "$mt", "$tt", "$ft", "$ua", "$du", "$null", "$true", "$rc", "$bs", "$mf", "$sf", "$cl", "$(var(t){s.len})", "$(hdr(X-No){s.len})",
	"$(var(t){s.int})", "$(tu{uri.port})", "$(var(d){s.int})", "$cnt($avp(l))", "$hdrc(X-Multi)", "$_s($var(i)$var(t))",
}

var selectVars = []string{"@ruri.user", "@ruri.port", "@from.tag", "@to.tag", "@msg.header.None", `@msg.header["X-Num"]`, "@cseq.num", "@method"}

func (g *gen) anyVar() string {
	if g.in(8) {
		return pick(g, selectVars...)
	}
	return pick(g, anyVars...)
}

// number makes an expression that is likely a number.
func (g *gen) number(depth int) *node {
	if depth <= 0 || g.in(6) {
		if g.in(3) {
			return leaf(number, g.num())
		}
		return leaf(number, g.anyVar())
	}
	a := func() *node { return g.number(depth - 1) }
	any := func() *node {
		if g.in(2) {
			return of(text, "(", g.text(depth-1), ")")
		}
		return of(number, "(", g.number(depth-1), ")")
	}
	switch g.r.IntN(16) {
	case 0, 1, 2, 3:
		return of(number, a(), " ", g.word("+ - * / mod & | ^ << >> + -"), " ", a())
	case 4, 5:
		return of(number, a(), " ", g.word("< > <= >= == != ieq ine"), " ", a())
	case 6, 7:
		return of(number, any(), " ", g.word("== != eq ne ieq ine"), " ", any())
	case 8:
		return of(number, leaf(number, g.anyVar()), " ", g.word("&& || and or"), " ", leaf(number, g.anyVar()))
	case 9:
		return of(number, "((", a(), "))")
	case 10:
		return of(number, pick(g, "not ", "(int)", "-", "- ", "~ ", "!"), a())
	case 11:
		return of(number, "(", a(), ")")
	case 12:
		return of(number, g.word("strlen strempty"), "(", g.text(depth-1), ")")
	case 13:
		return of(number, "defined ", leaf(number, g.anyVar()))
	case 14:
		return of(number, "(", g.text(depth-1), ") =~ ", leaf(text, g.regex()))
	}
	return g.call()
}

// call is a call as an operand.
func (g *gen) call() *node {
	return leaf(number, pick(g, "route(three)", "route(minus)", "route(plain)", "route(nope)", "isflagset(1)", "isflagset(first)", `is_int("$var(i)")`, `is_int("$var(t)")`,
		`pv_isset("$avp(none)")`, `is_method("INVITE|OPTIONS")`, `has_totag()`, `(uri == myself)`, `(method == "INVITE")`, "(src_ip == 127.0.0.1)",
		`(method =~ "^I")`, `(proto == UDP)`, "(af == INET)", "(msg:len > 100)", `route("thr" + "ee")`, `is_present_hf("X-Num")`))
}

func (g *gen) regex() string {
	return pick(g, `"^a"`, `"b$"`, `"[0-9]+"`, `"^$"`, `"."`, `"(a|b)+c"`, `"^[[:alpha:]]+$"`, `"x*"`, `"^-?[0-9]{1,3}$"`, `"\\.5"`, `"^(.*)o"`, `"[^a-z]"`, "$var(t)", "$var(d)", `"A.C"`,
		`"\+"`, `"(b)(c)?"`, `"a?b?c?$"`, `"^\s"`, `"\d"`, `"\w+"`, `"\bab"`)
}

// text makes an expression that is likely a text.
func (g *gen) text(depth int) *node {
	if depth <= 0 || g.in(5) {
		if g.in(2) {
			return leaf(text, g.str())
		}
		return leaf(text, g.anyVar())
	}
	switch g.r.IntN(6) {
	case 0, 1:
		return of(text, g.text(depth-1), " + ", g.text(depth-1))
	case 2:
		return of(text, "(str)", g.number(depth-1))
	case 3:
		return of(text, g.text(depth-1), " + ", g.number(depth-1))
	case 4:
		return of(text, "(", g.text(depth-1), ")")
	}
	return of(text, "(str)(", g.number(depth-1), ")")
}

func (g *gen) any(depth int) *node {
	if g.in(3) {
		return g.text(depth)
	}
	return g.number(depth)
}

const log = `xlog("L_ERR", "i:$var(x) $var(y) $(avp(l)[*]) $rc\n");`

func (g *gen) expressionProgram() *node {
	depth := 1 + g.r.IntN(4)
	setup := leaf(statement, "route(SETUP); ")
	e := g.any(depth)
	var s *node
	switch g.r.IntN(12) {
	case 0, 1, 2, 3:
		s = of(fixed, "$vn(r) = ", e, ";")
	case 4, 5, 6:
		s = of(fixed, "if (", e, `) $vn(r) = "yes"; else $vn(r) = "no";`)
	case 7:
		s = of(fixed, "return ", e, ";")
	case 8:
		s = of(fixed, "while (", e, ") { $var(z) = $var(z) + 1; if ($var(z) > 3) break; } $vn(r) = $var(z);")
	case 9:
		s = of(fixed, "switch (", e, `) { case 0: $vn(r) = "zero"; break; case 1: $vn(r) = "one"; break; case -1: $vn(r) = "minus"; default: $vn(r) = "other"; }`)
	case 10:
		s = of(fixed, "$var(x) = ", e, "; $var(y) = $var(x) + 1; $vn(r) = $var(x) + $var(y);")
	default:
		s = of(fixed, "$avp(l) = ", e, `; $vn(r) = $(avp(l)[*]) + "/" + $avp(l); `+log)
	}
	return of(fixed, setup, s)
}
