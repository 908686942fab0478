package conf

import (
	"strings"
	"sync"
	"testing"

	"goser/shm"
	"goser/shm/kill"
)

var decls = []Decl{
	{Group: "g", Name: "n", Instance: -1, Int: 5},
	{Group: "g", Name: "s", Instance: -1, IsStr: true, Str: "text"},
	{Group: "g", Name: "n", Instance: 3, Int: 7},
	{Group: "g", Name: "n", Instance: -1, Int: 6}, // the last one counts
}

func enter(t testing.TB, a *shm.Arena, slot int) *shm.Proc {
	t.Helper()
	p, err := a.Enter(slot, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Reap(slot); err != nil {
		t.Fatal(err)
	}
	return p
}

func open(t testing.TB, p *shm.Proc) *Table {
	t.Helper()
	v, err := Open(p, decls)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func heap(t testing.TB) *shm.Arena {
	t.Helper()
	a, err := shm.NewHeap(8 << 20)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestValues(t *testing.T) {
	a := heap(t)
	p, q := enter(t, a, 1), enter(t, a, 2)
	v, w := open(t, p), open(t, q)
	n, s, inst := v.Find("g", "n", -1), v.Find("g", "s", 3), v.Find("g", "n", 3)
	if v.Int(n) != 6 || string(v.Text(s, nil)) != "text" || v.Int(inst) != 7 || v.Find("g", "x", -1) != -1 || v.Len() != 3 {
		t.Fatalf("%d %q %d %d", v.Int(n), v.Text(s, nil), v.Int(inst), v.Len())
	}
	long := strings.Repeat("ab", MaxText/2)
	for _, text := range []string{"", "x", "12345678", "123456789", long} {
		if err := w.Set(q, s, 0, text); err != nil {
			t.Fatal(err)
		}
		if got := string(v.Text(s, []byte("> "))); got != "> "+text {
			t.Errorf("%q, want %q", got, text)
		}
	}
	if w.Set(q, s, 0, long+"c") == nil {
		t.Error("a text that is too long is taken")
	}
	if err := w.Set(q, n, -9, ""); err != nil || v.Int(n) != -9 || v.Int(inst) != 7 {
		t.Errorf("%v, %d, %d", err, v.Int(n), v.Int(inst))
	}
	if _, err := Open(p, decls[:1]); err == nil {
		t.Error("an arena of other variables is opened")
	}
	if err := shm.Check(a); err != nil {
		t.Error(err)
	}
}

// A writer that dies anywhere leaves the old value or the new one, and the lock
// to the next.
func TestWriterDies(t *testing.T) {
	for _, point := range []string{"conf.set.1", "conf.set.2", "conf.set.3"} {
		a := heap(t)
		p := enter(t, a, 1)
		v := open(t, p)
		s := v.Find("g", "s", -1)
		if at := kill.Try(point, 1, func() { _ = v.Set(p, s, 0, "new") }); at != point {
			t.Fatalf("%s: died at %q", point, at)
		}
		q := enter(t, a, 2)
		w := open(t, q)
		want := "text"
		if point == "conf.set.3" {
			want = "new"
		}
		if got := string(w.Text(s, nil)); got != want {
			t.Errorf("%s: %q, want %q", point, got, want)
		}
		a.MarkDead(1)
		if err := w.Set(q, s, 0, "after"); err != nil || string(w.Text(s, nil)) != "after" {
			t.Errorf("%s: %v, %q", point, err, w.Text(s, nil))
		}
	}
}

// Readers see whole texts while others write.
func TestConcurrent(t *testing.T) {
	a := heap(t)
	p, q := enter(t, a, 1), enter(t, a, 2)
	v, w := open(t, p), open(t, q)
	s := v.Find("g", "s", -1)
	texts := []string{strings.Repeat("a", 200), strings.Repeat("b", 301), "text"}
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 5000 {
			if w.Set(q, s, 0, texts[i%3]) != nil {
				t.Error("set")
			}
		}
	})
	var buf []byte
	for range 20000 {
		buf = v.Text(s, buf[:0])
		if got := string(buf); got != texts[0] && got != texts[1] && got != texts[2] {
			t.Fatalf("torn: %q", got)
		}
	}
	wg.Wait()
}
