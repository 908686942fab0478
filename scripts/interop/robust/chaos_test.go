package robust

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// calls is a proxy that stays in the path of its calls. Its buffer holds what comes in half a second at the
// highest rates: four stopped or dying processes on two CPUs must not cost a datagram.
const calls = `children=4
maxbuffer=67108864
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

// chaosPlan is CHAOS ("5m") and CHAOS_RATE (calls a second); make chaos sets the first. A long run without a
// rate measures what the machine keeps up and takes four fifths of it.
func chaosPlan(t *testing.T) (length time.Duration, rate int) {
	length, rate = 5*time.Second, 300
	if v := os.Getenv("CHAOS"); v != "" {
		var err error
		if length, err = time.ParseDuration(v); err != nil {
			t.Fatalf("CHAOS=%q: %v", v, err)
		}
		rate = 0
	}
	if v := os.Getenv("CHAOS_RATE"); v != "" {
		var err error
		if rate, err = strconv.Atoi(v); err != nil || rate < 1 {
			t.Fatalf("CHAOS_RATE=%q: want calls a second", v)
		}
	}
	return length, rate
}

// TestChaos kills a random worker or timer process every second under calls, and now and then stops one for
// two seconds. No call fails, no other process is restarted, the shared memory is whole and empty in the end.
func TestChaos(t *testing.T) {
	length, rate := chaosPlan(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	s := peer.Start(t, peer.Ours, calls, peer.Options{})
	defer s.Stop()
	s.Workers(t, 4+2)
	if rate == 0 {
		top := peer.Maximum(t, s, "call", 8*time.Second) // longer than a finished transaction is kept
		rate = int(top * 4 / 5)
		t.Logf("at most %.0f calls a second", top)
	}
	all, own, start := peer.AllTime(), s.Time(), time.Now()
	done := make(chan peer.Report, 1)
	go func() {
		done <- peer.Sipload(t, s, "call", peer.Open(rate, length+3*time.Second)...)
	}()
	time.Sleep(2 * time.Second) // a worker that dies before all are ready fails the start, as it should
	harm(t, s, rnd, length)
	r := <-done
	others := peer.AllTime() - all - (s.Time() - own) - r.CPU
	t.Logf("%v at %d calls a second: %+v; others took %.0f %% of a CPU", length, rate, r, 100*float64(others)/float64(time.Since(start)))
	if c := r.Counts; c.Completed == 0 || c.Failed != 0 || c.Lost != 0 {
		t.Errorf("%d calls completed, %d failed, %d lost", c.Completed, c.Failed, c.Lost)
	}
	check(t, s)
	noTransactions(t, s, 60*time.Second)
}

// check has the program look at the shared memory.
func check(t *testing.T, s *peer.Server) {
	t.Helper()
	if text, err := exec.Command(peer.Binary(t, "ser"), "--arena-check", strconv.Itoa(s.Pid)).CombinedOutput(); err != nil {
		t.Errorf("shared memory: %.2000s", text)
	}
}

// noTransactions waits until all that calls have left in the shared memory is gone.
func noTransactions(t *testing.T, s *peer.Server, limit time.Duration) {
	t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(250 * time.Millisecond) {
		held := s.Arena(t)
		n := held["tm.transaction"] + held["tm.request"] + held["tm.branch"] + held["tm.blob"]
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Errorf("%v after the last call %d bytes of transactions are left: %v", limit, n, held)
			return
		}
	}
}

// harm kills a process each second; every fifth time one is stopped for two seconds besides.
func harm(t *testing.T, s *peer.Server, rnd *rand.Rand, length time.Duration) {
	t.Helper()
	end, stopped := time.Now().Add(length), 0
	defer func() {
		if stopped != 0 {
			_ = syscall.Kill(stopped, syscall.SIGCONT)
		}
	}()
	for n := 1; time.Now().Before(end); n++ {
		before := peer.Children(s.Pid)
		if len(before) < 2 {
			t.Fatalf("the server has gone:\n%.2000s", s.Log())
		}
		switch n % 5 {
		case 0:
			_ = syscall.Kill(stopped, syscall.SIGCONT)
			stopped = 0
		case 3:
			stopped = before[rnd.IntN(len(before))]
			_ = syscall.Kill(stopped, syscall.SIGSTOP)
		}
		victim := stopped
		for victim == stopped {
			victim = before[rnd.IntN(len(before))]
		}
		_ = syscall.Kill(victim, syscall.SIGKILL)
		time.Sleep(time.Second)
		after := map[int]bool{}
		for _, pid := range peer.Children(s.Pid) {
			after[pid] = true
		}
		for _, pid := range before { // one that is stopped with a lock that others need is killed by them
			if pid != victim && pid != stopped && !after[pid] {
				t.Errorf("killed %d, and %d has gone, too", victim, pid)
			}
		}
	}
}
