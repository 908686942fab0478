package tm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goser/shm"
	"goser/worker/module/tm"
)

const toBob = "sip:bob@" + bob

func TestArenaTypes(t *testing.T) {
	for _, ty := range tm.ArenaTypes {
		if err := shm.CheckType(ty); err != nil {
			t.Error(err)
		}
		t.Logf("%s: %d bytes", ty, ty.Size())
	}
}

// A call, each message handled by another worker.
func TestCall(t *testing.T) {
	w := newWorld(t, 3, `route { record_route(); t_relay(); }`)
	inv := request("INVITE", toBob, "z9hG4bKa")
	w.deliver(0, alice, inv)
	out := find(t, w.want("INVITE", alice+" 100 trying -- your call is important to us", bob+" INVITE "+toBob), bob, "INVITE")
	if header(out, "Max-Forwards") != "69" || !strings.Contains(out, "Record-Route: <sip:127.0.0.1;") {
		t.Errorf("sent:\n%s", out)
	}
	w.deliver(1, alice, inv)
	w.want("INVITE again", alice+" 100 trying -- your call is important to us")
	w.deliver(2, bob, answer(out, 100, "Trying"))
	w.want("100")
	w.deliver(1, bob, answer(out, 180, "Ringing"))
	w.want("180", alice+" 180 Ringing")
	w.deliver(1, alice, inv)
	w.want("INVITE again", alice+" 180 Ringing")
	ok := answer(out, 200, "OK", "Contact: <sip:bob@"+bob+">")
	w.deliver(2, bob, ok)
	got := find(t, w.want("200", alice+" 200 OK"), alice, "SIP/2.0 200")
	if strings.Count(got, "Via:") != 1 || !strings.Contains(header(got, "Via"), alice) || header(got, "Contact") == "" {
		t.Errorf("relayed:\n%s", got)
	}
	w.deliver(0, alice, inv)
	w.want("INVITE after the 200 (RFC 6026)")
	w.deliver(1, bob, ok)
	w.want("200 again", alice+" 200 OK")
	w.deliver(2, bob, answer(out, 180, "Ringing"))
	w.want("180 after the 200")
	w.deliver(0, alice, request("ACK", toBob, "z9hG4bKack", ";tag=uas200"))
	w.want("ACK", "FORWARD ACK ")
	bye := request("BYE", toBob, "z9hG4bKbye", ";tag=uas200")
	w.deliver(0, alice, bye)
	out = find(t, w.want("BYE", bob+" BYE "+toBob), bob, "BYE")
	w.deliver(1, alice, bye)
	w.want("BYE again before any reply")
	w.deliver(1, bob, answer(out, 200, "OK"))
	w.want("200 to BYE", alice+" 200 OK")
	w.deliver(2, alice, bye)
	w.want("BYE again", alice+" 200 OK")
	w.finish()
}

