package pv

import (
	"net/netip"
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

var protoNames = [...]string{"", "udp", "tcp", "tls", "sctp"}

func protoName(p module.Proto) string {
	if int(p) < len(protoNames) {
		return protoNames[p]
	}
	return ""
}

// endpoint writes proto, a separator, ip:port (an IPv6 address in brackets),
// and a tail.
func endpoint(c *module.Ctx, head, sep string, a netip.AddrPort, tail string) string {
	return c.Build(len(head)+len(sep)+len(tail)+64, func(dst []byte) []byte {
		dst = append(append(dst, head...), sep...)
		dst = netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port()).AppendTo(dst)
		return append(dst, tail...)
	})
}

func ipText(c *module.Ctx, a netip.Addr, brackets bool) module.Value {
	if !a.IsValid() {
		return module.Undef
	}
	a = a.Unmap().WithZone("")
	return module.StrValue(c.Build(50, func(dst []byte) []byte {
		if !brackets || a.Is4() {
			return a.AppendTo(dst)
		}
		return append(a.AppendTo(append(dst, '[')), ']')
	}))
}

type side func(c *module.Ctx) netip.AddrPort

func source(c *module.Ctx) netip.AddrPort { return c.Recv.Src }
func local(c *module.Ctx) netip.AddrPort  { return c.Recv.Dst }

// transportTail is what $su and $Ru add for transports other than UDP.
func transportTail(c *module.Ctx, always bool) string {
	if c.Recv.Proto == check.ProtoUDP && !always {
		return ""
	}
	return c.Concat(";transport=", protoName(c.Recv.Proto))
}

func asURI(from side, always bool) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value {
		return module.StrValue(endpoint(c, "sip", ":", from(c), transportTail(c, always)))
	}
}

func asSocket(from side) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value {
		return module.StrValue(endpoint(c, protoName(c.Recv.Proto), ":", from(c), ""))
	}
}

func asIP(from side, brackets bool) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value { return ipText(c, from(c).Addr(), brackets) }
}

func asPort(from side) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value { return intValue(from(c).Port()) }
}

// advertised is host and port of the receiving socket as peers are told.
func advertised(c *module.Ctx) (host string, port int) {
	s := c.Recv.Socket
	if s == nil {
		return "", 0
	}
	host, port = s.SentBy, int(s.Addr.Port())
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		if n, err := strconv.Atoi(host[i+1:]); err == nil {
			return host[:i], n
		}
	}
	return host, port
}

func advertisedURI(always bool) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value {
		host, port := advertised(c)
		return module.StrValue(c.Concat("sip:", host, ":", c.Itoa(int64(port)), transportTail(c, always)))
	}
}

// netVars: where the message came from and in by.
func netVars() []module.Var {
	return []module.Var{
		text("si", "source IP", asIP(source, false), "src_ip"),
		text("siz", "source IP, IPv6 in brackets", asIP(source, true)),
		number("sp", "source port", asPort(source)),
		text("sas", "source, proto:ip:port", asSocket(source)),
		text("su", "source as URI", asURI(source, false)),
		text("sut", "source as URI with transport", asURI(source, true)),
		text("Ri", "receiving IP", asIP(local, false)),
		number("Rp", "receiving port", asPort(local)),
		text("Ras", "receiving socket, proto:ip:port", asSocket(local)),
		text("Ru", "receiving socket as URI", asURI(local, false)),
		text("Rut", "receiving socket as URI with transport", asURI(local, true)),
		text("Rn", "name of the receiving socket", func(c *module.Ctx) module.Value {
			if c.Recv.Socket == nil {
				return module.Undef
			}
			return nonEmpty(c.Recv.Socket.Label)
		}),
		text("RAi", "advertised host", func(c *module.Ctx) module.Value { h, _ := advertised(c); return nonEmpty(h) }),
		number("RAp", "advertised port", func(c *module.Ctx) module.Value { _, p := advertised(c); return intValue(p) }),
		text("RAu", "advertised address as URI", advertisedURI(false)),
		text("RAut", "advertised address as URI with transport", advertisedURI(true)),
		text("pr", "transport", func(c *module.Ctx) module.Value { return nonEmpty(protoName(c.Recv.Proto)) }, "proto"),
		number("prid", "transport's number", func(c *module.Ctx) module.Value { return module.IntValue(int32(c.Recv.Proto)) }),
		fields("af", "address family: id (2 or 10) or name (IPv4 or IPv6)", check.TypeAny, map[string]func(c *module.Ctx) module.Value{
			"id":   func(c *module.Ctx) module.Value { return module.IntValue(family(local(c).Addr(), int32(2), 10)) },
			"name": func(c *module.Ctx) module.Value { return module.StrValue(family(local(c).Addr(), "IPv4", "IPv6")) },
		}),
		sentVar("snd", sentTo), sentVar("sndto", sentTo), sentVar("sndfrom", sentFrom),
	}
}

func family[T any](a netip.Addr, four, six T) T {
	if a.Unmap().Is4() {
		return four
	}
	return six
}

func sentTo(c *module.Ctx) netip.AddrPort { return c.Sent.To }

func sentFrom(c *module.Ctx) netip.AddrPort {
	if c.Sent.From == nil {
		return netip.AddrPort{}
	}
	return c.Sent.From.Addr
}

// sentVar is $snd, $sndto or $sndfrom: undefined outside onsend_route.
func sentVar(name string, end side) module.Var {
	leaving := func(get func(c *module.Ctx) module.Value) func(c *module.Ctx) module.Value {
		return func(c *module.Ctx) module.Value {
			if !c.Sent.Valid {
				return module.Undef
			}
			return get(c)
		}
	}
	proto := leaving(func(c *module.Ctx) module.Value {
		if c.Sent.From == nil {
			return module.Undef
		}
		return nonEmpty(protoName(c.Sent.From.Proto))
	})
	number := leaving(func(c *module.Ctx) module.Value {
		if c.Sent.From == nil {
			return module.Undef
		}
		return module.IntValue(int32(c.Sent.From.Proto))
	})
	return fields(name, "onsend_route: ip port proto sproto af buf len of what leaves", check.TypeAny,
		map[string]func(c *module.Ctx) module.Value{
			"ip": leaving(asIP(end, false)), "port": leaving(asPort(end)), "proto": number, "sproto": proto,
			"af": leaving(func(c *module.Ctx) module.Value { return module.IntValue(family(end(c).Addr(), int32(2), 10)) }),
			"buf": leaving(func(c *module.Ctx) module.Value {
				return module.StrValue(c.Build(len(c.Sent.Data), func(d []byte) []byte { return append(d, c.Sent.Data...) }))
			}),
			"len": leaving(func(c *module.Ctx) module.Value { return intValue(len(c.Sent.Data)) }),
		})
}
