package shm_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/shm"
	"goser/shm/kill"
)

const (
	envRole = "GOSER_SHM_ROLE"
	victim  = 2 // slot of the process that dies
)

func TestMain(m *testing.M) {
	if role := os.Getenv(envRole); role != "" {
		if err := child(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is the second process. Its role is "slot gen seed what".
func child(role string) error {
	var slot int
	var gen uint32
	var seed uint64
	var what string
	if _, err := fmt.Sscan(role, &slot, &gen, &seed, &what); err != nil {
		return err
	}
	a, err := shm.Attach(3)
	if err != nil {
		return err
	}
	p, err := a.Join(slot, gen)
	if err != nil {
		return err
	}
	if err := kill.FromEnv(); err != nil {
		return err
	}
	if _, err := p.Reap(slot); err != nil {
		return err
	}
	w, err := open(p, seed)
	if err != nil {
		return err
	}
	w.roots = what == "roots"
	w.hammer = what == "forever"
	if what == "grow" {
		return errors.Join(w.grow(), w.grow(), w.grow(), w.grow(), w.grow())
	}
	for i := 0; what == "forever" || i < 6; i++ {
		if err := w.round(); err != nil {
			return err
		}
	}
	return nil
}

func start(t *testing.T, a *shm.Arena, slot int, seed uint64, what, point string) *exec.Cmd {
	t.Helper()
	gen, err := a.Spawn(slot, 1, slot)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %d %d %s", envRole, slot, gen, seed, what), kill.Env+"="+point, "GOMAXPROCS=2")
	cmd.ExtraFiles = []*os.File{a.File()}
	cmd.Stderr = &strings.Builder{}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// killed waits for a child and reports whether it died by SIGKILL.
func killed(t *testing.T, cmd *exec.Cmd) bool {
	t.Helper()
	var exit *exec.ExitError
	if err := cmd.Wait(); err == nil {
		return false
	} else if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("child: %v: %s", err, cmd.Stderr)
	}
	return true
}

type crasher struct {
	*testing.T
	w    *world
	seen map[string]bool // points known to be reached
	died map[string]bool // points a process has died at
}

func newCrasher(t *testing.T) *crasher {
	a, err := shm.CreateWith("crash", 48<<20, shm.Options{Rows: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	p, err := a.Enter(0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	w, err := open(p, 7)
	if err != nil {
		t.Fatal(err)
	}
	return &crasher{T: t, w: w, seen: map[string]bool{}, died: map[string]bool{}}
}

func what(point string) string {
	if strings.HasPrefix(point, "root.") {
		return "roots"
	}
	if strings.HasPrefix(point, "central.grow") {
		return "grow"
	}
	return "mix"
}

// die runs a process that dies at the nth hit of the point.
func (c *crasher) die(point string, nth int) bool {
	c.Helper()
	cmd := start(c.T, c.w.a, victim, uint64(nth), what(point), point+":"+strconv.Itoa(nth))
	dead := killed(c.T, cmd)
	c.w.a.MarkDead(victim)
	return dead
}

// clean reaps, verifies, and goes on. It returns the points the reap passed.
func (c *crasher) clean(after string) []string {
	c.Helper()
	before := c.w.count.Sum(c.w.done)
	kill.Record()
	_, err := c.w.p.Reap(victim)
	hits, _ := kill.Hits()
	kill.Disarm()
	if err != nil {
		c.Fatalf("after a death at %s: reap: %v", after, err)
	}
	if err := shm.Check(c.w.a); err != nil {
		c.Fatalf("after a death at %s: %v", after, err)
	}
	if err := c.w.round(); err != nil {
		c.Fatalf("after a death at %s: the others do not go on: %v", after, err)
	}
	if err := shm.Check(c.w.a); err != nil {
		c.Fatalf("after a death at %s and going on: %v", after, err)
	}
	if now := c.w.count.Sum(c.w.done); now < before {
		c.Fatalf("after a death at %s: a counter went back from %d to %d", after, before, now)
	}
	return slices.Sorted(maps.Keys(hits))
}

// TestDieAtEveryPoint kills a process at each point of the operations, then its
// successor at each point of the repair that follows, and finds the arena whole.
func TestDieAtEveryPoint(t *testing.T) {
	if raceOn {
		t.Skip("the race detector sees nothing in mapped memory, and is slow to start")
	}
	c := newCrasher(t)
	kill.Record()
	c.w.roots = true
	for range 3 {
		if err := c.w.round(); err != nil {
			t.Fatal(err)
		}
	}
	c.w.roots = false
	if err := c.w.grow(); err != nil {
		t.Fatal(err)
	}
	hits, _ := kill.Hits()
	kill.Disarm()
	points := slices.Sorted(maps.Keys(hits))
	for _, point := range points {
		for _, nth := range []int{1, 5} {
			c.dieAndRepair(point, nth, hits)
		}
	}
	c.coverage()
	if err := c.w.empty(); err != nil {
		t.Error(err)
	}
	if s := c.w.a.Stats(); s.Corrupt+s.BadFree+s.DoubleFree+s.BadUnlock != 0 {
		t.Errorf("something was damaged on the way: %+v", s)
	}
}

func (c *crasher) dieAndRepair(point string, nth int, normal map[string]int) {
	c.Helper()
	if !c.die(point, nth) {
		if nth == 1 {
			c.Errorf("the child did not reach %s", point)
		}
		c.clean(point + " (not reached)")
		return
	}
	c.died[point] = true
	for _, next := range c.clean(point) {
		if _, ok := normal[next]; ok || c.died[next] {
			continue
		}
		if c.die(point, nth) && c.die(next, 1) {
			c.died[next] = true
		}
		c.clean(point + " and then " + next)
	}
}

// coverage compares with the points in the source.
func (c *crasher) coverage() {
	re := regexp.MustCompile(`kill\.Point\("([^"]+)"\)`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range re.FindAllSubmatch(src, -1) {
			if name := string(m[1]); !c.died[name] {
				c.Errorf("no process died at %s (%s)", name, path)
			}
		}
		return err
	})
	if err != nil {
		c.Error(err)
	}
	c.Logf("%d points", len(c.died))
}

// TestDieAtRandom kills processes that hammer everything, at any instruction.
func TestDieAtRandom(t *testing.T) {
	c := newCrasher(t)
	a := c.w.a
	rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	const workers = 3
	cmds := make([]*exec.Cmd, workers)
	for i := range cmds {
		cmds[i] = start(t, a, 1+i, uint64(i), "forever", "")
	}
	kills := 0
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); kills++ {
		time.Sleep(time.Duration(rnd.IntN(40)) * time.Millisecond)
		i := rnd.IntN(workers)
		cmds[i].Process.Kill()
		if !killed(t, cmds[i]) {
			t.Fatal("a worker ended by itself")
		}
		a.MarkDead(1 + i)
		cmds[i] = start(t, a, 1+i, rnd.Uint64(), "forever", "")
	}
	for i, cmd := range cmds {
		cmd.Process.Kill()
		killed(t, cmd)
		a.MarkDead(1 + i)
	}
	for i := range workers {
		if _, err := c.w.p.Reap(1 + i); err != nil {
			t.Error(err)
		}
	}
	if err := shm.Check(a); err != nil {
		t.Fatal(err)
	}
	if err := c.w.empty(); err != nil {
		t.Error(err)
	}
	s := a.Stats()
	t.Logf("%d kills, %+v, done %d", kills, s, c.w.count.Sum(c.w.done))
	if s.Corrupt+s.BadFree+s.DoubleFree+s.BadUnlock != 0 {
		t.Errorf("something was damaged on the way: %+v", s)
	}
}
