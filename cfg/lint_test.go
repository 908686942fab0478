package cfg_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/check"
	"goser/cfg/lint"
	"goser/cfg/syntax"
)

// lints runs the rules over a golden's input.
func lints(input string, off ...string) string {
	main, files := splitFiles(input)
	tree, diag := syntax.Parse("ser.cfg", main, syntax.Options{Open: opener(files)})
	prog := check.Check(tree, fakeCatalog{}, diag)
	left, err := lint.Run(tree, prog, diag, off)
	if err != nil {
		return err.Error() + "\n"
	}
	var b bytes.Buffer
	diag.Print(&b)
	if len(left) > 0 {
		fmt.Fprintln(&b, "left out:", strings.Join(left, ", "))
	}
	return b.String()
}

// TestLint holds testdata/lint.txt, a golden file as those of errors. Every rule
// finds something there.
func TestLint(t *testing.T) {
	const file = "lint/testdata/rules.txt"
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
		got := lints(input)
		out.WriteString(input + midLine + got)
		if !*update {
			if d := cmp.Diff(want, got); d != "" {
				title, _, _ := strings.Cut(input, "\n")
				t.Errorf("%s\n%s", title, d)
			}
		}
	}
	for _, r := range lint.Rules() {
		if !strings.Contains(out.String(), "["+r.Name+"]") {
			t.Errorf("rule %s finds nothing in %s", r.Name, file)
		}
		if r.Help == "" {
			t.Errorf("rule %s has no help", r.Name)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLintOff(t *testing.T) {
	const text = "loadmodule \"sl\"\nroute { if (1 == 1) { } break; }\n"
	if got := lints(text, "stray-break", "empty", "unanswered"); strings.Contains(got, "[") {
		t.Error(got)
	}
	if got := lints(text, "nosuch"); !strings.Contains(got, `no rule "nosuch"`) {
		t.Error(got)
	}
}

// FuzzLint: every program is looked at without harm.
func FuzzLint(f *testing.F) {
	for _, name := range []string{"lint/testdata/rules.txt", "testdata/accept/statements.cfg"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range strings.Split(string(data), caseLine) {
			input, _, _ := strings.Cut(c, midLine)
			f.Add([]byte(input))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tree, diag := syntax.Parse("f", src, syntax.Options{Open: func(string) ([]byte, error) { return nil, fs.ErrNotExist }})
		prog := check.Check(tree, fakeCatalog{}, diag)
		if _, err := lint.Run(tree, prog, diag, nil); err != nil {
			t.Fatal(err)
		}
	})
}
