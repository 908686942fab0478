package table

import (
	"errors"
	"slices"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"goser/shm"
)

type item struct {
	Entry
	ID uint64
}

var itemKind = shm.NewKindOf[item](shm.KindInfo{Name: "test.item"})

func setup(t testing.TB, o Options) (*shm.Proc, *Table) {
	a, err := shm.NewHeap(8 << 20)
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Enter(1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := Open(p, "t", o)
	if err != nil {
		t.Fatal(err)
	}
	return p, tab
}

func insert(p *shm.Proc, t *Table, hash, id uint64) (uint64, error) {
	off, ok := p.Alloc(itemKind, uint64(unsafe.Sizeof(item{})))
	if !ok {
		return 0, errors.New("no memory")
	}
	shm.View[item](p.Arena(), off).ID = id
	g := t.Lock(p, hash)
	defer g.Unlock()
	return off, g.Insert(off)
}

func ids(p *shm.Proc, t *Table, hash uint64) (out []uint64) {
	g := t.Lock(p, hash)
	defer g.Unlock()
	for off := g.First(); off != 0; off = g.Next(off) {
		out = append(out, shm.View[item](p.Arena(), off).ID)
	}
	slices.Sort(out)
	return out
}

func TestOpenRefuses(t *testing.T) {
	p, _ := setup(t, Options{8, 10})
	for _, o := range []Options{{0, 1}, {3, 1}, {8, 0}, {1 << 27, 1}, {16, 10}, {8, 11}} {
		if _, err := Open(p, "t", o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func TestFullAndStrangers(t *testing.T) {
	p, tab := setup(t, Options{4, 3})
	var offs []uint64
	for i := range uint64(3) {
		off, err := insert(p, tab, i, i)
		if err != nil {
			t.Fatal(err)
		}
		offs = append(offs, off)
	}
	off, err := insert(p, tab, 9, 9)
	if err != ErrFull {
		t.Errorf("a fourth of three: %v", err)
	}
	g := tab.Lock(p, 0)
	if err := g.Insert(offs[0]); err != ErrEntry {
		t.Errorf("insert of what is in already: %v", err)
	}
	if err := g.Insert(12345); err != ErrEntry {
		t.Errorf("insert of no block: %v", err)
	}
	if err := g.Remove(offs[1]); err != ErrNotFound {
		t.Errorf("remove from another bucket: %v", err)
	}
	if err := errors.Join(g.Remove(offs[0]), p.Free(offs[0])); err != nil {
		t.Error(err)
	}
	if err := g.Insert(off); err != nil {
		t.Errorf("insert after a removal: %v", err)
	}
	g.Unlock()
	if err := shm.Check(p.Arena()); err != nil || tab.Len() != 3 {
		t.Errorf("%v, %d entries", err, tab.Len())
	}
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, tab := setup(t, Options{8, 40})
		type rec struct{ off, hash uint64 }
		model := map[uint64]rec{}
		next := uint64(0)
		rt.Repeat(map[string]func(*rapid.T){
			"insert": func(rt *rapid.T) {
				next++
				hash := rapid.Uint64Range(0, 20).Draw(rt, "hash")
				off, err := insert(p, tab, hash, next)
				if (err == ErrFull) != (len(model) == 40) || err != nil && err != ErrFull {
					rt.Fatalf("%v with %d entries", err, len(model))
				}
				if err != nil {
					if err := p.Free(off); err != nil {
						rt.Fatal(err)
					}
					return
				}
				model[next] = rec{off, hash}
			},
			"remove": func(rt *rapid.T) {
				if len(model) == 0 {
					return
				}
				keys := []uint64{}
				for k := range model {
					keys = append(keys, k)
				}
				slices.Sort(keys)
				k := rapid.SampledFrom(keys).Draw(rt, "id")
				g := tab.Lock(p, model[k].hash)
				err := errors.Join(g.Remove(model[k].off), p.Free(model[k].off))
				g.Unlock()
				if err != nil {
					rt.Fatal(err)
				}
				delete(model, k)
			},
			"": func(rt *rapid.T) {
				if err := shm.Check(p.Arena()); err != nil {
					rt.Fatal(err)
				}
				for hash := range uint64(21) {
					var want []uint64
					for id, r := range model {
						if r.hash == hash {
							want = append(want, id)
						}
					}
					slices.Sort(want)
					if got := ids(p, tab, hash); !slices.Equal(got, want) {
						rt.Fatalf("hash %d: %v, want %v", hash, got, want)
					}
				}
				n := 0
				tab.Each(p, func(Guard, uint64) bool { n++; return true })
				if n != len(model) || tab.Len() != n {
					rt.Fatalf("%d entries walked, %d counted, want %d", n, tab.Len(), len(model))
				}
			},
		})
	})
}

func TestCheckFindsFaults(t *testing.T) {
	for name, damage := range map[string]func(tab *Table, off uint64){
		"ring":         func(tab *Table, off uint64) { tab.entry(off).Next = off },
		"wrong bucket": func(tab *Table, off uint64) { tab.entry(off).Hash++ },
		"outside":      func(tab *Table, off uint64) { tab.entry(off).Next = 1 << 40 },
		"lost":         func(tab *Table, off uint64) { tab.buckets[1] = 0 },
		"count":        func(tab *Table, off uint64) { tab.stripes[1].Count++ },
		"unfinished":   func(tab *Table, off uint64) { tab.stripes[0].Op = opInsert },
	} {
		p, tab := setup(t, Options{4, 10})
		off, err := insert(p, tab, 1, 1)
		if err := errors.Join(err, shm.Check(p.Arena())); err != nil {
			t.Fatal(err)
		}
		damage(tab, off)
		if shm.Check(p.Arena()) == nil {
			t.Errorf("%s: the check found nothing", name)
		}
	}
}

func BenchmarkInsertRemove(b *testing.B) {
	p, tab := setup(b, Options{1024, 1000})
	off, _ := p.Alloc(itemKind, uint64(unsafe.Sizeof(item{})))
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		g := tab.Lock(p, i)
		if g.Insert(off) != nil || g.Remove(g.First()) != nil {
			b.Fatal("broken")
		}
		g.Unlock()
	}
}

func BenchmarkFind(b *testing.B) {
	p, tab := setup(b, Options{1024, 1000})
	for i := range uint64(1000) {
		insert(p, tab, i*7919, i)
	}
	for i := uint64(0); b.Loop(); i++ {
		g := tab.Lock(p, i%1000*7919)
		if g.First() == 0 {
			b.Fatal("lost")
		}
		g.Unlock()
	}
}
