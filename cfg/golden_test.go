package cfg_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"goser/cfg"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

// A golden file holds cases between lines of dashes: a title, the input, a line
// ====, and what is printed. Lines "-- NAME --" in the input start a further
// file that the configuration may include.
const (
	caseLine = "----------------------------------------\n"
	midLine  = "====\n"
)

func TestErrors(t *testing.T) {
	files, _ := filepath.Glob("testdata/errors/*.txt")
	total := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for i, c := range strings.Split(string(data), caseLine) {
			if i > 0 {
				out.WriteString(caseLine)
			}
			input, want, _ := strings.Cut(c, midLine)
			got := explain(input)
			out.WriteString(input + midLine + got)
			total++
			title, _, _ := strings.Cut(input, "\n")
			if !*update {
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s: %s\n%s", file, title, d)
				}
			}
		}
		if *update {
			if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if total < 60 {
		t.Errorf("only %d goldens of errors", total)
	}
}

// load reads a golden's input: its first line is the title, and stays there as
// a comment.
func load(input string) (*cfg.Program, *cfg.Diagnostics) {
	main, files := splitFiles(input)
	return cfg.Load("ser.cfg", main, cfg.Options{Open: opener(files)}, fakeCatalog{})
}

func explain(input string) string {
	_, diag := load(input)
	var b bytes.Buffer
	diag.Print(&b)
	return b.String()
}

func splitFiles(input string) ([]byte, map[string]string) {
	parts := strings.Split(input, "\n-- ")
	files := map[string]string{}
	for _, p := range parts[1:] {
		name, body, _ := strings.Cut(p, " --\n")
		files[name] = body + "\n"
	}
	return []byte(parts[0]), files
}

func opener(files map[string]string) func(string) ([]byte, error) {
	m := fstest.MapFS{}
	for n, s := range files {
		m[n] = &fstest.MapFile{Data: []byte(s)}
	}
	return func(name string) ([]byte, error) { return m.ReadFile(name) }
}
