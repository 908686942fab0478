package bench

import (
	"fmt"
	"math"

	"goser/cmd/sipload/internal/load"
)

// target is what ours has to reach.
type target struct {
	text  string
	value float64 // NaN: not measured
	limit float64
	least bool // the limit is a lower one
}

func (t target) met() bool {
	if t.least {
		return t.value >= t.limit
	}
	return t.value <= t.limit
}

func (t target) String() string {
	if math.IsNaN(t.value) {
		return t.text + ": not measured"
	}
	verdict := "MISSED"
	if t.met() {
		verdict = "met"
	}
	sign := "at most"
	if t.least {
		sign = "at least"
	}
	return fmt.Sprintf("%s: %s, %s %s: %s", t.text, short(t.value), sign, short(t.limit), verdict)
}

// short writes three digits, or all before the point.
func short(v float64) string {
	if math.Abs(v) >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// possible tells what share of Kamailio's time the floor is, where that was measured: no server can
// do better, whatever the target says.
func (b *bench) possible(k key) string {
	if k.metric != cpuFull && k.metric != cpuHalf {
		return ""
	}
	least := b.data.median(floor, key{k.scenario, k.metric, b.Children[0]}) / b.data.median(kamailio, k)
	if math.IsNaN(least) {
		return ""
	}
	return fmt.Sprintf(" (floor %.3g)", least)
}

// shares are the most of Kamailio's figure that ours may be.
var shares = []struct {
	row  load.Scenario
	m    metric
	text string
	most float64
}{
	{load.Options, cpuFull, "CPU of ours / Kamailio, OPTIONS, full load", 1.0 / 3},
	{load.Options, cpuHalf, "CPU of ours / Kamailio, OPTIONS, half load", 1.0 / 3},
	{load.Message, cpuFull, "CPU of ours / Kamailio, MESSAGE, full load", 1.0 / 3},
	{load.Message, cpuHalf, "CPU of ours / Kamailio, MESSAGE, half load", 1.0 / 3},
	{load.Call, cpuFull, "CPU of ours / Kamailio, call, full load", 1.0 / 3},
	{load.Call, cpuHalf, "CPU of ours / Kamailio, call, half load", 1.0 / 3},
	{scripted, cpuFull, "CPU of ours / Kamailio, script, full load", 1.0 / 2},
	{load.Options, p99Half, "p99 latency of ours / Kamailio, OPTIONS, half load", 1},
	{load.Message, p99Half, "p99 latency of ours / Kamailio, MESSAGE, half load", 1},
	{load.Call, p99Half, "p99 latency of ours / Kamailio, INVITE to 200, half load", 1},
	{load.Call, p99Bye, "p99 latency of ours / Kamailio, BYE to 200, half load", 1},
}

// targets are those of the project: shares of Kamailio's CPU time and latency, many workers no slower
// than one (3 % are given to chance), 6 MB for each worker, 4 KB for a transaction.
func (b *bench) targets() []target {
	var out []target
	for _, n := range b.Children {
		for _, s := range shares {
			k := key{s.row, s.m, n}
			out = append(out, target{
				fmt.Sprintf("%s, workers: %d%s", s.text, n, b.possible(k)),
				b.data.median(ours, k) / b.data.median(kamailio, k), s.most, false,
			})
		}
		out = append(out,
			target{fmt.Sprintf("MB PSS of the largest of our workers, workers: %d", n), b.data.median(ours, key{"", pssLargest, n}), 6, false},
			target{fmt.Sprintf("bytes of our shared memory for an INVITE transaction, workers: %d", n), b.data.median(ours, key{load.Call, arenaTx, n}), 4096, false})
	}
	few, many := b.Children[0], b.Children[len(b.Children)-1]
	if few != many {
		for _, sc := range []load.Scenario{load.Options, load.Message} {
			v := b.data.median(ours, key{sc, throughput, many}) / b.data.median(ours, key{sc, throughput, few})
			out = append(out, target{fmt.Sprintf("most %s a second of ours, %d workers / %d", sc, many, few), v, 0.97, true})
		}
	}
	return out
}
