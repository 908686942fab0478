// Package transport moves datagrams: it reads addresses from what the kernel
// wrote and sends batches with sendmmsg(2). It knows nothing of SIP.
package transport

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Addr reads a socket address as the kernel writes it (RFC 3493 layout).
func Addr(name []byte) netip.AddrPort {
	if len(name) < 8 {
		return netip.AddrPort{}
	}
	port := binary.BigEndian.Uint16(name[2:])
	switch binary.NativeEndian.Uint16(name) {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(name[4:8])), port)
	case unix.AF_INET6:
		if len(name) < 24 {
			return netip.AddrPort{}
		}
		a := netip.AddrFrom16([16]byte(name[8:24]))
		return netip.AddrPortFrom(a.Unmap(), port)
	}
	return netip.AddrPort{}
}

// LocalAddr reads the destination address of a datagram from its control
// messages (IP_PKTINFO, IPV6_PKTINFO); ok is false if there is none.
func LocalAddr(ctl []byte) (a netip.Addr, ok bool) {
	for len(ctl) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&ctl[0]))
		if h.Len < unix.SizeofCmsghdr || h.Len > uint64(len(ctl)) {
			return netip.Addr{}, false
		}
		data := ctl[unix.SizeofCmsghdr:h.Len]
		switch {
		case h.Level == unix.IPPROTO_IP && h.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
			return netip.AddrFrom4([4]byte(data[8:12])), true
		case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
			return netip.AddrFrom16([16]byte(data[0:16])).Unmap(), true
		}
		next := (int(h.Len) + 7) &^ 7
		if next >= len(ctl) {
			break
		}
		ctl = ctl[next:]
	}
	return netip.Addr{}, false
}

// putAddr writes an address for a socket of the given family.
func putAddr(dst *[28]byte, a netip.AddrPort, v6 bool) (n uint32) {
	binary.BigEndian.PutUint16(dst[2:], a.Port())
	if !v6 {
		binary.NativeEndian.PutUint16(dst[0:], unix.AF_INET)
		ip := a.Addr().Unmap().As4()
		copy(dst[4:8], ip[:])
		clear(dst[8:16])
		return 16
	}
	binary.NativeEndian.PutUint16(dst[0:], unix.AF_INET6)
	clear(dst[4:8])
	ip := a.Addr().As16()
	copy(dst[8:24], ip[:])
	clear(dst[24:28])
	return 28
}

// Sockaddr turns an address into what the system calls of package unix take.
func Sockaddr(a netip.AddrPort) (sa unix.Sockaddr, family int) {
	if ip := a.Addr().Unmap(); ip.Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: ip.As4()}, unix.AF_INET
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}, unix.AF_INET6
}

// LocalOf returns the local address of a socket.
func LocalOf(fd int) (netip.Addr, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return netip.Addr{}, err
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(sa.Addr), nil
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(sa.Addr).Unmap(), nil
	}
	return netip.Addr{}, errNoIP
}

var errNoIP = errors.New("transport: not an IP socket")

// Readable tells whether something waits in a socket, without waiting itself.
func Readable(fd int) bool {
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(p, 0)
	return err == nil && n == 1 && p[0].Revents&unix.POLLIN != 0
}
