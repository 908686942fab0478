package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"goser/cmd/sipload/internal/bench"
	"goser/cmd/sipload/internal/load"
)

// choices are the flags that are not part of load.Config.
type choices struct {
	json, allowLost, allowFailed bool
	cpu                          int
	local, uas                   string
}

func runScenario(ctx context.Context, name load.Scenario, args []string, out io.Writer) error {
	cfg, ch := load.Default(), choices{cpu: -1}
	cfg.Scenario = name
	if name == load.NoAnswer {
		cfg.Ring = time.Second
	}
	flags := scenarioFlags(name, &cfg, &ch, out)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("%s wants exactly one SERVER:PORT, not %q", name, flags.Args())
	}
	if cfg.Count == 0 && cfg.Duration == 0 {
		cfg.Duration = 10 * time.Second
	}
	if err := addresses(&cfg, &ch, flags.Arg(0)); err != nil {
		return err
	}
	if err := cfg.Check(); err != nil {
		return err
	}
	if ch.cpu >= 0 {
		if err := bench.Pin(ch.cpu); err != nil {
			return err
		}
	}
	return drive(ctx, cfg, &ch, out)
}

func drive(ctx context.Context, cfg load.Config, ch *choices, out io.Writer) error {
	e, err := load.New(cfg)
	if err != nil {
		return err
	}
	defer e.Close()
	r, err := e.Run(ctx)
	if r != nil {
		if err := show(r, ch.json, out); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return verdict(r, ch)
}

func show(r *load.Result, asJSON bool, out io.Writer) error {
	if !asJSON {
		return r.Print(out)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// verdict is the exit status in words.
func verdict(r *load.Result, ch *choices) error {
	c := &r.Counts
	lost, failed := c.Lost+c.Unsent, c.Failed
	if ch.allowLost {
		lost = 0
	}
	if ch.allowFailed {
		failed = 0
	}
	if lost+failed > 0 {
		return fmt.Errorf("%w: %d lost, %d never sent, %d failed", errOutcome, c.Lost, c.Unsent, c.Failed)
	}
	if c.Started == 0 {
		return fmt.Errorf("%w: none was started", errOutcome)
	}
	return nil
}

// addresses reads what was given as text.
func addresses(cfg *load.Config, ch *choices, target string) (err error) {
	if cfg.Target, err = resolve(target); err != nil {
		return err
	}
	if ch.local != "" {
		if cfg.Local, err = netip.ParseAddr(ch.local); err != nil {
			return fmt.Errorf("--local: %q is no IP address", ch.local)
		}
	}
	if ch.uas != "" {
		if cfg.UAS, err = netip.ParseAddrPort(ch.uas); err != nil {
			return fmt.Errorf("--uas: %q is not ADDRESS:PORT", ch.uas)
		}
	}
	return nil
}

// resolve reads HOST, HOST:PORT, or either after "sip:"; the port is 5060 unless it is given.
func resolve(target string) (netip.AddrPort, error) {
	text := strings.TrimPrefix(target, "sip:")
	if _, _, err := net.SplitHostPort(text); err != nil {
		text = net.JoinHostPort(strings.Trim(text, "[]"), "5060")
	}
	addr, err := net.ResolveUDPAddr("udp", text)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("server %q: %w", target, err)
	}
	ip := addr.AddrPort().Addr().Unmap()
	if !ip.IsValid() || ip.IsUnspecified() {
		return netip.AddrPort{}, fmt.Errorf("server %q: name an address, such as 127.0.0.1:5060", target)
	}
	return netip.AddrPortFrom(ip, addr.AddrPort().Port()), nil
}

func scenarioFlags(name load.Scenario, c *load.Config, ch *choices, out io.Writer) *pflag.FlagSet {
	f := newFlags("sipload "+string(name)+" SERVER:PORT", out)
	f.IntVarP(&c.Window, "window", "w", c.Window, "closed loop: keep this many transactions under way")
	f.Float64VarP(&c.Rate, "rate", "r", 0, "open loop: start this many a second, whatever the server does; latency counts from the intended start")
	f.IntVar(&c.Outstanding, "outstanding", c.Outstanding, "open loop: never more than this many under way")
	f.Int64VarP(&c.Count, "count", "n", 0, "stop after so many transactions")
	f.DurationVarP(&c.Duration, "duration", "d", 0, "stop after this time (10s unless --count is given)")
	f.DurationVar(&c.Warmup, "warmup", 0, "load before that is not counted")
	f.IntVarP(&c.Ports, "ports", "p", c.Ports, "send from this many ports")
	f.StringVar(&ch.local, "local", "", "send from this address")
	f.DurationVar(&c.T1, "t1", c.T1, "first retransmission after this time; given up after 64 times as long")
	f.DurationVar(&c.T2, "t2", c.T2, "retransmissions not further apart than this (INVITE excepted)")
	f.IntVar(&c.Expect, "expect", c.Expect, "the final status that counts as success (default 200; busy 486, cancel and noanswer 487)")
	f.Float64Var(&c.Loss, "loss", 0, "lose this share of the messages, 0 to 0.9, in both directions")
	f.Uint64Var(&c.Seed, "seed", c.Seed, "which messages are lost follows from this number")
	f.IntVar(&c.Copies, "retransmit-all", c.Copies, "send every message so many times")
	f.IntVar(&c.Users, "users", c.Users, "how many different users are called or registered")
	f.IntVar(&c.Size, "size", 0, "fill the first request up to this many bytes with a header X-Filler")
	f.StringVar(&c.Domain, "domain", "", "domain of OPTIONS and REGISTER (default: the server's address)")
	if name == load.Message || name.IsCall() {
		f.StringVar(&ch.uas, "uas", "", "where our called user agent listens (default: any free port)")
		f.StringVar(&c.UASHost, "uas-host", "", "host:port in the Request-URIs instead of that user agent's, for a server that finds it by itself")
	}
	if name == load.Message {
		f.IntVar(&c.Body, "body", c.Body, "bytes of text in each MESSAGE")
	}
	if name.IsCall() {
		f.DurationVar(&c.Ring, "ring", c.Ring, "time from 180 to the answer, or to giving up (busy: 0 answers without 180)")
		f.DurationVar(&c.Hold, "hold", 0, "time from ACK to BYE or to the second INVITE")
	}
	f.IntVar(&c.ServerPID, "server-pid", 0, "measure CPU time and memory of this process and all its descendants")
	f.IntVar(&ch.cpu, "cpu", -1, "run on this CPU only")
	f.BoolVar(&c.Spin, "spin", false, "never sleep: exact times, and the server need not wake us; takes a whole CPU")
	f.DurationVar(&c.Gather, "gather", 0, "look only so often: many requests for each wake-up, here and at the server; times are no more exact than that")
	f.BoolVar(&ch.json, "json", false, "report as JSON")
	f.BoolVar(&ch.allowLost, "allow-lost", false, "lost transactions are no failure")
	f.BoolVar(&ch.allowFailed, "allow-failed", false, "transactions with another final status are no failure")
	return f
}

func newFlags(synopsis string, out io.Writer) *pflag.FlagSet {
	f := pflag.NewFlagSet(synopsis, pflag.ContinueOnError)
	f.SetOutput(out)
	f.SortFlags = false
	f.Usage = func() { fmt.Fprintf(out, "Usage: %s [flags]\n\n%s", synopsis, f.FlagUsages()) }
	return f
}
