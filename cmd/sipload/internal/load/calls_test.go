package load

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goser/cmd/sipload/internal/peer"
)

// outcomes says of each kind of call which requests the server sees, and the final answers.
var outcomes = []struct {
	sc       Scenario
	methods  []string
	statuses map[int]int64
	cancels  int64 // rings that end by CANCEL
}{
	{Busy, []string{"INVITE", "ACK"}, map[int]int64{486: 200}, 0},
	{Cancel, []string{"INVITE", "CANCEL", "ACK"}, map[int]int64{487: 200}, 200},
	{NoAnswer, []string{"INVITE", "CANCEL", "ACK"}, map[int]int64{487: 200}, 200},
	{Reinvite, []string{"INVITE", "ACK", "BYE"}, map[int]int64{200: 600}, 0},
	{Fork, []string{"INVITE", "ACK", "BYE"}, map[int]int64{200: 400}, 200},
	{Call, []string{"INVITE", "ACK", "BYE"}, map[int]int64{200: 400}, 0},
}

func callConfig(sc Scenario, p *peer.Peer) Config {
	cfg := config(sc, p)
	cfg.Count = 200
	cfg.T1, cfg.T2 = 20*time.Millisecond, 80*time.Millisecond
	if sc == NoAnswer {
		cfg.Ring = 5 * time.Millisecond
	}
	return cfg
}

func TestCalls(t *testing.T) {
	for _, tc := range outcomes {
		t.Run(string(tc.sc), func(t *testing.T) {
			t.Parallel()
			p := start(t, &peer.Peer{RecordRoute: true, Fork: tc.sc == Fork})
			cfg := callConfig(tc.sc, p)
			cfg.T1, cfg.T2 = time.Second, 2*time.Second
			r := run(t, cfg)
			correct(t, p, r)
			c := r.Counts
			if c.Completed != 200 || c.Failed+c.Lost+c.Retransmitted+c.UASRetransmitted+c.Dropped != 0 {
				t.Errorf("counts %+v", c)
			}
			if fmt.Sprint(r.Statuses) != fmt.Sprint(tc.statuses) {
				t.Errorf("final answers %v, want %v", r.Statuses, tc.statuses)
			}
			if c.Cancelled != tc.cancels {
				t.Errorf("%d rings ended by CANCEL, want %d", c.Cancelled, tc.cancels)
			}
			if r.Latency.Count != 200 || tc.sc == NoAnswer && r.Latency.P50 < 5000 {
				t.Errorf("latency %+v", r.Latency)
			}
			sees(t, p, tc.methods)
		})
	}
}

// sees waits until the server has seen 200 of each method; the last ACKs are answered by nobody.
func sees(t *testing.T, p *peer.Peer, methods []string) {
	t.Helper()
	for _, m := range methods {
		for end := time.Now().Add(time.Second); p.Count(m) < 200 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		if n := p.Count(m); n < 200 {
			t.Errorf("the server saw %d %s, want 200", n, m)
		}
	}
	if n := p.Count("INVITE"); len(methods) > 1 && methods[1] != "ACK" && n != 200 {
		t.Errorf("the server saw %d different INVITEs, want 200", n)
	}
}

// Every call comes to its end, although messages are lost on each of the four ways, or each comes three
// times, or both. The shares are such that an INVITE without any answer to its seven attempts would be
// one in some thousand runs: 1-(1-loss)^4 to the seventh power is the chance of one call.
func TestCallsOverBadNetwork(t *testing.T) {
	for _, tc := range outcomes {
		if tc.sc == Fork { // the peer forks only where nothing is lost
			continue
		}
		for _, bad := range []struct {
			loss   float64
			copies int
		}{{0.03, 1}, {0, 3}, {0.2, 3}} {
			t.Run(fmt.Sprintf("%s loss=%v copies=%d", tc.sc, bad.loss, bad.copies), func(t *testing.T) {
				t.Parallel()
				p := start(t, &peer.Peer{RecordRoute: true})
				cfg := callConfig(tc.sc, p)
				cfg.Loss, cfg.Copies = bad.loss, bad.copies
				cfg.T1, cfg.T2 = 100*time.Millisecond, 400*time.Millisecond // all scenarios at once, on a busy machine
				r := run(t, cfg)
				correct(t, p, r)
				c := r.Counts
				if c.Completed != 200 || c.Failed+c.Lost != 0 || fmt.Sprint(r.Statuses) != fmt.Sprint(tc.statuses) {
					t.Errorf("counts %+v, final answers %v", c, r.Statuses)
				}
				if (c.Dropped > 0) != (bad.loss > 0) || bad.copies == 1 && c.Retransmitted == 0 {
					t.Errorf("counts %+v", c)
				}
				if bad.copies > 1 && c.Repeated == 0 {
					t.Error("no INVITE came twice")
				}
			})
		}
	}
}

// The same seed loses the same messages, another one others.
func TestLossFollowsSeed(t *testing.T) {
	p := start(t, &peer.Peer{})
	draw := func(seed uint64) string {
		cfg := config(Options, p)
		cfg.Loss, cfg.Seed = 0.5, seed
		e, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		s := ""
		for range 64 {
			s += map[bool]string{true: "x", false: "."}[e.lose()]
		}
		return s
	}
	if a, b, c := draw(7), draw(7), draw(8); a != b || a == c {
		t.Errorf("seed 7: %s and %s, seed 8: %s", a, b, c)
	}
}

// A server that answers what it likes: no kind of call stands still.
func TestCallsRefusedElsewhere(t *testing.T) {
	for _, tc := range outcomes {
		p := start(t, &peer.Peer{Status: "404 Not Found"})
		cfg := callConfig(tc.sc, p)
		cfg.Count = 20
		if r := run(t, cfg); r.Counts.Failed != 20 || r.Statuses[404] != 20 || r.Counts.Unexpected() != 0 {
			t.Errorf("%s: counts %+v, %v", tc.sc, r.Counts, r.Statuses)
		}
		cfg.Expect = 404
		if r := run(t, cfg); r.Counts.Completed != 20 || r.Latency.Count != 20 {
			t.Errorf("%s, 404 expected: counts %+v, latency %+v", tc.sc, r.Counts, r.Latency)
		}
	}
}

// When CANCEL gets no final answer, nor INVITE after it, the call is lost at last (RFC 3261 §9.1).
func TestCancelWithoutAnswer(t *testing.T) {
	t.Parallel()
	p := start(t, &peer.Peer{Status: "180 Ringing"}) // whatever is asked
	cfg := callConfig(Cancel, p)
	cfg.Count, cfg.Window, cfg.T1, cfg.T2 = 1, 1, 5*time.Millisecond, 40*time.Millisecond
	r := run(t, cfg)
	if c := r.Counts; c.Lost != 1 || c.Completed+c.Failed != 0 {
		t.Errorf("counts %+v", c)
	}
	// CANCEL goes out 11 times in 64*T1, as any request but INVITE does.
	for end := time.Now().Add(time.Second); cancels(p) < 11 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if n := cancels(p); n != 11 || p.Count("CANCEL") != 1 {
		t.Errorf("CANCEL was sent %d times with %d branches, want 11 and 1", n, p.Count("CANCEL"))
	}
}

func cancels(p *peer.Peer) (n int) {
	seen, _ := p.Seen()
	for request, times := range seen {
		if strings.HasSuffix(request, " CANCEL") {
			n += times
		}
	}
	return n
}
