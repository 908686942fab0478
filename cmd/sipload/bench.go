package main

import (
	"io"

	"github.com/spf13/pflag"

	"goser/cmd/sipload/internal/bench"
)

func benchFlags(c *bench.Config, out io.Writer) *pflag.FlagSet {
	f := newFlags("sipload bench", out)
	f.StringVar(&c.Ours, "ser", c.Ours, "our server")
	f.StringVar(&c.Kamailio, "kamailio", c.Kamailio, "the server to compare with")
	f.StringVar(&c.Only, "only", "", "measure just one of them: kamailio or ours")
	f.StringVar(&c.Configs, "configs", c.Configs, "folder with stateless.cfg, call.cfg, register.cfg and script.cfg")
	f.StringVar(&c.Write, "out", "", "write the results to this file, as docs/benchmarks.md")
	f.StringVar(&c.Command, "command", c.Command, "the command that file names as its origin")
	f.IntVar(&c.Rounds, "rounds", c.Rounds, "how often both take their turn")
	f.DurationVar(&c.Time, "time", c.Time, "time of each measurement")
	f.DurationVar(&c.Warmup, "warmup", c.Warmup, "time of load before each")
	f.IntVar(&c.Window, "window", c.Window, "transactions under way at full load")
	f.IntVar(&c.Calls, "calls", c.Calls, "calls under way at full load")
	f.IntSliceVar(&c.Children, "children", c.Children, "numbers of workers to measure with")
	f.IntVar(&c.ServerCPU, "server-cpu", c.ServerCPU, "CPU of the server")
	f.IntVar(&c.LoadCPU, "load-cpu", c.LoadCPU, "CPU of the generator")
	f.BoolVar(&c.Check, "check", false, "end with status 1 if a target was missed")
	return f
}
