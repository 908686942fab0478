package robust

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// soakPlan is SOAK ("10m") and SOAK_RATE (calls a second); make soak sets the first. A long run without a rate
// takes half of what the machine keeps up.
func soakPlan(t *testing.T) (length time.Duration, rate int) {
	length, rate = 10*time.Second, 200
	if v := os.Getenv("SOAK"); v != "" {
		var err error
		if length, err = time.ParseDuration(v); err != nil {
			t.Fatalf("SOAK=%q: %v", v, err)
		}
		rate = 0
	}
	if v := os.Getenv("SOAK_RATE"); v != "" {
		var err error
		if rate, err = strconv.Atoi(v); err != nil || rate < 1 {
			t.Fatalf("SOAK_RATE=%q: want calls a second", v)
		}
	}
	return length, rate
}

// sample is what is held at one time, in bytes: the shared memory by kind, and of each process what is its
// own.
type sample map[string]int64

// TestSoak: calls of all outcomes, and what the server holds does not grow.
func TestSoak(t *testing.T) {
	length, rate := soakPlan(t)
	s := peer.Start(t, peer.Ours, strings.Replace(calls, "maxfwd\"\n", "maxfwd\"\nmodparam(\"tm\", \"wt_timer\", 1000)\n", 1), peer.Options{})
	defer s.Stop()
	s.Workers(t, 4+2)
	if rate == 0 {
		rate = int(peer.Maximum(t, s, "call", 5*time.Second) / 2)
	}
	warm := max(3*time.Second, length/6)
	done := make(chan peer.Report, 3)
	for scenario, share := range map[string]float64{"call": 0.7, "busy": 0.2, "cancel": 0.1} {
		go func() {
			done <- peer.Sipload(t, s, scenario, "--rate", fmt.Sprint(max(1, int(float64(rate)*share))), "--duration", (length + warm).String())
		}()
	}
	time.Sleep(warm)
	samples := collect(t, s, length)
	completed := int64(0)
	for range 3 {
		r := <-done
		completed += r.Counts.Completed
		if r.Counts.Failed != 0 || r.Counts.Lost != 0 {
			t.Errorf("%d failed, %d lost", r.Counts.Failed, r.Counts.Lost)
		}
	}
	t.Logf("%v at %d calls a second: %d completed, %d samples", length, rate, completed, len(samples))
	grown(t, samples)
	check(t, s)
	noTransactions(t, s, 60*time.Second)
}

func collect(t *testing.T, s *peer.Server, length time.Duration) (out []sample) {
	every := max(length/60, 250*time.Millisecond)
	for end := time.Now().Add(length); time.Now().Before(end); time.Sleep(every) {
		m := sample{}
		for kind, n := range s.Arena(t) {
			m["arena: "+kind] = n
		}
		for _, pid := range peer.Children(s.Pid) {
			m[fmt.Sprintf("process %d (%s)", pid, peer.Title(pid))] = private(pid)
		}
		out = append(out, m)
	}
	return out
}

// private is what a process alone has in memory, in bytes: its heap and stacks, not the shared memory.
func private(pid int) (sum int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "Private_Dirty:" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			sum += n << 10
		}
	}
	return sum
}

// grown compares the second third of the samples with the last: the median of what is there, which a garbage
// collection or a busy second does not move. A tenth and a megabyte more are no growth: Go's first forced
// collection, two minutes after the start, takes half of that, once.
func grown(t *testing.T, samples []sample) {
	t.Helper()
	third := len(samples) / 3
	if third < 3 {
		t.Fatalf("only %d samples", len(samples))
	}
	for _, name := range slices.Sorted(maps.Keys(samples[len(samples)-1])) {
		before, after := median(samples[third:2*third], name), median(samples[2*third:], name)
		if after > 0 {
			t.Logf("%-50s %10d %10d", name, before, after)
		}
		if after > before+before/10+1<<20 {
			t.Errorf("%s grows: %d bytes, then %d", name, before, after)
		}
	}
}

func median(samples []sample, name string) int64 {
	all := make([]int64, len(samples))
	for i, m := range samples {
		all[i] = m[name]
	}
	slices.Sort(all)
	return all[len(all)/2]
}
