package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// journal is the system's log of a server that lives in a directory of its own.
func journal(t *testing.T) (root string, lines <-chan string) {
	t.Helper()
	root = t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(root, "dev", "log"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := make(chan string, 1000)
	go func() {
		defer close(c)
		buf := make([]byte, 64<<10)
		for {
			n, err := l.Read(buf)
			if err != nil {
				return
			}
			c <- string(buf[:n])
		}
	}()
	return root, c
}

// logged runs a server, lets it say something and refuse something, and returns
// what reached syslog.
func logged(t *testing.T, config string, args ...string) string {
	t.Helper()
	root, lines := journal(t)
	addr := freePort(t)
	file := filepath.Join(t.TempDir(), "ser.cfg")
	text := config + "\nloadmodule \"sl\"\nloadmodule \"xlog\"\nroute { xlog(\"L_NOTICE\", \"hello\\n\"); sl_send_reply(\"200\", \"OK\"); }\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, append([]string{"-DD", "-a", "off", "-f", file, "-n", "1", "-t", root, "-l", "udp:" + addr}, args...)...)
	c.Env = append(os.Environ(), "SER_TEST_MAIN=1")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	for slot := 1; slot <= 3; slot++ {
		eventually(t, c.Process.Pid, slot, 1)
	}
	client, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fmt.Fprint(client, strings.Repeat("x", 40))
	fmt.Fprint(client, strings.ReplaceAll(`OPTIONS sip:a@example.com SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKsys;rport
Max-Forwards: 70
From: <sip:b@example.com>;tag=1
To: <sip:a@example.com>
Call-ID: sys@x
CSeq: 1 OPTIONS
Content-Length: 0

`, "\n", "\r\n"))
	_ = client.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := client.Read(make([]byte, 2048)); err != nil {
		t.Fatal(err)
	}
	c.Process.Signal(os.Interrupt)
	c.Wait()
	var all []string
	for {
		select {
		case l := <-lines:
			all = append(all, l)
			continue
		case <-time.After(200 * time.Millisecond):
		}
		return strings.Join(all, "\n") + "\n"
	}
}

// debug, corelog, log_facility, log_name, log_stderror and --log-engine, as they
// reach the system's log.
func TestSyslog(t *testing.T) {
	t.Parallel()
	if ok, err := static(); os.Geteuid() != 0 || !ok || err != nil {
		t.Skip("this needs root and a program without a loader, for chroot")
	}
	const head = `(?m)^<%d>\w{3} [ \d]\d \d\d:\d\d:\d\d %s\[\d+\]: `
	for _, c := range []struct {
		config     string
		args       []string
		want, none string
	}{
		{"debug=1", nil, fmt.Sprintf(head, 29, "ser") + `NOTICE: <script>: hello$`, ""},
		{"debug=0", nil, fmt.Sprintf(head, 27, "ser") + `ERROR: refused a message`, "hello"},
		{"debug=0", []string{"-d"}, `NOTICE: <script>: hello`, ""},
		{"debug=1\ncorelog=1", nil, fmt.Sprintf(head, 29, "ser") + `NOTICE: refused a message`, "ERROR"},
		{"debug=1\ncorelog=2", nil, `hello`, "refused"},
		{"debug=1\nlog_facility=LOG_LOCAL3", nil, fmt.Sprintf(head, 157, "ser") + `NOTICE: signal 2 `, "<29>"},
		{"debug=1\nlog_name=\"edge\"", nil, fmt.Sprintf(head, 29, "edge") + `NOTICE: <script>: hello$`, `ser\[`},
		{"debug=1\nlog_stderror=yes", nil, "", "."},
		{"debug=1", []string{"-E"}, "", "."},
		{"debug=1", []string{"--log-engine=json"}, fmt.Sprintf(head, 29, "ser") + `\{"time":.*"callid":"sys@x","message":"hello"\}$`, "<script>"},
	} {
		got := logged(t, c.config, c.args...)
		if !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%q %v: no %s in\n%s", c.config, c.args, c.want, got)
		}
		if c.none != "" && regexp.MustCompile(c.none).MatchString(got) {
			t.Errorf("%q %v: %s in\n%s", c.config, c.args, c.none, got)
		}
	}
}
