package supervisor

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"goser/supervisor/policy"
	"goser/supervisor/spawn"
	"goser/worker/handoff"
)

// world is the operating system of a test: it writes down what was asked of it.
type world struct {
	t     time.Time
	pid   int
	gens  map[int]uint32
	birth error // what the next spawn answers
	did   []string
	log   bytes.Buffer
}

func newCrew(rows int) (*crew, *world) {
	w := &world{t: time.Unix(5000, 0), pid: 100, gens: map[int]uint32{}}
	c := &crew{
		log: slog.New(slog.NewTextHandler(&w.log, nil)), patience: 10 * time.Second, exitTimeout: 5 * time.Second,
		hands: hands{
			now:   func() time.Time { return w.t },
			pause: func(d time.Duration) { w.t = w.t.Add(d) },
			hurry: func(r *row) { w.did = append(w.did, fmt.Sprintf("hurry %d", r.birth.Index)) },
			spawn: func(b handoff.Birth, gently bool) (int, uint32, error) {
				if w.birth != nil {
					w.did = append(w.did, fmt.Sprintf("fail %d", b.Index))
					return 0, 0, w.birth
				}
				w.pid++
				w.gens[b.Index]++
				how := "spawn"
				if gently {
					how = "gently spawn"
				}
				w.did = append(w.did, fmt.Sprintf("%s %d gen %d", how, b.Index, w.gens[b.Index]))
				return w.pid, w.gens[b.Index], nil
			},
			kill: func(pid int, sig syscall.Signal) { w.did = append(w.did, fmt.Sprintf("signal %d to %d", sig, pid)) },
			dead: func(slot int) { w.did = append(w.did, fmt.Sprintf("dead %d", slot)) },
		},
	}
	for i := range rows {
		c.rows = append(c.rows, &row{birth: handoff.Birth{Index: i + 1, Desc: fmt.Sprintf("row %d", i+1)}})
	}
	return c, w
}

func (w *world) take() []string {
	d := w.did
	w.did = nil
	return d
}

// up brings the crew to where everybody serves.
func up(c *crew, w *world) {
	c.start()
	for _, r := range c.rows {
		c.reported(handoff.Report{Index: r.birth.Index, Generation: r.gen})
	}
	w.take()
}

func expect(t *testing.T, w *world, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, w.take()); d != "" {
		t.Error(d)
	}
}

const killed = syscall.WaitStatus(syscall.SIGKILL)

func TestCrewIsReadyWhenAllAre(t *testing.T) {
	c, w := newCrew(2)
	c.start()
	expect(t, w, "spawn 1 gen 1", "spawn 2 gen 1")
	c.reported(handoff.Report{Index: 1, Generation: 1})
	c.reported(handoff.Report{Index: 1, Generation: 1}) // twice counts once
	c.reported(handoff.Report{Index: 2, Generation: 9}) // not this process
	if c.phase != starting {
		t.Fatal("running before every process was ready")
	}
	c.reported(handoff.Report{Index: 2, Generation: 1})
	if c.phase != running {
		t.Fatal("not running although every process is ready")
	}
}

func TestCrewFillsTheSameRowAndLeavesOthersAlone(t *testing.T) {
	c, w := newCrew(3)
	up(c, w)
	w.t = w.t.Add(time.Minute)
	c.exited(spawn.Exit{Pid: c.rows[1].pid, Status: killed})
	expect(t, w, "dead 2", "spawn 2 gen 2")
	if !strings.Contains(w.log.String(), "killed by signal 9") {
		t.Errorf("the log does not say how it died: %s", &w.log)
	}
}

func TestCrewPausesForARowThatKeepsDying(t *testing.T) {
	c, w := newCrew(2)
	up(c, w)
	c.exited(spawn.Exit{Pid: c.rows[0].pid, Status: killed})
	expect(t, w, "dead 1", "spawn 1 gen 2")
	c.exited(spawn.Exit{Pid: c.rows[0].pid, Status: killed})
	expect(t, w, "dead 1")
	if got := c.wait(); got != policy.FirstPause {
		t.Errorf("waits %v, want %v", got, policy.FirstPause)
	}
	w.t = w.t.Add(policy.FirstPause - 1)
	c.tick()
	expect(t, w)
	w.t = w.t.Add(1)
	c.tick()
	expect(t, w, "spawn 1 gen 3")
}

