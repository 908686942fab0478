package script

import (
	"testing"

	"goser/cfg"
	"goser/shm"
	"goser/shm/conf"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

const confScript = `
pstn.gw_ip = "10.0.0.1" desc "the gateway"
pstn.port = 5060
pstn[2].gw_ip = "10.0.0.2"
route {
	log(1, "start");
	$x = @cfg_get.pstn.gw_ip + ":" + @cfg_get.pstn.port;
	if ($x == "10.0.0.1:5060") log("group");
	if ($x == "10.0.0.9:5061") log("changed");
	cfg_select("pstn", 1 + 1);
	$x = @cfg_get.pstn.gw_ip + ":" + @cfg_get.pstn.port;
	if ($x == "10.0.0.2:5060") log("instance");
	if ($x == "10.0.0.2:5061") log("instance, changed");
	cfg_reset("pstn");
	if (@cfg_get.pstn.gw_ip == "10.0.0.1") log("group again");
	if (cfg_select("pstn", -1)) log("nonsense");
}
`

// Runtime variables are read as they were set last, by whichever process.
func TestRuntimeVariables(t *testing.T) {
	prog, diag := cfg.Load("test.cfg", []byte(confScript), cfg.Options{}, module.NewCatalog())
	if diag.Failed() {
		t.Fatal(diag.Err())
	}
	a, err := shm.NewHeap(8 << 20)
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Enter(1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	vars, err := conf.Open(p, RuntimeDecls(prog))
	if err != nil {
		t.Fatal(err)
	}
	module.RuntimeVars = vars
	defer func() { module.RuntimeVars = nil }()
	env := moduletest.New(t)
	eng, err := New(prog, Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	c := env.Request(moduletest.Options)
	eng.Request(c)
	if got, want := env.Text(), "start\ngroup\ninstance\ngroup again"; got != want {
		t.Errorf("log %q, want %q", got, want)
	}
	if vars.Set(p, vars.Find("pstn", "gw_ip", -1), 0, "10.0.0.9") != nil || vars.Set(p, vars.Find("pstn", "port", -1), 5061, "") != nil {
		t.Fatal("not set")
	}
	env.Forget()
	eng.Request(env.Request(moduletest.Options))
	if got, want := env.Text(), "start\nchanged\ninstance, changed"; got != want {
		t.Errorf("log %q, want %q", got, want)
	}
}
