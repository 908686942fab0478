package tm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module/moduletest"
	"goser/worker/module/tm"
)

const (
	envTask = "GOSER_TM_TASK"
	victim  = 5
)

// task is what a second process is to do before it dies: one message, or some
// time.
type task struct {
	Gen     uint32
	Script  string
	From    string
	Raw     string
	ID      uint64
	Clock   time.Time
	Advance time.Duration
}

type sentJSON struct {
	To   string
	Data string
}

func TestMain(m *testing.M) {
	if t := os.Getenv(envTask); t != "" {
		if err := child(t); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(text string) error {
	var k task
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return err
	}
	a, err := shm.Attach(3)
	if err != nil {
		return err
	}
	p, err := a.Join(victim, k.Gen)
	if err != nil {
		return err
	}
	if _, err := p.Reap(victim); err != nil {
		return err
	}
	t := &fatal{}
	w := worldIn(t, a, 0, k.Script)
	w.nodes = append(w.nodes, w.newNode(p))
	w.nodes[0].env.Clock = k.Clock
	if err := kill.FromEnv(); err != nil {
		return err
	}
	if k.Advance > 0 {
		w.advance(k.Advance)
	} else {
		w.deliverAs(0, k.From, k.Raw, k.ID)
	}
	kill.Disarm()
	var out []sentJSON
	for _, s := range w.take() {
		to := ""
		if s.To.IsValid() {
			to = s.To.String()
		}
		out = append(out, sentJSON{to, s.Data})
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

// fatal is a testing.TB for the child: what fails ends it.
type fatal struct{ testing.TB }

func (*fatal) Helper()                   {}
func (*fatal) Fatal(a ...any)            { fmt.Fprintln(os.Stderr, a...); os.Exit(1) }
func (*fatal) Fatalf(f string, a ...any) { fmt.Fprintf(os.Stderr, f+"\n", a...); os.Exit(1) }
func (*fatal) Error(a ...any)            { fmt.Fprintln(os.Stderr, a...); os.Exit(1) }
func (*fatal) Errorf(f string, a ...any) { fmt.Fprintf(os.Stderr, f+"\n", a...); os.Exit(1) }

// scene plays a scenario. In one of its steps a process dies; then a survivor
// cleans up and has the same message.
type scene struct {
	*world
	scenario
	seen map[string]string
	mute bool // what came of this step died with its process's pipe
}

// death makes a process do a step and die of it. What was sent is kept; it tells
// whether it died.
type death func(s *scene, k step, raw string, id uint64) bool

// newScene begins with workers on the arena, at least a survivor.
func newScene(t *testing.T, a *shm.Arena, workers int, sc scenario) *scene {
	s := &scene{world: worldIn(t, a, workers, sc.script), scenario: sc, seen: map[string]string{}}
	return s
}

// close forgets the processes.
func (s *scene) close() {
	for _, n := range s.nodes {
		tm.Forget(n.env)
	}
}

// play goes through the steps; in that of number at, a process dies.
func (s *scene) play(at int, die death) (died bool) {
	for i, k := range s.steps {
		if i != at {
			s.run(k, uint64(i+1), nil)
			continue
		}
		died = s.run(k, uint64(i+1), die)
	}
	for range 240 { // two minutes: all is over by then
		s.skip(500 * time.Millisecond)
	}
	s.take()
	s.empty()
	return died
}

// run does a step here, or first elsewhere.
func (s *scene) run(k step, id uint64, die death) (died bool) {
	raw := ""
	if k.msg != nil {
		raw = k.msg(s.seen)
	}
	end := s.nodes[0].env.Clock.Add(k.advance)
	if die != nil {
		if died = die(s, k, raw, id); died {
			s.mourn(k)
		}
	}
	if left := end.Sub(s.nodes[0].env.Clock); left > 0 {
		s.advance(left)
	}
	if k.advance == 0 && (died || die == nil) {
		s.deliverAs(0, k.from, raw, id)
	}
	if s.mute {
		s.mute, k.to = false, ""
	}
	s.learn(k)
	return died
}

// mourn is what a survivor does: it cleans up, and then all is whole.
func (s *scene) mourn(k step) {
	s.arena.MarkDead(victim)
	if _, err := s.nodes[0].env.Proc().Reap(victim); err != nil {
		s.t.Fatalf("reap: %v", err)
	}
	if err := shm.Check(s.arena); err != nil {
		s.t.Fatalf("after a death in step %s: %v", k.name, err)
	}
}

// learn takes in what was sent, and sees that what had to come has come.
func (s *scene) learn(k step) {
	for range 8 {
		found := k.to == ""
		for _, d := range s.take() {
			method, _, _ := strings.Cut(d.Data, " ")
			s.seen[method+" "+d.To.String()] = d.Data
			found = found || d.To.String() == k.to && strings.HasPrefix(d.Data, k.start)
		}
		s.seen["said"] = s.said
		if found {
			return
		}
		s.advance(300 * time.Millisecond)
	}
	s.t.Fatalf("step %s: no %q was sent to %s", k.name, k.start, k.to)
}

// elsewhere has a process of its own do the step, to be killed at the point.
func elsewhere(point string) death {
	return func(s *scene, k step, raw string, id uint64) bool { return s.elsewhere(k, raw, id, point) }
}

func (s *scene) elsewhere(k step, raw string, id uint64, point string) bool {
	gen, err := s.arena.Spawn(victim, 1, victim)
	if err != nil {
		s.t.Fatal(err)
	}
	text, _ := json.Marshal(task{Gen: gen, Script: s.script, From: k.from, Raw: raw, ID: id, Clock: s.nodes[0].env.Clock, Advance: k.advance})
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), envTask+"="+string(text), kill.Env+"="+point, "GOMAXPROCS=2")
	cmd.ExtraFiles = []*os.File{s.arena.File()}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		s.mute = k.advance > 0 // it may have sent what had to come on the way; the clock of the others stands
		return true
	}
	if err != nil {
		s.t.Fatalf("child: %v: %s", err, stderr.String())
	}
	var sent []sentJSON
	if err := json.Unmarshal(out, &sent); err != nil {
		s.t.Fatalf("child: %v: %q", err, out)
	}
	for _, d := range sent {
		m := moduletest.Send{Data: d.Data}
		if d.To != "" {
			m.To = netip.MustParseAddrPort(d.To)
		}
		s.sent = append(s.sent, m)
	}
	s.arena.MarkDead(victim)
	_, _ = s.nodes[0].env.Proc().Reap(victim)
	for _, n := range s.nodes {
		n.env.Clock = n.env.Clock.Add(k.advance)
	}
	return false
}

