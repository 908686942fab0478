// Package report writes what SIGUSR1, the shutdown and memdbg want to know of
// memory into the log: of the process's own, which is Go's heap, and of the
// arena. The lines follow those of the original's qm_status and qm_sums, which
// operators know; docs/memory.md explains them.
//
// A report is written by a goroutine that nothing waits for. It stops nothing:
// Go's figures come from runtime/metrics, which does not halt the program, and
// the arena is read without locks, a snapshot in motion. What can go wrong: a
// damaged arena; the report then ends with a line that says so.
package report

import (
	"fmt"

	"goser/cfg/param"
	"goser/worker/logger"
)

// The bits of the core parameter mem_summary.
const (
	PrivateBlocks = 1
	SharedBlocks  = 2
	PrivateSums   = 4
	SharedSums    = 8
	Short         = 16 // of what the first two ask for, only the first lines
)

// Memory is one process's reports.
type Memory struct {
	Log   *logger.Handler
	Level int // memlog
	What  int // mem_summary
}

// Of are the reports that a configuration wants.
func Of(v *param.Values, log *logger.Handler) Memory {
	return Memory{Log: log, Level: v.Int(param.Memlog), What: v.Int(param.MemSummary)}
}

// On tells whether anything would be written.
func (m Memory) On() bool { return m.Log.On(m.Level) && m.What&(Short-1) != 0 }

func (m Memory) wants(bit int) bool { return m.Log.On(m.Level) && m.What&bit != 0 }

func (m Memory) say(who, format string, args ...any) {
	m.Log.Line(m.Level, who+": ", fmt.Sprintf(format, args...))
}

// end is the line under a list.
func (m Memory) end(who string) { m.say(who, "-----------------------------") }
