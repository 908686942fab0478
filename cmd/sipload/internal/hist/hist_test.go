package hist

import (
	"math"
	"sort"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Every value must lie in its bucket, and buckets must follow each other without a gap.
func TestBuckets(t *testing.T) {
	for i := 1; i < buckets; i++ {
		if upper(i) <= upper(i-1) {
			t.Fatalf("bucket %d ends at %d, not after bucket %d at %d", i, upper(i), i-1, upper(i-1))
		}
		if got := index(upper(i)); got != i {
			t.Fatalf("index(upper(%d)) = %d", i, got)
		}
		if got := index(upper(i-1) + 1); got != i {
			t.Fatalf("index(%d) = %d, want %d", upper(i-1)+1, got, i)
		}
	}
	if upper(buckets-1) != math.MaxInt64 {
		t.Fatalf("the last bucket ends at %d", upper(buckets-1))
	}
}

// A quantile must not be below the exact one of the sorted values, and at most 1/64 above it.
func TestQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vals := rapid.SliceOfN(rapid.Int64Range(0, int64(40*time.Second)), 1, 300).Draw(t, "vals")
		q := rapid.SampledFrom([]float64{0, 0.5, 0.9, 0.99, 0.999, 1}).Draw(t, "q")
		var h Hist
		for _, v := range vals {
			h.Add(time.Duration(v))
		}
		sort.Slice(vals, func(i, j int) bool { return vals[i] < vals[j] })
		rank := max(int(math.Ceil(q*float64(len(vals)))), 1)
		exact := vals[rank-1]
		got := int64(h.Quantile(q))
		if got < exact || got > exact+exact/subs {
			t.Fatalf("quantile %v of %d values = %d, exact %d", q, len(vals), got, exact)
		}
	})
}

func TestEdges(t *testing.T) {
	var h Hist
	if h.Quantile(0.5) != 0 || h.Mean() != 0 || h.Max() != 0 {
		t.Fatal("an empty histogram must report zeros")
	}
	h.Add(-time.Second)
	h.Add(2 * time.Second)
	if h.Quantile(0.5) != 0 || h.Max() != 2*time.Second || h.Mean() != time.Second || h.Count() != 2 {
		t.Fatalf("p50 %v max %v mean %v n %d", h.Quantile(0.5), h.Max(), h.Mean(), h.Count())
	}
	h.Add(math.MaxInt64)
	if h.Quantile(1) != math.MaxInt64 {
		t.Fatalf("max = %v", h.Quantile(1))
	}
	h.Reset()
	if h.Count() != 0 {
		t.Fatal("Reset left something")
	}
}

func TestAddDoesNotAllocate(t *testing.T) {
	var h Hist
	if n := testing.AllocsPerRun(100, func() { h.Add(time.Millisecond) }); n != 0 {
		t.Fatalf("Add allocates %v times", n)
	}
}
