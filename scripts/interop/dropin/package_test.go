//go:build interop

package dropin

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"goser/scripts/interop/internal/peer"
)

// box runs a script in a machine of its own that finds the files in /run/box.
func box(t *testing.T, script string, files map[string]string) {
	t.Helper()
	needRoot(t)
	dir, in := t.TempDir(), t.TempDir()
	for name, from := range files {
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(in, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	abs := func(path string) string {
		path, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := exec.Command("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "sh",
		abs("testdata/box.sh"), dir, abs(script))
	c.Env = append(os.Environ(), "BOX_FILES="+in, "DEBIAN_FRONTEND=noninteractive", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "== all of it") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestPackage installs, starts, restarts, upgrades, removes and purges the Debian package.
func TestPackage(t *testing.T) {
	bin := filepath.Dir(peer.Binary(t, "ser"))
	stage := t.TempDir()
	program, err := os.ReadFile(filepath.Join(bin, "ser"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(stage, "ser"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("../../debian/build.sh", stage, "v1.2-3-gabcdef").Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	deb := strings.TrimSpace(string(out))
	if !strings.Contains(deb, "ser_1.2+3+gabcdef_") {
		t.Errorf("the package is called %s", deb)
	}
	box(t, "testdata/package.sh", map[string]string{"ser.deb": deb})
}
