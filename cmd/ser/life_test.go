package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// worlds are configurations that proofs share, each with what all of its proofs need. Parameters that would
// hide each other's effect live in different ones.
var worlds = map[string]func(*testing.T) string{
	"plain": func(*testing.T) string { return "" },
	"set":   func(*testing.T) string { return "" },
	"other": func(*testing.T) string { return "" },
	"mean":  func(*testing.T) string { return "" },
	"tight": func(*testing.T) string { return "" },
}

// routes is what all worlds run.
const routes = `
loadmodule "sl"
loadmodule "pv"
loadmodule "xlog"
loadmodule "textops"
request_route {
	xlog("L_ERR", "first $rm\n");
	xlog("L_NOTICE", "noticed\n");
	if ($rU == "forward") { $du = $hdr(X-To); forward(); exit; }
	if ($rU == "big") {
		append_to_reply("X-Big: $hdr(X-Text)\r\n");
		append_to_reply("X-Big: $hdr(X-Text)\r\n");
		append_to_reply("X-Big: $hdr(X-Text)\r\n");
		sl_send_reply("200", "OK");
		exit;
	}
	$var(loops) = 0;
	while (1) { $var(loops) = $var(loops) + 1; }
	$var(depth) = 0;
	route(deep);
	append_branch("sip:1@example.org");
	append_branch("sip:2@example.org");
	append_branch("sip:3@example.org");
	$var(mine) = 0;
	if (uri == myself) $var(mine) = 1;
	append_to_reply("X-Say: loops=$var(loops) depth=$var(depth) id=$sel(sys.server_id) user=$rU\r\n");
	append_to_reply("X-More: branches=$sel(branch.count) mine=$var(mine)\r\n");
	sl_send_reply("200", "OK");
}
route[deep] { $var(depth) = $var(depth) + 1; route(deep); }
onsend_route { if (is_method("INVITE") && status == "200") { xlog("L_ERR", "a reply leaves\n"); } }
`

// life is a server that runs.
type life struct {
	t    *testing.T
	name string
	port int
	pid  int
	log  string
	out  string
}

// startWorld starts the server of a world and waits until it answers.
func startWorld(t *testing.T, name string) *life {
	t.Helper()
	dir := t.TempDir()
	l := &life{t: t, name: name, port: vacantPort(t), log: filepath.Join(dir, "log"), out: filepath.Join(dir, "out")}
	text := worlds[name](t)
	if !strings.Contains(text, "children=") && name != "set" {
		text += "children=1\n"
	}
	for _, p := range proofs {
		if p.world == name && p.line != "" && !strings.HasPrefix(p.line, "#") {
			text += p.line + "\n"
		}
	}
	text += fmt.Sprintf("%s\nlisten=udp:127.0.0.1:%d\n", listenLines(name), l.port)
	file := filepath.Join(dir, "ser.cfg")
	if err := os.WriteFile(file, []byte(text+routes), 0o644); err != nil {
		t.Fatal(err)
	}
	out, _ := os.Create(l.out)
	log, _ := os.Create(l.log)
	defer out.Close()
	defer log.Close()
	cmd := exec.Command("/proc/self/exe", "-DD", "-E", "-f", file, "-w", dir)
	cmd.Env = append(os.Environ(), "SER_TEST_MAIN=1")
	cmd.Stdout, cmd.Stderr = out, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	l.pid = cmd.Process.Pid
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	for range 40 {
		if say(l) != "" {
			return l
		}
	}
	said := l.logged()
	t.Fatalf("%s does not answer:\n%s\n%s", name, text, said[:min(len(said), 1000)])
	return nil
}

// listenLines stand before the one that all worlds have: socket_workers is for the next address only.
func listenLines(world string) string {
	if world == "set" {
		return "socket_workers=3"
	}
	return ""
}

