package main

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// manager is a service manager that listens.
type manager struct {
	*net.UnixConn
	path string
}

func newManager(t *testing.T) manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return manager{c, path}
}

// await reads until a message has that line.
func (m manager) await(t *testing.T, line string) (before []string, message string) {
	t.Helper()
	_ = m.SetReadDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, 4096)
	for {
		n, err := m.Read(buf)
		if err != nil {
			t.Fatalf("waiting for %s: %v; said before: %q", line, err, before)
		}
		message = string(buf[:n])
		if strings.Contains("\n"+message+"\n", "\n"+line+"\n") {
			return before, message
		}
		before = append(before, message)
	}
}

// starved tells whether the watchdog hears nothing for a while, and what the
// status says meanwhile.
func (m manager) starved(t *testing.T, why string) {
	t.Helper()
	buf := make([]byte, 4096)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		_ = m.SetReadDeadline(end)
		n, err := m.Read(buf)
		if err == nil && strings.HasPrefix(string(buf[:n]), "STATUS=") && strings.Contains(string(buf[:n]), why) {
			return
		}
	}
	t.Fatalf("the status never said %q", why)
}

func notified(t *testing.T, m manager, addr string, args ...string) *exec.Cmd {
	t.Helper()
	c := launch(t, "", append([]string{"-n", "2", "-l", "udp:" + addr}, args...)...)
	c.Env = append(c.Env, "NOTIFY_SOCKET="+m.path, "WATCHDOG_USEC=300000")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return c
}

// The manager hears when all serve, that all go on to serve, and the end; and
// the watchdog starves when the work is not done, by a timer or by the receivers.
func TestServiceManager(t *testing.T) {
	m := newManager(t)
	addr := freePort(t)
	c := notified(t, m, addr)
	pid := c.Process.Pid
	before, ready := m.await(t, "READY=1")
	if len(before) != 0 || !strings.Contains(ready, fmt.Sprintf("\nMAINPID=%d\nSTATUS=5 processes serve 1 sockets, 0 restarts", pid)) {
		t.Errorf("said %q, then %q", before, ready)
	}
	for slot := 1; slot <= 4; slot++ {
		eventually(t, pid, slot, 1)
	}
	m.await(t, "WATCHDOG=1")
	m.await(t, "WATCHDOG=1")

	timer := eventually(t, pid, 4, 1).Pid
	syscall.Kill(timer, syscall.SIGSTOP)
	m.starved(t, "the timer has not ticked for")
	syscall.Kill(timer, syscall.SIGCONT)
	m.await(t, "WATCHDOG=1")

	receivers := []int{eventually(t, pid, 1, 1).Pid, eventually(t, pid, 2, 1).Pid}
	for _, r := range receivers {
		syscall.Kill(r, syscall.SIGSTOP)
	}
	client, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for range 3 { // a receiver that has not come to a stop yet may take the first
		fmt.Fprint(client, strings.Repeat("x", 40))
		time.Sleep(100 * time.Millisecond)
	}
	m.starved(t, "datagrams wait and no receiver takes them")
	for _, r := range receivers {
		syscall.Kill(r, syscall.SIGCONT)
	}
	m.await(t, "WATCHDOG=1")

	// A process that dies and is back is no reason to starve.
	syscall.Kill(receivers[0], syscall.SIGKILL)
	eventually(t, pid, 1, 2)
	if _, msg := m.await(t, "WATCHDOG=1"); !strings.Contains(msg, "1 restarts") {
		m.await(t, "STATUS=5 processes serve 1 sockets, 1 restarts")
	}
	c.Process.Signal(syscall.SIGTERM)
	m.await(t, "STOPPING=1")
}
