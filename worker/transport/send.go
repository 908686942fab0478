package transport

import (
	"encoding/binary"
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
	control    *control
	controlLen uint64
	flags      int32
	_          uint32
	sent       uint32
	_          uint32
}

// entry is one queued datagram.
type entry struct {
	fd      int
	start   int // in buf
	size    int
	peer    uint64 // digest of socket and destination: compared first
	name    [28]byte
	nameLen uint32
	src     netip.Addr
	taken   bool
}

// Sender collects datagrams and sends them in batches. Those of one size for
// one destination leave as a train: the kernel takes them as a single buffer
// and cuts it (UDP_SEGMENT, udp(7)), which costs a fraction of sending each.
//
// It never waits: what the kernel does not take is lost as on the wire, and
// counted.
type Sender struct {
	buf  []byte
	n    int
	ents [maxQueued]entry
	hdrs [maxQueued]outHdr // one for each train
	iovs [maxQueued]unix.Iovec
	cars [maxQueued]uint8 // entries by position in iovs
	ctl  [maxQueued]control

	Sent     uint64 // datagrams the kernel took
	Failed   uint64 // datagrams it refused
	OnFail   func(to netip.AddrPort, err error)
	NoTrains bool // send each datagram by itself
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
	e := &s.ents[s.n]
	e.fd, e.start, e.size, e.src, e.taken = fd, start, len(data), src, false
	e.nameLen = putAddr(&e.name, to, v6)
	e.peer = uint64(fd)<<48 ^ uint64(binary.NativeEndian.Uint16(e.name[2:]))<<32 ^
		uint64(binary.NativeEndian.Uint32(e.name[4:]))
	s.n++
	return nil
}

// Pending tells whether something waits for Flush.
func (s *Sender) Pending() bool { return s.n > 0 }

// Flush sends everything queued.
func (s *Sender) Flush() {
	trains := s.couple()
	for i := 0; i < trains; {
		fd := s.fdOf(i)
		k := i + 1
		for k < trains && s.fdOf(k) == fd {
			k++
		}
		s.sendRun(fd, i, k)
		i = k
	}
	s.n = 0
	s.buf = s.buf[:0]
}

// fdOf is the socket of a train.
func (s *Sender) fdOf(train int) int { return s.ents[s.cars[s.firstCar(train)]].fd }

// firstCar is the position in iovs where a train begins.
func (s *Sender) firstCar(train int) int {
	return int((uintptr(unsafe.Pointer(s.hdrs[train].iov)) - uintptr(unsafe.Pointer(&s.iovs[0]))) / unsafe.Sizeof(s.iovs[0]))
}

// sendRun sends trains i..k-1, which share a socket. One that the kernel
// refuses is uncoupled or skipped; a full socket buffer gets one short chance
// to drain.
func (s *Sender) sendRun(fd, i, k int) {
	retried := false
	for i < k {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd),
			uintptr(unsafe.Pointer(&s.hdrs[i])), uintptr(k-i), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch {
		case errno == 0 && n > 0:
			for range n {
				s.Sent += s.hdrs[i].iovLen
				i++
			}
			retried = false
		case errno == unix.EINTR:
		case errno == unix.EAGAIN && !retried:
			retried = true
			waitWritable(fd)
		case s.hdrs[i].iovLen > 1:
			s.uncouple(fd, i)
			i++
		default:
			s.fail(s.ents[s.cars[s.firstCar(i)]].name[:], errno)
			i++
		}
	}
}

func (s *Sender) fail(name []byte, errno unix.Errno) {
	s.Failed++
	if s.OnFail != nil {
		s.OnFail(Addr(name), errno)
	}
}

func waitWritable(fd int) {
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	_, _ = unix.Poll(p, 2)
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
