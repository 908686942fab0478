package transport

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxCar is the largest datagram that goes into a train: with the headers of
// IPv6 and UDP it fits the 1500 bytes of an Ethernet frame. Larger ones may
// need fragments, which the kernel does not make of a train.
const maxCar = 1452

// maxTrain bounds the bytes of a train (the kernel's bound is that of one IP
// packet); the 64 datagrams of a batch are within its bound on their number.
const maxTrain = 60000

// control holds the control messages of a train: the source address
// (IP_PKTINFO or IPV6_PKTINFO) and the size to cut at (UDP_SEGMENT).
type control [64]byte

// couple arranges the queued datagrams into trains and returns their number.
// Datagrams for one destination stay in order.
func (s *Sender) couple() int {
	trains, cars := 0, 0
	for i := range s.n {
		e := &s.ents[i]
		if e.taken {
			continue
		}
		first := cars
		cars = s.board(cars, i)
		if e.size <= maxCar && !s.NoTrains {
			cars = s.collect(i, first, cars)
		}
		s.head(trains, first, cars)
		trains++
	}
	return trains
}

// board puts an entry at the end of the train being made.
func (s *Sender) board(cars, i int) int {
	e := &s.ents[i]
	e.taken = true
	s.cars[cars] = uint8(i)
	s.iovs[cars].Base = unsafe.SliceData(s.buf[e.start:])
	s.iovs[cars].SetLen(e.size)
	return cars + 1
}

// collect adds what can travel with entry i: the same socket, addresses and
// size. It stops at a datagram of another size for the same destination, so
// that nothing overtakes it.
func (s *Sender) collect(i, first, cars int) int {
	e := &s.ents[i]
	for k := i + 1; k < s.n && (cars-first+1)*e.size <= maxTrain; k++ {
		x := &s.ents[k]
		if x.taken || x.peer != e.peer || x.name != e.name || x.fd != e.fd {
			continue
		}
		if x.size != e.size || x.src != e.src {
			break
		}
		cars = s.board(cars, k)
	}
	return cars
}

// head writes the message header of a train.
func (s *Sender) head(train, first, end int) {
	e := &s.ents[s.cars[first]]
	h := &s.hdrs[train]
	*h = outHdr{name: &e.name, nameLen: e.nameLen, iov: &s.iovs[first], iovLen: uint64(end - first)}
	ctl := s.sourceControl(train, e)
	if end-first > 1 {
		ctl = appendSegment(ctl, e.size)
	}
	if len(ctl) > 0 {
		h.control, h.controlLen = &s.ctl[train], uint64(len(ctl))
	}
}

func (s *Sender) sourceControl(train int, e *entry) []byte {
	ctl := s.ctl[train][:0]
	if e.src.IsValid() && !e.src.IsUnspecified() {
		ctl = appendPktInfo(ctl, e.src)
	}
	return ctl
}

// uncouple sends the datagrams of a train one by one: the path or the kernel
// does not take trains.
func (s *Sender) uncouple(fd, train int) {
	first, n := s.firstCar(train), int(s.hdrs[train].iovLen)
	for c := first; c < first+n; c++ {
		e := &s.ents[s.cars[c]]
		h := outHdr{name: &e.name, nameLen: e.nameLen, iov: &s.iovs[c], iovLen: 1}
		if ctl := s.sourceControl(train, e); len(ctl) > 0 {
			h.control, h.controlLen = &s.ctl[train], uint64(len(ctl))
		}
		errno := sendOne(fd, &h)
		if errno == unix.EAGAIN {
			waitWritable(fd)
			errno = sendOne(fd, &h)
		}
		if errno != 0 {
			s.fail(e.name[:], errno)
			continue
		}
		s.Sent++
	}
}

func sendOne(fd int, h *outHdr) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(h)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	return errno
}

// appendControl adds a control message with n bytes of data and returns where
// they begin.
func appendControl(dst []byte, level, typ int32, n int) (all, data []byte) {
	at := len(dst)
	dst = dst[:at+unix.CmsgSpace(n)]
	clear(dst[at:])
	*(*unix.Cmsghdr)(unsafe.Pointer(&dst[at])) = unix.Cmsghdr{Len: uint64(unix.CmsgLen(n)), Level: level, Type: typ}
	return dst, dst[at+unix.SizeofCmsghdr:]
}

// appendPktInfo adds the control message for a source address (ip(7), ipv6(7)).
func appendPktInfo(dst []byte, src netip.Addr) []byte {
	if src.Is4() {
		dst, data := appendControl(dst, unix.IPPROTO_IP, unix.IP_PKTINFO, unix.SizeofInet4Pktinfo)
		ip := src.As4()
		copy(data[4:], ip[:])
		return dst
	}
	dst, data := appendControl(dst, unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, unix.SizeofInet6Pktinfo)
	ip := src.As16()
	copy(data, ip[:])
	return dst
}

// appendSegment adds the size at which the kernel cuts a train (udp(7)).
func appendSegment(dst []byte, size int) []byte {
	dst, data := appendControl(dst, unix.IPPROTO_UDP, unix.UDP_SEGMENT, 2)
	binary.NativeEndian.PutUint16(data, uint16(size))
	return dst
}
