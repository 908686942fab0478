package check

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"goser/cfg/syntax"
)

// told is an error that has one cause and shows in several places: the first is
// reported, the others are added to its hint.
type told struct {
	err  *syntax.Error
	more []syntax.Span
}

// maxPlaces bounds how many further places a hint names.
const maxPlaces = 4

// onceError reports a mistake whose cause key names; where that cause shows again,
// only the place is noted.
func (c *checker) onceError(key string, at syntax.Span, kind syntax.ErrKind, hint, format string, args ...any) {
	if t := c.told[key]; t != nil {
		t.more = append(t.more, at)
		return
	}
	e := &syntax.Error{At: at, Kind: kind, Msg: fmt.Sprintf(format, args...), Hint: hint}
	if c.told == nil {
		c.told = map[string]*told{}
	}
	c.told[key] = &told{err: e}
	c.order = append(c.order, key)
	c.diag.Add(e)
}

// morePlaces completes the hints of errors that show in several places.
func (c *checker) morePlaces() {
	for _, key := range c.order {
		t := c.told[key]
		lines := t.lines(c.prog.Files)
		if len(lines) == 0 {
			continue
		}
		text := "the same in line " + strings.Join(lines, ", ")
		if rest := len(lines) - maxPlaces; rest > 0 {
			text = "the same in line " + strings.Join(lines[:maxPlaces], ", ") + " and " + strconv.Itoa(rest) + " more"
		}
		if t.err.Hint != "" {
			text = t.err.Hint + "; " + text
		}
		t.err.Hint = text
	}
}

// lines names the further places, each line once, with the file where it is
// another.
func (t *told) lines(files *syntax.FileSet) []string {
	var out []string
	last := t.err.At
	for _, at := range t.more {
		if at.File == last.File && at.Line == last.Line {
			continue
		}
		last = at
		name := strconv.Itoa(int(at.Line))
		if at.File != t.err.At.File {
			name = files.Name(at) + ":" + name
		}
		out = append(out, name)
	}
	return out
}

// swallowed tells whether a declaration that is not found may stand in text that
// an earlier error kept from being read: in a file that is not there, or where its
// source still shows one of these words.
func (c *checker) swallowed(words ...string) bool {
	broken := false
	for _, e := range c.diag.List {
		switch {
		case e.Kind == syntax.KindFile:
			return true
		case e.Kind == syntax.KindSyntax || e.Kind == syntax.KindPrep || e.Kind == syntax.KindLimit:
			broken = broken || e.Severity == syntax.SevError
		}
	}
	return broken && slices.ContainsFunc(c.prog.Files.Files, func(f syntax.File) bool {
		return slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(f.Src, []byte(w)) })
	})
}

// wasLoaded are the words by which the source shows that a module is loaded.
func wasLoaded(module string) []string {
	return []string{module + ".so\"", ` "` + module + `"`}
}

// notLoaded says that a module is missing, once for each module, however much of
// it is used: name stands for the first use.
func (c *checker) notLoaded(module string, at syntax.Span, name string) {
	if c.swallowed(wasLoaded(module)...) {
		return
	}
	hint := `add loadmodule "` + module + `.so"`
	if c.cat.Elsewhere(module) {
		hint = "this server does not have that module yet"
	}
	c.onceError("module "+module, at, syntax.KindName, hint, "%s belongs to module %s, which is not loaded", name, module)
}
