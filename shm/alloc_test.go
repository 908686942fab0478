package shm_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"goser/shm"
)

func TestFreeRefuses(t *testing.T) {
	p := newProc(t, 8<<20)
	q := enter(t, p.Arena(), 2)
	small, _ := p.Alloc(shm.KindRaw, 40)
	large, _ := p.Alloc(shm.KindRaw, 100_000)
	public, _ := p.Alloc(shm.KindRaw, 40)
	if err := p.Publish(public); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		p    *shm.Proc
		off  uint64
		want error
	}{
		"zero":            {p, 0, shm.ErrNoBlock},
		"header":          {p, 64, shm.ErrNoBlock},
		"inside":          {p, small + 16, shm.ErrNoBlock},
		"odd":             {p, small + 1, shm.ErrNoBlock},
		"inside large":    {p, large + 8192, shm.ErrNoBlock},
		"beyond":          {p, p.Arena().Size() + 16, shm.ErrNoBlock},
		"of another":      {q, small, shm.ErrNotOwner},
		"published":       {p, public, shm.ErrPublished},
		"published large": {q, large, shm.ErrNotOwner},
	} {
		if err := c.p.Free(c.off); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, off := range []uint64{small, large} {
		if err := p.Free(off); err != nil {
			t.Error(err)
		}
		if err := p.Free(off); err == nil {
			t.Errorf("%#x was freed twice", off)
		}
	}
	if err := errors.Join(q.Retire(public), q.Free(public), shm.Check(p.Arena())); err != nil {
		t.Error(err)
	}
	if s := p.Arena().Stats(); s.BadFree != 10 || s.DoubleFree != 1 {
		t.Errorf("%+v, want 10 bad frees (one of a large block that is gone) and 1 double", s)
	}
}

func TestOutOfMemoryIsAnAnswer(t *testing.T) {
	p := newProc(t, 4<<20)
	for i, size := range []uint64{300_000, 65537, 3000} { // the last fills it with spans for good
		var offs []uint64
		for {
			off, ok := p.Alloc(shm.KindRaw, size)
			if !ok {
				break
			}
			offs = append(offs, off)
		}
		if held := uint64(len(offs)) * size; held < p.Arena().Memory().Data*2/3 {
			t.Errorf("size %d: full with %d bytes of %d", size, held, p.Arena().Memory().Data)
		}
		for _, off := range offs {
			if err := p.Free(off); err != nil {
				t.Fatal(err)
			}
		}
		if err := shm.Check(p.Arena()); err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		if n := p.Arena().Stats().NoMemory; n != uint64(i+1) {
			t.Errorf("%d allocations were refused, want %d", n, i+1)
		}
	}
	if _, ok := p.Alloc(shm.KindRaw, shm.MaxBlock+1); ok {
		t.Error("a block larger than the largest")
	}
}

func TestUsage(t *testing.T) {
	p := newProc(t, 8<<20)
	kept, _ := p.Alloc(callKind, 100)
	if err := p.Publish(kept); err != nil {
		t.Fatal(err)
	}
	p.Alloc(callKind, 50)
	p.Alloc(shm.KindRaw, 200_000)
	var got []shm.Usage
	for _, u := range p.Arena().Usage() {
		if !u.Root {
			got = append(got, u)
		}
	}
	want := []shm.Usage{
		{Kind: "shm.raw", Owner: 1, Count: 1, Bytes: 200_000, Held: 204800},
		{Kind: "test.call", Owner: -1, Count: 1, Bytes: 100, Held: 128},
		{Kind: "test.call", Owner: 1, Count: 1, Bytes: 50, Held: 80},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

// TestLargeBlocksGoBack: memory of a freed large block returns to the machine.
func TestLargeBlocksGoBack(t *testing.T) {
	p := newProc(t, 64<<20)
	off, _ := p.Alloc(shm.KindRaw, 20<<20)
	b := p.Arena().Bytes(off, 20<<20)
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	before := p.Arena().Memory().Taken
	if err := p.Free(off); err != nil {
		t.Fatal(err)
	}
	if m := p.Arena().Memory(); before-m.Taken < 20<<20 {
		t.Errorf("%d taken before, %d after", before, m.Taken)
	}
	if off, _ = p.Alloc(shm.KindRaw, 20<<20); p.Arena().Bytes(off, 20<<20)[4096] != 0 {
		t.Error("a block that is not clean")
	}
}

func TestCheckFindsFaults(t *testing.T) {
	p := newProc(t, 8<<20)
	a := p.Arena()
	lost, _ := p.Alloc(shm.KindRaw, 10)
	if err := p.Publish(lost); err != nil {
		t.Fatal(err)
	}
	if shm.Check(a) == nil {
		t.Error("a published block that nothing refers to passed")
	}
	p.Retire(lost)
	p.Leave()
	if shm.Check(a) == nil {
		t.Error("a block in the hands of a dead process passed")
	}
	enter(t, a, 1)
	if err := shm.Check(a); err != nil {
		t.Errorf("after the reap: %v", err)
	}
}

// TestAllocModel: blocks never overlap, keep their contents, and all come back,
// whatever the sizes and the order, with processes that die in between.
func TestAllocModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, err := shm.NewHeap(4 << 20)
		if err != nil {
			rt.Fatal(err)
		}
		p := enter(t, a, 1)
		type held struct {
			size uint64
			tag  byte
		}
		model := map[uint64]held{}
		order := []uint64{}
		free := func(i int) {
			off := order[i]
			h := model[off]
			for _, b := range a.Bytes(off, h.size) {
				if b != h.tag {
					rt.Fatalf("block %#x of %d bytes: %d instead of %d", off, h.size, b, h.tag)
				}
			}
			if err := p.Free(off); err != nil {
				rt.Fatal(err)
			}
			delete(model, off)
			order = append(order[:i], order[i+1:]...)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"alloc": func(rt *rapid.T) {
				size := rapid.Uint64Range(0, 3000).Draw(rt, "size")
				if rapid.IntRange(0, 9).Draw(rt, "large") == 0 {
					size *= 60
				}
				off, ok := p.Alloc(shm.KindRaw, size)
				if !ok {
					return
				}
				b := a.Bytes(off, size)
				for _, x := range b {
					if x != 0 {
						rt.Fatal("not clean")
					}
				}
				tag := byte(len(order) + 1)
				for i := range b {
					b[i] = tag
				}
				model[off] = held{size, tag}
				order = append(order, off)
			},
			"free": func(rt *rapid.T) {
				if len(order) > 0 {
					free(rapid.IntRange(0, len(order)-1).Draw(rt, "i"))
				}
			},
			"die": func(rt *rapid.T) {
				if rapid.IntRange(0, 5).Draw(rt, "sure") == 0 {
					p.Leave()
					p = enter(t, a, 1)
					clear(model)
					order = order[:0]
				}
			},
			"": func(rt *rapid.T) {
				if err := shm.Check(a); err != nil {
					rt.Fatal(err)
				}
			},
		})
	})
}

func TestNoHeapAllocation(t *testing.T) {
	p := newProc(t, 16<<20)
	w, err := open(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	id := uint64(0)
	if n := testing.AllocsPerRun(500, func() {
		id++
		if err := w.add(id); err != nil {
			t.Fatal(err)
		}
		g := w.calls.Lock(p, idHash(p.Arena(), id))
		if off := g.First(); off != 0 {
			if err := w.remove(g, off); err != nil {
				t.Fatal(err)
			}
		}
		g.Unlock()
		w.lane.Add(w.done, 1)
	}); n > 1 { // the test's own checksum takes one
		t.Errorf("%v heap allocations per call", n)
	}
}
