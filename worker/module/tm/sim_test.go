package tm_test

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// simScript forks and retries in a failure route, by user name. wt_timer is what
// RFC 6026 has for timer L: with less, an INVITE whose every reply was lost comes
// as a new one.
const simScript = `
modparam("tm", "fr_timer", 8000)
modparam("tm", "wt_timer", 33000)
modparam("tm", "fr_inv_timer", 12000)
failure_route[f] { if (!t_is_canceled()) { $ru = "sip:late@192.0.2.4:5080"; t_relay(); } }
route {
	if (method == "INVITE") {
		record_route();
		if ($rU =~ "fork") { append_branch("sip:carol@192.0.2.3:5080"); }
		if ($rU =~ "retry") { t_on_failure("f"); }
	}
	t_relay();
}`

// sim is a network of user agents around a world, on its clock: it loses,
// repeats and delays messages; now and then a worker does all its work and dies
// before anything is sent, so that its datagram is run again elsewhere.
type sim struct {
	*world
	rnd    *rand.Rand
	queue  events
	now    time.Time
	calls  map[string]*simCall // by Call-ID
	loss   float64
	nextID uint64
	deaths int
	last   int
}

type event struct {
	at   time.Time
	seq  int
	to   string // "" the server
	from string
	raw  string
	do   func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, k int) bool {
	return e[i].at.Before(e[k].at) || e[i].at.Equal(e[k].at) && e[i].seq < e[k].seq
}
func (e events) Swap(i, k int) { e[i], e[k] = e[k], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	o := *e
	x := o[len(o)-1]
	*e = o[:len(o)-1]
	return x
}

// simCall is a call as both its ends see it.
type simCall struct {
	id, uri   string
	invite    string
	heard     bool           // any reply: no more retransmission
	finals    map[string]int // final status lines the caller got, by To tag
	gave      []string       // those the server gave, each once, in order
	negatives map[int]bool
	canceled  bool
	acked     map[string]bool   // callee addresses whose 200 was acknowledged
	answered  map[string]string // callee address: its final reply, repeated
	invited   map[string]string // callee address: the INVITE it got
}

func (s *sim) push(d time.Duration, e event) {
	e.at, e.seq = s.now.Add(d), s.rnd.IntN(1<<30)
	heap.Push(&s.queue, e)
}

// post sends a datagram through the network.
func (s *sim) post(from, to, raw string) {
	n := 1
	switch p := s.rnd.Float64(); {
	case p < s.loss:
		n = 0
	case p < 1.5*s.loss:
		n = 2
	}
	for range n {
		s.push(time.Duration(1+s.rnd.IntN(40))*time.Millisecond, event{from: from, to: to, raw: raw})
	}
}

func (s *sim) run(until time.Duration) {
	end := s.now.Add(until)
	for s.now.Before(end) {
		s.now = s.now.Add(10 * time.Millisecond)
		s.advance(10 * time.Millisecond)
		s.dispatch()
		for len(s.queue) > 0 && !s.queue[0].at.After(s.now) {
			s.handle(heap.Pop(&s.queue).(event))
			s.dispatch()
		}
	}
}

// dispatch gives what the server has sent to the network.
func (s *sim) dispatch() {
	for _, d := range s.take() {
		switch {
		case strings.HasPrefix(d.Data, "FORWARD ACK"):
			// The ACK to a 2xx: end to end, found by its Call-ID.
			id := header(s.nodes[s.last%len(s.nodes)].ctx.SIP.Raw, "Call-ID")
			if c := s.calls[id]; c != nil {
				for a := range c.answered {
					c.acked[a] = true
				}
			}
		case d.To.IsValid():
			data := strings.TrimPrefix(d.Data, "X-Stateless\n")
			to := d.To.String()
			if strings.HasPrefix(d.Data, "X-Stateless") {
				to = alice
			}
			s.note(to, data)
			s.post("server", to, data)
		}
	}
}

// note writes down the final replies to INVITEs that the server gives.
func (s *sim) note(to, data string) {
	c := s.calls[header(data, "Call-ID")]
	if c == nil || to != alice || !strings.HasPrefix(data, "SIP/2.0 ") || data[8] == '1' || !strings.HasSuffix(header(data, "CSeq"), "INVITE") {
		return
	}
	if f := data[8:11] + header(data, "To"); !slices.Contains(c.gave, f) {
		c.gave = append(c.gave, f)
	}
}

func (s *sim) handle(e event) {
	switch {
	case e.do != nil:
		e.do()
	case e.to == "":
		s.nextID++
		i := s.rnd.IntN(len(s.nodes))
		s.last = i
		s.deliverAs(i, e.from, e.raw, s.nextID)
		if s.rnd.Float64() < 0.03 { // it dies before its batch is sent
			s.deaths++
			s.take()
			s.last = i + 1
			s.deliverAs(i+1, e.from, e.raw, s.nextID)
		}
	case e.to == alice:
		s.caller(e.raw)
	default:
		s.callee(e.to, e.raw)
	}
}

