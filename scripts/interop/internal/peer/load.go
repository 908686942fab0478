package peer

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// Report is what we read of sipload's.
type Report struct {
	Throughput float64
	Counts     struct{ Completed, Failed, Lost, Unsent, Retransmitted, Duplicates int64 }
	Latency    struct {
		P99 float64 `json:"p99_us"`
		Max float64 `json:"max_us"`
	}
	CPU time.Duration // processor time that sipload itself took
}

// Open are the arguments of sipload for a load at a rate. Server and generator share the machine, so the
// generator looks once in a millisecond: it is not to take with wake-ups what the server is to have.
func Open(rate int, length time.Duration) []string {
	return []string{"--rate", strconv.Itoa(rate), "--duration", length.String(), "--gather", "1ms"}
}

// Sipload puts a load on the server.
func Sipload(t testing.TB, s *Server, scenario string, args ...string) (r Report) {
	t.Helper()
	args = append([]string{scenario, "127.0.0.1:" + strconv.Itoa(s.Port), "--json", "--allow-lost", "--allow-failed"}, args...)
	c := exec.Command(Binary(t, "sipload"), args...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil || json.Unmarshal(out, &r) != nil {
		t.Errorf("sipload %v: %v\n%s%s", args, err, out, stderr.String())
	}
	r.CPU = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	return r
}

// Maximum is the highest rate that server and generator, who share this machine, keep up for so long without
// a retransmission and without a late request, as clients that do not wait for each other send. A closed
// loop tells where to look: it gets through more, since it never has to catch up.
func Maximum(t testing.TB, s *Server, scenario string, length time.Duration) float64 {
	t.Helper()
	top := Sipload(t, s, scenario, "--window", "64", "--duration", "2s", "--warmup", "500ms")
	if top.Counts.Lost != 0 || top.Throughput < 100 {
		t.Fatalf("without any killing: %+v", top)
	}
	for rate := top.Throughput; rate > 100; rate *= 0.9 {
		r := Sipload(t, s, scenario, Open(int(rate), length)...)
		if r.Counts.Retransmitted == 0 && r.Counts.Unsent == 0 && r.Counts.Lost == 0 {
			return rate
		}
	}
	t.Fatal("no rate is kept up, even without any killing")
	return 0
}
