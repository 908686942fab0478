package robust

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// TestMemoryReportUnderLoad asks for the memory report again and again while calls go through. Each report is
// complete, names at least 95 % of the arena's used bytes by kind, and costs no call.
func TestMemoryReportUnderLoad(t *testing.T) {
	s := peer.Start(t, peer.Ours, "debug=1\nmemlog=1\nmem_summary=15\n"+calls, peer.Options{})
	defer s.Stop()
	workers := s.Workers(t, 4+2)
	times := 4
	if os.Getenv("ROBUST") == "full" {
		times = 12
	}
	load := exec.Command(peer.Binary(t, "sipload"), "call", "127.0.0.1:"+strconv.Itoa(s.Port), "--rate", "300",
		"--duration", strconv.Itoa(2500+400*times)+"ms", "--json", "--allow-lost", "--allow-failed")
	load.Stderr = os.Stderr
	out, err := load.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := load.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1500 * time.Millisecond)
	for range times {
		_ = syscall.Kill(s.Pid, syscall.SIGUSR1)
		time.Sleep(400 * time.Millisecond)
	}
	var r struct {
		Counts struct{ Completed, Failed, Lost, Unsent, Retransmitted int64 }
	}
	if err := json.NewDecoder(out).Decode(&r); err != nil {
		t.Error(err)
	}
	if err := load.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("%+v", r.Counts)
	if c := r.Counts; c.Completed == 0 || c.Failed != 0 || c.Lost != 0 || c.Retransmitted != 0 {
		t.Errorf("%d calls completed, %d failed, %d lost, %d messages sent again", c.Completed, c.Failed, c.Lost, c.Retransmitted)
	}
	sameProcesses(t, s, workers)
	reports(t, s, workers, times)
}

// reports checks what stands in the log.
func reports(t *testing.T, s *peer.Server, workers []int, times int) {
	t.Helper()
	log := s.Log()
	if strings.Contains(log, "lost") {
		t.Errorf("lines were lost: %s", tail(log))
	}
	for _, pid := range append(workers, s.Pid) {
		for _, what := range []string{"pkg_status", "pkg_sums"} {
			if n := strings.Count(log, fmt.Sprintf("(%d) NOTICE: %s: ---", pid, what)); n != times {
				t.Errorf("process %d wrote %d reports of %s, want %d", pid, n, what, times)
			}
		}
	}
	used := regexp.MustCompile(`shm_status: used= (\d+)`)
	kind := regexp.MustCompile(`shm_status:  count= *\d+ size= *(\d+) bytes \(asked for \d+\) from [^ ]+`)
	found := 0
	transactions := 0
	for _, report := range strings.Split(log, "Memory status (shm):")[1:] {
		report, _, complete := strings.Cut(report, "shm_status: ---")
		m := used.FindStringSubmatch(report)
		if !complete || m == nil {
			t.Fatalf("incomplete: %.1000s", report)
		}
		total, _ := strconv.Atoi(m[1])
		named := 0
		for _, k := range kind.FindAllStringSubmatch(report, -1) {
			n, _ := strconv.Atoi(k[1])
			named += n
		}
		if named < total*95/100 || total == 0 {
			t.Errorf("%d of %d bytes are named", named, total)
		}
		transactions += strings.Count(report, "from tm.transaction in")
		found++
	}
	if found != times || transactions < times {
		t.Errorf("%d reports of the arena, want %d; %d lines of transactions", found, times, transactions)
	}
}
