package format

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/syntax"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

var options = syntax.Options{Open: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}

// TestGolden lays out each testdata/*.in as *.out shows.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.in")
	if len(files) == 0 {
		t.Fatal("no goldens")
	}
	for _, name := range files {
		in, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Source(name, in, options)
		if err != nil {
			t.Error(err)
			continue
		}
		golden := strings.TrimSuffix(name, ".in") + ".out"
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, _ := os.ReadFile(golden)
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
		again(t, name, got)
	}
}

// again holds that formatting what is formatted changes nothing.
func again(t *testing.T, name string, out []byte) {
	t.Helper()
	twice, err := Source(name, out, options)
	if err != nil {
		t.Fatalf("%s: formatted text: %v\n%s", name, err, out)
	}
	if d := cmp.Diff(string(out), string(twice)); d != "" {
		t.Fatalf("%s: formatting twice differs:\n%s", name, d)
	}
}

// TestCorpus formats every configuration this project has. Source compares the
// programs itself.
func TestCorpus(t *testing.T) {
	n := 0
	for _, text := range corpus(t) {
		out, err := Source("ser.cfg", []byte(text), options)
		if err != nil {
			if strings.Contains(err.Error(), ErrChanged.Error()) {
				t.Errorf("%v\n%s", err, text)
			}
			continue // not made of words of the language
		}
		again(t, "ser.cfg", out)
		n++
	}
	if n < 150 {
		t.Errorf("only %d configurations", n)
	}
}

func corpus(t testing.TB) []string {
	var all []string
	for _, pattern := range []string{
		"testdata/*.in", "../testdata/*/*", "../../worker/*/testdata/*.cfg", "../../worker/module/*/testdata/*.cfg",
		"../../scripts/*.cfg", "../../scripts/*/*.cfg", "../../scripts/interop/testdata/*.txtar",
	} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, parts(name, string(data))...)
		}
	}
	return all
}

// parts are the configurations in a file: all of it, the cases of a golden, or
// the cfg file of a txtar.
func parts(name, data string) []string {
	if strings.HasSuffix(name, ".txtar") {
		_, text, ok := strings.Cut(data, "-- cfg --\n")
		if !ok {
			return nil
		}
		text, _, _ = strings.Cut(text, "\n-- ")
		return []string{text + "\n"}
	}
	var out []string
	for _, c := range strings.Split(data, "----------------------------------------\n") {
		c, _, _ = strings.Cut(c, "====\n")
		c, _, _ = strings.Cut(c, "\n-- ")
		out = append(out, c)
	}
	return out
}

// FuzzFormat: what can be formatted means the same, and is formatted once and
// for all.
func FuzzFormat(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := Source("f", src, options)
		if err != nil {
			if strings.Contains(err.Error(), ErrChanged.Error()) {
				t.Fatalf("%v\n%s", err, src)
			}
			return
		}
		again(t, "f", out)
	})
}
