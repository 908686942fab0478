// Package listen finds out where the server listens, says so, and opens the
// sockets.
//
// Resolve turns listen and alias statements into a Plan: addresses stay, host
// names are resolved, an interface name stands for its IPv4 addresses, and
// no listen at all for those of every interface that is up. Print writes the
// lists that the original prints at start. Bind opens the sockets, without
// SO_REUSEADDR or SO_REUSEPORT: a second server on the same address is refused
// instead of taking half of the first one's datagrams.
//
// What can go wrong: a name that nobody knows, an address that is not of this
// machine, a port that is taken or forbidden. Each error names the statement
// (file:line:col) or the option and what would be right. Only UDP is there yet;
// to ask for another protocol by name is an error, and listen without one means
// UDP, with a notice.
package listen

import (
	"fmt"
	"net/netip"
	"strings"

	"goser/cfg/check"
	"goser/worker/handoff"
)

// Statement is one listen or alias, with its place for error messages.
type Statement struct {
	check.Addr
	Where string // "ser.cfg:3:8" or "-l udp:127.0.0.1"
}

// Config is what the configuration says.
type Config struct {
	Listen, Alias []Statement
	Port          int
	AutoAliases   bool // add the names of our addresses
	AutoBindIPv6  bool // without listen, IPv6 addresses too
	LinkLocal     bool // bind_ipv6_link_local: of these the link-local ones, too
	OneSocket     bool // fork=no: the first socket only
}

// Socket is one socket to be.
type Socket struct {
	handoff.Socket
	Where   string
	Literal bool // Name is the address
	Virtual bool // the address may come and go
	Workers int  // socket_workers; 0: children
}

// Plan is where the server listens and what it is called.
type Plan struct {
	Sockets []Socket
	Aliases []handoff.Alias
	Notices []string // for the operator; nothing is wrong
}

// Resolve makes the plan. It may ask the name server.
func Resolve(c Config, net Net) (*Plan, error) {
	r := resolver{c: c, net: net, plan: new(Plan)}
	if r.c.Port == 0 {
		r.c.Port = 5060
	}
	if err := r.sockets(); err != nil {
		return nil, err
	}
	if len(r.plan.Sockets) == 0 {
		return nil, fmt.Errorf("nothing to listen on: no interface is up; write listen=udp:ADDRESS:PORT")
	}
	if c.OneSocket {
		r.plan.Sockets = r.plan.Sockets[:1]
	}
	for _, a := range c.Alias {
		r.alias(handoff.Alias{Proto: protoName(a.Proto), Host: a.Host, Port: int(a.Port)})
	}
	r.names()
	return r.plan, nil
}

type resolver struct {
	c    Config
	net  Net
	plan *Plan
}

func (r *resolver) sockets() error {
	if len(r.c.Listen) == 0 {
		return r.everywhere()
	}
	for _, l := range r.c.Listen {
		if err := r.statement(l); err != nil {
			return err
		}
	}
	return nil
}

// everywhere takes the addresses of all interfaces that are up.
func (r *resolver) everywhere() error {
	ifs, err := r.net.Interfaces()
	if err != nil {
		return fmt.Errorf("the network interfaces cannot be listed: %w", err)
	}
	for _, i := range ifs {
		for _, a := range i.Addrs {
			if i.Up && (a.Is4() || r.c.AutoBindIPv6 && (r.c.LinkLocal || !a.IsLinkLocalUnicast())) {
				r.add(Socket{Where: "interface " + i.Name, Literal: true}, a.String(), a, r.c.Port)
			}
		}
	}
	return nil
}

func (r *resolver) statement(l Statement) error {
	if err := r.protocol(l); err != nil {
		return err
	}
	hosts := l.Hosts
	if len(hosts) == 0 {
		hosts = []string{l.Host}
	}
	port := int(l.Port)
	if port == 0 {
		port = r.c.Port
	}
	for _, h := range hosts {
		s := Socket{Socket: handoff.Socket{Label: l.Name}, Where: l.Where, Virtual: l.Virtual, Workers: int(l.Workers)}
		if l.Advertise != nil {
			s.Advertise, s.AdvertPort = l.Advertise.Host, int(l.Advertise.Port)
		}
		if err := r.host(s, h, port); err != nil {
			return fmt.Errorf("%s: listen: %w", l.Where, err)
		}
	}
	return nil
}

