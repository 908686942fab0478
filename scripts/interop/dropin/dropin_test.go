//go:build interop

package dropin

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

func TestMain(m *testing.M) { os.Exit(peer.Main(m)) }

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("this needs root")
	}
	t.Skip("this needs root")
}

// place is a directory that looks like a machine to a script whose paths are
// changed to lie in it, and that another user can enter.
type place struct {
	dir, ser, cfg string
	port          int
}

const config = `children=2
listen=udp:127.0.0.1:@PORT@
loadmodule "sl"
request_route { sl_send_reply("200", "OK"); }
`

func newPlace(t *testing.T) *place {
	t.Helper()
	needRoot(t)
	dir, err := os.MkdirTemp("", "dropin")
	if err != nil {
		t.Fatal(err)
	}
	p := &place{dir: dir, ser: filepath.Join(dir, "ser"), cfg: filepath.Join(dir, "ser.cfg"), port: peer.FreePort(t)}
	t.Cleanup(func() { p.end(); os.RemoveAll(dir) })
	program, err := os.ReadFile(peer.Binary(t, "ser"))
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "ser", string(program), 0o755)
	p.write(t, "ser.cfg", peer.Expand(config, map[string]string{"PORT": strconv.Itoa(p.port)}), 0o644)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *place) write(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// servers are the processes of the copied program.
func (p *place) servers() (pids []int) {
	exes, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, exe := range exes {
		if to, err := os.Readlink(exe); err == nil && strings.TrimSuffix(to, " (deleted)") == p.ser {
			pid, _ := strconv.Atoi(strings.Split(exe, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// end kills what a failed test has left.
func (p *place) end() {
	for _, pid := range p.servers() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func (p *place) answers(t *testing.T) bool {
	t.Helper()
	return peer.Dial(t, p.port).Ask(3 * time.Second)
}

// uid is the owner of a process.
func uid(t *testing.T, pid int) int {
	t.Helper()
	st, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	if err != nil {
		t.Fatal(err)
	}
	return int(st.Sys().(*syscall.Stat_t).Uid)
}

// pid is what stands in a pid file; it must be a server's.
func (p *place) pid(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || !peer.Alive(pid) {
		t.Fatalf("the pid file says %q", text)
	}
	return pid
}

// stopped checks that nothing is left.
func (p *place) stopped(t *testing.T, pidFile string) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); len(p.servers()) > 0 && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	if left := p.servers(); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
	if _, err := os.Stat(pidFile); err == nil {
		t.Error("the pid file is left")
	}
}

func lookup(t *testing.T, user string) (uid, gid uint32) {
	t.Helper()
	out, err := exec.Command("getent", "passwd", user).Output()
	f := strings.Split(string(out), ":")
	if err != nil || len(f) < 4 {
		t.Fatalf("no user %s", user)
	}
	u, _ := strconv.ParseUint(f[2], 10, 32)
	g, _ := strconv.ParseUint(f[3], 10, 32)
	return uint32(u), uint32(g)
}

// TestDebianInitScript runs the init script that Debian's package of Kamailio installs.
func TestDebianInitScript(t *testing.T) {
	p := newPlace(t)
	const original = "/etc/init.d/kamailio"
	text, err := os.ReadFile(original)
	if err != nil {
		t.Fatalf("%v: install Debian's kamailio", err)
	}
	home, defaults := filepath.Join(p.dir, "run"), filepath.Join(p.dir, "default")
	script := string(text)
	for variable, value := range map[string]string{
		"DAEMON": p.ser, "NAME": "ser", "HOMEDIR": home, "DEFAULTS": defaults, "CFGFILE": p.cfg,
	} {
		line := regexp.MustCompile("(?m)^" + variable + "=.*$")
		if !line.MatchString(script) {
			t.Fatalf("%s has no %s", original, variable)
		}
		script = line.ReplaceAllLiteralString(script, variable+"="+value)
	}
	file, pidFile := p.write(t, "init", script, 0o755), filepath.Join(home, "ser.pid")
	run := func(want int, action string) string {
		t.Helper()
		out, err := exec.Command(file, action).CombinedOutput()
		code := 0
		if e, ok := err.(*exec.ExitError); ok {
			code = e.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if code != want {
			t.Fatalf("%s returns %d, want %d:\n%s", action, code, want, out)
		}
		return string(out)
	}
	if out := run(0, "start"); !strings.Contains(out, "not yet configured") {
		t.Errorf("start without configuration: %s", out)
	}
	p.write(t, "default", "RUN_KAMAILIO=yes\nUSER=nobody\nGROUP=nogroup\nSHM_MEMORY=48\nDUMP_CORE=yes\n", 0o644)
	run(0, "start")
	first := p.pid(t, pidFile)
	nobody, _ := lookup(t, "nobody")
	if !p.answers(t) || len(p.servers()) != 5 {
		t.Errorf("processes %v", p.servers())
	}
	for _, pid := range p.servers() {
		if uid(t, pid) != int(nobody) {
			t.Errorf("process %d runs as %d", pid, uid(t, pid))
		}
	}
	run(0, "status")
	if out := run(0, "start"); !strings.Contains(out, "already running") || p.pid(t, pidFile) != first {
		t.Errorf("a second start: %s", out)
	}
	good, _ := os.ReadFile(p.cfg)
	p.write(t, "ser.cfg", string(good)+"nonsense=1\n", 0o644)
	if out := run(1, "restart"); !strings.Contains(out, "nonsense") || p.pid(t, pidFile) != first || !p.answers(t) {
		t.Errorf("restart with a bad configuration: %s", out)
	}
	p.write(t, "ser.cfg", string(good), 0o644)
	run(0, "restart")
	if p.pid(t, pidFile) == first || !p.answers(t) {
		t.Error("restart changed nothing")
	}
	run(0, "stop")
	p.stopped(t, pidFile)
	run(3, "status")
	run(0, "stop")
}

// unit is what a unit file says about starting.
func unit(t *testing.T, path string) (args []string, env map[string]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	env = map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if v, ok := strings.CutPrefix(line, "ExecStart="); ok {
			args = strings.Fields(v)
		}
		if v, ok := strings.CutPrefix(line, "Environment="); ok {
			for _, e := range strings.Fields(strings.Trim(v, "'\"")) {
				name, value, _ := strings.Cut(e, "=")
				env[name] = value
			}
		}
	}
	if len(args) == 0 {
		t.Fatalf("%s has no ExecStart", path)
	}
	return args, env
}

// started is the command of a unit as its user would run it, with our program and paths.
func (p *place) started(t *testing.T, path, pidFile string) *exec.Cmd {
	t.Helper()
	args, env := unit(t, path)
	env["CFGFILE"] = p.cfg
	for i, a := range args {
		args[i] = os.Expand(a, func(name string) string {
			if env[name] == "" {
				t.Fatalf("%s: nothing sets %s", path, name)
			}
			return env[name]
		})
		if strings.HasSuffix(a, ".pid") {
			args[i] = pidFile
		}
	}
	u, g := lookup(t, "nobody")
	if err := os.Mkdir(filepath.Dir(pidFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Dir(pidFile), int(u), int(g)); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(p.ser, args[1:]...)
	c.Dir = "/"
	c.Env = []string{"PATH=/usr/bin:/bin"}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: u, Gid: g}}
	return c
}

// TestKamailioUnit starts us as the unit of Debian's Kamailio would: the command returns 0 when all
// processes are ready, and the pid file names the one to watch.
func TestKamailioUnit(t *testing.T) {
	p := newPlace(t)
	pidFile := filepath.Join(p.dir, "run", "ser.pid")
	c := p.started(t, "/lib/systemd/system/kamailio.service", pidFile)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pid := p.pid(t, pidFile)
	if n := len(peer.Children(pid)); n != 4 || !p.answers(t) {
		t.Errorf("%d processes when the command returns", n)
	}
	_ = syscall.Kill(pid, syscall.SIGTERM)
	p.stopped(t, pidFile)
}

// TestOurUnit starts us as our unit would, with a service manager that listens.
func TestOurUnit(t *testing.T) {
	p := newPlace(t)
	u, _ := lookup(t, "nobody")
	socket := filepath.Join(p.dir, "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Chown(socket, int(u), -1); err != nil {
		t.Fatal(err)
	}
	pidFile := filepath.Join(p.dir, "run", "ser.pid")
	c := p.started(t, "../../systemd/ser.service", pidFile)
	c.Env = append(c.Env, "NOTIFY_SOCKET="+socket, "WATCHDOG_USEC=1000000")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_ = l.SetReadDeadline(time.Now().Add(20 * time.Second))
	hear := func(line string) {
		t.Helper()
		buf := make([]byte, 4096)
		for {
			n, err := l.Read(buf)
			if err != nil {
				t.Fatalf("waiting for %s: %v", line, err)
			}
			if strings.Contains(string(buf[:n]), line) {
				return
			}
		}
	}
	hear("READY=1\nMAINPID=" + strconv.Itoa(c.Process.Pid) + "\n")
	if p.pid(t, pidFile) != c.Process.Pid || len(peer.Children(c.Process.Pid)) != 4 || !p.answers(t) {
		t.Error("not all is there when it says that it is ready")
	}
	hear("WATCHDOG=1")
	_ = c.Process.Signal(syscall.SIGTERM)
	hear("STOPPING=1")
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	p.stopped(t, pidFile)
}

// TestStartStopDaemon is Debian's tool with another user.
func TestStartStopDaemon(t *testing.T) {
	p := newPlace(t)
	u, g := lookup(t, "nobody")
	run := filepath.Join(p.dir, "run")
	pidFile := filepath.Join(run, "ser.pid")
	if err := os.Mkdir(run, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(run, int(u), int(g)); err != nil {
		t.Fatal(err)
	}
	ssd := func(want int, args ...string) {
		t.Helper()
		out, err := exec.Command("start-stop-daemon", args...).CombinedOutput()
		code := 0
		if e, ok := err.(*exec.ExitError); ok {
			code = e.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if code != want {
			t.Fatalf("start-stop-daemon %v returns %d, want %d: %s", args, code, want, out)
		}
	}
	start := []string{"--start", "--chuid", "nobody:nogroup", "--pidfile", pidFile, "--exec", p.ser, "--", "-f", p.cfg, "-P", pidFile, "-m", "32", "-M", "4"}
	ssd(0, start...)
	pid := p.pid(t, pidFile)
	if uid(t, pid) != int(u) || len(peer.Children(pid)) != 4 || !p.answers(t) {
		t.Errorf("process %d of user %d with %d children", pid, uid(t, pid), len(peer.Children(pid)))
	}
	ssd(1, start...) // it runs already
	ssd(0, "--status", "--pidfile", pidFile, "--exec", p.ser)
	ssd(0, "--stop", "--pidfile", pidFile, "--exec", p.ser, "--user", "nobody", "--retry", "TERM/10")
	p.stopped(t, pidFile)
	ssd(3, "--status", "--pidfile", pidFile, "--exec", p.ser)
}
