package module

import (
	"errors"
	"strings"
	"testing"

	"goser/cfg/check"
)

var (
	testInt int32
	testStr string
	testSet []Value
)

func init() {
	one := []check.ArgSpec{{Kind: check.ArgStr}}
	do := func(*Ctx, *Args) int { return 1 }
	Register(&Module{
		Name: "mod1", Aliases: []string{"oldmod"}, Doc: "x",
		Params: []Param{
			{Name: "number", Aliases: []string{"num"}, Int: &testInt},
			{Name: "text", Str: &testStr},
			{Name: "func", Set: func(v Value) error {
				if v.Kind == KindInt && v.Int < 0 {
					return errors.New("must not be negative")
				}
				testSet = append(testSet, v)
				return nil
			}},
		},
		Funcs: []Func{
			{Name: "f", Aliases: []string{"g"}, Args: one, MinArgs: 1, Do: do},
			{Name: "f", Args: append(one, one...), MinArgs: 2, Do: do},
			{Name: "nope", Missing: "needs a thing", Do: do},
		},
		Vars: []Var{
			{Name: "v", Inner: check.InnerText, Names: []string{"a", "b"}, Get: func(*Ctx, *Ref) Value { return Undef }},
			{Name: "w", Get: func(*Ctx, *Ref) Value { return Undef }, Set: func(*Ctx, *Ref, Value) error { return nil }},
		},
		Trans: []Trans{{Class: "s", Name: "x", MinArgs: 1, MaxArgs: 2}},
	})
	Register(&Module{Name: "mod2", Doc: "x", Funcs: []Func{{Name: "only2", Do: do}}})
}

func TestCatalogModule(t *testing.T) {
	c := NewCatalog()
	for path, want := range map[string]string{
		"mod1": "mod1", "mod1.so": "mod1", "/usr/lib/ser/modules/mod1.so": "mod1", "modules/mod1/mod1.so": "mod1", "../mod1.so": "mod1",
		"oldmod.so": "mod1", "nosuch.so": "", "core": "", "mysql": "",
	} {
		if got, ok := c.Module(path); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q %v, want %q", path, got, ok, want)
		}
	}
}

func TestCatalogFunc(t *testing.T) {
	loaded := check.Loaded{"mod1": true}
	for _, tc := range []struct {
		name  string
		nargs int
		want  check.FuncStatus
		min   int
		max   int
	}{
		{"f", 1, check.FuncOK, 1, 1},
		{"g", 1, check.FuncOK, 1, 1},
		{"f", 2, check.FuncOK, 2, 2},
		{"f", 3, check.FuncWrongArity, 1, 2},
		{"f", 0, check.FuncWrongArity, 1, 2},
		{"only2", 0, check.FuncNotLoaded, 0, 0},
		{"nope", 0, check.FuncUnsupported, 0, 0},
		{"t_write_req", 0, check.FuncNotLoaded, 0, 0},
		{"save", 1, check.FuncNotLoaded, 0, 0},
		{"nosuch", 0, check.FuncUnknown, 0, 0},
	} {
		info, got := NewCatalog().Func(tc.name, tc.nargs, loaded)
		if got != tc.want || info.Min != tc.min || info.Max != tc.max {
			t.Errorf("%s/%d: status %d, %d to %d; want %d, %d to %d", tc.name, tc.nargs, got, info.Min, info.Max, tc.want, tc.min, tc.max)
		}
		if got == check.FuncUnsupported && info.Note == "" {
			t.Errorf("%s: no word why", tc.name)
		}
	}
}

func TestCatalogVar(t *testing.T) {
	c, loaded := NewCatalog(), check.Loaded{"mod1": true}
	for _, tc := range []struct {
		name, inner string
		has         bool
		want        string
	}{
		{"v", "a", true, ""},
		{"v", "c", true, "expected one of a b"},
		{"v", "", false, "needs a name"},
		{"w", "", false, ""},
		{"w", "x", true, "takes nothing"},
		{"nosuch", "", false, "unknown name"},
	} {
		info, err := c.Var(tc.name, tc.inner, tc.has, loaded)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("$%s(%s): %v, want %q", tc.name, tc.inner, err, tc.want)
		}
		if err == nil && info.Writable != (tc.name == "w") {
			t.Errorf("$%s: writable %v", tc.name, info.Writable)
		}
	}
	var unknown *check.UnknownName
	if _, err := c.Var("w", "", false, check.Loaded{}); !errors.As(err, &unknown) || unknown.Module != "mod1" {
		t.Errorf("not loaded: %v", err)
	}
	if _, err := c.Transformation("S", "X", 3, loaded); err == nil || !strings.Contains(err.Error(), "takes 1 to 2 arguments") {
		t.Errorf("arity of a transformation: %v", err)
	}
	if _, err := c.Transformation("S", "X", 1, loaded); err != nil {
		t.Errorf("case must not count: %v", err)
	}
}

func TestConfigure(t *testing.T) {
	c := NewCatalog()
	param := func(name string) check.ParamInfo {
		info, ok := c.Param("mod1", name)
		if !ok {
			t.Fatalf("no parameter %s", name)
		}
		return info
	}
	p := &check.Program{ModParams: []check.ModParam{
		{Module: "mod1", Name: "num", Info: param("num"), Int: 5},
		{Module: "mod1", Name: "number", Info: param("number"), Int: 16},
		{Module: "mod1", Name: "text", Info: param("text"), Str: "t", IsStr: true},
		{Module: "mod1", Name: "func", Info: param("func"), Int: 1},
		{Module: "mod1", Name: "func", Info: param("func"), Str: "two", IsStr: true},
	}}
	if err := Configure(p); err != nil {
		t.Fatal(err)
	}
	if testInt != 16 || testStr != "t" || len(testSet) != 2 || testSet[1] != StrValue("two") {
		t.Errorf("got %d %q %v", testInt, testStr, testSet)
	}
	for _, bad := range []check.ModParam{
		{Module: "mod1", Name: "number", Info: param("number"), Str: "x", IsStr: true},
		{Module: "mod1", Name: "text", Info: param("text"), Int: 3},
		{Module: "mod1", Name: "func", Info: param("func"), Int: -1},
	} {
		if err := Configure(&check.Program{ModParams: []check.ModParam{bad}}); err == nil || !strings.Contains(err.Error(), `modparam("mod1", "`+bad.Name) {
			t.Errorf("%s: %v", bad.Name, err)
		}
	}
}
