package robust

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// The original leaves its children behind, holding the port, when its first process is killed.
func TestKilledMasterTakesItsWorkersAlong(t *testing.T) {
	t.Parallel()
	s, _, workers := serve(t, answerAll+"children=4\n", peer.Options{})
	t.Cleanup(func() {
		for _, pid := range workers {
			_ = syscall.Kill(pid, syscall.SIGKILL) // nobody else would, should the test fail
		}
	})
	s.Kill(t)
	end := time.Now().Add(2 * time.Second)
	for _, pid := range workers {
		for peer.Alive(pid) {
			if time.Now().After(end) {
				t.Fatalf("worker %d (%s) still lives two seconds after its master", pid, peer.Title(pid))
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	serve(t, answerAll, peer.Options{Port: s.Port}) // at once, on the same port
}

// The original's sockets share their port with a second server's, and each gets some of the traffic.
func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	s, c, workers := serve(t, answerAll, peer.Options{})
	out, code := start(t, peer.Expand(answerAll, map[string]string{"PORT": fmt.Sprint(s.Port)}))
	if code != 255 || !strings.Contains(out, fmt.Sprintf("127.0.0.1:%d", s.Port)) {
		t.Errorf("exit code %d, want 255 and the address in the reason:\n%s", code, out)
	}
	mustAnswer(t, s, c)
	sameProcesses(t, s, workers)
}

// A log that nobody reads stops the original's processes one after the other.
func TestFullStderrStopsNobody(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	config := head + "loadmodule \"xlog\"\nrequest_route { xlog(\"" + strings.Repeat("much to say ", 20) +
		"\\n\"); sl_send_reply(\"200\", \"OK\"); }\n"
	s := peer.Start(t, peer.Ours, config, peer.Options{Stderr: w})
	w.Close()
	c := peer.Dial(t, s.Port)
	for i := range 4000 { // 1 MB of log into a pipe that holds 64 KB
		if !c.Ask(2 * time.Second) {
			t.Fatalf("request %d was not answered", i)
		}
	}
}

// A syslog that listens but does not read, and one that is not there at all.
func TestDeadSyslogStopsNobody(t *testing.T) {
	if _, err := os.Stat("/dev/log"); err != nil {
		l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: "/dev/log", Net: "unixgram"})
		if err == nil { // needs the right to write there; without it the log is just absent
			defer l.Close()
		}
	}
	config := strings.Replace(head, "log_stderror=yes", "log_stderror=no", 1) +
		"loadmodule \"xlog\"\nrequest_route { xlog(\"much to say\\n\"); sl_send_reply(\"200\", \"OK\"); }\n"
	s := peer.Start(t, peer.Ours, config, peer.Options{Syslog: true})
	c := peer.Dial(t, s.Port)
	for i := range 2000 {
		if !c.Ask(2 * time.Second) {
			t.Fatalf("request %d was not answered", i)
		}
	}
}

// start runs the server with a configuration that must not work and returns what it said and its exit
// code. It fails the test if the server, or any process of it, is still there.
func start(t *testing.T, config string, args ...string) (out string, code int) {
	t.Helper()
	file := t.TempDir() + "/bad.cfg"
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	return startFile(t, nil, append([]string{"-f", file, "-DD", "-E"}, args...)...)
}

func startFile(t *testing.T, as *syscall.Credential, args ...string) (out string, code int) {
	t.Helper()
	return startProgram(t, peer.Binary(t, "ser"), as, args...)
}

func startProgram(t *testing.T, program string, as *syscall.Credential, args ...string) (out string, code int) {
	t.Helper()
	c := exec.Command(program, args...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as}
	c.Dir = "/"
	var buf bytes.Buffer
	c.Stderr = &buf
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	// A hundred children on a busy machine take their time until the memory is short.
	timer := time.AfterFunc(time.Minute, func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) })
	_ = c.Wait()
	if !timer.Stop() {
		t.Errorf("ser %v did not end; it said:\n%s", args, buf.String())
	}
	if syscall.Kill(-c.Process.Pid, 0) == nil {
		t.Errorf("ser %v has left processes behind", args)
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	}
	return buf.String(), c.ProcessState.ExitCode()
}
