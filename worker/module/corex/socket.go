package corex

import (
	"net/netip"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

const errNoSocket = "the server has no such socket"

// findSocket finds [proto:]host[:port]; why says why there is none.
func findSocket(c *module.Ctx, s string) (*module.Socket, string) {
	addr, why := check.ParseAddr(s)
	switch {
	case why != "" && hasForm(s):
		return nil, errNoSocket
	case why != "":
		return nil, why
	}
	if found := c.Env.FindSocket(addr.Proto, addr.Host, int(addr.Port)); found != nil {
		return found, ""
	}
	return nil, errNoSocket
}

// hasForm tells whether a text is [proto:]host[:port], whatever stands for the host: no socket has such an address.
func hasForm(s string) bool {
	if proto, rest, ok := strings.Cut(s, ":"); ok {
		if a, why := check.ParseAddr(proto + ":host"); why == "" && a.Proto != 0 {
			s = rest
		}
	}
	_, port, given := strings.Cut(s, ":")
	return s != "" && (!given || port != "" && strings.Trim(port, "0123456789") == "")
}

// The functions below return 1 also when there is no such socket, and change
// nothing then; the log says so. Without an argument and for what names none they fail.
//
// KAMAILIO: 5.6.3 does that.

func setSendSocket(c *module.Ctx, a *module.Args) int {
	return choose(c, a, findSocket, func(s *module.Socket) { c.Dest.Socket = s })
}

func setSendSocketName(c *module.Ctx, a *module.Args) int {
	return choose(c, a, socketNamed, func(s *module.Socket) { c.Dest.Socket = s })
}

func setRecvSocket(c *module.Ctx, a *module.Args) int {
	return choose(c, a, findSocket, func(s *module.Socket) { receive(c, s) })
}

func setRecvSocketName(c *module.Ctx, a *module.Args) int {
	return choose(c, a, socketNamed, func(s *module.Socket) { receive(c, s) })
}

func socketNamed(c *module.Ctx, name string) (*module.Socket, string) {
	return c.SocketCalled(name), errNoSocket
}

func choose(c *module.Ctx, a *module.Args, find func(*module.Ctx, string) (*module.Socket, string), use func(*module.Socket)) int {
	name := a.Printed(c, 0)
	if name == "" {
		return c.Fail(-1, "the socket is missing")
	}
	s, why := find(c, name)
	switch {
	case s != nil:
		use(s)
	case why == errNoSocket:
		c.Complain(why)
	default:
		return c.Fail(-1, why)
	}
	return 1
}

func receive(c *module.Ctx, s *module.Socket) {
	c.Recv.Socket, c.Recv.Dst, c.Recv.Proto = s, s.Addr, s.Proto
}

func isSocketName(c *module.Ctx, a *module.Args) int {
	return truth(c.SocketCalled(a.Str(c, 0)) != nil)
}

// setSource makes replies go to another address, if the Via says that they go back
// to where the request came from. The transport stays what it is.
func setSource(c *module.Ctx, a *module.Args) int {
	addr, why := check.ParseAddr(a.Str(c, 0))
	switch {
	case why != "":
		return c.Fail(-1, why)
	case !addr.IP.IsValid():
		return c.Fail(-1, "expected [proto:]address[:port]")
	}
	port := addr.Port
	if port == 0 {
		port = 5060
	}
	c.Recv.Src = netip.AddrPortFrom(addr.IP.Unmap(), uint16(port))
	c.Recv.SrcIP = c.Keep(addr.Host)
	return 1
}

// viaOption switches something in our Via on or off.
func viaOption(o module.ViaOptions) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		n, ok := a.Number(0)
		if !ok {
			return -1
		}
		if c.ViaOptions &^= o; n != 0 {
			c.ViaOptions |= o
		}
		return 1
	}
}

// place is $cfg(line), $cfg(name), $cfg(route).
func place(c *module.Ctx, r *module.Ref) module.Value {
	switch r.Inner {
	case "line":
		return module.IntValue(r.Site.Line)
	case "name":
		return module.StrValue(r.Site.File)
	}
	block := r.Site.Route
	switch {
	case block == nil:
		return module.Undef
	case block.Name != "0":
		return module.StrValue(block.Name)
	}
	return module.StrValue(defaultRoutes[block.Kind])
}

// defaultRoutes are the names of blocks without one.
var defaultRoutes = [...]string{
	check.RequestRoute: "DEFAULT_ROUTE", check.FailureRoute: "DEFAULT_FAILURE", check.BranchRoute: "DEFAULT_BRANCH",
	check.ReplyRoute: "DEFAULT_ONREPLY", check.SendRoute: "DEFAULT_SEND", check.EventRoute: "DEFAULT_EVENT",
}

// sockParts are [proto:]host[:port] in pieces, as written; of what is none the transformations {sock.…} make nothing.
type sockParts struct{ proto, host, port string }

func parseSock(s string) (p sockParts, ok bool) {
	if head, tail, found := strings.Cut(s, ":"); found && (strings.EqualFold(head, "udp") || strings.EqualFold(head, "tcp")) {
		p.proto, s = head, tail
	}
	end := strings.IndexByte(s, ':')
	if strings.HasPrefix(s, "[") {
		if end = strings.IndexByte(s, ']') + 1; end == 0 {
			return p, false
		}
	}
	if end < 0 {
		end = len(s)
	}
	p.host, s = s[:end], s[end:]
	if s != "" {
		p.port = s[1:]
		if s[0] != ':' || p.port == "" || strings.Trim(p.port, "0123456789") != "" {
			return p, false
		}
	}
	return p, p.host != "" && (p.host[0] == '[' || strings.IndexByte(p.host, ']') < 0)
}

func sockTrans(name, help string, of func(c *module.Ctx, p *sockParts) string) module.Trans {
	return module.Trans{Class: "sock", Name: name, Type: check.TypeStr, Help: help, Do: func(c *module.Ctx, in module.Value, _ []module.Value) module.Value {
		p, ok := parseSock(c.Text(in))
		if !ok {
			return module.Undef
		}
		return module.StrValue(of(c, &p))
	}}
}

func sockURI(c *module.Ctx, p *sockParts) string {
	port, proto := p.port, p.proto
	if port != "" {
		port = c.Concat(":", port)
	}
	if proto != "" {
		proto = c.Concat(";transport=", proto)
	}
	return c.Concat("sip:", p.host, port, proto)
}
