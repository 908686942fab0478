package random

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// CallsConfig is what the programs of class Calls need behind the modules of calls.
const CallsConfig = `#!ifdef GOSER
log_rate_limit=0
#!endif
loadmodule "textopsx"
modparam("tm", "retr_timer1", 60000)
modparam("tm", "retr_timer2", 60000)
modparam("tm", "fr_timer", 200000)
modparam("tm", "max_noninv_lifetime", 200000)
modparam("tm", "wt_timer", 20000)
`

// place is a kind of route.
type place int

const (
	inMain place = iota
	inAfter
	inBranch
	inFailure
	inReply
	inBranchFailure
	inSend
	inCore
)

const (
	sendMark = "\n#-- send\n"
	coreMark = "\n#-- core\n"
)

// Call is the program as the parts of a conversation.
func (p *Program) Call() (routes, send, core, steps string) {
	routes, rest, _ := strings.Cut(p.body.String(), sendMark)
	send, core, _ = strings.Cut(rest, coreMark)
	return routes, send, core, p.message.String()
}

var idleRE = regexp.MustCompile(`(?m)^[a-z_]+\[(?:[^c].*|)\] \{\n[ ;]*\n\}\n?`)

// idle leaves out the routes that do nothing, for those who read it.
func idle(body string) string { return idleRE.ReplaceAllString(body, "") }

// callProgram makes the routes of a call, and callSteps what the parties of it do.
func (g *gen) callProgram() *node {
	maybe := func(n int, s string) *node {
		if g.in(n) {
			return leaf(statement, s+" ")
		}
		return leaf(fixed, "")
	}
	parts := []any{"route[c@n@] {\n", g.callBlock(inMain, 3, 2)}
	parts = append(parts, leaf(statement, `$ru = "sip:bob@127.0.0.1:@b@"; `))
	parts = append(parts, maybe(2, `append_branch("sip:carol@127.0.0.1:@c@");`), maybe(2, `t_on_failure("f@n@");`), maybe(3, `t_on_branch("b@n@");`),
		maybe(2, `t_on_reply("r@n@");`), maybe(4, `t_on_branch_failure("x@n@");`), maybe(12, "t_newtran();"))
	if g.in(6) {
		parts = append(parts, g.callBlock(inMain, 2, 1))
	}
	parts = append(parts, leaf(statement, `$var(r) = t_relay(); xlog("L_ERR", "@n@| relay $var(r)\n"); `))
	if g.in(4) {
		parts = append(parts, g.callBlock(inAfter, 2, 1))
	}
	parts = append(parts, "\n;}\nfailure_route[f@n@] {\n", g.callBlock(inFailure, 4, 2), ";\n}\nfailure_route[g@n@] {\n", g.callBlock(inFailure, 2, 1),
		";\n}\nbranch_route[b@n@] {\n", g.callBlock(inBranch, 3, 2), ";\n}\nonreply_route[r@n@] {\n", g.callBlock(inReply, 3, 2),
		";\n}\nonreply_route[q@n@] {\n", g.callBlock(inReply, 2, 1), ";\n}\nevent_route[tm:branch-failure:x@n@] {\n", g.callBlock(inBranchFailure, 3, 2), ";\n}", sendMark)
	if g.in(6) {
		parts = append(parts, g.callBlock(inSend, 2, 1))
	}
	parts = append(parts, coreMark)
	if g.in(6) {
		parts = append(parts, g.callBlock(inCore, 2, 1))
	}
	return of(fixed, parts...)
}

func (g *gen) callBlock(at place, most, depth int) *node {
	var parts []any
	for range 1 + g.r.IntN(most) {
		parts = append(parts, g.callStatement(at, depth), " ")
	}
	return of(fixed, parts...)
}

