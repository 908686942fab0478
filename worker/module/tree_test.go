package module

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

func treeOf(t testing.TB) *AVPList {
	t.Helper()
	l := &AVPList{}
	l.Push("s:a", IntValue(1))
	x := &l.Trees
	n := x.Push(XAVP, 0, "list", Undef)
	x.Push(XAVP, n, "one", IntValue(-1))
	x.Append(XAVP, n, "two", StrValue("text"))
	x.Push(XAVP, 0, "list", StrValue("plain"))
	x.Push(XAVU, 0, "u", IntValue(7))
	x.Push(XAVI, x.Push(XAVI, 0, "Case", Undef), "Kid", StrValue(""))
	return l
}

// What goes into a transaction comes out of it.
func TestTreesSurviveTheirBinaryForm(t *testing.T) {
	b := treeOf(t).AppendBinary(nil)
	var l AVPList
	l.LoadBinary(string(b))
	if got := l.AppendBinary(nil); !bytes.Equal(got, b) {
		t.Fatalf("%q became %q", b, got)
	}
	x := &l.Trees
	n := x.Find(XAVP, 0, "list", 1)
	if v, list := x.Value(x.Find(XAVP, n, "two", 0)); list || v != StrValue("text") {
		t.Errorf("list[1]=>two is %v", v)
	}
	if x.Find(XAVI, x.Find(XAVI, 0, "cASE", 0), "kID", 0) == 0 || x.Find(XAVP, 0, "LIST", 0) != 0 {
		t.Error("the case of names")
	}
	if x.Find(XAVP, 0, "list", -2) != x.Find(XAVP, 0, "list", 0) || x.Find(XAVP, 0, "list", -3) != 0 {
		t.Error("indexes from the end")
	}
}

func TestTreesAreBounded(t *testing.T) {
	var x Trees
	made := 0
	for range 3 * maxTreeNodes {
		if n := x.Push(XAVP, 0, "a", Undef); n != 0 {
			made++
			x.Remove(XAVP, 0, n)
		}
	}
	if made != maxTreeNodes || x.First(XAVP, 0) != 0 {
		t.Errorf("%d nodes, want %d", made, maxTreeNodes)
	}
	if x.Reset(); x.Push(XAVU, 0, "a", Undef) == 0 {
		t.Error("a new message finds no room")
	}
}

// What is appended stands at the end, whatever was pushed and removed before.
func TestTreesAppendAtTheEnd(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var x Trees
		roots := []int32{0, x.Push(XAVP, 0, "a", Undef), x.Push(XAVP, 0, "b", Undef)}
		want := map[int32][]int32{0: {roots[2], roots[1]}}
		for range 60 {
			p := roots[rnd.IntN(3)]
			switch rnd.IntN(6) {
			case 0:
				want[p] = append([]int32{x.Push(XAVP, p, "k", Undef)}, want[p]...)
			case 1:
				if i := len(want[p]); i > 0 && p != 0 {
					i = rnd.IntN(i)
					x.Remove(XAVP, p, want[p][i])
					want[p] = slices.Delete(want[p], i, i+1)
				}
			case 2:
				if p != 0 && rnd.IntN(4) == 0 {
					x.SetValue(p, IntValue(1))
					want[p] = nil
				}
			case 3:
				if p != 0 && rnd.IntN(4) == 0 {
					x.RemoveAll(XAVP, p, "k")
					want[p] = nil
				}
			default:
				want[p] = append(want[p], x.Append(XAVP, p, "k", Undef))
			}
			for p, list := range want {
				var got []int32
				for n := x.First(XAVP, p); n != 0; n = x.Next(n) {
					got = append(got, n)
				}
				if !slices.Equal(got, list) {
					t.Fatalf("below %d: %v, want %v", p, got, list)
				}
			}
		}
	}
}

// What a damaged transaction holds is cut short, and never followed out of bounds.
func FuzzAVPListLoad(f *testing.F) {
	f.Add(treeOf(f).AppendBinary(nil))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\xff\x01\x00\x00\x00a\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var l, again AVPList
		l.LoadBinary(string(b))
		first := l.AppendBinary(nil)
		again.LoadBinary(string(first))
		if second := again.AppendBinary(nil); !bytes.Equal(first, second) {
			t.Errorf("%q became %q", first, second)
		}
	})
}
