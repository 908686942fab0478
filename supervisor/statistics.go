package supervisor

import (
	"fmt"
	"time"
)

// mostUsage bounds the lines about memory: the largest users come first.
const mostUsage = 20

// statistics writes what SIGUSR1 asks for: the process table and who holds the
// shared memory. It is written as warnings, so that it shows with debug=0.
func (s *server) statistics() {
	s.log.Warn("statistics", "uptime", time.Since(s.born).Round(time.Second).String(), "processes", len(s.crew.rows)+1,
		"sockets", len(s.Plan.Sockets))
	for _, r := range s.arena.Rows() {
		desc := attendant
		if r.Slot > 0 && r.Slot <= len(s.crew.rows) {
			desc = s.crew.rows[r.Slot-1].birth.Desc
		}
		s.log.Warn(fmt.Sprintf("process %d", r.Slot), "pid", r.Pid, "role", desc, "state", r.State.String(),
			"generation", r.Gen, "restarts", r.Restarts)
	}
	m := s.arena.Memory()
	s.log.Warn("shared memory", "limit_kb", m.Size>>10, "taken_kb", m.Taken>>10, "free_kb", (m.Data-m.Taken)>>10)
	s.log.Warn("shared memory events", "counts", fmt.Sprintf("%+v", s.arena.Stats()))
	s.usage()
}

// usage reads the arena beside those who change it. Should damage make that
// fail, it is told, and the supervisor goes on.
func (s *server) usage() {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("shared memory cannot be read", "reason", fmt.Sprint(r))
		}
	}()
	for i, u := range s.arena.Usage() {
		if i == mostUsage {
			return
		}
		s.log.Warn("shared memory of", "kind", u.Kind, "owner", u.Owner, "count", u.Count, "kb", u.Held>>10)
	}
}
