package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"goser/cfg/param"
	"goser/supervisor/listen"
	"goser/supervisor/spawn"
)

// daemonEnv marks the process that becomes the server in the background.
const daemonEnv = "SER_DAEMON"

const readyByte = 'r'

// Descriptors of the process in the background.
const (
	legacyFD = 3 // what the starter has found out
	statusFD = 4 // where readyByte is said
)

// legacy is what the starter leaves to the server: it has read the
// configuration and asked the name server already, and its answers count.
type legacy struct {
	Image []byte
	Plan  *listen.Plan
}

// Background starts this program again, detached, and waits until every worker
// of it serves. The result is the exit code: 0, or Failed if the server could
// not start; it has said why on stderr then.
func Background(image []byte, plan *listen.Plan, stderr io.Writer) int {
	pid, status, err := launch(image, plan)
	if err != nil {
		fmt.Fprintf(stderr, "ERROR: %v\n", err)
		return Failed
	}
	defer status.Close()
	stop := passOn(pid)
	defer stop()
	var b [1]byte
	if n, _ := status.Read(b[:]); n == 1 && b[0] == readyByte {
		return 0
	}
	var st syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &st, 0, nil); err == nil && st.Signaled() {
		fmt.Fprintf(stderr, "ERROR: the server died while it was starting: %v\n", spawn.Exit{Pid: pid, Status: st})
	}
	return Failed
}

func launch(image []byte, plan *listen.Plan) (pid int, status *os.File, err error) {
	data, err := json.Marshal(legacy{image, plan})
	if err != nil {
		return 0, nil, err
	}
	mem, err := sealed("ser-start", data)
	if err != nil {
		return 0, nil, err
	}
	defer unix.Close(mem)
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return 0, nil, fmt.Errorf("status pipe: %w", err)
	}
	defer unix.Close(p[1])
	pid, err = spawn.Again(spawn.Spec{Args: os.Args, Env: append(os.Environ(), daemonEnv+"=1"), Files: []int{0, 1, 2, mem, p[1]}})
	if err != nil {
		unix.Close(p[0])
		return 0, nil, err
	}
	return pid, os.NewFile(uintptr(p[0]), "status"), nil
}

// passOn lets an interrupted start stop the server that is starting.
func passOn(pid int) (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		for sig := range c {
			_ = syscall.Kill(pid, sig.(syscall.Signal))
		}
	}()
	return func() { signal.Stop(c); close(c) }
}

// Inherited returns what the starter left, or false if this process was
// started by hand.
func Inherited() (image []byte, plan *listen.Plan, status *os.File, ok bool, err error) {
	if os.Getenv(daemonEnv) == "" {
		return nil, nil, nil, false, nil
	}
	os.Unsetenv(daemonEnv)
	unix.CloseOnExec(legacyFD)
	unix.CloseOnExec(statusFD)
	f := os.NewFile(legacyFD, "start")
	status = os.NewFile(statusFD, "status")
	if f == nil || status == nil {
		return nil, nil, nil, true, errors.New(daemonEnv + " is set by hand; only the server sets it")
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, nil, nil, true, fmt.Errorf("%s is set by hand; only the server sets it: %w", daemonEnv, err)
	}
	var l legacy
	if err := json.NewDecoder(io.NewSectionReader(f, 0, st.Size())).Decode(&l); err != nil {
		return nil, nil, nil, true, fmt.Errorf("what the starting command left: %w", err)
	}
	return l.Image, l.Plan, status, true, nil
}

// guard is the second part of exit_timeout: what has to be cleaned up at the end
// may not take longer, either. The function it returns ends it.
func (s *server) guard() func() {
	limit := s.Values.Int(param.ExitTimeout)
	if limit <= 0 {
		return func() {}
	}
	t := time.AfterFunc(time.Duration(limit)*time.Second, func() {
		fmt.Fprintln(s.Stderr, "ERROR: exit_timeout is over while cleaning up")
		os.Exit(Failed)
	})
	return func() { t.Stop() }
}

// leaveTerminal points the standard descriptors at /dev/null; stderr stays if
// that is where the log goes. Else what processes write there, such as the
// trace of a panic, goes to syslog line by line.
func (s *server) leaveTerminal() {
	last := 2
	if s.Values.Bool(param.LogStderror) {
		last = 1
	} else {
		s.pump.to(s.toSyslog())
	}
	for fd := 0; fd <= last; fd++ {
		if err := unix.Dup3(s.shared.null, fd, 0); err != nil {
			s.log.Warn("standard descriptor stays open", "fd", fd, "reason", err.Error())
		}
	}
}
