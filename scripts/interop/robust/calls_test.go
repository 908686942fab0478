package robust

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// badCalls relays to the sink, in several ways; its timers are as short as they can be.
const badCalls = head + `check_via=yes
loadmodule "tm"
loadmodule "pv"
modparam("tm", "fr_timer", 900)
modparam("tm", "fr_inv_timer", 1200)
modparam("tm", "wt_timer", 300)
modparam("tm", "retr_timer1", 200)
modparam("tm", "retr_timer2", 400)
modparam("tm", "max_inv_lifetime", 4000)
modparam("tm", "max_noninv_lifetime", 2000)
request_route {
	if ($rm == "OPTIONS") {
		sl_send_reply("200", "OK");
		exit;
	}
	t_check_trans();
	if ($rU == "busy") {
		t_newtran();
		t_reply("486", "Busy Here");
		exit;
	}
	$du = "sip:127.0.0.1:@SINK@";
	if ($rU == "wide") {
		$var(i) = 0;
		while ($var(i) < 15) {
			append_branch("sip:b$var(i)@127.0.0.1:@SINK@");
			$var(i) = $var(i) + 1;
		}
	}
	if ($rU == "again") t_on_failure("AGAIN");
	if (!t_relay()) sl_reply_error();
}
failure_route[AGAIN] {
	$ru = "sip:again@127.0.0.1:@SINK@";
	t_on_failure("AGAIN");
	t_relay();
}
`

// abuse is one server, who calls through it and whom it calls.
type abuse struct {
	*testing.T
	s            *peer.Server
	caller, sink *peer.Client
	n            int
}

// Messages that fit to no transaction, or to one in a wrong way: what RFC 3261 says comes of it, or a 4xx or 5xx; no
// process dies, and nothing of a transaction stays.
func TestBadCalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(a *abuse)
	}{
		{"reply without a transaction", (*abuse).strayReplies},
		{"reply with a wrong CSeq", (*abuse).wrongCSeq},
		{"reply with a wrong branch", (*abuse).wrongBranch},
		{"CANCEL for nothing", (*abuse).strayCancel},
		{"ACK for nothing", (*abuse).strayAck},
		{"70 Vias in a request", (*abuse).viasIn},
		{"72 Vias in a reply", (*abuse).viasBack},
		{"more than 12 branches at once", (*abuse).wide},
		{"more than 12 branches one after the other", (*abuse).again},
		{"INVITE from a forged source", (*abuse).forged},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sink := peer.Dial(t, 9)
			s, caller, before := serve(t, peer.Expand(badCalls, map[string]string{"SINK": port(sink)}), peer.Options{})
			sink.Aim(s.Port)
			a := &abuse{T: t, s: s, caller: caller, sink: sink}
			c.do(a)
			mustAnswer(t, s, caller)
			noTransactions(t, s, 5*time.Second)
			check(t, s)
			sameProcesses(t, s, before)
		})
	}
}

// request is one of the caller's, never the same twice; headers end in CRLF.
func (a *abuse) request(method, uri, headers string) []byte {
	a.n++
	return fmt.Appendf(nil, "%[1]s %[2]s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%[3]d;branch=z9hG4bKbad%[4]d\r\n%[5]sMax-Forwards: 70\r\n"+
		"From: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: bad%[4]d-%[3]d\r\nCSeq: 7 %[1]s\r\nContent-Length: 0\r\n\r\n",
		method, uri, a.caller.Port, a.n, headers)
}

// next is the next message that somebody gets and that begins with a text; the test ends if none comes.
func (a *abuse) next(c *peer.Client, start string) []byte {
	a.Helper()
	for range 100 {
		data := c.Next(start, 3*time.Second)
		if data == nil {
			break
		}
		if !isProbe(data) {
			return data
		}
	}
	a.Fatalf("no %q came\n%s", start, tail(a.s.Log()))
	return nil
}

// isProbe tells whether a datagram is the answer to a probe, which a slow machine may get twice.
func isProbe(data []byte) bool { return bytes.Contains(data, []byte("Call-ID: probe-")) }

// statuses are those of what a client has got, 100 aside.
func statuses(got [][]byte) (codes []string) {
	for _, d := range got {
		if f := strings.Fields(string(d)); len(f) > 1 && f[0] == "SIP/2.0" && f[1] != "100" && !isProbe(d) {
			codes = append(codes, f[1])
		}
	}
	return codes
}

var copied = regexp.MustCompile(`(?mi)^(via|from|call-id|cseq):.*\r\n`)

// answer is the reply to a request, with a To tag.
func answer(req []byte, status string) []byte {
	head := bytes.Join(copied.FindAll(req, -1), nil)
	return fmt.Appendf(nil, "SIP/2.0 %s\r\n%sTo: <sip:b@127.0.0.1>;tag=b\r\nContact: <sip:b@127.0.0.1>\r\nContent-Length: 0\r\n\r\n", status, head)
}

