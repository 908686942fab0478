package wheel

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

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

// setup makes n timers, which live in a root: that never goes away.
func setup(t testing.TB, p *shm.Proc, n int, now uint64) (*Wheel, []uint64) {
	t.Helper()
	w, err := Open(p, "w", now)
	if err != nil {
		t.Fatal(err)
	}
	size := uint64(unsafe.Sizeof(Node{}))
	r, _, err := p.Root("nodes", 0, uint64(n)*size, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	offs := make([]uint64, n)
	for i := range offs {
		offs[i] = r.Off + uint64(i)*size
		shm.View[Node](p.Arena(), offs[i]).Arg = uint64(i)
	}
	return w, offs
}

// TestModel: every timer fires at the first run that reaches its tick, once,
// whatever was added, moved and cancelled in between, and whoever died.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := heap(t)
		p := enter(t, a, 1)
		now := rapid.SampledFrom([]uint64{0, 255, 16383, 1 << 20, 1<<26 - 3}).Draw(rt, "now")
		w, offs := setup(t, p, 50, now)
		due := map[uint64]uint64{} // timer to tick
		run := func(to uint64) {
			var fired []uint64
			w.Run(p, to, func(p *shm.Proc, node, arg uint64, _ uint16) {
				fired = append(fired, arg)
				w.Done(p, node)
			})
			now = max(now, to)
			want := []uint64{}
			for i, at := range due {
				if at <= now {
					want = append(want, i)
				}
			}
			slices.Sort(want)
			slices.Sort(fired)
			if !slices.Equal(fired, want) {
				rt.Fatalf("at %d fired %v, want %v of %v", now, fired, want, due)
			}
			for _, i := range want {
				delete(due, i)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(rt *rapid.T) {
				i := rapid.Uint64Range(0, 49).Draw(rt, "i")
				ahead := rapid.SampledFrom([]uint64{0, 1, 254, 255, 256, 257, 511, 16383, 16384, 16640, 1 << 20, 1<<20 + 255, span - 1, span, 3 * span}).Draw(rt, "ahead")
				at := now + ahead + rapid.Uint64Range(0, 3).Draw(rt, "more")
				w.Add(p, offs[i], at)
				due[i] = max(at, now+1)
			},
			"cancel": func(rt *rapid.T) {
				i := rapid.Uint64Range(0, 49).Draw(rt, "i")
				want := Idle
				if _, ok := due[i]; ok {
					want = Cancelled
				}
				if got := w.Cancel(p, offs[i]); got != want {
					rt.Fatalf("cancel: %d, want %d", got, want)
				}
				delete(due, i)
			},
			"run": func(rt *rapid.T) { run(now + rapid.Uint64Range(0, 600).Draw(rt, "ticks")) },
			"jump": func(rt *rapid.T) {
				// To just before, at, or after what is due next: cheap for the model,
				// and every cascade on the way happens.
				if len(due) > 0 {
					next := slices.Min(slices.Collect(maps.Values(due)))
					if next-now < 1<<17 {
						run(next + rapid.Uint64Range(0, 2).Draw(rt, "d") - 1)
					}
				}
			},
			"": func(rt *rapid.T) {
				if err := shm.Check(a); err != nil {
					rt.Fatal(err)
				}
				if w.Len() != len(due) {
					rt.Fatalf("%d timers, want %d", w.Len(), len(due))
				}
			},
		})
	})
}

// TestFarAhead: timers beyond each level, and beyond the wheel, to the tick.
func TestFarAhead(t *testing.T) {
	for _, start := range []uint64{0, 200, 1 << 14, span - 300} {
		for _, ahead := range []uint64{255, 256, 16_384, 16_384 + 255, 1 << 20, 1<<20 + 1<<14, 1<<20 + 70_000} {
			if raceOn && ahead >= 1<<20 {
				continue
			}
			p := enter(t, heap(t), 1)
			w, offs := setup(t, p, 1, start)
			w.Add(p, offs[0], start+ahead)
			fired := uint64(0)
			fire := func(p *shm.Proc, node, _ uint64, _ uint16) { fired++; w.Done(p, node) }
			if w.Run(p, start+ahead-1, fire); fired != 0 {
				t.Fatalf("start %d: %d ticks ahead fired early", start, ahead)
			}
			if w.Run(p, start+ahead, fire); fired != 1 || w.Len() != 0 {
				t.Fatalf("start %d: %d ticks ahead fired %d times", start, ahead, fired)
			}
		}
	}
}

