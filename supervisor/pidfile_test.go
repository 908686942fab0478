package supervisor

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPidFile(t *testing.T) {
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	// A living process of another name: the number was given away again.
	other := exec.Command("sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { other.Process.Kill(); other.Wait() }()
	// And one that looks like a server: a copy of ourselves.
	self := exec.Command(ourselves(t), "-test.run=^TestSleeper$")
	self.Env = append(os.Environ(), "SLEEPER=1")
	out, _ := self.StdoutPipe()
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { self.Process.Kill(); self.Wait() }()
	out.Read(make([]byte, 1)) // it runs
	for _, c := range []struct {
		name, content, want string
	}{
		{"none", "-", ""},
		{"of a dead process", fmt.Sprintln(dead.Process.Pid), ""},
		{"without line end", fmt.Sprint(dead.Process.Pid), ""},
		{"of another program", fmt.Sprintln(other.Process.Pid), ""},
		{"our own", fmt.Sprintln(os.Getpid()), ""},
		{"of a running server", fmt.Sprintln(self.Process.Pid), "running process found in the pid file"},
		{"garbage", "hello\n", "holds no pid"},
		{"empty", "", "holds no pid"},
		{"negative", "-1\n", "holds no pid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "pid")
			if c.content != "-" {
				os.WriteFile(path, []byte(c.content), 0o644)
			}
			var p pidFiles
			err := p.write(path, "")
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
					t.Fatalf("got %v, want %q and the path", err, c.want)
				}
				if b, _ := os.ReadFile(path); string(b) != c.content {
					t.Errorf("the file was changed to %q", b)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if b, _ := os.ReadFile(path); string(b) != fmt.Sprintln(os.Getpid()) {
				t.Errorf("it holds %q", b)
			}
			p.remove(slog.Default())
			if _, err := os.Stat(path); err == nil {
				t.Error("it is still there")
			}
		})
	}
}

// TestSleeper is the other process of TestPidFile.
func TestSleeper(t *testing.T) {
	if os.Getenv("SLEEPER") == "" {
		t.Skip("only as a child")
	}
	fmt.Print("x")
	time.Sleep(time.Minute)
}

func TestPidFileWithoutPermission(t *testing.T) {
	var p pidFiles
	err := p.write(filepath.Join(t.TempDir(), "no", "such", "dir"), "")
	if err == nil || !strings.Contains(err.Error(), "no such file or directory") {
		t.Errorf("got %v", err)
	}
}

// ourselves is the path of the test's program: its name counts.
func ourselves(t *testing.T) string {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
