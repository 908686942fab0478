package random

import "strconv"

// frame is where a statement stands.
type frame struct {
	depth  int
	loop   int // loops around it
	routes int // routes that may be called: those behind it
}

func (g *gen) statementProgram() *node {
	routes := g.r.IntN(3)
	main := of(fixed, "$vn(v) = $null; ", leaf(statement, "route(SETUP); "), g.block(frame{depth: 3, routes: routes}, 5), log, " $vn(r) = $vn(v);")
	whole := []any{main}
	for i := range routes {
		whole = append(whole, "\n}\nroute[c@n@_"+strconv.Itoa(i)+"] {\n", g.block(frame{depth: 2, routes: i}, 4), ";")
	}
	return of(fixed, whole...)
}

func (g *gen) block(f frame, most int) *node {
	var parts []any
	for range 1 + g.r.IntN(most) {
		parts = append(parts, g.statement(f), " ")
	}
	return of(fixed, parts...)
}

var targets = []string{
	"$var(x)", "$var(y)", "$var(t)", "$var(i)", "$vn(v)", "$avp(l)", "$(avp(l)[*])", "$(avp(l)[0])", "$(avp(l)[1])", "$avp(m)", "$xavp(x=>a)", "$xavp(x[0]=>b)",
	"$xavp(x[1]=>b)", "$xavp(x[0]=>c)", "$xavp(x[0])", "$xavp(y)", "$xavu(u=>a)", "$xavu(u)", "$xavi(I=>a)", "$mf", "$sf", "$bf", "$rU", "$rp", "$rd",
}

func (g *gen) statement(f frame) *node {
	if f.depth <= 0 || g.in(2) {
		return g.plain(f)
	}
	inner := f
	inner.depth--
	cond := func() *node { return g.number(1 + g.r.IntN(2)) }
	switch g.r.IntN(7) {
	case 0, 1:
		return of(statement, "if (", cond(), ") { ", g.block(inner, 3), "}")
	case 2, 3:
		return of(statement, "if (", cond(), ") { ", g.block(inner, 3), "} else { ", g.block(inner, 3), "}")
	case 4:
		inner.loop++
		v := "$var(w" + strconv.Itoa(f.loop) + ")"
		limit := strconv.Itoa(1 + g.r.IntN(4))
		return of(statement, v+" = 0; while ("+v+" < "+limit, pick(g, "", " && defined $avp(l)", " && $var(x) != 3"), ") { "+v+" = "+v+" + 1; ", g.block(inner, 3), "}")
	case 5:
		return g.switchOf(inner)
	}
	return of(statement, "if (", cond(), ") ", g.plain(inner), pick(g, "", " else ;"))
}

func (g *gen) switchOf(f frame) *node {
	f.loop++
	labels := g.word("int int text regex")
	parts := []any{"switch ("}
	switch labels {
	case "int":
		parts = append(parts, g.number(1))
	default:
		parts = append(parts, g.text(1))
	}
	parts = append(parts, ") { ")
	seen := map[string]bool{}
	fallback := g.r.IntN(6)
	n := 1 + g.r.IntN(4)
	for i := range n {
		label := g.word("0 1 -1 3 7 -2 5 2")
		switch labels {
		case "text":
			label = pick(g, `"abc"`, `""`, `"7"`, `"bob"`, `"1"`, `"5"`, `"INVITE"`)
		case "regex":
			label = pick(g, `"abc"`, `/"^a"`, `/"[0-9]"`, `/"^$"`, `"7"`, `/"B"`, `/"."`)
		}
		if i == fallback {
			label = "default"
		}
		if seen[label] {
			continue
		}
		seen[label] = true
		body := of(fixed, g.block(f, 2), pick(g, "", "break; ", "break; "))
		if label == "default" {
			parts = append(parts, of(option, "default: ", body))
		} else {
			parts = append(parts, of(option, "case "+label+": ", body))
		}
	}
	parts = append(parts, "}")
	return of(statement, parts...)
}

// plain is a statement without others in it.
func (g *gen) plain(f frame) *node {
	switch g.r.IntN(16) {
	case 0, 1, 2, 3, 4:
		return of(statement, pick(g, targets...), " = ", g.any(g.r.IntN(3)), ";")
	case 5, 6:
		return leaf(statement, log)
	case 7:
		return leaf(statement, `xlog("L_ERR", "p: $xavp(x=>a) $xavp(x=>b) $xavp(x[1]=>b) $(avp(l)[0]) $(avp(l)[1]) $cnt($avp(l)) $mf $sf $bf $avp(m) $ru\n");`)
	case 8:
		if f.routes > 0 {
			return g.routeCall("route(c@n@_" + strconv.Itoa(g.r.IntN(f.routes)) + ")")
		}
		return g.routeCall(pick(g, "route(three)", "route(minus)", "route(plain)", "route(nope)"))
	case 9:
		return leaf(statement, pick(g, "setflag(1);", "resetflag(3);", "setflag(first);", `setavpflag("$avp(l)", "af1");`, `resetavpflag("$avp(l)", "af1");`, "setsflag(3);", "setbflag(2);",
			"resetsflag(3);", "isflagset(3);", `is_int("$var(t)");`, `pv_unset("$avp(l)");`, `pv_unset("$var(x)");`, "strip(1);", `prefix("p");`, `is_method("BYE");`, `seturi("sip:n@h");`))
	case 10:
		return of(statement, pick(g, targets...), " = $null;")
	case 11:
		if f.loop > 0 && g.in(2) {
			return leaf(statement, "break;")
		}
		return of(statement, "return ", g.number(1), ";")
	case 12:
		if g.in(3) {
			return leaf(statement, pick(g, "exit;", "drop;", "return;", "return(0);", "return(-1);", "return(2);", "break;", "exit(3);", "route(gone);"))
		}
		return leaf(statement, ";")
	case 13:
		return of(statement, "$vn(v) = ", pick(g, "$rc", "$?", "$retcode"), ";")
	case 14:
		return of(statement, "$vn(v) = $var(x) + ", g.any(1), ";")
	}
	return of(statement, "$var(x) = ", g.call(), ";")
}

func (g *gen) routeCall(call string) *node {
	switch g.r.IntN(5) {
	case 0:
		return leaf(statement, "$var(x) = "+call+";")
	case 1:
		return leaf(statement, "if ("+call+") $var(y) = $var(y) + 10;")
	case 2:
		return leaf(statement, "if (!"+call+`) $vn(v) = "failed";`)
	}
	return leaf(statement, call+";")
}
