package udp

import (
	"bytes"
	"net/netip"
	"testing"
	"time"
)

func pair(t *testing.T, ip string) (a, b *Socket) {
	t.Helper()
	var out [2]*Socket
	for i := range out {
		s, err := Listen(netip.AddrPortFrom(netip.MustParseAddr(ip), 0))
		if err != nil {
			t.Skipf("no loopback %s here: %v", ip, err)
		}
		t.Cleanup(func() { s.Close() })
		out[i] = s
	}
	return out[0], out[1]
}

// receive collects n datagrams within a second.
func receive(t *testing.T, s *Socket, n int) (out [][]byte, from netip.AddrPort) {
	t.Helper()
	p := NewPoller([]*Socket{s})
	for deadline := time.Now().Add(time.Second); len(out) < n && time.Now().Before(deadline); {
		if err := p.Wait(int64(10 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		got, err := s.Receive()
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			b, addr, _ := s.Datagram(i)
			out, from = append(out, bytes.Clone(b)), addr.AddrPort()
		}
	}
	return out, from
}

// More than a batch goes through whole, in order, with the sender's address, on IPv4 and IPv6.
func TestBatches(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "::1"} {
		t.Run(ip, func(t *testing.T) {
			a, b := pair(t, ip)
			to := AddrOf(b.Local)
			const n = 150
			for i := range n {
				a.Queue(append(a.Buffer(), bytes.Repeat([]byte{byte(i)}, i+1)...), &to)
			}
			a.Flush()
			got, from := receive(t, b, n)
			if len(got) != n || from != a.Local {
				t.Fatalf("%d of %d datagrams, from %v, want %v", len(got), n, from, a.Local)
			}
			for i, d := range got {
				if !bytes.Equal(d, bytes.Repeat([]byte{byte(i)}, i+1)) {
					t.Fatalf("datagram %d is %d bytes of %v", i, len(d), d[:1])
				}
			}
			if a.Sent != n || b.Received != n || a.Refused != 0 {
				t.Fatalf("sent %d received %d refused %d", a.Sent, b.Received, a.Refused)
			}
		})
	}
}

func TestTruncatedIsMarked(t *testing.T) {
	a, b := pair(t, "127.0.0.1")
	to := AddrOf(b.Local)
	a.Queue(make([]byte, maxSize+1), &to)
	a.Flush()
	NewPoller([]*Socket{b}).Wait(int64(time.Second))
	if n, err := b.Receive(); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if d, _, whole := b.Datagram(0); whole || len(d) != maxSize {
		t.Fatalf("%d bytes, whole %v", len(d), whole)
	}
}

// One datagram that the kernel refuses must not hold up those after it.
func TestRefused(t *testing.T) {
	a, b := pair(t, "127.0.0.1")
	good, bad := AddrOf(b.Local), AddrOf(netip.MustParseAddrPort("127.0.0.1:0"))
	a.Queue(append(a.Buffer(), "1"...), &bad)
	a.Queue(append(a.Buffer(), "2"...), &good)
	a.Flush()
	got, _ := receive(t, b, 1)
	if len(got) != 1 || string(got[0]) != "2" || a.Refused != 1 {
		t.Fatalf("got %q, refused %d", got, a.Refused)
	}
}

func TestListenBusyPort(t *testing.T) {
	a, _ := pair(t, "127.0.0.1")
	if s, err := Listen(a.Local); err == nil {
		s.Close()
		t.Fatal("a port was bound twice")
	}
}

func TestNoAllocation(t *testing.T) {
	a, b := pair(t, "127.0.0.1")
	to, p := AddrOf(b.Local), NewPoller([]*Socket{a, b})
	if n := testing.AllocsPerRun(200, func() {
		a.Queue(append(a.Buffer(), "hello"...), &to)
		a.Flush()
		p.Wait(int64(time.Second))
		if n, _ := b.Receive(); n != 1 {
			t.Fatal("nothing came")
		}
		if _, from, _ := b.Datagram(0); from.AddrPort() != a.Local {
			t.Fatal("wrong sender")
		}
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
