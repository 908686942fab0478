package tm_test

import (
	"fmt"
	"strings"
	"time"
)

// scenario is a script and a conversation over it.
type scenario struct {
	name, script string
	steps        []step
}

// step is one message of a scenario, made from what was sent before, and what
// must come of it: soon, if a timer has to help.
type step struct {
	name    string
	from    string
	msg     func(seen map[string]string) string
	to      string // "" nothing need come
	start   string
	advance time.Duration // instead of a message
}

const crashScript = `
failure_route[f] { if (t_check_status("480") && $avp(x) == "kept") { $ru = "sip:dave@192.0.2.4:5080"; t_relay(); } }
onreply_route[r] { $avp(y) = $avp(y) + "a rather long text that grows with every reply, so that its block is replaced"; }
route {
	if (method == "INVITE") {
		$avp(x) = "kept"; t_on_reply("r"); t_on_failure("f");
		append_branch("sip:carol@192.0.2.3:5080");
	}
	t_relay();
}`

const suspendScript = `
route {
	if (method == "INFO") { t_continue("$hdr(X-Index)", "$hdr(X-Label)", "go"); exit; }
	if (method == "INVITE") {
		$avp(x) = "kept";
		if (t_suspend()) { xlog("L_INFO", "$T(id_index) $T(id_label)"); }
		exit;
	}
	t_relay();
}
route[go] { if ($avp(x) == "kept") { append_branch("sip:carol@192.0.2.3:5080"); $avp(x) = "and changed to a longer text"; t_relay(); } }`

const messageScript = `
failure_route[f] { t_reply("404", "Not Found"); }
route {
	if ($rU == "refuse") { if (method == "INVITE" && t_newtran() > 0) { t_reply("486", "Busy Here"); exit; } }
	if ($rU == "forget") { t_newtran(); exit; }
	if ($rU == "copy") { t_replicate("sip:copy@192.0.2.3:5080"); exit; }
	t_on_failure("f");
	t_relay();
}`

const serialScript = `
failure_route[f] { if (t_next_contacts()) { t_on_failure("f"); t_relay(); } }
route {
	if (method == "INVITE") {
		append_branch("sip:carol@192.0.2.3:5080", "0.7"); append_branch("sip:dave@192.0.2.4:5080", "0.5");
		t_load_contacts(); t_next_contacts(); t_on_failure("f");
	}
	t_relay();
}`

const forkScript = `
modparam("tm", "max_inv_lifetime", 20000)
route { if (method == "INVITE") { append_branch("sip:carol@192.0.2.3:5080"); } t_relay(); }`

const branchFailureScript = `
event_route[tm:branch-failure:b] { $ru = "sip:carol@192.0.2.3:5080"; t_relay(); }
route { if (method == "INVITE") { t_on_branch_failure("b"); } t_relay(); }`

const ownScript = `
event_route[tm:local-request] { append_hf("X-Local: yes\r\n"); }
route { t_uac_send("OPTIONS", "sip:ping@192.0.2.2:5080", "", "", "From: <sip:f@x>\r\nTo: <sip:t@x>\r\n"); }`

const ownCallScript = `
modparam("tm", "fr_inv_timer", 5000)
route { t_uac_send("INVITE", "sip:ping@192.0.2.2:5080", "", "", "From: <sip:f@x>\r\nTo: <sip:t@x>\r\n"); }`

// resume is what makes the suspended request go on.
func resume(seen map[string]string) string {
	index, label, _ := strings.Cut(seen["said"], " ")
	return request("INFO", toBob, "z9hG4bKi", "X-Index: "+index, "X-Label: "+label)
}

func challenge(to string, code int) func(map[string]string) string {
	return func(seen map[string]string) string {
		return answer(seen["INVITE "+to], code, "Challenge", fmt.Sprintf(`Proxy-Authenticate: Digest realm="%s", nonce="x"`, to))
	}
}

func fixed(s string) func(map[string]string) string {
	return func(map[string]string) string { return s }
}

func reply(to string, method string, code int) func(map[string]string) string {
	return func(seen map[string]string) string { return answer(seen[method+" "+to], code, "Answer") }
}

