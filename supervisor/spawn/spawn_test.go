package spawn

import (
	"bufio"
	"debug/elf"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is also the process that the tests start.
func TestMain(m *testing.M) {
	switch os.Getenv("SPAWN_TEST") {
	case "":
		os.Exit(m.Run())
	case "show":
		dir, _ := os.Getwd()
		fmt.Printf("%s|%s\n", os.Args[0], dir)
	case "sleep":
		fmt.Println("up")
		time.Sleep(time.Minute)
	case "parent": // starts a sleeper and waits to be killed
		s, err := New()
		if err == nil {
			_, err = s.Start(Spec{Args: []string{"ser: sleeper"}, Env: []string{"SPAWN_TEST=sleep"}, Files: []int{0, 1, 2}})
		}
		if err != nil {
			fmt.Println(err)
		}
		time.Sleep(time.Minute)
	}
}

// start starts a role with its stdout in a pipe.
func start(t *testing.T, role string, args ...string) (pid int, out *bufio.Reader) {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return startWith(t, s, role, args...)
}

func startWith(t *testing.T, s *Spawner, role string, args ...string) (pid int, out *bufio.Reader) {
	t.Helper()
	return startSched(t, s, s.Own, role, args...)
}

func startSched(t *testing.T, s *Spawner, sched Sched, role string, args ...string) (pid int, out *bufio.Reader) {
	t.Helper()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	r := os.NewFile(uintptr(p[0]), "out")
	t.Cleanup(func() { r.Close() })
	pid, err := s.Start(Spec{Args: args, Env: []string{"SPAWN_TEST=" + role}, Files: []int{0, p[1], 2}, Sched: sched})
	unix.Close(p[1])
	if err != nil {
		t.Fatal(err)
	}
	return pid, bufio.NewReader(r)
}

func wait(t *testing.T, pid int) Exit {
	t.Helper()
	for range 500 {
		for _, e := range Reap() {
			if e.Pid == pid {
				return e
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("process %d does not end", pid)
	return Exit{}
}

func TestStartShowsItsRole(t *testing.T) {
	pid, out := start(t, "show", "ser: udp receiver child=0")
	line, _ := out.ReadString('\n')
	if !strings.HasPrefix(line, "ser: udp receiver child=0|") {
		t.Errorf("it is %q", line)
	}
	if e := wait(t, pid); e.Status.ExitStatus() != 0 || e.String() != "exited with status 0" {
		t.Errorf("it %v", e)
	}
}

// The thread's working directory is not ours.
func TestWorkingDirectoryStays(t *testing.T) {
	before, _ := os.Getwd()
	if _, err := New(); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Getwd(); after != before || after == "/proc" {
		t.Errorf("it moved from %s to %s", before, after)
	}
}

func TestExitTellsTheSignal(t *testing.T) {
	pid, out := start(t, "sleep", "ser: sleeper")
	out.ReadString('\n')
	syscall.Kill(pid, syscall.SIGKILL)
	if e := wait(t, pid); e.String() != "killed by signal 9 (killed)" {
		t.Errorf("it was %v", e)
	}
}

// A child dies with its parent, however that dies.
func TestChildrenDieWithTheirParent(t *testing.T) {
	pid, out := start(t, "parent", "ser: parent")
	if line, _ := out.ReadString('\n'); line != "up\n" {
		t.Fatalf("the grandchild says %q", line)
	}
	syscall.Kill(pid, syscall.SIGKILL)
	ended := make(chan error)
	go func() { // the grandchild holds the pipe open as long as it lives
		_, err := out.ReadString('\n')
		ended <- err
	}()
	select {
	case <-ended:
	case <-time.After(2 * time.Second):
		t.Error("the grandchild is alive two seconds after its parent was killed")
	}
	wait(t, pid)
}

// After chroot no path leads to the program, and it starts all the same.
func TestStartInChroot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can chroot")
	}
	if f, err := elf.Open("/proc/self/exe"); err != nil || f.Section(".interp") != nil {
		t.Skip("this test program needs a loader that the jail has not; the server never does")
	}
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Chroot(t.TempDir()); err != nil {
		t.Skip(err)
	}
	pid, out := startWith(t, s, "show", "ser: jailed")
	if line, _ := out.ReadString('\n'); !strings.HasPrefix(line, "ser: jailed|") {
		t.Errorf("it says %q", line)
	}
	wait(t, pid)
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Errorf("we are in the jail ourselves: %v", err)
	}
}

// Trying whether a thread comes back leaves all threads that stay as they were, the first one, too.
func TestReturnsLeavesThreads(t *testing.T) {
	own, err := Of(0)
	if err != nil {
		t.Fatal(err)
	}
	rr := Sched{Policy: unix.SCHED_RR, Priority: 5}
	if os.Getuid() != 0 {
		t.Skip("only root may schedule in real time")
	}
	if err := SetSelf(rr); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := SetSelf(own); err != nil {
			t.Error(err)
		}
	}()
	for range 100 {
		own.Returns(Sched{Nice: min(own.Nice+5, 19)})
	}
	time.Sleep(10 * time.Millisecond) // the threads that were thrown away end
	threads, _ := os.ReadDir("/proc/self/task")
	for _, th := range threads {
		tid, _ := strconv.Atoi(th.Name())
		if have, err := Of(tid); err == nil && have != rr {
			t.Errorf("thread %d of %d is under %+v, want %+v", tid, os.Getpid(), have, rr)
		}
	}
}

// A child that starts nicer comes back with all its threads.
func TestSetSched(t *testing.T) {
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	own, err := Of(0)
	if err != nil {
		t.Fatal(err)
	}
	lower := Sched{Policy: own.Policy, Nice: min(own.Nice+5, 19)}
	if s.Own = own; own.Policy != unix.SCHED_NORMAL || lower == own || !own.Returns(lower) {
		lower = own // without the right to come back there is no way to test it
	}
	pid, out := startSched(t, s, lower, "sleep", "ser: sleeper")
	defer unix.Kill(pid, unix.SIGKILL)
	if line, err := out.ReadString('\n'); err != nil {
		t.Fatal(line, err)
	}
	for _, want := range []Sched{lower, own} {
		if want == own {
			if err := s.SetSched(pid, own); err != nil {
				t.Fatal(err)
			}
		}
		threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if len(threads) < 2 {
			t.Fatalf("%d threads", len(threads))
		}
		for _, th := range threads {
			tid, _ := strconv.Atoi(th.Name())
			if have, err := Of(tid); err == nil && have != want {
				t.Errorf("thread %d of %d is under %+v, want %+v", tid, pid, have, want)
			}
		}
	}
}
