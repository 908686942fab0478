package worker

import (
	"testing"
	"time"

	"goser/cfg/param"
	"goser/sip"
	"goser/worker/handoff"
	"goser/worker/module"
)

// user_agent_header is what modules put into requests of their own; server_signature=no leaves it out.
func TestUserAgent(t *testing.T) {
	for _, c := range []struct{ header, signature, want string }{
		{"", "yes", "User-Agent: ser (1)"},
		{"User-Agent: mine", "yes", "User-Agent: mine"},
		{"User-Agent: mine", "no", ""},
	} {
		v := param.NewValues()
		set := func(name string, val param.Value) {
			if err := param.Set(v, param.Lookup(name), val); err != nil {
				t.Fatal(err)
			}
		}
		set("server_signature", param.Bare(c.signature))
		if c.header != "" {
			set("user_agent_header", param.Str(c.header))
		}
		w := &Worker{birth: &handoff.Birth{Product: "ser (1)"}}
		w.settle(v)
		if got := w.Conf().UserAgent; got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// udp_pause is how long a receiver lets datagrams gather when they come one by one, fast; 0 is never.
func TestPause(t *testing.T) {
	for _, us := range []int{0, 200} {
		v := param.NewValues()
		if err := param.Set(v, param.Lookup("udp_pause"), param.Num(us)); err != nil {
			t.Fatal(err)
		}
		w := &Worker{birth: new(handoff.Birth)}
		w.settle(v)
		now, longest := time.Unix(100, 0), time.Duration(0)
		for range 5000 {
			now = now.Add(25 * time.Microsecond)
			longest = max(longest, w.pace.Next(1, true, now))
		}
		if want := time.Duration(us) * time.Microsecond; longest != want {
			t.Errorf("udp_pause=%d: a pause of %v, want %v", us, longest, want)
		}
	}
}

// udp_batch is how many datagrams one look at the socket takes.
func TestBatch(t *testing.T) {
	r := newRig(t, func(s *settings) { s.batch = 2 })
	seen := 0
	r.s.request = func(*module.Ctx) { seen++ }
	for range 5 {
		r.give(r.request("OPTIONS", "sip:a@b", ""))
	}
	for _, want := range []int{2, 4, 5} {
		if r.step(); seen != want {
			t.Errorf("%d handled, want %d", seen, want)
		}
	}
}

// With log_prefix_mode=1 the prefix is read anew for each line of the script.
func TestPrefixMode(t *testing.T) {
	for _, each := range []bool{false, true} {
		r := newRig(t, nil)
		r.w.handler.SetDebug(0)
		read := 0
		r.w.prefix, r.w.prefixEach = func(*module.Ctx) string { read++; return "x " }, each
		r.s.request = func(c *module.Ctx) {
			r.w.ScriptLog(3, "", "above debug: not written")
			r.w.handler.SetDebug(3)
			for range 3 {
				r.w.ScriptLog(-1, "", "")
			}
			r.w.handler.SetDebug(-9)
		}
		r.give(r.request("OPTIONS", "sip:a@b", ""))
		r.step()
		if want := map[bool]int{false: 1, true: 4}[each]; read != want {
			t.Errorf("log_prefix_mode=1 %v: read %d times, want %d", each, read, want)
		}
	}
}

// max_self_vias bounds how often a reply may come back to us.
func TestSelfVias(t *testing.T) {
	for n := range 4 {
		r := newRig(t, func(s *settings) { s.selfVias = 2 })
		vias := ""
		for range n {
			vias += "Via: SIP/2.0/UDP " + r.addr.String() + ";branch=z9hG4bKa\n"
		}
		r.give("SIP/2.0 200 OK\n" + vias + "Via: SIP/2.0/UDP " + addrOf(r.client).String() + ";branch=z9hG4bKb\n" +
			"From: <sip:a@b>;tag=1\nTo: <sip:a@b>;tag=2\nCall-ID: c\nCSeq: 1 INVITE\nContent-Length: 0\n")
		r.step()
		r.w.flush()
		if sent := r.w.out.Sent; (sent == 1) != (n >= 1 && n <= 2) {
			t.Errorf("%d Vias of ours: %d sent on", n, sent)
		}
	}
}

// TestViaXAVP: what a script puts into the two XAVPs must not break the Via.
func TestViaXAVP(t *testing.T) {
	v := param.NewValues()
	for name, val := range map[string]string{"xavp_via_params": "vp", "xavp_via_fields": "vf"} {
		if err := param.Set(v, param.Lookup(name), param.Str(val)); err != nil {
			t.Fatal(err)
		}
	}
	type field struct{ list, name, text string }
	for _, tc := range []struct {
		fields []field
		want   string
	}{
		{nil, "sent.by"},
		{[]field{{"vp", "a", "1"}, {"vp", "b", ""}, {"vp", "c", "x y;\"\r\nX: 1"}}, `sent.by;a=1;b;c="x y;\"  X: 1"`},
		{[]field{{"vp", "a b", "1"}, {"vp", "Branch", "z"}, {"vp", "ok", "1"}}, "sent.by;ok=1"},
		{[]field{{"vf", "address", "h.example"}}, "h.example"},
		{[]field{{"vf", "address", "[::1]"}, {"vf", "port", "5080"}}, "[::1]:5080"},
		{[]field{{"vf", "address", "h.example"}, {"vf", "port", "99999"}}, "h.example"},
		{[]field{{"vf", "address", "h;x=y\r\n"}, {"vf", "port", "5080"}}, "sent.by"},
		{[]field{{"vf", "port", "5080"}}, "sent.by"},
	} {
		w := &Worker{birth: &handoff.Birth{}}
		w.settle(v)
		c := &module.Ctx{Env: w, ViaOptions: module.ViaXAVPParams | module.ViaXAVPFields}
		trees := &c.AVPs.Trees
		lists := map[string]int32{}
		for _, f := range tc.fields {
			if lists[f.list] == 0 {
				lists[f.list] = trees.Push(module.XAVP, 0, f.list, module.Undef)
			}
			trees.Append(module.XAVP, lists[f.list], f.name, module.StrValue(f.text))
		}
		via := sip.OwnVia{SentBy: "sent.by"}
		c.FinishVia(&via)
		if got := via.SentBy + via.Params; got != tc.want {
			t.Errorf("%v: %s, want %s", tc.fields, got, tc.want)
		}
	}
}
