package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// inOwnNetwork runs f on a thread whose network has only lo, with these nets on it: every address of each is
// the machine's own.
func inOwnNetwork(t *testing.T, f func(t *testing.T), nets ...string) {
	t.Run("network", func(t *testing.T) {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET); errors.Is(err, unix.EPERM) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
		lo, err := netlink.LinkByName("lo")
		if err == nil {
			err = netlink.LinkSetUp(lo)
		}
		for _, n := range nets {
			a, perr := netlink.ParseAddr(n)
			if err = errors.Join(err, perr); err == nil {
				err = netlink.AddrAdd(lo, a)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		f(t)
	})
}

// With mhomed=yes a request leaves by the socket whose address the kernel's routes choose for the destination,
// with no by the one that it came in on; an address that comes later counts, too.
func TestMultihomed(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		for mhomed, want := range map[string]string{"no": "10.91.1.1", "yes": "10.92.1.1"} {
			port := 5060 // nobody else is here
			cfg := fmt.Sprintf("mhomed=%s\nchildren=1\nauto_aliases=no\nlisten=udp:10.91.1.1:%d udp:10.92.1.1:%d\n"+
				"route { $du = $hdr(X-To); forward(); }\nloadmodule \"pv\"\n", mhomed, port, port)
			cfg = "loadmodule \"pv\"\n" + strings.Replace(cfg, "loadmodule \"pv\"\n", "", 1)
			stop := serveHere(t, cfg)
			peer, c := client(t, "10.92.1.77:0"), client(t, "10.91.1.50:0")
			l := &life{t: t}
			msg := l.message(c, "OPTIONS", "sip:a@10.91.1.1", "", "X-To: sip:"+peer.LocalAddr().String())
			var from *net.UDPAddr
			buf := make([]byte, 4096)
			n := 0
			for range 50 {
				if _, err := c.WriteToUDP([]byte(msg), &net.UDPAddr{IP: net.IPv4(10, 91, 1, 1), Port: port}); err != nil {
					continue
				}
				_ = peer.SetReadDeadline(deadline())
				if n, from, _ = peer.ReadFromUDP(buf); n > 0 {
					break
				}
			}
			if from == nil || from.IP.String() != want || !strings.Contains(string(buf[:n]), "\r\nVia: SIP/2.0/UDP "+want+";") {
				t.Errorf("mhomed=%s: from %v, want %s: %q", mhomed, from, want, buf[:n])
			}
			stop()
		}
	}, "10.91.1.1/24", "10.92.1.1/24")
}

// Without listen every address of the machine has a socket; an interface's name stands for its addresses.
func TestInterfaces(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		l := &life{t: t}
		for _, c := range []struct{ cfg, want string }{
			{"", "udp: 127.0.0.1:5060|udp: 10.93.1.1:5060"},
			{"auto_bind_ipv6=yes", "udp: 127.0.0.1:5060|udp: 10.93.1.1:5060|udp: [::1]:5060|udp: [fd00:93::1]:5060"},
			{"listen=udp:lo:5070", "udp: 127.0.0.1:5070|udp: 10.93.1.1:5070"},
			{"listen=udp:eth7:5070", "(there are lo)"},
		} {
			said := dry("", "auto_aliases=no\n"+c.cfg)(l)
			for _, want := range strings.Split(c.want, "|") {
				if !strings.Contains(said, want) {
					t.Errorf("%s: no %s in\n%s", c.cfg, want, said)
				}
			}
		}
	}, "10.93.1.1/24", "fd00:93::1/64")
}

// serveHere starts a server in the network of this thread.
func serveHere(t *testing.T, cfg string) (stop func()) {
	dir := t.TempDir()
	file := filepath.Join(dir, "ser.cfg")
	if err := os.WriteFile(file, []byte(cfg), 0o644); err != nil {
		t.Error(err)
	}
	cmd := exec.Command("/proc/self/exe", "-DD", "-E", "-f", file, "-w", dir)
	cmd.Env = append(os.Environ(), "SER_TEST_MAIN=1")
	if err := cmd.Start(); err != nil {
		t.Error(err)
	}
	return func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
}
