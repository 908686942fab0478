package worker

import (
	"time"

	"goser/shm"
	"goser/shm/wheel"
	"goser/worker/module"
	"goser/worker/transport"
)

// The timer processes own no socket. The fast one drives the arena's wheel,
// the slow one whatever may take long; a timer belongs to its structure in the
// arena, so one of these dying costs a tick, not a timer.

// slowTick is how often the slow timer looks around.
const slowTick = time.Second

// leadTimer fires what is due, tick by tick. A handler that has to wait hands
// the wheel on to another goroutine, as the receive loop does.
func (w *Worker) leadTimer(f *follower) {
	const tick = wheel.TickMs * time.Millisecond
	fire := func(p *shm.Proc, node, arg uint64, kind uint16) {
		w.turn = f
		if !module.Fire(w, kind, node, arg) {
			// Never set by this version: a leftover, and must not come again.
			w.wheel.Done(p, node)
		}
	}
	for {
		now := time.Now()
		w.baton.Lock()
		w.now = now
		w.wheel.Run(w.proc, w.Tick(), fire)
		if !f.leader {
			w.park(f)
			w.baton.Unlock()
			return
		}
		if w.out.Pending() {
			w.flush()
		}
		w.baton.Unlock()
		w.watchTurns()
		w.proc.Beat(now)
		time.Sleep(tick)
	}
}

// watchTurns looks after the receivers: one that is stopped or lost while
// datagrams wait is replaced by a standby.
func (w *Worker) watchTurns() {
	for i, t := range w.watch {
		if taken := t.Watch(transport.Readable(w.fds[i])); taken > 0 {
			w.count.turnsTaken.Add(int64(taken))
		}
	}
}

func (w *Worker) runSlowTimer() {
	for now := range time.Tick(slowTick) {
		w.baton.Lock()
		w.now = now
		w.baton.Unlock()
		w.proc.Beat(now)
	}
}
