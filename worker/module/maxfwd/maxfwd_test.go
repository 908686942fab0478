package maxfwd

import (
	"fmt"
	"strings"
	"testing"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func request(t testing.TB, header string) (*moduletest.Env, *module.Ctx) {
	e := moduletest.New(t)
	raw := strings.Replace(moduletest.Options, "Max-Forwards: 70\n", header, 1)
	return e, e.Request(raw)
}

func args(n int32) *module.Args {
	a := new(module.Args)
	a.Init(make([]check.Arg, 1), nil, nil)
	a.Set(0, module.IntValue(n))
	return a
}

// The returns were seen on Kamailio 5.6.3.
func TestProcess(t *testing.T) {
	for _, tc := range []struct {
		header string
		arg    int32
		want   int
		leaves string
	}{
		{"Max-Forwards: 70\n", 10, 1, "Max-Forwards: 69\r\n"},
		{"Max-Forwards: 1\n", 10, 1, "Max-Forwards: 0\r\n"},
		{"Max-Forwards: 0\n", 10, -1, "Max-Forwards: 0\r\n"},
		{"Max-Forwards: 200\n", 10, 1, "Max-Forwards: 70\r\n"},
		{"Max-Forwards: 71\n", 10, 1, "Max-Forwards: 70\r\n"},
		{"Max-Forwards: 300\n", 10, 1, "Max-Forwards: 70\r\n"},
		{"Max-Forwards: abc\n", 10, -2, "Max-Forwards: abc\r\n"},
		{"Max-Forwards: 1\n", 300, -1, "Max-Forwards: 1\r\n"},
		{"Max-Forwards: 1\n", 0, 1, "Max-Forwards: 0\r\n"},
		{"", 0, 2, "SIP/2.0\r\nMax-Forwards: 0\r\nVia"},
		{"", 10, 2, "SIP/2.0\r\nMax-Forwards: 10\r\nVia"},
	} {
		t.Run(fmt.Sprint(tc.header, tc.arg), func(t *testing.T) {
			_, c := request(t, tc.header)
			for range 2 { // the second call says the same and changes nothing
				if got := process(c, args(tc.arg)); got != tc.want {
					t.Fatalf("returned %d, want %d", got, tc.want)
				}
			}
			out := string(c.Edits.AppendTo(nil, &c.SIP))
			if !strings.Contains(out, tc.leaves) || strings.Count(out, "Max-Forwards") != 1 {
				t.Errorf("want %q once in\n%s", tc.leaves, out)
			}
			if c.MaxForwardsDone != (tc.want > 0) {
				t.Errorf("MaxForwardsDone is %v", c.MaxForwardsDone)
			}
		})
	}
}

// Seen on Kamailio 5.6.3, too.
func TestIsLess(t *testing.T) {
	for _, tc := range []struct {
		header string
		arg    int32
		want   int
	}{
		{"Max-Forwards: 69\n", 70, 1},
		{"Max-Forwards: 69\n", 69, -1},
		{"Max-Forwards: 69\n", 10, -1},
		{"Max-Forwards: 0\n", 10, 1},
		{"Max-Forwards: 0\n", 300, -1},
		{"Max-Forwards: abc\n", 10, -3},
		{"", 10, -2},
		{"", 0, -2},
	} {
		_, c := request(t, tc.header)
		if got := isLess(c, args(tc.arg)); got != tc.want {
			t.Errorf("%q < %d: returned %d, want %d", tc.header, tc.arg, got, tc.want)
		}
	}
}

// The count that this hop has left counts.
func TestIsLessAfterProcess(t *testing.T) {
	_, c := request(t, "Max-Forwards: 66\n")
	process(c, args(10))
	if got, again := isLess(c, args(66)), isLess(c, args(65)); got != 1 || again != -1 {
		t.Errorf("65 < 66: %d, 65 < 65: %d", got, again)
	}
}

func TestLimit(t *testing.T) {
	defer func() { limit = defaultLimit }()
	for _, n := range []int32{0, -1, 256} {
		if setLimit(module.IntValue(n)) == nil {
			t.Errorf("max_limit %d was taken", n)
		}
	}
	if err := setLimit(module.IntValue(20)); err != nil {
		t.Fatal(err)
	}
	_, c := request(t, "Max-Forwards: 70\n")
	process(c, args(10))
	if out := string(c.Edits.AppendTo(nil, &c.SIP)); !strings.Contains(out, "Max-Forwards: 20\r\n") {
		t.Errorf("want 20 in\n%s", out)
	}
}

func TestNoAllocation(t *testing.T) {
	for _, header := range []string{"Max-Forwards: 70\n", ""} {
		_, c := request(t, header)
		a := args(10)
		raw, recv := c.SIP.Raw, c.Recv
		if n := testing.AllocsPerRun(100, func() {
			c.Reset()
			c.Recv = recv
			if c.SIP.Parse(raw) != nil || process(c, a) < 1 {
				t.Fatal("failed")
			}
		}); n != 0 {
			t.Errorf("%q: %v allocations", header, n)
		}
	}
}

func BenchmarkProcess(b *testing.B) {
	_, c := request(b, "Max-Forwards: 70\n")
	a := args(10)
	for b.Loop() {
		c.Edits.Reset()
		c.MaxForwardsDone = false
		process(c, a)
	}
}
