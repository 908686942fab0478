package syntax

import (
	"io/fs"
	"strings"
	"testing"
	"time"
)

// Every limit is answered with one error that names it, and quickly.
func TestLimits(t *testing.T) {
	bomb := "#!define A0 ;\n"
	for i := byte('1'); i <= '9'; i++ {
		bomb += "#!define A" + string(i) + strings.Repeat(" A"+string(i-1), 20) + "\n"
	}
	manyDefines := ""
	for i := range 300 {
		manyDefines += "#!define D" + strings.Repeat("x", i) + "\n"
	}
	chainDefines := "#!define C0 1\n"
	for i := range 40 {
		chainDefines += "#!define C" + strings.Repeat("x", i+1) + " C" + strings.Repeat("x", i) + "\n"
	}
	for _, c := range []struct{ name, src, want string }{
		{"define bomb", bomb + "route { A9 }", "too many tokens"},
		{"many defines", manyDefines, "too many defines"},
		{"defines in defines", chainDefines + "route { $x = C" + strings.Repeat("x", 40) + "; }", "32 deep"},
		{"long define", "#!define A " + strings.Repeat("x", 70000), "define is longer"},
		{"ifdefs", strings.Repeat("#!ifndef A\n", 300), "too many nested #!ifdef"},
		{"substitutions", strings.Repeat("#!subst \"/a/b/\"\n", 300), "too many substitutions"},
		{"growing strings", strings.Repeat("#!subst \"/a/aaaa/g\"\n", 20) + "log_name=\"aaaa\"", "substitutions make this string"},
		{"parentheses", "route { $x = " + strings.Repeat("(", 1e5), "nested more than 100"},
		{"blocks", "route " + strings.Repeat("{", 1e5), "nested more than 100"},
		{"nots", "route { $x = " + strings.Repeat("!", 1e5) + "1; }", "nested more than 100"},
		{"calls", "route { " + strings.Repeat("f(", 1e5), "nested more than 100"},
		{"ifs", "route { " + strings.Repeat("if (1) ", 1e5), "nested more than 100"},
		{"sum", "route { $x = 1" + strings.Repeat("+1", 1e5) + "; }", "1000 operators"},
		{"else ifs", "route { if (1) exit;" + strings.Repeat(" else if (1) exit;", 1e4) + " }", "else-ifs"},
		{"select", "route { $x = @a" + strings.Repeat(".a", 100) + "; }", "at most 32"},
		{"tokens", strings.Repeat(";", 1<<20+10), "too many tokens"},
		{"source", strings.Repeat("\n", MaxSource+1), "larger than"},
		{"variables in variables", "route { $x = " + strings.Repeat("$(a[", 40) + "1" + strings.Repeat("])", 40) + "; }", "nested too deep"},
		{"includes", "include_file \"self\"", "10 deep"},
	} {
		start := time.Now()
		_, diag := Parse("t", []byte(c.src), Options{Open: func(name string) ([]byte, error) {
			if name == "self" {
				return []byte("include_file \"self\""), nil
			}
			return nil, fs.ErrNotExist
		}})
		if d := time.Since(start); d > 30*time.Second { // without the limit it would not end
			t.Errorf("%s: took %v", c.name, d)
		}
		if !diag.Failed() || !strings.Contains(diag.Err().Error()+allText(diag), c.want) {
			t.Errorf("%s: got %.300s, want %q", c.name, allText(diag), c.want)
		}
		if len(diag.List) > MaxErrors {
			t.Errorf("%s: %d diagnostics", c.name, len(diag.List))
		}
	}
}

func allText(d *Diagnostics) string {
	var b strings.Builder
	for _, e := range d.List {
		b.WriteString(e.Msg + "\n")
	}
	return b.String()
}

// A chain below the limits goes through.
func TestLongButLegal(t *testing.T) {
	src := "route { $x = 1" + strings.Repeat(" + 1", 900) + "; if (1) exit;" + strings.Repeat(" else if (1) exit;", 500) + " }"
	if _, diag := Parse("t", []byte(src), Options{}); diag.Failed() {
		t.Error(diag.Err())
	}
}
