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
	envAll  = "GOSER_TM_KILL_ALL" // every point of every package, not some
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

// step is one message of a scenario, made from what was sent before, and what
// must come of it: soon, if a timer has to help.
type step struct {
	name    string
	from    string
	msg     func(seen map[string]string) string
	to      string // "" nothing need come
	start   string
	advance time.Duration // instead of a message
}

const crashScript = `
failure_route[f] { if (t_check_status("480") && $avp(x) == "kept") { $ru = "sip:dave@192.0.2.4:5080"; t_relay(); } }
onreply_route[r] { $avp(y) = $avp(y) + "a rather long text that grows with every reply, so that its block is replaced"; }
route {
	if (method == "INVITE") {
		$avp(x) = "kept"; t_on_reply("r"); t_on_failure("f");
		append_branch("sip:carol@192.0.2.3:5080");
	}
	t_relay();
}`

func fixed(s string) func(map[string]string) string {
	return func(map[string]string) string { return s }
}

func reply(to string, method string, code int) func(map[string]string) string {
	return func(seen map[string]string) string { return answer(seen[method+" "+to], code, "Answer") }
}

var crashScenes = map[string][]step{
	"call": {
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: carol, start: "INVITE"},
		{name: "retransmit", advance: 600 * time.Millisecond, to: bob, start: "INVITE"},
		{name: "180", from: bob, msg: reply(bob, "INVITE", 180), to: alice, start: "SIP/2.0 180"},
		{name: "486", from: bob, msg: reply(bob, "INVITE", 486), to: bob, start: "ACK"},
		{name: "480", from: carol, msg: reply(carol, "INVITE", 480), to: dave, start: "INVITE"},
		{name: "200", from: dave, msg: reply(dave, "INVITE", 200), to: alice, start: "SIP/2.0 200"},
		{name: "BYE", from: alice, msg: fixed(request("BYE", toBob, "z9hG4bKb", ";tag=uas200")), to: bob, start: "BYE"},
		{name: "200 BYE", from: bob, msg: reply(bob, "BYE", 200), to: alice, start: "SIP/2.0 200"},
		{name: "wait", advance: 6 * time.Second},
	},
	"cancel": {
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: carol, start: "INVITE"},
		{name: "180", from: bob, msg: reply(bob, "INVITE", 180), to: alice, start: "SIP/2.0 180"},
		{name: "CANCEL", from: alice, msg: fixed(request("CANCEL", toBob, "z9hG4bKa", "Reason: SIP;cause=200")), to: bob, start: "CANCEL"},
		{name: "180 carol", from: carol, msg: reply(carol, "INVITE", 180), to: carol, start: "CANCEL"},
		{name: "487", from: bob, msg: reply(bob, "INVITE", 487), to: bob, start: "ACK"},
		{name: "487 carol", from: carol, msg: reply(carol, "INVITE", 487), to: alice, start: "SIP/2.0 487"},
		{name: "ACK", from: alice, msg: fixed(request("ACK", toBob, "z9hG4bKa", ";tag=uas487"))},
		{name: "wait", advance: 6 * time.Second},
	},
	"timeout": {
		{name: "INVITE", from: alice, msg: fixed(request("INVITE", toBob, "z9hG4bKa")), to: carol, start: "INVITE"},
		{name: "180", from: bob, msg: reply(bob, "INVITE", 180), to: alice, start: "SIP/2.0 180"},
		{name: "408", advance: 125 * time.Second, to: alice, start: "SIP/2.0 408"},
	},
}

// scene plays a scenario. At step at, a second process has the message and dies
// at the point; then a survivor cleans up and has the same message.
type scene struct {
	*world
	seen map[string]string
	file *shm.Arena
}

