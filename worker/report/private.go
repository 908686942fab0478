package report

import (
	"bytes"
	"cmp"
	"os"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
)

const private = "pkg_status"

// Private writes of the process's own memory what mem_summary asks for.
func (m Memory) Private() {
	if !m.wants(PrivateBlocks | PrivateSums) {
		return
	}
	m.Log = m.Log.Patient()
	h := readHeap()
	if m.wants(PrivateBlocks) {
		m.Log.Line(m.Level, "", "Memory status (pkg):")
		m.say(private, "heap size= %d", h.total)
		m.say(private, "used= %d, used+overhead=%d, free=%d", h.objects, h.total-h.free, h.free)
		m.say(private, "max used (+overhead)= %d", h.peak)
		if m.What&Short == 0 {
			m.classes(h)
		}
		m.end(private)
	}
	if m.wants(PrivateSums) {
		m.Log.Line(m.Level, "", "Memory still-in-use summary (pkg):")
		m.say("pkg_sums", "summarizing all alloc'ed. fragments:")
		for _, u := range h.uses {
			m.say("pkg_sums", " count=%6d size=%10d bytes from %s", u.count, u.bytes, u.name)
		}
		m.end("pkg_sums")
	}
}

func (m Memory) classes(h *heap) {
	m.say(private, "dumping all alloc'ed. fragments:")
	for _, c := range h.classes {
		m.say(private, " count=%6d size=%10d bytes in class %s", c.count, c.bytes, c.name)
	}
}

// use is one line: so many bytes for that.
type use struct {
	name  string
	count uint64
	bytes uint64
}

// heap is what the runtime says of the process's memory.
type heap struct {
	total   uint64 // mapped by the runtime
	free    uint64 // of it, without use
	objects uint64 // bytes of objects, those not yet collected included
	peak    uint64 // most resident memory of the process, shared pages included
	classes []use  // objects by size
	uses    []use  // bytes by purpose
}

const (
	metricObjects = "/memory/classes/heap/objects:bytes"
	metricTotal   = "/memory/classes/total:bytes"
	metricAllocs  = "/gc/heap/allocs-by-size:bytes"
	metricFrees   = "/gc/heap/frees-by-size:bytes"
	metricCount   = "/gc/heap/objects:objects"
)

// idle are the classes that nothing is in.
var idle = []string{"/memory/classes/heap/free:bytes", "/memory/classes/heap/released:bytes", "/memory/classes/heap/unused:bytes"}

func readHeap() *heap {
	samples := []metrics.Sample{{Name: metricAllocs}, {Name: metricFrees}, {Name: metricCount}}
	for _, d := range metrics.All() {
		if strings.HasPrefix(d.Name, "/memory/classes/") {
			samples = append(samples, metrics.Sample{Name: d.Name})
		}
	}
	metrics.Read(samples)
	h := &heap{peak: peakMemory()}
	var count uint64
	for _, s := range samples {
		if s.Value.Kind() != metrics.KindUint64 {
			continue
		}
		switch n := s.Value.Uint64(); {
		case s.Name == metricCount:
			count = n
		case s.Name == metricTotal:
			h.total = n
		case slices.Contains(idle, s.Name):
			h.free += n
		case n > 0:
			name := strings.TrimSuffix(strings.TrimPrefix(s.Name, "/memory/classes/"), ":bytes")
			h.uses = append(h.uses, use{name: name, count: 1, bytes: n})
			if s.Name == metricObjects {
				h.objects, h.uses[len(h.uses)-1].count = n, count
			}
		}
	}
	slices.SortFunc(h.uses, func(a, b use) int { return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.name, b.name)) })
	h.classes = classes(samples[0].Value.Float64Histogram(), samples[1].Value.Float64Histogram(), h.objects)
	return h
}

// classes are the live objects by size: the allocations of each size class less
// its frees. What is larger than the largest class is the rest of all bytes.
func classes(allocs, frees *metrics.Float64Histogram, objects uint64) []use {
	var out []use
	for i, n := range allocs.Counts {
		if i >= len(frees.Counts) || n <= frees.Counts[i] {
			continue
		}
		n -= frees.Counts[i]
		if i == len(allocs.Counts)-1 {
			out = append(out, use{"large", n, objects})
			continue
		}
		size := uint64(allocs.Buckets[i+1]) - 1 // the bound is the first size above
		out = append(out, use{strconv.FormatUint(size, 10), n, n * size})
		objects -= min(n*size, objects)
	}
	return out
}

// peakMemory is the most that was resident, in bytes.
func peakMemory() uint64 {
	b, _ := os.ReadFile("/proc/self/status")
	_, after, _ := bytes.Cut(b, []byte("VmHWM:"))
	f := bytes.Fields(after)
	if len(f) == 0 {
		return 0
	}
	kb, _ := strconv.ParseUint(string(f[0]), 10, 64)
	return kb << 10
}
