package all

import (
	"net/netip"
	"strings"
	"testing"

	"goser/cfg"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

const network = `
loadmodule "pv"
loadmodule "textops"
loadmodule "corex"
modparam("corex", "nio_intercept", 1)
modparam("corex", "nio_min_msg_len", 4)
modparam("corex", "nio_msg_avp", "$avp(i:5)")
route { exit; }
event_route[network:msg] {
	if ($mb =~ "drop") drop;
	if ($mb =~ "exit") { $avp(i:5) = "ended"; exit; }
	if ($mb =~ "keep") return 0;
	if ($mb =~ "number") { $avp(i:5) = 7; return; }
	if ($mb =~ "empty") { $avp(i:5) = ""; return; }
	if ($mb =~ "gone") { $avp(i:5) = "x"; $avp(i:5) = $null; return; }
	if ($mb =~ "other") { $avp(s:5) = "x"; return; }
	if ($mb =~ "same") { $avp(i:5) = $avp(i:5); return; }
	if (is_incoming()) $avp(i:5) = "in:" + $mb; else $avp(i:5) = "out:" + $mb;
}
event_route[corex:reply-out] {
	if (status == "486") drop;
	if ($sndto(port) != 5070 || $hdr(CSeq) == $null) drop;
	append_hf("X-Seen: yes\r\n");
}
`

// pass hands a datagram to the interceptor, which finds a value in the AVP.
func pass(c *module.Ctx, way module.Wire, raw string) (string, bool) {
	c.SIP.Opaque(raw)
	c.Wire = way
	if way == module.WireIn {
		return module.Interceptors.In(c)
	}
	c.Sent = module.SentInfo{Valid: true, To: c.Recv.Src, Data: []byte(raw)}
	return module.Interceptors.Out(c)
}

// Only what this run of the block has set goes on instead, and only a text.
func TestNetworkRoute(t *testing.T) {
	env, engine := start(t, network)
	c := &module.Ctx{Env: env, Vars: &module.Vars{}, Runner: engine}
	t.Cleanup(func() { module.Interceptors.In, module.Interceptors.Out = nil, nil })
	for _, k := range []struct {
		raw, in, out string // "-": dropped
	}{
		{"abcd", "in:abcd", "out:abcd"},
		{"abc", "abc", "abc"}, // too short
		{"drop it", "-", "-"},
		{"exit", "ended", "ended"},
		{"keep it", "keep it", "keep it"},
		{"number", "number", "number"},
		{"empty", "", ""},
		{"gone", "gone", "gone"},
		{"other", "other", "other"},
		{"same", "before", "before"},
		{"\x00\xff\r\n", "in:\x00\xff\r\n", "out:\x00\xff\r\n"},
	} {
		for way, want := range map[module.Wire]string{module.WireIn: k.in, module.WireOut: k.out} {
			c.Reset()
			env.Arrive(c)
			c.AVPs.Push("i:5", module.StrValue("before"))
			got, ok := pass(c, way, k.raw)
			if !ok {
				got = "-"
			}
			if got != want {
				t.Errorf("%q, way %d: %q, want %q", k.raw, way, got, want)
			}
		}
	}
}

// A reply that leaves is a message in its block, which may look and drop it; then it is a datagram.
func TestReplyOut(t *testing.T) {
	env, engine := start(t, network)
	c := &module.Ctx{Env: env, Vars: &module.Vars{}, Runner: engine}
	t.Cleanup(func() { module.Interceptors.In, module.Interceptors.Out = nil, nil })
	ok := wire(moduletest.OK)
	for raw, want := range map[string]string{
		ok:                                       "out:" + ok,
		strings.Replace(ok, " 200 ", " 486 ", 1): "-",
		wire(moduletest.Options):                 "out:" + wire(moduletest.Options),
		"SIP/2.0 what is that":                   "out:SIP/2.0 what is that",
	} {
		c.Reset()
		env.Arrive(c)
		c.Recv.Src = netip.MustParseAddrPort("127.0.0.1:5070")
		got, ok := pass(c, module.WireOut, raw)
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%.60q: %.60q, want %.60q", raw, got, want)
		}
	}
}

// What cannot work is said at start.
func TestNetworkParams(t *testing.T) {
	const head = "loadmodule \"pv\"\nloadmodule \"corex\"\nroute { exit; }\n"
	const block = "event_route[network:msg] { return; }\n"
	for src, want := range map[string]string{
		`modparam("corex", "nio_intercept", 1)`:                 "there is no event_route[network:msg]",
		block + `modparam("corex", "nio_msg_avp", "$var(x)")`:   "no AVP",
		block + `modparam("corex", "nio_msg_avp", "x")`:         "not a variable",
		block + `modparam("corex", "nio_intercept", 1)`:         "",
		block + `modparam("corex", "nio_msg_avp", " $avp(x) ")`: "",
	} {
		prog, diag := cfg.Load("test.cfg", []byte(head+src+"\n"), cfg.Options{}, module.NewCatalog())
		if diag.Failed() {
			t.Fatal(src)
		}
		err := module.Configure(prog)
		if got := ""; err != nil {
			got = err.Error()
			if want == "" || !strings.Contains(got, want) {
				t.Errorf("%s: %s", src, got)
			}
		} else if want != "" {
			t.Errorf("%s: accepted", src)
		}
	}
	t.Cleanup(func() {
		acceptable(head + "modparam(\"corex\", \"nio_intercept\", 0)\nmodparam(\"corex\", \"nio_msg_avp\", \"\")\n")
	})
}

// Showing a datagram to a route that changes it, and a reply to two of them, costs no heap.
func TestNetworkRouteAllocatesNothing(t *testing.T) {
	env, engine := start(t, network)
	c := &module.Ctx{Env: env, Vars: &module.Vars{}, Runner: engine}
	t.Cleanup(func() { module.Interceptors.In, module.Interceptors.Out = nil, nil })
	request, reply, peer := wire(moduletest.Options), wire(moduletest.OK), netip.MustParseAddrPort("127.0.0.1:5070")
	sent := []byte(reply)
	for name, show := range map[string]func() (string, bool){
		"in": func() (string, bool) {
			c.SIP.Opaque(request)
			c.Wire = module.WireIn
			return module.Interceptors.In(c)
		},
		"out": func() (string, bool) {
			c.SIP.Opaque(reply)
			c.Wire, c.Sent = module.WireOut, module.SentInfo{Valid: true, To: peer, Data: sent}
			return module.Interceptors.Out(c)
		},
	} {
		run := func() {
			c.Reset()
			if got, ok := show(); !ok || !strings.HasPrefix(got, name+":") {
				t.Errorf("%s: %q %v", name, got, ok)
			}
		}
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 && !raceOn {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
