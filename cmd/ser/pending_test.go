package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"goser/cfg/param"
	"goser/worker/module"
)

// TestPendingLeavesNothingOut: every name of the tables stands in the page once,
// and the page fits its width.
func TestPendingLeavesNothingOut(t *testing.T) {
	var out bytes.Buffer
	printPending(&out)
	var words []string // without the notes, which may name others
	for line := range strings.Lines(out.String()) {
		if indent := len(line) - len(strings.TrimLeft(line, " ")); indent != 4 && indent != 6 {
			words = append(words, strings.Fields(line)...)
		}
	}
	once := func(name string) {
		if n := count(words, name); n != 1 {
			t.Errorf("%s stands there %d times", name, n)
		}
	}
	for _, p := range param.Pending() {
		once(p.Name)
		if paramNeed(p) == "" {
			t.Errorf("nobody says what parameter %s waits for", p.Name)
		}
		if p.Note != "" && !strings.Contains(strings.Join(strings.Fields(out.String()), " "), p.Name+": "+p.Note) {
			t.Errorf("the note of %s is missing", p.Name)
		}
	}
	for _, m := range module.Pending() {
		if m.Function != "" {
			once(m.Function + "(" + m.Module + ")")
			continue
		}
		once(m.Module)
	}
	for line := range strings.Lines(out.String()) {
		if len(line)-1 > usualWidth {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
	if n := strings.Count(out.String(), "\n"); n > 120 {
		t.Errorf("%d lines: too many to read", n)
	}
}

func count(words []string, name string) (n int) {
	for _, w := range words {
		if w == name {
			n++
		}
	}
	return n
}

func TestWrap(t *testing.T) {
	var out bytes.Buffer
	wrap(&out, "  head ", " ", strings.Fields("aa bb cc dddddddddddd ee"), 14)
	if want := "  head aa bb\n        cc\n        dddddddddddd\n        ee\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
	if w := terminalWidth(&out); w != usualWidth {
		t.Errorf("%d columns", w)
	}
}

// TestNeedsAreKnown: needs.txt names modules and the page's chapters only.
func TestNeedsAreKnown(t *testing.T) {
	for _, m := range module.Pending() {
		need := missingNeed(m)
		if !slices.ContainsFunc(waitingFor(), func(w waiting) bool { return w.need == need }) {
			t.Errorf("%s waits for %q, which has no chapter", m.Module, need)
		}
	}
	for _, name := range module.Needing() {
		if _, have := module.NewCatalog().Module(name); !have && !module.NewCatalog().Elsewhere(name) {
			t.Errorf("needs.txt names %s, which is no module", name)
		}
	}
}
