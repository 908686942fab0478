package script

import (
	"testing"

	"goser/worker/module/moduletest"
)

// example is what every server begins with.
const example = `if (method == "OPTIONS" && uri == myself) { reply("200", "OK"); exit; }`

// typical is a routing script of 60 lines, as a proxy's main route is written,
// with the modules' functions replaced by those of the test module.
const typical = `
request_route {
	route(SANITY);
	if (method == "OPTIONS" && uri == myself) {
		reply("200", "Keepalive");
		exit;
	}
	if (method == "CANCEL") {
		forward();
		exit;
	}
	force_rport();
	route(NAT);
	if (!(method == "REGISTER")) {
		setflag(1);
	}
	if (@to.tag != "") {
		route(WITHIN);
	}
	if (method == "REGISTER") {
		reply("403", "No registrar");
		exit;
	}
	if (from_uri == myself && src_ip != 10.0.0.0/8) {
		$avp(origin) = "outside";
	}
	$var(user) = @ruri.user;
	switch ($var(user)) {
		case "echo":
			rewritehost("10.0.0.7");
			break;
		case /"^00[1-9]":
			strip(2);
			prefix("+");
			break;
		case /"^[0-9]{3}$":
			setflag(3);
			break;
		default:
			resetflag(3);
	}
	if ($ru =~ "^sip:[0-9]+@" || $var(user) == "") {
		append_branch();
	}
	$var(n) = 0;
	while ($var(n) < 3) {
		$var(n) = $var(n) + 1;
	}
	$avp(log) = "call from " + @from.uri.user + " to " + $var(user);
	say("$avp(log) $var(n) $(avp(log){s.len})");
	route(RELAY);
}
route[SANITY] {
	if (msg:len > 65000) {
		reply("513", "Message too large");
		exit;
	}
	return 1;
}
route[NAT] {
	if (@via.host != @src.ip) { setflag(5); }
	return;
}
route[WITHIN] { forward(); exit; }
route[RELAY] {
	if (!forward()) {
		reply("500", "Cannot forward");
	}
	exit;
}
`

// The message path allocates nothing, whatever branch it takes.
func TestNoAllocation(t *testing.T) {
	if raceOn {
		t.Skip("the race detector makes package regexp's pool of machines forget at random")
	}
	dynamic := `$var(s) = "x" + @from.uri.user + 5; if ($ru =~ $var(s) || method == $var(s)) { exit; }
switch ($var(s)) { case "a": break; case /"^x": $avp(x) = $var(s); break; }
$avp(y) = $(var(s){s.cat,$var(s)}); six("a", "$avp(y)-$var(s)", $var(s) + 1); $avp(z) = $avp($var(s));`
	for _, tc := range []struct{ name, src, msg string }{
		{"example, OPTIONS", example, moduletest.Options},
		{"example, INVITE", example, moduletest.Invite},
		{"typical, OPTIONS", typical, moduletest.Options},
		{"typical, INVITE", typical, moduletest.Invite},
		{"computed", `if (1) { ` + noSix(dynamic) + ` }`, moduletest.Invite},
		{"failing silently", `$var(r) = isflagset(7); if (isbflagset(1)) { exit; } $var(s) = (int)$ru + -5 * ~3;`, moduletest.Invite},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := moduletest.New(t)
			env.Quiet = true
			eng := mustLoad(t, tc.src)
			c := env.Request(tc.msg)
			raw := c.SIP.Raw
			once := func() {
				c.Reset()
				if c.SIP.Parse(raw) != nil {
					t.Fatal("parse")
				}
				env.Arrive(c)
				eng.Request(c)
			}
			once()
			if n := testing.AllocsPerRun(200, once); n != 0 {
				t.Errorf("%v allocations for a message", n)
			}
		})
	}
}

// noSix leaves out the test function that formats with package fmt.
func noSix(s string) string {
	const call = `six("a", "$avp(y)-$var(s)", $var(s) + 1);`
	for i := range len(s) - len(call) {
		if s[i:i+len(call)] == call {
			return s[:i] + `say("$avp(y)-$var(s)");` + s[i+len(call):]
		}
	}
	return s
}

// benchOnly measures the script alone: state that a run leaves is cleared by
// hand, the parsed message stays.
func benchOnly(b *testing.B, src, msg string) {
	env := moduletest.New(b)
	env.Quiet = true
	eng := mustLoad(b, src)
	c := env.Request(msg)
	b.ReportAllocs()
	for b.Loop() {
		c.Replied, c.Dest.N, c.Dest.URI = 0, 0, ""
		c.AVPs.Reset()
		eng.Request(c)
	}
}

func BenchmarkExampleOptions(b *testing.B) { benchOnly(b, example, moduletest.Options) }
func BenchmarkExampleInvite(b *testing.B)  { benchOnly(b, example, moduletest.Invite) }

// BenchmarkTypicalInvite includes parsing the message, which the script's
// reading of it would otherwise find done.
func BenchmarkTypicalInvite(b *testing.B) {
	env := moduletest.New(b)
	env.Quiet = true
	eng := mustLoad(b, typical)
	c := env.Request(moduletest.Invite)
	raw := c.SIP.Raw
	b.ReportAllocs()
	for b.Loop() {
		c.Reset()
		if c.SIP.Parse(raw) != nil {
			b.Fatal("parse")
		}
		env.Arrive(c)
		eng.Request(c)
	}
}

func BenchmarkArithmetic(b *testing.B) {
	benchOnly(b, `$var(a) = ($var(b) + 3) * 7 - 2;`, moduletest.Options)
}

func BenchmarkCall(b *testing.B) { benchOnly(b, `setflag(3);`, moduletest.Options) }
