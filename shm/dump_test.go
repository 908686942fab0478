package shm_test

import (
	"testing"

	"goser/shm"
)

// What is in use and what is free are all that is taken, but for the ends of
// pages.
func TestHoldings(t *testing.T) {
	p := newProc(t, 32<<20)
	var offs []uint64
	for i := range 3000 {
		off, ok := p.Alloc(callKind, uint64(100+i%7*200))
		if !ok {
			t.Fatal("no memory")
		}
		if i%2 == 0 {
			if err := p.Publish(off); err != nil {
				t.Fatal(err)
			}
		} else {
			offs = append(offs, off)
		}
	}
	p.Alloc(shm.KindRaw, 300_000)
	for _, off := range offs[:1000] {
		if err := p.Free(off); err != nil {
			t.Fatal(err)
		}
	}
	var used, free uint64
	count := map[int]int{}
	for _, h := range p.Arena().Holdings() {
		switch {
		case h.Free:
			free += h.Held
		default:
			used += h.Held
			if h.Kind == "test.call" {
				count[h.Owner] += h.Count
			}
		}
		if h.Class != 0 && h.Held != uint64(h.Count)*h.Class {
			t.Errorf("%+v: the sizes do not add up", h)
		}
	}
	m := p.Arena().Memory()
	if sum := used + free; sum > m.Taken || float64(sum) < 0.85*float64(m.Taken) {
		t.Errorf("used %d + free %d of %d taken", used, free, m.Taken)
	}
	if count[-1] != 1500 || count[1] != 500 {
		t.Errorf("blocks by owner: %v", count)
	}
	if free == 0 {
		t.Error("nothing is free after a thousand frees")
	}
}

func TestPeak(t *testing.T) {
	p := newProc(t, 8<<20)
	before := p.Arena().Memory()
	off, _ := p.Alloc(shm.KindRaw, 1<<20)
	most := p.Arena().Memory()
	if err := p.Free(off); err != nil {
		t.Fatal(err)
	}
	after := p.Arena().Memory()
	if after.Peak != most.Taken || after.Taken != before.Taken || most.Taken <= before.Taken {
		t.Errorf("before %+v, most %+v, after %+v", before, most, after)
	}
}

func TestTrace(t *testing.T) {
	p := newProc(t, 8<<20)
	var got []shm.Event
	p.Trace(func(e shm.Event) { got = append(got, e) })
	a, _ := p.Alloc(callKind, 100)
	b, _ := p.Alloc(shm.KindRaw, 300_000)
	_, ok := p.Alloc(shm.KindRaw, 64<<20)
	_ = p.Free(b)
	_ = p.Free(b) // a mistake, and no event
	p.Trace(nil)
	_ = p.Free(a)
	want := []shm.Event{
		{Alloc: true, Kind: callKind, Size: 100, Off: a},
		{Alloc: true, Kind: shm.KindRaw, Size: 300_000, Off: b},
		{Alloc: true, Kind: shm.KindRaw, Size: 64 << 20},
		{Kind: shm.KindRaw, Size: 300_000, Off: b},
	}
	if ok || len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}
