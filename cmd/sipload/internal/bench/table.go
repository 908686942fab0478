package bench

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"goser/cmd/sipload/internal/load"
)

// metric is what a row of the table shows.
type metric int

const (
	cpuFull metric = iota
	cpuHalf
	throughput
	p99Half
	p99Bye
	rateHalf
	arenaTx
	pss
	pssPrivate
	pssLargest
	pssTotal
)

// key names one row.
type key struct {
	scenario load.Scenario
	metric   metric
	children int
}

// samples are the figures of all rounds, by server and row.
type samples map[string]map[key][]float64

func (d samples) add(server string, k key, v float64) {
	if d[server] == nil {
		d[server] = map[key][]float64{}
	}
	d[server][k] = append(d[server][k], v)
}

// median of what was measured; NaN when nothing was.
func (d samples) median(server string, k key) float64 {
	v := append([]float64(nil), d[server][k]...)
	if len(v) == 0 {
		return math.NaN()
	}
	sort.Float64s(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

// cell writes median and range.
func (d samples) cell(server string, k key) string {
	v := append([]float64(nil), d[server][k]...)
	switch len(v) {
	case 0:
		return "not measured"
	case 1:
		return number(v[0])
	}
	sort.Float64s(v)
	return fmt.Sprintf("%s (%s to %s)", number(d.median(server, k)), number(v[0]), number(v[len(v)-1]))
}

func number(v float64) string {
	switch {
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// ratio of two medians, "-" when one is missing.
func ratio(a, b float64) string {
	if math.IsNaN(a) || math.IsNaN(b) || b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", a/b)
}

// row is one line of the report.
type row struct {
	key
	label string
}

// rows lists what the comparison shows for one number of workers.
func rows(children int) []row {
	at := func(sc load.Scenario, m metric, label string) row { return row{key{sc, m, children}, label} }
	return []row{
		at(load.Options, cpuFull, "OPTIONS answered, full load: CPU µs each"),
		at(load.Options, cpuHalf, "OPTIONS answered, half load: CPU µs each"),
		at(load.Message, cpuFull, "MESSAGE forwarded, full load: CPU µs each"),
		at(load.Message, cpuHalf, "MESSAGE forwarded, half load: CPU µs each"),
		at(load.Call, cpuFull, "call, full load: CPU µs each"),
		at(load.Call, cpuHalf, "call, half load: CPU µs each"),
		at(scripted, cpuFull, "MESSAGE through a script of 200 lines, full load: CPU µs each"),
		at(load.Register, cpuFull, "REGISTER, full load: CPU µs each"),
		at(load.Options, throughput, "OPTIONS: most a second"),
		at(load.Message, throughput, "MESSAGE: most a second"),
		at(load.Call, throughput, "calls: most a second"),
		at(scripted, throughput, "MESSAGE through a script of 200 lines: most a second"),
		at(load.Register, throughput, "REGISTER: most a second"),
		at(load.Options, p99Half, "OPTIONS, half load: p99 latency µs"),
		at(load.Message, p99Half, "MESSAGE, half load: p99 latency µs"),
		at(load.Call, p99Half, "call, half load: p99 latency µs from INVITE to its 200"),
		at(load.Call, p99Bye, "call, half load: p99 latency µs from BYE to its 200"),
		at(load.Call, arenaTx, "bytes of shared memory for an INVITE transaction, request of 900 bytes"),
		at("", pss, "memory per worker: PSS MB"),
		at("", pssLargest, "memory of the largest worker: PSS MB"),
		at("", pssPrivate, "memory per worker, shared memory left out: PSS MB"),
		at("", pssTotal, "memory of all processes: PSS MB"),
	}
}

const (
	kamailio = "Kamailio"
	ours     = "ours"
	floor    = "echo" // a program that only answers, on one socket, in one thread
)

// comparison is the table for one number of workers.
func (b *bench) comparison(children int) string {
	var w strings.Builder
	fmt.Fprintf(&w, "| %d worker%s | Kamailio | ours | ours / Kamailio | Kamailio / ours |\n|---|---|---|---|---|\n", children, plural(children))
	for _, r := range rows(children) {
		k, o := b.data.median(kamailio, r.key), b.data.median(ours, r.key)
		fmt.Fprintf(&w, "| %s | %s | %s | %s | %s |\n", r.label, b.data.cell(kamailio, r.key), b.data.cell(ours, r.key), ratio(o, k), ratio(k, o))
	}
	return w.String()
}

// scaling is the table of many workers against few.
func (b *bench) scaling() string {
	few, many := b.Children[0], b.Children[len(b.Children)-1]
	if few == many {
		return ""
	}
	var w strings.Builder
	fmt.Fprintf(&w, "| %d workers / %d worker%s | Kamailio | ours |\n|---|---|---|\n", many, few, plural(few))
	for i, r := range rows(few) {
		other := rows(many)[i].key
		fmt.Fprintf(&w, "| %s | %s | %s |\n", r.label, ratio(b.data.median(kamailio, other), b.data.median(kamailio, r.key)),
			ratio(b.data.median(ours, other), b.data.median(ours, r.key)))
	}
	return w.String()
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