func TestCrewTriesAgainWhenTheSystemRefuses(t *testing.T) {
	c, w := newCrew(1)
	up(c, w)
	w.t = w.t.Add(time.Minute)
	w.birth = errors.New("resource temporarily unavailable")
	c.exited(spawn.Exit{Pid: c.rows[0].pid, Status: killed})
	expect(t, w, "dead 1", "fail 1", "dead 1")
	for range 50 { // it neither gives up nor spins
		w.t = w.t.Add(c.wait())
		c.tick()
	}
	if n := len(w.take()); n > 110 {
		t.Errorf("%d attempts", n)
	}
	w.birth = nil
	w.t = w.t.Add(policy.LongestPause)
	c.tick()
	expect(t, w, "spawn 1 gen 2")
}

func TestStartFailsWithTheReason(t *testing.T) {
	for _, tc := range []struct {
		name   string
		happen func(c *crew, w *world)
		want   string
	}{
		{"a worker says why", func(c *crew, w *world) {
			c.reported(handoff.Report{Index: 2, Generation: 1, Err: "no such database"})
		}, "row 2: no such database"},
		{
			"a worker dies", func(c *crew, w *world) { c.exited(spawn.Exit{Pid: c.rows[1].pid, Status: killed}) },
			"row 2: killed by signal 9 (killed) before it was ready",
		},
		{"it dies first and its reason comes later", func(c *crew, w *world) {
			c.exited(spawn.Exit{Pid: c.rows[1].pid, Status: 1 << 8})
			c.reported(handoff.Report{Index: 2, Generation: 1, Err: "no such database"})
		}, "row 2: no such database"},
		{"a worker hangs", func(c *crew, w *world) {
			c.reported(handoff.Report{Index: 1, Generation: 1})
			w.t = w.t.Add(c.wait())
			c.tick()
		}, "row 2: not ready after 10s"},
		{"a signal", func(c *crew, w *world) { c.shutdown() }, "stopped by a signal before every process was ready"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, w := newCrew(2)
			c.start()
			tc.happen(c, w)
			if c.failure != tc.want {
				t.Errorf("reason %q, want %q", c.failure, tc.want)
			}
			for _, r := range c.rows {
				c.exited(spawn.Exit{Pid: r.pid, Status: killed})
			}
			if !c.gone() {
				t.Error("something is left running")
			}
		})
	}
}

func TestStartStopsAtTheFirstProcessThatCannotBeMade(t *testing.T) {
	c, w := newCrew(3)
	w.birth = errors.New("cannot allocate memory")
	c.start()
	expect(t, w, "fail 1", "dead 1")
	if !c.gone() || c.failure != "row 1: cannot allocate memory" {
		t.Errorf("gone %v, reason %q", c.gone(), c.failure)
	}
}

func TestShutdown(t *testing.T) {
	c, w := newCrew(2)
	up(c, w)
	c.shutdown()
	expect(t, w, "signal 15 to 101", "signal 15 to 102")
	c.exited(spawn.Exit{Pid: 101})
	expect(t, w, "dead 1") // and no rebirth
	if c.gone() {
		t.Fatal("gone while a process is left")
	}
	if got := c.wait(); got != 5*time.Second {
		t.Errorf("waits %v, want exit_timeout", got)
	}
	w.t = w.t.Add(5 * time.Second)
	c.tick()
	expect(t, w, "signal 9 to 102")
	c.exited(spawn.Exit{Pid: 102, Status: killed})
	if !c.gone() || c.failure != "" {
		t.Errorf("gone %v, failure %q", c.gone(), c.failure)
	}
}

func TestSecondSignalKills(t *testing.T) {
	c, w := newCrew(1)
	up(c, w)
	c.shutdown()
	c.shutdown()
	expect(t, w, "signal 15 to 101", "signal 9 to 101")
}

