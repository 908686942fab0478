package module

import (
	"errors"
	"strings"
	"testing"

	"goser/cfg/check"
)

// lateCall is a call whose first argument is an expression with this value.
func lateCall(l *Late, s string) (any, error) {
	var a Args
	a.Init([]check.Arg{{Kind: check.ArgStrVar}, {Kind: check.ArgStr, Const: true, Str: "c"}}, nil, nil)
	a.Set(0, StrValue(s))
	a.Set(1, StrValue("c"))
	return l.Fixed(&Ctx{}, &a)
}

func TestLate(t *testing.T) {
	runs := 0
	fix := func(a []check.Arg) (any, error) {
		if runs++; a[0].Str == "bad" {
			return nil, errors.New("it is bad")
		}
		return a[0].Str + a[1].Str, nil
	}
	spec := []check.Arg{{Kind: check.ArgStrVar}, {Kind: check.ArgStr, Const: true, Str: "c"}}
	l := NewLate(fix, spec)
	for _, s := range []string{"x", "y", "x", ""} {
		if got, err := lateCall(l, s); got != s+"c" || err != nil {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for range 2 {
		if _, err := lateCall(l, "bad"); err == nil {
			t.Error("no error")
		}
	}
	if runs != 4 {
		t.Errorf("%d runs for 4 texts", runs)
	}
	if _, err := lateCall(l, strings.Repeat("x", maxLateText+1)); err == nil {
		t.Error("a text of any length is taken")
	}
	for i := range 3 * maxLate {
		if _, err := lateCall(l, strings.Repeat("z", i+1)); err != nil && i < maxLateText {
			t.Fatal(err)
		}
		if len(l.made) > maxLate {
			t.Fatalf("%d texts are kept", len(l.made))
		}
	}
	spec[0].Const = true
	if NewLate(fix, spec) != nil || NewLate(nil, spec[:1]) != nil {
		t.Error("what is constant waits")
	}
}

// A text that is known costs no allocation.
func TestLateAllocs(t *testing.T) {
	l := NewLate(func(a []check.Arg) (any, error) { return &a[0], nil }, []check.Arg{{Kind: check.ArgStrVar}, {Kind: check.ArgStr, Const: true}})
	var a Args
	a.Init(l.spec, nil, nil)
	a.Set(0, StrValue("x"))
	c := &Ctx{}
	if n := testing.AllocsPerRun(100, func() { _, _ = l.Fixed(c, &a) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// An expression that comes as a value is one that a script computes: it may not become thousands of steps.
func TestLateExpressionsAreBounded(t *testing.T) {
	l := NewLate(func(a []check.Arg) (any, error) { return CompileLines(a[0].Str, true, true, 0) },
		[]check.Arg{{Kind: check.ArgStrVar}, {Kind: check.ArgStr, Const: true, Str: "c"}})
	if _, err := lateCall(l, "^a{900}$"); err != nil {
		t.Error(err)
	}
	if _, err := lateCall(l, strings.Repeat("a{1000}", 100)); err == nil {
		t.Error("100,000 steps are taken")
	}
	if _, err := CompileLines(strings.Repeat("a{1000}", 10), true, true, 0); err != nil {
		t.Errorf("of a constant: %v", err)
	}
}
