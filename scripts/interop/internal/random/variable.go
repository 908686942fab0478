package random

import (
	"fmt"
	"strings"
)

const addressParts = "|.uri|.name|.tag|.uri.user|.uri.host|.uri.port|.uri.params|.uri.hostport|.uri.pwd|.uri.type|.uri.transport|.uri.rn_user|.params.p|.params[\"q\"]|.uri.params.transport|.uri.params[\"x\"]"

func (g *gen) sel() string {
	from := func(list string) string { return pick(g, strings.Split(list, "|")...) }
	uri := "|.type|.user|.rn_user|.pwd|.host|.port|.params|.params.x|.params[\"lr\"]|.hostport|.transport|.params.transport"
	switch g.r.IntN(14) {
	case 0, 1:
		return "@" + g.word("ruri request_uri next_hop dst_uri") + from(uri)
	case 2, 3:
		return "@" + g.word("from f to t") + from(addressParts)
	case 4:
		return "@" + g.word("refer_to remote_party_id rpid") + from(addressParts)
	case 5:
		return "@" + g.word("ruri next_hop") + from(uri)
	case 6, 7:
		return "@" + g.word("via v") + pick(g, "", "[1]", "[-1]") + from("|.name|.version|.transport|.host|.port|.branch|.received|.rport|.i|.alias|.params.x|.params[\"branch\"]")
	case 8:
		return "@" + g.word("record_route rr") + from("|.uri|.name|.params.p|.uri.user|.uri.host|.uri.params.lr")
	case 9:
		return "@" + g.word("cseq cseq.num cseq.method event method version status code reason")
	case 10:
		return "@" + g.word("msg message") + from(".first_line|.flags|.len|.type|.body|.content|.request|.request.method|.req.uri|.request.version|.response|.res.status|.response.reason|.response.version")
	case 11, 12:
		return "@msg." + g.word("header h") + from(`["Subject"]|.Subject|.X_Multi|["X-Multi"][1]|["x-multi"][2]|["X-Multi"][-1]|["None"]|["Contact"]|["m"]|["Via"]|["Refer-To"].nameaddr|["Refer-To"].nameaddr.uri|["Content-Type"]|["Content-Length"]|.From|.Supported`)
	}
	return "@" + g.word("src.ip dst.ip received.proto received.ip call_id expires max_forwards content_type content_length subject organization priority session_expires min_se user_agent sip_if_match date identity branch.count branch.uri[0] sys.server_id")
}

func (g *gen) selectProgram() *node {
	var parts []any
	for range 1 + g.r.IntN(2) {
		s := g.sel()
		switch g.r.IntN(4) {
		case 0:
			parts = append(parts, of(statement, "if (defined "+s+`) xlog("L_ERR", "defined\n"); `))
		case 1:
			parts = append(parts, of(statement, fmt.Sprintf("if (%s %s %s) xlog(\"L_ERR\", \"yes\\n\"); ", s, g.word("== != =~ eq"), pick(g, `"bob"`, `""`, `"sip"`, "$ru", "$fu", "5060"))))
		}
		parts = append(parts, of(statement, "$var(h) = "+s+"; route(text); "))
	}
	return of(fixed, parts...)
}

// The variables that depend on the message alone.
const messageVars = "ru rU rd rp rP rz rUl ou oU od op oP oUl du dd dp dP ds fu fU fd fn ft fUl tu tU td tn tt tUl fs fsp ci cs csb cl ct cT ua rm rmid rv rs rsi rr rt mt mts rb bs ml ai pu pU pd pn re di dir dip dic " +
	"au aU ar AU Au br bR bf bF mf mF sf sF si pr prid siz null true duri ruri ruri.user from from.user from.domain to to.user to.domain ouri"

func (g *gen) variable() string {
	switch g.r.IntN(9) {
	case 0:
		return "$hdr(" + pick(g, "Subject", "X-Multi", "Contact", "m", "Via", "From", "to", "X-Empty", "None", "User-Agent", "Event", "Supported", "Route", "Diversion", "Content-Length", "CSeq", "Expires", "s") + ")"
	case 1:
		return "$(hdr(" + pick(g, "X-Multi", "Contact", "Via", "Subject", "Route", "Record-Route") + ")[" + g.word("0 1 2 -1 -2 -3 * 9") + "])"
	case 2:
		return "$" + g.word("via0 via1 viaZ") + "(" + g.word("host port proto protoid branch rport received i") + ")"
	case 3:
		return pick(g, "$hdrc(X-Multi)", "$hdrc(Contact)", "$hdrc(Via)", "$hflc(Contact)", "$hflc(Via)", "$hflc(Route)", "$(hfl(Route)[0])", "$(hfl(Route)[1])", "$(hfl(Via)[1])", "$(hfl(X-Multi)[1])", "$(hfl(Record-Route)[0])", "$(hfl(P-Asserted-Identity)[0])",
			"$expires(min)", "$expires(max)", "$msg(len)", "$msg(body)", "$msg(body_len)", "$msg(fline)", "$msg(hdrc)", "$msg(hdrs_len)")
	case 4:
		return "$nh(" + g.word("u U d p P") + ")"
	case 5:
		return "$sel(" + strings.TrimPrefix(pick(g, "@ruri.user", "@user_agent"), "@") + ")"
	}
	return "$" + g.word(messageVars)
}

