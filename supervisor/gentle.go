package supervisor

import (
	"errors"
	"io/fs"

	"goser/supervisor/spawn"
	"goser/worker/handoff"
)

// behind is how much nicer (nice(2)) a successor starts than those who serve.
// A start costs as much CPU time as a thousand messages. While others receive
// on the same socket it has time, and they have not: what they fall behind in
// is sent again and makes them fall behind further. At a tenth of their share
// it still comes up within a second on a machine that is busy through and through.
const behind = 10

// findOrdinary looks up how we were started to run; where the system does not
// tell, that counts as the kernel's default, and nobody starts gently. Must come
// before privileges are given up.
func (s *server) findOrdinary() {
	var err error
	if s.ordinary, err = spawn.Of(0); err != nil {
		s.log.Info("successors of dead processes start at the priority of those who serve", "reason", err.Error())
		return
	}
	s.known, s.spawner.Own = true, s.ordinary
	s.ordinary.Allow()
}

// findGentle settles how successors start, by the privileges that are left.
func (s *server) findGentle() {
	if s.gentle = s.ordinary; !s.known {
		return
	}
	s.gentle.Nice = min(s.gentle.Nice+behind, 19)
	if !s.ordinary.Returns(s.gentle) {
		s.gentle = s.ordinary
		s.log.Info("successors of dead processes start at the priority of those who serve; to let them start behind, " +
			"grant CAP_SYS_NICE, or RLIMIT_NICE (LimitNICE= of systemd)")
	}
}

// startSched is how a process is scheduled until it is ready.
func (s *server) startSched(role handoff.Role, gently bool) spawn.Sched {
	if sched := s.schedOf(role); !gently || sched != s.ordinary {
		return sched // real time was asked for by name
	}
	return s.gentle
}

// hurry lets a process that started gently go on as all others.
func (s *server) hurry(r *row) {
	if s.gentle == s.ordinary {
		return
	}
	err := s.spawner.SetSched(r.pid, s.schedOf(r.birth.Role))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // it may be dead already
		s.log.Warn("process stays at the low priority it started with", "pid", r.pid, "reason", err.Error())
	}
}

// covered tells that another process does the work of r: it receives on the
// same socket. Timers have nobody.
func (c *crew) covered(r *row) bool {
	if c.phase != running || r.birth.Role != handoff.RoleUDP {
		return false
	}
	for _, o := range c.rows {
		if o != r && o.ready && o.pid != 0 && o.birth.Role == handoff.RoleUDP && o.birth.Socket == r.birth.Socket {
			return true
		}
	}
	return false
}

// hasten ends the gentleness of those who are ready, or needed.
func (c *crew) hasten() {
	for _, r := range c.rows {
		if r.pid != 0 && r.gentle && (r.ready || !c.covered(r)) {
			r.gentle = false
			c.hurry(r)
		}
	}
}
