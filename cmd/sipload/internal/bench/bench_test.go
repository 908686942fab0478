package bench

import (
	"math"
	"strings"
	"testing"
	"time"

	"goser/cmd/sipload/internal/load"
)

func TestMedianAndCell(t *testing.T) {
	d := samples{}
	k := key{load.Options, cpuFull, 1}
	if !math.IsNaN(d.median("x", k)) || d.cell("x", k) != "not measured" {
		t.Fatal("nothing measured must be no figure")
	}
	d.add("x", k, 30)
	if d.median("x", k) != 30 || d.cell("x", k) != "30.0" {
		t.Fatal(d.median("x", k), d.cell("x", k))
	}
	d.add("x", k, 10)
	if d.median("x", k) != 20 {
		t.Fatal(d.median("x", k))
	}
	d.add("x", k, 112)
	if d.median("x", k) != 30 || d.cell("x", k) != "30.0 (10.0 to 112)" {
		t.Fatal(d.median("x", k), d.cell("x", k))
	}
}

func TestRatio(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		a, b float64
		want string
	}{{1, 3, "0.33"}, {nan, 1, "-"}, {1, nan, "-"}, {1, 0, "-"}} {
		if got := ratio(c.a, c.b); got != c.want {
			t.Errorf("%v/%v = %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

func filled(oursOptions float64) *bench {
	b := &bench{Config: Default(), data: samples{}}
	for _, n := range b.Children {
		for _, s := range shares {
			b.data.add(kamailio, key{s.row, s.m, n}, 30)
			b.data.add(ours, key{s.row, s.m, n}, 10)
		}
		b.data.add(ours, key{load.Options, throughput, n}, 100)
		b.data.add(ours, key{load.Message, throughput, n}, 100)
		b.data.add(ours, key{"", pssLargest, n}, 5.5)
		b.data.add(ours, key{load.Call, arenaTx, n}, 4000)
	}
	b.data[ours][key{load.Options, cpuFull, 8}] = []float64{oursOptions}
	return b
}

func TestTargets(t *testing.T) {
	if text, missed := filled(10).results(); missed != 0 || strings.Contains(text, "MISSED") {
		t.Errorf("%d missed:\n%s", missed, text)
	}
	text, missed := filled(10.1).results()
	if missed != 1 || !strings.Contains(text, "OPTIONS, full load, workers: 8: 0.337, at most 0.333: MISSED") {
		t.Errorf("%d missed:\n%s", missed, text)
	}
	if !strings.Contains(text, "| OPTIONS answered, full load: CPU µs each | 30.0 | 10.1 | 0.34 | 2.97 |") {
		t.Errorf("no such row:\n%s", text)
	}
	b := filled(10)
	b.data[ours][key{load.Message, throughput, 8}] = []float64{96}
	if text, missed := b.results(); missed != 1 || !strings.Contains(text, "8 workers / 1: 0.96, at least 0.97: MISSED") {
		t.Errorf("%d missed:\n%s", missed, text)
	}
}

// Each share has a limit of its own.
func TestShares(t *testing.T) {
	for _, c := range []struct {
		k    key
		ours float64
		want string
	}{
		{key{scripted, cpuFull, 1}, 15.2, "script, full load, workers: 1: 0.507, at most 0.5: MISSED"},
		{key{load.Call, cpuHalf, 8}, 10.1, "call, half load, workers: 8: 0.337, at most 0.333: MISSED"},
		{key{load.Message, p99Half, 8}, 31, "MESSAGE, half load, workers: 8: 1.03, at most 1: MISSED"},
		{key{load.Call, p99Bye, 1}, 31, "BYE to 200, half load, workers: 1: 1.03, at most 1: MISSED"},
		{key{load.Call, arenaTx, 1}, 4097, "INVITE transaction, workers: 1: 4097, at most 4096: MISSED"},
	} {
		b := filled(10)
		b.data[ours][c.k] = []float64{c.ours}
		if text, missed := b.results(); missed != 1 || !strings.Contains(text, c.want) {
			t.Errorf("want %q, %d missed:\n%s", c.want, missed, text)
		}
	}
}

func TestPerTransaction(t *testing.T) {
	dump := []byte(` 0(9) NOTICE: shm_status:  count=  1000 size=   1296000 bytes (asked for 1198000) from tm.branch in class 1296, shared
 0(9) NOTICE: shm_sums:  count=  1000 size=   1296000 bytes from tm.branch, shared
 0(9) NOTICE: shm_sums:  count=     1 size=    548864 bytes from root tm.transactions, shared
 0(9) NOTICE: shm_sums:  count=  1000 size=    400000 bytes from tm.transaction, shared
 0(9) NOTICE: shm_sums:  count=  1000 size=    352000 bytes from tm.blob, shared
`)
	if got, err := perTransaction(dump); err != nil || got != 2048 {
		t.Error(got, err)
	}
	if _, err := perTransaction(nil); err == nil {
		t.Error("a dump without transactions is no figure")
	}
}

// Where the floor was measured, the target tells how low one could get.
func TestPossible(t *testing.T) {
	b := filled(10)
	b.data.add(floor, key{load.Options, cpuFull, 1}, 6)
	if text, _ := b.results(); !strings.Contains(text, "OPTIONS, full load, workers: 8 (floor 0.2): 0.333, at most 0.333: met") {
		t.Errorf("no floor:\n%s", text)
	}
}

func TestParseBusy(t *testing.T) {
	stat := []byte("cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 1 2 3 400 500 6 7 8 0 0\ncpu10 5 0 0 0 0 0 0 0 0 0\ncpu1 x 2 3 4 5 6 7 8 0 0\n")
	if d, err := parseBusy(stat, 0); err != nil || d != 270*time.Millisecond {
		t.Error(d, err)
	}
	if d, err := parseBusy(stat, 10); err != nil || d != 50*time.Millisecond {
		t.Error(d, err)
	}
	for _, cpu := range []int{1, 2} {
		if _, err := parseBusy(stat, cpu); err == nil {
			t.Errorf("CPU %d was read", cpu)
		}
	}
}
