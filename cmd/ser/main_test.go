package main

import (
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"goser/shm"
	"goser/worker/handoff"
)

// The test binary is the server: as "ser" in the scripts, and, started again by
// that, as its workers.
func TestMain(m *testing.M) {
	if os.Getenv(handoff.Env) != "" {
		if role := os.Getenv("SER_TEST_WORKER"); role != "" {
			work = func(b *handoff.Birth) int { return standIn(role, b) }
		}
		os.Exit(run())
	}
	if os.Getenv("SER_TEST_MAIN") != "" {
		os.Unsetenv("SER_TEST_MAIN")
		os.Exit(run())
	}
	testscript.Main(m, map[string]func(){"ser": func() { os.Exit(run()) }})
}

// Commands of the scripts beside testscript's own:
//
//	port NAME            a free UDP port of 127.0.0.1 into $NAME
//	pid NAME FILE        the process number in FILE into $NAME; a server is ended with the script
//	worker kill PID ROW  SIGKILL to the process in that row of the server's table
//	worker stop PID ROW  SIGSTOP, worker cont PID ROW SIGCONT
//	worker wait PID ROW GENERATION   until that process serves
//	worker desc PID REGEXP...        what ps shows of the workers, row by row
//	worker note PID                  remembers the pids of all, for worker gone
//	worker gone                      within two seconds none of these is there any more
//	worker sched PID ROW POLICY PRIORITY   on every thread; sched PID ... for any process
//	parent NAME CMDLINE  the parent of the process that ps shows so into $NAME
//	exitcode N CMD...    as exec, and the exit code is N
//	waitfile FILE        until it exists and is not empty
//	sleep DURATION
//	gone PID             within two seconds the process is not there any more
//	signal NAME PID      sends a signal
//	objects              every line on the last stderr is a JSON object of the log
//	sip send PORT FILE   one datagram, lines ended as SIP wants them
//	sip expect REGEXP    the answer to the last one
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"port": port, "pid": pidOf, "parent": parent, "exitcode": exitCode, "waitfile": waitFile, "sched": sched, "sleep": sleep,
			"objects": objects, "worker": workerCmd, "gone": gone, "signal": signalTo, "sip": sipCmd,
		},
		Condition: func(c string) (bool, error) {
			switch c {
			case "root":
				return os.Geteuid() == 0, nil
			case "static":
				return static()
			}
			return false, fmt.Errorf("no condition %s", c)
		},
		Setup: func(e *testscript.Env) error {
			sample, err := filepath.Abs("../../scripts/ser.cfg")
			e.Setenv("SAMPLE", sample)
			return err
		},
	})
}

// static tells whether the test's program needs no loader, which no chroot of
// a test has; the server itself never does, but one built to look for races does.
func static() (bool, error) {
	f, err := elf.Open("/proc/self/exe")
	if err != nil {
		return false, err
	}
	defer f.Close()
	return f.Section(".interp") == nil, nil
}

func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	want, _ := strconv.Atoi(args[0])
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func objects(ts *testscript.TestScript, neg bool, args []string) {
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		var o struct {
			Time, Level, Role, Module, Message string
			Pid                                int
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			ts.Fatalf("%v in %s", err, line)
		}
		if _, err := time.Parse(time.RFC3339Nano, o.Time); err != nil || o.Level == "" || o.Role == "" || o.Module == "" || o.Pid == 0 {
			ts.Fatalf("%+v from %s", o, line)
		}
	}
}

func sleep(ts *testscript.TestScript, neg bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	time.Sleep(d)
}

