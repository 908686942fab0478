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
	return fmt.Sprintf("%s: %.3g, %s %.3g: %s", t.text, t.value, sign, t.limit, verdict)
}

// possible tells what share of Kamailio's time the floor is, where that was measured: no server can
// do better, whatever the target says.
func (b *bench) possible(k key) string {
	least := b.data.median(floor, key{k.scenario, k.metric, b.Children[0]}) / b.data.median(kamailio, k)
	if math.IsNaN(least) {
		return ""
	}
	return fmt.Sprintf(" (floor %.3g)", least)
}

// targets are those of the project: a third of Kamailio's CPU time, many workers no slower than one
// (3 % are given to chance), 6 MB for each worker.
func (b *bench) targets() []target {
	var out []target
	for _, n := range b.Children {
		for _, r := range []struct {
			sc   load.Scenario
			m    metric
			text string
		}{
			{load.Options, cpuFull, "OPTIONS, full load"},
			{load.Options, cpuHalf, "OPTIONS, half load"},
			{load.Message, cpuFull, "MESSAGE, full load"},
			{load.Message, cpuHalf, "MESSAGE, half load"},
		} {
			k := key{r.sc, r.m, n}
			out = append(out, target{
				fmt.Sprintf("CPU of ours / Kamailio, %s, workers: %d%s", r.text, n, b.possible(k)),
				b.data.median(ours, k) / b.data.median(kamailio, k), 1.0 / 3, false,
			})
		}
		out = append(out, target{fmt.Sprintf("MB PSS of the largest of our workers, workers: %d", n), b.data.median(ours, key{"", pssLargest, n}), 6, false})
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