// relayed sends an INVITE and returns what the sink gets of it.
func (a *abuse) relayed() []byte {
	a.Helper()
	a.caller.Send(a.request("INVITE", "sip:b@127.0.0.1", ""))
	a.next(a.caller, "SIP/2.0 100")
	return a.next(a.sink, "INVITE")
}

// stillGood: the call that was abused goes on as if nothing had been.
func (a *abuse) stillGood(inv []byte) {
	a.Helper()
	a.sink.Send(answer(inv, "200 OK"))
	a.next(a.caller, "SIP/2.0 200")
}

// quiet fails if the caller has got anything but so many replies.
func (a *abuse) quiet(what string, most int) {
	a.Helper()
	mustAnswer(a.T, a.s, a.sink)
	if got := statuses(a.caller.Drain(20 * time.Millisecond)); len(got) > most {
		a.Errorf("%s: the caller got %v, want at most %d", what, got, most)
	}
}

// A reply that no transaction knows is sent on statelessly, once, or dropped; a reply to somebody else is dropped.
func (a *abuse) strayReplies() {
	own := fmt.Sprintf("Via: SIP/2.0/UDP 127.0.0.1:%d", a.s.Port)
	for _, status := range []string{"100 Trying", "180 Ringing", "200 OK", "486 Busy Here", "699 Odd"} {
		for _, top := range []string{own, own + ";branch=z9hG4bK", own + ";branch=z9hG4bK0000000000000000000000000", own + ";branch=0", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx", ""} {
			if top != "" {
				top += "\r\n"
			}
			inv := a.request("INVITE", "sip:b@127.0.0.1", "")
			reply := answer(bytes.Replace(inv, []byte("Via:"), []byte(top+"Via:"), 1), status)
			most := 1
			if !strings.HasPrefix(top, own) {
				most = 0
			}
			a.sink.Send(reply)
			a.quiet(status+" "+top, most)
		}
	}
}

func (a *abuse) wrongCSeq() {
	inv := a.relayed()
	for _, with := range []string{"8 INVITE", "0 INVITE", "7 MESSAGE", "7 ACK", "7 INVITEX", "4294967303 INVITE", "-7 INVITE", "7", "INVITE", ""} {
		for _, status := range []string{"180 Ringing", "200 OK", "486 Busy Here", "603 Decline"} {
			a.sink.Send(bytes.Replace(answer(inv, status), []byte("CSeq: 7 INVITE"), []byte("CSeq: "+with), 1))
		}
		a.quiet("CSeq "+with, 0)
	}
	a.sink.Send(bytes.Replace(answer(inv, "200 OK"), []byte("CSeq: 7 INVITE\r\n"), nil, 1))
	a.sink.Send(bytes.Replace(answer(inv, "200 OK"), []byte("CSeq: 7 INVITE"), []byte("CSeq: 7 CANCEL"), 1)) // to a CANCEL we did not send
	a.quiet("CSeq of others", 0)
	a.stillGood(inv)
}

var ourBranch = regexp.MustCompile(`;branch=z9hG4bK[^;\r]*`)

func (a *abuse) wrongBranch() {
	inv := a.relayed()
	right := ourBranch.Find(inv)
	if len(right) < 40 {
		a.Fatalf("no branch in %q", inv)
	}
	flip := bytes.Clone(right)
	flip[len(";branch=z9hG4bK")+3] ^= 1
	other := bytes.Clone(right) // the number of a branch that there is not
	other[len(";branch=z9hG4bK")+24] = 'b'
	for _, branch := range [][]byte{nil, []byte(";branch"), []byte(";branch="), []byte(";branch=z9hG4bKforeign"), flip, other, right[:30]} {
		a.sink.Send(bytes.Replace(answer(inv, "486 Busy Here"), right, branch, 1))
		a.quiet(string(branch), 1)
	}
	a.caller.Drain(10 * time.Millisecond)
	a.stillGood(inv)
}

// A CANCEL for nothing goes on like any request, and the caller gets the answer, or a 408.
func (a *abuse) strayCancel() {
	a.caller.Send(a.request("CANCEL", "sip:b@127.0.0.1", ""))
	a.sink.Send(answer(a.next(a.sink, "CANCEL"), "481 Call Leg/Transaction Does Not Exist"))
	a.next(a.caller, "SIP/2.0 481")
	a.caller.Send(a.request("CANCEL", "sip:b@127.0.0.1", ""))
	a.next(a.sink, "CANCEL")
	a.next(a.caller, "SIP/2.0 408")
}

// An ACK is never answered.
func (a *abuse) strayAck() {
	a.caller.Send(a.request("ACK", "sip:b@127.0.0.1", ""))
	a.next(a.sink, "ACK")
	a.caller.Send(a.request("ACK", "sip:wide@127.0.0.1", ""))
	a.caller.Send(a.request("ACK", "sip:busy@127.0.0.1", ""))
	a.caller.Send(a.request("ACK", "tel:1", ""))
	a.quiet("ACK", 0)
}

