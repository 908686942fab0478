package regex

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func run(t testing.TB, s, expr string, constant bool) int {
	t.Helper()
	spec := []check.Arg{{}, {Const: constant, Str: expr}}
	fixed, err := fixMatch(spec)
	if err != nil {
		t.Fatal(err)
	}
	a := new(module.Args)
	a.Init(spec, nil, fixed)
	a.Set(0, module.StrValue(s))
	a.Set(1, module.StrValue(expr))
	return match(moduletest.New(t).Request(moduletest.Options), a)
}

// The answers of Kamailio 5.6.3.
func TestMatch(t *testing.T) {
	for _, tc := range []struct {
		s, expr string
		want    int
	}{
		{"bob", "^b.b$", 1},
		{"bob", "^B", -1},
		{"bob", "(?i)^B", 1},
		{"alice", "^(a|b)l.*e$", 1},
		{"a1", `^\w\d$`, 1},
		{"a.b", `a\.b`, 1},
		{"", "", 1},
		{"x", "", 1},
	} {
		for _, constant := range []bool{true, false} {
			if got := run(t, tc.s, tc.expr, constant); got != tc.want {
				t.Errorf("%q %q: %d", tc.s, tc.expr, got)
			}
		}
	}
	if got := run(t, "bob", "^(", false); got != -4 {
		t.Errorf("a bad expression: %d", got)
	}
	for _, bad := range []string{"(", "(?=x)", `(a)\1`, "a++"} {
		if _, err := fixMatch([]check.Arg{{}, {Const: true, Str: bad}}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestGroups(t *testing.T) {
	file, loaded, caseless = filepath.Join(t.TempDir(), "groups"), "", 1
	defer func() { file, loaded, groups, caseless = "", "", nil, 0 }()
	if err := os.WriteFile(file, []byte("# groups\n[0]\n^alice$\n^bob\n\n[2]\n^\\d+$\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := load(); err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string][3]int{"alice": {1, -1, -1}, "BOBBY": {1, -1, -1}, "123": {-1, -1, 1}, "x": {-1, -1, -1}} {
		for n := range 3 {
			a := new(module.Args)
			a.Init(make([]check.Arg, 2), nil, nil)
			a.Set(0, module.StrValue(s))
			a.Set(1, module.IntValue(int32(n)))
			if got := matchGroup(moduletest.New(t).Request(moduletest.Options), a); got != want[n] {
				t.Errorf("%s in %d: %d", s, n, got)
			}
		}
	}
	if _, err := fixGroup([]check.Arg{{}, {Const: true, Int: 1}}); err == nil {
		t.Error("a group that is not there was taken")
	}
	for _, bad := range []string{"x", "[0]\n(", "[20]\nx", "[0]\n" + strings.Repeat("x", 9000)} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%.20q was taken", bad)
		}
	}
	file, loaded = "/nonexistent", ""
	if _, err := fixGroup([]check.Arg{{}}); err == nil {
		t.Error("a file that is not there")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[0]\na|b\n[1]\n#\n")
	f.Fuzz(func(t *testing.T, s string) { _, _ = parse(s) })
}
