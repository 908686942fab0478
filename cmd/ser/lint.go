package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"goser/cfg/check"
	"goser/cfg/lint"
	"goser/cfg/syntax"
	"goser/supervisor"
)

const lintUsage = `Usage: ser lint [options] [file...]
Looks for what a configuration says and its author can hardly mean, besides all that ser -c finds.
A comment "# lint:ignore RULE" at the end of a line, or alone on the line before, silences a rule there.
Each file is a configuration of its own.
Exit code: 0 if there is nothing to say, 1 after warnings, 255 after errors; that of the worst file.
Options:
`

// lintCommand is the command "ser lint".
func lintCommand(args []string, std stdio) int {
	fs := pflag.NewFlagSet("ser lint", pflag.ContinueOnError)
	fs.SetOutput(std.err)
	fs.Usage = func() {}
	defines := fs.StringArrayP("define", "A", nil, "preprocessor define NAME or NAME=VALUE (repeatable)")
	off := fs.StringSliceP("disable", "x", nil, "rules that are not to run, separated by commas")
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
		code = max(code, lintFile(name, *defines, *off, std))
	}
	return code
}

func lintFile(name string, defines, off []string, std stdio) int {
	src, title, err := readSource(name, std.in)
	if err != nil {
		return std.fail("%v", err)
	}
	tree, diag := syntax.Parse(title, src, syntax.Options{Defines: defines, Open: include})
	prog := check.Check(tree, catalog(), diag)
	rest := check.Report(diag, compile(prog))
	if err := lint.Run(tree, prog, diag, off); err != nil {
		return std.fail("ser lint: %v; ser lint --rules lists them", err)
	}
	diag.Print(std.out)
	switch {
	case rest != nil:
		return std.fail("ERROR: %v", rest)
	case diag.Failed():
		return supervisor.Failed
	case diag.Warnings() > 0:
		return 1
	}
	return 0
}
