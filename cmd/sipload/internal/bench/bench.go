// Package bench compares two SIP servers on the same machine, the same configuration files and the
// same load: Kamailio and ours, in turn, several rounds. Each server has one CPU for itself and the
// generator another; every figure is the median of the rounds, with the range beside it.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"goser/cmd/sipload/internal/load"
	"goser/cmd/sipload/internal/proc"
)

// ErrTargets says that the comparison ran and ours did not do what Check demands.
var ErrTargets = errors.New("bench: ours missed a target")

// Config is what to compare and how.
type Config struct {
	Ours, Kamailio string        // programs
	Only           string        // "", "kamailio" or "ours"
	Configs        string        // folder with the files of the same names
	Write          string        // markdown file for the results, "" for none
	Command        string        // how the file says it was made
	Rounds         int           // medians are over so many
	Time           time.Duration // of each measurement
	Warmup         time.Duration // before each
	Window         int           // transactions under way, closed loop
	Calls          int           // calls under way
	Children       []int
	ServerCPU      int
	LoadCPU        int
	Check          bool // a missed target is an error
}

// Default is what the command line starts from.
func Default() Config {
	c := Config{
		Ours: "bin/ser", Kamailio: "kamailio", Configs: "scripts/bench", Command: "make bench", Rounds: 3,
		Time: 2 * time.Second, Warmup: 2 * time.Second, Window: 64, Calls: 20, Children: []int{1, 8},
	}
	c.ServerCPU, c.LoadCPU = twoCPUs()
	return c
}

// twoCPUs picks the first two this process may use; with a single one, both are it.
func twoCPUs() (first, second int) {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return 0, 1
	}
	var have []int
	for cpu := 0; len(have) < 2 && cpu < 1024; cpu++ {
		if set.IsSet(cpu) {
			have = append(have, cpu)
		}
	}
	return have[0], have[len(have)-1]
}

// contender is one of the servers.
type contender struct {
	name, path string
	required   bool // every configuration must work with it
}

// bench is one comparison under way.
type bench struct {
	Config
	out     io.Writer
	dir     string
	servers []contender
	data    samples
	half    map[string]float64 // by measurement: half of Kamailio's maximum
	notes   []string
	noted   map[string]bool
}

// Run compares and prints the tables.
func Run(ctx context.Context, cfg Config, out io.Writer) error {
	b := &bench{Config: cfg, out: out, data: samples{}, half: map[string]float64{}, noted: map[string]bool{}}
	if err := b.prepare(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sipload-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir
	for round := range cfg.Rounds {
		for _, s := range b.servers {
			fmt.Fprintf(out, "round %d of %d: %s\n", round+1, cfg.Rounds, s.name)
			for _, children := range cfg.Children {
				if err := b.one(ctx, s, children); err != nil {
					return err
				}
			}
		}
		if err := b.floorRow(ctx); err != nil {
			return err
		}
	}
	return b.report()
}

// floorRow measures what nothing that answers over UDP here can be cheaper than, at the same loads.
func (b *bench) floorRow(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	n := b.Children[0]
	return b.with(ctx, contender{floor, self, true}, "no", n, func(s *server) error {
		return b.measure(ctx, s, work{load.Options, load.Options, b.Window, true}, n)
	})
}

// prepare checks what can be checked before anything is started.
func (b *bench) prepare() error {
	if b.Rounds < 1 || b.Time < 100*time.Millisecond || b.Window < 1 || b.Calls < 1 || len(b.Children) == 0 {
		return errors.New("bench: --rounds, --window, --calls must be at least 1, --time 100ms, --children not empty")
	}
	if b.Only != "" && b.Only != "kamailio" && b.Only != "ours" {
		return fmt.Errorf("bench: --only is kamailio or ours, not %q", b.Only)
	}
	if b.Only != "ours" {
		path, err := exec.LookPath(b.Kamailio)
		if err != nil {
			return fmt.Errorf("bench: no %s to compare with (apt-get install kamailio): %w", b.Kamailio, err)
		}
		b.servers = append(b.servers, contender{"Kamailio", path, true})
	}
	if b.Only != "kamailio" {
		path, err := filepath.Abs(b.Ours)
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return fmt.Errorf("bench: our server is not built (make build): %w", err)
		}
		b.servers = append(b.servers, contender{"ours", path, false})
	}
	for _, name := range []string{"stateless.cfg", "call.cfg", "register.cfg", "script.cfg"} {
		if _, err := os.Stat(filepath.Join(b.Configs, name)); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
	}
	if b.ServerCPU == b.LoadCPU {
		b.note("server and generator had to share one CPU: throughput and latency mean little")
	}
	return nil
}

// note keeps a remark for the report, once.
func (b *bench) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !b.noted[text] {
		b.noted[text] = true
		b.notes = append(b.notes, text)
		fmt.Fprintln(b.out, "  note:", text)
	}
}

// work is what is measured together: one kind of load with one configuration.
type work struct {
	row    load.Scenario // what the tables call it
	load   load.Scenario // what the generator sends
	window int           // transactions under way at full load
	half   bool          // also at half of Kamailio's maximum
}

// scripted is the row of script.cfg: MESSAGEs that a long script works on.
const scripted load.Scenario = "script"

