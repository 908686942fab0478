package listen

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// Tuning is what the core parameters say about sockets.
type Tuning struct {
	MaxBuffer int // maxbuffer: how far SO_RCVBUF is raised
	TOS       int
	PMTU      bool // pmtu_discovery
	McastLoop bool
	McastTTL  int    // -1: the system's
	Mcast     string // mcast: the interface for groups; "": the one that routing chooses
	MaxSend   int    // maxsndbuffer: how far SO_SNDBUF is raised; 0: the system's
	FreeBind  int    // ip_free_bind: 1 addresses that are not there yet, 2 if the system can
}

// Bind opens all sockets of the plan and stores their descriptors in it. On an
// error none stays open.
func (p *Plan) Bind(t Tuning) error {
	for i := range p.Sockets {
		s := &p.Sockets[i]
		how := t
		if s.Virtual && how.FreeBind == 0 {
			how.FreeBind = 1
		}
		fd, err := open(s.Addr, how)
		if err != nil {
			p.Sockets = p.Sockets[:i]
			p.Close()
			return fmt.Errorf("%s: cannot listen on %s: %w", s.Where, s.Describe(), explain(err, s.Addr))
		}
		s.FD = fd
		if s.Addr.Port() == 0 { // the system chose
			s.Addr = bound(fd, s.Addr)
		}
	}
	return nil
}

// Close closes what Bind opened.
func (p *Plan) Close() {
	for i := range p.Sockets {
		unix.Close(p.Sockets[i].FD)
	}
}

// explain says what to do about the usual reasons.
func explain(err error, a netip.AddrPort) error {
	hint := ""
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		hint = "is another server running on it?"
	case errors.Is(err, unix.EACCES) && a.Port() < 1024:
		hint = fmt.Sprintf("port %d is below 1024 and needs root or CAP_NET_BIND_SERVICE", a.Port())
	case errors.Is(err, unix.EADDRNOTAVAIL):
		hint = "the address is not one of this machine's"
	}
	if hint == "" {
		return err
	}
	return fmt.Errorf("%w (%s)", err, hint)
}

func open(a netip.AddrPort, t Tuning) (int, error) {
	family, sa, err := sockaddr(a)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err := prepare(fd, a.Addr(), t); err != nil {
		unix.Close(fd)
		return -1, err
	}
	if err := unix.Bind(fd, sa); err != nil {
		unix.Close(fd)
		return -1, os.NewSyscallError("bind", err)
	}
	return fd, nil
}

func sockaddr(a netip.AddrPort) (family int, sa unix.Sockaddr, err error) {
	if a.Addr().Is4() {
		return unix.AF_INET, &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}, nil
	}
	six := &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
	if z := a.Addr().Zone(); z != "" {
		i, err := net.InterfaceByName(z)
		if err != nil {
			return 0, nil, err
		}
		six.ZoneId = uint32(i.Index)
	}
	return unix.AF_INET6, six, nil
}

// option is one setsockopt that must work.
type option struct {
	level, name, value int
	text               string
}

func prepare(fd int, a netip.Addr, t Tuning) error {
	opts := options4(a, t)
	if a.Is6() {
		opts = options6(a, t)
	}
	for _, o := range opts {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return fmt.Errorf("%s: %w", o.text, err)
		}
	}
	if err := freeBind(fd, a, t.FreeBind); err != nil {
		return err
	}
	if err := join(fd, a, t.Mcast); err != nil {
		return err
	}
	if err := enlarge(fd, unix.SO_SNDBUF, unix.SO_SNDBUFFORCE, t.MaxSend); err != nil {
		return err
	}
	return enlarge(fd, unix.SO_RCVBUF, unix.SO_RCVBUFFORCE, t.MaxBuffer)
}

