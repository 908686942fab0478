package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"goser/cmd/sipload/internal/peer"
	"goser/cmd/sipload/internal/udp"
	"goser/cmd/sipload/internal/wire"
)

// config is a run against p that is fast to fail.
func config(sc Scenario, p *peer.Peer) Config {
	c := Default()
	c.Scenario, c.Target = sc, p.Addr
	c.Count, c.Window, c.Ports = 500, 20, 3
	if p.Lose != nil {
		c.T1, c.T2 = 20*time.Millisecond, 80*time.Millisecond
	}
	return c
}

func start(t *testing.T, p *peer.Peer) *peer.Peer {
	t.Helper()
	if err := p.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func run(t *testing.T, c Config) *Result {
	t.Helper()
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r, err := e.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatalf("the run did not end: %v", e)
	}
	return r
}

// correct checks that the peer found nothing wrong with us, nor we with it.
func correct(t *testing.T, p *peer.Peer, r *Result) {
	t.Helper()
	if r.Counts.Unexpected() != 0 || r.Counts.Refused != 0 {
		t.Errorf("unexpected: %+v", r.Counts)
	}
	_, bad := p.Seen()
	for i, b := range bad {
		if i < 3 {
			t.Errorf("the server saw: %s", b)
		}
	}
}

// loss loses about the given share, the same datagrams each time.
func loss(share float64) func(int) bool {
	r := rand.New(rand.NewPCG(1, 2))
	return func(int) bool { return r.Float64() < share }
}

func TestScenarios(t *testing.T) {
	for _, sc := range []Scenario{Options, Register, Message, Call} {
		for _, lossy := range []bool{false, true} {
			for _, recordRoute := range []bool{false, true} {
				if recordRoute && sc != Call {
					continue
				}
				t.Run(fmt.Sprintf("%s loss=%v rr=%v", sc, lossy, recordRoute), func(t *testing.T) {
					t.Parallel()
					p := &peer.Peer{RecordRoute: recordRoute}
					if lossy {
						p.Lose = loss(0.05) // more, and one in ten thousand loses all its repetitions
					}
					start(t, p)
					r := run(t, config(sc, p))
					correct(t, p, r)
					checkAllDone(t, sc, p, r)
				})
			}
		}
	}
}

func checkAllDone(t *testing.T, sc Scenario, p *peer.Peer, r *Result) {
	c, lossy := r.Counts, p.Lose != nil
	if c.Started != 500 || c.Completed != 500 || c.Failed+c.Lost+c.Unsent+c.Unroutable != 0 {
		t.Errorf("counts %+v", c)
	}
	if (c.Retransmitted > 0) != lossy {
		t.Errorf("%d retransmitted, lossy %v", c.Retransmitted, lossy)
	}
	if r.Latency.Count != 500 || r.Latency.P50 <= 0 || r.Latency.P50 > r.Latency.P99 || r.Latency.P99 > r.Latency.Max {
		t.Errorf("latency %+v", r.Latency)
	}
	if r.Throughput <= 0 {
		t.Errorf("throughput %v", r.Throughput)
	}
	want := []string{kinds[sc].method}
	if p.RecordRoute {
		want = append(want, "ACK", "BYE")
	}
	for _, method := range want {
		if n := p.Count(method); n != 500 && !(lossy && method == "ACK") {
			t.Errorf("the server saw %d different %s, want 500", n, method)
		}
	}
	if n := p.Count("BYE"); n != 0 && !p.RecordRoute {
		t.Errorf("%d BYE came through a server that had not asked for it", n)
	}
	if lossy && sc == Call && c.UASRetransmitted == 0 {
		t.Error("no 200 to INVITE was sent again although some were lost")
	}
}