// protocol refuses what is not there yet.
func (r *resolver) protocol(l Statement) error {
	switch l.Proto {
	case check.ProtoUDP:
		return nil
	case check.ProtoAny:
		r.plan.Notices = append(r.plan.Notices,
			fmt.Sprintf("%s: listen %s names no protocol: UDP only, the other transports are not available yet", l.Where, l.Host))
		return nil
	}
	p := protoName(l.Proto)
	return fmt.Errorf("%s: listen %s:%s: transport %s is not available yet, this version of the server speaks UDP only: "+
		"remove the statement or write listen=udp:%s", l.Where, p, l.Host, strings.ToUpper(p), l.Host)
}

// host adds the sockets of one id: an address, an interface or a host name.
func (r *resolver) host(s Socket, id string, port int) error {
	id = strings.TrimSuffix(strings.TrimPrefix(id, "["), "]")
	if a, err := netip.ParseAddr(id); err == nil {
		s.Literal = true
		r.add(s, a.String(), a, port)
		return nil
	}
	found, err := r.iface(s, id, port)
	if found || err != nil {
		return err
	}
	addrs, err := r.net.Lookup(id)
	if err != nil || len(addrs) == 0 {
		return fmt.Errorf("%q is neither an address nor an interface (there are %s), and no name server knows it as a host (%v)",
			id, interfaceNames(r.net.Interfaces), err)
	}
	r.add(s, id, addrs[0], port)
	return nil
}

// interfaceNames lists what there is, for who has mistyped one.
func interfaceNames(list func() ([]Interface, error)) string {
	ifs, _ := list()
	var names []string
	for _, i := range ifs {
		names = append(names, i.Name)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func (r *resolver) iface(s Socket, name string, port int) (found bool, err error) {
	ifs, err := r.net.Interfaces()
	if err != nil {
		return false, nil // then it can only be a host name
	}
	for _, i := range ifs {
		if i.Name != name {
			continue
		}
		for _, a := range i.Addrs {
			if a.Is4() {
				s.Literal, found = true, true
				r.add(s, a.String(), a, port)
			}
		}
		if !found {
			return true, fmt.Errorf("interface %s has no IPv4 address; give an IPv6 address itself, in brackets", name)
		}
		return true, nil
	}
	return false, nil
}

// add appends a socket. One that is there already keeps its place, and the new
// name becomes an alias of it.
func (r *resolver) add(s Socket, name string, a netip.Addr, port int) {
	a = a.Unmap()
	s.Proto, s.Name, s.Addr = "udp", name, netip.AddrPortFrom(a, uint16(port))
	for _, have := range r.plan.Sockets {
		if have.Addr == s.Addr {
			if !strings.EqualFold(have.Name, name) {
				r.alias(handoff.Alias{Proto: "udp", Host: name, Port: port})
			}
			return
		}
	}
	r.plan.Sockets = append(r.plan.Sockets, s)
}

// alias adds one in front, where the original has its newest.
func (r *resolver) alias(a handoff.Alias) {
	a.Host = strings.TrimSuffix(strings.TrimPrefix(a.Host, "["), "]")
	for _, have := range r.plan.Aliases {
		if have.Proto == a.Proto && have.Port == a.Port && strings.EqualFold(have.Host, a.Host) {
			return
		}
	}
	r.plan.Aliases = append([]handoff.Alias{a}, r.plan.Aliases...)
}

// names makes aliases of what else our addresses are called.
func (r *resolver) names() {
	if !r.c.AutoAliases {
		return
	}
	addrs := make([]netip.Addr, len(r.plan.Sockets))
	for i, s := range r.plan.Sockets {
		addrs[i] = s.Addr.Addr()
	}
	for i, names := range reverse(r.net, addrs) {
		s := r.plan.Sockets[i]
		for _, n := range names {
			if n = strings.TrimSuffix(n, "."); !strings.EqualFold(n, s.Name) && n != "" {
				r.alias(handoff.Alias{Proto: "udp", Host: n, Port: int(s.Addr.Port())})
			}
		}
	}
}

var protoNames = [...]string{check.ProtoUDP: "udp", check.ProtoTCP: "tcp", check.ProtoTLS: "tls", check.ProtoSCTP: "sctp"}

// protoName is "" for any.
func protoName(p check.Proto) string {
	if int(p) < len(protoNames) {
		return protoNames[p]
	}
	return ""
}