func (s *sim) call(i int) {
	user := []string{"bob", "busy", "fork", "retry", "silent", "forkbusy", "late", "retrybusy"}[s.rnd.IntN(8)]
	c := &simCall{
		uri: fmt.Sprintf("sip:%s@%s", user, bob), finals: map[string]int{}, negatives: map[int]bool{},
		acked: map[string]bool{}, answered: map[string]string{}, invited: map[string]string{},
	}
	c.invite = request("INVITE", c.uri, fmt.Sprint("z9hG4bKsim", i), "Subject: "+strings.Repeat("x", 800))
	c.id = header(c.invite, "Call-ID")
	s.calls[c.id] = c
	s.retransmit(c, 500*time.Millisecond)
	if s.rnd.IntN(4) == 0 {
		s.push(time.Duration(s.rnd.IntN(6000))*time.Millisecond, event{do: func() { s.cancel(c, fmt.Sprint("z9hG4bKsim", i), 500*time.Millisecond) }})
	}
}

func (s *sim) retransmit(c *simCall, t time.Duration) {
	if c.heard || t > 40*time.Second {
		return
	}
	s.post(alice, "", c.invite)
	s.push(t, event{do: func() { s.retransmit(c, 2*t) }})
}

// cancel sends a CANCEL until it is answered or the call has ended; as RFC 3261
// §9.1 says, not before a provisional reply.
func (s *sim) cancel(c *simCall, branch string, t time.Duration) {
	if len(c.finals) > 0 || t > 32*time.Second || c.canceled {
		return
	}
	if c.heard {
		s.post(alice, "", request("CANCEL", c.uri, branch))
	}
	s.push(t, event{do: func() { s.cancel(c, branch, 2*t) }})
}

// caller is what alice does with a reply.
func (s *sim) caller(raw string) {
	c := s.calls[header(raw, "Call-ID")]
	if c == nil || !strings.HasPrefix(raw, "SIP/2.0 ") {
		return
	}
	code, _ := strconv.Atoi(raw[8:11])
	if strings.HasSuffix(header(raw, "CSeq"), "CANCEL") {
		c.canceled = true
		return
	}
	c.heard = true
	if code < 200 {
		return
	}
	to := header(raw, "To")
	tag := to[strings.Index(to, ";tag=")+1:]
	c.finals[fmt.Sprint(code, " ", tag)]++
	branch := strings.TrimSuffix(c.id, "@example.org")
	if code >= 300 {
		c.negatives[code] = true
		s.post(alice, "", request("ACK", c.uri, branch, ";"+tag))
		return
	}
	s.post(alice, "", request("ACK", c.uri, branch+"ack", ";"+tag))
}

// callee is what a called user agent does with a request.
func (s *sim) callee(me, raw string) {
	c := s.calls[header(raw, "Call-ID")]
	if c == nil {
		return
	}
	switch method, rest, _ := strings.Cut(raw, " "); method {
	case "INVITE":
		if final, ok := c.answered[me]; ok {
			s.post(me, "", final)
			return
		}
		if strings.HasPrefix(rest, "sip:silent") {
			return
		}
		c.invited[me] = raw
		s.post(me, "", answer(raw, 180, "Ringing"))
		code := 200
		if strings.Contains(rest[:strings.Index(rest, "@")], "busy") {
			code = 486
		}
		s.push(time.Duration(200+s.rnd.IntN(3000))*time.Millisecond, event{do: func() { s.final(c, me, answer(raw, code, "Answer")) }})
	case "CANCEL":
		s.post(me, "", answer(raw, 200, "OK"))
		if inv := c.invited[me]; inv != "" {
			s.final(c, me, answer(inv, 487, "Request Terminated"))
		}
	case "ACK":
		c.acked[me] = true
	}
}

// final gives the callee's final reply once and repeats it until the ACK.
func (s *sim) final(c *simCall, me, rpl string) {
	if _, ok := c.answered[me]; ok {
		return
	}
	c.answered[me] = rpl
	var again func(t time.Duration, left int)
	again = func(t time.Duration, left int) {
		if left == 0 || c.acked[me] {
			return
		}
		s.post(me, "", rpl)
		s.push(t, event{do: func() { again(min(2*t, 4*time.Second), left-1) }})
	}
	again(500*time.Millisecond, 10)
}

// TestSimulation: whatever the network and the workers do, an INVITE has one
// final reply (several only if several answered with 200), and in the end
// nothing is left. GOSER_TM_SEED repeats a run, GOSER_TM_CALLS makes it longer.
func TestSimulation(t *testing.T) {
	seed, n := uint64(time.Now().UnixNano()), 250
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
	s := &sim{world: newWorld(t, 3, simScript), rnd: rand.New(rand.NewPCG(seed, 2)), calls: map[string]*simCall{}, loss: 0.1}
	s.now = s.nodes[0].env.Clock
	for i := range n {
		s.push(time.Duration(s.rnd.IntN(1+n*20))*time.Millisecond, event{do: func() { s.call(i) }})
	}
	s.run(time.Duration(n*20)*time.Millisecond + 100*time.Second)
	none := 0
	for _, c := range s.calls {
		for i, f := range c.gave { // RFC 3261 §16.7 step 5: a 2xx goes on whatever was before
			if i > 0 && f[0] != '2' || i > 2 {
				t.Errorf("%s (%s): the server gave %q", c.id, c.uri, c.gave)
			}
		}
		if len(c.gave) == 0 && c.heard {
			t.Errorf("%s (%s): the server gave no final reply", c.id, c.uri)
		}
		if len(c.finals) == 0 {
			none++
		}
	}
	if none > 2+n/100 { // all retransmissions of its reply were lost, or its INVITE was
		t.Errorf("%d of %d calls had no final reply", none, n)
	}
	t.Logf("%d deaths, %d calls without a final reply", s.deaths, none)
	s.advance(120 * time.Second)
	s.take()
	s.empty()
}
