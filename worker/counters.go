package worker

import (
	"strings"

	"goser/shm/counter"
	"goser/worker/module"
)

// tally is one counter of this process. It belongs to whoever holds the baton.
type tally struct {
	lane counter.Lane
	id   counter.ID
}

// Inc adds one.
func (t *tally) Inc() { t.lane.Add(t.id, 1) }

// Add adds n.
func (t *tally) Add(n int64) { t.lane.Add(t.id, n) }

// coreCounters are the counters of the core, named as the original's
// statistics where it has them.
type coreCounters struct {
	requests, replies           tally
	forwarded, forwardedReplies tally
	replied, dropped, bad       tally
	short, keepalive            tally
	rerun, quarantined          tally
	waitRefused, sendFailed     tally
	amplified, turnsTaken       tally
	stunAnswered, stunRefused   tally
	shed                        tally
}

func (c *coreCounters) names() map[string]*tally {
	return map[string]*tally{
		"core.rcv_requests":      &c.requests,
		"core.rcv_replies":       &c.replies,
		"core.fwd_requests":      &c.forwarded,
		"core.fwd_replies":       &c.forwardedReplies,
		"core.local_replies":     &c.replied,
		"core.drop_messages":     &c.dropped,
		"core.bad_messages":      &c.bad,
		"core.ignored_datagrams": &c.short,
		"core.keepalives":        &c.keepalive,
		"core.rerun_messages":    &c.rerun,
		"core.quarantined":       &c.quarantined,
		"core.wait_refused":      &c.waitRefused,
		"core.send_failed":       &c.sendFailed,
		"core.reply_too_large":   &c.amplified,
		"core.turns_taken":       &c.turnsTaken,
		"core.stun_answered":     &c.stunAnswered,
		"core.stun_refused":      &c.stunRefused,
		"core.shed_invites":      &c.shed,
	}
}

// openCounters registers the core's counters and takes this process's lane.
func (w *Worker) openCounters() error {
	set, err := counter.Open(w.proc, 0)
	if err != nil {
		return err
	}
	w.counters, w.lane = set, set.Lane(w.proc)
	for name, t := range w.count.names() {
		id, err := set.Register(w.proc, name)
		if err != nil {
			return err
		}
		*t = tally{w.lane, id}
	}
	return nil
}

// Count implements module.Env.
func (w *Worker) Count(id module.Counter, n int64) { w.lane.Add(counter.ID(id), n) }

// FindCounter implements module.Env.
func (w *Worker) FindCounter(name string) (module.Counter, bool) {
	id, ok := w.counters.Lookup(name)
	return module.Counter(id), ok
}

// FindStatistic implements module.Env.
func (w *Worker) FindStatistic(name string) (module.Counter, bool) {
	if id, ok := w.FindCounter(name); ok {
		return id, true
	}
	for i := range w.counters.Len() {
		if _, short, _ := strings.Cut(w.counters.Name(counter.ID(i)), "."); short == name {
			return module.Counter(i), true
		}
	}
	return 0, false
}

// Sum implements module.Env.
func (w *Worker) Sum(id module.Counter) int64 { return w.counters.Sum(counter.ID(id)) }

// ResetCounter implements module.Env.
func (w *Worker) ResetCounter(id module.Counter) { w.counters.Reset(counter.ID(id)) }
