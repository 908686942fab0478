package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/shm"
	"goser/worker/handoff"
)

// standIn is a worker that does nothing, or what it should not.
func standIn(role string, b *handoff.Birth) int {
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1)
	timer := b.Role == handoff.RoleTimer
	switch {
	case role == "bad" && timer:
		return refuse(b, fmt.Errorf("the database is on fire"))
	case role == "dies" && timer:
		return 7
	case role == "panics" && timer:
		panic("an invariant is broken")
	case role == "dies-later" && timer && b.Generation > 1:
		return 7
	}
	p, err := seat(b)
	if err != nil {
		return refuse(b, err)
	}
	if role == "shows" && timer {
		dir, _ := os.Getwd()
		fmt.Printf("uid=%d gid=%d dir=%s config=%v\n", os.Getuid(), os.Getgid(), dir, jailed())
	}
	p.SetState(shm.Running)
	_ = handoff.Report{Index: b.Index, Generation: b.Generation}.Say(os.NewFile(uintptr(b.ReadyFD), "ready"))
	go func() {
		os.NewFile(uintptr(b.LifeFD), "life").Read(make([]byte, 1))
		os.Exit(3)
	}()
	if role == "noisy" {
		go noise()
	}
	<-term
	if role == "stubborn" && timer {
		time.Sleep(time.Minute)
	}
	return 0
}

func seat(b *handoff.Birth) (*shm.Proc, error) {
	a, err := shm.Attach(b.ArenaFD)
	if err != nil {
		return nil, err
	}
	return a.Join(b.Index, b.Generation)
}

func noise() {
	for {
		fmt.Fprintln(os.Stderr, strings.Repeat("noise ", 30))
	}
}

// jailed tells whether the configuration file of the test is out of reach.
func jailed() bool {
	_, err := os.Stat("/etc/passwd")
	return err != nil
}

// launch starts a server in the foreground whose stderr nobody reads.
func launch(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ser.cfg")
	if err := os.WriteFile(file, []byte("route { exit; }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, append([]string{"-DD", "-E", "-a", "off", "-f", file}, args...)...)
	c.Env = append(os.Environ(), "SER_TEST_WORKER="+role, "SER_TEST_MAIN=1")
	return c
}

func freePort(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}

// A stderr that nobody reads stops neither workers nor supervisor: it starts a
// killed worker again, and ends when it is told to.
func TestFullStderrStopsNothing(t *testing.T) {
	c := launch(t, "noisy", "-n", "2", "-l", "udp:"+freePort(t))
	r, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	if line, err := bufio.NewReader(r).ReadString('\n'); err != nil {
		t.Fatalf("%q %v", line, err)
	}
	// From here on nobody reads. Each worker writes far more than pipes and
	// pump hold within this time.
	time.Sleep(300 * time.Millisecond)
	row := eventually(t, c.Process.Pid, 1, 1)
	syscall.Kill(row.Pid, syscall.SIGKILL)
	eventually(t, c.Process.Pid, 1, 2)
	c.Process.Signal(syscall.SIGTERM)
	done := make(chan error, 1)
	go func() { _, err := c.Process.Wait(); done <- err }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the server does not end")
	}
}

// eventually waits until a process of that generation serves in the row.
func eventually(t *testing.T, pid, slot int, gen uint32) (row shm.Row) {
	t.Helper()
	for range 300 {
		if a, err := attach(pid); err == nil {
			row = a.Row(slot)
			a.Close()
			if row.Gen == gen && row.State == shm.Running {
				return row
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("row %d is %+v, want generation %d", slot, row, gen)
	return row
}