func (g *gen) callStatement(at place, depth int) *node {
	if depth > 0 && g.in(4) {
		if g.in(3) {
			return of(statement, "if (", settled(g.callTest(at), at), ") { ", g.callBlock(at, 2, depth-1), "} else { ", g.callBlock(at, 2, depth-1), "}")
		}
		return of(statement, "if (", settled(g.callTest(at), at), ") { ", g.callBlock(at, 2, depth-1), "}")
	}
	return leaf(statement, settled(g.callPlain(at), at))
}

// settled leaves out what is chance in Kamailio: outside of the routes of branches $T_branch_idx is what the last one left.
func settled(text string, at place) string {
	if at == inMain || at == inAfter {
		return strings.ReplaceAll(text, "$T_branch_idx", "$cs")
	}
	return text
}

func (g *gen) callTest(at place) string {
	tests := []string{
		"isflagset(2)", "isflagset(5)", `$avp(x) == "a"`, `$avp(x) == "a"`, "$avp(n) > 2", `$rU == "bob"`, "$T_branch_idx == 0", "$T_branch_idx > 0", `$T_reply_code == 486`, `$rs == 486`, "$rs > 199", `$rm == "MESSAGE"`,
	}
	if at == inSend {
		return pick(g, append(tests[:5:5], "msg:len > 100", `$rm == "INVITE"`)...)
	}
	tests = append(tests, "isbflagset(3)", "isbflagset(4)", "isbflagset(3, 1)", `is_method("INVITE")`, `is_present_hf("X-A")`, `is_present_hf("X-N")`, "t_is_failure_route()", "t_is_reply_route()", "t_is_branch_route()", "t_is_request_route()",
		`search("call")`, "has_body()", `t_is_set("failure_route")`, `t_is_set("branch_route")`, `t_is_set("onreply_route")`)
	if at != inBranch {
		tests = append(tests, `t_check_status("18[0-9]")`, `t_check_status("4..|[56].*")`)
	}
	if at == inCore {
		return pick(g, append(tests, `status =~ "18."`)...)
	}
	tests = append(tests, "t_any_replied()", "t_any_timeout()", "t_is_canceled()", "t_is_expired()", `t_grep_status("486")`)
	if at != inBranch && at != inReply {
		tests = append(tests, "t_branch_timeout()", "t_branch_replied()")
	}
	return pick(g, tests...)
}

var shownVars = strings.Fields(`$rm $rs $rr $ru $rU $rd $rp $du $dd $dp $fU $tU $tt $mf $bf $sf $avp(x) $(avp(x)[1]) $cnt($avp(x)) $avp(n) $xavp(y=>k) $var(v) $T_branch_idx $T_reply_code $T_reply_last $T_reply_reason
	$T_branch(uri) $T_branch(flags) $T_req($ru) $T_req($rm) $T_req($hdr(X-A)) $T_req($du) $T_rpl($rs) $T_rpl($rr) $T_rpl($hdr(X-N)) $T_inv($rm) $branch(count) $(branch(uri)[0]) $(branch(uri)[1]) $br $hdr(X-A) $(hdr(X-A)[1]) $hdr(X-N) $hdr(X-M) $hdr(Subject)
	$rc $fs $rb $mt $si $sp $ou $oU $hdrc(X-A) $cs $nh(u) $fu $tu $ct $ua $pr $Rp $rv $cT $cl $null $(hdr(Via)[0]) $(hdr(Via)[1]) $via0(port) $via1(port) $T_ruid $snd(port) $snd(ip) $snd(buf) $retcode $from.user $rz $proto`)

// unequal tells what docs/compatibility.md names.
func unequal(v string, at place) bool {
	switch {
	case strings.Contains(v, "Via") || v == "$snd(buf)":
		return true
	case at == inSend:
		return strings.HasPrefix(v, "$r") && v != "$rm" || strings.HasPrefix(v, "$T_") || v == "$br" || strings.HasPrefix(v, "$(branch") || v == "$nh(u)"
	case strings.HasPrefix(v, "$T_req") || strings.HasPrefix(v, "$T_rpl"):
		return true // tm gives the request back early (its README), and Kamailio knows of it in reply routes only
	case v == "$br":
		return at == inBranch
	case v == "$T_reply_last":
		return at != inReply
	case strings.HasPrefix(v, "$T_branch("):
		return at != inReply
	}
	return false
}

