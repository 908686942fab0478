package kill

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv("GOSER_KILL_CHILD") != "" {
		if err := FromEnv(); err != nil {
			os.Exit(3)
		}
		for range 3 {
			Point("one")
			Point("two")
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestFromEnv(t *testing.T) {
	for env, want := range map[string]string{
		"": "exit 0", "one": "killed", "two:3": "killed", "two:4": "exit 0", ":6": "killed", ":7": "exit 0",
		"none": "exit 0", "one:x": "exit 3", "one:0": "exit 3",
	} {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), "GOSER_KILL_CHILD=1", Env+"="+env)
		_ = cmd.Run()
		st := cmd.ProcessState.Sys().(syscall.WaitStatus)
		got := "exit " + string(rune('0'+st.ExitStatus()))
		if st.Signaled() && st.Signal() == syscall.SIGKILL {
			got = "killed"
		}
		if got != want {
			t.Errorf("%s=%q: %s, want %s", Env, env, got, want)
		}
	}
}

func TestRecord(t *testing.T) {
	Record()
	defer Disarm()
	Point("a")
	Point("a")
	Point("b")
	hits, total := Hits()
	if hits["a"] != 2 || hits["b"] != 1 || total != 3 {
		t.Errorf("%v, %d", hits, total)
	}
	Disarm()
	Point("a")
	if hits, _ := Hits(); len(hits) != 0 {
		t.Errorf("recorded while disarmed: %v", hits)
	}
}

func BenchmarkPoint(b *testing.B) {
	for b.Loop() {
		Point("x")
	}
}

// A function that dies under Try passes no point any more: not in what it has
// deferred either.
func TestTry(t *testing.T) {
	passed := ""
	f := func() {
		defer func() {
			Point("deferred")
			passed += "d"
		}()
		Point("a")
		passed += "a"
		Point("b")
		passed += "b"
	}
	for _, c := range []struct {
		name       string
		nth        int64
		at, passed string
	}{{"", 1, "a", ""}, {"", 2, "b", "a"}, {"b", 1, "b", "a"}, {"", 3, "deferred", "ab"}, {"", 4, "", "abd"}, {"x", 1, "", "abd"}, {"def.", 1, "", "abd"}} {
		passed = ""
		if at := Try(c.name, c.nth, f); at != c.at || passed != c.passed {
			t.Errorf("%q, %d: died at %q having passed %q, want %q and %q", c.name, c.nth, at, passed, c.at, c.passed)
		}
	}
	defer func() {
		if recover() != "mine" {
			t.Error("a panic of the function's own is lost")
		}
		Point("a")
	}()
	Try("", 9, func() { panic("mine") })
}
