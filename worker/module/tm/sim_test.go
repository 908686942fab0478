package tm_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"goser/shm"
	"goser/worker/module/tm"
)

// simScript does what the user's name says: fork, try again in a failure route,
// answer itself, wait for somebody. wt_timer is what RFC 6026 has for timer L:
// with less, an INVITE whose every reply was lost comes as a new one.
const simScript = `
modparam("tm", "fr_timer", 8000)
modparam("tm", "wt_timer", 33000)
modparam("tm", "fr_inv_timer", 12000)
failure_route[retry] {
	if (!t_is_canceled()) { $ru = "sip:late@192.0.2.4:5080"; append_branch("sip:later@192.0.2.3:5080"); t_relay(); }
}
failure_route[tell] { t_reply("480", "Nobody"); }
onreply_route[note] { $avp(n) = $avp(n) + "reply "; }
branch_route[mark] { append_hf("X-Branch: $T_branch_idx\r\n"); }
route {
	if (method == "INFO") { t_continue("$hdr(X-Index)", "$hdr(X-Label)", "go"); exit; }
	if (method == "INVITE" || method == "MESSAGE") {
		if ($rU == "dial") { route(DIAL); exit; }
		if ($rU =~ "refuse") { if (t_newtran() > 0) { t_reply("403", "Forbidden"); } exit; }
		if ($rU =~ "fork") { append_branch("sip:$rU@192.0.2.3:5080"); t_on_branch("mark"); }
		if ($rU =~ "retry") { t_on_failure("retry"); t_on_reply("note"); $avp(n) = "so far: "; }
		if ($rU =~ "tell") { t_on_failure("tell"); }
		if ($rU =~ "park") { if (t_suspend()) { xlog("parked $T(id_index) $T(id_label)"); } exit; }
		record_route();
	}
	t_relay();
}
route[DIAL] {
	if (t_newtran() > 0) {
		t_uac_send("INVITE", "sip:$hdr(X-Callee)@192.0.2.2:5080", "", "", "From: <sip:f@x>\r\nTo: <sip:t@x>\r\nCall-ID: own-$ci\r\n");
		t_reply("202", "Dialled");
	}
}
route[go] { append_branch("sip:carol@192.0.2.3:5080"); t_relay(); }`

// simUsers are the callees: how they answer stands in their names.
var simUsers = []string{
	"bob", "bob", "busy", "fork", "forkbusy", "forkdecline", "retrybusy", "retry", "silent", "retrysilent",
	"ring", "forkring", "tellbusy", "refuse", "park", "forkchallenge",
}

// sim is a network of user agents around a world, on its clock: it loses,
// repeats and delays messages, and kills workers and timer processes.
type sim struct {
	*world
	rnd   *rand.Rand
	queue events
	now   time.Time
	calls map[string]*simCall // by Call-ID
	loss  float64
	seats []seat

	begun, ended, none, sends, lost int
	dialled, unacked                int // calls of the server's own, and answers to them that it never acknowledged
	deaths                          map[string]int
}

// step is one tick of the clock: timers, then what arrives.
func (s *sim) step() {
	s.now = s.now.Add(10 * time.Millisecond)
	for i, n := range s.nodes {
		if s.seats[i].dead {
			s.succeed(i)
		}
		n.env.Clock = s.now
	}
	s.timers()
	s.dispatch()
	for len(s.queue) > 0 && !s.queue[0].at.After(s.now) {
		s.handle(s.pop())
		s.dispatch()
	}
}

// begin starts one call or message and sees, long after, how it has ended.
func (s *sim) begin(n int) {
	s.begun = n
	method := "INVITE"
	if s.rnd.IntN(4) == 0 {
		method = "MESSAGE"
	}
	c := newSimCall(method, simUsers[s.rnd.IntN(len(simUsers))], n)
	if s.rnd.IntN(8) == 0 {
		c, method = s.dial(simUsers[s.rnd.IntN(len(simUsers))], n), "MESSAGE"
	}
	s.calls[c.id] = c
	s.retransmit(c, 500*time.Millisecond)
	if method == "INVITE" && s.rnd.IntN(4) == 0 {
		s.push(time.Duration(s.rnd.IntN(6000))*time.Millisecond, event{do: func() { s.cancel(c, 500*time.Millisecond) }})
	}
	s.push(150*time.Second, event{do: func() { s.verdict(c) }})
}

