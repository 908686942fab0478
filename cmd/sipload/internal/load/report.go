package load

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"text/tabwriter"
)

// Print writes the report for people.
func (r *Result) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	how := fmt.Sprintf("closed loop, window %d", r.Window)
	if r.Rate > 0 {
		how = fmt.Sprintf("open loop, %.0f/s", r.Rate)
	}
	fmt.Fprintf(t, "scenario\t%s to %s, %s, %d-byte requests, %.2f s\n", r.Scenario, r.Target, how, r.Size, r.Seconds)
	fmt.Fprintf(t, "throughput\t%.0f/s\n", r.Throughput)
	c := &r.Counts
	fmt.Fprintf(t, "transactions\t%d started, %d completed, %d failed, %d lost, %d unsent\n", c.Started, c.Completed, c.Failed, c.Lost, c.Unsent)
	fmt.Fprintf(t, "answers\t%s\n", r.statusLine())
	printLatency(t, "latency", &r.Latency)
	if r.ByeLatency != nil {
		printLatency(t, "BYE latency", r.ByeLatency)
	}
	fmt.Fprintf(t, "retransmitted\t%d requests, %d answers to INVITE, %d INVITE seen again by the called side\n", c.Retransmitted, c.UASRetransmitted, c.Repeated)
	fmt.Fprintf(t, "answered again\t%d\n", c.Duplicates)
	if c.Cancelled+c.Dropped > 0 {
		fmt.Fprintf(t, "on purpose\t%d rings ended by CANCEL, %d messages lost\n", c.Cancelled, c.Dropped)
	}
	fmt.Fprintf(t, "unexpected\t%d malformed, %d stray replies, %d requests to a client, %d unroutable, %d refused by this kernel\n",
		c.Malformed, c.Stray, c.Requests, c.Unroutable, c.Refused)
	fmt.Fprintf(t, "generator\t%.0f %% of a CPU%s\n", 100*r.LoadShare, r.limit())
	if s := r.Server; s != nil {
		fmt.Fprintf(t, "server CPU\t%.2f µs per transaction, %.0f %% of a CPU, %.3f s\n", s.CPUPerTx, 100*s.CPUShare, s.CPUSeconds)
		printMemory(t, s)
	}
	return t.Flush()
}

// Saturated tells whether the generator, not the server, was the limit.
func (r *Result) Saturated() bool { return r.LoadShare > 0.95 }

func (r *Result) limit() string {
	if r.Saturated() {
		return ": this generator, not the server, may be what limits"
	}
	return ""
}

func (r *Result) statusLine() string {
	var codes []int
	for code := range r.Statuses {
		codes = append(codes, code)
	}
	sort.Ints(codes)
	var parts []string
	for _, code := range codes {
		parts = append(parts, fmt.Sprintf("%d: %d", code, r.Statuses[code]))
	}
	if r.Counts.Provisional > 0 {
		parts = append(parts, fmt.Sprintf("provisional: %d", r.Counts.Provisional))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func printLatency(w io.Writer, name string, p *Percentiles) {
	fmt.Fprintf(w, "%s\tp50 %s, p90 %s, p99 %s, p99.9 %s, max %s\n", name, us(p.P50), us(p.P90), us(p.P99), us(p.P999), us(p.Max))
}

func us(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.2f s", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.1f ms", v/1e3)
	}
	return fmt.Sprintf("%.0f µs", v)
}

func mb(n int64) string { return fmt.Sprintf("%.2f MB", float64(n)/(1<<20)) }

func printMemory(w io.Writer, s *Server) {
	m := &s.Memory
	fmt.Fprintf(w, "server memory\t%s PSS in %d processes: %s anonymous, %s files, %s shared\n",
		mb(m.Total.PSS), len(m.Processes), mb(m.Total.Anon), mb(m.Total.File), mb(m.Total.Shmem))
	fmt.Fprintf(w, "per worker\t%s PSS, %s of it not shared memory; largest %s not shared (process %d); first process %s\n",
		mb(m.PerWorker), mb(m.Private), mb(m.WorkerMax.PSS-m.WorkerMax.Shmem), m.WorkerMax.PID, mb(m.Root.PSS))
}
