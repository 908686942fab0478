package supervisor

import (
	"fmt"
	"time"
)

// statistics writes what SIGUSR1 asks for.
func (s *server) statistics() {
	s.log.Warn("statistics", "uptime", time.Since(s.born).Round(time.Second).String(), "processes", len(s.crew.rows)+1,
		"sockets", len(s.Plan.Sockets))
	for _, r := range s.arena.Rows() {
		desc := "attendant"
		if r.Slot > 0 {
			desc = s.crew.rows[r.Slot-1].birth.Desc
		}
		s.log.Warn(fmt.Sprintf("process %d", r.Slot), "pid", r.Pid, "role", desc, "state", r.State.String(),
			"generation", r.Gen, "restarts", r.Restarts)
	}
}
