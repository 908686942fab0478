package worker

import (
	"bytes"
	"strings"
	"testing"

	"goser/shm/kill"
	"goser/worker/module"
)

// watched makes every datagram pass a function of the test.
func watched(r *rig, f module.Intercept) {
	r.w.seeIn, r.w.seeOut = f, f
	r.s.request = func(c *module.Ctx) { _ = r.w.Reply(c, 200, "OK") }
}

// What has come may be changed, or made a message at all, before it is parsed. AVPs stay with the message, and
// nothing else that was done to it.
func TestArriving(t *testing.T) {
	r := newRig(t, nil)
	var met []string
	watched(r, func(c *module.Ctx) (string, bool) {
		if c.Wire == module.WireOut {
			return c.SIP.Raw, true
		}
		if c.Datagram != c.SIP.Raw || c.SIP.IsRequest || len(c.SIP.Headers) != 0 || c.Faked {
			t.Errorf("it is taken for a message: %+v", c.SIP)
		}
		c.AVPs.Push("s:x", module.StrValue("kept"))
		c.Flags, c.Dest.Next, c.MaxForwardsDone = 1, "sip:elsewhere", true
		c.Edits.Delete(0, 10)
		return c.Keep(strings.ReplaceAll(c.SIP.Raw, "\x00HIDDEN ", "OPTIONS ")), true
	})
	r.s.request = func(c *module.Ctx) {
		if c.Wire != module.NoWire || c.Datagram != "" || c.Flags != 0 || c.Dest.Next != "" || c.MaxForwardsDone || c.Edits.Len() != 0 {
			t.Errorf("more than the AVPs stays: %+v", c)
		}
		met = append(met, c.SIP.MethodName, c.AVPs.Get("s:x", 0).Value.Str)
		_ = r.w.Reply(c, 200, "OK")
	}
	answers := r.ask(strings.Replace(r.request("OPTIONS", "sip:x@example.org", ""), "OPTIONS ", "\x00HIDDEN ", 1))
	if len(answers) != 1 || strings.Join(met, " ") != "OPTIONS kept" {
		t.Errorf("answers %q, met %q", answers, met)
	}
}

func TestArrivingBad(t *testing.T) {
	for name, to := range map[string]func(string) (string, bool){
		"dropped": func(s string) (string, bool) { return s, false },
		"empty":   func(string) (string, bool) { return "", true },
		"NUL":     func(s string) (string, bool) { return "\x00" + s, true },
		"garbage": func(string) (string, bool) { return "garbage", true },
		"huge":    func(s string) (string, bool) { return s + strings.Repeat("x", 70000), true },
	} {
		r := newRig(t, nil)
		watched(r, func(c *module.Ctx) (string, bool) { return to(c.SIP.Raw) })
		r.s.request = func(*module.Ctx) { t.Errorf("%s: it reached the route", name) }
		if a := r.ask(r.request("OPTIONS", "sip:x@example.org", "")); len(a) != 0 {
			t.Errorf("%s: answered %q", name, a)
		}
		r.ask("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n")
	}
}

// What leaves may be changed and dropped; what is sent meanwhile goes before it and is not shown.
func TestLeaving(t *testing.T) {
	uas := func(r *rig) module.Path { return module.Path{To: addrOf(r.client), From: r.w.sockets[0]} }
	for name, c := range map[string]struct {
		to   func(string) (string, bool)
		want string // of what comes, the first words; "" nothing
	}{
		"as it is": {func(s string) (string, bool) { return s, true }, "SIP/2.0 200 OK"},
		"changed":  {func(s string) (string, bool) { return "x" + s, true }, "xSIP/2.0 200 OK"},
		"short":    {func(string) (string, bool) { return "x", true }, "x"},
		"largest":  {func(string) (string, bool) { return strings.Repeat("y", 65507), true }, "yyyyyyyy"},
		"dropped":  {func(s string) (string, bool) { return s, false }, ""},
		"empty":    {func(string) (string, bool) { return "", true }, ""},
		"too big":  {func(string) (string, bool) { return strings.Repeat("y", 65508), true }, ""},
	} {
		r := newRig(t, nil)
		shown := 0
		watched(r, func(x *module.Ctx) (string, bool) {
			if x.Wire == module.WireIn {
				x.AVPs.Push("s:x", module.StrValue("of the message"))
				return x.SIP.Raw, true
			}
			shown++
			if x.Sent.To != addrOf(r.client) || string(x.Sent.Data) != x.SIP.Raw || x.AVPs.Get("s:x", 0).Value.Str != "of the message" {
				t.Errorf("%s: it sees %v, %d AVPs", name, x.Sent.To, x.AVPs.Len())
			}
			if r.w.SendOn(uas(r), []byte("beside")) != nil || r.w.Send(nil, addrOf(r.client), []byte("beside")) != nil {
				t.Errorf("%s: nothing can be sent beside it", name)
			}
			if r.w.Wait(x, func() {}) == nil || r.w.Reply(x, 200, "OK") == nil || r.w.Forward(x, module.Target{}) == nil {
				t.Errorf("%s: it may wait, answer or forward", name)
			}
			x.AVPs.Clear("s:x")
			return c.to(x.SIP.Raw)
		})
		r.s.request = func(x *module.Ctx) {
			err := r.w.Reply(x, 200, "OK")
			if (err != nil) != (name == "too big") {
				t.Errorf("%s: %v", name, err)
			}
			if x.AVPs.Count("s:x") != 1 {
				t.Errorf("%s: the AVPs of the message changed", name)
			}
		}
		got := r.ask(r.request("OPTIONS", "sip:x@example.org", ""))
		if shown != 1 || len(got) < 2 || got[0] != "beside" || got[1] != "beside" {
			t.Errorf("%s: shown %d times, got %.40q", name, shown, got)
			continue
		}
		if got = got[2:]; c.want == "" && len(got) != 0 || c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.want)) {
			t.Errorf("%s: got %.40q", name, got)
		}
	}
}