// RFC 3261 §17.1.2.2 and §17.1.1.2: unanswered, a request goes out 11 times, an INVITE 7 times,
// over 64*T1.
func TestGivesUpAsTheRFCSays(t *testing.T) {
	for _, c := range []struct {
		sc   Scenario
		want int
	}{{Options, 11}, {Call, 7}} {
		t.Run(string(c.sc), func(t *testing.T) {
			t.Parallel()
			p := start(t, &peer.Peer{Lose: func(int) bool { return true }})
			cfg := config(c.sc, p)
			cfg.Count, cfg.T1, cfg.T2 = 5, 5*time.Millisecond, 40*time.Millisecond
			begin := time.Now()
			r := run(t, cfg)
			if took := time.Since(begin); took < 320*time.Millisecond || took > 3*time.Second {
				t.Errorf("gave up after %v, want 64*T1 = 320ms", took)
			}
			if r.Counts.Lost != 5 || r.Counts.Completed != 0 || r.Counts.Retransmitted != int64(5*(c.want-1)) {
				t.Errorf("counts %+v", r.Counts)
			}
			all := func() (n int) { // the last ones may still be on their way
				seen, _ := p.Seen()
				for _, times := range seen {
					n += times
				}
				return n
			}
			for end := time.Now().Add(time.Second); all() < 5*c.want && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			seen, _ := p.Seen()
			for branch, n := range seen {
				if n != c.want {
					t.Errorf("%s was sent %d times, want %d", branch, n, c.want)
				}
			}
		})
	}
}

// After a provisional answer a request is sent again every T2 only, an INVITE not at all.
func TestProvisionalSlowsDown(t *testing.T) {
	t.Parallel()
	p := start(t, &peer.Peer{Provisional: true, Lose: func(n int) bool { return n%3 == 0 }}) // the 200 is lost
	cfg := config(Options, p)
	cfg.Count, cfg.T1, cfg.T2 = 4, 15*time.Millisecond, 300*time.Millisecond
	r := run(t, cfg)
	// The first goes out again after 15 ms, then at 315, 615 and 915 ms, and 960 ms is the end.
	if r.Counts.Lost != 4 || r.Counts.Retransmitted != 16 || r.Counts.Provisional != 20 {
		t.Errorf("counts %+v", r.Counts)
	}
}

func TestOtherFinalStatusIsFailure(t *testing.T) {
	for _, sc := range []Scenario{Options, Call} {
		p := start(t, &peer.Peer{Status: "404 Not Found"})
		r := run(t, config(sc, p))
		if r.Counts.Failed != 500 || r.Counts.Completed != 0 || r.Statuses[404] != 500 || r.Counts.Retransmitted != 0 {
			t.Errorf("%s: counts %+v statuses %v", sc, r.Counts, r.Statuses)
		}
		for end := time.Now().Add(time.Second); sc == Call && p.Count("ACK") < 500 && time.Now().Before(end); {
			time.Sleep(time.Millisecond) // the last ones may still be on their way
		}
		correct(t, p, r)
		if n := p.Count("ACK"); sc == Call && n != 500 {
			t.Errorf("%d of 500 failures were acknowledged", n)
		}
		cfg := config(sc, p)
		if cfg.Expect = 404; sc == Options && run(t, cfg).Counts.Completed != 500 {
			t.Error("--expect 404 was not met by 404")
		}
	}
}

