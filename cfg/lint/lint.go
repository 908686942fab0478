// Package lint finds what a configuration says and its author can hardly mean:
// statements that are never reached, requests that nobody answers, comparisons
// that never change, names that nothing uses. It works on a checked program and
// knows the server's functions only by what the program's catalog said of them,
// and by the short lists in answers.go and old.go.
//
// A comment "# lint:ignore RULE RULE" at the end of a line, or alone on the line
// before, silences these rules there; without names all of them.
package lint

import (
	"fmt"
	"slices"
	"strings"

	"goser/cfg/check"
	"goser/cfg/syntax"
)

// Rule is one thing that is looked for.
type Rule struct {
	Name, Help string
	run        func(l *linter)
	whole      bool // it is wrong if text that it does not know of is missing
}

// Rules lists all rules, by name.
func Rules() []Rule {
	return []Rule{
		{"always", "comparisons whose result is known: of contradictory values, of a value with itself, with text that the value cannot be", (*linter).always, false},
		{"context", "functions in a route that is called from a block where they cannot work", (*linter).context, false},
		{"duplicate", "parameters that are set again, so that the first value never counts", (*linter).duplicates, false},
		{"empty", "branches without a statement", (*linter).empty, true},
		{"old", "old names of parameters, functions, modules and directives", (*linter).old, false},
		{"recursion", "routes that call themselves", (*linter).recursion, false},
		{"status", "status in a request route, where it is the R-URI", (*linter).status, false},
		{"stray-break", "break outside of switch and while: it ends the route", (*linter).strayBreak, true},
		{"unanswered", "requests that reach the end of request_route, and nothing has answered or sent them", (*linter).unanswered, true},
		{"unreachable", "statements behind others that end the route on every path", (*linter).unreachable, true},
		{"unused-flag", "flags that are declared and never used", (*linter).unusedFlags, true},
		{"unused-route", "failure, branch and reply routes that nothing arms", (*linter).unusedRoutes, true},
		{"variables", "$var that are read and never set, or set and never read", (*linter).variables, true},
		{"wait", "functions that wait for something outside of the server", (*linter).waits, false},
	}
}

// Run adds what the rules find in a program to diag, as warnings. Names in off
// are rules that are not to run. Where errors hide text, the rules that would be wrong
// without it do not run and are returned in left. What is unknown, because its module
// is missing or because it is wrong, is taken for anything: it may answer, end the
// script, use any name that it is given.
func Run(tree *syntax.Tree, prog *check.Program, diag *syntax.Diagnostics, off []string) (left []string, err error) {
	l := &linter{tree: tree, prog: prog, diag: diag, ignored: ignores(tree.Files)}
	rules := Rules()
	for _, name := range off {
		if !slices.ContainsFunc(rules, func(r Rule) bool { return r.Name == name }) {
			return nil, fmt.Errorf("there is no rule %q", name)
		}
	}
	diag.List = slices.DeleteFunc(diag.List, func(e *syntax.Error) bool {
		return e.Severity == syntax.SevWarning && l.silenced(e.At, "")
	})
	broken := diag.Broken()
	for _, r := range rules {
		switch {
		case slices.Contains(off, r.Name):
		case r.whole && broken:
			left = append(left, r.Name)
		default:
			l.rule = r.Name
			r.run(l)
		}
	}
	diag.Sort()
	return left, nil
}

// linter carries what the rules look at.
type linter struct {
	tree    *syntax.Tree
	prog    *check.Program
	diag    *syntax.Diagnostics
	rule    string
	ignored map[place][]string
}

// place is a line of a file.
type place struct{ file, line int32 }

func (l *linter) warn(at syntax.Span, hint, format string, args ...any) {
	if l.silenced(at, l.rule) {
		return
	}
	l.diag.Add(&syntax.Error{
		At: at, Severity: syntax.SevWarning, Kind: syntax.KindSuspect,
		Msg: fmt.Sprintf(format, args...), Hint: hint, Rule: l.rule,
	})
}

func (l *linter) silenced(at syntax.Span, rule string) bool {
	names, ok := l.ignored[place{at.File, at.Line}]
	return ok && (len(names) == 0 || slices.Contains(names, rule))
}

const ignoreMark = "lint:ignore"

// ignores collects the comments that silence rules, by the line they are for.
func ignores(files *syntax.FileSet) map[place][]string {
	m := map[place][]string{}
	for f, file := range files.Files {
		n := int32(0)
		for line := range strings.Lines(string(file.Src)) {
			n++
			before, names, ok := strings.Cut(line, "#")
			if !ok {
				continue
			}
			rest, found := strings.CutPrefix(strings.TrimSpace(names), ignoreMark)
			if !found {
				continue
			}
			at := place{int32(f), n}
			if strings.TrimSpace(before) == "" {
				at.line++
			}
			m[at] = strings.Fields(rest)
		}
	}
	return m
}
