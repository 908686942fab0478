package transport

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// rawTo opens a raw sender and the socket it sends to. Only root may.
func rawTo(t *testing.T) (*Raw, *net.UDPConn, netip.AddrPort) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if errors.Is(err, unix.EPERM) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &Raw{FD: fd, MTU: 1500, TTL: 64}, c, c.LocalAddr().(*net.UDPAddr).AddrPort()
}

// What arrives is what was sent, whole and with a checksum that the kernel accepts, in one packet or many.
func TestRaw(t *testing.T) {
	r, c, to := rawTo(t)
	from := netip.MustParseAddrPort("127.0.0.1:4711")
	for _, size := range []int{1, 2, 1000, 1472, 1473, 4001, 20000} {
		data := bytes.Repeat([]byte("ab"), size/2+1)[:size]
		if err := r.Send(from, to, data); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		buf := make([]byte, 65536)
		c.SetReadDeadline(time.Now().Add(2 * time.Second))
		n, src, err := c.ReadFromUDPAddrPort(buf)
		if err != nil || !bytes.Equal(buf[:n], data) || src != from {
			t.Errorf("%d bytes: got %d from %v, %v", size, n, src, err)
		}
	}
	if err := r.Send(from, to, make([]byte, MaxDatagram+1)); !errors.Is(err, ErrTooBig) {
		t.Errorf("too large: %v", err)
	}
}

// The packets themselves: size, time to live, type of service, and the bit that forbids fragments.
func TestRawHeaders(t *testing.T) {
	r, _, to := rawTo(t)
	tap, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_UDP)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(tap)
	tv := unix.NsecToTimeval(int64(2 * time.Second))
	_ = unix.SetsockoptTimeval(tap, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv)
	r.TTL, r.TOS, r.DF = 7, 0xb8, true
	if err := r.Send(netip.MustParseAddrPort("127.0.0.9:4712"), to, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 65536)
	for {
		n, _, err := unix.Recvfrom(tap, buf, 0)
		if err != nil {
			t.Fatal(err)
		}
		if p := buf[:n]; bytes.Equal(p[12:16], []byte{127, 0, 0, 9}) {
			if p[8] != 7 || p[1] != 0xb8 || p[6] != 0x40 || string(p[28:]) != "hello" {
				t.Errorf("got % x", p)
			}
			return
		}
	}
}

// Fragments have the size that udp4_raw_mtu says, and together all bytes.
func TestRawFragments(t *testing.T) {
	r, c, to := rawTo(t)
	r.MTU = 100
	data := bytes.Repeat([]byte("x"), 333)
	if err := r.Send(netip.MustParseAddrPort("127.0.0.1:4713"), to, data); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1000)
	c.SetReadDeadline(time.Now().Add(2 * time.Second))
	if n, _ := c.Read(buf); n != len(data) {
		t.Errorf("%d bytes came", n)
	}
	last := len(data) + udpHeader - 4*80 // four whole pieces of 80 bytes come before
	if got := int(r.part[2])<<8 | int(r.part[3]); got != ipHeader+last || r.part[6]&0x20 != 0 {
		t.Errorf("the last fragment has %d bytes, want %d: % x", got, ipHeader+last, r.part[:ipHeader])
	}
}

func TestRawAllocatesNothing(t *testing.T) {
	r, _, to := rawTo(t)
	from, data := netip.MustParseAddrPort("127.0.0.1:4714"), []byte("hello")
	if n := testing.AllocsPerRun(100, func() { _ = r.Send(from, to, data) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