// scenes are the conversations in which processes die.
var scenes = []scenario{
	{name: "call", script: crashScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: carol, start: "INVITE"},
		{name: "retransmit", advance: 600 * time.Millisecond, to: bob, start: "INVITE"},
		{name: "180", from: bob, msg: reply(bob, "INVITE", 180), to: alice, start: "SIP/2.0 180"},
		{name: "486", from: bob, msg: reply(bob, "INVITE", 486), to: bob, start: "ACK"},
		{name: "480", from: carol, msg: reply(carol, "INVITE", 480), to: dave, start: "INVITE"},
		{name: "200", from: dave, msg: reply(dave, "INVITE", 200), to: alice, start: "SIP/2.0 200"},
		{name: "486 behind it", from: dave, msg: reply(dave, "INVITE", 486), to: dave, start: "ACK"},
		{name: "BYE", from: alice, msg: fixed(request("BYE", toBob, "z9hG4bKb", ";tag=uas200")), to: bob, start: "BYE"},
		{name: "200 BYE", from: bob, msg: reply(bob, "BYE", 200), to: alice, start: "SIP/2.0 200"},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "cancel", script: crashScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: carol, start: "INVITE"},
		{name: "180", from: bob, msg: reply(bob, "INVITE", 180), to: alice, start: "SIP/2.0 180"},
		{name: "CANCEL", from: alice, msg: fixed(request("CANCEL", toBob, "z9hG4bKa", "Reason: SIP;cause=200")), to: bob, start: "CANCEL"},
		{name: "180 carol", from: carol, msg: reply(carol, "INVITE", 180), to: carol, start: "CANCEL"},
		{name: "487", from: bob, msg: reply(bob, "INVITE", 487), to: bob, start: "ACK"},
		{name: "487 carol", from: carol, msg: reply(carol, "INVITE", 487), to: alice, start: "SIP/2.0 487"},
		{name: "ACK", from: alice, msg: fixed(request("ACK", toBob, "z9hG4bKa", ";tag=uas487"))},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "timeout", script: crashScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa", simSubject)), to: carol, start: "INVITE"},
		{name: "180", from: bob, msg: reply(bob, "INVITE", 180), to: alice, start: "SIP/2.0 180"},
		{name: "408", advance: 125 * time.Second, to: alice, start: "SIP/2.0 408"},
	}},
	{name: "suspend", script: suspendScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: alice, start: "SIP/2.0 100"},
		{name: "INFO", from: dave, msg: resume, to: carol, start: "INVITE"},
		{name: "200", from: bob, msg: reply(bob, "INVITE", 200), to: alice, start: "SIP/2.0 200"},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "suspend and cancel", script: suspendScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: alice, start: "SIP/2.0 100"},
		{name: "CANCEL", from: alice, msg: fixed(request("CANCEL", toBob, "z9hG4bKa")), to: alice, start: "SIP/2.0 487"},
		{name: "ACK", from: alice, msg: fixed(request("ACK", toBob, "z9hG4bKa", ";tag=uas487"))},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "suspend in vain", script: suspendScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: alice, start: "SIP/2.0 100"},
		{name: "408", advance: 31 * time.Second, to: alice, start: "SIP/2.0 408"},
	}},
	{name: "message", script: messageScript, steps: []step{
		{name: "MESSAGE", from: alice, msg: fixed(request("MESSAGE", toBob, "z9hG4bKa")), to: bob, start: "MESSAGE"},
		{name: "again", from: alice, msg: fixed(request("MESSAGE", toBob, "z9hG4bKa"))},
		{name: "100", from: bob, msg: reply(bob, "MESSAGE", 100)},
		{name: "retransmit", advance: 4200 * time.Millisecond, to: bob, start: "MESSAGE"},
		{name: "480", from: bob, msg: reply(bob, "MESSAGE", 480), to: alice, start: "SIP/2.0 404"},
		{name: "once more", from: alice, msg: fixed(request("MESSAGE", toBob, "z9hG4bKa")), to: alice, start: "SIP/2.0 404"},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "answered here", script: messageScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", "sip:refuse@192.0.2.2", "z9hG4bKa")), to: alice, start: "SIP/2.0 486"},
		{name: "again", advance: 600 * time.Millisecond, to: alice, start: "SIP/2.0 486"},
		{name: "ACK", from: alice, msg: fixed(request("ACK", "sip:refuse@192.0.2.2", "z9hG4bKa", ";tag=uas487"))},
		{name: "forgotten", from: alice, msg: fixed(request("MESSAGE", "sip:forget@192.0.2.2", "z9hG4bKb"))},
		{name: "copied", from: alice, msg: fixed(request("MESSAGE", "sip:copy@192.0.2.2", "z9hG4bKc")), to: carol, start: "MESSAGE"},
		{name: "200", from: carol, msg: reply(carol, "MESSAGE", 200)},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "one after the other", script: serialScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: carol, start: "INVITE"},
		{name: "480", from: carol, msg: reply(carol, "INVITE", 480), to: dave, start: "INVITE"},
		{name: "480 dave", from: dave, msg: reply(dave, "INVITE", 480), to: bob, start: "INVITE"},
		{name: "200", from: bob, msg: reply(bob, "INVITE", 200), to: alice, start: "SIP/2.0 200"},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "two answers", script: forkScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: carol, start: "INVITE"},
		{name: "180", from: carol, msg: reply(carol, "INVITE", 180), to: alice, start: "SIP/2.0 180"},
		{name: "200", from: bob, msg: reply(bob, "INVITE", 200), to: carol, start: "CANCEL"},
		{name: "200 carol", from: carol, msg: reply(carol, "INVITE", 200), to: alice, start: "SIP/2.0 200"},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "challenges", script: forkScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa", simSubject)), to: carol, start: "INVITE"},
		{name: "407", from: bob, msg: challenge(bob, 407), to: bob, start: "ACK"},
		{name: "407 carol", from: carol, msg: challenge(carol, 407), to: alice, start: "SIP/2.0 407"},
		{name: "ACK", from: alice, msg: fixed(request("ACK", toBob, "z9hG4bKa", ";tag=uas487"))},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "declined", script: forkScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa", simSubject)), to: carol, start: "INVITE"},
		{name: "180", from: carol, msg: reply(carol, "INVITE", 180), to: alice, start: "SIP/2.0 180"},
		{name: "603", from: bob, msg: reply(bob, "INVITE", 603), to: carol, start: "CANCEL"},
		{name: "487", from: carol, msg: reply(carol, "INVITE", 487), to: alice, start: "SIP/2.0 603"},
		{name: "no ACK", advance: 40 * time.Second},
	}},
	{name: "too long", script: forkScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa", simSubject)), to: carol, start: "INVITE"},
		{name: "180", from: carol, msg: reply(carol, "INVITE", 180), to: alice, start: "SIP/2.0 180"},
		{name: "expire", advance: 21 * time.Second, to: alice, start: "SIP/2.0 408"},
	}},
	{name: "branch failure", script: branchFailureScript, steps: []step{
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: bob, start: "INVITE"},
		{name: "480", from: bob, msg: reply(bob, "INVITE", 480), to: carol, start: "INVITE"},
		{name: "200", from: carol, msg: reply(carol, "INVITE", 200), to: alice, start: "SIP/2.0 200"},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "request of our own", script: ownScript, steps: []step{
		{name: "MESSAGE", from: alice, msg: fixed(request("MESSAGE", toBob, "z9hG4bKa")), to: bob, start: "OPTIONS"},
		{name: "100", from: bob, msg: reply(bob, "OPTIONS", 100)},
		{name: "retransmit", advance: 4200 * time.Millisecond, to: bob, start: "OPTIONS"},
		{name: "480", from: bob, msg: reply(bob, "OPTIONS", 480)},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "call of our own", script: ownCallScript, steps: []step{
		{name: "MESSAGE", from: alice, msg: fixed(request("MESSAGE", toBob, "z9hG4bKa")), to: bob, start: "INVITE"},
		{name: "180", from: bob, msg: reply(bob, "INVITE", 180)},
		{name: "200", from: bob, msg: reply(bob, "INVITE", 200), to: bob, start: "ACK"},
		{name: "again", from: bob, msg: reply(bob, "INVITE", 200), to: bob, start: "ACK"},
		{name: "200 of a fork", from: carol, msg: reply(bob, "INVITE", 202), to: bob, start: "BYE"},
		{name: "200 BYE", from: bob, msg: reply(bob, "BYE", 200)},
		{name: "wait", advance: 33 * time.Second},
	}},
	{name: "call of our own in vain", script: ownCallScript, steps: []step{
		{name: "MESSAGE", from: alice, msg: fixed(request("MESSAGE", toBob, "z9hG4bKa")), to: bob, start: "INVITE"},
		{name: "180", from: bob, msg: reply(bob, "INVITE", 180)},
		{name: "CANCEL", advance: 5100 * time.Millisecond, to: bob, start: "CANCEL"},
		{name: "487", from: bob, msg: reply(bob, "INVITE", 487), to: bob, start: "ACK"},
		{name: "wait", advance: 6 * time.Second},
	}},
	{name: "request of our own in vain", script: ownScript, steps: []step{
		{name: "MESSAGE", from: alice, msg: fixed(request("MESSAGE", toBob, "z9hG4bKa")), to: bob, start: "OPTIONS"},
		{name: "timeout", advance: 31 * time.Second},
	}},
}
