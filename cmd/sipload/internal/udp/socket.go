// Package udp sends and receives datagrams in batches, with recvmmsg(2) and sendmmsg(2), without
// allocating for any of them. A Socket belongs to one goroutine. Its descriptor does not block:
// waiting is Wait's job, to the nanosecond, over several sockets at once.
package udp

import (
	"errors"
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	Batch   = 64   // datagrams at most that one Receive takes
	maxSize = 8192 // bytes of a datagram that are kept; more is marked as truncated
)

// Addr is an address as the kernel takes it.
type Addr struct {
	raw unix.RawSockaddrInet6 // or RawSockaddrInet4, which is shorter
	len uint32
}

// AddrOf converts.
func AddrOf(ap netip.AddrPort) (a Addr) {
	port := ap.Port()<<8 | ap.Port()>>8
	if ip := ap.Addr().Unmap(); ip.Is4() {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&a.raw))
		v4.Family, v4.Port, v4.Addr = unix.AF_INET, port, ip.As4()
		a.len = unix.SizeofSockaddrInet4
		return a
	}
	a.raw.Family, a.raw.Port, a.raw.Addr = unix.AF_INET6, port, ap.Addr().As16()
	a.len = unix.SizeofSockaddrInet6
	return a
}

// AddrPort converts back.
func (a *Addr) AddrPort() netip.AddrPort {
	if a.raw.Family == unix.AF_INET {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&a.raw))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), v4.Port<<8|v4.Port>>8)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(a.raw.Addr), a.raw.Port<<8|a.raw.Port>>8)
}

type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
	_   [4]byte
}

// Socket is one bound UDP socket with its batches.
type Socket struct {
	Local netip.AddrPort

	// Sent, Received and Refused count datagrams; Refused are those the kernel did not take.
	Sent, Received, Refused int64

	fd     int
	rx     [Batch]mmsghdr
	rxIov  [Batch]unix.Iovec
	rxFrom [Batch]Addr
	rxBuf  []byte

	tx     [Batch]mmsghdr // one for each train
	txIov  [Batch]unix.Iovec
	txTo   [Batch]Addr
	txBuf  [Batch][]byte
	txCut  [Batch]segment
	queued int
	single bool // the kernel takes no trains
}

// buffer is what a socket asks for: half a second of the largest loads. A datagram takes 2 to 3 kB of it.
const buffer = 64 << 20

// Listen binds a socket (port 0: the kernel chooses) with buffers as large as the system allows up
// to 64 MB, so that the generator is not the one who loses datagrams.
func Listen(addr netip.AddrPort) (*Socket, error) {
	family := unix.AF_INET
	if addr.Addr().Unmap().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("udp: socket: %w", err)
	}
	s := &Socket{fd: fd}
	if err := s.bind(addr); err != nil {
		unix.Close(fd)
		return nil, err
	}
	s.prepare()
	return s, nil
}

func (s *Socket) bind(addr netip.AddrPort) error {
	for _, opt := range []struct{ forced, asked int }{{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF}, {unix.SO_SNDBUFFORCE, unix.SO_SNDBUF}} {
		if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, opt.forced, buffer) == nil {
			continue // root may ask for more than net.core.rmem_max
		}
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, opt.asked, buffer); err != nil {
			return fmt.Errorf("udp: buffer size: %w", err)
		}
	}
	a := AddrOf(addr)
	if _, _, e := unix.Syscall(unix.SYS_BIND, uintptr(s.fd), uintptr(unsafe.Pointer(&a.raw)), uintptr(a.len)); e != 0 {
		return fmt.Errorf("udp: bind %v: %w", addr, e)
	}
	size := uint32(unsafe.Sizeof(a.raw))
	if _, _, e := unix.Syscall(unix.SYS_GETSOCKNAME, uintptr(s.fd), uintptr(unsafe.Pointer(&a.raw)), uintptr(unsafe.Pointer(&size))); e != 0 {
		return fmt.Errorf("udp: getsockname: %w", e)
	}
	s.Local = a.AddrPort()
	return nil
}

