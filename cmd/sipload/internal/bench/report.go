package bench

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"goser/cmd/sipload/internal/load"
)

// report prints the results, writes the file, and says whether the targets were met.
func (b *bench) report() error {
	tables, missed := b.results()
	fmt.Fprintf(b.out, "\n%s", tables)
	if b.Write != "" {
		if err := os.WriteFile(b.Write, []byte(b.document(tables)), 0o644); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		fmt.Fprintf(b.out, "\nwritten to %s\n", b.Write)
	}
	if b.Check && missed > 0 {
		return fmt.Errorf("%w: %d of them", ErrTargets, missed)
	}
	return nil
}

// results is the changing part of the document.
func (b *bench) results() (text string, missed int) {
	var w strings.Builder
	for _, n := range b.Children {
		fmt.Fprintln(&w, b.comparison(n))
	}
	if s := b.scaling(); s != "" {
		fmt.Fprintln(&w, s)
	}
	fmt.Fprint(&w, b.floorText())
	fmt.Fprint(&w, "Targets:\n\n")
	for _, t := range b.targets() {
		fmt.Fprintf(&w, "- %s\n", t)
		if math.IsNaN(t.value) || !t.met() {
			missed++
		}
	}
	if len(b.notes) > 0 {
		fmt.Fprint(&w, "\nNotes of this run:\n\n")
		for _, n := range b.notes {
			fmt.Fprintf(&w, "- %s\n", strings.ReplaceAll(n, "|", "\\|"))
		}
	}
	return w.String(), missed
}

// floorText says what the machine itself costs.
func (b *bench) floorText() string {
	n := b.Children[0]
	return fmt.Sprintf("The floor: a program that reads a request and copies its fields into a 200, without any of a server's work, "+
		"costs %s CPU µs each at full load (%s a second) and %s at half load. No server can be below.\n\n",
		b.data.cell(floor, key{load.Options, cpuFull, n}), b.data.cell(floor, key{load.Options, throughput, n}),
		b.data.cell(floor, key{load.Options, cpuHalf, n}))
}

const explanation = `# Benchmarks

This file is written by ` + "`%s`" + `; do not edit it. It compares Kamailio with ours in one run, so that
both saw the same machine.

How it is measured: both servers run the same files in scripts/bench, one after the other, %d rounds of
%v for each figure after %v of warm-up; a figure is the median of the rounds, the range stands beside it. The
server with all its processes is bound to CPU %d and the load generator to CPU %d. *Full load* is a
closed loop of %d transactions under way (%d calls); *half load* is an open loop at half of what
Kamailio reached with full load in the first round, the same rate for both, and latency counts from the
moment a request was meant to be sent. The generator never sleeps, so it sends on time and the server has
nobody to wake when it sends, as if its peers were on other machines. CPU time is that of all processes of the server, dead ones
included, by their own clocks in the kernel; it includes what the kernel spends on receiving and
sending. It is higher at half load, where each message wakes a sleeping process. Memory is PSS
(a page shared by n processes counts 1/n in each) after the load, over all processes but the first.

`

// origin is the command that made the file, with what makes this run less than the usual one.
func (b *bench) origin() string {
	if b.Only != "" {
		return b.Command + "` with `--only " + b.Only
	}
	return b.Command
}

// document is the whole file.
func (b *bench) document(tables string) string {
	var w strings.Builder
	fmt.Fprintf(&w, explanation, b.origin(), b.Rounds, b.Time, b.Warmup, b.ServerCPU, b.LoadCPU, b.Window, b.Calls)
	fmt.Fprintf(&w, "- date: %s\n- CPU: %s\n- kernel: %s\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), cpuModel(), kernel())
	for _, s := range b.servers {
		fmt.Fprintf(&w, "- %s: %s\n", s.name, strings.TrimSpace(versionOf(s.path)))
	}
	for _, r := range []struct {
		what string
		key  key
	}{{"OPTIONS", key{load.Options, rateHalf, 0}}, {"MESSAGE", key{load.Message, rateHalf, 0}}, {"calls", key{load.Call, rateHalf, 0}}} {
		for _, n := range b.Children {
			r.key.children = n
			if v := b.data.median(b.servers[0].name, r.key); !math.IsNaN(v) {
				fmt.Fprintf(&w, "- half load of %s with %d worker%s: %.0f/s\n", r.what, n, plural(n), v)
			}
		}
	}
	return w.String() + "\n" + tables
}

func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func kernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "unknown"
	}
	return unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
}

// versionOf is the first line that a server says of itself.
func versionOf(path string) string {
	out, _ := exec.Command(path, "-V").CombinedOutput()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if line == "" {
		return "of unknown version"
	}
	return line
}
