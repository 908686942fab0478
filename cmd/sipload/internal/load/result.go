package load

import (
	"time"

	"goser/cmd/sipload/internal/hist"
	"goser/cmd/sipload/internal/proc"
)

// Percentiles are of latencies, in microseconds.
type Percentiles struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean_us"`
	P50   float64 `json:"p50_us"`
	P90   float64 `json:"p90_us"`
	P99   float64 `json:"p99_us"`
	P999  float64 `json:"p999_us"`
	Max   float64 `json:"max_us"`
}

func percentiles(h *hist.Hist) Percentiles {
	us := func(d time.Duration) float64 { return float64(d) / 1000 }
	return Percentiles{
		Count: h.Count(), Mean: us(h.Mean()), P50: us(h.Quantile(.5)), P90: us(h.Quantile(.9)),
		P99: us(h.Quantile(.99)), P999: us(h.Quantile(.999)), Max: us(h.Max()),
	}
}

// Counts are of transactions and messages since the end of the warm-up.
type Counts struct {
	Started   int64 `json:"started"`
	Completed int64 `json:"completed"` // with the expected final status
	Failed    int64 `json:"failed"`    // with another final status
	Lost      int64 `json:"lost"`      // no final answer within 64*T1
	Unsent    int64 `json:"unsent"`    // open loop: should have started, but the limit of outstanding ones was reached

	Retransmitted    int64 `json:"retransmitted"`     // requests sent again
	UASRetransmitted int64 `json:"uas_retransmitted"` // 200 to INVITE sent again by the called side
	Provisional      int64 `json:"provisional"`
	Duplicates       int64 `json:"duplicates"` // answers to what was already finished
	Repeated         int64 `json:"repeated"`   // INVITEs that reached the called side more than once

	Cancelled int64 `json:"cancelled"` // calls that the called side saw cancelled
	Dropped   int64 `json:"dropped"`   // messages lost on purpose

	Malformed  int64 `json:"malformed"`  // datagrams that are not SIP, or too long
	Stray      int64 `json:"stray"`      // replies that match nothing we sent
	Requests   int64 `json:"requests"`   // requests to a client socket
	Unroutable int64 `json:"unroutable"` // dialogs whose next hop is no IP address; sent to the server instead
	Refused    int64 `json:"refused"`    // datagrams that our own kernel did not take
}

// Unexpected is how many datagrams came that no correct server sends.
func (c *Counts) Unexpected() int64 { return c.Malformed + c.Stray + c.Requests }

// Server is what the server used.
type Server struct {
	CPUSeconds float64     `json:"cpu_seconds"`
	CPUPerTx   float64     `json:"cpu_us_per_transaction"`
	CPUShare   float64     `json:"cpu_share"` // of one CPU
	Memory     proc.Memory `json:"memory"`
}

// Result is the report of one run.
type Result struct {
	Scenario Scenario `json:"scenario"`
	Target   string   `json:"target"`
	Window   int      `json:"window,omitempty"`
	Rate     float64  `json:"rate,omitempty"`
	Size     int      `json:"request_bytes"`
	Seconds  float64  `json:"seconds"`
	// Throughput is completed transactions a second, while new ones were started.
	Throughput float64       `json:"throughput"`
	Counts     Counts        `json:"counts"`
	Statuses   map[int]int64 `json:"statuses"` // final ones
	Latency    Percentiles   `json:"latency"`
	ByeLatency *Percentiles  `json:"bye_latency,omitempty"`
	LoadShare  float64       `json:"generator_cpu_share"` // near 1: the generator was the limit; when spinning, the part of the time it had work
	Server     *Server       `json:"server,omitempty"`
}
