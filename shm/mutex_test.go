package shm_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"goser/shm"
)

type guarded struct {
	Lock  shm.Mutex
	_     uint32
	Value uint64
}

func newGuarded(t testing.TB, p *shm.Proc) *guarded {
	t.Helper()
	r, _, err := p.Root("guarded", 0, 16, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return shm.View[guarded](p.Arena(), r.Off)
}

func newHeap(t testing.TB, size int64) *shm.Arena {
	t.Helper()
	a, err := shm.NewHeap(size)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestMutexExcludes uses plain additions: lost ones show, and so do races.
func TestMutexExcludes(t *testing.T) {
	a := newHeap(t, 4<<20)
	g := newGuarded(t, enter(t, a, 0))
	const procs, each = 4, 5000
	var wg sync.WaitGroup
	seats := []*shm.Proc{enter(t, a, 1), enter(t, a, 2)} // two goroutines each
	for i := range procs {
		p := seats[i%2]
		wg.Go(func() {
			for range each {
				if g.Lock.Lock(p) {
					t.Error("taken over from the living")
				}
				g.Value++
				g.Lock.Unlock(p)
			}
		})
	}
	wg.Wait()
	if g.Value != procs*each {
		t.Errorf("%d additions, want %d", g.Value, procs*each)
	}
}

func TestMutexTakeover(t *testing.T) {
	a := newHeap(t, 4<<20)
	g := newGuarded(t, enter(t, a, 0))
	p, q := enter(t, a, 1), enter(t, a, 2)
	g.Lock.Lock(p)
	if ok, _ := g.Lock.TryLock(q); ok || g.Lock.Owner() != 1 {
		t.Fatalf("TryLock of a held lock: %v, owner %d", ok, g.Lock.Owner())
	}
	got := make(chan bool)
	go func() { got <- g.Lock.Lock(q) }()
	select {
	case <-got:
		t.Fatal("locked while held")
	case <-time.After(20 * time.Millisecond):
	}
	p.Leave()
	if recovered := <-got; !recovered {
		t.Error("taken over from a dead owner without being told")
	}
	g.Lock.Unlock(p) // the dead one's unlock changes nothing
	if ok, _ := g.Lock.TryLock(enter(t, a, 3)); ok {
		t.Error("an unlock by one who does not hold it worked")
	}
	g.Lock.Unlock(q)
	if s := a.Stats(); s.Takeovers != 1 || s.BadUnlock != 1 {
		t.Errorf("%+v", s)
	}
	if ok, recovered := g.Lock.TryLock(p); !ok || recovered {
		t.Error("the lock is not free after all")
	}
	p2 := enter(t, a, 1) // a new generation: the old one's locks are a dead man's
	if ok, recovered := g.Lock.TryLock(p2); !ok || !recovered {
		t.Error("a lock of the slot's previous process was not taken over")
	}
}

// TestMutexWakes: a sleeper is woken by the unlock, not by its own patience.
func TestMutexWakes(t *testing.T) {
	a := newHeap(t, 4<<20)
	g := newGuarded(t, enter(t, a, 0))
	p, q := enter(t, a, 1), enter(t, a, 2)
	var turns atomic.Int64
	var wg sync.WaitGroup
	begin := time.Now()
	for _, me := range []*shm.Proc{p, q} {
		wg.Go(func() {
			for range 50 {
				g.Lock.Lock(me)
				time.Sleep(50 * time.Microsecond)
				g.Lock.Unlock(me)
				turns.Add(1)
			}
		})
	}
	wg.Wait()
	if d := time.Since(begin); turns.Load() != 100 || d > 2*time.Second {
		t.Errorf("%d turns in %s", turns.Load(), d)
	}
}

// TestHammerOnHeap runs everything at once where the race detector sees it.
func TestHammerOnHeap(t *testing.T) {
	a := newHeap(t, 32<<20)
	first := enter(t, a, 0)
	if _, err := open(first, 0); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			for life := range 3 { // and each dies twice in between
				p := enter(t, a, 1+i)
				w, err := open(p, uint64(life))
				if err != nil {
					t.Error(err)
					return
				}
				w.hammer = true
				for range 15 {
					if err := w.round(); err != nil {
						t.Error(err)
						return
					}
				}
				p.Alloc(shm.KindRaw, 77)
				p.Leave()
			}
		})
	}
	wg.Wait()
	for i := range 3 {
		if _, err := first.Reap(1 + i); err != nil {
			t.Error(err)
		}
	}
	w, err := open(first, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.empty(); err != nil {
		t.Error(err)
	}
}

func BenchmarkMutex(b *testing.B) {
	p := newProc(b, 4<<20)
	g := newGuarded(b, p)
	for b.Loop() {
		g.Lock.Lock(p)
		g.Lock.Unlock(p)
	}
}

func BenchmarkAllocFree(b *testing.B) {
	for name, size := range map[string]uint64{"64": 64, "1024": 1024, "16384": 16384} {
		b.Run(name, func(b *testing.B) {
			p := newProc(b, 64<<20)
			b.ReportAllocs()
			for b.Loop() {
				off, _ := p.Alloc(shm.KindRaw, size)
				if p.Free(off) != nil {
					b.Fatal("not freed")
				}
			}
		})
	}
}

func BenchmarkHash48(b *testing.B) {
	p := newProc(b, 4<<20)
	x := make([]byte, 48)
	for b.Loop() {
		p.Arena().Hash(x)
	}
}
