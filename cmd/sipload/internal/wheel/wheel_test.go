package wheel

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const ms = 1_000_000

func TestFiresOnTimeAndOnce(t *testing.T) {
	w := New(4, ms, 0)
	var fired []int32
	fire := func(id int32) { fired = append(fired, id) }
	w.Set(0, 5*ms)
	w.Set(1, 5*ms+1) // rounds up to 6 ms
	w.Set(2, 20_000*ms)
	w.Set(3, 5*ms)
	w.Stop(3)
	steps := []struct {
		now  int64
		want []int32
	}{
		{4 * ms, nil},
		{5*ms - 1, nil},
		{5 * ms, []int32{0}},
		{6*ms - 1, nil},
		{6 * ms, []int32{1}},
		{8198 * ms, nil},
		{19_999 * ms, nil},
		{20_000 * ms, []int32{2}},
		{90_000 * ms, nil},
	}
	for _, s := range steps {
		fired = nil
		w.Advance(s.now, fire)
		if diff := cmp.Diff(s.want, fired); diff != "" {
			t.Fatalf("at %d ms (-want +got):\n%s", s.now/ms, diff)
		}
	}
	if w.Len() != 0 || w.Next() != Never {
		t.Fatalf("%d timers left, next %d", w.Len(), w.Next())
	}
}

func TestSetInsideFire(t *testing.T) {
	w := New(1, ms, 0)
	n := 0
	w.Set(0, ms)
	w.Advance(10*ms, func(id int32) {
		if n++; n < 3 {
			w.Set(id, 0) // already past: the next tick, not this one again
		}
	})
	if n != 3 {
		t.Fatalf("fired %d times", n)
	}
}

// Whatever is set, moved and stopped, the wheel behaves as a plain map of times does.
func TestAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const ids = 16
		w, model, now := New(ids, ms, 0), map[int32]int64{}, int64(0)
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				id := rapid.Int32Range(0, ids-1).Draw(t, "id")
				at := now + rapid.Int64Range(1, 40_000*ms).Draw(t, "in")
				w.Set(id, at)
				model[id] = (at + ms - 1) / ms * ms
			},
			"stop": func(t *rapid.T) {
				id := rapid.Int32Range(0, ids-1).Draw(t, "id")
				w.Stop(id)
				delete(model, id)
			},
			"advance": func(t *rapid.T) {
				now += rapid.Int64Range(0, 20_000*ms).Draw(t, "by")
				w.Advance(now, func(id int32) {
					if at, ok := model[id]; !ok || at > now {
						t.Fatalf("id %d fired at %d, due %d (%v)", id, now, at, ok)
					}
					delete(model, id)
				})
			},
			"": func(t *rapid.T) {
				if w.Len() != len(model) {
					t.Fatalf("%d timers, want %d", w.Len(), len(model))
				}
				for id, at := range model {
					if at <= now/ms*ms {
						t.Fatalf("id %d due at %d did not fire by %d", id, at, now)
					}
					if w.Next() > at {
						t.Fatalf("Next() = %d is after id %d at %d", w.Next(), id, at)
					}
				}
			},
		})
	})
}

func TestNoAllocation(t *testing.T) {
	w, now := New(100, ms, 0), int64(0)
	fire := func(int32) {}
	if n := testing.AllocsPerRun(1000, func() {
		w.Set(7, now+3*ms)
		w.Set(8, now+ms)
		w.Stop(7)
		now += 2 * ms
		w.Advance(now, fire)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