// freeBind allows addresses that the machine does not have yet.
func freeBind(fd int, a netip.Addr, how int) error {
	if how == 0 {
		return nil
	}
	level, name := unix.IPPROTO_IP, unix.IP_FREEBIND
	if a.Is6() {
		level, name = unix.IPPROTO_IPV6, unix.IPV6_FREEBIND
	}
	if err := unix.SetsockoptInt(fd, level, name, 1); err != nil && how == 1 {
		return fmt.Errorf("ip_free_bind: %w", err)
	}
	return nil
}

func options4(a netip.Addr, t Tuning) []option {
	pmtu := unix.IP_PMTUDISC_DONT
	if t.PMTU {
		pmtu = unix.IP_PMTUDISC_DO
	}
	opts := []option{
		{unix.IPPROTO_IP, unix.IP_TOS, t.TOS, "tos"},
		{unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, pmtu, "pmtu_discovery"},
		{unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, flag(t.McastLoop), "mcast_loopback"},
	}
	if t.McastTTL >= 0 {
		opts = append(opts, option{unix.IPPROTO_IP, unix.IP_MULTICAST_TTL, t.McastTTL, "mcast_ttl"})
	}
	if a.IsUnspecified() { // the worker needs to know which address was meant
		opts = append(opts, option{unix.IPPROTO_IP, unix.IP_PKTINFO, 1, "IP_PKTINFO"})
	}
	return opts
}

func options6(a netip.Addr, t Tuning) []option {
	pmtu := unix.IPV6_PMTUDISC_DONT
	if t.PMTU {
		pmtu = unix.IPV6_PMTUDISC_DO
	}
	opts := []option{
		{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1, "IPV6_V6ONLY"}, // IPv4 has sockets of its own
		{unix.IPPROTO_IPV6, unix.IPV6_TCLASS, t.TOS, "tos"},
		{unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, pmtu, "pmtu_discovery"},
		{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP, flag(t.McastLoop), "mcast_loopback"},
	}
	if t.McastTTL >= 0 {
		opts = append(opts, option{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, t.McastTTL, "mcast_ttl"})
	}
	if a.IsUnspecified() {
		opts = append(opts, option{unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO"})
	}
	return opts
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// join enters a multicast group on the given interface, or the one that routing chooses. What is sent to
// groups leaves by it, too.
func join(fd int, a netip.Addr, iface string) error {
	index := 0
	if iface != "" {
		i, err := net.InterfaceByName(iface)
		if err != nil {
			return fmt.Errorf("mcast: there is no interface %s; there are %s", iface, interfaceNames(interfaces))
		}
		index = i.Index
	}
	if index != 0 {
		if err := sendBy(fd, a, index); err != nil {
			return fmt.Errorf("mcast: %w", err)
		}
	}
	if !a.IsMulticast() {
		return nil
	}
	var err error
	if a.Is4() {
		err = unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP, &unix.IPMreqn{Multiaddr: a.As4(), Ifindex: int32(index)})
	} else {
		err = unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, &unix.IPv6Mreq{Multiaddr: a.As16(), Interface: uint32(index)})
	}
	if err != nil {
		return fmt.Errorf("join multicast group: %w", err)
	}
	return nil
}

func sendBy(fd int, a netip.Addr, index int) error {
	if a.Is4() {
		return unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_IF, &unix.IPMreqn{Ifindex: int32(index)})
	}
	return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF, index)
}

// enlarge raises a buffer of the socket up to most bytes. With CAP_NET_ADMIN it
// gets them; else Linux takes any request, grants its own limit (rmem_max,
// wmem_max) and reports twice what is granted, so one request is the whole probing.
func enlarge(fd, which, force, most int) error {
	now, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, which)
	if err != nil {
		return os.NewSyscallError("getsockopt", err)
	}
	if now/2 >= most {
		return nil // never smaller than the system's own
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, most) == nil {
		return nil
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_SOCKET, which, most))
}

func bound(fd int, a netip.AddrPort) netip.AddrPort {
	switch sa, _ := unix.Getsockname(fd); sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(a.Addr(), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(a.Addr(), uint16(sa.Port))
	}
	return a
}
