package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"goser/cfg/check"
	"goser/cfg/lint"
	"goser/cfg/syntax"
	"goser/supervisor"
)

const lintUsage = `Usage: ser lint [options] [file...]
Says what ser -c says of a configuration, and looks for what it says and its author can hardly mean:
statements that are never reached, routes that nothing calls, requests that nobody answers, functions where
they cannot work or may take long (--rules lists all). Each file is a configuration of its own; - is stdin,
and without a file it is ` + defaultFile + `.

A module of Kamailio that this server does not have is named once and does not end the look: its functions may do anything,
and what else the file says is looked at. After other errors the rules that need what they hide are left
out, and that is said.

A comment "# lint:ignore RULE" at the end of a line, or alone on the line before, silences a rule there;
without RULE all of them.

Exit code: 0 if there is nothing to say, 1 after warnings, 255 after errors; that of the worst file.

Options:
`

// linting is the command "ser lint" with its options.
type linting struct {
	std                stdio
	defines, off       []string
	oneLine, missingOK bool
}

// lintCommand is the command "ser lint".
func lintCommand(args []string, std stdio) int {
	fs := pflag.NewFlagSet("ser lint", pflag.ContinueOnError)
	fs.SetOutput(std.err)
	fs.Usage = func() {}
	l := &linting{std: std}
	fs.StringArrayVarP(&l.defines, "define", "A", nil, "preprocessor define `NAME` or NAME=VALUE (repeatable)")
	fs.StringSliceVarP(&l.off, "disable", "x", nil, "`RULES` that are not to run, separated by commas")
	fs.BoolVarP(&l.oneLine, "one-line", "1", false, "one line each, for programs: file:line:column: severity: text; what would be right [rule]")
	fs.BoolVarP(&l.missingOK, "missing-ok", "m", false, "modules that this server does not have are no reason for exit code 255")
	rules := fs.Bool("rules", false, "list the rules")
	help := fs.BoolP("help", "h", false, "this help")
	if err := fs.Parse(args); err != nil {
		return std.fail("ser lint: %v; ser lint -h lists the options", err)
	}
	switch {
	case *help:
		fmt.Fprint(std.out, lintUsage, fs.FlagUsages())
		return 0
	case *rules:
		for _, r := range lint.Rules() {
			fmt.Fprintf(std.out, "%-13s %s\n", r.Name, r.Help)
		}
		return 0
	}
	files := fs.Args()
	if len(files) == 0 {
		files = []string{defaultFile}
	}
	code := 0
	for _, name := range files {
		code = max(code, l.file(name))
	}
	return code
}

func (l *linting) file(name string) int {
	src, title, err := readSource(name, l.std.in)
	if err != nil {
		return l.std.fail("ERROR: %v", err)
	}
	tree, diag := syntax.Parse(title, src, syntax.Options{Defines: l.defines, Open: include})
	prog := check.Check(tree, catalog(), diag)
	rest := check.Report(diag, compile(prog))
	left, err := lint.Run(tree, prog, diag, l.off)
	if err != nil {
		return l.std.fail("ser lint: %v; ser lint --rules lists them", err)
	}
	if l.oneLine {
		diag.PrintLines(l.std.out)
	} else {
		diag.Print(l.std.out)
	}
	if len(left) > 0 {
		l.std.fail("%s: for its errors the file is not searched for: %s", title, strings.Join(left, ", "))
	}
	switch {
	case rest != nil:
		return l.std.fail("ERROR: %v", rest)
	case diag.Failed() && !(l.missingOK && diag.OnlyMissing()):
		return supervisor.Failed
	case diag.Warnings() > 0:
		return 1
	}
	return 0
}
