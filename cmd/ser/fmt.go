package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/pflag"

	"goser/cfg/format"
	"goser/cfg/syntax"
)

const fmtUsage = `Usage: ser fmt [options] [file...]
Lays configuration files out in the canonical way; without a file, or for -, what comes from stdin.
Comments and line ends inside of statements stay; what the file means does not change.
Exit code: 0, with -l or -d 1 if a file is not formatted, 255 if one cannot be formatted.
Options:
`

// formatter is the command "ser fmt".
type formatter struct {
	std               stdio
	write, list, diff bool
	unformatted       bool
}

func fmtCommand(args []string, std stdio) int {
	f := &formatter{std: std}
	fs := pflag.NewFlagSet("ser fmt", pflag.ContinueOnError)
	fs.SetOutput(std.err)
	fs.Usage = func() {}
	fs.BoolVarP(&f.write, "write", "w", false, "write the result back to the file")
	fs.BoolVarP(&f.list, "list", "l", false, "only name the files that are not formatted")
	fs.BoolVarP(&f.diff, "diff", "d", false, "show what would change")
	help := fs.BoolP("help", "h", false, "this help")
	if err := fs.Parse(args); err != nil {
		return std.fail("ser fmt: %v; ser fmt -h lists the options", err)
	}
	if *help {
		fmt.Fprint(std.out, fmtUsage, fs.FlagUsages())
		return 0
	}
	files := fs.Args()
	if len(files) == 0 {
		files = []string{"-"}
	}
	code := 0
	for _, name := range files {
		if err := f.file(name); err != nil {
			code = std.fail("%v", err)
		}
	}
	if code == 0 && f.unformatted && (f.list || f.diff) {
		return 1
	}
	return code
}

// file formats one file, or stdin.
func (f *formatter) file(name string) error {
	src, title, err := readSource(name, f.std.in)
	if err != nil {
		return err
	}
	out, err := format.Source(title, src, syntax.Options{Open: include})
	if err != nil {
		return err
	}
	same := bytes.Equal(src, out)
	f.unformatted = f.unformatted || !same
	if !same && f.list {
		fmt.Fprintln(f.std.out, title)
	}
	if !same && f.diff {
		f.std.out.Write(diff.Diff(title+".orig", src, title, out))
	}
	switch {
	case f.write && name == "-":
		return fmt.Errorf("ser fmt: -w needs the name of a file")
	case f.write && !same:
		return replace(name, out)
	case !f.write && !f.list && !f.diff:
		_, err = f.std.out.Write(out)
	}
	return err
}

// readSource reads a file, or stdin for -.
func readSource(name string, in io.Reader) (src []byte, title string, err error) {
	if name == "-" {
		src, err = io.ReadAll(in)
		return src, "stdin", err
	}
	src, err = os.ReadFile(name)
	return src, name, err
}

// include reads what a file includes: only to see whether it still means the
// same.
func include(name string) ([]byte, error) { return os.ReadFile(name) }

// replace puts new text in the place of a file: all of it, or nothing.
func replace(name string, text []byte) error {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".ser-fmt-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(text); err == nil {
		err = tmp.Chmod(info.Mode().Perm())
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && err == nil && os.Geteuid() == 0 {
		err = tmp.Chown(int(stat.Uid), int(stat.Gid)) // the file stays its owner's
	}
	if err2 := tmp.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// subcommands are the tools that start with a word instead of an option.
var subcommands = map[string]func(args []string, std stdio) int{"fmt": fmtCommand, "lint": lintCommand}