// jobs are the configurations and what is measured with each.
func (b *bench) jobs() []job {
	return []job{
		{"stateless", []work{{load.Options, load.Options, b.Window, true}, {load.Message, load.Message, b.Window, true}}},
		{"call", []work{{load.Call, load.Call, b.Calls, true}}},
		{"register", []work{{load.Register, load.Register, b.Window, false}}},
		{"script", []work{{scripted, load.Message, b.Window, false}}},
	}
}

type job struct {
	cfg   string
	works []work
}

// one measures one server with one number of workers.
func (b *bench) one(ctx context.Context, c contender, children int) error {
	for _, j := range b.jobs() {
		err := b.with(ctx, c, j.cfg, children, func(s *server) error {
			for _, w := range j.works {
				if err := b.measure(ctx, s, w, children); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if c.name != ours || len(b.data[ours][key{load.Call, arenaTx, children}]) > 0 {
		return nil // memory is not a matter of chance: once is enough
	}
	return b.with(ctx, c, "call", children, func(s *server) error { return b.transactions(ctx, s, children) })
}

// measure runs one kind of load, with as much of it as the server takes and with half of that.
func (b *bench) measure(ctx context.Context, s *server, w work, children int) error {
	if err := b.full(ctx, s, w, children); err != nil || !w.half {
		return err
	}
	return b.halfLoad(ctx, s, w, children)
}

// with runs do while the server is up. What ours cannot do yet is noted and left out, unless it is
// the stateless work, which it must do.
func (b *bench) with(ctx context.Context, c contender, cfg string, children int, do func(*server) error) error {
	s, err := b.launch(ctx, c, cfg, children)
	if err != nil {
		var refused *refusal
		if errors.As(err, &refused) && !c.required && cfg != "stateless" {
			b.note("%s.cfg: not yet with %s (%s)", cfg, c.name, refused.reason)
			return nil
		}
		return err
	}
	err = do(s)
	late := s.stop()
	if errors.Is(late, errLate) {
		b.note("%s with %s.cfg %v", s.name, cfg, late)
		late = nil
	}
	return errors.Join(err, late)
}

// full measures with as much load as the server takes.
func (b *bench) full(ctx context.Context, s *server, w work, children int) error {
	where := fmt.Sprintf("%s, %s, %d worker%s, full load", s.name, w.row, children, plural(children))
	r, err := b.quietly(ctx, s, w.load, where, "--window", fmt.Sprint(w.window))
	if err != nil {
		return err
	}
	b.judge(r, where)
	b.data.add(s.name, key{w.row, cpuFull, children}, r.Server.CPUPerTx)
	b.data.add(s.name, key{w.row, throughput, children}, r.Throughput)
	name := fmt.Sprint(w.row, children)
	if _, ok := b.half[name]; !ok {
		b.half[name] = r.Throughput / 2
	}
	return nil
}

// halfLoad measures at half of what Kamailio took with full load in the first round: the same rate
// for both servers, in all rounds.
func (b *bench) halfLoad(ctx context.Context, s *server, w work, children int) error {
	rate := b.half[fmt.Sprint(w.row, children)]
	if rate <= 0 {
		return fmt.Errorf("bench: %s finished no %s at all with %d workers", s.name, w.row, children)
	}
	where := fmt.Sprintf("%s, %s, %d worker%s, half load", s.name, w.row, children, plural(children))
	r, err := b.quietly(ctx, s, w.load, where, "--rate", fmt.Sprintf("%.0f", rate))
	if err != nil {
		return err
	}
	b.judge(r, where)
	b.data.add(s.name, key{w.row, cpuHalf, children}, r.Server.CPUPerTx)
	b.data.add(s.name, key{w.row, p99Half, children}, r.Latency.P99)
	b.data.add(s.name, key{w.row, rateHalf, children}, rate)
	if r.ByeLatency != nil {
		b.data.add(s.name, key{w.row, p99Bye, children}, r.ByeLatency.P99)
	}
	if w.row == load.Message { // the last of the stateless measurements: everything has been touched
		m := &r.Server.Memory
		b.data.add(s.name, key{"", pss, children}, mib(m.PerWorker))
		b.data.add(s.name, key{"", pssPrivate, children}, mib(m.Private))
		b.data.add(s.name, key{"", pssLargest, children}, mib(largest(m)))
		b.data.add(s.name, key{"", pssTotal, children}, mib(m.Total.PSS))
	}
	return nil
}

// largest is the PSS of the worker that holds most.
func largest(m *proc.Memory) (most int64) {
	for _, u := range m.Processes {
		if u.PID != m.Root.PID {
			most = max(most, u.PSS)
		}
	}
	return most
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// judge notes what makes a measurement less than it seems.
func (b *bench) judge(r *load.Result, where string) {
	c := &r.Counts
	if c.Lost+c.Failed+c.Unsent > 0 {
		b.note("%s: %d lost, %d failed, %d never sent of %d", where, c.Lost, c.Failed, c.Unsent, c.Started)
	}
	if c.Retransmitted > 0 {
		b.note("%s: datagrams were dropped on the way, clients sent again", where)
	}
	if c.Unexpected() > 0 {
		b.note("%s: unexpected datagrams came", where)
	}
	if r.Saturated() && r.Rate == 0 {
		b.note("%s: the generator's CPU was full, so the maximum of the server is higher than shown", where)
	}
	fmt.Fprintf(b.out, "  %-42s %8.0f/s %8.2f µs CPU  p99 %.0f µs\n", where, r.Throughput, r.Server.CPUPerTx, r.Latency.P99)
}