func vacantPort(t *testing.T) int {
	t.Helper()
	c := client(t, "127.0.0.1:0")
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

func client(t *testing.T, addr string) *net.UDPConn {
	t.Helper()
	a, err := net.ResolveUDPAddr("udp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenUDP("udp4", a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// patience is how long an answer that may not come is waited for.
const patience = 400 * time.Millisecond

func deadline() time.Time { return time.Now().Add(patience) }

func read(c *net.UDPConn) string {
	buf := make([]byte, 65536)
	_ = c.SetReadDeadline(deadline())
	n, _ := c.Read(buf)
	return string(buf[:n])
}

// send gives the server bytes from c.
func (l *life) send(c *net.UDPConn, msg string) {
	to := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: l.port}
	if _, err := c.WriteToUDP([]byte(msg), to); err != nil {
		l.t.Fatal(err)
	}
}

// message is a request to user at the server, its Via that of c unless one is given.
func (l *life) message(c *net.UDPConn, method, uri, via string, headers ...string) string {
	if via == "" {
		via = c.LocalAddr().String()
	}
	m := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKproof\r\n", method, uri, via)
	m += "From: <sip:a@example.org>;tag=1\r\nTo: <sip:b@example.org>\r\nCall-ID: proof\r\nCSeq: 1 " + method + "\r\n"
	for _, h := range headers {
		m += h + "\r\n"
	}
	return m + "Content-Length: 0\r\n\r\n"
}

// ask sends OPTIONS for a user and returns the answer, "" if none comes.
func (l *life) ask(user string, headers ...string) string {
	c := client(l.t, "127.0.0.1:0")
	defer c.Close()
	l.send(c, l.message(c, "OPTIONS", "sip:"+user+"@127.0.0.1", "", headers...))
	return read(c)
}

// forwarded sends a request through the server to a peer, and returns what arrives there.
func (l *life) forwarded(headers ...string) string {
	c, peer := client(l.t, "127.0.0.1:0"), client(l.t, "127.0.0.1:0")
	to := "X-To: sip:" + peer.LocalAddr().String()
	l.send(c, l.message(c, "OPTIONS", "sip:forward@127.0.0.1", "", append(headers, to)...))
	return read(peer)
}

func (l *life) logged() string {
	b, _ := os.ReadFile(l.log)
	return string(b)
}

// settled does something that the server logs, and waits until what it logged has arrived: lines go through the
// supervisor.
func (l *life) settled(do func()) {
	size := len(l.logged())
	do()
	for range 50 { // until it begins
		if len(l.logged()) > size {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for quiet := 0; quiet < 3; quiet++ { // until it ends
		time.Sleep(20 * time.Millisecond)
		if n := len(l.logged()); n != size {
			quiet, size = 0, n
		}
	}
}

func (l *life) printed() string {
	b, _ := os.ReadFile(l.out)
	return string(b)
}

// dry checks a configuration that has line unless this is the plain world, and returns all that is said.
func dry(line, rest string) func(l *life) string {
	return func(l *life) string {
		text := rest
		if l.name != "plain" {
			text = line + "\n" + rest
		}
		file := filepath.Join(l.t.TempDir(), "ser.cfg")
		if err := os.WriteFile(file, []byte(text+"\nroute { exit; }\n"), 0o644); err != nil {
			l.t.Fatal(err)
		}
		var out bytes.Buffer
		code := command([]string{"ser", "-c", "-f", file}, stdio{strings.NewReader(""), &out, &out})
		return fmt.Sprintf("%s\nexit %d", out.String(), code)
	}
}

// sockopt reads an option of the server's listening socket.
func sockopt(level, name int) func(l *life) string {
	return func(l *life) string {
		pidfd, err := unix.PidfdOpen(l.pid, 0)
		if err != nil {
			l.t.Fatal(err)
		}
		defer unix.Close(pidfd)
		fds, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", l.pid))
		for _, e := range fds {
			n, _ := strconv.Atoi(e.Name())
			fd, err := unix.PidfdGetfd(pidfd, n, 0)
			if err != nil {
				continue
			}
			sa, _ := unix.Getsockname(fd)
			if in, ok := sa.(*unix.SockaddrInet4); ok && in.Port == l.port {
				v, err := unix.GetsockoptInt(fd, level, name)
				unix.Close(fd)
				if err != nil {
					l.t.Fatal(err)
				}
				return strconv.Itoa(v)
			}
			unix.Close(fd)
		}
		l.t.Fatal("the server's socket is not to be found")
		return ""
	}
}

// proc reads a file of /proc about the server.
func proc(name string) func(l *life) string {
	return func(l *life) string {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", l.pid, name))
		if err != nil {
			l.t.Fatal(err)
		}
		return string(b)
	}
}

// processes are the command lines of the server's children.
func processes(l *life) string {
	var out []string
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", l.pid))
	for _, t := range tasks {
		b, _ := os.ReadFile(t)
		for _, pid := range strings.Fields(string(b)) {
			c, _ := os.ReadFile("/proc/" + pid + "/cmdline")
			out = append(out, strings.Trim(string(c), "\x00"))
		}
	}
	return strings.Join(out, "\n")
}

// arena tells how large the shared memory is, and how much of it is there, in MB.
func arena(l *life) string {
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", l.pid))
	for _, f := range fds {
		var st unix.Stat_t
		if to, _ := os.Readlink(f); strings.Contains(to, "ser-arena") && unix.Stat(f, &st) == nil {
			return fmt.Sprintf("size=%d there=%d", st.Size>>20, st.Blocks*512>>20)
		}
	}
	return "no arena"
}
