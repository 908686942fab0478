package pv

import (
	"strings"
	"testing"

	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func find(t testing.TB, class, name string) *module.Trans {
	t.Helper()
	ts := module.Lookup("pv").Trans
	for i := range ts {
		if ts[i].Class == class && ts[i].Name == name {
			return &ts[i]
		}
	}
	t.Fatalf("no {%s.%s}", class, name)
	return nil
}

func apply(t testing.TB, c *module.Ctx, in, trans string) string {
	t.Helper()
	head, rest, hasArgs := strings.Cut(trans, ",")
	class, name, _ := strings.Cut(head, ".")
	d := find(t, class, name)
	var args []module.Value
	if hasArgs {
		for _, a := range strings.Split(rest, ",") {
			args = append(args, module.StrValue(a))
		}
	}
	if len(args) < d.MinArgs || len(args) > d.MaxArgs {
		t.Fatalf("{%s}: %d arguments, takes %d to %d", trans, len(args), d.MinArgs, d.MaxArgs)
	}
	return c.Text(d.Do(c, module.StrValue(in), args))
}

func TestTransformations(t *testing.T) {
	c := moduletest.New(t).Request(moduletest.Options)
	for _, tc := range transCases {
		if got := apply(t, c, tc.in, tc.trans); got != tc.want {
			t.Errorf("%q{%s}: got %q, want %q", tc.in, tc.trans, got, tc.want)
		}
	}
}

// Whatever a stranger sends through a transformation, it ends, in bounds.
func FuzzTransformations(f *testing.F) {
	for _, tc := range transCases {
		f.Add(tc.in, "1", ",")
	}
	e := moduletest.New(f)
	c := e.Request(moduletest.Options)
	f.Fuzz(func(t *testing.T, in, a, b string) {
		if len(in) > 1<<16 {
			return
		}
		for _, d := range module.Lookup("pv").Trans {
			if d.Name == "ftime" { // its format is the author's
				continue
			}
			args := []module.Value{module.StrValue(a), module.StrValue(b)}
			d.Do(c, module.StrValue(in), args[:min(2, d.MaxArgs)])
		}
		c.Reset()
	})
}
