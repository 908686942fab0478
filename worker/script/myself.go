package script

import (
	"net/netip"
	"slices"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// myself compiles KEY == myself: for a URI its host and port are a socket or an
// alias of ours, for an address it belongs to a socket.
func (k *compiler) myself(x *check.Expr) intFn {
	want := !x.Negate
	switch x.Key {
	case check.KeySrcIP, check.KeyDstIP, check.KeySndIP, check.KeyToIP:
		get := keyIP(x.Key)
		return func(f *frame) int32 {
			a := get(f.c)
			return truth((a.IsValid() && f.c.Env.LocalIP(a)) == want)
		}
	case check.KeyURI:
		return func(f *frame) int32 {
			if !f.c.SIP.IsRequest {
				return truth(!want)
			}
			u, err := f.c.ParsedURI()
			return truth((err == nil && ours(f.c, u)) == want)
		}
	}
	get := keyStr(x.Key)
	return func(f *frame) int32 { return truth(isMyself(f.c, get) == want) }
}

func isMyself(c *module.Ctx, get func(c *module.Ctx) (string, bool)) bool {
	s, ok := get(c)
	if !ok {
		return false
	}
	var u sip.URI
	return sip.ParseURI(s, &u) == nil && ours(c, &u)
}

// ours ignores the transport, as the original does.
func ours(c *module.Ctx, u *sip.URI) bool {
	return u.Host != "" && c.Env.Myself(u.Host, u.Port, check.ProtoAny)
}

// ipText compiles src_ip == "text": an address or net is compared, a name is
// resolved and each of its addresses compared.
func (k *compiler) ipText(x *check.Expr) intFn {
	get, want := keyIP(x.Key), !x.Negate
	if x.Y == nil {
		if net, ok := parseNet(x.Str); ok {
			return func(f *frame) int32 { return truth(net.Contains(get(f.c)) == want) }
		}
		name := x.Str
		return func(f *frame) int32 { return truth(f.resolvesTo(name, get(f.c)) == want) }
	}
	y := k.val(x.Y)
	return func(f *frame) int32 {
		v := y(f)
		if ok, _ := f.settle(); !ok || v.Kind == module.KindUndef {
			return truth(!want)
		}
		return truth(f.ipIs(get(f.c), f.c.Text(v)) == want)
	}
}

func (f *frame) ipIs(a netip.Addr, text string) bool {
	if net, ok := parseNet(text); ok {
		return net.Contains(a)
	}
	return f.resolvesTo(text, a)
}

// resolvesTo waits for the name to be resolved.
func (f *frame) resolvesTo(name string, a netip.Addr) bool {
	if name == "" || len(name) > 255 {
		return false
	}
	addrs, err := f.c.Env.Lookup(f.c, name)
	if err == nil && slices.ContainsFunc(addrs, func(b netip.Addr) bool { return b.Unmap() == a }) {
		return true
	}
	return f.isNamed(a, func(n string) bool { return sip.EqualFold(n, name) })
}

// isNamed tells whether a name that reverse resolution knows fits, if rev_dns allows to ask.
func (f *frame) isNamed(a netip.Addr, fits func(name string) bool) bool {
	return f.c.Env.Conf().RevDNS && slices.ContainsFunc(f.c.Env.ReverseLookup(f.c, a), fits)
}

// ipMatch compiles src_ip =~ pattern. A constant one is matched against the
// address as text; a computed one may also be an address, a net or a name.
func (k *compiler) ipMatch(x *check.Expr) intFn {
	get, want := keyIP(x.Key), !x.Negate
	if x.Re != nil {
		re := x.Re
		return func(f *frame) int32 {
			a := get(f.c)
			return truth((re.MatchString(ipString(f.c, a)) || f.isNamed(a, re.MatchString)) == want)
		}
	}
	y := k.str(x.Y)
	return func(f *frame) int32 {
		text := y(f)
		if f.state != 0 {
			return 0
		}
		a := get(f.c)
		if net, ok := parseNet(text); ok {
			return truth(net.Contains(a) == want)
		}
		ok, done := f.matches(x, text, ipString(f.c, a))
		return truth(done && (ok || f.resolvesTo(text, a)) == want)
	}
}

func ipString(c *module.Ctx, a netip.Addr) string {
	return c.Build(64, func(dst []byte) []byte { return a.AppendTo(dst) })
}

// parseNet reads an address, address/length or IPv4 address/mask; an IPv6
// address may be in brackets. It is on the path of messages and so does not use
// what allocates its errors.
func parseNet(s string) (netip.Prefix, bool) {
	if s == "" || !strings.ContainsAny(s[:1], "0123456789abcdefABCDEF:[") || !strings.ContainsAny(s, ".:") {
		return netip.Prefix{}, false
	}
	host, bits, cut := strings.Cut(s, "/")
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	n := a.BitLen()
	if cut {
		if n = maskBits(bits, a); n < 0 {
			return netip.Prefix{}, false
		}
	}
	return netip.PrefixFrom(a, n).Masked(), true
}

// maskBits reads the part behind the slash; -1 if it is no mask.
func maskBits(s string, a netip.Addr) int {
	if n, ok := module.ParseInt(s); ok && n >= 0 && int(n) <= a.BitLen() {
		return int(n)
	}
	m, err := netip.ParseAddr(s)
	if err != nil || !a.Is4() || !m.Is4() {
		return -1
	}
	n, b := 0, m.As4()
	for i := range 32 {
		if b[i/8]<<(i%8)&0x80 != 0 {
			if n != i {
				return -1
			}
			n++
		}
	}
	return n
}
