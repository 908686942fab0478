package robust

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// calls is a proxy that stays in the path of its calls.
const calls = `children=4
maxbuffer=4194304
listen=udp:127.0.0.1:@PORT@
log_stderror=yes
loadmodule "sl"
loadmodule "tm"
loadmodule "rr"
loadmodule "maxfwd"
request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	if (loose_route()) {
		t_relay();
		exit;
	}
	if (method == "INVITE") {
		record_route();
	}
	t_relay();
}
`

// chaosLength and chaosRate are CHAOS ("5m") and CHAOS_RATE (calls a second); make chaos sets them.
func chaosLength(t *testing.T) (length time.Duration, rate string) {
	length, rate = 5*time.Second, "300"
	if v := os.Getenv("CHAOS"); v != "" {
		var err error
		if length, err = time.ParseDuration(v); err != nil {
			t.Fatalf("CHAOS=%q: %v", v, err)
		}
	}
	if v := os.Getenv("CHAOS_RATE"); v != "" {
		rate = v
	}
	return length, rate
}

// TestChaos kills a random worker or timer process every second under calls, and now and then stops one for
// two seconds. No call fails, no other process is restarted, and the shared memory is whole.
func TestChaos(t *testing.T) {
	length, rate := chaosLength(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	s := peer.Start(t, peer.Ours, calls, peer.Options{})
	defer s.Stop()
	s.Workers(t, 4+2)
	load := exec.Command(peer.Binary(t, "sipload"), "call", "127.0.0.1:"+strconv.Itoa(s.Port), "--rate", rate,
		"--duration", (length + 3*time.Second).String(), "--json", "--allow-lost", "--allow-failed")
	load.Stderr = os.Stderr
	out, err := load.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := load.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second) // a worker that dies before all are ready fails the start, as it should
	harm(t, s, rnd, length)
	var r struct {
		Counts struct{ Completed, Failed, Lost, Unsent, Retransmitted int64 }
	}
	if err := json.NewDecoder(out).Decode(&r); err != nil {
		t.Error(err)
	}
	if err := load.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("%v at %s calls a second: %+v", length, rate, r.Counts)
	if c := r.Counts; c.Completed == 0 || c.Failed != 0 || c.Lost != 0 {
		t.Errorf("%d calls completed, %d failed, %d lost", c.Completed, c.Failed, c.Lost)
	}
	if text, err := exec.Command(peer.Binary(t, "ser"), "--arena-check", strconv.Itoa(s.Pid)).CombinedOutput(); err != nil {
		t.Errorf("shared memory: %.2000s", text)
	}
}

// harm kills a process each second; every fifth is stopped for two seconds instead.
func harm(t *testing.T, s *peer.Server, rnd *rand.Rand, length time.Duration) {
	t.Helper()
	end := time.Now().Add(length)
	for n := 1; time.Now().Before(end); n++ {
		before := peer.Children(s.Pid)
		if len(before) == 0 {
			t.Fatalf("the server has gone:\n%.2000s", s.Log())
		}
		victim := before[rnd.IntN(len(before))]
		if n%5 == 3 {
			_ = syscall.Kill(victim, syscall.SIGSTOP)
			time.Sleep(2 * time.Second)
			_ = syscall.Kill(victim, syscall.SIGCONT)
			continue
		}
		_ = syscall.Kill(victim, syscall.SIGKILL)
		time.Sleep(time.Second)
		after := map[int]bool{}
		for _, pid := range peer.Children(s.Pid) {
			after[pid] = true
		}
		for _, pid := range before {
			if pid != victim && !after[pid] {
				t.Errorf("killed %d, and %d has gone, too", victim, pid)
			}
		}
	}
}
