//go:build interop

package interop

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"goser/scripts/interop/internal/peer"
)

// differsCheck names the cases of testdata/check that Kamailio accepts and we
// refuse, each with its difference.
var differsCheck = map[string]string{
	"define_no_name": "directives-without-effect",
	"else_alone":     "directives-without-effect",
}

// TestSameFilesAccepted gives both servers the files of testdata/check with -c: what one of them refuses,
// the other refuses, too.
func TestSameFilesAccepted(t *testing.T) {
	kamailio := peer.Need(t, "kamailio", "kamailio")
	ser, err := filepath.Abs(filepath.Join(os.Getenv("GOSER_BIN"), "ser"))
	if err != nil {
		t.Fatal(err)
	}
	cases, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil || len(cases) < 20 {
		t.Fatalf("%d cases, want at least 20 (%v)", len(cases), err)
	}
	for _, file := range cases {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := unpack(t, file)
			theirs, said := accepts(t, dir, kamailio)
			ours, saidWe := accepts(t, dir, ser)
			if want := differsCheck[name] == ""; (theirs == ours) != want || !want && !theirs {
				t.Errorf("Kamailio accepts: %v, we accept: %v\n%s\n%s", theirs, ours, said, saidWe)
			}
			if !ours && !strings.Contains(saidWe, ": error: ") {
				t.Errorf("the refusal does not say where:\n%s", saidWe)
			}
		})
	}
}

func unpack(t *testing.T, file string) (dir string) {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, f := range ar.Files {
		path := filepath.Join(dir, f.Name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, f.Data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// accepts is whether -c lets main.cfg pass, and what it says. A server that
// has not ended after a while, or died of a signal, answers nothing.
func accepts(t *testing.T, dir, program string) (ok bool, said string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "-c", "-f", "main.cfg", "-A", "FLAG", "-A", "NUMBER=2")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOSER_LEVEL=2")
	timer := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.CombinedOutput()
	if err == nil {
		return true, string(out)
	}
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() < 0 {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return false, string(out)
}
