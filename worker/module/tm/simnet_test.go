package tm_test

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module/tm"
)

// event is something that happens at a time: a datagram arrives, or do.
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
	o[len(o)-1] = event{}
	*e = o[:len(o)-1]
	return x
}

// seat is a worker's place: its process may be dead, and then has a successor
// some time later, which first has the datagram that its predecessor died with.
type seat struct {
	dead   bool
	heir   time.Time
	orphan []event
	ids    []uint64
}

const simWorkers = 4

func newSim(t *testing.T, seed uint64) *sim {
	a, err := shm.NewHeapWith(256<<20, shm.Options{Rows: 8, Seed: [2]uint64{seed, 1}})
	if err != nil {
		t.Fatal(err)
	}
	s := &sim{
		world: worldIn(t, a, simWorkers, simScript), rnd: rand.New(rand.NewPCG(seed, 2)),
		calls: map[string]*simCall{}, loss: 0.1, seats: make([]seat, simWorkers), deaths: map[string]int{},
	}
	s.now = s.nodes[0].env.Clock
	return s
}

func (s *sim) push(d time.Duration, e event) {
	e.at, e.seq = s.now.Add(d), s.rnd.IntN(1<<30)
	heap.Push(&s.queue, e)
}

func (s *sim) pop() event { return heap.Pop(&s.queue).(event) }

// post sends a datagram through the network.
func (s *sim) post(from, to, raw string) {
	n := 1
	switch p := s.rnd.Float64(); {
	case p < s.loss:
		n = 0
		s.lost++
	case p < 1.5*s.loss:
		n = 2
	}
	for range n {
		s.push(time.Duration(1+s.rnd.IntN(40))*time.Millisecond, event{from: from, to: to, raw: raw})
	}
}

func (s *sim) handle(e event) {
	switch {
	case e.do != nil:
		e.do()
	case e.to == "":
		s.id++
		s.receive(e, s.id)
	case e.to == alice:
		s.caller(e.raw)
	default:
		s.callee(e.to, e.raw)
	}
}

// receive gives a datagram to a worker, which may die of it: at a kill point, or
// after all its work, before or after that has left.
func (s *sim) receive(e event, id uint64) {
	i := s.alive()
	fate := s.rnd.Float64()
	if fate > 0.03 || s.left() < 2 {
		s.deliverAs(i, e.from, e.raw, id)
		return
	}
	at := ""
	switch {
	case fate < 0.01:
		name, nth := s.someHit()
		at = kill.Try(name, nth, func() { s.deliverAs(i, e.from, e.raw, id) })
	case fate < 0.02:
		s.deliverAs(i, e.from, e.raw, id)
		s.take()
		at = "before sending"
	default:
		s.deliverAs(i, e.from, e.raw, id)
		at = "after sending"
	}
	if at != "" {
		s.bury(i, at, e, id)
	}
}

// someHit is a kill point that may be passed: any, or one of tm's own.
func (s *sim) someHit() (name string, nth int64) {
	if s.rnd.IntN(2) == 0 {
		return "", 1 + s.rnd.Int64N(1<<s.rnd.IntN(11))
	}
	return "tm.", 1 + s.rnd.Int64N(1<<s.rnd.IntN(5))
}

// timers lets one worker drive the wheel, as any may.
func (s *sim) timers() {
	i := s.alive()
	n := s.nodes[i]
	if s.rnd.IntN(100) != 0 || s.left() < 2 {
		n.env.Fire()
		s.collect(n)
		return
	}
	name, nth := s.someHit()
	if at := kill.Try(name, nth, n.env.Fire); at != "" {
		s.bury(i, at, event{}, 0)
		return
	}
	s.collect(n)
}

func (s *sim) alive() int {
	for {
		if i := s.rnd.IntN(len(s.nodes)); !s.seats[i].dead {
			return i
		}
	}
}

// left is how many live.
func (s *sim) left() (n int) {
	for i := range s.seats {
		if !s.seats[i].dead {
			n++
		}
	}
	return n
}

func (s *sim) died() (n int) {
	for _, k := range s.deaths {
		n += k
	}
	return n
}

// bury marks a worker dead. What it has not sent is lost with it.
func (s *sim) bury(i int, at string, e event, id uint64) {
	s.deaths[at]++
	n := s.nodes[i]
	s.arena.MarkDead(n.env.Proc().Slot())
	tm.Forget(n.env)
	c := &s.seats[i]
	c.dead, c.heir = true, s.now.Add(time.Duration(s.rnd.IntN(300))*time.Millisecond)
	if id != 0 {
		c.orphan, c.ids = append(c.orphan, e), append(c.ids, id)
	}
}

// succeed starts the successor when its time has come. It may die while it
// cleans up, and then its own successor does that.
func (s *sim) succeed(i int) {
	if s.now.Before(s.seats[i].heir) {
		return
	}
	slot := s.nodes[i].env.Proc().Slot()
	p, err := s.arena.Enter(slot, 0, slot)
	if err != nil {
		s.t.Fatal(err)
	}
	reap := func() {
		if _, err := p.Reap(slot); err != nil {
			s.t.Errorf("reap: %v", err)
		}
	}
	if s.rnd.IntN(10) == 0 && s.left() > 1 {
		name, nth := s.someHit()
		if at := kill.Try(name, nth, reap); at != "" {
			s.deaths["reap: "+at]++
			s.arena.MarkDead(slot)
			return
		}
	} else {
		reap()
	}
	c := s.seats[i]
	s.seats[i] = seat{}
	s.nodes[i] = s.newNode(p)
	s.nodes[i].env.Clock = s.now
	for k, e := range c.orphan { // run again by whom it may concern
		s.deliverAs(i, e.from, e.raw, c.ids[k])
	}
}

func (s *sim) succeedNow(i int) {
	s.seats[i].heir = s.now
	s.succeed(i)
	s.dispatch()
}

// dispatch gives what the server has sent to the network.
func (s *sim) dispatch() {
	for _, d := range s.take() {
		s.sends++
		switch {
		case strings.HasPrefix(d.Data, "FORWARD ACK"):
			// The ACK to a 2xx: end to end, found by its Call-ID.
			if c := s.calls[header(d.Data, "Call-ID")]; c != nil {
				for a := range c.answered {
					c.acked[a] = true
				}
			}
		case d.To.IsValid():
			data, stateless := strings.CutPrefix(d.Data, "X-Stateless\n")
			to := d.To.String()
			if stateless {
				to = alice
			}
			s.note(to, data)
			s.post("server", to, data)
		}
	}
	if rest, ok := strings.CutPrefix(s.said, "parked "); ok {
		s.said = ""
		index, label, _ := strings.Cut(rest, " ")
		s.push(time.Duration(s.rnd.IntN(4000))*time.Millisecond, event{do: func() {
			s.post(dave, "", request("INFO", toBob, "z9hG4bKgo"+index+label, "X-Index: "+index, "X-Label: "+label))
		}})
	}
}

// note writes down the final replies that the server gives.
func (s *sim) note(to, data string) {
	if to != alice || !strings.HasPrefix(data, "SIP/2.0 ") || data[8] == '1' {
		return
	}
	c := s.calls[header(data, "Call-ID")]
	if c == nil || !strings.HasSuffix(header(data, "CSeq"), c.method) {
		return
	}
	if f := data[8:11] + header(data, "To"); !slices.Contains(c.gave, f) {
		c.gave = append(c.gave, f)
	}
}
