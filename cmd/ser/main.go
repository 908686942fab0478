// Command ser is the SIP server: it reads the command line and the
// configuration, and then is the supervisor of a server; started by the
// supervisor, it is one of its workers.
//
// Exit codes: 0 after an orderly life, -c without errors and -h or -V; 255 for
// everything that went wrong before, with the reason on stderr.
package main

import (
	"fmt"
	"io"
	"os"

	"goser/supervisor"
	"goser/worker/handoff"
	"goser/worker/logger"
)

func main() { os.Exit(run()) }

// run picks what this process is: a worker, or what the command line asks for.
func run() int {
	// The program was started as /proc/self/exe and would be called "exe" in
	// killall and top.
	_ = os.WriteFile("/proc/self/comm", []byte("ser"), 0)
	if os.Getenv(handoff.Env) != "" {
		return child()
	}
	return command(os.Args, stdio{os.Stdin, os.Stdout, os.Stderr})
}

type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// fail says what was wrong and returns the exit code.
func (s stdio) fail(format string, args ...any) int {
	fmt.Fprintf(s.err, format+"\n", args...)
	return supervisor.Failed
}

// command does what the command line asks for.
func command(args []string, std stdio) int {
	if len(args) > 1 {
		if tool := subcommands[args[1]]; tool != nil {
			return tool(args[2:], std)
		}
	}
	o, err := parse(args[0], args[1:])
	if err != nil {
		return std.fail("%v", err)
	}
	switch {
	case o.help:
		usage(std.out)
		return 0
	case o.manual:
		return manual(std.out)
	case o.version:
		printVersion(std.out, o.more)
		return 0
	case o.pending:
		return printPending(std.out)
	case o.arenaPid != 0:
		return checkArena(o.arenaPid, std)
	case o.usagePid != 0:
		return arenaUsage(o.usagePid, std)
	}
	if o.cfgPrint {
		return (&config{options: o, std: std}).print()
	}
	return serve(o, std)
}

// serve starts the server, or checks the configuration only. In the background
// it runs twice: the starter reads and says everything, the server inherits it.
func serve(o *options, std stdio) int {
	image, plan, status, inherited, err := supervisor.Inherited()
	if err != nil {
		return std.fail("ERROR: %v", err)
	}
	if o.engine != "" && !o.check {
		std.err = logger.Objects(std.err, "attendant")
	}
	c := &config{options: o, std: std, image: image, plan: plan}
	if !inherited {
		if code, done := c.prepare(); done {
			return code
		}
		if o.mode(c.values) == supervisor.Daemon {
			return supervisor.Background(c.image, c.plan, std.err)
		}
	} else if !c.load() {
		return supervisor.Failed
	}
	return supervisor.Run(supervisor.Options{
		Program: c.program, Image: c.image, Values: c.values, Overrides: o.overrides, Plan: c.plan,
		Mode: o.mode(c.values), PidFile: o.pidFile, PgidFile: o.pgidFile, Name: "ser", Product: signature(), Status: status,
		Checks: o.selfCheck, Prepare: roots(c.program), LogColor: o.color, LogEngine: c.logEngine(),
		RuntimeDir: o.runDir, StatsFile: o.statsFile, Stderr: std.err,
	})
}
