package shm_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"goser/shm"
	"goser/shm/kill"
	"goser/shm/table"
)

// TestZombieIsDead: nobody has told the arena that the process is gone, nobody
// has even waited for it; its lock is taken over all the same.
func TestZombieIsDead(t *testing.T) {
	c := newCrasher(t)
	a := c.w.a
	cmd := start(t, a, victim, 1, "mix", "table.insert.3")
	for end := time.Now().Add(10 * time.Second); a.Row(victim).State == shm.Starting || a.Alive(victim); {
		if time.Now().After(end) {
			t.Fatal("the dead process still counts as alive")
		}
		time.Sleep(time.Millisecond)
	}
	entries := 0
	c.w.calls.Each(c.w.p, func(table.Guard, uint64) bool { entries++; return true })
	if entries == 0 || a.Stats().Takeovers == 0 {
		t.Errorf("%d entries, %+v: want the lock taken over and its entry kept", entries, a.Stats())
	}
	if !killed(t, cmd) {
		t.Error("the process was not killed")
	}
	if st := a.Row(victim).State; st != shm.Ready {
		t.Errorf("state %s: somebody did mark it", st)
	}
	if _, err := c.w.p.Reap(victim); err != nil {
		t.Fatal(err)
	}
	if err := c.w.empty(); err != nil {
		t.Error(err)
	}
}

// TestStoppedOwner: a process is stopped while it holds a lock. The others do not
// wait for who has stopped it.
func TestStoppedOwner(t *testing.T) {
	t.Setenv(kill.EnvStop, "1")
	c := newCrasher(t)
	a := c.w.a
	cmd := start(t, a, victim, 1, "mix", "table.insert.3")
	for end := time.Now().Add(10 * time.Second); !shm.IsStopped(cmd.Process.Pid); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it has not stopped")
		}
	}
	began, entries := time.Now(), 0
	c.w.calls.Each(c.w.p, func(table.Guard, uint64) bool { entries++; return true })
	if entries == 0 || a.Stats().Takeovers == 0 || a.Stats().PutDown != 1 {
		t.Errorf("%d entries, %+v after %v: want the lock taken over", entries, a.Stats(), time.Since(began))
	}
	if !killed(t, cmd) {
		t.Error("the process was not killed")
	}
	if _, err := c.w.p.Reap(victim); err != nil {
		t.Fatal(err)
	}
	if err := c.w.empty(); err != nil {
		t.Error(err)
	}
}

// TestRecycledPid: the pid is in use again, by a process that started later.
func TestRecycledPid(t *testing.T) {
	a := newProc(t, 4<<20).Arena()
	other := exec.Command("sleep", "60")
	if err := other.Start(); err != nil {
		t.Skip(err)
	}
	defer func() { other.Process.Kill(); other.Wait() }()
	if !shm.IsRunning(other.Process.Pid, 0) {
		t.Error("a living process is not alive")
	}
	if shm.IsRunning(other.Process.Pid, 1) {
		t.Error("a process that started at another time was taken for the one that is gone")
	}
	if a.Alive(0) || a.Alive(-1) || a.Alive(1<<20) || !a.Alive(1) {
		t.Error("rows that are free or do not exist are not alive, row 1 is")
	}
}

func TestPopulateAndMlock(t *testing.T) {
	a := newProc(t, 2<<20).Arena()
	if err := a.Populate(); err != nil {
		t.Error(err)
	}
	if err := a.Mlock(); err != nil && !strings.Contains(err.Error(), "RLIMIT_MEMLOCK") {
		t.Error(err)
	}
	if err := newHeap(t, 2<<20).Mlock(); err != nil {
		t.Error(err)
	}
}