// What is not a message is not shown: the raw copies that a script sends, STUN.
func TestNotShown(t *testing.T) {
	r := newRig(t, func(s *settings) { s.stun = true })
	watched(r, func(c *module.Ctx) (string, bool) {
		if c.Wire == module.WireOut {
			t.Errorf("shown: %q", c.SIP.Raw)
		}
		return c.SIP.Raw, true
	})
	r.s.request = func(c *module.Ctx) {
		if err := r.w.SendRaw(c, module.Target{Host: "127.0.0.1", IP: addrOf(r.client).Addr(), Port: int(addrOf(r.client).Port())}); err != nil {
			t.Error(err)
		}
	}
	if got := r.ask(r.request("OPTIONS", "sip:x@example.org", "")); len(got) != 1 {
		t.Errorf("got %q", got)
	}
	binding := append([]byte{0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42}, bytes.Repeat([]byte{7}, 12)...)
	if _, err := r.client.WriteToUDPAddrPort(binding, r.addr); err != nil {
		t.Fatal(err)
	}
	r.step()
	if got := got(r.client); len(got) != 1 {
		t.Errorf("a binding request got %d answers", len(got))
	}
}

// Showing datagrams costs no heap.
func TestShowingAllocatesNothing(t *testing.T) {
	r := newRig(t, nil)
	watched(r, func(c *module.Ctx) (string, bool) {
		c.AVPs.Push("s:x", module.StrValue(c.Keep(c.SIP.Raw)))
		return c.AVPs.Get("s:x", 0).Value.Str, true
	})
	msg := r.request("OPTIONS", "sip:x@example.org", "")
	r.ask(msg)
	data := []byte(wire(msg))
	n := testing.AllocsPerRun(50, func() {
		if _, err := r.client.WriteToUDPAddrPort(data, r.addr); err != nil {
			t.Error(err)
		}
		r.step()
	})
	got(r.client)
	if n != 0 {
		t.Errorf("%v allocations a message", n)
	}
}

// A retransmission that has killed two timer processes does not leave any more; others do.
func TestShowingKills(t *testing.T) {
	r := newRig(t, nil)
	shown := 0
	watched(r, func(c *module.Ctx) (string, bool) { shown++; return c.SIP.Raw, true })
	r.w.turn = r.f // no datagram is being handled
	path := module.Path{To: addrOf(r.client), From: r.w.sockets[0]}
	bad, good := []byte("a killer"), []byte("a good one")
	for deaths := range 3 {
		if err := r.w.openShowing(); err != nil { // a successor's
			t.Fatal(err)
		}
		for _, data := range [][]byte{bad, good} {
			if err := r.w.SendOn(path, data); err != nil {
				t.Error(err)
			}
		}
		r.w.flush()
		want := 2
		if deaths == 2 {
			want = 1
		}
		if n := len(await(r.client, want)); n != want || shown != want {
			t.Errorf("after %d deaths %d came, %d were shown", deaths, n, shown)
		}
		shown = 0
		if deaths < 2 && !r.w.note(bad) {
			t.Error("it is not shown")
		}
	}
}

// A successor that dies while it notes what its predecessor died of has lost nothing: that counts as the second death.
func TestShowingKillsTheSuccessor(t *testing.T) {
	r := newRig(t, nil)
	if err := r.w.openShowing(); err != nil {
		t.Fatal(err)
	}
	bad := []byte("a killer")
	r.w.note(bad)
	if at := kill.Try("worker.showing", 1, func() { _ = r.w.openShowing() }); at != "worker.showing" {
		t.Fatalf("died at %q", at)
	}
	if err := r.w.openShowing(); err != nil || r.w.shown.Now != 0 {
		t.Fatalf("%v, %d", err, r.w.shown.Now)
	}
	if r.w.note(bad) || !r.w.note([]byte("a good one")) {
		t.Error("the killer leaves, or another does not")
	}
}