// verdict: an INVITE has one final reply (several only if several answered with
// 200: RFC 3261 §16.7 step 5 sends each on), everything else one, too.
func (s *sim) verdict(c *simCall) {
	s.ended++
	delete(s.calls, c.id)
	s.hungUp(c)
	for i, f := range c.gave {
		if i > 0 && f[0] != '2' || i > 2 || i > 0 && c.method != "INVITE" {
			s.t.Errorf("%s (%s %s): the server gave %q", c.id, c.method, c.uri, c.gave)
		}
	}
	for _, f := range c.gave {
		if f[0] == '5' { // nobody in here says so: the server has lost the reply that it was to give
			s.t.Errorf("%s (%s %s): the server gave %q", c.id, c.method, c.uri, c.gave)
		}
	}
	if len(c.gave) == 0 && c.heard {
		s.t.Errorf("%s (%s %s): the server gave no final reply", c.id, c.method, c.uri)
	}
	if c.finals == 0 {
		s.none++ // its request was never heard, or all repetitions of its reply were lost
	}
}

// whole looks at the arena and at how much is left.
func (s *sim) whole(most int) {
	for i := range s.nodes {
		for s.seats[i].dead {
			s.succeedNow(i)
		}
	}
	if n := tm.Transactions(s.nodes[0].env); n > most {
		s.t.Fatalf("after %d of them %d transactions are left", s.begun, n)
	}
	if err := shm.Check(s.arena); err != nil {
		s.t.Fatal(err)
	}
}

// TestSimulation: whatever the network and the workers do, every request has one
// final reply, and in the end nothing is left. GOSER_TM_SEED repeats a run,
// GOSER_TM_CALLS makes it longer (make sim N= SEED=).
func TestSimulation(t *testing.T) {
	seed, n := uint64(time.Now().UnixNano()), 1000
	if v := os.Getenv("GOSER_TM_SEED"); v != "" {
		seed, _ = strconv.ParseUint(v, 10, 64)
	}
	if v, err := strconv.Atoi(os.Getenv("GOSER_TM_CALLS")); err == nil {
		n = v
	}
	if raceOn {
		n = min(n, 40)
	}
	t.Logf("GOSER_TM_SEED=%d GOSER_TM_CALLS=%d", seed, n)
	s := newSim(t, seed)
	const apart = 10 * time.Millisecond // on average
	began := time.Now()
	for i := range n {
		s.push(time.Duration(s.rnd.Int64N(int64(2*apart))), event{do: func() { s.begin(i + 1) }})
		s.step()
		if i%20000 == 19999 {
			s.whole(30000)
			t.Logf("%d transactions, %d deaths, %v", i+1, s.died(), time.Since(began).Round(time.Second))
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	for range 20000 { // 200 seconds
		s.step()
	}
	if s.ended != n || s.none > 2+n/100 {
		t.Errorf("of %d requests %d have ended, %d without a final reply", n, s.ended, s.none)
	}
	if s.unacked > 1+n/5000 {
		t.Errorf("%d answers to %d calls of the server's own were never acknowledged", s.unacked, s.dialled)
	}
	s.report(n, time.Since(began))
	s.whole(0)
	s.take()
	s.empty()
}

func (s *sim) report(n int, took time.Duration) {
	s.t.Logf("%d requests in %v: %d datagrams of the server's, %d lost, %d without a final reply",
		n, took.Round(time.Millisecond), s.sends, s.lost, s.none)
	s.t.Logf("%d calls of the server's own, %d answers never acknowledged", s.dialled, s.unacked)
	names := make([]string, 0, len(s.deaths))
	for name := range s.deaths {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return s.deaths[b] - s.deaths[a] })
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, " %s %d", name, s.deaths[name])
	}
	s.t.Logf("%d deaths at %d places:%.3000s", s.died(), len(names), b.String())
}

// envInt is a number from the environment, 0 if there is none.
func envInt(name string) int64 {
	n, _ := strconv.ParseInt(os.Getenv(name), 10, 64)
	return n
}