func (s *Socket) prepare() {
	s.rxBuf = make([]byte, Batch*maxSize)
	txBuf := make([]byte, Batch*maxSize)
	for i := range Batch {
		s.rxIov[i].Base = &s.rxBuf[i*maxSize]
		s.rxIov[i].SetLen(maxSize)
		h := &s.rx[i].hdr
		h.Iov, h.Name = &s.rxIov[i], (*byte)(unsafe.Pointer(&s.rxFrom[i].raw))
		h.SetIovlen(1)

		s.txBuf[i] = txBuf[i*maxSize : i*maxSize : (i+1)*maxSize]
	}
}

// Close gives the port back.
func (s *Socket) Close() error { return unix.Close(s.fd) }

// Receive takes what has arrived, up to 64 datagrams; 0 when there is none.
func (s *Socket) Receive() (int, error) {
	s.freshNames()
	n, _, e := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.rx[0])), Batch, unix.MSG_DONTWAIT, 0, 0)
	return s.arrived(n, e)
}

// Await is Receive for a program that does nothing else: it sleeps in the kernel until there is a
// datagram (or a signal: then it returns 0). The socket must have been made Blocking.
func (s *Socket) Await() (int, error) {
	s.freshNames()
	n, _, e := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.rx[0])), Batch, unix.MSG_WAITFORONE, 0, 0)
	return s.arrived(n, e)
}

// Blocking readies the socket for Await.
func (s *Socket) Blocking() error { return unix.SetNonblock(s.fd, false) }

func (s *Socket) freshNames() {
	for i := range s.rx {
		s.rx[i].hdr.Namelen = uint32(unsafe.Sizeof(s.rxFrom[i].raw))
	}
}

func (s *Socket) arrived(n uintptr, e unix.Errno) (int, error) {
	switch e {
	case 0:
		s.Received += int64(n)
		return int(n), nil
	case unix.EAGAIN, unix.EINTR, unix.ECONNREFUSED:
		return 0, nil
	}
	return 0, fmt.Errorf("udp: recvmmsg on %v: %w", s.Local, e)
}

// Datagram is number i of the last Receive, good until the next; whole is false when it was longer
// than 8192 bytes and its end is missing.
func (s *Socket) Datagram(i int) (b []byte, from *Addr, whole bool) {
	n := min(int(s.rx[i].len), maxSize)
	s.rxFrom[i].len = s.rx[i].hdr.Namelen
	return s.rxBuf[i*maxSize : i*maxSize+n], &s.rxFrom[i], s.rx[i].hdr.Flags&unix.MSG_TRUNC == 0
}

// Buffer is where the next datagram to send is appended; it must be handed to Queue or forgotten
// before the next call.
func (s *Socket) Buffer() []byte {
	if s.queued == Batch {
		s.Flush()
	}
	return s.txBuf[s.queued][:0]
}

// Queue sends b, which Buffer began, with the next Flush.
func (s *Socket) Queue(b []byte, to *Addr) {
	if len(b) == 0 {
		return
	}
	i := s.queued
	s.txBuf[i] = b
	s.txIov[i].Base = &b[0]
	s.txIov[i].SetLen(len(b))
	s.txTo[i] = *to
	s.queued++
}

// Poller waits for several sockets.
type Poller struct{ fds []unix.PollFd }

// NewPoller makes one; Ready(i) then speaks of sockets[i].
func NewPoller(sockets []*Socket) *Poller {
	p := &Poller{}
	for _, s := range sockets {
		p.fds = append(p.fds, unix.PollFd{Fd: int32(s.fd), Events: unix.POLLIN})
	}
	return p
}

// Wait returns once a socket has something, or after ns nanoseconds (0: at once).
func (p *Poller) Wait(ns int64) error {
	if ns <= 0 {
		return p.look()
	}
	ts := unix.NsecToTimespec(ns)
	_, err := unix.Ppoll(p.fds, &ts, nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("udp: ppoll: %w", err)
	}
	return nil
}

// look is Wait without sleep: the Go runtime needs not hear of it.
func (p *Poller) look() error {
	var now unix.Timespec
	_, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&p.fds[0])), uintptr(len(p.fds)),
		uintptr(unsafe.Pointer(&now)), 0, 0, 0)
	if errno != 0 && errno != unix.EINTR {
		return fmt.Errorf("udp: ppoll: %w", errno)
	}
	return nil
}

// Ready tells whether socket i had something at the last Wait.
func (p *Poller) Ready(i int) bool { return p.fds[i].Revents != 0 }
