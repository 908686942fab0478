package avpops

import (
	"testing"

	"goser/cfg/check"
	"goser/worker/module"
)

// What is refused at start; what is taken runs in package all, with variables.
func TestRefused(t *testing.T) {
	for _, tc := range []struct {
		fix  func(a []check.Arg) (any, error)
		args []string
	}{
		{fixSource, []string{""}},
		{fixSource, []string{"x"}},
		{fixPush, []string{"$fu", "$avp(a)"}},
		{fixPush, []string{"$ru", "text"}},
		{fixSubst, []string{"a", "/a/b/"}},
	} {
		var a []check.Arg
		for _, s := range tc.args {
			a = append(a, check.Arg{Const: true, Str: s})
		}
		if _, err := tc.fix(a); err == nil {
			t.Errorf("%q was taken", tc.args)
		}
	}
	for _, s := range []string{"", "eq", "xx/1", "eq/i:x", "eq/1/q", "re/(", "eq/$("} {
		if _, err := parseOperand(s, comparisons, "gi"); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestOperands(t *testing.T) {
	for _, tc := range []struct {
		s, op, flags string
		value        module.Value
	}{
		{"eq/a", "eq", "", module.StrValue("a")},
		{"eq/s:a/g", "eq", "g", module.StrValue("a")},
		{"eq/i:-7/gi", "eq", "gi", module.IntValue(-7)},
		{"eq/a/b/g", "eq", "g", module.StrValue("a/b")},
		{"eq/$$x", "eq", "", module.StrValue("$x")},
		{"eq//", "eq", "", module.StrValue("")},
	} {
		o, err := parseOperand(tc.s, comparisons, "gi")
		if err != nil || o.op != tc.op || o.flags != tc.flags || o.value != tc.value {
			t.Errorf("%q: %+v, %v", tc.s, o, err)
		}
	}
	if o, err := parseOperand("re/^a/b$$/g", comparisons, "gi"); err != nil || o.flags != "g" || !o.re.MatchString("A/B") {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestArithmetic(t *testing.T) {
	const least = -1 << 31
	for _, tc := range []struct {
		op         string
		x, y, want int32
		ok         bool
	}{
		{"add", 7, 3, 10, true},
		{"sub", 7, 3, 4, true},
		{"mul", 7, 3, 21, true},
		{"div", 7, 3, 2, true},
		{"mod", 7, 3, 1, true},
		{"div", 7, 0, 0, false},
		{"mod", 7, 0, 0, false},
		{"div", least, -1, least, true},
		{"mod", least, -1, 0, true},
		{"and", 6, 3, 2, true},
		{"or", 6, 3, 7, true},
		{"xor", 6, 3, 5, true},
		{"not", 6, 3, -4, true},
	} {
		k := &computing{operand: &operand{op: tc.op}}
		if got, ok := k.apply(tc.x, tc.y); got != tc.want || ok != tc.ok {
			t.Errorf("%d %s %d: %d, %v", tc.x, tc.op, tc.y, got, ok)
		}
	}
}

func FuzzOperand(f *testing.F) {
	f.Add("re/^(a|b)/g")
	f.Add("eq/i:7")
	f.Fuzz(func(t *testing.T, s string) { _, _ = parseOperand(s, comparisons, "gi") })
}
