package proc

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseStat(t *testing.T) {
	line := "4711 (a) b (c) S 1 4711 4711 0 -1 4194560 1 2 3 4 150 25 7 3 20 0 9 0 123456 1000 5 18446744073709551615 1 1 0"
	got, err := ParseStat([]byte(line))
	want := Stat{Name: "a) b (c", State: 'S', Parent: 1, Own: 1750 * time.Millisecond, Children: 100 * time.Millisecond, Start: 123456}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{"", "1 a S", "1 (a) S 1 2", "1 (a) S x 1 1 0 -1 0 1 2 3 4 1 2 7 3 20 0 9 0 12 1"} {
		if _, err := ParseStat([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestParseSchedstat(t *testing.T) {
	if d, err := parseSchedstat([]byte("123456789 42 7\n")); err != nil || d != 123456789 {
		t.Fatal(d, err)
	}
	for _, bad := range []string{"", "1 2", "x 2 3"} {
		if _, err := parseSchedstat([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestParseRollup(t *testing.T) {
	text := "55df-7ffd ---p 00000000 00:00 0   [rollup]\nRss:  1892 kB\nPss:   363 kB\nPss_Dirty: 9 kB\nPss_Anon:  100 kB\nPss_File: 200 kB\nPss_Shmem: 63 kB\n"
	got, err := parseRollup([]byte(text))
	want := Usage{PSS: 363 << 10, Anon: 100 << 10, File: 200 << 10, Shmem: 63 << 10}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{"", "Rss: 1 kB\n", "Pss: x kB\n"} {
		if _, err := parseRollup([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestSumMemory(t *testing.T) {
	m := sumMemory(1, []Usage{{PID: 1, PSS: 10, Shmem: 1}, {PID: 2, PSS: 20, Shmem: 15}, {PID: 3, PSS: 30, Shmem: 5}})
	if m.Total.PSS != 60 || m.Workers != 2 || m.PerWorker != 25 || m.Private != 15 || m.WorkerMax.PID != 3 || m.Root.PID != 1 {
		t.Fatalf("%+v", m)
	}
}

// world is a table of processes that a test lets be born, work and die.
type world struct {
	stats  map[int]Stat
	clocks map[int]time.Duration
}

func (w *world) tree() *Tree {
	return &Tree{
		root: 10, live: map[int]*process{},
		stats: func() (map[int]Stat, error) { return w.stats, nil },
		clock: func(pid int) (time.Duration, error) { return w.clocks[pid], nil },
	}
}

func TestTreeCountsTheDead(t *testing.T) {
	const ms = time.Millisecond
	w := &world{
		stats:  map[int]Stat{1: {}, 10: {Parent: 1, Start: 1}, 11: {Parent: 10, Start: 2}, 12: {Parent: 11, Start: 3}, 99: {Parent: 1}},
		clocks: map[int]time.Duration{10: 5 * ms, 11: 100 * ms, 12: 40 * ms, 99: 7777 * ms},
	}
	tree := w.tree()
	expect := func(what string, want time.Duration) {
		t.Helper()
		if got, err := tree.CPU(); err != nil || got != want {
			t.Fatalf("%s: %v (%v), want %v", what, got, err, want)
		}
	}
	expect("three live", 145*ms)

	// 11 works on, is sampled, works a little more unseen, dies and is waited for by 10.
	w.clocks[11] = 160 * ms
	tree.Sample()
	delete(w.stats, 11)
	w.stats[10] = Stat{Parent: 1, Start: 1, Children: 170 * ms}
	w.stats[12] = Stat{Parent: 1, Start: 3} // fell to init, still ours
	expect("reaped", (5+40+170)*ms)

	// 12 dies, nobody of ours waits for it: what was seen last must stay.
	delete(w.stats, 12)
	expect("not reaped", (5+40+170)*ms)

	// A successor is born with a pid that was used before, by a stranger's child too.
	w.stats[11] = Stat{Parent: 10, Start: 50}
	w.clocks[11] = 30 * ms
	expect("reborn", (5+40+170+30)*ms)

	// It dies and another takes the same pid between two looks: both count.
	w.stats[11] = Stat{Parent: 10, Start: 60}
	w.clocks[11] = 1 * ms
	expect("same pid", (5+40+170+30+1)*ms)
	if diff := cmp.Diff([]int{10, 11}, tree.PIDs()); diff != "" {
		t.Fatal(diff)
	}
}

// spin is run as a child process by TestRealProcess: it burns CPU in a grandchild that dies.
func TestMain(m *testing.M) {
	if os.Getenv("PROC_TEST_SPIN") != "" {
		for end := time.Now().Add(150 * time.Millisecond); time.Now().Before(end); {
		}
		if os.Getenv("PROC_TEST_SPIN") == "parent" {
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), "PROC_TEST_SPIN=child")
			c.Run()
			os.Stdout.WriteString("x")
			os.Stdin.Read(make([]byte, 1))
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestRealProcess(t *testing.T) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "PROC_TEST_SPIN=parent")
	in, _ := c.StdinPipe()
	out, _ := c.StdoutPipe()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer in.Close()
	tree, err := Watch(c.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := tree.CPU()
	out.Read(make([]byte, 1))
	after, err := tree.CPU()
	if err != nil {
		t.Fatal(err)
	}
	// Parent and child spin 150 ms each by the clock; a busy machine may give them less CPU.
	if used := after - before; used < 60*time.Millisecond || used > 1500*time.Millisecond {
		t.Fatalf("used %v, want about 300ms", used)
	}
	own, err := cpuClock(c.Process.Pid)
	sched, err2 := schedstat(c.Process.Pid)
	if err != nil || err2 != nil || sched > own+5*time.Millisecond {
		t.Fatalf("clock %v (%v), schedstat %v (%v)", own, err, sched, err2)
	}
	m, err := tree.Memory()
	if err != nil || m.Root.PSS < 100<<10 || m.Total.PSS < m.Root.PSS || m.Workers != 0 {
		t.Fatalf("%v %+v", err, m)
	}
}

func TestWatchNobody(t *testing.T) {
	if _, err := Watch(1 << 29); err == nil {
		t.Fatal("watched a process that cannot exist")
	}
}
