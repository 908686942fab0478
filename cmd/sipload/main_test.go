package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"goser/cmd/sipload/internal/load"
	"goser/cmd/sipload/internal/peer"
)

// The test binary is also the programs that bench starts: the generator, and, by another name, a
// server to compare with.
func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "fakeser") {
		fakeServer(os.Args[1:])
	}
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fakeServer behaves as a SIP server on the command line does, and knows only stateless.cfg.
func fakeServer(args []string) {
	line := strings.Join(args, " ")
	if line == "-V" {
		fmt.Println("version: fakeser 1.0")
		os.Exit(0)
	}
	if !strings.Contains(line, "stateless.cfg") {
		fmt.Fprintln(os.Stderr, "starting\nERROR: unknown function t_relay\nbye")
		os.Exit(1)
	}
	_, listen, _ := strings.Cut(line, "LISTEN=udp:")
	addr, _, _ := strings.Cut(listen, " ")
	p := &peer.Peer{}
	if err := p.Start(addr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	select {}
}

func sipload(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var out bytes.Buffer
	err := run(ctx, args, &out)
	return out.String(), err
}

func startPeer(t *testing.T, p *peer.Peer) string {
	t.Helper()
	if err := p.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p.Addr.String()
}

func TestJSONReport(t *testing.T) {
	addr := startPeer(t, &peer.Peer{})
	out, err := sipload(t, "message", addr, "--count", "100", "--json", "--server-pid", fmt.Sprint(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	var r load.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Counts.Completed != 100 || r.Statuses[200] != 100 || r.Latency.Count != 100 || r.Server.Memory.Root.PSS == 0 {
		t.Fatalf("%s", out)
	}
}

func TestHumanReport(t *testing.T) {
	addr := startPeer(t, &peer.Peer{RecordRoute: true})
	out, err := sipload(t, "call", "sip:"+addr, "-n", "50", "--server-pid", fmt.Sprint(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"50 started, 50 completed, 0 failed, 0 lost", "200: 100", "BYE latency", "p99.9", "µs per transaction", "MB PSS in"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
}

// The new kinds of calls from the command line.
func TestCallsFromTheCommandLine(t *testing.T) {
	addr := startPeer(t, &peer.Peer{RecordRoute: true})
	for _, args := range [][]string{
		{"busy", addr},
		{"busy", addr, "--ring=5ms"},
		{"cancel", addr},
		{"reinvite", addr, "--hold=5ms"},
		{"noanswer", addr, "--ring=10ms"},
		{"cancel", addr, "--loss=0.1", "--seed=5", "--retransmit-all=2", "--t1=20ms", "--t2=80ms"},
	} {
		out, err := sipload(t, append(args, "-n", "30")...)
		if err != nil || !strings.Contains(out, "30 started, 30 completed, 0 failed, 0 lost") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	silent := startPeer(t, &peer.Peer{Status: "200 OK"})
	if _, err := sipload(t, "busy", silent, "-n", "3", "--t1=2ms", "--t2=8ms"); !errors.Is(err, errOutcome) {
		t.Errorf("a call that was to be refused and was not: %v", err)
	}
}

func TestExitStatus(t *testing.T) {
	silent := startPeer(t, &peer.Peer{Lose: func(int) bool { return true }})
	busy := startPeer(t, &peer.Peer{Status: "503 Busy"})
	for _, c := range []struct {
		addr, flag string
		ok         bool
	}{
		{silent, "", false},
		{silent, "--allow-lost", true},
		{silent, "--allow-failed", false},
		{busy, "", false},
		{busy, "--allow-lost", false},
		{busy, "--allow-failed", true},
		{busy, "--expect=503", true},
	} {
		args := []string{"options", c.addr, "--count=3", "--t1=2ms", "--t2=8ms"}
		if c.flag != "" {
			args = append(args, c.flag)
		}
		if _, err := sipload(t, args...); (err == nil) != c.ok || (err != nil && !errors.Is(err, errOutcome)) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestWrongUse(t *testing.T) {
	for want, args := range map[string][]string{
		"name a scenario":         {},
		"there is no scenario":    {"optons", "127.0.0.1"},
		"exactly one SERVER:PORT": {"options"},
		"unknown flag":            {"options", "127.0.0.1", "--bogus"},
		"--window must be":        {"options", "127.0.0.1", "--window", "0"},
		"--loss must be":          {"busy", "127.0.0.1", "--loss", "1"},
		"--retransmit-all must":   {"fork", "127.0.0.1", "--retransmit-all", "0"},
		"unknown flag: --ring":    {"options", "127.0.0.1", "--ring", "1s"},
		"name an address":         {"options", "0.0.0.0:5060"},
		"--local":                 {"options", "127.0.0.1", "--local", "x"},
		"--uas":                   {"call", "127.0.0.1", "--uas", "1.2.3.4"},
		"no process 999999999":    {"options", "127.0.0.1", "--server-pid", "999999999"},
		"cannot run on CPU 1000":  {"options", "127.0.0.1", "--cpu", "1000"},
		"apt-get install":         {"bench", "--kamailio", "no-such-kamailio"},
		"make build":              {"bench", "--only", "ours", "--ser", "no-such-ser"},
		"usage: sipload on-cpu":   {"on-cpu"},
	} {
		if _, err := sipload(t, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	for _, args := range [][]string{{"--help"}, {"call", "--help"}, {"bench", "--help"}} {
		out, err := sipload(t, args...)
		if (err != nil && !errors.Is(err, pflag.ErrHelp)) || !strings.Contains(out, "Usage:") {
			t.Errorf("%v: %v %s", args, err, out)
		}
	}
}

func TestResolve(t *testing.T) {
	for in, want := range map[string]string{
		"127.0.0.1": "127.0.0.1:5060", "127.0.0.1:99": "127.0.0.1:99", "sip:127.0.0.1:99": "127.0.0.1:99",
		"::1": "[::1]:5060", "[::1]": "[::1]:5060", "[::1]:99": "[::1]:99",
	} {
		if got, err := resolve(in); err != nil || got.String() != want {
			t.Errorf("%s: %v %v, want %s", in, got, err, want)
		}
	}
}

// The whole comparison, with our stand-in as ours: what it cannot do is said, its processes are gone
// afterwards, and the file is written.
func TestBench(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ours, file := filepath.Join(dir, "fakeser"), filepath.Join(dir, "benchmarks.md")
	if err := os.Symlink(self, ours); err != nil {
		t.Fatal(err)
	}
	out, err := sipload(t, "bench", "--only", "ours", "--ser", ours, "--configs", "../../scripts/bench", "--out", file,
		"--rounds", "1", "--time", "150ms", "--warmup", "50ms", "--children", "1")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| 1 worker | Kamailio | ours |", "| call, full load: CPU µs each | not measured | not measured | - | - |",
		"call.cfg: not yet with ours (ERROR: unknown function t_relay)", "- ours: version: fakeser 1.0", "half load of OPTIONS with 1 worker: ",
		"OPTIONS, full load, workers: 1: not measured",
	} {
		if !strings.Contains(string(written), want) {
			t.Errorf("the file lacks %q:\n%s", want, written)
		}
	}
	for _, row := range []string{"| OPTIONS answered, full load: CPU µs each | not measured |", "| MESSAGE: most a second | not measured |"} {
		_, rest, ok := strings.Cut(string(written), row)
		if cell, _, _ := strings.Cut(rest, "|"); !ok || strings.Contains(cell, "not measured") {
			t.Errorf("row %q has no figure for ours: %q", row, cell)
		}
	}
	if left := processesOf(t, ours); left != "" {
		t.Errorf("still running: %s", left)
	}
}

// processesOf lists the processes that were started as path.
func processesOf(t *testing.T, path string) string {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	var found []string
	for _, f := range files {
		if b, _ := os.ReadFile(f); bytes.HasPrefix(b, []byte(path+"\x00")) {
			found = append(found, filepath.Dir(f))
		}
	}
	return strings.Join(found, " ")
}
