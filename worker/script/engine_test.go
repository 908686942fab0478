package script

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"goser/cfg"
	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

// What a select or a core function cannot do is an error at start, with its
// place.
func TestRefusedAtStart(t *testing.T) {
	for _, tc := range []struct{ src, want string }{
		{`$var(x) = @ruri.nope;`, "unknown part \"nope\" of a URI"},
		{`$var(x) = @from.uri.host.x;`, "unknown part"},
		{`$var(x) = @ruri.tag;`, "unknown part"},
		{`$var(x) = @refer_to.q;`, "unknown part"},
		{`$var(x) = @via[0].host;`, "count from 1"},
		{`$var(x) = @src.host;`, "expected ip port or ip_port"},
		{`$var(x) = @method.x;`, "nothing can follow"},
		{`$var(x) = @sys.now.gmt["%Y"];`, "without a format"},
		{`$var(x) = @nope;`, "@nope"},
		{`send_tcp("h");`, "not available yet: needs TCP"},
		{`forward_tcp("h");`, "not available yet: needs TCP"},
		{`forward_tls("h");`, "not available yet: needs TLS"},
		{`cfg_select("g", 1);`, "there is no group g"},
		{`save("location");`, "module registrar"},
		{`append_branch("sip:a@b", "1.5");`, "q must be 0 to 1"},
		{`append_branch("sip:a@b", "1.1");`, "q must be 0 to 1"},
		{`setflag(32);`, ""},
		{`forward("tls:h.org");`, "only UDP"},
		{`forward_udp("tcp:h.org");`, "contradicts"},
		{`strip(-1);`, ""},
	} {
		_, err := load(t, tc.src)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s\n got %v\nwant %s", tc.src, err, tc.want)
		}
		if err != nil && !strings.Contains(err.Error(), "test.cfg:3:") {
			t.Errorf("%s: the error has no place: %v", tc.src, err)
		}
	}
}

// A socket that the server does not have is an error where the program is
// loaded by a process that has its sockets.
func TestForceSendSocket(t *testing.T) {
	env := moduletest.New(t)
	second := env.Listen("127.0.0.2:5062")
	build := func(src string) (*Engine, error) {
		prog, diag := cfg.Load("test.cfg", []byte("request_route { "+src+" }"), cfg.Options{}, module.NewCatalog())
		if diag.Failed() {
			t.Fatal(diag.Err())
		}
		return New(prog, Options{Env: env})
	}
	eng, err := build(`force_send_socket(udp:127.0.0.2:5062);`)
	if err != nil {
		t.Fatal(err)
	}
	c := env.Request(moduletest.Options)
	eng.Request(c)
	if c.Dest.Socket != second {
		t.Errorf("socket %v, want %v", c.Dest.Socket, second)
	}
	if _, err := build(`force_send_socket(127.0.0.9);`); err == nil || !strings.Contains(err.Error(), "test.cfg:1:17") ||
		!strings.Contains(err.Error(), "does not listen") {
		t.Errorf("a missing socket: %v", err)
	}
}

func TestMessageSettings(t *testing.T) {
	env := moduletest.New(t)
	c := env.Request(moduletest.Options)
	mustLoad(t, `force_rport(); add_local_rport(); set_advertised_address(192.0.2.77); set_advertised_port(5099);`).Request(c)
	if !c.ForceRport || !c.AddLocalRport || c.AdvertisedAddr != "192.0.2.77" || c.AdvertisedPort != 5099 {
		t.Errorf("got %v %v %q %d", c.ForceRport, c.AddLocalRport, c.AdvertisedAddr, c.AdvertisedPort)
	}
}

// Script flags are those of one block and put back afterwards; the block's kind
// is in Ctx.Route.
func TestTopLevel(t *testing.T) {
	env := moduletest.New(t)
	eng := mustLoad(t, "request_route { ret(5); }\nevent_route[t:go] { ret(-4); }\nroute[X] { return 8; }")
	c := env.Request(moduletest.Options)
	c.ScriptFlags, c.Flags, c.RC = 3, 5, 9
	eng.Request(c)
	if c.ScriptFlags != 3 || c.Flags != 5 || c.RC != 5 {
		t.Errorf("flags %d %d, rc %d", c.ScriptFlags, c.Flags, c.RC)
	}
	if got := eng.Call(c, check.EventRoute, "t:go"); got != -4 {
		t.Errorf("event route: %d", got)
	}
	if got := c.Runner.Call(c, check.RequestRoute, "X"); got != 8 {
		t.Errorf("route[X]: %d", got)
	}
	if got := eng.Call(c, check.EventRoute, "t:nope"); got != 1 || eng.Has(check.EventRoute, "t:nope") || !eng.Has(check.EventRoute, "t:go") {
		t.Errorf("absent route: %d", got)
	}
}

