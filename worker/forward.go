package worker

import (
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
	"goser/worker/transport"
)

// hop is the next hop of a message, resolved as far as its text goes.
type hop struct {
	host  string
	port  int
	proto module.Proto
}

// Forward implements module.Env: stateless forwarding (RFC 3261 §16.11).
func (w *Worker) Forward(c *module.Ctx, t module.Target) error {
	switch {
	case c.Faked:
		return errFaked
	case !c.SIP.IsRequest:
		return &module.Error{Code: module.ErrScript, Msg: "not a request"}
	}
	h, err := w.nextHop(c, t)
	if err != nil {
		return err
	}
	mf, err := w.maxForwards(c)
	if err != nil {
		return err
	}
	addrs, err := w.resolve(c, h, t)
	if err != nil {
		return err
	}
	for _, a := range addrs {
		if err = w.forwardTo(c, netip.AddrPortFrom(a, uint16(h.port)), mf); err == nil {
			w.count.forwarded.Inc()
			return nil
		}
	}
	return err
}

// nextHop reads host, port and transport from the target, $du or the R-URI.
func (w *Worker) nextHop(c *module.Ctx, t module.Target) (hop, error) {
	if t.Host != "" && !t.FromURI {
		h := hop{host: t.Host, port: t.Port, proto: t.Proto}
		return h.complete(c.Recv.Proto)
	}
	text := c.RequestURI()
	if c.Dest.Next != "" && !t.FromURI {
		text = c.Dest.Next
	}
	var u sip.URI
	if err := parseTarget(c, text, &u); err != nil {
		return hop{}, &module.Error{Code: module.ErrBadURI, Msg: "bad URI " + strconv.Quote(text[:min(len(text), 120)]) + ": " + err.Error()}
	}
	if err := reachable(&u); err != nil {
		return hop{}, err
	}
	// KAMAILIO: maddr is not followed: a script looks at the host before it lets a request pass.
	h := hop{host: u.Host, port: u.Port, proto: t.Proto}
	if tr := u.Transport(); tr != "" && h.proto == check.ProtoAny {
		h.proto = transportOf(tr)
	}
	if t.Port != 0 {
		h.port = t.Port
	}
	return h.complete(check.ProtoUDP)
}

// parseTarget reads the URI of a next hop. KAMAILIO: a port that is empty or 0, as a script makes it of a
// variable that is not set, is the default one.
func parseTarget(c *module.Ctx, text string, u *sip.URI) error {
	err := sip.ParseURI(text, u)
	if err == nil || u.Host == "" {
		return err
	}
	host := max(strings.IndexByte(text, '@'), len(u.SchemeName)) + 1 + len(u.Host)
	rest, ok := strings.CutPrefix(text[min(host, len(text)):], ":")
	if !ok {
		return err
	}
	if rest = strings.TrimLeft(rest, "0"); rest != "" && rest[0] != ';' && rest[0] != '?' {
		return err
	}
	return sip.ParseURI(c.Concat(text[:host], rest), u)
}

// reachable tells why a URI cannot be sent to: one without a host, one that needs TLS, one
// that is none of SIP's.
func reachable(u *sip.URI) error {
	switch {
	case u.Scheme == sip.SchemeSIP:
		return nil
	case u.Scheme == sip.SchemeSIPS:
		return &module.Error{Code: module.ErrProto, Msg: "only sip: URIs can be reached (TLS is not there yet)"}
	case u.Scheme == sip.SchemeTel, sip.EqualFold(u.SchemeName, "tels"), sip.EqualFold(u.SchemeName, "urn"):
		return &module.Error{Code: module.ErrBadAddr, Msg: "a " + u.SchemeName + ": URI has no address"}
	}
	return &module.Error{Code: module.ErrBadURI, Msg: "nobody can be reached by a " + u.SchemeName + ": URI; want sip:"}
}

// transportOf is the transport that a URI asks for. KAMAILIO: a name that nobody knows asks for nothing.
func transportOf(name string) module.Proto {
	p := protoNumber(name)
	if p == noProto && !sip.EqualFold(name, "ws") && !sip.EqualFold(name, "wss") {
		return check.ProtoAny
	}
	return p
}