func manyVias(n int) string {
	return strings.Repeat("Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKv\r\n", n)
}

// 70 Vias are none too many, and all of them come back; 200 are.
func (a *abuse) viasIn() {
	for _, method := range []string{"INVITE", "MESSAGE"} {
		a.caller.Send(a.request(method, "sip:b@127.0.0.1", manyVias(69)))
		req := a.next(a.sink, method)
		a.sink.Send(answer(req, "200 OK"))
		reply := a.next(a.caller, "SIP/2.0 200")
		if in, out := bytes.Count(req, []byte("\nVia:")), bytes.Count(reply, []byte("\nVia:")); in != 71 || out != 70 {
			a.Errorf("%s: of 70 Vias and one of the server %d went out, and %d of 70 came back", method, in, out)
		}
	}
	a.caller.Send(a.request("ACK", "sip:b@127.0.0.1", manyVias(69)))
	for _, method := range []string{"INVITE", "MESSAGE", "CANCEL", "ACK"} {
		a.caller.Send(a.request(method, "sip:b@127.0.0.1", manyVias(199)))
		mustAnswer(a.T, a.s, a.sink)
		got := strings.Join(statuses(a.caller.Drain(20*time.Millisecond)), " ")
		if bad := len(got) != 3 || got[0] != '4'; method == "ACK" && got != "" || method != "ACK" && bad {
			a.Errorf("%s with 200 Vias was answered %q, want one 4xx, none to an ACK", method, got)
		}
	}
}

// The caller's, ours and 70 that nobody has put there.
func (a *abuse) viasBack() {
	inv := a.relayed()
	last := bytes.LastIndex(inv, []byte("Via:"))
	many := bytes.Join([][]byte{inv[:last], []byte(manyVias(70)), inv[last:]}, nil)
	for _, status := range []string{"180 Ringing", "200 OK", "486 Busy Here"} {
		a.sink.Send(answer(many, status))
	}
	a.quiet("72 Vias", 0)
	a.stillGood(inv)
}

// ending answers what the sink gets with a status until the caller has its final reply, which it returns, and how many
// INVITEs the sink got.
func (a *abuse) ending(status string) (final string, invites int) {
	a.Helper()
	seen := map[string]bool{}
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); {
		for _, d := range a.sink.Drain(10 * time.Millisecond) {
			if bytes.HasPrefix(d, []byte("INVITE")) {
				seen[string(ourBranch.Find(d))] = true
				a.sink.Send(answer(d, status))
			}
		}
		if got := statuses(a.caller.Drain(time.Millisecond)); len(got) > 0 {
			return got[0], len(seen)
		}
	}
	a.Errorf("the caller got no final reply; the sink got %d INVITEs", len(seen))
	return "", len(seen)
}

func (a *abuse) wide() {
	inv := a.request("INVITE", "sip:wide@127.0.0.1", "")
	a.caller.Send(inv)
	final, n := a.ending("486 Busy Here")
	if final != "486" || n == 0 || n > 12 {
		a.Errorf("%d INVITEs and %s, want at most 12 and the 486 of one", n, final)
	}
}

func (a *abuse) again() {
	a.caller.Send(a.request("INVITE", "sip:again@127.0.0.1", ""))
	final, n := a.ending("486 Busy Here")
	if final < "400" || n < 2 || n > 12 {
		a.Errorf("%d INVITEs and %s, want at most 12 and a final reply", n, final)
	}
}

// Whoever really has the forged address gets the reply as often as timer G says while it does not acknowledge it, and
// never more bytes than reply_amplification times those of the request, which is 3 where nothing is set.
func (a *abuse) forged() {
	const t1, t2, fr = 200, 400, 900 // as badCalls has them
	rfc := 1
	for at, step := t1, t1; at <= fr+t2; at, step = at+min(2*step, t2), min(2*step, t2) {
		rfc++
	}
	for name, filler := range map[string]int{"small": 0, "large": 2500} {
		victim := peer.Dial(a.T, a.s.Port)
		inv := a.request("INVITE", "sip:busy@127.0.0.1", "X-Filler: "+strings.Repeat("x", filler)+"\r\n")
		inv = bytes.Replace(inv, []byte(port(a.caller)+";branch"), []byte(port(victim)+";branch"), 1)
		a.caller.Send(inv)
		got := victim.Drain(time.Duration(fr+2*t2) * time.Millisecond)
		sum := 0
		for _, d := range got {
			sum += len(d)
		}
		a.Logf("%s: %d bytes made %d replies of %d bytes", name, len(inv), len(got), sum)
		if len(got) < 1 || len(got) > rfc || sum > 3*len(inv) {
			a.Errorf("%s: %d bytes made %d replies of %d bytes; want no more than %d and %d bytes", name, len(inv), len(got), sum, rfc, 3*len(inv))
		}
		if name == "large" && len(got) < 3 {
			a.Errorf("a large INVITE's reply came %d times: it was not retransmitted", len(got))
		}
	}
}