func (g *gen) show(at place) string {
	var b strings.Builder
	b.WriteString(`xlog("L_ERR", "@n@|`)
	if at == inSend {
		b.WriteString("~")
	}
	for range 1 + g.r.IntN(4) {
		v := pick(g, shownVars...)
		if unequal(v, at) {
			continue
		}
		b.WriteString(" " + v)
	}
	b.WriteString(`\n");`)
	return b.String()
}

// callPlain is a statement of a route.
func (g *gen) callPlain(at place) string {
	n := strconv.Itoa(g.r.IntN(6))
	uri := pick(g, `"sip:dave@127.0.0.1:@d@"`, `"sip:carol@127.0.0.1:@c@"`, `"sip:bob@127.0.0.1:@b@"`, `"sip:eve@127.0.0.1:@d@;x=y"`)
	if g.in(3) {
		return g.show(at)
	}
	if g.in(14) {
		return pick(g, "exit;", "exit;", "drop;", "return;", "return(-1);", "return(0);", "return(2);")
	}
	set := []string{
		"setflag(" + n + ");", "resetflag(" + n + ");", "setbflag(" + n + ");", "resetbflag(" + n + ");", `$avp(x) = "a";`, `$avp(x) = "b";`, `$avp(x) = $null;`, "$avp(n) = " + n + ";", `$(avp(x)[*]) = "c";`,
		"$var(v) = " + n + ";", `$xavp(y=>k) = "v";`, `$xavp(y[0]=>k) = ` + n + ";", "$avp(x) = $T_reply_code;", "$avp(n) = $T_branch_idx;", `$avp(x) = "" + $rs;`,
	}
	edit := []string{
		`append_hf("X-N: ` + n + `\r\n");`, `insert_hf("X-M: ` + n + `\r\n");`, `remove_hf("X-A");`, `subst_hf("X-A", "/o/0/", "a");`, `remove_hf("Subject");`, `append_hf("X-N: $T_branch_idx\r\n", "Subject");`, `subst_hf("Subject", "/call/CALL/", "f");`,
		`remove_hf_re("^X-");`, `append_hf("X-N: $rs $rm\r\n");`, `set_body("body ` + n + `", "text/plain");`, "remove_body();", `insert_hf("X-M: $avp(x)\r\n", "Call-ID");`,
	}
	target := []string{
		"$ru = " + uri + ";", "$ru = " + uri + ";", `$rU = "zoe";`, `prefix("0");`, "strip(1);", `$du = "sip:127.0.0.1:@c@";`, `$du = "sip:127.0.0.1:@d@";`, "$du = $null;", `$rd = "127.0.0.1";`, "revert_uri();", "append_branch(" + uri + ");", "append_branch(" + uri + ");", "append_branch();",
		`append_to_reply("X-R: ` + n + `\r\n");`,
	}
	arm := []string{
		`t_on_failure("f@n@");`, `t_on_failure("g@n@");`, `t_on_failure("0");`, `t_on_branch("b@n@");`, `t_on_branch("0");`, `t_on_reply("r@n@");`, `t_on_reply("q@n@");`, `t_on_reply("0");`, `t_on_branch_failure("x@n@");`,
	}
	call := func(f ...string) string {
		return "$var(r) = " + pick(g, f...) + `; xlog("L_ERR", "@n@| r $var(r)\n");`
	}
	code := g.word("480 486 603 302 500 200 404 183")
	reply := []string{`t_reply("` + code + `", "Ours")`, `t_reply("` + code + `", "Ours")`, `t_send_reply("` + code + `", "Ours")`, `send_reply("` + code + `", "Ours")`}
	switch at {
	case inMain, inAfter:
		switch {
		case g.in(12) && at == inMain: // t_relay behind a final reply is a difference (docs/compatibility.md, final-once)
			return call(`t_reply("183", "Ours")`, `t_send_reply("183", "Ours")`, "t_newtran()", "t_release()", "t_relay()")
		case g.in(12) && at == inAfter:
			return call(append(reply, "t_relay()")...)
		}
		edit = append(edit, "msg_apply_changes();")
	case inBranch:
		target, arm = target[2:7], slices.DeleteFunc(arm, func(s string) bool { return strings.HasPrefix(s, "t_on_branch(") })
		edit = append(edit, edit...)
	case inFailure, inBranchFailure:
		switch g.r.IntN(7) {
		case 0, 1:
			return pick(g, "$ru = "+uri+"; ", "append_branch("+uri+"); ", "$ru = "+uri+"; append_branch("+uri+"); ", "") + call("t_relay()")
		case 2:
			if at == inFailure {
				reply = append(reply, `t_drop_replies("a")`, `t_drop_replies("l")`, `t_drop_replies("n")`, "t_drop_replies()")
			}
			return call(append(reply, "t_get_status_code()", "t_relay()", "t_reset_fr()")...)
		}
	case inReply:
		if g.in(8) {
			return call(append(reply, `t_cancel_branches("others")`, `t_cancel_branches("all")`, `t_cancel_branches("this")`, "t_get_status_code()", `change_reply_status("`+code+`", "Changed")`)...)
		}
		arm = slices.DeleteFunc(arm, func(s string) bool { return strings.HasPrefix(s, "t_on_branch(") })
		target = edit
	case inSend:
		return pick(g, pick(g, set[:12]...), `$var(v) = 1;`, g.show(at))
	case inCore:
		if g.in(8) {
			return call("t_get_status_code()", `change_reply_status("`+code+`", "Changed")`)
		}
		arm, target = edit, append(edit, "msg_apply_changes();")
	}
	return pick(g, pick(g, set...), pick(g, edit...), pick(g, target...), pick(g, arm...))
}