func TestNoExitTimeoutWaitsForEver(t *testing.T) {
	c, w := newCrew(1)
	c.exitTimeout = 0
	up(c, w)
	c.shutdown()
	w.take()
	w.t = w.t.Add(1000 * time.Hour)
	c.tick()
	expect(t, w)
}

// A process that comes up again after the start and hangs is killed, not waited for.
func TestHungSuccessorIsKilled(t *testing.T) {
	c, w := newCrew(1)
	up(c, w)
	w.t = w.t.Add(time.Minute)
	c.exited(spawn.Exit{Pid: 101, Status: killed})
	w.take()
	w.t = w.t.Add(10 * time.Second)
	c.tick()
	c.tick() // once is enough
	expect(t, w, "signal 9 to 102")
	c.exited(spawn.Exit{Pid: 102, Status: killed})
	expect(t, w, "dead 1", "spawn 1 gen 3")
}

func TestStrangersAreIgnored(t *testing.T) {
	c, w := newCrew(1)
	up(c, w)
	c.exited(spawn.Exit{Pid: 4711})
	c.reported(handoff.Report{Index: 77, Generation: 1})
	expect(t, w)
}

// Whatever dies in whatever order, no row holds two processes, none stays empty
// for longer than the longest pause, and the server goes on.
func TestCrewSurvivesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, w := newCrew(rapid.IntRange(1, 5).Draw(t, "rows"))
		up(c, w)
		alive := func() (n int) {
			for _, r := range c.rows {
				if r.pid != 0 {
					n++
				}
			}
			return n
		}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			r := c.rows[rapid.IntRange(0, len(c.rows)-1).Draw(t, "row")]
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				c.exited(spawn.Exit{Pid: r.pid, Status: killed})
			case 1:
				c.reported(handoff.Report{Index: r.birth.Index, Generation: r.gen, Err: rapid.SampledFrom([]string{"", "bad"}).Draw(t, "err")})
			case 2:
				w.t = w.t.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
				c.tick()
			case 3:
				w.birth = rapid.SampledFrom([]error{nil, errors.New("EAGAIN")}).Draw(t, "birth")
			}
			if c.phase != running || c.failure != "" {
				t.Fatalf("a child ended the server: %q", c.failure)
			}
		}
		w.birth = nil
		w.t = w.t.Add(policy.LongestPause)
		c.tick()
		if alive() != len(c.rows) {
			t.Fatalf("%d of %d rows are filled", alive(), len(c.rows))
		}
	})
}

// fork_delay holds back each process of the start, and no successor.
func TestForkDelay(t *testing.T) {
	c, w := newCrew(3)
	c.forkDelay = 10 * time.Millisecond
	before := w.t
	c.start()
	if took := w.t.Sub(before); took != 30*time.Millisecond {
		t.Errorf("three processes took %v", took)
	}
}

// A successor starts behind those who serve, as long as somebody does its
// work; a timer has nobody.
func TestGentleStart(t *testing.T) {
	c, w := newCrew(4)
	for i, r := range c.rows {
		r.birth.Role, r.birth.Socket = handoff.RoleUDP, i/2
	}
	c.rows[3].birth.Role = handoff.RoleTimer
	up(c, w)
	die := func(i int) { c.exited(spawn.Exit{Pid: c.rows[i].pid, Status: killed}) }
	die(0)
	expect(t, w, "dead 1", "gently spawn 1 gen 2")
	c.reported(handoff.Report{Index: 1, Generation: 2})
	expect(t, w, "hurry 1")
	die(3)
	expect(t, w, "dead 4", "spawn 4 gen 2")
	die(2)
	expect(t, w, "dead 3", "spawn 3 gen 2") // alone on its socket
	w.t = w.t.Add(time.Minute)
	die(0)
	expect(t, w, "dead 1", "gently spawn 1 gen 3")
	die(1) // now nobody is left
	expect(t, w, "dead 2", "hurry 1", "spawn 2 gen 2")
}
