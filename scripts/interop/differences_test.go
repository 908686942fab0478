//go:build interop

package interop

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"goser/scripts/interop/internal/talk"
)

const compatibility = "../../docs/compatibility.md"

// TestDifferencesAreDocumented: a difference that a case names has a heading in the documentation, and
// each heading there names the case or test that pins it, which must exist.
func TestDifferencesAreDocumented(t *testing.T) {
	data, err := os.ReadFile(compatibility)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, s := range strings.Split(string(data), "\n### ")[1:] {
		name, text, _ := strings.Cut(s, "\n")
		sections[strings.TrimSpace(name)] = text
	}
	cases, err := talk.Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for _, d := range c.Differs {
			if !strings.Contains(sections[d.Name], "`"+c.Name+"`") {
				t.Errorf("%s names the difference %q: %s needs a heading of that name that says `%s` pins it",
					c.Name, d.Name, compatibility, c.Name)
			}
		}
	}
	corpora, err := talk.LoadCorpus("testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range corpora {
		for _, s := range c.Cases {
			if s.Differs != "" && !strings.Contains(sections[s.Differs], "`corpus/"+c.Name+"`") {
				t.Errorf("corpus/%s:%d names the difference %q: %s needs a heading of that name that says `corpus/%s` pins it",
					c.Name, s.Line, s.Differs, compatibility, c.Name)
			}
		}
	}
	for name, text := range sections {
		pinned(t, name, text)
	}
}

var pins = regexp.MustCompile("(?s)Pinned\\s+by\\s+(.*?)\\.\n")

func pinned(t *testing.T, name, text string) {
	t.Helper()
	m := pins.FindStringSubmatch(text)
	if m == nil {
		t.Errorf("%s: %q does not say \"Pinned by …\"", compatibility, name)
		return
	}
	for _, q := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(m[1], -1) {
		if !isCase(q[1]) && !isTest(q[1]) {
			t.Errorf("%s: %q is said to be pinned by %q, which is neither a case nor a test", compatibility, name, q[1])
		}
	}
}

func isCase(name string) bool {
	_, err := os.Stat(filepath.Join("testdata", name+".txtar"))
	return err == nil
}

// isTest looks for "folder: TestName" or, in this folder and robust, "TestName".
func isTest(name string) bool {
	dirs := []string{".", "robust"}
	if dir, test, ok := strings.Cut(name, ": "); ok {
		dirs, name = []string{filepath.Join("../..", dir)}, test
	}
	for _, dir := range dirs {
		files, _ := filepath.Glob(filepath.Join(dir, "*_test.go"))
		for _, file := range files {
			data, _ := os.ReadFile(file)
			if strings.Contains(string(data), "func "+name+"(") {
				return true
			}
		}
	}
	return false
}
