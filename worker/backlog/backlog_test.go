package backlog

import (
	"net"
	"testing"
	"time"
)

// pair is a socket to watch and one that sends to it.
func pair(t *testing.T, buffer int) (rx *net.UDPConn, tx net.Conn, g *Gauge) {
	t.Helper()
	rx, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rx.Close() })
	if err := rx.SetReadBuffer(buffer); err != nil {
		t.Fatal(err)
	}
	if tx, err = net.Dial("udp", rx.LocalAddr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Close() })
	raw, err := rx.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { g = New(int(fd)) }); err != nil {
		t.Fatal(err)
	}
	return rx, tx, g
}

func send(t *testing.T, tx net.Conn, n int) {
	t.Helper()
	for range n {
		if _, err := tx.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
}

func receive(t *testing.T, rx *net.UDPConn, n int) {
	t.Helper()
	_ = rx.SetReadDeadline(time.Now().Add(5 * time.Second))
	for range n {
		if _, err := rx.Read(make([]byte, 2000)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWaited(t *testing.T) {
	rx, tx, g := pair(t, 1<<20)
	for noted := time.Duration(0); noted < 5*time.Millisecond; noted = g.age(time.Now()) { // it begins some time after it was asked to
		send(t, tx, 1)
		receive(t, rx, 1)
		time.Sleep(5 * time.Millisecond)
	}
	send(t, tx, 2)
	came := time.Now()
	receive(t, rx, 1)
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{late / 2, false}, {2 * late, true}, {late * 3 / 4, true}, {late / 4, false}, {late * 3 / 4, false}} {
		if got := g.Behind(true, came.Add(c.after)); got != c.want {
			t.Errorf("%v after it came: behind %v, want %v", c.after, got, c.want)
		}
	}
	g.Behind(true, came.Add(2*late))
	if g.Behind(false, came.Add(2*late)) {
		t.Error("behind although the socket was emptied")
	}
}

func TestFull(t *testing.T) {
	rx, tx, g := pair(t, 64<<10)
	send(t, tx, 500) // more than fits: the kernel drops the rest
	receive(t, rx, 1)
	now := time.Now()
	if g.Behind(true, now) {
		t.Error("a burst counts as being behind")
	}
	if !g.Behind(true, now.Add(lasting)) {
		t.Error("not behind although the buffer stays full")
	}
	receive(t, rx, 40)
	if g.Behind(true, time.Now()) {
		t.Error("still behind with an almost empty buffer")
	}
}
