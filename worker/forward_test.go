package worker

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"goser/cfg/check"
	"goser/worker/module"
)

// forwarder makes the script send everything to a peer.
func (r *rig) forwarder(to string, errs *[]error) {
	r.s.request = func(c *module.Ctx) {
		c.Dest.Next = to
		*errs = append(*errs, r.w.Forward(c, module.Target{}))
	}
}

func code(err error) int {
	var e *module.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func TestForwardAndBack(t *testing.T) {
	r := newRig(t, nil)
	uas := r.peer("127.0.0.1")
	var errs []error
	r.forwarder("sip:"+addrOf(uas).String(), &errs)
	msg := r.request("INVITE", "sip:b@example.org", "", "Max-Forwards: 70")
	r.ask(msg)
	r.ask(msg) // a retransmission
	cancel := strings.ReplaceAll(msg, "INVITE", "CANCEL")
	r.ask(cancel)
	sent := got(uas)
	if len(sent) != 3 {
		t.Fatalf("%d messages at the UAS, errors %v", len(sent), errs)
	}
	if sent[0] != sent[1] {
		t.Errorf("a retransmission leaves changed:\n%s\n%s", sent[0], sent[1])
	}
	own := header(sent[0], "Via")
	if !strings.HasPrefix(own, "SIP/2.0/UDP "+r.addr.String()+";branch=z9hG4bK") {
		t.Errorf("our Via is %q", own)
	}
	if header(sent[2], "Via") != own {
		t.Errorf("the CANCEL's branch differs (RFC 3261 §16.11): %q, %q", header(sent[2], "Via"), own)
	}
	if mf := header(sent[0], "Max-Forwards"); mf != "69" {
		t.Errorf("Max-Forwards %s, want 69", mf)
	}

	reply := "SIP/2.0 200 OK\r\n"
	for _, l := range strings.Split(sent[0], "\r\n") {
		if k, _, _ := strings.Cut(l, ":"); k == "Via" || k == "From" || k == "To" || k == "Call-ID" || k == "CSeq" {
			reply += l + "\r\n"
		}
	}
	if _, err := uas.WriteToUDPAddrPort([]byte(reply+"Content-Length: 0\r\n\r\n"), r.addr); err != nil {
		t.Fatal(err)
	}
	r.step()
	back := got(r.client)
	if len(back) != 1 || strings.Contains(back[0], own) || strings.Count(back[0], "Via:") != 1 {
		t.Errorf("the reply comes back as %q", back)
	}
}

func TestMaxForwards(t *testing.T) {
	r := newRig(t, nil)
	uas := r.peer("127.0.0.1")
	var errs []error
	r.forwarder("sip:"+addrOf(uas).String(), &errs)
	r.ask(r.request("MESSAGE", "sip:b@example.org", ""))
	if m := got(uas); len(m) != 1 || header(m[0], "Max-Forwards") != "70" {
		t.Errorf("without the header: %q", m)
	}
	r.ask(r.request("MESSAGE", "sip:b@example.org", "", "Max-Forwards: 0"))
	if m := got(uas); len(m) != 0 || code(errs[1]) != module.ErrTooMany {
		t.Errorf("with 0: %d sent, %v", len(m), errs[1])
	}
	r.s.request = func(c *module.Ctx) {
		c.MaxForwardsDone, c.Dest.Next = true, "sip:"+addrOf(uas).String()
		r.w.Forward(c, module.Target{})
	}
	r.ask(r.request("MESSAGE", "sip:b@example.org", "", "Max-Forwards: 5"))
	if m := got(uas); len(m) != 1 || header(m[0], "Max-Forwards") != "5" {
		t.Errorf("after a function has dealt with it: %q", m)
	}
}

func TestHostNamesCostNothing(t *testing.T) {
	r := newRig(t, nil)
	for _, host := range []string{"sip.example.org", "127.0.0.1", "[::1]", "abc"} {
		if n := testing.AllocsPerRun(20, func() { r.w.Myself(host, 0, 0) }); n != 0 {
			t.Errorf("myself of %s: %v allocations", host, n)
		}
	}
}

// A request that points back at us comes around once and is then recognised.
func TestLoop(t *testing.T) {
	r := newRig(t, nil)
	var errs []error
	r.forwarder("sip:"+r.addr.String(), &errs)
	r.ask(r.request("MESSAGE", "sip:b@example.org", "", "Max-Forwards: 70"))
	r.step()
	if len(errs) != 2 || errs[0] != nil || code(errs[1]) != module.ErrLoop {
		t.Errorf("errors %v, want none and then a loop", errs)
	}
	// A spiral is no loop: the R-URI has changed (RFC 3261 §16.3 step 4).
	n := 0
	r.s.request = func(c *module.Ctx) {
		n++
		c.SetURI(fmt.Sprintf("sip:u%d@%s", n, r.addr))
		if n < 3 {
			errs = append(errs, r.w.Forward(c, module.Target{}))
		}
	}
	errs = nil
	r.ask(r.request("MESSAGE", "sip:b@example.org", "", "Max-Forwards: 70"))
	r.step()
	r.step()
	if n != 3 || errors.Join(errs...) != nil {
		t.Errorf("a spiral of 3 ended after %d: %v", n, errs)
	}
}

func TestForwardErrors(t *testing.T) {
	r := newRig(t, nil)
	var errs []error
	for _, c := range []struct {
		next string
		want int
	}{
		{"sip:[::1]:5060", module.ErrProto},
		{"sips:a@127.0.0.1", module.ErrProto},
		{"sip:a@127.0.0.1;transport=tcp", module.ErrProto},
		{"tel:+358-555-1234567", module.ErrBadAddr},
		{"TELS:1", module.ErrBadAddr},
		{"urn:service:sos", module.ErrBadAddr},
		{"http://127.0.0.1/", module.ErrBadURI},
		{"sip:a@127.0.0.1;transport=ws", module.ErrProto},
		{"nonsense", module.ErrBadURI},
		{"sip:a@127.0.0.1:00x", module.ErrBadURI},
		{"sip:a@127.0.0.1:0@b", module.ErrBadURI},
		{"sip:a@127.0.0.1:99999", module.ErrBadURI},
	} {
		errs = nil
		r.forwarder(c.next, &errs)
		r.ask(r.request("MESSAGE", "sip:b@example.org", ""))
		if len(errs) != 1 || code(errs[0]) != c.want {
			t.Errorf("%s: %v, want code %d", c.next, errs, c.want)
		}
	}
	uas := r.peer("127.0.0.1")
	r.forwarder("sip:"+addrOf(uas).String(), &errs)
	r.s.send = func(c *module.Ctx) bool { return c.Sent.To != addrOf(uas) }
	errs = nil
	r.ask(r.request("MESSAGE", "sip:b@example.org", ""))
	if n := len(got(uas)); n != 0 || code(errs[0]) != module.ErrAdmin {
		t.Errorf("dropped by onsend_route, yet %d sent, %v", n, errs)
	}
}

// Where a URI leads to, as seen on Kamailio 5.6.3.
func TestNextHop(t *testing.T) {
	r := newRig(t, nil)
	c := &module.Ctx{Env: r.w}
	for _, k := range []struct {
		uri, host string
		port      int
	}{
		{"sip:a@192.0.2.1", "192.0.2.1", 5060},
		{"sip:a@192.0.2.1:7", "192.0.2.1", 7},
		{"sip:a@192.0.2.1:", "192.0.2.1", 5060},
		{"sip:192.0.2.1:0", "192.0.2.1", 5060},
		{"sip:192.0.2.1:0;x=192.0.2.1:0", "192.0.2.1", 5060},
		{"sip:a:p@[2001:db8::1]:000?h=1", "2001:db8::1", 5060},
		{"sip:a@192.0.2.1;transport=", "192.0.2.1", 5060},
		{"sip:a@192.0.2.1;transport=foo", "192.0.2.1", 5060},
		{"sip:a@192.0.2.1:7;maddr=192.0.2.2", "192.0.2.1", 7},
	} {
		c.Dest.Next = k.uri
		h, err := r.w.nextHop(c, module.Target{})
		if err != nil || h.host != k.host || h.port != k.port || h.proto != check.ProtoUDP {
			t.Errorf("%s: %+v %v, want %s:%d by UDP", k.uri, h, err, k.host, k.port)
		}
	}
}

// An onsend_route that sends something itself must not disturb the message.
func TestOnsendMaySend(t *testing.T) {
	r := newRig(t, nil)
	uas, tap := r.peer("127.0.0.1"), r.peer("127.0.0.1")
	var errs []error
	r.forwarder("sip:"+addrOf(uas).String(), &errs)
	r.s.send = func(c *module.Ctx) bool {
		errs = append(errs, r.w.Send(nil, addrOf(tap), c.Sent.Data))
		return true
	}
	r.ask(r.request("MESSAGE", "sip:b@example.org", ""))
	a, b := got(uas), got(tap)
	if len(a) != 1 || len(b) != 1 || a[0] != b[0] || errors.Join(errs...) != nil {
		t.Errorf("%v\n%q\n%q", errs, a, b)
	}
}

func TestRepliesThatAreNotSentOn(t *testing.T) {
	r := newRig(t, nil)
	base := "From: <sip:a@example.org>;tag=f1\nTo: <sip:b@example.org>;tag=t\nCall-ID: c\nCSeq: 7 OPTIONS\nContent-Length: 0\n"
	own := fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bKa\n", r.addr)
	back := fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bKb\n", addrOf(r.client))
	for _, c := range []struct {
		name, vias string
		want       int
	}{
		{"ours and the client's", own + back, 1},
		{"only ours", own, 0},
		{"none", "", 0},
		{"too many of ours", strings.Repeat(own, 9) + back, 0},
		{"next hop not UDP", own + strings.Replace(back, "UDP", "TCP", 1), 0},
	} {
		if n := len(r.ask("SIP/2.0 200 OK\n" + c.vias + base)); n != c.want {
			t.Errorf("%s: %d sent, want %d", c.name, n, c.want)
		}
	}
	r.w.conf.checkVia = true
	foreign := "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\n"
	if n := len(r.ask("SIP/2.0 200 OK\n" + foreign + back + base)); n != 0 {
		t.Error("check_via let a reply pass whose top Via is not ours")
	}
	r.w.conf.checkVia = false
	r.s.reply = func(*module.Ctx) bool { return false }
	if n := len(r.ask("SIP/2.0 200 OK\n" + own + back + base)); n != 0 {
		t.Error("dropped by onreply_route, yet sent")
	}
}

func TestAllocations(t *testing.T) {
	r := newRig(t, func(c *settings) { c.warning = true })
	uas := r.peer("127.0.0.1")
	for name, f := range map[string]func(*module.Ctx){
		"reply": func(c *module.Ctx) { r.w.Reply(c, 200, "OK") },
		"forward": func(c *module.Ctx) {
			c.Dest.Next = "sip:" + "127.0.0.1"
			r.w.Forward(c, module.Target{Host: "127.0.0.1", IP: addrOf(uas).Addr(), Port: int(addrOf(uas).Port())})
		},
	} {
		r.s.request = f
		msg := r.request("OPTIONS", "sip:x@example.org", "", "Max-Forwards: 70")
		data := []byte(wire(msg))
		r.ask(msg)
		n := testing.AllocsPerRun(50, func() {
			r.client.WriteToUDPAddrPort(data, r.addr)
			r.step()
		})
		if n > 0 {
			t.Errorf("%s: %v allocations a message", name, n)
		}
	}
}