func (h hop) complete(proto module.Proto) (hop, error) {
	if h.proto == check.ProtoAny {
		h.proto = proto
	}
	if h.proto != check.ProtoUDP {
		return h, &module.Error{Code: module.ErrProto, Msg: "only UDP is there yet"}
	}
	if h.port == 0 {
		h.port = defaultPort
	}
	if h.port < 1 || h.port > 65535 {
		return h, &module.Error{Code: module.ErrBadURI, Msg: "the port is outside 1 to 65535"}
	}
	h.host = bareHost(h.host)
	return h, nil
}

// resolve returns the addresses of a hop; for a literal nothing waits.
func (w *Worker) resolve(c *module.Ctx, h hop, t module.Target) ([]netip.Addr, error) {
	if t.IP.IsValid() && !t.FromURI {
		w.one[0] = t.IP.Unmap()
		return w.one[:], nil
	}
	if a, ok := parseIP(h.host); ok {
		w.one[0] = a
		return w.one[:], nil
	}
	addrs, err := w.Lookup(c, h.host)
	if err != nil {
		return nil, &module.Error{Code: module.ErrBadAddr, Msg: err.Error()}
	}
	return addrs, nil
}

// maxForwards decides what happens to the header (RFC 3261 §16.6 step 3). A
// script that used maxfwd has dealt with it. KAMAILIO: the original's forward
// leaves it alone, so that two servers pointing at each other never stop.
func (w *Worker) maxForwards(c *module.Ctx) (sip.Hops, error) {
	if c.MaxForwardsDone {
		return sip.HopsKeep, nil
	}
	n, err := c.SIP.MaxForwards()
	switch {
	case err == sip.ErrMissing:
		return sip.HopsAdd, nil
	case err != nil:
		return sip.HopsKeep, nil
	case n == 0:
		return 0, &module.Error{Code: module.ErrTooMany, Msg: "Max-Forwards is 0"}
	}
	return sip.HopsDecrement, nil
}

// forwardTo builds the request for one address and queues it. room 8
func (w *Worker) forwardTo(c *module.Ctx, to netip.AddrPort, mf sip.Hops) error {
	from, src := w.source(c, to)
	if from == nil {
		return &module.Error{Code: module.ErrProto, Msg: "no listening socket of the destination's family"}
	}
	f := &w.fwd
	*f = sip.Forward{RURI: c.Dest.URI, Hops: mf, Fix: w.viaFix(c)}
	loop := w.loopMark(c, to)
	if w.looped(c, loop) {
		return &module.Error{Code: module.ErrLoop, Msg: "the request has been here with the same target (RFC 3261 §16.3 step 4)"}
	}
	f.Via = w.via(c, from, src, loop)
	data := sip.AppendForward(w.out.Begin(), &c.SIP, &c.Edits, f)
	c.Sent = module.SentInfo{Valid: true, To: to, From: from, Data: data}
	if !w.runner.Send(c) {
		return &module.Error{Code: module.ErrAdmin, Msg: "dropped by onsend_route"}
	}
	// The route may have sent something of its own into the same buffer, so
	// the datagram is built again behind it.
	if w.out.Moved(data) {
		data = sip.AppendForward(w.out.Begin(), &c.SIP, &c.Edits, f)
	}
	return w.queue(from, src, to, data)
}

// source picks the socket, and on a wildcard socket the address, to send from.
func (w *Worker) source(c *module.Ctx, to netip.AddrPort) (*module.Socket, netip.Addr) {
	if s := c.Dest.Socket; s != nil && fits(s, to.Addr()) {
		return s, s.Addr.Addr()
	}
	if w.conf.mhomed {
		if a, err := routeSource(to); err == nil && w.mine.hasIP(a) {
			return w.mine.find(check.ProtoUDP, a.String(), 0), a
		}
	}
	s := w.mine.pick(c.Recv.Socket, to.Addr())
	if s == nil {
		return nil, netip.Addr{}
	}
	src := s.Addr.Addr()
	if src.IsUnspecified() {
		if src = c.Recv.Dst.Addr(); s != c.Recv.Socket || src.IsUnspecified() {
			src, _ = routeSource(to)
		}
	}
	return s, src
}

// routeSource asks the kernel which local address leads to a destination:
// connecting a datagram socket sends nothing.
func routeSource(to netip.AddrPort) (netip.Addr, error) {
	sa, family := transport.Sockaddr(to)
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return netip.Addr{}, err
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, sa); err != nil {
		return netip.Addr{}, err
	}
	return transport.LocalOf(fd)
}
