package worker

import (
	"net/netip"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/handoff"
	"goser/worker/module"
)

// identity is the list of names and addresses that mean this server: what the
// script calls myself.
type identity struct {
	sockets []*module.Socket
	aliases []handoff.Alias
	told    []told
}

// told is what a socket tells its peers to be: its advertised address.
type told struct {
	host  string
	port  int
	proto module.Proto
}

const defaultPort = 5060

// is tells whether host:port means us. An alias without a port matches any;
// a socket must match the port, 5060 if none is given.
func (id *identity) is(host string, port int, proto module.Proto) bool {
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	want := port
	if want == 0 {
		want = defaultPort
	}
	var addr netip.Addr
	var literal, asked bool
	for _, s := range id.sockets {
		if want != module.AnyPort && int(s.Addr.Port()) != want || !protoFits(proto, s.Proto) {
			continue
		}
		if sip.EqualFold(s.Name, bare) {
			return true
		}
		if !asked { // of most Vias the port is not ours
			addr, literal = parseIP(bare)
			asked = true
		}
		if literal && s.Addr.Addr() == addr {
			return true
		}
	}
	for i := range id.told {
		t := &id.told[i]
		if (want == module.AnyPort || t.port == want) && protoFits(proto, t.proto) && sip.EqualFold(t.host, bare) {
			return true
		}
	}
	for i := range id.aliases {
		a := &id.aliases[i]
		if (a.Port == 0 || want == module.AnyPort || a.Port == want) && (a.Proto == "" || protoFits(proto, protoNumber(a.Proto))) &&
			sip.EqualFold(a.Host, bare) {
			return true
		}
	}
	return false
}

// parseIP reads an address literal. What cannot be one costs no error value:
// host names come here with every message.
func parseIP(s string) (netip.Addr, bool) {
	if s == "" || (s[0] < '0' || s[0] > '9') && strings.IndexByte(s, ':') < 0 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err == nil
}

// hasIP tells whether a socket listens on an address.
func (id *identity) hasIP(a netip.Addr) bool {
	for _, s := range id.sockets {
		if s.Addr.Addr() == a.Unmap() {
			return true
		}
	}
	return false
}

// find returns the listening socket with that address, nil if there is none.
func (id *identity) find(proto module.Proto, host string, port int) *module.Socket {
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	addr, literal := parseIP(bare)
	for _, s := range id.sockets {
		if port != 0 && int(s.Addr.Port()) != port || !protoFits(proto, s.Proto) {
			continue
		}
		if literal && s.Addr.Addr() == addr || sip.EqualFold(s.Name, bare) {
			return s
		}
	}
	return nil
}

// pick chooses the socket to send to an address by: the one given if it fits,
// else the first of the same family.
func (id *identity) pick(prefer *module.Socket, to netip.Addr) *module.Socket {
	if fits(prefer, to) {
		return prefer
	}
	for _, s := range id.sockets {
		if fits(s, to) {
			return s
		}
	}
	return nil
}

func fits(s *module.Socket, to netip.Addr) bool {
	return s != nil && s.Addr.Addr().Is4() == to.Unmap().Is4()
}

func protoFits(want, have module.Proto) bool { return want == check.ProtoAny || want == have }

// noProto fits nothing that we have.
const noProto module.Proto = 255

// protoNumber reads a transport's name.
func protoNumber(name string) module.Proto {
	for i, n := range [...]string{"UDP", "TCP", "TLS", "SCTP"} {
		if sip.EqualFold(name, n) {
			return module.Proto(i + 1)
		}
	}
	return noProto
}
