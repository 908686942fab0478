// Package pace decides when a receiver lets datagrams gather before it takes
// them.
//
// At a moderate rate a receiver is woken for each datagram, and a wake-up costs
// more than the message. Sleeping for a moment between batches can make one
// wake-up do for several datagrams, as network cards do with their interrupts.
// Whether it does depends on what comes: a pause in which nothing comes is one more
// wake-up, and clients that wait for an answer before they send more must not be
// held up. So nothing is assumed: now and then it is tried without pauses, and
// they stay only if they save wake-ups and cost no throughput.
package pace

import "time"

const (
	// enough in a batch means that they come faster than they are handled: the
	// next are there already.
	enough = 8
	// least is how many datagrams must be expected in a pause for it to be tried.
	least = 0.25
	// sample is how many datagrams are measured at a time; stale ends a sample when
	// they come too slowly to matter.
	sample = 256
	stale  = 50 * time.Millisecond
	// every is how many samples with pauses lie between two trials of trial samples
	// without, off for how many there are none after a trial that spoke against
	// them, few how many there are before the next.
	every = 32
	trial = 2
	off   = 256
	few   = 4
	// gain is how many times the datagrams that came with pauses must come without
	// to show that clients wait for us; save how many times those of a wake-up.
	gain = 1.3
	save = 1.2
	// smooth is the weight of a sample in what is known of pauses: a server that was
	// held up for some milliseconds, and then catches up, proves nothing.
	smooth = 1.0 / 8
)

// Pace is the state of one receiver. Its zero value never pauses.
type Pace struct {
	Most time.Duration // a pause, and so what a datagram waits longer at most

	since time.Time // begin of the sample
	seen  tally     // in it
	worth bool      // at the rate of late, pauses may gather something
	paced measure   // with pauses; no rate: none measured yet
	left  int       // samples until the next change
	state state
}

// tally counts datagrams and the wake-ups that they took.
type tally struct{ got, wakes int }

// measure is what a sample, or several, showed.
type measure struct {
	rate float64 // datagrams a second
	per  float64 // datagrams for each wake-up
}

type state uint8

const (
	pausing state = iota
	trying        // without pauses, to compare
	resting       // without them for a while
)

// Next takes note of a batch of got datagrams that was received at now, slept
// for or found, and returns how long to sleep before the next is asked for: 0 for
// not at all.
func (p *Pace) Next(got int, slept bool, now time.Time) time.Duration {
	p.seen.got += got
	if slept {
		p.seen.wakes++
	}
	if d := now.Sub(p.since); p.seen.got >= sample || d >= stale {
		p.sampled(measure{
			rate: float64(p.seen.got) / max(d.Seconds(), 1e-6),
			per:  float64(p.seen.got) / max(float64(p.seen.wakes), 1),
		})
		p.since, p.seen = now, tally{}
	}
	if !p.worth || p.state != pausing || got >= enough {
		return 0
	}
	p.seen.wakes++
	return p.Most
}

// sampled ends a sample.
func (p *Pace) sampled(m measure) {
	p.left--
	switch p.state {
	case pausing:
		p.pausing(m)
	case trying:
		p.tried(m)
	case resting:
		if p.left <= 0 {
			p.enter(pausing, few)
		}
	}
	if p.state != pausing || p.paced.rate == 0 {
		p.worth = p.worthIt(m.rate)
	}
}

// pausing is sampled while there are pauses, if they are worth it.
func (p *Pace) pausing(m measure) {
	if !p.worth {
		p.left = few
		return
	}
	if p.paced.rate == 0 {
		p.paced = m
	}
	p.paced.rate += smooth * (m.rate - p.paced.rate)
	p.paced.per += smooth * (m.per - p.paced.per)
	if p.left <= 0 || !p.worthIt(p.paced.rate) {
		p.enter(trying, trial)
	}
}

// tried is sampled during a trial: one sample in favour of pauses is enough.
func (p *Pace) tried(m measure) {
	if m.rate <= gain*p.paced.rate && p.paced.per >= save*m.per {
		p.enter(pausing, every)
	} else if p.left <= 0 {
		p.enter(resting, off)
	}
}

func (p *Pace) enter(s state, samples int) {
	p.state, p.left = s, samples
	if s == pausing {
		p.paced = measure{}
	}
}

// worthIt tells whether pauses are worth trying.
func (p *Pace) worthIt(rate float64) bool { return p.Most > 0 && rate*p.Most.Seconds() >= least }
