package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A limit of open files above the hard one is raised, or stops the start where that is not allowed.
func TestOpenFilesLimit(t *testing.T) {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		t.Fatal(err)
	}
	want := r.Max + 7
	dir := t.TempDir()
	file := filepath.Join(dir, "ser.cfg")
	cfg := fmt.Sprintf("open_files_limit=%d\nauto_aliases=no\nlisten=udp:127.0.0.1:%d\nroute { exit; }\n", want, vacantPort(t))
	if err := os.WriteFile(file, []byte(cfg), 0o644); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd := exec.Command("/proc/self/exe", "-DD", "-E", "-d", "-f", file, "-w", dir)
	cmd.Env = append(os.Environ(), "SER_TEST_MAIN=1")
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	raised := fmt.Sprintf("Max open files            %d", want)
	for range 200 {
		select {
		case <-ended:
			if code := cmd.ProcessState.ExitCode(); code != 255 || !strings.Contains(said.String(), fmt.Sprintf("open_files_limit=%d", want)) {
				t.Errorf("exit code %d: %s", code, said.String())
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
		limits, _ := os.ReadFile(fmt.Sprintf("/proc/%d/limits", cmd.Process.Pid))
		if strings.Contains(string(limits), raised) {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			<-ended
			return
		}
	}
	_ = cmd.Process.Kill()
	t.Error("neither raised nor refused")
}
