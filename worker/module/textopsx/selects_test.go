package textopsx

import (
	"testing"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func part(name string) check.SelectPart { return check.SelectPart{Name: name} }

func nth(n int32) check.SelectPart { return check.SelectPart{IsArg: true, IsInt: true, Int: n} }

func selected(t testing.TB, root string, parts ...check.SelectPart) (selector, error) {
	t.Helper()
	for _, s := range selects() {
		if s.Root == root {
			return s.Prepare(parts)
		}
	}
	t.Fatalf("there is no select @%s", root)
	return nil, nil
}

// What they give beside Kamailio is in scripts/interop; here, that they cost no heap allocation.
func TestSelects(t *testing.T) {
	c := moduletest.New(t).Request(list)
	raw, recv, env := c.SIP.Raw, c.Recv, c.Env
	for _, tc := range []struct {
		root  string
		parts []check.SelectPart
		want  string
	}{
		{"hf_value", []check.SelectPart{part("x_l")}, "a;p=1,b;p=2;r=3,c"},
		{"hf_value", []check.SelectPart{part("x_l"), nth(-2), part("param"), part("r")}, "3"},
		{"hf_value", []check.SelectPart{part("contact"), part("uri"), part("host")}, "b"},
		{"hf_value", []check.SelectPart{part("contact"), part("name")}, "a, b"},
		{"hf_value", []check.SelectPart{part("x_none"), nth(-1), part("uri")}, ""},
		{"hf_value2", []check.SelectPart{part("x_l"), nth(-1)}, "c"},
		{"hf_value_exists", []check.SelectPart{part("x_l"), part("C")}, "1"},
		{"hf_value_exists", []check.SelectPart{part("x_none"), part("C")}, "0"},
	} {
		get, err := selected(t, tc.root, tc.parts...)
		if err != nil {
			t.Fatalf("@%s %v: %v", tc.root, tc.parts, err)
		}
		var v module.Value
		n := testing.AllocsPerRun(100, func() {
			c.Reset()
			c.Recv, c.Env = recv, env
			_ = c.SIP.Parse(raw)
			v = get(c)
		})
		if v.Str != tc.want || n != 0 {
			t.Errorf("@%s %v is %q with %v allocations, want %q without", tc.root, tc.parts, v.Str, n, tc.want)
		}
	}
}

func TestSelectsRefuse(t *testing.T) {
	for root, parts := range map[string][]check.SelectPart{
		"hf_value":        {part("x"), part("uri"), part("nope")},
		"hf_value2":       {},
		"hf_value_exists": {part("x")},
	} {
		if _, err := selected(t, root, parts...); err == nil {
			t.Errorf("@%s %v is taken", root, parts)
		}
	}
	if _, err := selected(t, "hf_value", part("x"), part("nameaddr")); err == nil {
		t.Error("@hf_value.x.nameaddr is taken")
	}
	if _, err := selected(t, "hf_value", part("x"), part("p"), nth(1)); err == nil {
		t.Error("@hf_value.x.p[1] is taken")
	}
	if _, err := selected(t, "hf_value_exists"); err == nil {
		t.Error("@hf_value_exists is taken")
	}
}