// Each statement has a counter.
func TestCounts(t *testing.T) {
	eng := mustLoad(t, `$var(i) = 0; while ($var(i) < 3) { $var(i) = $var(i) + 1; } if (method == "BYE") { exit; }`)
	env := moduletest.New(t)
	for range 2 {
		eng.Request(env.Request(moduletest.Options))
	}
	var got []string
	for i, s := range eng.prog.Statements {
		got = append(got, fmt.Sprintf("%d:%d", s.Pos.Col, eng.Counts()[i]))
	}
	if want := "1:2 14:2 36:6 61:2 84:0"; !sameCounts(got, want) {
		t.Errorf("got %v, want %s in some order", got, want)
	}
}

func sameCounts(got []string, want string) bool {
	if len(got) != len(strings.Fields(want)) {
		return false
	}
	for _, w := range strings.Fields(want) {
		if !strings.Contains(" "+strings.Join(got, " ")+" ", " "+w+" ") {
			return false
		}
	}
	return true
}

func TestTooFewCounters(t *testing.T) {
	prog, _ := cfg.Load("x", []byte("request_route { exit; }"), cfg.Options{}, module.NewCatalog())
	if _, err := New(prog, Options{Counts: []uint64{}}); err == nil {
		t.Error("a counter array that is too small was taken")
	}
}

// A script that waits leaves the engine to other messages, and goes on with its
// own state afterwards.
func TestWait(t *testing.T) {
	env := moduletest.New(t)
	eng := mustLoad(t, `$avp(me) = @call_id; if (method == "INVITE") { $avp(a) = 1 + exec("true"); } say("$avp(me) $avp(a)");`)
	env.OnWait = func() {
		env.OnWait = nil
		eng.Request(env.Request(moduletest.Options))
	}
	eng.Request(env.Request(moduletest.Invite))
	if got, want := env.Text(), "c1@example.org <null>\nc2@example.org 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	env.WaitFail = errors.New("too many wait")
	env.Forget()
	eng.Request(env.Request(moduletest.Invite))
	if got := env.Errors(); !strings.Contains(got, "exec: too many wait at=test.cfg:3:") {
		t.Errorf("log: %q", got)
	}
}

// A host name in a comparison is resolved, and each of its addresses compared.
func TestHostNames(t *testing.T) {
	env := moduletest.New(t)
	env.Hosts["peer.example.org"] = []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("192.0.2.1")}
	src := `if (src_ip == "peer.example.org") { say("a"); } if (src_ip == "other.example.org") { say("b"); } if (src_ip != "other.example.org") { say("c"); }
$var(h) = "peer.example.org"; if (src_ip == $var(h)) { say("d"); }`
	mustLoad(t, src).Request(env.Request(moduletest.Options))
	if got := env.Text(); got != "a\nc\nd" {
		t.Errorf("got %q", got)
	}
}

// A stranger's messages that make the script fail do not fill the log.
func TestLogIsBounded(t *testing.T) {
	env := moduletest.New(t)
	eng := mustLoad(t, `$var(x) = 1 / $var(zero);`)
	c := env.Request(moduletest.Options)
	for range 1000 {
		eng.Request(c)
	}
	if n := len(env.Logs); n != logsPerSecond {
		t.Errorf("%d lines", n)
	}
	env.Clock = env.Clock.Add(1e9)
	eng.Request(c)
	if got := env.Logs[len(env.Logs)-1].Text; !strings.Contains(got, "suppressed=980") {
		t.Errorf("last line: %q", got)
	}
}

// Strings of one message are bounded in all, too.
func TestRoom(t *testing.T) {
	env := moduletest.New(t)
	eng := mustLoad(t, `$var(s) = "0123456789abcdef"; while (strlen($var(s)) < 32768) { $var(s) = $var(s) + $var(s); }
$var(i) = 0; while ($var(i) < 99) { $var(k) = 0; while ($var(k) < 99) { $var(t) = $var(s) + "x"; $var(k) = $var(k) + 1; } $var(i) = $var(i) + 1; } say("end");`)
	eng.Request(env.Request(moduletest.Options))
	if got := env.Errors(); !strings.Contains(got, "too many strings") || env.Text() != "end" {
		t.Errorf("log %.200q, text %q", got, env.Text())
	}
}

// A route that calls itself twice would take 2^100 calls.
func TestRunawayRecursion(t *testing.T) {
	env := moduletest.New(t)
	mustLoad(t, "request_route { route(A); say(\"not here\"); }\nroute[A] { route(A); route(A); }").Request(env.Request(moduletest.Options))
	if got := env.Text(); got != "" {
		t.Errorf("the script went on: %q", got)
	}
}
