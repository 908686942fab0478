package worker

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
)

// A datagram that leaves while no received one is being handled, as a retransmission from the timer, has no slot that
// would tell a successor what its predecessor died of. Its process notes it here.

// showing is a process's row: digests of datagrams, 0 none.
type showing struct {
	Now    uint64 // is being shown
	Killed uint64 // was, when the predecessor died
	Poison uint64 // has killed twice: it is not shown again, and does not leave
}

var kindShowing = shm.NewKind(shm.KindInfo{Name: "worker.showing"})

// openShowing finds this process's row, and what its predecessor died of.
func (w *Worker) openShowing() error {
	n := uint64(w.arena.Slots())
	root, _, err := w.proc.Root("worker.showing", kindShowing, n*uint64(unsafe.Sizeof(showing{})), 64, nil)
	if err != nil {
		return fmt.Errorf("worker.showing: %w", err)
	}
	s := &shm.Slice[showing](w.arena, root.Off, n)[w.birth.Index]
	w.shown = s
	switch at := atomic.LoadUint64(&s.Now); {
	case at == 0:
		return nil
	case at == atomic.LoadUint64(&s.Killed):
		atomic.StoreUint64(&s.Poison, at)
		w.log.Error("a datagram that was about to leave has killed two processes: it is dropped from now on")
	default: // a death behind this store counts as the second
		atomic.StoreUint64(&s.Killed, at)
	}
	kill.Point("worker.showing")
	atomic.StoreUint64(&s.Now, 0)
	return nil
}

// note writes down what is about to be shown without a slot; false if it must not.
func (w *Worker) note(data []byte) bool {
	h := newHash(w.secret)
	h.str(unsafe.String(&data[0], len(data)))
	digest := fold(h.h, mixB) | 1
	if digest == atomic.LoadUint64(&w.shown.Poison) {
		return false
	}
	atomic.StoreUint64(&w.shown.Now, digest)
	return true
}

func (w *Worker) shownWell() { atomic.StoreUint64(&w.shown.Now, 0) }
