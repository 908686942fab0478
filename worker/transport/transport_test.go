package transport

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestSenderBatch(t *testing.T) {
	rx, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer rx.Close()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	to := rx.LocalAddr().(*net.UDPAddr).AddrPort()
	s := NewSender()
	big := bytes.Repeat([]byte("x"), 60000)
	for i := range 100 { // more than one batch, with a datagram that needs room
		data := append(s.Begin(), byte(i))
		if i == 50 {
			data = append(data, big...)
		}
		if err := s.Queue(fd, false, netip.Addr{}, to, data); err != nil {
			t.Fatal(err)
		}
		forgotten := append(s.Begin(), "never queued"...)
		if s.Moved(forgotten) {
			t.Fatal("Moved without a Queue in between")
		}
	}
	s.Flush()
	buf := make([]byte, 65536)
	for i := range 100 {
		rx.SetReadDeadline(time.Now().Add(2 * time.Second))
		n, err := rx.Read(buf)
		if err != nil || buf[0] != byte(i) || (i == 50) != (n > 1) {
			t.Fatalf("datagram %d: %d bytes, first %d, %v", i, n, buf[0], err)
		}
	}
	if s.Sent != 100 || s.Pending() {
		t.Errorf("sent %d, pending %v", s.Sent, s.Pending())
	}
}

func TestSenderRefuses(t *testing.T) {
	s := NewSender()
	lo := netip.MustParseAddr("127.0.0.1")
	for _, c := range []struct {
		name string
		to   netip.AddrPort
		n    int
		v6   bool
		want error
	}{
		{"port 0", netip.AddrPortFrom(lo, 0), 1, false, ErrAddr},
		{"no address", netip.AddrPort{}, 1, false, ErrAddr},
		{"IPv6 on an IPv4 socket", netip.MustParseAddrPort("[::1]:5060"), 1, false, ErrAddr},
		{"too big", netip.AddrPortFrom(lo, 5060), MaxDatagram + 1, false, ErrTooBig},
	} {
		if err := s.Queue(0, c.v6, netip.Addr{}, c.to, make([]byte, c.n)); err != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// A datagram that the kernel refuses costs neither the ones before nor those
// behind it.
func TestSenderSkipsRefused(t *testing.T) {
	rx, _ := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	defer rx.Close()
	fd, _ := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	defer unix.Close(fd)
	good := rx.LocalAddr().(*net.UDPAddr).AddrPort()
	bad := netip.MustParseAddrPort("255.255.255.255:9") // EACCES without SO_BROADCAST
	s := NewSender()
	var failed []netip.AddrPort
	s.OnFail = func(to netip.AddrPort, _ error) { failed = append(failed, to) }
	for _, to := range []netip.AddrPort{bad, good, bad, good} {
		if err := s.Queue(fd, false, netip.Addr{}, to, append(s.Begin(), 'm')); err != nil {
			t.Fatal(err)
		}
	}
	s.Flush()
	buf := make([]byte, 10)
	for range 2 {
		rx.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := rx.Read(buf); err != nil {
			t.Fatal(err)
		}
	}
	if s.Failed != 2 || len(failed) != 2 || failed[0] != bad {
		t.Errorf("failed %d, told %v", s.Failed, failed)
	}
}

func TestAddr(t *testing.T) {
	for _, want := range []string{"192.0.2.1:5060", "[2001:db8::1]:65535"} {
		a := netip.MustParseAddrPort(want)
		var name [28]byte
		n := putAddr(&name, a, a.Addr().Is6())
		if got := Addr(name[:n]); got != a {
			t.Errorf("%s comes back as %s", a, got)
		}
	}
	if a := Addr([]byte{1, 2, 3}); a.IsValid() {
		t.Errorf("a short name is %s", a)
	}
	var name [28]byte
	n := putAddr(&name, netip.MustParseAddrPort("192.0.2.1:1"), true)
	if got := Addr(name[:n]); got.String() != "192.0.2.1:1" {
		t.Errorf("mapped: %s", got)
	}
}

// On a wildcard socket the answer must leave by the address that was asked.
func TestPacketInfo(t *testing.T) {
	fd, _ := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{}); err != nil {
		t.Fatal(err)
	}
	unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
	sa, _ := unix.Getsockname(fd)
	client, _ := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2), Port: sa.(*unix.SockaddrInet4).Port})
	defer client.Close()
	client.Write([]byte("ask"))
	data, ctl := make([]byte, 100), make([]byte, 64)
	_, nc, _, _, err := unix.Recvmsg(fd, data, ctl, 0)
	if err != nil {
		t.Fatal(err)
	}
	local, ok := LocalAddr(ctl[:nc])
	if !ok || local.String() != "127.0.0.2" {
		t.Fatalf("local address %v %v", local, ok)
	}
	s := NewSender()
	to := client.LocalAddr().(*net.UDPAddr).AddrPort()
	if err := s.Queue(fd, false, local, to, append(s.Begin(), "answer"...)); err != nil {
		t.Fatal(err)
	}
	s.Flush()
	client.SetReadDeadline(time.Now().Add(time.Second))
	if n, err := client.Read(data); err != nil || string(data[:n]) != "answer" {
		t.Errorf("a connected client does not take the answer: %q %v", data[:n], err)
	}
	for n := range ctl {
		LocalAddr(ctl[:n]) // no panic on cut control messages
	}
}