// TestDeathWhileFiring: what was handed to a handler fires again.
func TestDeathWhileFiring(t *testing.T) {
	a := heap(t)
	p, q := enter(t, a, 1), enter(t, a, 2)
	w, offs := setup(t, p, 3, 0)
	for _, off := range offs {
		w.Add(p, off, 5)
	}
	fired := 0
	w.Run(p, 5, func(*shm.Proc, uint64, uint64, uint16) { fired++ }) // settles none
	if fired != 3 || w.Run(q, 6, nil) != 0 {
		t.Fatalf("%d fired, or fired again with their process alive", fired)
	}
	if got := w.Cancel(q, offs[0]); got != Firing {
		t.Errorf("cancel while firing: %d, want %d", got, Firing)
	}
	p.Leave()
	if shm.Check(a) == nil {
		t.Error("timers in the hands of a dead process passed the check")
	}
	if _, err := q.Reap(1); err != nil {
		t.Fatal(err)
	}
	var again []uint64
	w.Run(q, 7, func(p *shm.Proc, node, arg uint64, _ uint16) {
		if !w.Mine(p, node) {
			t.Error("not mine")
		}
		again = append(again, arg)
		w.Add(p, node, 9)
	})
	slices.Sort(again)
	if !slices.Equal(again, []uint64{1, 2}) {
		t.Errorf("fired again: %v, want 1 and 2", again)
	}
	if at, ok := w.Set(q, offs[1]); !ok || at != 9 || w.Len() != 2 {
		t.Errorf("set for %d, %v, %d timers", at, ok, w.Len())
	}
	if err := shm.Check(a); err != nil {
		t.Error(err)
	}
}

// TestUnpublishedDoesNotFire: neither while its block is built nor while it is
// taken apart.
func TestUnpublishedDoesNotFire(t *testing.T) {
	a := heap(t)
	p := enter(t, a, 1)
	w, _ := setup(t, p, 1, 0)
	off, _ := p.Alloc(shm.KindRaw, uint64(unsafe.Sizeof(Node{})))
	w.Add(p, off, 3)
	done := func(p *shm.Proc, node, _ uint64, _ uint16) { w.Done(p, node) }
	if n := w.Run(p, 10, done); n != 0 {
		t.Error("a timer in a block under construction fired")
	}
	if err := p.Publish(off); err != nil {
		t.Fatal(err)
	}
	if n := w.Run(p, 12, done); n != 1 {
		t.Errorf("%d fired after publishing, want 1", n)
	}
}

func TestConcurrentRunAddCancel(t *testing.T) {
	a := heap(t)
	w, offs := setup(t, enter(t, a, 0), 200, 0)
	var wg sync.WaitGroup
	for i := range 3 {
		p := enter(t, a, 1+i)
		wg.Go(func() {
			for tick := range uint64(300) {
				for j := range uint64(5) {
					off := offs[(tick*7+j*31+uint64(i))%200]
					if (tick+j)%3 == 0 {
						w.Cancel(p, off)
					} else {
						w.Add(p, off, tick+j*40)
					}
				}
				w.Run(p, tick, func(p *shm.Proc, node, _ uint64, _ uint16) { w.Done(p, node) })
			}
		})
	}
	wg.Wait()
	if err := shm.Check(a); err != nil {
		t.Error(err)
	}
	w.Run(enter(t, a, 5), 1000, func(p *shm.Proc, node, _ uint64, _ uint16) { w.Done(p, node) })
	if w.Len() != 0 {
		t.Errorf("%d timers are left", w.Len())
	}
}

func TestCheckFindsFaults(t *testing.T) {
	for name, damage := range map[string]func(s *shard, n *Node, off uint64){
		"ring":       func(_ *shard, n *Node, off uint64) { n.Next = off },
		"outside":    func(_ *shard, n *Node, _ uint64) { n.Next = 8 },
		"list":       func(_ *shard, n *Node, _ uint64) { n.List++ },
		"previous":   func(_ *shard, n *Node, _ uint64) { n.Prev = 16 },
		"count":      func(s *shard, _ *Node, _ uint64) { s.Count++ },
		"unfinished": func(s *shard, _ *Node, _ uint64) { s.Op = opMove },
		"late":       func(_ *shard, n *Node, _ uint64) { n.Expires-- },
	} {
		a := heap(t)
		p := enter(t, a, 1)
		w, offs := setup(t, p, 1, 0)
		w.Add(p, offs[0], 100)
		if err := shm.Check(a); err != nil {
			t.Fatal(err)
		}
		damage(w.shard(offs[0]), w.node(offs[0]), offs[0])
		if shm.Check(a) == nil {
			t.Errorf("%s: the check found nothing", name)
		}
	}
}

func BenchmarkAddCancel(b *testing.B) {
	p := enter(b, heap(b), 1)
	w, offs := setup(b, p, 1000, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		off := offs[i%1000]
		w.Add(p, off, uint64(i%5000))
		w.Cancel(p, off)
	}
}

func BenchmarkAddFire(b *testing.B) {
	p := enter(b, heap(b), 1)
	w, offs := setup(b, p, 1000, 0)
	fire := func(p *shm.Proc, node, _ uint64, _ uint16) { w.Done(p, node) }
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w.Add(p, offs[i%1000], uint64(i/100+50))
		if i%100 == 99 {
			w.Run(p, uint64(i/100), fire)
		}
	}
}
