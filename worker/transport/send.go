package transport

import (
	"errors"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// MaxDatagram is the most that UDP carries over IPv4.
const MaxDatagram = 65507

const (
	maxQueued = 64
	// bufSize lets one more datagram of any size be built before a flush.
	bufSize = 4 * 65536
)

// Errors of Sender.Queue.
var (
	ErrTooBig = errors.New("transport: datagram larger than UDP carries (65507 bytes)")
	ErrAddr   = errors.New("transport: destination has no address or port 0, or is of another family than the socket")
)

type outHdr struct {
	name       *[28]byte
	nameLen    uint32
	_          uint32
	iov        *unix.Iovec
	iovLen     uint64
	control    *pktInfo
	controlLen uint64
	flags      int32
	_          uint32
	sent       uint32
	_          uint32
}

// pktInfo is a control message that picks the source address: room for an
// IPV6_PKTINFO, the larger of the two.
type pktInfo [40]byte

// Sender collects datagrams and sends them in batches. It never waits: what
// the kernel does not take is lost as on the wire, and counted.
type Sender struct {
	buf   []byte
	n     int
	fds   [maxQueued]int
	hdrs  [maxQueued]outHdr
	iovs  [maxQueued]unix.Iovec
	names [maxQueued][28]byte
	ctl   [maxQueued]pktInfo

	Sent   uint64 // datagrams the kernel took
	Failed uint64 // datagrams it refused
	OnFail func(to netip.AddrPort, err error)
}

// NewSender makes a Sender.
func NewSender() *Sender { return &Sender{buf: make([]byte, 0, bufSize)} }

// Begin returns the buffer to append the next datagram to. Queue or nothing
// follows: a datagram begun and not queued is forgotten.
func (s *Sender) Begin() []byte {
	if s.n == maxQueued || cap(s.buf)-len(s.buf) < 65536+1024 {
		s.Flush()
	}
	return s.buf[len(s.buf):]
}

// Queue takes the datagram that was appended to Begin's buffer. The source
// address, if valid, is the one to send from on a wildcard socket.
func (s *Sender) Queue(fd int, v6 bool, src netip.Addr, to netip.AddrPort, data []byte) error {
	if len(data) > MaxDatagram {
		return ErrTooBig
	}
	if !to.IsValid() || to.Port() == 0 || !v6 && !to.Addr().Unmap().Is4() {
		return ErrAddr
	}
	if s.n == maxQueued {
		s.Flush()
	}
	start := len(s.buf)
	if cap(s.buf) > start && len(data) > 0 && &data[0] == &s.buf[:start+1][start] {
		s.buf = s.buf[:start+len(data)]
	} else {
		if cap(s.buf)-start < len(data) {
			s.Flush()
			start = 0
		}
		s.buf = append(s.buf, data...)
	}
	i := s.n
	s.iovs[i].Base = unsafe.SliceData(s.buf[start:])
	s.iovs[i].SetLen(len(data))
	h := &s.hdrs[i]
	*h = outHdr{name: &s.names[i], iov: &s.iovs[i], iovLen: 1}
	h.nameLen = putAddr(&s.names[i], to, v6)
	if src.IsValid() && !src.IsUnspecified() {
		h.control, h.controlLen = &s.ctl[i], putPktInfo(&s.ctl[i], src)
	}
	s.fds[i] = fd
	s.n++
	return nil
}

// Pending tells whether something waits for Flush.
func (s *Sender) Pending() bool { return s.n > 0 }

// Flush sends everything queued.
func (s *Sender) Flush() {
	for i := 0; i < s.n; {
		k := i + 1
		for k < s.n && s.fds[k] == s.fds[i] {
			k++
		}
		s.sendRun(i, k)
		i = k
	}
	s.n = 0
	s.buf = s.buf[:0]
}

// sendRun sends entries i..k-1, which share a socket. An entry that the kernel
// refuses is skipped; a full socket buffer gets one short chance to drain.
func (s *Sender) sendRun(i, k int) {
	retried := false
	for i < k {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(s.fds[i]),
			uintptr(unsafe.Pointer(&s.hdrs[i])), uintptr(k-i), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch {
		case errno == 0 && n > 0:
			s.Sent += uint64(n)
			i += int(n)
			retried = false
		case errno == unix.EINTR:
		case errno == unix.EAGAIN && !retried:
			retried = true
			p := []unix.PollFd{{Fd: int32(s.fds[i]), Events: unix.POLLOUT}}
			_, _ = unix.Poll(p, 2)
		default:
			s.Failed++
			if s.OnFail != nil {
				s.OnFail(Addr(s.names[i][:]), errno)
			}
			i++
		}
	}
}

// putPktInfo writes the control message for a source address (ip(7), ipv6(7)).
func putPktInfo(c *pktInfo, src netip.Addr) uint64 {
	h := (*unix.Cmsghdr)(unsafe.Pointer(c))
	if src.Is4() {
		*h = unix.Cmsghdr{Len: unix.SizeofCmsghdr + unix.SizeofInet4Pktinfo, Level: unix.IPPROTO_IP, Type: unix.IP_PKTINFO}
		clear(c[16:32])
		ip := src.As4()
		copy(c[20:24], ip[:])
		return 32
	}
	*h = unix.Cmsghdr{Len: unix.SizeofCmsghdr + unix.SizeofInet6Pktinfo, Level: unix.IPPROTO_IPV6, Type: unix.IPV6_PKTINFO}
	ip := src.As16()
	copy(c[16:32], ip[:])
	clear(c[32:40])
	return 40
}

// Moved tells whether datagrams were queued since data was begun, so that its
// place in the buffer is taken.
func (s *Sender) Moved(data []byte) bool {
	if len(data) == 0 || cap(s.buf) == len(s.buf) {
		return false
	}
	return &data[0] != &s.buf[:len(s.buf)+1][len(s.buf)]
}

// Discard forgets everything queued.
func (s *Sender) Discard() { s.n, s.buf = 0, s.buf[:0] }
