package all

import (
	"os"
	"strings"
	"testing"

	"goser/cfg"
	"goser/worker/module"
	"goser/worker/module/moduletest"
	"goser/worker/script"
)

// serve loads a configuration with the real modules and runs it on messages.
func serve(t *testing.T, src string, msgs ...string) *moduletest.Env {
	t.Helper()
	env, eng := start(t, src)
	for _, m := range msgs {
		c := env.Request(m)
		if c.SIP.IsRequest {
			eng.Request(c)
		} else {
			eng.Reply(c)
		}
	}
	return env
}

// start brings a configuration with the real modules to where messages can come.
func start(t *testing.T, src string) (*moduletest.Env, *script.Engine) {
	t.Helper()
	prog, diag := cfg.Load("test.cfg", []byte(src), cfg.Options{}, module.NewCatalog())
	if diag.Failed() {
		var b strings.Builder
		diag.Print(&b)
		t.Fatal(b.String())
	}
	env := moduletest.New(t)
	if err := module.Configure(prog); err != nil {
		t.Fatal(err)
	}
	env.CounterNames = map[string]module.Counter{}
	if err := module.Declare(prog, func(name, _ string) (module.Counter, error) {
		id := module.Counter(len(env.CounterNames) + 1)
		env.CounterNames[name] = id
		return id, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := module.Start(prog, env); err != nil {
		t.Fatal(err)
	}
	eng, err := script.New(prog, script.Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	return env, eng
}

// The configuration that the server comes with answers OPTIONS to itself.
func TestDefaultConfig(t *testing.T) {
	src, err := os.ReadFile("../../../scripts/ser.cfg")
	if err != nil {
		t.Fatal(err)
	}
	env := serve(t, string(src), moduletest.Options)
	if len(env.Replies) != 1 || env.Replies[0].Code != 200 {
		t.Errorf("replies %v, log %s", env.Replies, env.Errors())
	}
	if env.Errors() != "" {
		t.Error(env.Errors())
	}
}

// Modules, core and language together.
func TestTogether(t *testing.T) {
	env := serve(t, `
loadmodule "sl.so"
loadmodule "/usr/lib/ser/modules/maxfwd.so"
loadmodule "xlog"
loadmodule "pv"
loadmodule "textops"
loadmodule "siputils"
modparam("xlog", "prefix", "")
request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	$var(x) = $(ru{uri.host}) + ":" + $rp;
	xlog("L_ERR", "$rm from $si:$sp to $var(x) $(var(x){s.len}) $fU\n");
	if (is_method("INVITE") && !has_totag()) {
		$avp(s:n) = 1; $avp(s:n) = 2;
		xlog("L_ERR", "$avp(s:n) $(avp(s:n)[1])\n");
		sl_send_reply("404", "Not $rU here");
	}
}`, moduletest.Invite)
	if got, want := env.Text(), "INVITE from 192.0.2.1:5070 to example.com:5080 16 alice\n\n2 1\n"; got != want {
		t.Errorf("log %q, want %q", got, want)
	}
	if len(env.Replies) != 1 || env.Replies[0].Code != 404 || env.Replies[0].Reason != "Not bob here" {
		t.Errorf("replies %+v; log %s", env.Replies, env.Errors())
	}
}

// The way of a message through core and modules allocates nothing.
func TestNoAllocation(t *testing.T) {
	if raceOn {
		t.Skip("the race detector makes package regexp's pool of machines forget at random")
	}
	src, err := os.ReadFile("../../../scripts/ser.cfg")
	if err != nil {
		t.Fatal(err)
	}
	prog, diag := cfg.Load("ser.cfg", src, cfg.Options{}, module.NewCatalog())
	if diag.Failed() {
		t.Fatal(diag.Err())
	}
	env := moduletest.New(t)
	env.Quiet = true
	eng, err := script.New(prog, script.Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	for _, msg := range []string{moduletest.Options, moduletest.Invite} {
		c := env.Request(msg)
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
			t.Errorf("%.7s: %v allocations", msg, n)
		}
	}
}

// What the checker has said of an assignment, the compiler does not say again.
func TestReadOnlySaidOnce(t *testing.T) {
	src := "loadmodule \"pv\"\nroute {\n\t$si = \"x\";\n\t$(ru{s.len}) = 2;\n}\n"
	image, diag := cfg.Preprocess("test.cfg", []byte(src), cfg.Options{})
	if diag.Failed() {
		t.Fatal(diag)
	}
	prog, diag := cfg.CheckImage(image, module.NewCatalog())
	var b strings.Builder
	diag.Print(&b)
	if n := strings.Count(b.String(), "error: "); n != 2 {
		t.Errorf("%d errors, want one for each line:\n%s", n, b.String())
	}
	if _, err := script.New(prog, script.Options{}); err != nil {
		t.Errorf("said again: %v", err)
	}
}
