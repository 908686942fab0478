package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"goser/cfg/param"
	"goser/supervisor"
	"goser/supervisor/listen"
	"goser/worker/handoff"
	"goser/worker/logger"
)

// defaultFile is read without -f.
const defaultFile = "/etc/ser/ser.cfg"

// options are the command line.
type options struct {
	file      string
	check     bool
	cfgPrint  bool
	help      bool
	version   bool
	more      bool
	pending   bool
	selfCheck bool
	arenaPid  int
	usagePid  int
	level     int // -d
	noFork    int // -D
	defines   []string
	prelude   []string // configuration lines that stand before the file
	listen    []listen.Statement
	alias     []listen.Statement
	overrides []handoff.Override
	pidFile   string
	pgidFile  string
	color     bool
	engine    string
	runDir    string
	statsFile string
	manual    bool
	stdin     []byte // once read
}

// mode is -D if given, else what the configuration says.
func (o *options) mode(v *param.Values) supervisor.Mode {
	switch {
	case o.noFork == 1, o.noFork == 0 && !v.Bool(param.Fork):
		return supervisor.Alone
	case o.noFork == 2:
		return supervisor.Foreground
	}
	return supervisor.Daemon
}

// option is one row of the command line: both the parser and the help are made
// from it. arg is empty for options without an argument.
type option struct {
	short, long, arg string
	help             string
	set              func(o *options, value string) error
}

// parse reads the arguments. Errors read as the original's.
func parse(name string, args []string) (*options, error) {
	o := &options{file: defaultFile}
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SetInterspersed(true)
	fs.Usage = func() {}
	for _, opt := range table {
		fn := func(value string) error { return opt.set(o, value) }
		if opt.arg == "" {
			fs.BoolFuncP(opt.long, opt.short, "", fn)
		} else {
			fs.FuncP(opt.long, opt.short, "", fn)
		}
	}
	if len(args) == 1 && args[0] == "-v" { // in 5.6 the version, and nobody starts a server with nothing else
		args = []string{"-V"}
	}
	if err := fs.Parse(args); err != nil {
		return nil, phrase(err)
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument `%s'. Use -h for help.", fs.Arg(0))
	}
	return o, o.finish()
}

// phrase puts the parser's errors into the original's words.
func phrase(err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("Unknown option `%s'. Use -h for help.", dashed(unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames()))
	case errors.As(err, &missing):
		return fmt.Errorf("Option `%s' requires an argument. Use -h for help.", dashed(missing.GetSpecifiedName(), missing.GetSpecifiedShortnames()))
	case errors.As(err, &invalid):
		return errors.Unwrap(invalid)
	}
	return err
}

func dashed(name, shorts string) string {
	if shorts != "" {
		return "-" + name
	}
	return "--" + name
}

// finish settles what depends on several options.
func (o *options) finish() error {
	if o.level > 0 {
		o.override("debug", fmt.Sprint(o.level))
	}
	if o.noFork > 0 {
		o.override("fork", map[bool]string{true: "no", false: "yes"}[o.noFork == 1])
	}
	if o.file == "-" {
		return nil
	}
	path, err := filepath.Abs(o.file)
	if err != nil {
		return fmt.Errorf("ERROR: loading config file(%s): %w", o.file, err)
	}
	o.file = path
	return nil
}

func (o *options) override(name, value string) {
	o.overrides = append(o.overrides, handoff.Override{Name: name, Value: value})
}

// sets makes an option that sets a core parameter to its argument.
func sets(name string) func(*options, string) error {
	return func(o *options, value string) error { o.override(name, value); return nil }
}

// turns makes an option without argument that sets a core parameter.
func turns(name, value string) func(*options, string) error {
	return func(o *options, _ string) error { o.override(name, value); return nil }
}

// counts makes an option whose argument is a number that is not negative.
func counts(name, what, short string) func(*options, string) error {
	return func(o *options, value string) error {
		if n, ok := param.ParseNumber(value); !ok || n < 0 {
			return fmt.Errorf("bad %s: -%s %s", what, short, value)
		}
		if name != "" {
			o.override(name, value)
		}
		return nil
	}
}

// nothing accepts an option that has no meaning here.
func nothing(*options, string) error { return nil }

func setListen(o *options, value string) error {
	a, err := listen.ParseOption(value)
	if err != nil {
		return fmt.Errorf("bad listen address: -l %w", err)
	}
	o.listen = append(o.listen, listen.Statement{Addr: a, Where: "-l " + value})
	return nil
}

func setAlias(o *options, value string) error {
	a, err := listen.ParseOption(value)
	if err != nil || a.Advertise != nil || len(a.Hosts) > 0 {
		return fmt.Errorf("bad alias: --alias=%s: want [proto:]host[:port]", value)
	}
	o.alias = append(o.alias, listen.Statement{Addr: a, Where: "--alias=" + value})
	return nil
}

func setAtexit(_ *options, value string) error {
	if !slices.Contains([]string{"yes", "y", "1", "no", "n", "0"}, value) {
		return fmt.Errorf("bad atexit value: --atexit=%s (want yes or no)", value)
	}
	return nil
}

func setEngine(o *options, value string) error {
	if _, err := logger.ParseEngine(value); err != nil {
		return fmt.Errorf("bad log engine: --log-engine=%s: %w", value, err)
	}
	o.engine = value
	return nil
}

func setAutoAliases(o *options, value string) error {
	switch value {
	case "on", "yes", "off", "no":
		o.override("auto_aliases", value)
		return nil
	}
	return fmt.Errorf("bad auto aliases parameter: -a %s (want on, yes, off or no)", value)
}

// setPoll checks the method at once, as the error lists the choices.
func setPoll(o *options, value string) error {
	p := param.Lookup("tcp_poll_method")
	if err := param.NewValues().Override(p, param.Bare(value)); err != nil {
		return fmt.Errorf("bad poll method name: -W %s: %w", value, err)
	}
	o.override(p.Name, value)
	return nil
}

func setLevel(o *options, value string) error {
	if _, ok := param.ParseNumber(value); !ok {
		return fmt.Errorf("bad debug level: --debug=%s", value)
	}
	o.override("debug", value)
	return nil
}

// setModparam turns module:name:type:value into a statement.
func setModparam(o *options, value string) error {
	f := strings.SplitN(value, ":", 4)
	if len(f) != 4 || f[2] != "s" && f[2] != "i" {
		return fmt.Errorf("bad modparam: --modparam=%s (want module:name:s:string or module:name:i:number)", value)
	}
	text := quoted(f[3])
	if f[2] == "i" {
		if _, ok := param.ParseNumber(f[3]); !ok {
			return fmt.Errorf("bad modparam: --modparam=%s: %q is no number", value, f[3])
		}
		text = f[3]
	}
	o.prelude = append(o.prelude, fmt.Sprintf("modparam(%s, %s, %s)", quoted(f[0]), quoted(f[1]), text))
	return nil
}

func setModule(o *options, value string) error {
	o.prelude = append(o.prelude, "loadmodule "+quoted(value))
	return nil
}

func setSubst(directive string) func(*options, string) error {
	return func(o *options, value string) error {
		o.prelude = append(o.prelude, "#!"+directive+" "+quoted(value))
		return nil
	}
}

// quoted writes a string as the configuration language has it.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(s) + `"`
}
