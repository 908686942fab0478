package supervisor

import (
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"goser/cfg/param"
	"goser/worker/logger"
)

// openLog makes our own log and what carries that of the workers.
func (s *server) openLog() (err error) {
	s.color = s.LogColor || colorful(s.Stderr)
	engine, err := logger.ParseEngine(s.LogEngine)
	if err != nil {
		return err
	}
	to := plainly(s.Stderr)
	if engine.JSON {
		to = s.asObjects(s.Stderr)
	}
	if s.pump, err = newPump(to); err != nil {
		return err
	}
	s.handler = logger.New(s.logOptions(s.pump.fd))
	s.log = slog.New(s.handler)
	return nil
}

func (s *server) logOptions(fd int) logger.Options {
	v := s.Values
	engine, _ := logger.ParseEngine(s.LogEngine)
	return logger.Options{
		Role: attendant, Debug: v.Int(param.Debug), Stderr: v.Bool(param.LogStderror), FD: fd,
		Facility: v.Text(param.LogFacility), Name: s.logName(), Color: s.color, Engine: engine,
	}
}

// attendant is what the original calls the supervisor.
const attendant = "attendant"

func (s *server) logName() string {
	if n := s.Values.Text(param.LogName); n != "" {
		return n
	}
	return s.Name
}

// colorful tells whether somebody looks at the log as it is written, on a
// terminal that has colours, and has not asked for none (no-color.org).
func colorful(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || os.Getenv("TERM") == "" {
		return false
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return false
	}
	terminal := false
	_ = conn.Control(func(fd uintptr) { // f.Fd() would make it block
		_, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		terminal = err == nil
	})
	return terminal
}

// asObjects is the sink of the engine json: what does not come from the log
// becomes an object like the rest.
func (s *server) asObjects(w io.Writer) sink {
	h := logger.New(logger.Options{Stderr: true, Engine: logger.Engine{JSON: true}})
	return func(e entry) {
		if e.raw {
			e.text = append(h.AppendStray(nil, e.pid, s.names.of(e.pid), strings.TrimSuffix(string(e.text), "\n")), '\n')
		}
		w.Write(e.text)
	}
}

// toSyslog is the sink once there is no terminal.
func (s *server) toSyslog() sink {
	h := logger.New(s.logOptions(0))
	return func(e entry) { h.Stray(e.pid, s.names.of(e.pid), strings.TrimSuffix(string(e.text), "\n")) }
}

// names remember what the last processes were; one that has died may still have
// lines under way.
type names struct {
	mu   sync.Mutex
	last []name
}

type name struct {
	pid  int
	desc string
}

// mostNames is more than twice the processes of a large server.
const mostNames = 1024

func (n *names) add(pid int, desc string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.last) == mostNames {
		n.last = slices.Delete(n.last, 0, mostNames/2)
	}
	n.last = append(n.last, name{pid, desc})
}

// of is what pid is or was, the latest if the number was used again.
func (n *names) of(pid int) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := len(n.last) - 1; i >= 0; i-- {
		if n.last[i].pid == pid {
			return n.last[i].desc
		}
	}
	return attendant
}
