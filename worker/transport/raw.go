package transport

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Raw sends IPv4 UDP datagrams through a raw socket with headers of its own (udp4_raw): IP(7), raw(7). What is
// larger than MTU leaves in fragments (RFC 791 §3.2), since the kernel fragments nothing here. It belongs to one
// goroutine at a time and never waits.
type Raw struct {
	FD  int
	MTU int   // bytes of the largest packet, IP header included: 28 to 65535
	TTL uint8 // time to live
	TOS uint8
	DF  bool // forbids routers to fragment

	id   uint16 // of the last packet: the same in all its fragments
	buf  [ipHeader + udpHeader + MaxDatagram]byte
	part [ipHeader + udpHeader + MaxDatagram]byte
	name unix.RawSockaddrInet4
}

const (
	ipHeader  = 20
	udpHeader = 8

	dontFragment  = 0x4000
	moreFragments = 0x2000
)

// Fits tells whether a datagram can leave this way: both ends are IPv4 and the source is known.
func (r *Raw) Fits(from, to netip.AddrPort) bool {
	return r != nil && from.Addr().Is4() && !from.Addr().IsUnspecified() && to.Addr().Unmap().Is4() && to.Port() != 0
}

// Send sends one datagram.
func (r *Raw) Send(from, to netip.AddrPort, data []byte) error {
	if len(data) > MaxDatagram {
		return ErrTooBig
	}
	r.id++
	src, dst := from.Addr().As4(), to.Addr().Unmap().As4()
	r.name = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: dst}
	whole := r.buf[:ipHeader+udpHeader+len(data)]
	udp := whole[ipHeader:]
	binary.BigEndian.PutUint16(udp[0:], from.Port())
	binary.BigEndian.PutUint16(udp[2:], to.Port())
	binary.BigEndian.PutUint16(udp[4:], uint16(len(udp)))
	binary.BigEndian.PutUint16(udp[6:], 0)
	copy(udp[udpHeader:], data)
	binary.BigEndian.PutUint16(udp[6:], udpChecksum(src, dst, udp))
	if len(whole) <= max(r.MTU, ipHeader+8) {
		r.head(whole, src, dst, 0)
		return r.send(whole)
	}
	return r.fragments(src, dst, udp)
}

// fragments sends a UDP datagram in pieces of a multiple of eight bytes.
func (r *Raw) fragments(src, dst [4]byte, udp []byte) error {
	piece := (max(r.MTU, ipHeader+8) - ipHeader) &^ 7
	for at := 0; at < len(udp); at += piece {
		n := min(piece, len(udp)-at)
		packet := r.part[:ipHeader+n]
		copy(packet[ipHeader:], udp[at:at+n])
		offset := uint16(at / 8)
		if at+n < len(udp) {
			offset |= moreFragments
		}
		r.head(packet, src, dst, offset)
		if err := r.send(packet); err != nil {
			return err
		}
	}
	return nil
}

// head writes the IP header (RFC 791 §3.1); the kernel adds its checksum.
func (r *Raw) head(p []byte, src, dst [4]byte, fragment uint16) {
	if r.DF && fragment == 0 {
		fragment = dontFragment
	}
	p[0], p[1] = 0x45, r.TOS
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	binary.BigEndian.PutUint16(p[4:], max(r.id, 1)) // 0 would let the kernel choose, differently for each fragment
	binary.BigEndian.PutUint16(p[6:], fragment)
	p[8], p[9], p[10], p[11] = r.TTL, unix.IPPROTO_UDP, 0, 0
	copy(p[12:], src[:])
	copy(p[16:], dst[:])
}

func (r *Raw) send(p []byte) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(r.FD), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&r.name)), unix.SizeofSockaddrInet4)
	if errno != 0 {
		return errno
	}
	return nil
}

// udpChecksum is that of RFC 768, over the pseudo header and the datagram.
func udpChecksum(src, dst [4]byte, udp []byte) uint16 {
	sum := uint32(unix.IPPROTO_UDP) + uint32(len(udp))
	for i := 0; i < 4; i += 2 {
		sum += uint32(binary.BigEndian.Uint16(src[i:])) + uint32(binary.BigEndian.Uint16(dst[i:]))
	}
	for len(udp) >= 2 {
		sum += uint32(binary.BigEndian.Uint16(udp))
		udp = udp[2:]
	}
	if len(udp) == 1 {
		sum += uint32(udp[0]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	if c := ^uint16(sum); c != 0 {
		return c
	}
	return 0xffff
}
