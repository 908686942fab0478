package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"goser/cmd/sipload/internal/proc"
)

const (
	startTime = 10 * time.Second
	stopTime  = 5 * time.Second
)

// errLate says that a server had to be killed; what was measured before is good.
var errLate = fmt.Errorf("did not end within %v of SIGTERM", stopTime)

// server is one that runs.
type server struct {
	name string
	addr string
	cmd  *exec.Cmd
	tree *proc.Tree
	done chan struct{} // closed when the first process ended
	log  string        // file
}

// refusal says that a server did not come up.
type refusal struct{ name, cfg, reason string }

func (r *refusal) Error() string {
	return fmt.Sprintf("bench: %s does not run with %s.cfg: %s", r.name, r.cfg, r.reason)
}

// launch starts a server on a free port and waits until it answers.
func (b *bench) launch(ctx context.Context, c contender, cfg string, children int) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &server{
		name: c.name, addr: fmt.Sprintf("127.0.0.1:%d", port), done: make(chan struct{}),
		log: filepath.Join(b.dir, fmt.Sprintf("%s-%s-%d.log", c.name, cfg, port)),
	}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	args := []string{"on-cpu", fmt.Sprint(b.ServerCPU), c.path}
	if c.name == floor {
		args = append(args, "echo", s.addr)
	} else {
		args = append(args, "-f", filepath.Join(b.Configs, cfg+".cfg"), "-DD", "-E", "-m", "1024", "-M", "8",
			"-A", "LISTEN=udp:"+s.addr, "-A", fmt.Sprintf("CHILDREN=%d", children))
		if c.name == ours {
			args = append(args, "-A", "MEMORY")
		}
	}
	s.cmd = exec.Command("/proc/self/exe", args...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// The server is told to end with the thread that started it, so that thread has to stay: it
	// waits for the server.
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			s.cmd.Wait()
			close(s.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("bench: %s: %w", c.name, err)
	}
	if err := s.ready(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// ready waits until OPTIONS is answered.
func (s *server) ready(ctx context.Context, cfg string) (err error) {
	if s.tree, err = proc.Watch(s.cmd.Process.Pid); err != nil {
		return &refusal{s.name, cfg, s.lastWords()}
	}
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); {
		select {
		case <-s.done:
			return &refusal{s.name, cfg, s.lastWords()}
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		if answers(s.addr) {
			time.Sleep(200 * time.Millisecond) // for the other workers
			return s.tree.Discover()
		}
	}
	return &refusal{s.name, cfg, fmt.Sprintf("no answer to OPTIONS within %v; %s", startTime, s.lastWords())}
}

// answers sends one OPTIONS and waits a moment.
func answers(addr string) bool {
	c, err := net.Dial("udp", addr)
	if err != nil {
		return false
	}
	defer c.Close()
	local := c.LocalAddr().String()
	n := rand.Uint64()
	fmt.Fprintf(c, "OPTIONS sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bK%x\r\nMax-Forwards: 70\r\nFrom: <sip:probe@%s>;tag=%x\r\n"+
		"To: <sip:%s>\r\nCall-ID: %x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", addr, local, n, local, n, addr, n)
	c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	var buf [2048]byte
	got, err := c.Read(buf[:])
	if err != nil {
		time.Sleep(50 * time.Millisecond) // a closed port answers at once
	}
	return err == nil && bytes.HasPrefix(buf[:got], []byte("SIP/2.0 200"))
}

// lastWords is what the server wrote that says most: its last line about an error, or its last.
func (s *server) lastWords() string {
	b, _ := os.ReadFile(s.log)
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	last := lines[len(lines)-1]
	for i := len(lines) - 1; i >= 0; i-- {
		if low := strings.ToLower(lines[i]); strings.Contains(low, "error") || strings.Contains(low, "critical") {
			last = lines[i]
			break
		}
	}
	if last == "" {
		return "it wrote nothing"
	}
	return fmt.Sprintf("%.200s", last)
}

// stop ends the server and whatever it left behind.
func (s *server) stop() error {
	if s.tree != nil {
		s.tree.Discover()
	}
	syscall.Kill(s.cmd.Process.Pid, syscall.SIGTERM)
	late := false
	select {
	case <-s.done:
	case <-time.After(stopTime):
		late = true
	}
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	left := 0
	if s.tree != nil && s.tree.Discover() == nil {
		for _, pid := range s.tree.PIDs() {
			left++
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	select {
	case <-s.done:
	case <-time.After(stopTime):
		return fmt.Errorf("bench: %s, process %d, does not die", s.name, s.cmd.Process.Pid)
	}
	if late {
		return fmt.Errorf("%w (%d processes killed)", errLate, left)
	}
	return nil
}

// freePort finds a UDP port of 127.0.0.1 between 20000 and 30000 that nobody has.
func freePort() (int, error) {
	for range 200 {
		port := 20000 + rand.IntN(10000)
		c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err == nil {
			c.Close()
			return port, nil
		}
	}
	return 0, errors.New("bench: no free UDP port between 20000 and 30000")
}
