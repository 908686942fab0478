package param

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestParseNumber(t *testing.T) {
	cases := []struct {
		in string
		n  int
		ok bool
	}{
		{"0", 0, true},
		{"8", 8, true},
		{"-1", -1, true},
		{"0x1F", 31, true},
		{"0X1f", 31, true},
		{"037", 31, true},
		{"11111b", 31, true},
		{"0b", 0, true},
		{"-0x10", -16, true},
		{"00", 0, true},
		{"2147483647", 1<<31 - 1, true},
		{"2147483648", 0, false},
		{"-2147483648", -1 << 31, true},
		{"-2147483649", 0, false},
		{"0xffffffff", -1, true},
		{"-0xffffffff", 0, false},
		{"0x100000000", 0, false},
		{"", 0, false},
		{"-", 0, false},
		{"--1", 0, false},
		{"+1", 0, false},
		{"0x", 0, false},
		{"0x-1", 0, false},
		{"08", 0, false},
		{"2b", 0, false},
		{"b", 0, false},
		{"1_000", 0, false},
		{"1 ", 0, false},
		{"yes", 0, false},
	}
	for _, c := range cases {
		if n, ok := ParseNumber(c.in); ok != c.ok || ok && n != c.n {
			t.Errorf("ParseNumber(%q) = %d, %v; want %d, %v", c.in, n, ok, c.n, c.ok)
		}
	}
}

// TestNumbersReadBack writes a number in each notation and reads it.
func TestNumbersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int32().Draw(t, "n")
		forms := []string{fmt.Sprint(n)}
		if n >= 0 {
			forms = append(forms, fmt.Sprintf("%#x", n), fmt.Sprintf("0%o", n), fmt.Sprintf("%bb", n))
		}
		for _, s := range forms {
			if got, ok := ParseNumber(s); !ok || got != int(n) {
				t.Fatalf("%s reads as %d, %v", s, got, ok)
			}
		}
	})
}

func TestParseValue(t *testing.T) {
	for in, want := range map[string]Value{"10": Num(10), "yes": Bare("yes"), "": Bare(""), "127.0.0.1": Bare("127.0.0.1")} {
		if got := ParseValue(in); got != want {
			t.Errorf("ParseValue(%q) = %#v", in, got)
		}
	}
}

func TestCommandLineArguments(t *testing.T) {
	cases := []struct {
		id   ID
		arg  string
		num  int
		text string
	}{
		{User, "1000", 0, "1000"},
		{Workdir, "/tmp", 0, "/tmp"},
		{Children, "4", 4, ""},
		{AutoAliases, "off", 0, ""},
		{TCPPollMethod, "select", 5, "select"},
		{Shm, "64", 64, ""},
	}
	for _, c := range cases {
		v, p := NewValues(), Get(c.id)
		if err := v.Override(p, p.Parse(c.arg)); err != nil || v.Int(c.id) != c.num || v.Text(c.id) != c.text {
			t.Errorf("-%c %s: %d %q, %v", p.CLI, c.arg, v.Int(c.id), v.Text(c.id), err)
		}
	}
	p := Get(Children)
	if err := NewValues().Override(p, p.Parse("many")); err == nil {
		t.Error("-n many is accepted")
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"0", "-1", "0xffffffff", "010", "101b", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := ParseNumber(s)
		if n != int(int32(n)) && ok {
			t.Fatalf("%q gives %d", s, n)
		}
		if again, ok2 := ParseNumber(fmt.Sprint(n)); ok && (!ok2 || again != n) {
			t.Fatalf("%q gives %d, which reads as %d", s, n, again)
		}
	})
}
