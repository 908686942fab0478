//go:build interop

package interop

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// stateless is a proxy that keeps nothing: every request goes to one user agent.
// One receiver: several may overtake each other, and sipp takes a 180 behind its 200 for an error.
const stateless = `children=1
listen=udp:127.0.0.1:@PORT@
log_stderror=yes
loadmodule "sl"
loadmodule "pv"
loadmodule "maxfwd"
request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	$du = "sip:127.0.0.1:@UAS@";
	forward();
}
`

// TestSippCalls has sipp's own client call sipp's own server a thousand times through the proxy.
// Kamailio goes first: what fails there, too, is not our fault.
func TestSippCalls(t *testing.T) {
	sipp := peer.Need(t, "sipp", "sip-tester")
	for _, kind := range []peer.Kind{peer.Kamailio, peer.Ours} {
		t.Run(string(kind), func(t *testing.T) {
			uas := strconv.Itoa(peer.FreePort(t))
			s := peer.Start(t, kind, peer.Expand(stateless, map[string]string{"UAS": uas}), peer.Options{})
			dir := t.TempDir()
			stop := background(t, dir, sipp, "-sn", "uas", "-i", "127.0.0.1", "-p", uas, "-mp", media(t), "-nostdin")
			defer stop()
			out := run(t, dir, 90*time.Second, sipp, "127.0.0.1:"+strconv.Itoa(s.Port), "-sn", "uac",
				"-i", "127.0.0.1", "-p", strconv.Itoa(peer.FreePort(t)), "-mp", media(t), "-m", "1000", "-r", "200", "-d", "0",
				"-timeout", "80s", "-nostdin")
			if !strings.Contains(out, "Successful call") {
				t.Fatalf("sipp does not say how its calls went:\n%s", out)
			}
			if ok, failed := count(t, out, "Successful call"), count(t, out, "Failed call"); ok != 1000 || failed != 0 {
				t.Errorf("%d calls succeeded and %d failed, want 1000 and 0\n%s", ok, failed, out)
			}
		})
	}
}

// media is a port for sipp's media, which these calls do not use but sipp wants.
func media(t *testing.T) string { return strconv.Itoa(peer.FreePort(t) &^ 1) }

// count reads the cumulative column of one line of sipp's statistics.
func count(t *testing.T, out, name string) int {
	t.Helper()
	n := -1
	for line := range strings.Lines(out) {
		if strings.Contains(line, name) {
			f := strings.Split(line, "|")
			n, _ = strconv.Atoi(strings.TrimSpace(f[len(f)-1]))
		}
	}
	return n
}

// background runs a program until stop is called.
func background(t *testing.T, dir, name string, args ...string) (stop func()) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "TERM=dumb")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	port := 0
	for i, a := range args {
		if a == "-p" {
			port, _ = strconv.Atoi(args[i+1])
		}
	}
	for end := time.Now().Add(5 * time.Second); !peer.Bound(port); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s has not opened port %d", name, port)
		}
	}
	return func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
}

// run runs a program to its end, which must be a good one.
func run(t *testing.T, dir string, limit time.Duration, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "TERM=dumb")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestSipsakProbe is what the README promises: the sample configuration answers sipsak.
func TestSipsakProbe(t *testing.T) {
	sipsak := peer.Need(t, "sipsak", "sipsak")
	sample, err := os.ReadFile("../ser.cfg")
	if err != nil {
		t.Fatal(err)
	}
	config := strings.ReplaceAll(string(sample), "127.0.0.1:5060", "127.0.0.1:@PORT@")
	if config == string(sample) {
		t.Fatal("scripts/ser.cfg does not listen on 127.0.0.1:5060")
	}
	s := peer.Start(t, peer.Ours, config, peer.Options{Port: shortPort(t)})
	out := run(t, t.TempDir(), 20*time.Second, sipsak, "-vv", "-s", "sip:127.0.0.1:"+strconv.Itoa(s.Port))
	if !strings.Contains(out, "200 OK") {
		t.Errorf("sipsak was not answered 200:\n%s", out)
	}
}

// shortPort is a free port of four digits: of longer ones sipsak 0.9.8 loses the last in its
// Request-URI.
func shortPort(t *testing.T) int {
	t.Helper()
	for port := 9999; port > 6000; port-- {
		if !peer.Bound(port) {
			return port
		}
	}
	t.Fatal("no free UDP port between 6000 and 9999")
	return 0
}
