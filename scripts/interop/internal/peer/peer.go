// Package peer runs a server, ours or Kamailio, as an operator would: a configuration file, a
// command line, a process that is looked at from outside. The interop and robustness tests share it.
//
// Everything started here is stopped by the test's cleanup, by process id and its children's.
package peer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Kind is which program runs.
type Kind string

// The two programs that are compared.
const (
	Ours     Kind = "ours"
	Kamailio Kind = "kamailio"
)

// Server is a running server.
type Server struct {
	Kind Kind
	Port int
	Pid  int

	cmd     *exec.Cmd
	errPath string
	done    chan struct{}
	once    sync.Once
}

// Options are what a test may want different from the usual.
type Options struct {
	Args   []string // after the usual ones
	Port   int      // 0: a free one
	Stderr *os.File // nil: a file that Log reads
	Syslog bool     // log to the system's log, not to stderr
}

// Start runs a server with a configuration in which @PORT@ stands for its port, in the foreground,
// and waits until it has bound it.
func Start(t testing.TB, kind Kind, config string, opt Options) *Server {
	t.Helper()
	s, err := TryStart(t, kind, config, opt)
	if err != nil {
		t.Fatalf("%s: %v\nconfiguration:\n%s\nlog:\n%s", kind, err, config, s.Log())
	}
	return s
}

// TryStart is Start for a configuration that the program may refuse. The server's log tells why; its lines count from the
// second line of the file.
func TryStart(t testing.TB, kind Kind, config string, opt Options) (*Server, error) {
	t.Helper()
	if opt.Port == 0 {
		opt.Port = FreePort(t)
	}
	s := &Server{Kind: kind, Port: opt.Port, done: make(chan struct{})}
	dir := t.TempDir()
	file := filepath.Join(dir, string(kind)+".cfg")
	text := Expand(config, map[string]string{"PORT": strconv.Itoa(opt.Port)})
	if kind == Kamailio {
		text = "mpath=\"" + kamailioModules(t) + "\"\n" + text
	} else {
		text = "\n" + text // the same statement stands in the same line
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(program(t, kind), append(arguments(kind, file, opt.Syslog), opt.Args...)...)
	// Kamailio looks its addresses up at start, and a name server that does not answer would hold it up for long.
	s.cmd.Env = append(os.Environ(), "RES_OPTIONS=timeout:1 attempts:1")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.errPath = filepath.Join(dir, "stderr")
	if err := s.output(opt.Stderr); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.Pid = s.cmd.Process.Pid
	go func() { _ = s.cmd.Wait(); close(s.done) }()
	t.Cleanup(s.Stop)
	if err := s.waitBound(20 * time.Second); err != nil {
		s.Stop()
		return s, err
	}
	return s, nil
}

func (s *Server) output(given *os.File) error {
	if given != nil {
		s.cmd.Stderr = given
		return nil
	}
	f, err := os.Create(s.errPath)
	if err != nil {
		return err
	}
	s.cmd.Stderr = f
	return nil
}

func arguments(kind Kind, file string, syslog bool) []string {
	args := []string{"-f", file, "-DD"}
	if !syslog {
		args = append(args, "-E")
	}
	if kind == Kamailio {
		args = append(args, "-m", "32", "-M", "8")
	}
	return args
}

// waitBound waits for the port and gives up early when the program has ended.
func (s *Server) waitBound(limit time.Duration) error {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(3 * time.Millisecond) {
		if s.Ended() {
			return errors.New("it ended at start: " + s.cmd.ProcessState.String())
		}
		if Bound(s.Port) {
			return nil
		}
	}
	return fmt.Errorf("it has not bound udp port %d within %v", s.Port, limit)
}

// Ended tells whether the program has ended.
func (s *Server) Ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// Wait waits for the program's end.
func (s *Server) Wait(limit time.Duration) error {
	select {
	case <-s.done:
		return nil
	case <-time.After(limit):
		return fmt.Errorf("process %d still runs after %v", s.Pid, limit)
	}
}

// Stop ends the server in order, and by force what is left of it after three seconds.
func (s *Server) Stop() {
	s.once.Do(func() {
		family := append(Children(s.Pid), s.Pid)
		_ = syscall.Kill(s.Pid, syscall.SIGTERM)
		if s.Wait(3*time.Second) == nil {
			return
		}
		for _, pid := range family {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		<-s.done
	})
}

// Kill ends the first process, and only that, without a warning.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if err := syscall.Kill(s.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.done
}

// Log is what the server has written to stderr until now.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.errPath)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// LogSize is the length of Log.
func (s *Server) LogSize() int64 {
	st, err := os.Stat(s.errPath)
	if err != nil {
		return 0
	}
	return st.Size()
}
