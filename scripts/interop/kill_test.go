//go:build interop

package interop

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// loaded answers OPTIONS and forwards everything else to its Request-URI. The socket buffer is that of a
// server for such loads: it holds what comes while a standby takes over.
const loaded = `children=4
maxbuffer=67108864
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

// TestKillUnderLoad kills a random worker every second at half of the maximum load. Nobody may
// notice: every request is answered, no other process is restarted, the shared memory is whole.
func TestKillUnderLoad(t *testing.T) {
	length := 30 * time.Second
	if testing.Short() {
		length = 5 * time.Second
	}
	for _, scenario := range []string{"options", "message"} {
		t.Run(scenario, func(t *testing.T) {
			for try := 1; ; try++ {
				r, disturbed := underLoad(t, scenario, length)
				bad := r.Counts.Lost != 0 || r.Counts.Failed != 0 || r.Counts.Unsent != 0 || r.Counts.Completed == 0
				if bad && disturbed && try < 3 {
					t.Logf("again: somebody else has used this machine meanwhile, so half was too much")
					continue
				}
				if bad {
					t.Errorf("%d lost, %d failed, %d unsent of %d (machine disturbed: %v)", r.Counts.Lost, r.Counts.Failed,
						r.Counts.Unsent, r.Counts.Completed, disturbed)
				}
				return
			}
		})
	}
}

// underLoad is one run. It is disturbed if other programs took part of the machine meanwhile: then half
// of the maximum measured before may be more than there is.
func underLoad(t *testing.T, scenario string, length time.Duration) (r peer.Report, disturbed bool) {
	t.Helper()
	s := peer.Start(t, peer.Ours, loaded, peer.Options{})
	defer s.Stop()
	s.Workers(t, 4+2)
	before := peer.Maximum(t, s, scenario, 2*time.Second)
	// Half, not four fifths as in the chaos run: at 200,000 OPTIONS a second what other programs take now and
	// then is enough for a start into retransmissions, and OPTIONS are not left alone as INVITEs are.
	rate := int(before / 2)
	start, all, own := time.Now(), peer.AllTime(), s.Time()
	done := make(chan peer.Report, 1)
	go func() {
		done <- peer.Sipload(t, s, scenario, peer.Open(rate, length+time.Second)...)
	}()
	killed := killEverySecond(t, s, length)
	r = <-done
	if want := int(length/time.Second) * 2 / 3; killed < want { // a busy machine makes a second longer
		t.Errorf("%d workers were killed, want at least %d", killed, want)
	}
	run(t, t.TempDir(), 20*time.Second, peer.Binary(t, "ser"), "--arena-check", strconv.Itoa(s.Pid))
	others := peer.AllTime() - all - (s.Time() - own) - r.CPU
	share := float64(others) / float64(time.Since(start))
	t.Logf("%s: maximum %.0f/s, load %d/s, %d workers killed, other programs took %.0f %% of a CPU: %+v",
		scenario, before, rate, killed, 100*share, r)
	return r, share > 0.1
}

// killEverySecond returns how many it has killed.
func killEverySecond(t *testing.T, s *peer.Server, length time.Duration) (killed int) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for end := time.Now().Add(length - time.Second/2); time.Now().Before(end) && killOne(t, s); <-tick.C {
		killed++
	}
	return killed
}

// killOne kills a random child and looks who is there afterwards.
func killOne(t *testing.T, s *peer.Server) bool {
	t.Helper()
	before := peer.Children(s.Pid)
	victim := before[rand.IntN(len(before))]
	if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
		t.Error(err)
		return false
	}
	after := replaced(s, before)
	if len(after) != len(before) || slices.Contains(after, victim) {
		t.Errorf("killed %d of %v, seconds later there are %v", victim, before, after)
		return false
	}
	for _, pid := range before {
		if pid != victim && !slices.Contains(after, pid) {
			t.Errorf("killed %d, but %d has gone, too", victim, pid)
		}
	}
	return true
}

// replaced waits until there are as many processes as before, but not the same.
func replaced(s *peer.Server, before []int) (after []int) {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if after = peer.Children(s.Pid); len(after) == len(before) && !slices.Equal(before, after) {
			return after
		}
	}
	return after
}
