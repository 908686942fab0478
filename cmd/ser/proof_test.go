package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"goser/cfg/param"
)

// A proof shows that a core parameter does something. Either the parameter is set in one of the worlds below,
// and a probe, run on that world and on the one without it, has to find want there and not find it here; or
// test names a test elsewhere, file#function or a script, that fails if the parameter does nothing.
type proof struct {
	world string
	line  string // what the world's configuration has of it, "" if that differs for each run
	probe func(l *life) string
	want  string // a regular expression for what the probe finds
	test  string
}

// TestEveryParameterIsProved holds the table complete: a parameter that acts has a proof, and what the proof
// names is there and speaks of it.
func TestEveryParameterIsProved(t *testing.T) {
	for _, p := range param.All() {
		proof, ok := proofs[p.Name]
		switch {
		case !p.Acts && ok:
			t.Errorf("%s is proved, but the table says that it does not act", p.Name)
		case p.Acts && !ok:
			t.Errorf("%s acts, and no test would fail if it did nothing: add it to proofs", p.Name)
		case !ok:
		case proof.test != "":
			if err := named(proof.test); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		case proof.probe == nil || proof.want == "" || worlds[proof.world] == nil:
			t.Errorf("%s: incomplete proof", p.Name)
		case proof.line != "" && !strings.Contains(proof.line, p.Name):
			t.Errorf("%s: its line is %q", p.Name, proof.line)
		}
	}
	for name := range proofs {
		if param.Lookup(name) == nil {
			t.Errorf("%s is proved and does not exist", name)
		}
	}
}

// named looks for a test: dir/file.go#Function, or the path of a script.
func named(test string) error {
	file, fn, isGo := strings.Cut(test, "#")
	path := filepath.Join("..", "..", file)
	if !isGo {
		_, err := os.Stat(path)
		return err
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return err
	}
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Name.Name == fn {
			return nil
		}
	}
	return fmt.Errorf("%s has no %s", file, fn)
}

// TestParametersAct runs the probes. One server for each world is enough: a parameter that does nothing fails
// its own probe only.
func TestParametersAct(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	plain := startWorld(t, "plain")
	lives := map[string]*life{"plain": plain}
	for name := range worlds {
		if name != "plain" {
			lives[name] = startWorld(t, name)
		}
	}
	for _, p := range param.All() {
		proof := proofs[p.Name]
		if proof.probe == nil {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			want := regexp.MustCompile(proof.want)
			l := lives[proof.world]
			l.t, plain.t = t, t
			if got, ok := try(l, proof, want, true); !ok {
				t.Errorf("with it: %q, want %s", got, proof.want)
			}
			if got, ok := try(plain, proof, want, false); !ok {
				t.Errorf("without it, just the same: %q", got)
			}
		})
	}
}

// try probes up to three times: on a machine that is busy an answer may come too late. A parameter that does
// nothing never passes.
func try(l *life, p proof, want *regexp.Regexp, match bool) (got string, ok bool) {
	for range 3 {
		if got = p.probe(l); want.MatchString(got) == match {
			return got, true
		}
	}
	return got, false
}
