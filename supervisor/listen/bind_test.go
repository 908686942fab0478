package listen

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var usual = Tuning{MaxBuffer: 262144, TOS: 0x10, McastTTL: -1}

func plan(addrs ...string) *Plan {
	p := new(Plan)
	for _, a := range addrs {
		s := Socket{Where: "ser.cfg:3:8"}
		s.Proto, s.Addr = "udp", netip.MustParseAddrPort(a)
		p.Sockets = append(p.Sockets, s)
	}
	return p
}

func bind(t *testing.T, tune Tuning, addrs ...string) *Plan {
	t.Helper()
	p := plan(addrs...)
	if err := p.Bind(tune); err != nil {
		t.Skipf("this machine cannot bind %v: %v", addrs, err)
	}
	t.Cleanup(p.Close)
	return p
}

func sockopt(t *testing.T, fd, level, name int) int {
	t.Helper()
	n, err := unix.GetsockoptInt(fd, level, name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A second server must not get half of the first one's datagrams.
func TestBusyPortIsRefused(t *testing.T) {
	p := bind(t, usual, "127.0.0.1:0")
	busy := p.Sockets[0].Addr.String()
	second := plan("127.0.0.1:0", busy)
	err := second.Bind(usual)
	if !errors.Is(err, unix.EADDRINUSE) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"ser.cfg:3:8", "udp:" + busy, "another server"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if len(second.Sockets) != 1 {
		t.Fatalf("%d sockets left", len(second.Sockets))
	}
	if _, err := unix.FcntlInt(uintptr(second.Sockets[0].FD), unix.F_GETFD, 0); err != unix.EBADF {
		t.Errorf("the first socket of the failed start is still open: %v", err)
	}
}

func TestForeignAddressIsRefused(t *testing.T) {
	err := plan("192.0.2.77:0").Bind(usual)
	if err == nil || !strings.Contains(err.Error(), "not one of this machine's") {
		t.Errorf("got %v", err)
	}
}

func TestSocketOptions(t *testing.T) {
	p := bind(t, Tuning{MaxBuffer: 300000, TOS: 0xb8, PMTU: true, McastTTL: 7}, "127.0.0.1:0", "0.0.0.0:0")
	fd, wild := p.Sockets[0].FD, p.Sockets[1].FD
	for _, c := range []struct {
		what                  string
		fd, level, name, want int
	}{
		{"tos", fd, unix.IPPROTO_IP, unix.IP_TOS, 0xb8},
		{"pmtu", fd, unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DO},
		{"ttl", fd, unix.IPPROTO_IP, unix.IP_MULTICAST_TTL, 7},
		{"loop", fd, unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, 0},
		{"no reuse", fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 0},
		{"no sharing", fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 0},
		{"destination not asked for", fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 0},
		{"destination asked for", wild, unix.IPPROTO_IP, unix.IP_PKTINFO, 1},
	} {
		if got := sockopt(t, c.fd, c.level, c.name); got != c.want {
			t.Errorf("%s: %d, want %d", c.what, got, c.want)
		}
	}
}

func TestReceiveBuffer(t *testing.T) {
	before := sockopt(t, bind(t, Tuning{McastTTL: -1}, "127.0.0.1:0").Sockets[0].FD, unix.SOL_SOCKET, unix.SO_RCVBUF)
	got := sockopt(t, bind(t, Tuning{MaxBuffer: before/2 + 4096, McastTTL: -1}, "127.0.0.1:0").Sockets[0].FD, unix.SOL_SOCKET, unix.SO_RCVBUF)
	if got < before {
		t.Errorf("the buffer shrank from %d to %d", before, got)
	}
}

func TestIPv6(t *testing.T) {
	p := bind(t, usual, "[::1]:0", "[::]:0")
	if got := sockopt(t, p.Sockets[0].FD, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY); got != 1 {
		t.Errorf("IPV6_V6ONLY %d", got)
	}
	if got := sockopt(t, p.Sockets[1].FD, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO); got != 1 {
		t.Errorf("IPV6_RECVPKTINFO %d", got)
	}
}

// What the operator can do is said with the reason.
func TestExplain(t *testing.T) {
	low, high := netip.MustParseAddrPort("127.0.0.1:99"), netip.MustParseAddrPort("127.0.0.1:5060")
	for _, c := range []struct {
		err  error
		a    netip.AddrPort
		want string
	}{
		{unix.EACCES, low, "permission denied (port 99 is below 1024 and needs root or CAP_NET_BIND_SERVICE)"},
		{unix.EACCES, high, "permission denied"},
		{unix.EADDRINUSE, high, "address already in use (is another server running on it?)"},
		{unix.EMFILE, high, "too many open files"},
	} {
		if got := explain(c.err, c.a).Error(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// mcast names the interface on which a group is joined.
func TestMulticastInterface(t *testing.T) {
	tune := usual
	tune.Mcast = "lo"
	bind(t, tune, "239.77.66.55:0")
	igmp, err := os.ReadFile("/proc/net/igmp")
	if err != nil {
		t.Fatal(err)
	}
	_, lo, _ := strings.Cut(string(igmp), "\tlo ")
	lo, _, _ = strings.Cut(lo, ":\n\t\t\t\t\t")
	if !strings.Contains(lo, "37424DEF") { // 239.77.66.55 as the kernel prints it
		t.Errorf("the group is not joined on lo:\n%s", igmp)
	}
	tune.Mcast = "nosuch0"
	if err := plan("239.77.66.55:0").Bind(tune); err == nil || !strings.Contains(err.Error(), "mcast: there is no interface nosuch0; there are lo") {
		t.Errorf("got %v", err)
	}
}

// An address that is not there yet can be listened on if it is virtual, or with ip_free_bind.
func TestVirtual(t *testing.T) {
	p := plan("192.0.2.201:0")
	p.Sockets[0].Virtual = true
	if err := p.Bind(usual); err != nil {
		t.Fatal(err)
	}
	p.Close()
	tune := usual
	tune.FreeBind = 1
	bind(t, tune, "192.0.2.201:0")
	if err := plan("192.0.2.201:0").Bind(usual); err == nil {
		t.Error("an address of somebody else was bound")
	}
}
