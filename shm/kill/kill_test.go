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
