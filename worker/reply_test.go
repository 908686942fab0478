package worker

import (
	"fmt"
	"strings"
	"testing"

	"goser/worker/module"
)

func answer(w *Worker, code int, errs *[]error) func(*module.Ctx) {
	return func(c *module.Ctx) { *errs = append(*errs, w.Reply(c, code, "Text")) }
}

func TestReplyGoesWhereItShould(t *testing.T) {
	r := newRig(t, nil)
	r.s.request = func(c *module.Ctx) { r.w.Reply(c, 200, "OK") }
	other := r.peer("127.0.0.1")
	for _, c := range []struct {
		name, via string
		atSource  bool
	}{
		{"rport: source port (RFC 3581 §4)", fmt.Sprintf("SIP/2.0/UDP %s;branch=z9hG4bKx;rport", addrOf(other)), true},
		{"no rport: port of the Via (RFC 3261 §18.2.2)", fmt.Sprintf("SIP/2.0/UDP %s;branch=z9hG4bKx", addrOf(other)), false},
		{"a received that the sender wrote is not believed", fmt.Sprintf("SIP/2.0/UDP %s;received=192.0.2.1;branch=z9hG4bKx", addrOf(other)), false},
		{"maddr is not followed", fmt.Sprintf("SIP/2.0/UDP %s;maddr=192.0.2.1;branch=z9hG4bKx", addrOf(other)), false},
		{"another host: source address, Via port", fmt.Sprintf("SIP/2.0/UDP 192.0.2.9:%d;branch=z9hG4bKx", addrOf(other).Port()), false},
	} {
		atSource := len(r.ask(r.request("OPTIONS", "sip:x@example.org", c.via)))
		atVia := len(got(other))
		if c.atSource && (atSource != 1 || atVia != 0) || !c.atSource && (atSource != 0 || atVia != 1) {
			t.Errorf("%s: %d at the source, %d at the Via", c.name, atSource, atVia)
		}
	}
}

func TestReplyText(t *testing.T) {
	r := newRig(t, nil)
	r.s.request = func(c *module.Ctx) { r.w.Reply(c, 404, "Not Found") }
	msg := r.request("INVITE", "sip:x@example.org", "SIP/2.0/UDP gw.example.org:5062;branch=z9hG4bKx;rport")
	first := r.ask(msg)
	second := r.ask(msg)
	if len(first) != 1 || len(second) != 1 || first[0] != second[0] {
		t.Fatalf("a retransmission must get the same answer:\n%q\n%q", first, second)
	}
	port := addrOf(r.client).Port()
	lines := strings.Split(first[0], "\r\n")
	if lines[0] != "SIP/2.0 404 Not Found" {
		t.Errorf("status line %q", lines[0])
	}
	via := header(first[0], "Via")
	if !strings.Contains(via, "received=127.0.0.1") || !strings.Contains(via, fmt.Sprintf("rport=%d", port)) {
		t.Errorf("Via %q: want received and rport=%d", via, port)
	}
	tag := header(first[0], "To")
	if !strings.Contains(tag, ";tag=") || header(first[0], "Server") != "ser" {
		t.Errorf("To %q, Server %q", tag, header(first[0], "Server"))
	}

	var local string
	r.s.request = func(c *module.Ctx) { local = r.w.LocalTag(c) }
	ack := strings.NewReplacer("INVITE", "ACK", "To: <sip:b@example.org>", "To: "+tag).Replace(msg)
	r.ask(ack)
	if !strings.HasSuffix(tag, ";tag="+local) || local == "" {
		t.Errorf("the ACK's local tag is %q, the reply's To %q", local, tag)
	}
}

func TestOneAnswer(t *testing.T) {
	r := newRig(t, nil)
	var errs []error
	r.s.request = func(c *module.Ctx) {
		for _, code := range []int{100, 180, 200, 404, 99, 700} {
			errs = append(errs, r.w.Reply(c, code, "x"))
		}
	}
	if n := len(r.ask(r.request("INVITE", "sip:x@example.org", ""))); n != 3 {
		t.Errorf("%d replies, want two provisional and one final", n)
	}
	for i, wantErr := range []bool{false, false, false, true, true, true} {
		if (errs[i] != nil) != wantErr {
			t.Errorf("reply %d: %v", i, errs[i])
		}
	}
	errs = nil
	r.s.request = answer(r.w, 200, &errs)
	if n := len(r.ask(r.request("ACK", "sip:x@example.org", ""))); n != 0 || errs[0] == nil {
		t.Errorf("an ACK got %d answers, error %v", n, errs)
	}
}

// Nobody who has not shown who they are gets more than three times what they
// sent; what is optional goes first.
func TestAmplification(t *testing.T) {
	r := newRig(t, func(c *settings) { c.server = "Server: " + strings.Repeat("s", 400) })
	var errs []error
	r.s.request = answer(r.w, 200, &errs)
	msg := r.request("OPTIONS", "sip:x@example.org", "")
	replies := r.ask(msg)
	if len(replies) != 1 || len(replies[0]) <= len(msg) {
		t.Fatalf("%d replies, error %v", len(replies), errs)
	}
	r.w.conf.server = "Server: " + strings.Repeat("s", 3*len(msg))
	replies = r.ask(msg)
	if len(replies) != 1 || header(replies[0], "Server") != "" {
		t.Errorf("the Server header had to go: %q", replies)
	}
	r.s.request = func(c *module.Ctx) {
		c.ReplyHeaders = append(c.ReplyHeaders, "X: "+strings.Repeat("x", 4*len(msg))+"\r\n")
		errs = append(errs, r.w.Reply(c, 200, "OK"))
	}
	if replies = r.ask(msg); len(replies) != 0 || errs[len(errs)-1] == nil {
		t.Errorf("a reply of %d bytes to a request of %d went out", len(replies[0]), len(msg))
	}
}

func TestRefusal(t *testing.T) {
	r := newRig(t, nil)
	ran := 0
	r.s.request = func(c *module.Ctx) { ran++ }
	for _, c := range []struct{ name, old, new, status string }{
		{"no Call-ID", "Call-ID: c1@example.org\n", "", "400"},
		{"CSeq method", "CSeq: 7 OPTIONS", "CSeq: 7 INVITE", "400"},
		{"version", "SIP/2.0\n", "SIP/7.0\n", "505"},
		{"Content-Length beyond the datagram", "Content-Length: 0", "Content-Length: 9999", "400"},
	} {
		replies := r.ask(strings.Replace(r.request("OPTIONS", "sip:x@example.org", ""), c.old, c.new, 1))
		if len(replies) != 1 || !strings.HasPrefix(replies[0], "SIP/2.0 "+c.status) {
			t.Errorf("%s: %q, want %s", c.name, replies, c.status)
		}
	}
	for _, junk := range []string{strings.Repeat("junk ", 20), "SIP/2.0 200 OK\nVia: x\n" + strings.Repeat("x", 40), "\x00\x01" + strings.Repeat("s", 60)} {
		if replies := r.ask(junk); len(replies) != 0 {
			t.Errorf("%.20q was answered: %q", junk, replies)
		}
	}
	if ran != 0 {
		t.Errorf("the script saw %d of them", ran)
	}
	r.w.conf.strict = false
	r.ask(strings.Replace(r.request("OPTIONS", "sip:x@example.org", ""), "CSeq: 7 OPTIONS", "CSeq: 7 INVITE", 1))
	if ran != 1 {
		t.Error("reject_invalid=no did not leave it to the script")
	}
}
