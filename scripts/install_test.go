package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// install runs install.sh with a program that is none.
func install(t *testing.T, action, dest, prefix string) {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "ser"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("./install.sh", action, bin)
	c.Env = append(os.Environ(), "DESTDIR="+dest, "PREFIX="+prefix, "SYSCONFDIR=")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".md") {
			list = append(list, strings.TrimPrefix(path, dir))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Everything goes below DESTDIR, with the paths of PREFIX in it; configuration
// that is there is left alone, by uninstall, too.
func TestInstall(t *testing.T) {
	dest := t.TempDir()
	install(t, "install", dest, "/opt/ser")
	want := []string{
		"/etc/default/ser", "/etc/init.d/ser", "/etc/ser/ser.cfg", "/opt/ser/lib/systemd/system/ser.service",
		"/opt/ser/lib/tmpfiles.d/ser.conf", "/opt/ser/sbin/ser", "/opt/ser/share/man/man8/ser.8",
	}
	if got := files(t, dest); !slices.Equal(got, want) {
		t.Errorf("installed %q\nwant      %q", got, want)
	}
	for _, f := range []string{"/etc/init.d/ser", "/opt/ser/lib/systemd/system/ser.service"} {
		text, err := os.ReadFile(dest + f)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(text); !strings.Contains(s, "/opt/ser/sbin/ser") || strings.Contains(s, "/usr/sbin/ser") {
			t.Errorf("%s does not know the prefix", f)
		}
	}
	mine := []byte("# mine\n")
	for _, f := range []string{"/etc/ser/ser.cfg", "/etc/default/ser"} {
		if err := os.WriteFile(dest+f, mine, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	install(t, "install", dest, "/opt/ser")
	install(t, "uninstall", dest, "/opt/ser")
	if got := files(t, dest); !slices.Equal(got, []string{"/etc/default/ser", "/etc/ser/ser.cfg"}) {
		t.Errorf("uninstall leaves %q", got)
	}
	for _, f := range files(t, dest) {
		if text, _ := os.ReadFile(dest + f); string(text) != string(mine) {
			t.Errorf("%s was overwritten", f)
		}
	}
}
