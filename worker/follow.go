package worker

import (
	"errors"
	"slices"
	"time"

	"goser/sip"
	"goser/worker/handoff"
	"goser/worker/inflight"
	"goser/worker/module"
)

// ErrTooManyWait is the answer of Wait when max_waiting messages wait.
var ErrTooManyWait = errors.New("worker: too many messages wait already (max_waiting)")

// Wait implements module.Env: leader and followers. The goroutine that is
// about to wait hands the receive loop, with all messages not yet handled, to
// a parked one and finishes its own message later. f runs without the baton.
func (w *Worker) Wait(c *module.Ctx, f func()) error {
	me := w.turn
	if !me.owns(c) {
		return errors.New("worker: Wait for a message that is not the one being handled")
	}
	if w.showing {
		return errNoWait
	}
	slot := me.slot
	if w.waiting >= w.conf.maxWaiting && w.crowded(c, me) {
		w.count.waitRefused.Inc()
		if c.SIP.IsRequest && c.Replied == 0 && c.SIP.Method != sip.MethodAck {
			_ = w.Reply(c, 503, "Service Unavailable")
		}
		return ErrTooManyWait
	}
	w.waiting++
	if slot != nil {
		slot.Set(inflight.Waiting)
	}
	if me.leader {
		me.leader = false
		w.promote(c.Vars)
	} else if w.out.Pending() {
		w.flush()
	}
	w.baton.Unlock()
	began := time.Now()
	f()
	took := int64(time.Since(began))
	w.took.Store(min(took, w.tookLast.Swap(took)))
	w.steps.Add(1)
	w.baton.Lock()
	w.waiting--
	w.turn = me
	w.about(c)
	if slot != nil {
		slot.Set(inflight.Running)
	}
	return nil
}

// Where one of the last two got what they waited for within prompt, a message that would be one too many is not refused before it
// has given way for crowdNaps, nor before idleNaps in which nobody got what he waits for.
const (
	prompt    = 20 * time.Millisecond
	crowdNap  = 50 * time.Microsecond
	crowdNaps = 400
	idleNaps  = 50
)

// crowded tells whether max_waiting messages wait. If they wait for something that comes promptly, such as a file in
// the system's cache, it is the processor that they lack, and c gives way for a moment.
func (w *Worker) crowded(c *module.Ctx, me *follower) bool {
	if w.took.Load() > int64(prompt) {
		return true
	}
	if me.slot != nil {
		me.slot.Set(inflight.Waiting)
		defer me.slot.Set(inflight.Running)
	}
	steps, idle := w.steps.Load(), 0
	for naps := 0; naps < crowdNaps && idle < idleNaps && w.waiting >= w.conf.maxWaiting; naps++ {
		w.baton.Unlock()
		time.Sleep(crowdNap)
		w.baton.Lock()
		if now := w.steps.Load(); now != steps {
			steps, idle = now, 0
		} else {
			idle++
		}
	}
	w.turn = me
	w.about(c)
	return w.waiting >= w.conf.maxWaiting
}

// promote makes a parked goroutine, or a new one, the leader.
func (w *Worker) promote(vars *module.Vars) {
	if n := len(w.idle); n > 0 {
		f := w.idle[n-1]
		w.idle = w.idle[:n-1]
		f.leader, f.ctx.Vars = true, vars.Clone()
		f.wake <- struct{}{}
		return
	}
	f := w.newFollower(vars.Clone())
	f.leader = true
	go w.follow(f)
}

// owns tells whether a message is one that this goroutine handles.
func (f *follower) owns(c *module.Ctx) bool {
	if f == nil {
		return false
	}
	return c == &f.ctx || slices.Contains(f.borrowed[:f.lent], c)
}

// follow is a follower's life: lead, park, lead again.
func (w *Worker) follow(f *follower) {
	for {
		if w.birth.Role == handoff.RoleTimer {
			w.leadTimer(f)
		} else {
			w.lead(f)
		}
		<-f.wake
	}
}

// park sends what the waiting message produced and waits for the next turn.
func (w *Worker) park(f *follower) {
	w.flush()
	w.idle = append(w.idle, f)
}
