package worker

import (
	"time"

	"goser/shm"
	"goser/shm/wheel"
	"goser/worker/transport"
)

// The timer processes own no socket. The fast one drives the arena's wheel,
// the slow one whatever may take long; a timer belongs to its structure in the
// arena, so one of these dying costs a tick, not a timer.

// slowTick is how often the slow timer looks around.
const slowTick = time.Second

// runTimer fires what is due, tick by tick. An idle wheel is looked at less
// often: nothing can become due sooner than it was asked for, a tick away.
func (w *Worker) runTimer() {
	const tick = wheel.TickMs * time.Millisecond
	for {
		now := time.Now()
		w.baton.Lock()
		w.now = now
		w.wheel.Run(w.proc, wheel.Now(), w.fire)
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

// fire settles a timer whose kind nobody here handles: it is never set by this
// version, so it is a leftover and must not come again.
func (w *Worker) fire(p *shm.Proc, node, _ uint64, _ uint16) { w.wheel.Done(p, node) }

func (w *Worker) runSlowTimer() {
	for now := range time.Tick(slowTick) {
		w.baton.Lock()
		w.now = now
		w.baton.Unlock()
		w.proc.Beat(now)
	}
}
