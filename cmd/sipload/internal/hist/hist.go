// Package hist keeps a latency histogram of fixed size and fixed relative precision, in the
// manner of HDR Histogram: values are nanoseconds, each power of two is cut into 64 equal parts,
// so a reported value is at most 1.6 % above the true one, whatever its size. Recording costs a few
// nanoseconds and never allocates.
package hist

import (
	"math/bits"
	"time"
)

const (
	subBits = 6 // 64 parts for each power of two
	subs    = 1 << subBits
	buckets = (64 - subBits) * subs
)

// Hist counts durations. The zero value is empty and ready.
type Hist struct {
	counts [buckets]int64
	n      int64
	sum    int64
	max    int64
}

// index gives the bucket of v: exact below 64, then 64 buckets for each power of two.
func index(v int64) int {
	if v < subs {
		return int(v)
	}
	shift := bits.Len64(uint64(v)) - 1 - subBits
	return (shift+1)*subs + int(v>>shift) - subs
}

// upper gives the largest value that falls into bucket i.
func upper(i int) int64 {
	if i < subs {
		return int64(i)
	}
	shift := i/subs - 1
	low := int64(subs+i%subs) << shift
	return low + (int64(1)<<shift - 1)
}

// Add counts one duration; a negative one (a clock that stepped) counts as zero.
func (h *Hist) Add(d time.Duration) {
	v := max(int64(d), 0)
	h.counts[index(v)]++
	h.n++
	h.sum += v
	h.max = max(h.max, v)
}

// Reset forgets everything.
func (h *Hist) Reset() { *h = Hist{} }

// Count is how many durations were added.
func (h *Hist) Count() int64 { return h.n }

// Max is the largest duration added, exactly.
func (h *Hist) Max() time.Duration { return time.Duration(h.max) }

// Mean is the exact average, 0 when empty.
func (h *Hist) Mean() time.Duration {
	if h.n == 0 {
		return 0
	}
	return time.Duration(h.sum / h.n)
}

// Quantile is the smallest recorded value, rounded up to its bucket, that at least the share q of
// all durations does not exceed. It is never above Max, and 0 when nothing was added.
func (h *Hist) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	want := int64(q * float64(h.n))
	if float64(want) < q*float64(h.n) || want == 0 {
		want++
	}
	var seen int64
	for i, c := range h.counts {
		if seen += c; seen >= want {
			return time.Duration(min(upper(i), h.max))
		}
	}
	return h.Max()
}
