package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"goser/cfg"
	"goser/cfg/check"
	"goser/cfg/param"
	"goser/supervisor"
	"goser/supervisor/listen"
	"goser/worker/handoff"
	"goser/worker/logger"
)

// config is what the server will run with, read and checked.
type config struct {
	*options
	std     stdio
	image   []byte
	program *cfg.Program
	values  *param.Values
	plan    *listen.Plan
}

// prepare reads everything, says where the server listens, and tells whether
// that was all that was asked for.
func (c *config) prepare() (code int, done bool) {
	name, src, err := c.read()
	if err != nil {
		return c.std.fail("ERROR: loading config file(%s): %v", c.file, err), true
	}
	c.image, _ = cfg.Preprocess(name, src, c.language())
	good := c.load()
	if c.values == nil {
		return supervisor.Failed, true
	}
	good = c.resolve() && good // what else is wrong is said in the same run
	if err := supervisor.CheckIdentity(c.values); err != nil {
		return c.std.fail("ERROR: %v", err), true
	}
	if !good {
		return supervisor.Failed, true
	}
	if path := c.program.LoadPath; path != "" {
		fmt.Fprintf(c.std.out, "loading modules under config path: %s\n", path)
	}
	c.plan.Print(c.std.out)
	if c.check {
		fmt.Fprintln(c.std.err, "config file ok, exiting...")
		return 0, true
	}
	if c.mode(c.values) == supervisor.Alone {
		c.warnAlone()
	}
	return 0, false
}

// print writes the configuration as it is after preprocessing, as far as it could be read.
func (c *config) print() int {
	name, src, err := c.read()
	if err != nil {
		return c.std.fail("ERROR: loading config file(%s): %v", c.file, err)
	}
	text, diag := cfg.Expand(name, src, c.language())
	if _, err := c.std.out.Write(text); err != nil {
		return c.std.fail("ERROR: %v", err)
	}
	if diag.Print(c.std.err); diag.Failed() {
		return supervisor.Failed
	}
	return 0
}

// preludeName is where errors in options that are configuration lines point to.
const preludeName = "command line"

func (c *config) language() cfg.Options {
	return cfg.Options{Defines: c.defines, Open: c.open, Prelude: len(c.prelude) > 0}
}

// read returns the main file, or, with options that are configuration lines,
// these and a line that includes it.
func (c *config) read() (name string, src []byte, err error) {
	if len(c.prelude) == 0 {
		src, err = c.open(c.file)
		return c.file, src, err
	}
	if _, err := c.open(c.file); err != nil { // said as for a file without prelude
		return "", nil, err
	}
	lines := append(c.prelude, "include_file "+quoted(c.file))
	return preludeName, []byte(strings.Join(lines, "\n") + "\n"), nil
}

// open reads a file of the configuration; - is stdin, read once.
func (c *config) open(name string) ([]byte, error) {
	if name != "-" {
		b, err := os.ReadFile(name)
		if pe, ok := err.(*os.PathError); ok {
			err = pe.Err // the caller names the file
		}
		return b, err
	}
	if c.stdin == nil {
		b, err := io.ReadAll(c.std.in)
		if err != nil {
			return nil, err
		}
		c.stdin = append([]byte{}, b...)
	}
	return c.stdin, nil
}

// load makes the program of the image and the values of the parameters. The
// starter's child has the diagnostics behind it: a second time they would only
// repeat what stands on the screen.
func (c *config) load() bool {
	first := c.plan == nil
	prog, diag := cfg.CheckImage(c.image, catalog())
	var rest error
	if first {
		rest = check.Report(diag, compile(prog))
		diag.Sort()
	}
	if first || diag.Failed() {
		diag.Print(c.std.err)
	}
	if rest != nil {
		c.std.fail("ERROR: %v", rest)
	}
	if first && !diag.Failed() && prog.Empty {
		c.std.fail("ERROR: %s holds no statement: is it the right file?", c.file)
		return false
	}
	good := c.settle(prog, diag.Failed()) && !diag.Failed() && rest == nil
	if first && good {
		c.warn(diag.Warnings())
	}
	return good
}

// settle makes the values of the parameters of the file and the command line, also
// where the file is wrong: what is wrong with its parameters has been said then.
func (c *config) settle(prog *cfg.Program, said bool) bool {
	values, err := handoff.Settings(prog, c.overrides)
	c.program, c.values = prog, values
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			if !said || strings.HasPrefix(line, "command line") {
				c.std.fail("ERROR: %s", strings.TrimSuffix(line, "\n"))
			}
		}
		return false
	}
	if _, err := logger.ParseEngine(c.logEngine()); err != nil {
		c.std.fail("ERROR: log_engine_type: %v", err)
		return false
	}
	return true
}

// logEngine is --log-engine if given, else what the configuration says.
func (c *config) logEngine() string {
	engine, data := c.values.Text(param.LogEngineType), c.values.Text(param.LogEngineData)
	switch {
	case c.engine != "":
		return c.engine
	case engine != "" && data != "":
		return engine + ":" + data
	}
	return engine
}

// warn tells about parameters that will not do what their author may expect,
// after the n warnings of the language.
func (c *config) warn(n int) {
	for _, w := range c.values.Warnings() {
		n++
		c.std.fail("WARNING: %s", w.Text)
	}
	told := map[string]bool{}
	tell := func(where, name string) {
		if p := param.Lookup(name); p != nil && p.WarningFor(c.values) != "" && !told[p.Name] {
			told[p.Name] = true
			n++
			c.std.fail("WARNING: %s: %s", where, p.WarningFor(c.values))
		}
	}
	for _, a := range c.program.Params {
		tell(c.program.Where(a.Pos), a.Name)
	}
	for _, o := range c.overrides {
		tell("command line", o.Name)
	}
	if n > 0 && c.check {
		c.std.fail("%d config warnings", n)
	}
}

// resolve makes the plan of where to listen.
func (c *config) resolve() bool {
	plan, err := listen.Resolve(c.listening(), listen.System())
	if err != nil {
		c.std.fail("ERROR: %v", err)
		return false
	}
	for _, n := range plan.Notices {
		c.std.fail("NOTICE: %s", n)
	}
	c.plan = plan
	return true
}

func (c *config) listening() listen.Config {
	v := c.values
	return listen.Config{
		Listen: append(c.statements(c.program.Listen), c.options.listen...),
		Alias:  append(c.statements(c.program.Aliases), c.options.alias...),
		Port:   v.Int(param.Port), AutoAliases: v.Bool(param.AutoAliases), AutoBindIPv6: v.Bool(param.AutoBindIPv6),
		LinkLocal: v.Bool(param.BindIPv6LinkLocal),
		OneSocket: c.mode(v) == supervisor.Alone && !c.check,
	}
}

func (c *config) statements(addrs []check.Addr) []listen.Statement {
	var list []listen.Statement
	for _, a := range addrs {
		list = append(list, listen.Statement{Addr: a, Where: c.program.Where(a.Pos)})
	}
	return list
}

// warnAlone is what the original says of fork=no.
func (c *config) warnAlone() {
	hint := ""
	if n := len(c.listening().Listen); n != 1 {
		hint = "and more than one listen address found (will use only the first one)"
		if n == 0 {
			hint = "and no explicit listen address (will use only the first one found)"
		}
	}
	c.std.fail("WARNING: no fork mode %s", hint)
}