func waitFile(ts *testscript.TestScript, neg bool, args []string) {
	for range 300 {
		if st, err := os.Stat(ts.MkAbs(args[0])); err == nil && st.Size() > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not appear", args[0])
}

// parent waits for a process by what ps shows of it.
func parent(ts *testscript.TestScript, neg bool, args []string) {
	for range 300 {
		files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, f := range files {
			if b, _ := os.ReadFile(f); strings.Trim(string(b), "\x00") != args[1] {
				continue
			}
			if ppid := statFields(filepath.Dir(f))[1]; ppid != "1" {
				ts.Setenv(args[0], ppid)
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("no process %q", args[1])
}

// statFields are those of /proc/PID/stat from the state on.
func statFields(dir string) []string {
	b, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return []string{"X", "1"}
	}
	return strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
}

func port(ts *testscript.TestScript, neg bool, args []string) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	ts.Check(err)
	defer c.Close()
	_, p, _ := net.SplitHostPort(c.LocalAddr().String())
	ts.Setenv(args[0], p)
}

func pidOf(ts *testscript.TestScript, neg bool, args []string) {
	pid := strings.TrimSpace(ts.ReadFile(args[1]))
	n := number(ts, pid)
	ts.Setenv(args[0], pid)
	ts.Defer(func() { _ = syscall.Kill(n, syscall.SIGKILL) })
}

func number(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 1 {
		ts.Fatalf("%q is no process number", s)
	}
	return n
}

var signals = map[string]syscall.Signal{
	"kill": syscall.SIGKILL, "abort": syscall.SIGABRT, "stop": syscall.SIGSTOP, "cont": syscall.SIGCONT,
	"term": syscall.SIGTERM, "hup": syscall.SIGHUP, "usr1": syscall.SIGUSR1, "int": syscall.SIGINT, "pipe": syscall.SIGPIPE, "usr2": syscall.SIGUSR2, "alrm": syscall.SIGALRM,
}

func signalTo(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(syscall.Kill(number(ts, args[1]), signals[args[0]]))
}

// rowOf is a line of the process table of a running server.
func rowOf(ts *testscript.TestScript, pid int, row string) shm.Row {
	a, err := attach(pid)
	ts.Check(err)
	defer a.Close()
	n, _ := strconv.Atoi(row)
	return a.Row(n)
}

func workerCmd(ts *testscript.TestScript, neg bool, args []string) {
	if args[0] == "gone" {
		for _, pid := range strings.Fields(ts.Getenv("noted")) {
			gone(ts, neg, []string{pid})
		}
		return
	}
	pid := number(ts, args[1])
	switch args[0] {
	case "note":
		a, err := attach(pid)
		ts.Check(err)
		defer a.Close()
		noted := ""
		for _, r := range a.Rows() {
			noted += fmt.Sprintf("%d ", r.Pid)
		}
		ts.Setenv("noted", noted)
	case "wait":
		want, _ := strconv.Atoi(args[3])
		var r shm.Row
		for range 300 {
			if r = rowOf(ts, pid, args[2]); r.Gen == uint32(want) && r.State == shm.Running {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		ts.Fatalf("row %s is %+v", args[2], r)
	case "sched":
		sched(ts, neg, append([]string{strconv.Itoa(rowOf(ts, pid, args[2]).Pid)}, args[3:]...))
	case "desc":
		describe(ts, pid, args[2:])
	default:
		ts.Check(syscall.Kill(rowOf(ts, pid, args[2]).Pid, signals[args[0]]))
	}
}

// sched compares fields 40 and 41 of /proc/PID/task/TID/stat, priority and
// policy, of all threads.
func sched(ts *testscript.TestScript, neg bool, args []string) {
	threads, _ := filepath.Glob("/proc/" + args[0] + "/task/*")
	if len(threads) < 2 {
		ts.Fatalf("process %s has %d threads", args[0], len(threads))
	}
	for _, dir := range threads {
		f := statFields(dir)
		if len(f) <= 38 || f[38] != args[1] || f[37] != args[2] {
			ts.Fatalf("%s: fields %v, want policy %s, priority %s", dir, f, args[1], args[2])
		}
	}
}

func describe(ts *testscript.TestScript, pid int, want []string) {
	for i, w := range want {
		p := rowOf(ts, pid, strconv.Itoa(i+1)).Pid
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p))
		ts.Check(err)
		got := strings.Trim(strings.ReplaceAll(string(b), "\x00", " "), " ")
		if !regexp.MustCompile("^" + w + "$").MatchString(got) {
			ts.Fatalf("ps shows %q in row %d, want %q", got, i+1, w)
		}
	}
}

func gone(ts *testscript.TestScript, neg bool, args []string) {
	pid := number(ts, args[0])
	for range 1000 {
		if !alive(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("process %d is still there", pid)
}

func alive(pid int) bool {
	state := statFields(fmt.Sprintf("/proc/%d", pid))[0]
	return state != "Z" && state != "X"
}

// conversation is the socket of a script and what came in last.
type conversation struct{ conn net.Conn }

var (
	talkMu sync.Mutex // scripts run side by side
	talks  = map[*testscript.TestScript]*conversation{}
)

func sipCmd(ts *testscript.TestScript, neg bool, args []string) {
	switch args[0] {
	case "send":
		sipSend(ts, args[1], args[2])
	case "expect":
		sipExpect(ts, neg, args[1])
	default:
		ts.Fatalf("sip %s: want send or expect", args[0])
	}
}

func sipSend(ts *testscript.TestScript, port, file string) {
	conn, err := net.Dial("udp", "127.0.0.1:"+port)
	ts.Check(err)
	ts.Defer(func() { conn.Close() })
	text := strings.ReplaceAll(ts.ReadFile(file), "\n", "\r\n")
	text = strings.ReplaceAll(text, "LOCAL", conn.LocalAddr().String())
	_, err = conn.Write([]byte(strings.ReplaceAll(text, "SERVER", "127.0.0.1:"+port)))
	ts.Check(err)
	talkMu.Lock()
	talks[ts] = &conversation{conn}
	talkMu.Unlock()
}

func sipExpect(ts *testscript.TestScript, neg bool, pattern string) {
	talkMu.Lock()
	c := talks[ts]
	talkMu.Unlock()
	wait := 2 * time.Second
	if neg {
		wait = 200 * time.Millisecond
	}
	c.conn.SetReadDeadline(time.Now().Add(wait))
	buf := make([]byte, 65536)
	n, err := c.conn.Read(buf)
	switch {
	case err != nil && !neg:
		ts.Fatalf("no answer: %v", err)
	case err == nil && regexp.MustCompile(pattern).Match(buf[:n]) == neg:
		ts.Fatalf("the answer is\n%s", buf[:n])
	}
}