// What is not the answer to anything must be counted and must complete nothing.
func TestUnexpectedDatagrams(t *testing.T) {
	once := false
	p := &peer.Peer{}
	p.Before = func(b []byte) [][]byte {
		if once {
			return nil
		}
		once = true
		var m wire.Message
		if m.Parse(b) != nil {
			return nil
		}
		r := wire.NewReply("200 OK", "", "", false)
		good := string(r.Append(nil, &m))
		change := func(old, new string) []byte { return []byte(strings.Replace(good, old, new, 1)) }
		return [][]byte{
			[]byte("garbage"),
			{},
			make([]byte, 9000),                                                        // malformed
			change("z9hG4bK", "z9hG4bKx"), change("branch=z9hG4bK", "branch=Z9hG4bK"), // strays
			change("CSeq: 1 OPTIONS", "CSeq: 1 MESSAGE"), change("Call-ID: ", "Call-ID: x"),
			change("From:", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKz\r\nFrom:"),
			b, // a request
		}
	}
	start(t, p)
	cfg := config(Options, p)
	cfg.Count = 10
	r := run(t, cfg)
	if c := r.Counts; c.Malformed != 3 || c.Stray != 5 || c.Requests != 1 || c.Completed != 10 {
		t.Errorf("counts %+v", c)
	}
}

// A 200 that comes twice counts once.
func TestDuplicateAnswer(t *testing.T) {
	p := &peer.Peer{}
	p.Before = func(b []byte) [][]byte {
		var m wire.Message
		m.Parse(b)
		r := wire.NewReply("200 OK", "", "", false)
		return [][]byte{r.Append(nil, &m)}
	}
	start(t, p)
	cfg := config(Options, p)
	cfg.Window = 1
	r := run(t, cfg)
	if c := r.Counts; c.Completed != 500 || c.Duplicates < 490 || c.Unexpected() != 0 {
		t.Errorf("counts %+v", c)
	}
}

// A server that stands still for 150 ms must show in the latencies of all that should have been
// sent meanwhile, although few were under way.
func TestOpenLoopShowsStalls(t *testing.T) {
	var begin time.Time
	stalled := false
	p := start(t, &peer.Peer{Before: func([]byte) [][]byte {
		if begin.IsZero() {
			begin = time.Now()
		}
		if !stalled && time.Since(begin) > 100*time.Millisecond {
			stalled = true
			time.Sleep(150 * time.Millisecond)
		}
		return nil
	}})
	cfg := config(Options, p)
	cfg.Count, cfg.Rate, cfg.Duration, cfg.Outstanding, cfg.T1, cfg.T2 = 0, 1000, 500*time.Millisecond, 10, time.Second, time.Second
	r := run(t, cfg)
	if r.Counts.Completed < 450 || r.Counts.Completed > 501 || r.Counts.Unsent != 0 {
		t.Errorf("counts %+v", r.Counts)
	}
	// About 150 of 500 were late, by 75 ms on average.
	if r.Latency.P90 < 50_000 || r.Latency.Max < 120_000 {
		t.Errorf("the stall is hidden: %+v", r.Latency)
	}
}

// When the limit of outstanding ones stops us for good, what was not sent is told.
func TestOpenLoopUnsent(t *testing.T) {
	t.Parallel()
	p := start(t, &peer.Peer{Lose: func(int) bool { return true }})
	cfg := config(Options, p)
	cfg.Count, cfg.Rate, cfg.Duration, cfg.Outstanding = 0, 1000, 200*time.Millisecond, 10
	r := run(t, cfg)
	if c := r.Counts; c.Lost != 10 || c.Unsent < 150 || c.Unsent > 200 {
		t.Errorf("counts %+v", c)
	}
}

func TestRateAndWarmup(t *testing.T) {
	p := start(t, &peer.Peer{})
	cfg := config(Register, p)
	cfg.Count, cfg.Rate, cfg.Duration, cfg.Warmup, cfg.ServerPID = 0, 2000, 300*time.Millisecond, 100*time.Millisecond, os.Getpid()
	r := run(t, cfg)
	if r.Throughput < 1500 || r.Throughput > 2300 || r.Counts.Completed < 500 || r.Counts.Completed > 700 {
		t.Errorf("throughput %v, counts %+v", r.Throughput, r.Counts)
	}
	if r.Server == nil || r.Server.CPUPerTx <= 0 || r.Server.Memory.Total.PSS == 0 {
		t.Errorf("server %+v", r.Server)
	}
	if r.Server.CPUPerTx > 1e4 {
		t.Errorf("%v µs per transaction", r.Server.CPUPerTx)
	}
}

func TestRingAndHold(t *testing.T) {
	t.Parallel()
	p := start(t, &peer.Peer{RecordRoute: true})
	cfg := config(Call, p)
	cfg.Count, cfg.Ring, cfg.Hold = 20, 30*time.Millisecond, 40*time.Millisecond
	begin := time.Now()
	r := run(t, cfg)
	if c := r.Counts; c.Completed != 20 || c.Retransmitted != 0 || r.Latency.P50 < 30_000 {
		t.Errorf("counts %+v, latency %+v", c, r.Latency)
	}
	if took := time.Since(begin); took < 70*time.Millisecond {
		t.Errorf("took %v", took)
	}
}

func TestIPv6(t *testing.T) {
	p := &peer.Peer{}
	if err := p.Start("[::1]:0"); err != nil {
		t.Skip("no IPv6 loopback here")
	}
	t.Cleanup(p.Stop)
	for _, sc := range []Scenario{Options, Message} {
		cfg := config(sc, p)
		if r := run(t, cfg); r.Counts.Completed != 500 {
			t.Errorf("%s: %+v", sc, r.Counts)
		}
	}
}

func TestCancelReports(t *testing.T) {
	t.Parallel()
	p := start(t, &peer.Peer{Lose: func(int) bool { return true }})
	e, err := New(config(Options, p))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	r, err := e.Run(ctx)
	if err != nil || r.Counts.Lost != 20 {
		t.Fatalf("%v %+v", err, r)
	}
}

func TestCheck(t *testing.T) {
	good := Default()
	good.Scenario, good.Target, good.Count = Options, netip.MustParseAddrPort("127.0.0.1:5060"), 1
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"no scenario": func(c *Config) { c.Scenario = "x" }, "ADDRESS:PORT": func(c *Config) { c.Target = netip.AddrPort{} },
		"--ports": func(c *Config) { c.Ports = 0 }, "--window": func(c *Config) { c.Window = 1 << 24 },
		"--rate": func(c *Config) { c.Rate = -1 }, "--count or --duration": func(c *Config) { c.Count = 0 },
		"--t1": func(c *Config) { c.T1 = 0 }, "--t2": func(c *Config) { c.T2 = 0 }, "--users": func(c *Config) { c.Users = 0 },
		"--body": func(c *Config) { c.Body = 9999 }, "--expect": func(c *Config) { c.Expect = 100 },
	} {
		c := good
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// Messages are as long as real ones, and no two alike.
func TestSizes(t *testing.T) {
	p := start(t, &peer.Peer{})
	for _, sc := range []Scenario{Options, Register, Message, Call} {
		e, err := New(config(sc, p))
		if err != nil {
			t.Fatal(err)
		}
		if n := e.templates[0].Len(); n < 400 || n > 900 {
			t.Errorf("%s is %d bytes", sc, n)
		}
		e.Close()
	}
}

// A run that never sleeps does the same, and says how much of the time it had work.
func TestSpin(t *testing.T) {
	r := paced(t, func(c *Config) { c.Spin = true })
	if r.LoadShare <= 0 || r.LoadShare >= 1 {
		t.Errorf("%.3f of the time it had work", r.LoadShare)
	}
}

// A run that looks only now and then keeps its rate, too, and does look no more often: an answer that is
// there at once is found at the next look.
func TestGather(t *testing.T) {
	r := paced(t, func(c *Config) { c.Gather = 20 * time.Millisecond })
	if got := r.Latency.P50; got < 15_000 {
		t.Errorf("half of the answers are found within %.0f µs", got)
	}
}

// paced is a run of 400 OPTIONS at 2000 a second.
func paced(t *testing.T, change func(*Config)) *Result {
	t.Helper()
	p := start(t, &peer.Peer{})
	c := config(Options, p)
	c.Rate, c.Count = 2000, 400
	change(&c)
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	r, err := e.Run(context.Background())
	if err != nil || r.Counts.Completed != 400 {
		t.Fatalf("%v, %+v", err, r)
	}
	return r
}

// A request is filled up to the size that was asked for; one too short for that is an error.
func TestFilledSize(t *testing.T) {
	p := start(t, &peer.Peer{})
	c := config(Call, p)
	c.Size = 900
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if n := e.templates[0].Len(); n != 900 {
		t.Errorf("the request has %d bytes, want 900", n)
	}
	e.Close()
	c.Size = 300
	if _, err := New(c); err == nil || !strings.Contains(err.Error(), "--size") {
		t.Errorf("300 bytes: %v", err)
	}
}

// echo answers what has come to s, without allocating: the other end of TestNoAllocation.
func echo(s *udp.Socket, m *wire.Message, r *wire.Reply) {
	n, _ := s.Receive()
	for i := range n {
		b, from, _ := s.Datagram(i)
		if m.Parse(b) != nil {
			panic("not SIP")
		}
		r.Source = from.AddrPort()
		s.Queue(r.Append(s.Buffer(), m), from)
	}
	s.Flush()
}

func TestNoAllocation(t *testing.T) {
	s, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	cfg := config(Options, &peer.Peer{Addr: s.Local})
	cfg.Count, cfg.Duration, cfg.T1 = 0, time.Hour, time.Millisecond // a turn waits at most T1
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.measure(); err != nil {
		t.Fatal(err)
	}
	var m wire.Message
	r := wire.NewReply("200 OK", "", "", false)
	before := int64(0)
	if n := testing.AllocsPerRun(300, func() {
		if _, err := e.turn(); err != nil {
			t.Fatal(err)
		}
		echo(s, &m, &r)
		before = e.counts.Completed
	}); n != 0 {
		t.Fatalf("%v allocations in a turn of the loop", n)
	}
	if before < 3000 {
		t.Fatalf("only %d transactions in 300 turns", before)
	}
}