func newScene(t *testing.T) *scene {
	a, err := shm.CreateWith("tm", 64<<20, shm.Options{Rows: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	s := &scene{world: worldIn(t, a, 1, crashScript), seen: map[string]string{}, file: a}
	t.Cleanup(func() { tm.Forget(s.nodes[0].env) })
	return s
}

// run does a step here, or in a process that is to die at the point. It tells
// whether it died.
func (s *scene) run(k step, id uint64, point string) (died bool) {
	raw := ""
	if k.msg != nil {
		raw = k.msg(s.seen)
	}
	if point != "" {
		if died = s.elsewhere(k, raw, id, point); !died {
			s.learn(k)
			return false
		}
		s.file.MarkDead(victim)
		if _, err := s.nodes[0].env.Proc().Reap(victim); err != nil {
			s.t.Fatalf("reap: %v", err)
		}
		if err := shm.Check(s.file); err != nil {
			s.t.Fatalf("after a death at %s in step %s: %v", point, k.name, err)
		}
	}
	if k.advance > 0 {
		s.advance(k.advance)
		if died { // what it had sent before died with its pipe
			k.to = ""
		}
	} else {
		s.deliverAs(0, k.from, raw, id)
	}
	s.learn(k)
	return died
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
		if found {
			return
		}
		s.advance(300 * time.Millisecond)
	}
	s.t.Fatalf("step %s: no %q was sent to %s", k.name, k.start, k.to)
}

func (s *scene) elsewhere(k step, raw string, id uint64, point string) bool {
	gen, err := s.file.Spawn(victim, 1, victim)
	if err != nil {
		s.t.Fatal(err)
	}
	text, _ := json.Marshal(task{Gen: gen, Script: crashScript, From: k.from, Raw: raw, ID: id, Clock: s.nodes[0].env.Clock, Advance: k.advance})
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), envTask+"="+string(text), kill.Env+"="+point, "GOMAXPROCS=2")
	cmd.ExtraFiles = []*os.File{s.file.File()}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
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
	s.file.MarkDead(victim)
	_, _ = s.nodes[0].env.Proc().Reap(victim)
	for _, n := range s.nodes {
		n.env.Clock = n.env.Clock.Add(k.advance)
	}
	return false
}

// points are the kill points that each step of a scenario passes, and how often.
func points(t *testing.T, steps []step) (byStep []map[string]int, totals []int64) {
	s := newScene(t)
	for i, k := range steps {
		kill.Record()
		s.run(k, uint64(i+1), "")
		hits, total := kill.Hits()
		kill.Disarm()
		byStep, totals = append(byStep, hits), append(totals, total)
	}
	return byStep, totals
}

// A worker that dies at any point of tm's, and at random ones of all the rest,
// leaves the transaction usable: the message that is run again brings what it
// had to bring, the call goes its way, nothing is left in the arena.
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
	for name, steps := range crashScenes {
		byStep, totals := points(t, steps)
		for at, hits := range byStep {
			var plan []string
			for p, n := range hits {
				if strings.HasPrefix(p, "tm.") && (os.Getenv(envAll) != "" || !passed[p+steps[at].name]) {
					passed[p+steps[at].name] = true
					plan = append(plan, fmt.Sprintf("%s:%d", p, 1+rnd.IntN(n)))
				}
			}
			slices.Sort(plan)
			few := int64(1)
			if os.Getenv(envAll) != "" {
				few = totals[at]
			}
			for n := range few {
				if few == 1 {
					n = rnd.Int64N(totals[at])
				}
				plan = append(plan, fmt.Sprintf(":%d", n+1))
			}
			for _, p := range plan {
				if playWith(t, name, steps, at, p) {
					deaths++
				}
				if t.Failed() {
					t.Fatalf("scene %s, step %q, death at %s", name, steps[at].name, p)
				}
			}
		}
	}
	t.Logf("%d deaths", deaths)
	if deaths < 50 {
		t.Errorf("only %d processes died", deaths)
	}
}

// playWith plays a scenario with a death at one step.
func playWith(t *testing.T, name string, steps []step, at int, point string) (died bool) {
	s := newScene(t)
	defer func() {
		if t.Failed() {
			t.Logf("scene %s, step %q, death at %s", name, steps[at].name, point)
		}
	}()
	for i, k := range steps {
		p := ""
		if i == at {
			p = point
		}
		died = s.run(k, uint64(i+1), p) || died
	}
	s.advance(60 * time.Second)
	if name == "timeout" {
		s.advance(60 * time.Second)
	}
	s.take()
	s.empty()
	return died
}
