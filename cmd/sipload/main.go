// Sipload sends SIP load to a server over UDP and reports what came of it: throughput, latency,
// losses and, with --server-pid, the CPU time and memory of all the server's processes.
//
//	sipload options  127.0.0.1:5060 --window 100 --duration 10s
//	sipload message  127.0.0.1:5060 --rate 5000 --count 100000
//	sipload call     127.0.0.1:5060 --rate 200 --duration 1m --server-pid $(cat /run/ser.pid)
//	sipload cancel   127.0.0.1:5060 --loss 0.05
//	sipload register 127.0.0.1:5060 --users 50000
//	sipload bench    --out docs/benchmarks.md
//
// It ends with 0 when every transaction got the final answer it should, 1 when some were lost or
// failed (see --allow-lost, --allow-failed), and 2 when it could not run at all.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"goser/cmd/sipload/internal/bench"
	"goser/cmd/sipload/internal/load"
)

const usage = `sipload sends SIP load to a server over UDP and measures what comes of it.

Usage:
  sipload SCENARIO SERVER:PORT [flags]
  sipload bench [flags]

Scenarios:
  options    OPTIONS that the server answers
  message    MESSAGE through the server to a user agent that sipload plays
  register   REGISTER that the server answers
  call       INVITE 180 200 ACK BYE 200 through the server to that user agent
  reinvite   the same with a second INVITE inside the dialog
  fork       the same to two user agents: one answers, the server cancels the other
  busy       INVITE 486 ACK
  cancel     INVITE, CANCEL at the first provisional answer, 487 ACK
  noanswer   INVITE 180, CANCEL after --ring, 487 ACK

  bench      all of it, against our server and Kamailio in turn; prints a table of ratios

See "sipload options --help" and "sipload bench --help" for the flags.
`

var errOutcome = errors.New("some transactions did not succeed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case err == nil, errors.Is(err, pflag.ErrHelp):
	case errors.Is(err, errOutcome), errors.Is(err, bench.ErrTargets):
		fmt.Fprintln(os.Stderr, "sipload:", err)
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "sipload:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(out, usage)
		return errors.New("name a scenario")
	}
	switch args[0] {
	case "-h", "--help", "help":
		fmt.Fprint(out, usage)
		return nil
	case "bench":
		return runBench(ctx, args[1:], out)
	case "on-cpu":
		return bench.OnCPU(args[1:])
	case "echo":
		signal.Reset(os.Interrupt, syscall.SIGTERM) // it ends at once
		return bench.Echo(args[1:])
	}
	return runScenario(ctx, load.Scenario(args[0]), args[1:], out)
}

func runBench(ctx context.Context, args []string, out io.Writer) error {
	cfg := bench.Default()
	if err := benchFlags(&cfg, out).Parse(args); err != nil {
		return err
	}
	return bench.Run(ctx, cfg, out)
}
