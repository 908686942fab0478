package module

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Seen on Kamailio 5.6.3, by (int)$var(s).
func TestParseInt(t *testing.T) {
	for s, want := range map[string]int32{
		"010": 10, "0x1F": 31, "0X1f": 31, "-12": -12, "+12": 12, "2147483647": 2147483647, "-2147483648": -2147483648,
		"": 0, " 12": 0, "12 ": 0, "12x": 0, "0x": 0, "-": 0, "2147483648": 0, "4294967295": 0, "99999999999999999999": 0, "0xffffffffff": 0, "1_0": 0,
	} {
		if got := StrValue(s).AsInt(); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

// Every number reads back as it was written.
func TestParseIntReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int32().Draw(t, "n")
		for _, s := range []string{strconv.Itoa(int(n)), strings.Repeat("0", 5) + strconv.Itoa(int(n&0x7fffffff))} {
			want := n
			if s[0] == '0' && len(s) > 5 {
				want = n & 0x7fffffff
			}
			if got, ok := ParseInt(s); !ok || got != want {
				t.Fatalf("%q: %d %v", s, got, ok)
			}
		}
	})
}

func FuzzParseInt(f *testing.F) {
	for _, s := range []string{"1", "-0x7f", "0010", "", "+", "99999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := ParseInt(s)
		if !ok && n != 0 {
			t.Errorf("%q: no number, but %d", s, n)
		}
		if want, err := strconv.ParseInt(s, 10, 32); err == nil && (!ok || int64(n) != want) {
			t.Errorf("%q: %d %v, want %d", s, n, ok, want)
		}
	})
}

func TestVars(t *testing.T) {
	var v Vars
	if got := v.Get(3); got != IntValue(0) {
		t.Errorf("unset: %v", got)
	}
	buf := []byte("text")
	v.Set(3, StrValue(view(buf)))
	copy(buf, "gone")
	if got := v.Get(3); got != StrValue("text") {
		t.Errorf("a variable kept a view: %v", got)
	}
	other := v.Clone()
	other.Set(3, Undef)
	if v.Get(3) != StrValue("text") || other.Get(3) != IntValue(0) {
		t.Errorf("clones are not apart: %v %v", v.Get(3), other.Get(3))
	}
}

// The list against a plain model: newest first, names apart.
func TestAVPs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l AVPList
		model := map[string][]Value{}
		names := rapid.SampledFrom([]string{"s:a", "i:1", "s:b"})
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			name := names.Draw(t, "name")
			switch rapid.IntRange(0, 3).Draw(t, "op") {
			case 0:
				v := IntValue(rapid.Int32().Draw(t, "v"))
				l.Push(name, v)
				model[name] = append([]Value{v}, model[name]...)
			case 1:
				if got := l.Pop(name); got != (len(model[name]) > 0) {
					t.Fatalf("pop: %v", got)
				}
				if len(model[name]) > 0 {
					model[name] = model[name][1:]
				}
			case 2:
				if n := l.Clear(name); n != len(model[name]) {
					t.Fatalf("clear: %d, want %d", n, len(model[name]))
				}
				delete(model, name)
			}
			for n, want := range model {
				if l.Count(n) != len(want) || l.Get(n, len(want)) != nil {
					t.Fatalf("%s: %d values, want %d", n, l.Count(n), len(want))
				}
				for i, w := range want {
					if l.Get(n, i).Value != w {
						t.Fatalf("%s[%d]: %v, want %v", n, i, l.Get(n, i).Value, w)
					}
				}
			}
		}
	})
}

func TestAVPLimit(t *testing.T) {
	var l AVPList
	for range maxAVPs {
		if !l.Push("s:x", Undef) {
			t.Fatal("refused too early")
		}
	}
	if l.Push("s:x", Undef) {
		t.Error("1001 AVPs were taken")
	}
}

// What was built before stays as it was, whatever is built after.
func TestScratchNeverMoves(t *testing.T) {
	var c Ctx
	var made, want []string
	for i := range 5000 {
		s := strings.Repeat(strconv.Itoa(i%10), i%97)
		want = append(want, s+"/"+strconv.Itoa(1000+i))
		made = append(made, c.Concat(c.Keep(s), "/", c.Itoa(int64(1000+i))))
		if i%3 == 0 {
			c.Build(1, func(dst []byte) []byte { return append(dst, "more than was asked for"...) })
		}
	}
	for i := range want {
		if made[i] != want[i] {
			t.Fatalf("%d: %q, want %q", i, made[i], want[i])
		}
	}
	if c.Room(scratchMax) || !c.Room(1000) {
		t.Error("what was built is not counted")
	}
	c.Reset()
	if cap(c.scratch) > scratchKeep || !c.Room(scratchMax) {
		t.Errorf("after Reset: %d bytes kept", cap(c.scratch))
	}
}
