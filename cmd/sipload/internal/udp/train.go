package udp

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Datagrams that go one after the other from one socket to one address, all of a size, leave as a
// train: one buffer that the kernel cuts (UDP_SEGMENT, udp(7)). The receiver gets datagrams as ever.
const (
	maxCar   = 1452  // larger ones might have to be fragmented, which the kernel does not do in a train
	maxTrain = 60000 // bytes
)

// segment is the control message that says where to cut.
type segment [24]byte

// Flush sends all that is queued. A datagram that the kernel does not take (no buffer, no route) is
// counted as Refused and lost like any other on the way: retransmission is there for it.
func (s *Socket) Flush() {
	if s.queued == 0 {
		return
	}
	s.transmit(s.couple())
	s.queued = 0
}

// couple arranges what is queued into trains and returns their number.
func (s *Socket) couple() int {
	trains := 0
	for i := 0; i < s.queued; {
		n := s.length(i)
		h := &s.tx[trains].hdr
		h.Name, h.Namelen = (*byte)(unsafe.Pointer(&s.txTo[i].raw)), s.txTo[i].len
		h.Iov = &s.txIov[i]
		h.SetIovlen(n)
		h.Control = nil
		h.SetControllen(0)
		if n > 1 {
			s.cut(trains, len(s.txBuf[i]))
		}
		trains++
		i += n
	}
	return trains
}

// length is how many datagrams, from number i on, can leave together.
func (s *Socket) length(i int) int {
	size := len(s.txBuf[i])
	if s.single || size > maxCar {
		return 1
	}
	n := 1
	for k := i + 1; k < s.queued && len(s.txBuf[k]) == size && s.txTo[k] == s.txTo[i] && (n+1)*size <= maxTrain; k++ {
		n++
	}
	return n
}

// cut writes the control message of a train.
func (s *Socket) cut(train, size int) {
	c := &s.txCut[train]
	*(*unix.Cmsghdr)(unsafe.Pointer(c)) = unix.Cmsghdr{Len: uint64(unix.CmsgLen(2)), Level: unix.IPPROTO_UDP, Type: unix.UDP_SEGMENT}
	binary.NativeEndian.PutUint16(c[unix.SizeofCmsghdr:], uint16(size))
	h := &s.tx[train].hdr
	h.Control = &c[0]
	h.SetControllen(unix.CmsgSpace(2))
}

// transmit hands trains to the kernel. One that it refuses is sent again datagram by datagram, and so
// is everything after it: an old kernel, or a path that takes no trains.
func (s *Socket) transmit(trains int) {
	for done := 0; done < trains; {
		n, _, e := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.tx[done])),
			uintptr(trains-done), unix.MSG_DONTWAIT, 0, 0)
		switch {
		case e == unix.EINTR:
		case e != 0 && s.tx[done].hdr.Iovlen > 1 && e != unix.EAGAIN && e != unix.ENOBUFS:
			s.single = true
			first := int((uintptr(unsafe.Pointer(s.tx[done].hdr.Iov)) - uintptr(unsafe.Pointer(&s.txIov[0]))) / unsafe.Sizeof(s.txIov[0]))
			trains, done = s.uncouple(first), 0
		case e != 0:
			s.Refused += int64(s.tx[done].hdr.Iovlen)
			done++
		default:
			for range n {
				s.Sent += int64(s.tx[done].hdr.Iovlen)
				done++
			}
		}
	}
}

// uncouple makes a message of each datagram from number first on.
func (s *Socket) uncouple(first int) int {
	for i := first; i < s.queued; i++ {
		h := &s.tx[i-first].hdr
		*h = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&s.txTo[i].raw)), Namelen: s.txTo[i].len, Iov: &s.txIov[i]}
		h.SetIovlen(1)
	}
	return s.queued - first
}
