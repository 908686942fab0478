package policy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const ms = time.Millisecond

// Each case is a row's life: ages at death in, pauses before the rebirth out.
func TestPauses(t *testing.T) {
	for _, c := range []struct {
		name string
		ages []time.Duration
		want []time.Duration
	}{
		{"killed every second", []time.Duration{time.Second, time.Second, time.Second}, []time.Duration{0, 0, 0}},
		{"one early death is forgiven", []time.Duration{3 * ms, time.Minute, 3 * ms}, []time.Duration{0, 0, 0}},
		{
			"keeps dying",
			[]time.Duration{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
			[]time.Duration{0, 50 * ms, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5000 * ms, 5000 * ms, 5000 * ms},
		},
		{"a life starts over", []time.Duration{0, 0, 0, 2 * time.Second, 0, 0}, []time.Duration{0, 50 * ms, 100 * ms, 0, 0, 50 * ms}},
		{"just young, just old", []time.Duration{0, Young - 1, Young}, []time.Duration{0, 50 * ms, 0}},
		{"the clock went back", []time.Duration{-time.Hour, -time.Hour}, []time.Duration{0, 50 * ms}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r Row
			var got []time.Duration
			now := time.Unix(1000, 0)
			for _, age := range c.ages {
				r.Born(now)
				now = now.Add(age)
				got = append(got, r.Died(now))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Whatever happened, the pause is bounded, and never shrinks while deaths stay early.
func TestPauseIsBoundedAndGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Row
		now := time.Unix(1000, 0)
		last := time.Duration(0)
		for range rapid.IntRange(1, 200).Draw(t, "deaths") {
			age := time.Duration(rapid.Int64Range(0, int64(2*Young)).Draw(t, "age"))
			r.Born(now)
			now = now.Add(age)
			p := r.Died(now)
			if p < 0 || p > LongestPause {
				t.Fatalf("pause %v", p)
			}
			if age < Young && p < last {
				t.Fatalf("pause shrank from %v to %v", last, p)
			}
			if last = p; age >= Young {
				if last = 0; p != 0 {
					t.Fatalf("a process that lived %v waits %v", age, p)
				}
			}
			now = now.Add(p)
		}
	})
}
