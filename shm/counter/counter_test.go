package counter

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"goser/shm"
)

func heap(t testing.TB) *shm.Arena {
	t.Helper()
	a, err := shm.NewHeap(8 << 20)
	if err != nil {
		t.Fatal(err)
	}
	return a
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

func open(t testing.TB, p *shm.Proc) *Set {
	t.Helper()
	s, err := Open(p, 100)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCountersOutliveTheirProcess(t *testing.T) {
	a := heap(t)
	p := enter(t, a, 1)
	s := open(t, p)
	id, err := s.Register(p, "core.rcv")
	if err != nil {
		t.Fatal(err)
	}
	s.Lane(p).Add(id, 3)
	s.Shared(p).Add(id, 4)
	p.Leave()
	p = enter(t, a, 1)
	s.Lane(p).Add(id, 10)
	q := enter(t, a, 2)
	s.Lane(q).Add(id, 100)
	s.Lane(q).Add(9999, 1) // no such counter: ignored
	if s.Sum(id) != 117 || s.Slot(id, 1) != 17 || s.Slot(id, 2) != 100 {
		t.Errorf("sum %d, slots %d and %d", s.Sum(id), s.Slot(id, 1), s.Slot(id, 2))
	}
	s.Reset(id)
	s.Lane(q).Add(id, 5)
	if s.Sum(id) != 5 {
		t.Errorf("after a reset %d, want 5", s.Sum(id))
	}
	if err := shm.Check(a); err != nil {
		t.Error(err)
	}
}

func TestRegister(t *testing.T) {
	p := enter(t, heap(t), 1)
	s := open(t, p)
	for i := range 100 {
		name := fmt.Sprintf("group.%d", i)
		id, err := s.Register(p, name)
		again, err2 := open(t, p).Register(p, name)
		if err != nil || err2 != nil || id != again || int(id) != i || s.Name(id) != name {
			t.Fatalf("%d, %d, %v, %v", id, again, err, err2)
		}
	}
	for want, name := range map[string]string{"all 100 counters": "one.more", "want 1 to 56": strings.Repeat("x", 57), "1 to 56": ""} {
		if _, err := s.Register(p, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
	if _, err := Open(p, 200); err == nil {
		t.Error("opened with another size")
	}
	if s.Name(100) != "" || s.Sum(100) != 0 {
		t.Error("a counter that does not exist")
	}
}

func TestConcurrent(t *testing.T) {
	a := heap(t)
	p := enter(t, a, 1)
	s := open(t, p)
	id, _ := s.Register(p, "x.y")
	var wg sync.WaitGroup
	for i := range 4 {
		q := enter(t, a, 2+i)
		wg.Go(func() {
			for l, sh := s.Lane(q), s.Shared(p); s.Slot(id, q.Slot()) < 1000; {
				l.Add(id, 1)
				sh.Add(id, 1)
			}
		})
	}
	for s.Sum(id) < 8000 {
	}
	wg.Wait()
	if s.Sum(id) != 8000 {
		t.Errorf("%d, want 8000", s.Sum(id))
	}
}

func BenchmarkLaneAdd(b *testing.B) {
	p := enter(b, heap(b), 1)
	s := open(b, p)
	id, _ := s.Register(p, "x.y")
	for l := s.Lane(p); b.Loop(); {
		l.Add(id, 1)
	}
}

func BenchmarkSharedAdd(b *testing.B) {
	p := enter(b, heap(b), 1)
	s := open(b, p)
	id, _ := s.Register(p, "x.y")
	for l := s.Shared(p); b.Loop(); {
		l.Add(id, 1)
	}
}
