//go:build interop

package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// loaded answers OPTIONS and forwards everything else to its Request-URI.
const loaded = `children=4
listen=udp:127.0.0.1:@PORT@
log_stderror=yes
loadmodule "sl"
loadmodule "maxfwd"
request_route {
	if (method == "OPTIONS") {
		sl_send_reply("200", "OK");
		exit;
	}
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	forward();
}
`

// report is what we read of sipload's.
type report struct {
	Throughput float64
	Counts     struct{ Completed, Failed, Lost, Unsent, Retransmitted, Duplicates int64 }
	Latency    struct {
		P99 float64 `json:"p99_us"`
		Max float64 `json:"max_us"`
	}
}

// TestKillUnderLoad kills a random worker every second at four fifths of the maximum load. Nobody may
// notice: every request is answered, no other process is restarted, the shared memory is whole.
func TestKillUnderLoad(t *testing.T) {
	length := 30 * time.Second
	if testing.Short() {
		length = 5 * time.Second
	}
	for _, scenario := range []string{"options", "message"} {
		t.Run(scenario, func(t *testing.T) {
			s := peer.Start(t, peer.Ours, loaded, peer.Options{})
			s.Workers(t, 4+2)
			top := sipload(t, s, scenario, "--window", "64", "--duration", "3s", "--warmup", "500ms")
			if top.Counts.Lost != 0 || top.Throughput < 100 {
				t.Fatalf("without any killing: %+v", top)
			}
			done := make(chan report, 1)
			rate := strconv.Itoa(int(top.Throughput * 4 / 5))
			go func() {
				done <- sipload(t, s, scenario, "--rate", rate, "--duration", fmt.Sprint(length), "--t1", "500ms")
			}()
			killed := killEverySecond(t, s, length)
			r := <-done
			t.Logf("%s: maximum %.0f/s, load %s/s, %d workers killed: %+v", scenario, top.Throughput, rate, killed, r)
			if r.Counts.Lost != 0 || r.Counts.Failed != 0 || r.Counts.Unsent != 0 || r.Counts.Completed == 0 {
				t.Errorf("%d lost, %d failed, %d unsent of %d", r.Counts.Lost, r.Counts.Failed, r.Counts.Unsent, r.Counts.Completed)
			}
			run(t, t.TempDir(), 20*time.Second, peer.Binary(t, "ser"), "--arena-check", strconv.Itoa(s.Pid))
		})
	}
}

// killEverySecond returns how many it has killed.
func killEverySecond(t *testing.T, s *peer.Server, length time.Duration) int {
	n := 0
	for end := time.Now().Add(length - 500*time.Millisecond); time.Now().Before(end); time.Sleep(time.Second) {
		before := peer.Children(s.Pid)
		victim := before[rand.IntN(len(before))]
		if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
			t.Error(err)
			return n
		}
		n++
		after := replaced(s, before)
		if len(after) != len(before) || slices.Contains(after, victim) {
			t.Errorf("killed %d of %v, a second later there are %v", victim, before, after)
			return n
		}
		for _, pid := range before {
			if pid != victim && !slices.Contains(after, pid) {
				t.Errorf("killed %d, but %d has gone, too", victim, pid)
			}
		}
	}
	return n
}

// replaced waits until there are as many processes as before, but not the same.
func replaced(s *peer.Server, before []int) (after []int) {
	for end := time.Now().Add(900 * time.Millisecond); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if after = peer.Children(s.Pid); len(after) == len(before) && !slices.Equal(before, after) {
			return after
		}
	}
	return after
}

func sipload(t *testing.T, s *peer.Server, scenario string, args ...string) report {
	t.Helper()
	args = append([]string{scenario, "127.0.0.1:" + strconv.Itoa(s.Port), "--json", "--allow-lost", "--allow-failed"}, args...)
	c := exec.Command(peer.Binary(t, "sipload"), args...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	var r report
	if err != nil || json.Unmarshal(out, &r) != nil {
		t.Errorf("sipload %v: %v\n%s%s", args, err, out, stderr.String())
	}
	return r
}
