// Package supervisor is the master process, row 0 of the process table, called
// "attendant" by the original. It opens the sockets, makes the arena, starts a
// worker for each row, starts the dead again in their row, and takes everything
// down in order. It handles no SIP.
//
// A server's life: start (sockets, arena, chroot, pid files, privileges,
// workers) -> ready (every worker has said that it serves) -> run -> drain
// (SIGTERM to all, SIGKILL after exit_timeout) -> stop. A start that fails
// leaves nothing behind and names its reason on stderr. After the start nothing
// that happens to a worker ends the server: see package policy.
//
// The supervisor holds a copy of every socket, so a worker's death closes none.
// It writes to the process table and to nothing else of the arena once the
// workers run; so damage in the arena cannot reach it. Workers die with it: the
// kernel kills them, and they watch the pipe whose other end only the supervisor
// holds.
//
// Signals: TERM and INT stop the server, the second one, or ALRM, at once. USR1
// writes the process table and the memory report to the log and tells the
// workers to report theirs. HUP is logged and ignored (there is no reload). PIPE
// and USR2 are ignored.
//
// Where we differ from the original: the death of a child does not end the
// server. With fork=no the receiver is a process of its own under the same
// supervision. The server goes into the background by starting itself again,
// since a Go program cannot fork; see Background. The privileges are given up
// before the workers start and cannot be had back, in both.
//
// Neighbours: policy decides when to start again, spawn starts, listen opens
// sockets, worker/handoff is what a child is born with. worker/logger is
// imported because master and workers write one log in one format.
package supervisor

import (
	"fmt"
	"io"
	"os"

	"goser/cfg"
	"goser/cfg/param"
	"goser/shm"
	"goser/supervisor/listen"
	"goser/worker/handoff"
)

// Mode is how the server relates to the process that started it.
type Mode uint8

const (
	Daemon     Mode = iota // fork=yes: in a session of its own, the starter waits until it is ready
	Foreground             // -DD: all processes, but no new session
	Alone                  // -D, fork=no: one receiver on the first socket; no chroot, no pid files
)

// Options are everything that the command line and the configuration say.
type Options struct {
	Program    *cfg.Program
	Image      []byte // of the configuration, for the workers
	Values     *param.Values
	Overrides  []handoff.Override
	Plan       *listen.Plan
	Mode       Mode
	PidFile    string
	PgidFile   string
	Name       string // of the program: syslog, farewell
	Product    string // "NAME (VERSION (ARCH/OS))": what messages say of us
	Status     *os.File
	RuntimeDir string // option -Y: made if missing; relative pid files lie in it
	StatsFile  string // option -s: counters are appended to it on SIGUSR1 and at the end
	LogColor   bool   // option -e
	LogEngine  string // option --log-engine, checked already
	Checks     bool   // workers check the arena after reaping
	// Prepare makes the arena structures that must exist before any worker.
	Prepare func(*shm.Proc) error
	Stderr  io.Writer
}

// Failed is the exit code of a start that failed.
const Failed = 255

// Run is the whole life of a server. It returns the exit code.
func Run(o Options) int {
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	s := &server{Options: o}
	err := s.life()
	s.stop()
	if err != nil {
		fmt.Fprintf(o.Stderr, "ERROR: %v\n", err)
		return Failed
	}
	return 0
}