func TestSendAllocates(t *testing.T) {
	fd, _ := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	defer unix.Close(fd)
	rx, _ := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	defer rx.Close()
	to := rx.LocalAddr().(*net.UDPAddr).AddrPort()
	s := NewSender()
	if n := testing.AllocsPerRun(100, func() {
		_ = s.Queue(fd, false, netip.Addr{}, to, append(s.Begin(), "hello"...))
		s.Flush()
	}); n != 0 {
		t.Errorf("%v allocations a datagram", n)
	}
}

// Datagrams of one size for one destination leave as one train and arrive as
// they were queued, in order; others travel by themselves.
func TestTrains(t *testing.T) {
	fd, _ := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	defer unix.Close(fd)
	var rx [2]*net.UDPConn
	for i := range rx {
		rx[i], _ = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		defer rx[i].Close()
	}
	for _, alone := range []bool{false, true} {
		s := NewSender()
		s.NoTrains = alone
		var want [2][]string
		for i, c := range []struct{ peer, size int }{
			{0, 500}, {1, 500}, {0, 500}, {0, 500}, {1, 300}, {0, 499}, {0, 500}, {1, 500}, {0, 2000}, {0, 2000}, {0, 500}, {0, 1},
		} {
			m := string(bytes.Repeat([]byte{byte('a' + i)}, c.size))
			want[c.peer] = append(want[c.peer], m)
			to := rx[c.peer].LocalAddr().(*net.UDPAddr).AddrPort()
			if err := s.Queue(fd, false, netip.Addr{}, to, append(s.Begin(), m...)); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.couple(); alone && n != 12 || !alone && n != 10 {
			t.Errorf("NoTrains %v: %d trains", alone, n)
		}
		for i := range s.n {
			s.ents[i].taken = false
		}
		s.Flush()
		buf := make([]byte, 65536)
		for p := range rx {
			for i, w := range want[p] {
				rx[p].SetReadDeadline(time.Now().Add(time.Second))
				n, err := rx[p].Read(buf)
				if err != nil || string(buf[:n]) != w {
					t.Fatalf("NoTrains %v, peer %d, datagram %d: %d bytes of %.1q, want %d of %.1q: %v", alone, p, i, n, buf, len(w), w, err)
				}
			}
		}
		if s.Sent != 12 || s.Failed != 0 {
			t.Errorf("sent %d, failed %d", s.Sent, s.Failed)
		}
	}
}

// What the kernel does not take as a train goes one by one: here because the
// socket has no UDP checksum offload to fall back on.
func TestTrainsThatAreRefused(t *testing.T) {
	fd, _ := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	defer unix.Close(fd)
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NO_CHECK, 1); err != nil {
		t.Fatal(err)
	}
	rx, _ := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	defer rx.Close()
	s := NewSender()
	for i := range 3 {
		_ = s.Queue(fd, false, netip.Addr{}, rx.LocalAddr().(*net.UDPAddr).AddrPort(), append(s.Begin(), byte(i), 'x'))
	}
	s.Flush()
	buf := make([]byte, 10)
	for i := range 3 {
		rx.SetReadDeadline(time.Now().Add(time.Second))
		if n, err := rx.Read(buf); err != nil || n != 2 || buf[0] != byte(i) {
			t.Fatalf("datagram %d: %q %v", i, buf[:n], err)
		}
	}
	if s.Sent != 3 || s.Failed != 0 {
		t.Errorf("sent %d, failed %d", s.Sent, s.Failed)
	}
}
