package pv

import (
	"fmt"
	"testing"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

var withPV = &check.Program{Modules: []check.Module{{Name: "pv"}}}

// TestEvalKeepsNothing: names that only stand in a stranger's text must not stay in the process.
func TestEvalKeepsNothing(t *testing.T) {
	e := moduletest.New(t)
	c := e.Request(moduletest.Options)
	module.Use(withPV)
	vars, shared := len(slots), len(shvNames)
	for i := range 500 {
		text := fmt.Sprintf("$var(a%d)$shv(b%d)$vn(c%d)$avp(d%d)$xavp(e%d=>f)", i, i, i, i, i)
		got, err := c.EvalText(text)
		if err != nil || got != "00<null><null><null>" {
			t.Fatalf("%s: %q, %v", text, got, err)
		}
	}
	if len(slots) != vars || len(shvNames) != shared {
		t.Errorf("%d variables and %d shared ones are kept, want %d and %d", len(slots), len(shvNames), vars, shared)
	}
	for _, bad := range []string{"$", "$nosuch(x)", "$(ru{no.such})", "$var(x"} {
		if _, err := c.EvalText(bad); err == nil {
			t.Errorf("%q is taken for a text with variables", bad)
		}
	}
}

func FuzzEvalText(f *testing.F) {
	for _, s := range []string{"$rm", "$(ru{uri.user}{s.len})", "$avp($var(x))", "$(hdr(X)[-1])", "$$", "$xavp(a[1]=>b[0])", "$(var(x){s.replace,a,b})", "$_s($rm)", "$sel(via.host)"} {
		f.Add(s)
	}
	e := moduletest.New(f)
	c := e.Request(moduletest.Options)
	module.Use(withPV)
	f.Fuzz(func(_ *testing.T, s string) {
		_, _ = c.EvalText(s)
	})
}