// write assigns to a variable what does not break the message: what does is a difference (docs/compatibility.md, bad-uri).
func (g *gen) write() string {
	if g.in(6) {
		return "$" + g.word("ru rU rd du fu fU tu tU td tn br") + " = " + g.word("5 0 -1") + "; "
	}
	if g.in(4) {
		return "$" + g.word("mf sf bf mF sF bF") + " = " + pick(g, "5", "0", "-1", `"0000001f"`, "2147483647", "$null", "$mf") + "; "
	}
	if g.in(2) {
		return "$" + g.word("rU ruri.user fU tU to.user from.user") + " = " + pick(g, `"new"`, `"a%20b"`, `"+49"`, `"1234"`, `"u;p=1"`, "$rU", "$null", `"" + $var(i)`, "$var(i)") + "; "
	}
	return "$" + g.word("ru ruri du duri fu from tu to br") + " = " + pick(g, `"sip:n@h"`, `"sip:n@h:5080;transport=tcp"`, `"tel:+49"`, `"sips:s@secure;lr"`, `"sip:u@h;user=phone"`, `"sip:%61@h"`, `"sip:[::1]:7"`, `"SIP:H"`) + "; "
}

var edits = []string{
	"strip(1);", "strip(9);", "strip_tail(2);", `prefix("p");`, `rewritehost("rh.example.com");`, `rewritehostport("rh:77");`, `rewriteport("78");`, `rewriteuser("ru");`, `rewriteuserpass("ru:pw");`, `rewriteuri("sip:r@w:9");`,
	"revert_uri();", "userphone();", `rewritehostporttrans("rh:77;transport=tcp");`, `rewriteport("");`, `rewriteuser("");`, "add_local_rport();",
	`append_hf("X-A: 1\r\n");`, `append_hf("X-A: 1\r\n", "Call-ID");`, `insert_hf("X-I: 1\r\n");`, `remove_hf("Subject");`, `remove_hf("X-Multi");`, `remove_hf("m");`, `subst("/sip:/sips:/");`, `subst_uri("/h/i/");`,
	`subst_hf("X-Multi", "/o/0/g", "a");`, `subst_body("/a/b/g");`, `replace("a", "b");`, `replace_body("e", "E");`, `set_body("new body", "text/x");`, "remove_body();", `append_to_reply("X-R: 1\r\n");`, `remove_hf_re("^X-");`, `insert_hf("X-J: $fu\r\n", "From");`,
	`assign_hf_value("X-Multi", "z");`, "msg_apply_changes();", `change_reply_status("200", "x");`, `keep_hf("X-.*|Contact");`, `remove_hf_value("X-Multi");`, `append_branch("sip:ab@h");`, `append_body_part("x", "text/y");`, "tel2sip(\"$ru\", \"h\", \"$ru\");",
	`add_uri_param("a=b");`, `set_reply_body("x", "text/x");`, `encode_contact("e", "1.1.1.1");`, `insert_hf_value("X-Multi", "v");`, `filter_body("text/plain");`,
}

func (g *gen) variableProgram() *node {
	var parts []any
	for range g.r.IntN(3) {
		if g.in(2) {
			parts = append(parts, leaf(statement, g.write()))
		} else {
			parts = append(parts, of(statement, pick(g, edits...)+" "))
		}
	}
	for range 1 + g.r.IntN(3) {
		v := g.variable()
		if g.in(3) {
			parts = append(parts, of(statement, `xlog("L_ERR", "v `+v+`\n"); `))
		} else {
			parts = append(parts, of(statement, "$avp(h) = "+v+`; route(seen); `))
		}
	}
	if g.in(2) {
		parts = append(parts, leaf(statement, "route(SEND);"))
	}
	return of(fixed, parts...)
}