// callSteps makes what the parties do.
func (g *gen) callSteps() *node {
	method := "INVITE"
	if g.in(5) {
		method = "MESSAGE"
	}
	parts := []any{"ask " + method + " sip:bob@127.0.0.1:@b@\n"}
	header := func() string {
		return pick(g, "", "", "", " X-A: callee", " Contact: <sip:moved@127.0.0.1:@d@>", " X-N: from callee")
	}
	refused := map[string]bool{} // what such a one says later is a difference (docs/compatibility.md, late-2xx)
	answered, cancelled := false, false
	for range 1 + g.r.IntN(6) {
		who := g.word("b b b b c c c d d")
		switch g.r.IntN(14) {
		case 0, 1, 2, 3:
			if answered || refused[who] && cancelled {
				continue
			}
			parts = append(parts, leaf(option, "answer "+who+" "+g.word("100 180 180 183 182")+header()+"\n"))
		case 4, 5, 6, 7, 8:
			refused[who] = true
			parts = append(parts, leaf(option, "answer "+who+" "+g.word("486 404 302 503 603 500 487 408 480 401 407 600 699 415")+header()+"\n"))
		case 9, 10:
			if refused[who] {
				continue
			}
			answered = true
			parts = append(parts, leaf(option, "answer "+who+" "+g.word("200 202 299")+header()+"\n"))
		case 11:
			if method != "INVITE" {
				continue
			}
			cancelled = true
			parts = append(parts, leaf(option, "cancel\n"))
		case 12:
			if answered {
				continue
			}
			parts = append(parts, leaf(option, "again\n"))
		case 13:
			parts = append(parts, leaf(option, "ack\n"))
		}
	}
	return of(fixed, parts...)
}
