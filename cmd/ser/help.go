package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"goser/cfg/syntax"
	"goser/cmd/ser/version"
)

const unused = "Accepted, has no meaning here: "

// table is the command line, in the order of the help.
var table = []option{
	{
		"f", "config", "file", "Configuration file (default: " + defaultFile + "); - reads it from stdin",
		func(o *options, v string) error { o.file = v; return nil },
	},
	{
		"c", "check", "", "Check the configuration and exit: 0 if it is good, else 255",
		func(o *options, _ string) error { o.check = true; return nil },
	},
	{
		"", "cfg-print", "", "Print the configuration after preprocessing: includes spliced, conditionals decided,\n" +
			"defines and substitutions carried out; exit with 255 if one of these is wrong",
		func(o *options, _ string) error { o.cfgPrint = true; return nil },
	},
	{
		"", "pending", "", "List what is accepted and does not act yet",
		func(o *options, _ string) error { o.pending = true; return nil },
	},
	{
		"A", "define", "NAME[=VALUE]", "Pre-processor define (repeatable)",
		func(o *options, v string) error { o.defines = append(o.defines, v); return nil },
	},
	{"", "subst", "exp", "A #!subst directive before the file (repeatable)", setSubst("subst")},
	{"", "substdef", "exp", "A #!substdef directive before the file (repeatable)", setSubst("substdef")},
	{"", "substdefs", "exp", "A #!substdefs directive before the file (repeatable)", setSubst("substdefs")},
	{"", "loadmodule", "name", "Load a module before the file is read (repeatable)", setModule},
	{"", "modparam", "module:name:type:value", "Set a module parameter; type is s (string) or i (number)", setModparam},
	{"L", "loadpath", "path", unused + "modules are built into the program", nothing},

	{"l", "listen", "address", "Listen on [proto:]address[:port][/advertised[:port]], in addition to the file\n" +
		"(repeatable); address is an IP address, [IPv6], host, interface, or a list (a, b)", setListen},
	{"", "alias", "name", "Add [proto:]host[:port] to the names that are ours (repeatable)", setAlias},
	{"", "domain", "name", "The same as --alias", setAlias},
	{"a", "auto-aliases", "mode", "Aliases by reverse DNS: on, yes, off, no", setAutoAliases},
	{"n", "children", "number", "Receiving processes for each UDP socket (default: 8)", counts("children", "process number", "n")},
	{"N", "tcp-children", "number", "TCP processes (default: as -n)", counts("tcp_children", "process number", "N")},
	{"Q", "sctp-children", "number", "SCTP processes (default: as -n)", counts("sctp_children", "process number", "Q")},
	{"T", "disable-tcp", "", "Disable TCP", turns("disable_tcp", "yes")},
	{"S", "disable-sctp", "", "Disable SCTP", turns("disable_sctp", "yes")},
	{"W", "poll-method", "type", "Poll method of TCP", setPoll},
	{"b", "maxbuffer", "bytes", "How far the receive buffer of UDP sockets is raised", counts("maxbuffer", "max buffer size number", "b")},
	{"r", "dns", "", "Use DNS to see whether a Via needs a received parameter", turns("dns", "yes")},
	{"R", "rev-dns", "", "The same by reverse DNS", turns("rev_dns", "yes")},
	{"v", "check-via", "", "Drop replies whose topmost Via is not ours; -v alone is -V", turns("check_via", "yes")},
	{"K", "check-via-too", "", "The same as -v", turns("check_via", "yes")},
	{"", "server-id", "number", "Set server_id", sets("server_id")},

	{
		"d", "more-debug", "", "Log more, by one level each time (starting from 0); debug= is ignored then",
		func(o *options, _ string) error { o.level++; return nil },
	},
	{"", "debug", "level", "Log level", setLevel},
	{"E", "log-stderr", "", "Log to stderr", turns("log_stderror", "yes")},
	{
		"e", "log-colors", "", "Colour the log on stderr even if that is no terminal (needs -E); on a terminal it\n" +
			"has colours anyway, unless NO_COLOR is set",
		func(o *options, _ string) error { o.color = true; return nil },
	},
	{"", "log-engine", "engine", "How log lines are written: json[:flags] makes each an object", setEngine},

	{
		"D", "no-fork", "", "Once: stay in the foreground with one receiver (fork=no). Twice: start all\n" +
			"processes, stay in the foreground. Three times: go into the background",
		func(o *options, _ string) error { o.noFork++; return nil },
	},
	{"F", "fork-no", "", "The same as one -D", func(o *options, _ string) error { o.noFork = 1; return nil }},
	{"P", "pid-file", "file", "Write the process number to file", func(o *options, v string) error { o.pidFile = v; return nil }},
	{"G", "pgid-file", "file", "Write the process group to file", func(o *options, v string) error { o.pgidFile = v; return nil }},
	{"w", "workdir", "dir", "Working directory (default: /)", sets("workdir")},
	{"t", "chroot", "dir", "Root directory", sets("chroot")},
	{"u", "user", "user", "User to change to, by name or number", sets("user")},
	{"g", "group", "group", "Group to change to, by name or number", sets("group")},
	{"m", "shm", "MB", "Most shared memory to use (default: follows the machine)", counts("shm", "shared mem size", "m")},
	{"M", "pkg", "MB", unused + "private memory needs no limit set beforehand", counts("", "private mem size", "M")},
	{"x", "shm-manager", "name", unused + "there is one allocator", nothing},
	{"X", "pkg-manager", "name", unused + "there is one allocator", nothing},
	{"O", "optimize", "number", unused + "the script is always compiled", counts("", "optimization level", "O")},
	{
		"s", "stats", "file", "Append all counters to file on SIGUSR1 and at the end",
		func(o *options, v string) error { o.statsFile = v; return nil },
	},
	{
		"Y", "runtime-dir", "dir", "Make dir, for the user of -u, if it is missing; a relative -P or -G lies in it",
		func(o *options, v string) error { o.runDir = v; return nil },
	},
	{"", "atexit", "mode", unused + "there are no exit callbacks (yes or no)", setAtexit},
	{"", "all-errors", "", unused + "all errors are always shown", nothing},

	{"", "arena-check", "pid", "Check the shared memory of a running server and exit: 0 if it is whole", setPid("arena-check", func(o *options) *int { return &o.arenaPid })},
	{"", "arena-usage", "pid", "Say what the shared memory of a running server holds, by kind, and exit", setPid("arena-usage", func(o *options) *int { return &o.usagePid })},
	{
		"", "self-check", "", "Workers check the shared memory after the death of a predecessor (slow)",
		func(o *options, _ string) error { o.selfCheck = true; return nil },
	},
	{"V", "version", "", "Version", func(o *options, _ string) error { o.version = true; return nil }},
	{
		"I", "info", "", "Version and build information",
		func(o *options, _ string) error { o.version, o.more = true, true; return nil },
	},
	{"", "man", "", "The manual page, for man -l -", func(o *options, _ string) error { o.manual = true; return nil }},
	{"h", "help", "", "This help", func(o *options, _ string) error { o.help = true; return nil }},
}