// Nobody answers: timers A and B, 408, timer G until the ACK, timer I.
func TestNoAnswer(t *testing.T) {
	w := newWorld(t, 2, `modparam("tm", "fr_timer", 5000) route { t_relay(); }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	w.take()
	for _, ms := range []int{500, 1000, 2000} {
		w.advance(time.Duration(ms-20) * time.Millisecond)
		w.want(fmt.Sprintf("before %d ms", ms))
		w.advance(20 * time.Millisecond)
		w.want(fmt.Sprintf("after %d ms", ms), bob+" INVITE "+toBob)
	}
	w.advance(1480 * time.Millisecond)
	w.want("before fr_timer")
	w.advance(40 * time.Millisecond)
	got := find(t, w.want("timeout", alice+" 408 Request Timeout"), alice, "SIP/2.0 408")
	w.advance(520 * time.Millisecond)
	w.want("408 again", alice+" 408 Request Timeout")
	w.deliver(1, alice, request("ACK", toBob, "z9hG4bKa", ";tag="+strings.TrimPrefix(header(got, "To")[strings.Index(header(got, "To"), ";tag="):], ";tag=")))
	w.want("ACK")
	w.advance(4 * time.Second)
	w.want("408 is not repeated after the ACK")
	w.finish()
	if w.count("tm.timeouts") != 1 || w.count("tm.absorbed_acks") != 1 {
		t.Errorf("%d timeouts, %d ACKs", w.count("tm.timeouts"), w.count("tm.absorbed_acks"))
	}
}

// A negative reply is acknowledged hop by hop, each time it comes.
func TestBusy(t *testing.T) {
	w := newWorld(t, 2, `route { t_relay(); }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	out := find(t, w.take(), bob, "INVITE")
	busy := answer(out, 486, "Busy Here")
	w.deliver(1, bob, busy)
	sent := w.want("486", bob+" ACK "+toBob, alice+" 486 Busy Here")
	ack := find(t, sent, bob, "ACK")
	for name, want := range map[string]string{
		"Via": header(out, "Via"), "From": header(out, "From"), "To": header(busy, "To"),
		"Call-ID": header(out, "Call-ID"), "CSeq": "8 ACK", "Max-Forwards": "69",
	} {
		if got := header(ack, name); got != want {
			t.Errorf("ACK: %s is %q, want %q", name, got, want)
		}
	}
	if header(find(t, sent, alice, "SIP/2.0 486"), "To") != header(busy, "To") {
		t.Error("the callee's tag is not kept")
	}
	w.deliver(0, bob, busy)
	w.want("486 again", bob+" ACK "+toBob)
	w.deliver(0, alice, request("ACK", toBob, "z9hG4bKa", ";tag=uas486"))
	w.finish()
}

// The original's order of final replies (modules, "Final reply of a transaction").
func TestWinner(t *testing.T) {
	for _, tc := range []struct {
		a, b int
		want string
	}{
		{486, 404, "404"},
		{404, 503, "404"},
		{503, 503, "500 Service Unavailable"},
		{302, 404, "302"},
		{600, 302, "600"},
		{404, 401, "401"},
		{484, 404, "484"},
		{500, 480, "480"},
		{480, 480, "480"},
		{603, 486, "603"},
		{500, 501, "500"},
		{407, 401, "401"},
	} {
		w := newWorld(t, 2, `route { append_branch("sip:carol@192.0.2.3:5080"); t_relay(); }`)
		w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
		sent := w.take()
		toB, toC := find(t, sent, bob, "INVITE"), find(t, sent, carol, "INVITE")
		w.deliver(0, bob, answer(toB, 180, "Ringing"))
		w.deliver(0, carol, answer(toC, 180, "Ringing"))
		w.take()
		w.deliver(1, bob, answer(toB, tc.a, fmt.Sprint("A", tc.a)))
		w.take()
		w.deliver(0, carol, answer(toC, tc.b, fmt.Sprint("B", tc.b)))
		got := find(t, w.take(), alice, "SIP/2.0 ")
		if !strings.HasPrefix(got, "SIP/2.0 "+tc.want) {
			t.Errorf("%d and %d: %q, want %s", tc.a, tc.b, strings.SplitN(got, "\r\n", 2)[0], tc.want)
		}
		w.finish()
	}
}

// Two challenges are joined in one reply of ours (RFC 3261 §16.7 step 7).
func TestChallenges(t *testing.T) {
	w := newWorld(t, 1, `route { append_branch("sip:carol@192.0.2.3:5080"); t_relay(); }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	sent := w.take()
	w.deliver(0, bob, answer(find(t, sent, bob, "INVITE"), 407, "Proxy Authentication Required", `Proxy-Authenticate: Digest realm="b"`))
	w.deliver(0, carol, answer(find(t, sent, carol, "INVITE"), 401, "Unauthorized", `WWW-Authenticate: Digest realm="c"`))
	got := find(t, w.take(), alice, "SIP/2.0 401 Unauthorized")
	if !strings.Contains(got, `Proxy-Authenticate: Digest realm="b"`) || !strings.Contains(got, `WWW-Authenticate: Digest realm="c"`) {
		t.Errorf("got\n%s", got)
	}
	w.finish()
}

// The first 2xx cancels the others; a second 2xx goes on, too.
func TestForkAnswered(t *testing.T) {
	w := newWorld(t, 2, `route { append_branch("sip:carol@192.0.2.3:5080"); append_branch("sip:dave@192.0.2.4:5080"); t_relay(); }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	sent := w.take()
	toB, toC, toD := find(t, sent, bob, "INVITE"), find(t, sent, carol, "INVITE"), find(t, sent, dave, "INVITE")
	if header(toB, "Max-Breadth") != "20" {
		t.Errorf("Max-Breadth is %q, want 60 in three", header(toB, "Max-Breadth"))
	}
	w.deliver(1, carol, answer(toC, 180, "Ringing"))
	w.take()
	w.deliver(0, bob, answer(toB, 200, "OK"))
	sent = w.want("200", alice+" 200 OK", carol+" CANCEL sip:carol@192.0.2.3:5080")
	cancel := find(t, sent, carol, "CANCEL")
	if header(cancel, "Via") != header(toC, "Via") || header(cancel, "CSeq") != "8 CANCEL" || !strings.Contains(header(cancel, "Reason"), "200") {
		t.Errorf("CANCEL:\n%s", cancel)
	}
	w.advance(520 * time.Millisecond)
	w.want("CANCEL and INVITE again", carol+" CANCEL sip:carol@192.0.2.3:5080", dave+" INVITE sip:dave@192.0.2.4:5080")
	w.deliver(1, carol, answer(cancel, 200, "OK"))
	w.deliver(1, carol, answer(toC, 487, "Request Terminated"))
	w.want("487", carol+" ACK sip:carol@192.0.2.3:5080")
	w.deliver(1, dave, answer(toD, 180, "Ringing"))
	w.want("the first sign of life", dave+" CANCEL sip:dave@192.0.2.4:5080")
	w.deliver(1, dave, answer(toD, 200, "OK"))
	w.want("200 that crossed the CANCEL", alice+" 200 OK")
	w.finish()
}

func TestCancel(t *testing.T) {
	for _, first := range []bool{true, false} { // the provisional, or the CANCEL
		w := newWorld(t, 2, `route { t_relay(); }
			failure_route[f] { }`)
		w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
		out := find(t, w.take(), bob, "INVITE")
		ringing := answer(out, 180, "Ringing")
		if first {
			w.deliver(1, bob, ringing)
			w.take()
		}
		cancel := request("CANCEL", toBob, "z9hG4bKa", "Reason: SIP;cause=200")
		w.deliver(1, alice, cancel)
		want := []string{alice + " 200 canceling"}
		if first {
			want = []string{bob + " CANCEL " + toBob, alice + " 200 canceling"}
		}
		sent := w.want("CANCEL", want...)
		if !first {
			w.deliver(0, bob, ringing)
			sent = w.want("180 after the CANCEL is not relayed", bob+" CANCEL "+toBob)
		}
		sentCancel := find(t, sent, bob, "CANCEL")
		if header(sentCancel, "Reason") != "SIP;cause=200" {
			t.Errorf("CANCEL:\n%s", sentCancel)
		}
		w.deliver(0, bob, answer(sentCancel, 200, "OK"))
		w.want("200 to our CANCEL is ours")
		w.deliver(1, bob, answer(out, 487, "Request Terminated"))
		w.want("487", bob+" ACK "+toBob, alice+" 487 Request Terminated")
		w.deliver(0, alice, cancel)
		w.want("the CANCEL again", alice+" 200 canceling")
		w.deliver(0, alice, request("ACK", toBob, "z9hG4bKa", ";tag=uas487"))
		w.finish()
	}
}

// A branch that is cancelled and never answers: the client gets its 487.
func TestCancelSilent(t *testing.T) {
	w := newWorld(t, 1, `modparam("tm", "fr_timer", 3000) route { t_relay(); }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	w.take()
	w.deliver(0, alice, request("CANCEL", toBob, "z9hG4bKa"))
	w.want("CANCEL", alice+" 200 canceling")
	w.advance(3100 * time.Millisecond)
	find(t, w.take(), alice, "SIP/2.0 487 Request Terminated")
	w.finish()
}

// Serial forking in the failure route, in whatever process: the request is as it
// was, with AVPs and flags.
func TestFailureRoute(t *testing.T) {
	w := newWorld(t, 2, `
modparam("tm", "fr_timer", 2000)
route { $avp(x) = "kept"; setflag(3); append_hf("X-Edit: 1\r\n"); t_on_failure("f"); t_relay(); }
failure_route[f] {
	if (t_check_status("486") && !t_branch_replied() && isflagset(3) && $avp(x) == "kept" && $ru == "`+toBob+`") {
		$avp(x) = "again";
		t_on_failure("g");
		$ru = "sip:carol@192.0.2.3:5080";
		t_relay();
	}
}
failure_route[g] {
	if ($avp(x) == "again" && t_check_status("408") && t_branch_timeout() && t_any_timeout() && t_grep_status("486")) { t_reply("404", "Gone"); }
}`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	out := find(t, w.take(), bob, "INVITE")
	w.deliver(1, bob, answer(out, 486, "Busy Here"))
	next := find(t, w.want("486", bob+" ACK "+toBob, carol+" INVITE sip:carol@192.0.2.3:5080"), carol, "INVITE")
	if header(next, "X-Edit") != "1" || strings.Count(next, "Via:") != 2 || header(next, "Via") == header(out, "Via") {
		t.Errorf("second leg:\n%s", next)
	}
	w.advance(2100 * time.Millisecond)
	find(t, w.take(), alice, "SIP/2.0 404 Gone")
	w.finish()
}

func TestRelayFails(t *testing.T) {
	for _, tc := range []struct{ src, uri, want string }{
		{`route { t_relay(); }`, "sip:bob@nowhere.invalid", "478 Unresolvable destination (478/TM)"},
		{`route { if (!t_relay()) { sl_reply_error(); } }`, "sip:bob@nowhere.invalid", "478 Unresolvable destination (478/SL)"},
		{`route { if (!t_relay()) { send_reply("404", "x"); } }`, "sip:bob@nowhere.invalid", "404 x"},
		{`branch_route[b] { drop; } route { t_on_branch("b"); t_relay(); }`, toBob, "500 I'm terribly sorry, server error occurred (6/TM)"},
		{`onsend_route { drop; } route { t_relay(); }`, toBob, "500 I'm terribly sorry, server error occurred (1/TM)"},
	} {
		w := newWorld(t, 1, tc.src)
		w.deliver(0, alice, request("MESSAGE", tc.uri, "z9hG4bKa"))
		w.want(tc.src, alice+" "+tc.want)
		w.finish()
	}
}

func TestBranchRoute(t *testing.T) {
	w := newWorld(t, 1, `
branch_route[b] { if ($ru =~ "carol") { drop; } append_hf("X-Branch: $ru\r\n"); }
route { t_on_branch("b"); append_branch("sip:carol@192.0.2.3:5080"); append_branch("sip:dave@192.0.2.4:5080"); t_relay(); }`)
	w.deliver(0, alice, request("MESSAGE", toBob, "z9hG4bKa"))
	sent := w.want("two of three", bob+" MESSAGE "+toBob, dave+" MESSAGE sip:dave@192.0.2.4:5080")
	for _, s := range sent {
		if strings.Count(s.Data, "X-Branch:") != 1 {
			t.Errorf("edits of one branch in another:\n%s", s.Data)
		}
	}
	w.finish()
}

func TestReplyRoute(t *testing.T) {
	w := newWorld(t, 2, `
onreply_route[r] { if (status == "183") { drop; } append_hf("X-Reply: $avp(x)\r\n"); }
route { $avp(x) = "seen"; t_on_reply("r"); t_relay(); }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	out := find(t, w.take(), bob, "INVITE")
	w.deliver(1, bob, answer(out, 183, "Progress"))
	w.want("dropped")
	w.deliver(1, bob, answer(out, 200, "OK"))
	if got := find(t, w.take(), alice, "SIP/2.0 200"); header(got, "X-Reply") != "seen" {
		t.Errorf("got\n%s", got)
	}
	w.finish()
}

func TestLocalReply(t *testing.T) {
	w := newWorld(t, 2, `route { if (!t_newtran()) { exit; } t_reply("404", "Not here"); if (t_reply("200", "OK")) { t_reply("201", "never"); } }`)
	inv := request("INVITE", toBob, "z9hG4bKa")
	w.deliver(0, alice, inv)
	first := find(t, w.want("404", alice+" 404 Not here"), alice, "SIP/2.0 404")
	w.deliver(1, alice, inv)
	again := find(t, w.want("404 again", alice+" 404 Not here"), alice, "SIP/2.0 404")
	if first != again || !strings.Contains(header(first, "To"), ";tag=") {
		t.Errorf("first\n%s\nthen\n%s", first, again)
	}
	w.deliver(1, alice, request("ACK", toBob, "z9hG4bKa", ";tag=x"))
	w.advance(time.Second)
	w.want("after the ACK")
	w.finish()
}

// A transaction that is neither relayed nor answered absorbs retransmissions for wt_timer and is gone.
func TestForgotten(t *testing.T) {
	w := newWorld(t, 1, `route { t_newtran(); }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	w.want("nothing")
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	w.want("nothing")
	if n := w.count("tmx.UAS_transactions"); n != 1 {
		t.Errorf("%d transactions were made, want 1", n)
	}
	w.advance(6 * time.Second)
	w.want("nothing")
	w.empty()
}

func TestSerialContacts(t *testing.T) {
	w := newWorld(t, 2, `
route { $ru = "`+toBob+`"; append_branch("sip:carol@192.0.2.3:5080", "0.7"); append_branch("sip:dave@192.0.2.4:5080", "0.7");
	t_load_contacts(); t_next_contacts(); t_on_failure("f"); t_relay(); }
failure_route[f] { if (t_next_contacts()) { t_on_failure("f"); t_relay(); } }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	sent := w.want("first", alice+" 100 trying -- your call is important to us",
		dave+" INVITE sip:dave@192.0.2.4:5080", carol+" INVITE sip:carol@192.0.2.3:5080")
	w.deliver(0, carol, answer(find(t, sent, carol, "INVITE"), 486, "Busy"))
	w.take()
	w.deliver(0, dave, answer(find(t, sent, dave, "INVITE"), 404, "Not Found"))
	out := find(t, w.want("second", dave+" ACK sip:dave@192.0.2.4:5080", bob+" INVITE "+toBob), bob, "INVITE")
	w.deliver(1, bob, answer(out, 480, "Away"))
	find(t, w.take(), alice, "SIP/2.0 480")
	w.finish()
}

// Replies that do not belong: forged branches, wrong CSeq, other methods.
func TestForgedReplies(t *testing.T) {
	w := newWorld(t, 1, `route { t_relay(); }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	out := find(t, w.take(), bob, "INVITE")
	ok := answer(out, 200, "OK")
	via := header(out, "Via")
	branch := via[strings.Index(via, "branch=")+7:]
	for i := len("z9hG4bK"); i < 32; i++ {
		c := byte('0')
		if branch[i] == '0' {
			c = '1'
		}
		forged := branch[:i] + string(c) + branch[i+1:]
		if _, ok := tm.BranchOf(w.nodes[0].env, forged); ok {
			t.Errorf("digit %d changed: %s is taken for ours", i, forged)
		}
		w.deliver(0, bob, strings.Replace(ok, branch, forged, 1))
		w.want("forged", bob+" X-Stateless\nSIP/2.0 200 OK")
	}
	w.deliver(0, bob, strings.Replace(ok, "CSeq: 8 INVITE", "CSeq: 9 INVITE", 1))
	w.deliver(0, bob, strings.Replace(ok, "CSeq: 8 INVITE", "CSeq: 8 BYE", 1))
	w.want("wrong CSeq")
	w.deliver(0, bob, ok)
	w.want("the real one", alice+" 200 OK")
	w.finish()
}

// A transaction that its datagram's worker has left half way is finished when
// the datagram is run again, not absorbed as a retransmission.
func TestRunAgain(t *testing.T) {
	w := newWorld(t, 2, `route { append_branch("sip:carol@192.0.2.3:5080"); t_relay(); }`)
	msg := request("MESSAGE", toBob, "z9hG4bKa")
	w.deliverAs(0, alice, msg, 77)
	w.take()
	w.deliverAs(1, alice, msg, 77)
	w.want("run again", bob+" MESSAGE "+toBob, carol+" MESSAGE sip:carol@192.0.2.3:5080")
	w.deliverAs(1, alice, msg, 78)
	w.want("a retransmission")
	w.finish()
}

// Forged sources: a negative reply is repeated within three times the bytes.
func TestAmplification(t *testing.T) {
	w := newWorld(t, 1, `route { t_newtran(); t_reply("404", "x"); }`)
	inv := request("INVITE", toBob, "z9hG4bKa")
	w.deliver(0, alice, inv)
	w.advance(40 * time.Second)
	n := 0
	for _, s := range w.take() {
		n += len(s.Data)
	}
	if n > 3*len(inv) || n < len(inv) {
		t.Errorf("%d bytes for a request of %d that nobody acknowledged", n, len(inv))
	}
	w.finish()
}

// A loop is found by our own mark in a Via, a spiral is not one.
func TestLoop(t *testing.T) {
	w := newWorld(t, 1, `route { t_relay(); }`)
	w.deliver(0, alice, request("MESSAGE", toBob, "z9hG4bKa"))
	out := find(t, w.take(), bob, "MESSAGE")
	w.deliver(0, bob, out)
	w.want("looped", "192.0.2.2:5060 482 Loop Detected")
	spiral := strings.Replace(out, "MESSAGE "+toBob, "MESSAGE sip:carol@"+carol, 1)
	spiral = strings.Replace(spiral, "\r\nVia:", "\r\nVia: SIP/2.0/UDP 192.0.2.2:5080;branch=z9hG4bKs\r\nVia:", 1)
	w.deliver(0, bob, spiral)
	w.want("spiral", carol+" MESSAGE sip:carol@"+carol)
	w.finish()
}
