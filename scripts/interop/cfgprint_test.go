//go:build interop

package interop

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"goser/scripts/interop/internal/peer"
)

// differsPrint names the cases of testdata/check whose text Kamailio prints and we refuse,
// each with its difference.
var differsPrint = map[string]string{
	"define_no_name": "directives-without-effect", "else_alone": "directives-without-effect",
}

// TestCfgPrint compares what --cfg-print says. Kamailio leaves the definitions in its text (cfg-print in
// docs/compatibility.md), so ours carries these out in both: then all but blanks is the same.
func TestCfgPrint(t *testing.T) {
	kamailio := peer.Need(t, "kamailio", "kamailio")
	ser := ours(t)
	compared := 0
	for _, c := range printCases(t) {
		theirs, theyFailed := cfgPrint(t, c.dir, kamailio, "-f", c.file)
		mine, failed := cfgPrint(t, c.dir, ser, "-f", c.file)
		if theyFailed || failed {
			if failed && !theyFailed && differsPrint[c.name] == "" && squeeze(mine) == "" && squeeze(theirs) != "" {
				t.Errorf("%s: Kamailio prints it, we print nothing", c.name)
			}
			continue
		}
		printed := filepath.Join(c.dir, "printed.cfg")
		if err := os.WriteFile(printed, theirs, 0o644); err != nil {
			t.Fatal(err)
		}
		again, failed := cfgPrint(t, c.dir, ser, "-f", printed)
		if a, b := squeeze(again), squeeze(mine); failed || a != b {
			i := 0
			for i < len(a) && i < len(b) && a[i] == b[i] {
				i++
			}
			t.Errorf("%s: after %q Kamailio has %q, we have %q", c.name, tail(a[:i]), start(a[i:]), start(b[i:]))
			continue
		}
		compared++
	}
	if compared < 100 {
		t.Errorf("%d texts compared, want 100 at least", compared)
	}
}

type printCase struct{ name, dir, file string }

// printCases are the files of testdata/check, the configurations of the other cases, and what is in
// Kamailio's own folder.
func printCases(t *testing.T) []printCase {
	var list []printCase
	for _, file := range glob(t, "testdata/check/*.txtar") {
		list = append(list, printCase{strings.TrimSuffix(filepath.Base(file), ".txtar"), unpack(t, file), "main.cfg"})
	}
	for _, file := range glob(t, "testdata/*.txtar") {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name == "cfg" && !bytes.Contains(f.Data, []byte("def GOSER")) { // that one differs on purpose
				dir := t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, "main.cfg"), f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
				list = append(list, printCase{filepath.Base(file), dir, "main.cfg"})
			}
		}
	}
	for _, file := range glob(t, "/etc/kamailio/*.cfg") {
		list = append(list, printCase{filepath.Base(file), t.TempDir(), file})
	}
	return list
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	return files
}

func cfgPrint(t *testing.T, dir, program string, args ...string) (text []byte, failed bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"--cfg-print", "-A", "FLAG", "-A", "NUMBER=2"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOSER_LEVEL=2")
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	return out.Bytes(), err != nil
}

// squeeze leaves the blanks out.
func squeeze(text []byte) string { return strings.Join(strings.Fields(string(text)), "") }

func tail(s string) string { return s[max(0, len(s)-30):] }

func start(s string) string { return s[:min(60, len(s))] }
