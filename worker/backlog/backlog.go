// Package backlog tells when a socket holds more than its clients have
// patience for.
//
// A server that gets more than it can handle falls behind, the clients send
// again what is not answered in time, and that makes it fall behind further: most
// of its work is then for messages that it has handled already, or whose answers
// nobody waits for. It does not come out of this by itself, even if the load falls
// to what it could do. It does if it leaves new work alone while it is behind:
// what is not begun is sent again later and at growing distances, by clients
// that have to (RFC 3261 section 17.1.1.2), and what is begun comes to its end.
package backlog

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// late is how long a datagram may have waited: a fifth of T1, after which it
	// would be sent again, since an exchange passes us several times.
	late = 100 * time.Millisecond
	// full is the share of the receive buffer, in percent, beyond which the kernel
	// will soon drop whatever comes; a moment of that, shorter than lasting, is a burst.
	full    = 75
	lasting = 50 * time.Millisecond
	// back is the part of each limit below which it is over.
	back = 0.5
)

// Gauge watches one socket. It costs nothing as long as the socket is emptied
// by each receive.
type Gauge struct {
	fd     int
	behind bool
	since  time.Time // the buffer is full; zero: it is not
}

// New is a gauge for a datagram socket.
func New(fd int) *Gauge { return &Gauge{fd: fd} }

// Behind tells whether the socket is too far behind to begin anything new.
// more says that the last receive got as many datagrams as it could take.
func (g *Gauge) Behind(more bool, now time.Time) bool {
	if !more {
		g.behind, g.since = false, time.Time{}
		return false
	}
	limit := 1.0
	if g.behind {
		limit = back
	}
	g.behind = float64(g.age(now)) > limit*float64(late) || g.filled(limit, now)
	return g.behind
}

// age is how long the datagram received last has waited in the socket. The
// first call makes the kernel note times.
func (g *Gauge) age(now time.Time) time.Duration {
	var at unix.Timeval
	if _, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(g.fd), unix.SIOCGSTAMP, uintptr(unsafe.Pointer(&at))); e != 0 {
		return 0
	}
	return now.Sub(time.Unix(at.Unix()))
}

// filled tells whether the receive buffer has been full for long.
func (g *Gauge) filled(limit float64, now time.Time) bool {
	var info [9]uint32 // SK_MEMINFO_VARS of linux/sock_diag.h
	size := uint32(unsafe.Sizeof(info))
	_, _, e := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(g.fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 || float64(info[0])*100 <= limit*full*float64(info[1]) {
		g.since = time.Time{}
		return false
	}
	if g.since.IsZero() {
		g.since = now
	}
	return now.Sub(g.since) >= lasting
}
