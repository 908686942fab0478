// Package proc measures a program from outside, over all its processes: the CPU time they used and
// the memory they hold. Linux only.
//
// CPU time is read from each process's own clock (clock_gettime of its CPU clock: nanoseconds, ended
// threads included; /proc/PID/task/*/schedstat where a kernel refuses that). Processes may be born
// and may die meanwhile: those found to be gone count with what was last seen of them or with what
// the processes that waited for them report as their children's time (/proc/PID/stat, in units
// of 10 ms), whichever is more, so no work is counted twice and little is missed.
package proc

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

type process struct {
	pid   int
	born  uint64        // start time, tells a reused pid apart
	own   time.Duration // last seen
	waits time.Duration // of children it has waited for, last seen
}

// Tree follows a process and all its descendants.
type Tree struct {
	root  int
	live  map[int]*process
	gone  time.Duration // a floor for the time of those that ended
	stats func() (map[int]Stat, error)
	clock func(pid int) (time.Duration, error)
}

// Watch begins to follow process root.
func Watch(root int) (*Tree, error) {
	t := &Tree{root: root, live: map[int]*process{}, stats: readStats, clock: cpuClock}
	if err := t.Discover(); err != nil {
		return nil, err
	}
	if t.live[root] == nil {
		return nil, fmt.Errorf("proc: there is no process %d", root)
	}
	return t, nil
}

// Discover looks for new and for ended processes; call it now and then. Between two calls, Sample
// suffices.
func (t *Tree) Discover() error {
	stats, err := t.stats()
	if err != nil {
		return err
	}
	for pid, p := range t.live {
		if s, ok := stats[pid]; !ok || s.Start != p.born {
			t.bury(p)
		}
	}
	var waits time.Duration
	for pid, s := range stats {
		if p := t.live[pid]; p == nil && t.descends(pid, stats) {
			t.live[pid] = &process{pid: pid, born: s.Start}
		}
		if p := t.live[pid]; p != nil {
			p.waits = s.Children
			waits += s.Children
		}
	}
	t.gone = max(t.gone, waits)
	t.Sample()
	return nil
}

// bury adds what an ended process used to the floor: whoever waits for it will report it as well,
// in time for the next Discover.
func (t *Tree) bury(p *process) {
	t.gone += p.own
	delete(t.live, p.pid)
}

// descends tells whether pid is the root or below it, by the parents of this moment or, when a
// parent died and its children fell to init, because the parent was known.
func (t *Tree) descends(pid int, stats map[int]Stat) bool {
	for range 64 {
		if pid == t.root || t.live[pid] != nil {
			return true
		}
		s, ok := stats[pid]
		if !ok || s.Parent <= 1 {
			return false
		}
		pid = s.Parent
	}
	return false
}

// Sample reads the CPU clock of every known process, about a microsecond each.
func (t *Tree) Sample() {
	for _, p := range t.live {
		if d, err := t.clock(p.pid); err == nil && d > p.own {
			p.own = d
		}
	}
}

// CPU is the time used by all processes since each began, after a Discover of this moment.
func (t *Tree) CPU() (time.Duration, error) {
	if err := t.Discover(); err != nil {
		return 0, err
	}
	total := t.gone
	for _, p := range t.live {
		total += p.own
	}
	return total, nil
}

// PIDs lists the living, the root first.
func (t *Tree) PIDs() []int {
	var pids []int
	for pid := range t.live {
		pids = append(pids, pid)
	}
	sort.Slice(pids, func(i, j int) bool {
		if (pids[i] == t.root) != (pids[j] == t.root) {
			return pids[i] == t.root
		}
		return pids[i] < pids[j]
	})
	return pids
}

// cpuClock reads the CPU clock of a process, as clock_getcpuclockid(3) names it.
func cpuClock(pid int) (time.Duration, error) {
	const schedClock = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedClock), &ts); err == nil {
		return time.Duration(ts.Nano()), nil
	}
	return schedstat(pid)
}

// schedstat sums the run time of all living threads.
func schedstat(pid int) (time.Duration, error) {
	dir := "/proc/" + strconv.Itoa(pid) + "/task"
	tasks, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, task := range tasks {
		b, err := os.ReadFile(dir + "/" + task.Name() + "/schedstat")
		if err != nil {
			continue
		}
		d, err := parseSchedstat(b)
		if err != nil {
			return 0, err
		}
		sum += d
	}
	return sum, nil
}

// readStats reads /proc/PID/stat of every process.
func readStats() (map[int]Stat, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("proc: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("proc: %w", err)
	}
	stats := make(map[int]Stat, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		b, err := os.ReadFile("/proc/" + name + "/stat")
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue // ended while we looked
		}
		if err != nil {
			return nil, fmt.Errorf("proc: %w", err)
		}
		if stats[pid], err = ParseStat(b); err != nil {
			return nil, err
		}
	}
	return stats, nil
}
