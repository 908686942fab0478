package supervisor

import (
	"fmt"
	"syscall"
	"time"

	"goser/cfg/param"
	"goser/worker/logger"
	"goser/worker/report"
)

// statistics writes what SIGUSR1 asks for: the process table, at once and as
// warnings, so that it shows with debug=0; then the memory of this process and
// of the arena, in a goroutine. The workers are told to write of their own.
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
	s.saveCounters("on SIGUSR1")
	if !s.memory().On() {
		s.log.Warn("no memory report", "memlog", s.Values.Int(param.Memlog), "debug", s.Values.Int(param.Debug),
			"mem_summary", s.Values.Int(param.MemSummary), "hint", "it is written if memlog is not above debug and mem_summary not 0")
		return
	}
	s.reportMemory()
	s.crew.signalAll(syscall.SIGUSR1)
}

func (s *server) memory() report.Memory { return report.Of(s.Values, s.handler) }

// reportMemory writes a report beside the supervisor's loop. One that is asked
// for while another is written is left out.
func (s *server) reportMemory() {
	if !s.reporting.TryLock() {
		s.handler.At(logger.Notice, "a memory report is being written already")
		return
	}
	go func() {
		defer s.reporting.Unlock()
		s.memory().Private()
		s.memory().Shared(s.arena)
	}()
}

// lastReport is the one at the end: what the workers leave behind. It waits for
// one that is being written, which needs the arena.
func (s *server) lastReport() {
	s.reporting.Lock()
	defer s.reporting.Unlock()
	if s.told {
		s.memory().Private()
		s.memory().Shared(s.arena)
	}
}