// points are the kill points that each step of a scenario passes, and how often.
func points(t *testing.T, sc scenario, a *shm.Arena) (byStep []map[string]int, totals []int64) {
	s := newScene(t, a, 1, sc)
	defer s.close()
	for i, k := range s.steps {
		kill.Record()
		s.run(k, uint64(i+1), nil)
		hits, total := kill.Hits()
		kill.Disarm()
		byStep, totals = append(byStep, hits), append(totals, total)
	}
	return byStep, totals
}

func fileArena(t *testing.T) *shm.Arena {
	a, err := shm.CreateWith("tm", 64<<20, shm.Options{Rows: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// A process killed by the kernel's own hand, at some of the points: that what
// TestEveryDeath does within one process is what happens between several.
func TestDieAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	seed := uint64(time.Now().UnixNano())
	if v := os.Getenv("GOSER_TM_SEED"); v != "" {
		seed, _ = strconv.ParseUint(v, 10, 64)
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	t.Logf("GOSER_TM_SEED=%d", seed)
	deaths, passed := 0, map[string]bool{}
	for _, sc := range scenes[:3] {
		byStep, totals := points(t, sc, fileArena(t))
		for at, hits := range byStep {
			var plan []string
			for p, n := range hits {
				if strings.HasPrefix(p, "tm.") && !passed[p] {
					passed[p] = true
					plan = append(plan, fmt.Sprintf("%s:%d", p, 1+rnd.IntN(n)))
				}
			}
			slices.Sort(plan)
			plan = append(plan, fmt.Sprintf(":%d", 1+rnd.Int64N(totals[at])))
			for _, p := range plan {
				s := newScene(t, fileArena(t), 1, sc)
				if s.play(at, elsewhere(p)) {
					deaths++
				}
				s.close()
				if t.Failed() {
					t.Fatalf("scene %s, step %q, death at %s", sc.name, sc.steps[at].name, p)
				}
			}
		}
	}
	t.Logf("%d deaths", deaths)
	if deaths < 30 {
		t.Errorf("only %d processes died", deaths)
	}
}

// A process is stopped while it holds a transaction: who wants the transaction does
// not wait for whoever has stopped it.
func TestStoppedHolder(t *testing.T) {
	t.Setenv(kill.EnvStop, "1")
	a := fileArena(t)
	s := newScene(t, a, 1, scenes[0])
	defer s.close()
	invite := s.steps[0]
	gen, err := a.Spawn(victim, 1, victim)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(task{Gen: gen, Script: s.script, From: invite.from, Raw: invite.msg(s.seen), ID: 7, Clock: s.nodes[0].env.Clock})
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), envTask+"="+string(text), kill.Env+"=tm.branch.3:1", "GOMAXPROCS=2")
	cmd.ExtraFiles = []*os.File{a.File()}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	for end := time.Now().Add(10 * time.Second); !stopped(cmd.Process.Pid); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it has not stopped")
		}
	}
	dead := make(chan error, 1)
	go func() { // what the supervisor does
		err := cmd.Wait()
		a.MarkDead(victim)
		dead <- err
	}()
	began := time.Now()
	s.deliverAs(0, invite.from, invite.msg(s.seen), 8)
	if took := time.Since(began); took > 2*time.Second || a.Stats().PutDown != 1 {
		t.Errorf("a retransmission took %v, %d processes were killed: want one, soon", took, a.Stats().PutDown)
	}
	select {
	case <-dead:
	case <-time.After(5 * time.Second):
		t.Fatal("the stopped process lives")
	}
}

func stopped(pid int) bool {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return strings.Contains(string(b), ") T ")
}
