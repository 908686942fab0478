package peer

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// built is our programs, built once for all tests of one test binary.
var built struct {
	once sync.Once
	dir  string
	err  error
}

// Main runs a package's tests and removes what Binary built.
func Main(m *testing.M) int {
	defer func() {
		if built.dir != "" {
			os.RemoveAll(built.dir)
		}
	}()
	return m.Run()
}

// Binary is the path of one of our programs: from the folder that GOSER_BIN names, else built.
func Binary(t testing.TB, name string) string {
	t.Helper()
	if dir := os.Getenv("GOSER_BIN"); dir != "" {
		return filepath.Join(dir, name)
	}
	built.once.Do(func() { built.dir, built.err = build() })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, name)
}

// build builds our programs. It lists the folders they are made from, so that `go test` knows that its
// cached result is no longer good when one of the files has changed.
func build() (string, error) {
	root, err := filepath.Abs(moduleRoot())
	if err != nil {
		return "", err
	}
	for _, dir := range []string{"cmd", "supervisor", "worker", "shm", "cfg", "sip"} {
		if err := filepath.WalkDir(filepath.Join(root, dir), func(string, os.DirEntry, error) error { return nil }); err != nil {
			return "", err
		}
	}
	dir, err := os.MkdirTemp("", "goser-bin-")
	if err != nil {
		return "", err
	}
	c := exec.Command("go", "build", "-o", dir+"/", "goser/cmd/ser", "goser/cmd/sipload")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return dir, nil
}

func program(t testing.TB, kind Kind) string {
	t.Helper()
	if kind == Ours {
		return Binary(t, "ser")
	}
	return Need(t, "kamailio", "kamailio")
}

// moduleRoot is the folder of go.mod, seen from where a test runs.
func moduleRoot() string {
	dir := "."
	for range 8 {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Join(dir, "..")
	}
	return "."
}

// Need finds a program of the system; without it the test fails and says which package has it.
func Need(t testing.TB, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: apt-get install %s", name, pkg)
	}
	return path
}

func kamailioModules(t testing.TB) string {
	t.Helper()
	dirs, _ := filepath.Glob("/usr/lib/*/kamailio/modules")
	if len(dirs) == 0 {
		t.Fatal("Kamailio's modules are missing: apt-get install kamailio")
	}
	return dirs[0] + "/"
}

// Expand replaces @NAME@ by its value.
func Expand(text string, values map[string]string) string {
	pairs := make([]string, 0, 2*len(values))
	for name, value := range values {
		pairs = append(pairs, "@"+name+"@", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
