package supervisor

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"goser/shm"
	"goser/shm/counter"
	"goser/worker/handoff"
)

// health tells whether the server as a whole serves, for the watchdog: not
// whether some process is down, which is mended here, but whether nobody does
// the work.
//
//   - Each socket has a receiver that is ready, and when datagrams wait, its
//     receivers handle some.
//   - The timers tick.
type health struct {
	arena   *shm.Arena
	counts  *counter.Set
	rows    []*row
	sockets []watched
	silence time.Duration // how long a timer may not tick
}

// watched is a socket between two looks.
type watched struct {
	fd    int
	work  int64 // what its receivers have counted
	bad   int   // looks in a row at which nobody did the work
	cause string
}

// patientLooks is at how many looks in a row a socket may be without work done.
const patientLooks = 2

// slowestTick is how long a timer may not tick at least: the slow one ticks
// each second.
const slowestTick = 3 * time.Second

func (s *server) openHealth() error {
	if s.notify.every == 0 {
		return nil
	}
	counts, err := counter.Open(s.seat, 0)
	if err != nil {
		return fmt.Errorf("watchdog: %w", err)
	}
	s.health = health{arena: s.arena, counts: counts, rows: s.crew.rows, silence: max(s.notify.every*looks/2, slowestTick)}
	for _, sock := range s.Plan.Sockets {
		s.health.sockets = append(s.health.sockets, watched{fd: sock.FD})
	}
	return nil
}

// check is why the server does not serve, "" if it does.
func (h *health) check(now time.Time) string {
	for _, r := range h.rows {
		if r.birth.Role != handoff.RoleTimer && r.birth.Role != handoff.RoleSlowTimer {
			continue
		}
		if beat := h.arena.Row(r.birth.Index).Beat; now.Sub(beat) > h.silence {
			return fmt.Sprintf("the %s has not ticked for %v", r.birth.Desc, now.Sub(beat).Round(time.Second))
		}
	}
	for i := range h.sockets {
		if why := h.look(i); why != "" {
			return why
		}
	}
	return ""
}

func (h *health) look(i int) string {
	w := &h.sockets[i]
	ready, work := h.receivers(i)
	switch {
	case ready == 0:
		w.bad, w.cause = w.bad+1, "no receiver is ready"
	case work == w.work && waiting(w.fd):
		w.bad, w.cause = w.bad+1, "datagrams wait and no receiver takes them"
	default:
		w.bad = 0
	}
	w.work = work
	if w.bad < patientLooks {
		return ""
	}
	return fmt.Sprintf("socket %d: %s", i, w.cause)
}

// receivers are those of a socket that are ready, and all that they have counted.
func (h *health) receivers(socket int) (ready int, work int64) {
	for _, r := range h.rows {
		if r.birth.Role != handoff.RoleUDP || r.birth.Socket != socket {
			continue
		}
		if r.pid != 0 && r.ready {
			ready++
		}
		for id := range h.counts.Len() {
			work += h.counts.Slot(counter.ID(id), r.birth.Index)
		}
	}
	return ready, work
}

// waiting tells whether datagrams lie in a socket.
func waiting(fd int) bool {
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(p, 0)
	return err == nil && n == 1 && p[0].Revents&unix.POLLIN != 0
}