func setPid(name string, field func(o *options) *int) func(o *options, v string) error {
	return func(o *options, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n <= 0 {
			return fmt.Errorf("bad process number: --%s=%s", name, v)
		}
		*field(o) = n
		return nil
	}
}

const helpColumn = 34

func usage(w io.Writer) {
	fmt.Fprintf(w, "version: %s\nUsage: ser [options]\n       ser fmt [options] [file...]   lay a configuration out (ser fmt -h)\n       ser lint [options] [file]     look for what can hardly be meant (ser lint -h)\nOptions:\n", product())
	for _, o := range table {
		head := "    --" + o.long
		if o.short != "" {
			head = "  -" + o.short + ", --" + o.long
		}
		if o.arg != "" {
			head += " " + o.arg
		}
		if len(head) >= helpColumn {
			head += "\n" + strings.Repeat(" ", helpColumn)
		}
		text := strings.ReplaceAll(o.help, "\n", "\n"+strings.Repeat(" ", helpColumn))
		fmt.Fprintf(w, "%-*s%s\n", helpColumn, head, text)
	}
}

// product is "ser 0.1.0 (x86_64/linux)".
func product() string { return "ser " + build() }

// signature is "ser (0.1.0 (x86_64/linux))", as the original writes it into
// Server and User-Agent.
func signature() string { return "ser (" + build() + ")" }

func build() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x86_64"
	}
	return fmt.Sprintf("%s (%s/%s)", version.Version, arch, runtime.GOOS)
}

func printVersion(w io.Writer, more bool) {
	rev := "unknown"
	info, _ := debug.ReadBuildInfo()
	if info != nil {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				rev = s.Value
			}
		}
	}
	fmt.Fprintf(w, "version: %s\n", product())
	fmt.Fprintf(w, "flags: UDP, MEMFD_ARENA, ROBUST_FUTEX, NO_CGO\n")
	fmt.Fprintf(w, "MAX_SOURCE %d, MAX_INCLUDES %d, MAX_DEFINES %d, MAX_NESTING %d\n",
		syntax.MaxSource, syntax.MaxIncludes, syntax.MaxDefines, syntax.MaxNesting)
	fmt.Fprintf(w, "id: %s\ncompiled with %s\n", rev, runtime.Version())
	if more && info != nil {
		for _, d := range info.Deps {
			fmt.Fprintf(w, "library: %s %s\n", d.Path, d.Version)
		}
		for _, s := range info.Settings {
			fmt.Fprintf(w, "setting: %s=%s\n", s.Key, s.Value)
		}
	}
}
