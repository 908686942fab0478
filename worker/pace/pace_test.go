package pace

import (
	"testing"
	"time"
)

const us = time.Microsecond

// net is a receiver and those who send to it, on a virtual clock.
type net struct {
	pace    Pace
	now     time.Time
	arrives []time.Time // not received yet, in order

	wakes, got int
	longest    time.Duration // that a datagram has waited
}

const (
	service = 5 * us // of a datagram
	batch   = 16
)

// turn receives once, handles what came and pauses; it returns when each
// datagram was answered.
func (n *net) turn() (answered []time.Time) {
	slept := n.arrives[0].After(n.now)
	if slept {
		n.now = n.arrives[0]
		n.wakes++
	}
	k := 0
	for k < len(n.arrives) && k < batch && !n.arrives[k].After(n.now) {
		n.longest = max(n.longest, n.now.Sub(n.arrives[k]))
		k++
	}
	n.arrives = n.arrives[k:]
	pause := n.pace.Next(k, slept, n.now)
	for range k {
		n.now = n.now.Add(service)
		answered = append(answered, n.now)
	}
	if pause > 0 {
		n.now = n.now.Add(pause)
		n.wakes++
	}
	n.got += k
	return answered
}

// open is load that comes at a rate, whatever the receiver does.
func open(most time.Duration, rate float64, total int) *net {
	n := &net{pace: Pace{Most: most}, now: time.Unix(100, 0)}
	for i := range total {
		n.arrives = append(n.arrives, n.now.Add(time.Duration(float64(i)/rate*1e9)))
	}
	for len(n.arrives) > 0 {
		n.turn()
	}
	return n
}

// closed is load of so many clients that send again when they are answered. It
// returns how long it took.
func closed(most time.Duration, clients, total int) time.Duration {
	n := &net{pace: Pace{Most: most}, now: time.Unix(100, 0)}
	begin := n.now
	for range clients {
		n.arrives = append(n.arrives, n.now)
	}
	for n.got < total {
		for _, at := range n.turn() {
			n.arrives = append(n.arrives, at.Add(10*us))
		}
	}
	return n.now.Sub(begin)
}

// At a moderate rate a wake-up does for several datagrams, and none waits much
// longer than a pause.
func TestFewerWakeUps(t *testing.T) {
	for _, c := range []struct{ rate, most float64 }{{25e3, 0.75}, {36e3, 0.55}, {60e3, 0.35}, {90e3, 0.3}} {
		n := open(50*us, c.rate, 20000)
		if per := float64(n.wakes) / float64(n.got); per > c.most {
			t.Errorf("%.0f a second: %.2f wake-ups a datagram, want at most %.2f", c.rate, per, c.most)
		}
		if n.longest > 50*us+batch*service {
			t.Errorf("%.0f a second: one waited %v", c.rate, n.longest)
		}
	}
}

// A receiver that was held up, and then finds a crowd waiting, goes on pausing.
func TestHeldUp(t *testing.T) {
	n := &net{pace: Pace{Most: 50 * us}, now: time.Unix(100, 0)}
	for i := range 50000 {
		n.arrives = append(n.arrives, n.now.Add(time.Duration(i)*30*us))
	}
	next := n.now
	for len(n.arrives) > 0 {
		if n.turn(); n.now.After(next) {
			n.now = n.now.Add(5 * time.Millisecond)
			next = n.now.Add(37 * time.Millisecond)
		}
	}
	if per := float64(n.wakes) / float64(n.got); per > 0.65 {
		t.Errorf("%.2f wake-ups a datagram", per)
	}
}

// Where pauses gather nothing they are given up, at low rates not even tried.
func TestNoPauseAtLowRates(t *testing.T) {
	for _, rate := range []float64{1, 100, 2e3, 4e3} {
		if n := open(50*us, rate, 3000); n.longest > 0 || n.wakes > n.got {
			t.Errorf("%.0f a second: one waited %v, %d wake-ups for %d", rate, n.longest, n.wakes, n.got)
		}
	}
	for _, rate := range []float64{6e3, 10e3, 15e3} {
		if n := open(50*us, rate, 200000); float64(n.wakes) > 1.06*float64(n.got) {
			t.Errorf("%.0f a second: %d wake-ups for %d", rate, n.wakes, n.got)
		}
	}
	if n := open(0, 50e3, 3000); n.longest > 0 {
		t.Errorf("switched off: one waited %v", n.longest)
	}
}

// Answers that come at once are gathered with what caused them, at any rate.
func TestAnswersAtOnce(t *testing.T) {
	n := &net{pace: Pace{Most: 50 * us}, now: time.Unix(100, 0)}
	for i := range 50000 {
		at := n.now.Add(time.Duration(i) * 200 * us)
		n.arrives = append(n.arrives, at, at.Add(20*us))
	}
	for len(n.arrives) > 0 {
		n.turn()
	}
	if per := float64(n.wakes) / float64(n.got); per > 1.02 {
		t.Errorf("%.2f wake-ups a datagram", per)
	}
}

// Clients that wait for us are not slowed down.
func TestClientsThatWait(t *testing.T) {
	for _, clients := range []int{1, 2, 3, 4, 8, 64} {
		with, without := closed(50*us, clients, 200000), closed(0, clients, 200000)
		if with > without*107/100 {
			t.Errorf("%d clients: %v instead of %v", clients, with, without)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	p := Pace{Most: 50 * us}
	now := time.Unix(100, 0)
	for i := range b.N {
		now = now.Add(30 * us)
		p.Next(i&3, i&1 == 0, now)
	}
}
