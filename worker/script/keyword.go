package script

import (
	"net/netip"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// keyword compiles a test of a core keyword: method == "INVITE", src_ip == net.
func (k *compiler) keyword(x *check.Expr) intFn {
	switch x.Op {
	case check.OpKeyInt:
		return k.keyInt(x)
	case check.OpKeyStrEq, check.OpKeyStrNe:
		return k.keySame(x)
	case check.OpKeyMatch:
		return k.keyMatch(x)
	case check.OpMyself:
		return k.myself(x)
	case check.OpNet:
		get, net, want := keyIP(x.Key), x.Net, !x.Negate
		return func(f *frame) int32 { return truth(net.Contains(get(f.c)) == want) }
	case check.OpIPStr:
		return k.ipText(x)
	case check.OpIPMatch:
		return k.ipMatch(x)
	}
	k.fail(x.Pos, "operator %d is not known to the engine", x.Op)
	return nil
}

// keyStr reads a keyword of type string; false if the message has no such thing.
func keyStr(key check.Keyword) func(c *module.Ctx) (string, bool) {
	switch key {
	case check.KeyMethod:
		return methodText
	case check.KeyFromURI:
		return func(c *module.Ctx) (string, bool) {
			a, err := c.SIP.From()
			return a.URI, err == nil
		}
	case check.KeyToURI:
		return func(c *module.Ctx) (string, bool) {
			a, err := c.SIP.To()
			return a.URI, err == nil
		}
	}
	return uriText
}

// methodText is the request's method, in a reply that of CSeq.
func methodText(c *module.Ctx) (string, bool) {
	if c.SIP.IsRequest {
		return c.SIP.MethodName, true
	}
	q, err := c.SIP.CSeq()
	return q.MethodName, err == nil
}

// uriText is the second word of the first line: the current R-URI, in a reply
// the status.
func uriText(c *module.Ctx) (string, bool) {
	if c.SIP.IsRequest {
		return c.RequestURI(), true
	}
	return c.Itoa(int64(c.SIP.StatusCode)), true
}

// keySame compares without case. Where either side is missing or fails, == is
// false and != true.
func (k *compiler) keySame(x *check.Expr) intFn {
	get, want := keyStr(x.Key), x.Op == check.OpKeyStrEq
	if x.Y.Op == check.OpStr {
		text := x.Y.Str
		return func(f *frame) int32 {
			s, ok := get(f.c)
			return truth((ok && sip.EqualFold(s, text)) == want)
		}
	}
	y := k.val(x.Y)
	return func(f *frame) int32 {
		v := y(f)
		if ok, _ := f.settle(); !ok || v.Kind == module.KindUndef {
			return truth(!want)
		}
		s, ok := get(f.c)
		return truth((ok && sip.EqualFold(s, f.c.Text(v))) == want)
	}
}

func (k *compiler) keyMatch(x *check.Expr) intFn {
	get, want := keyStr(x.Key), !x.Negate
	if x.Re != nil {
		re := x.Re
		return func(f *frame) int32 {
			s, ok := get(f.c)
			return truth((ok && re.MatchString(s)) == want)
		}
	}
	pattern := k.val(x.Y)
	return func(f *frame) int32 {
		v := pattern(f)
		if f.state != 0 || v.Kind == module.KindUndef {
			return 0
		}
		s, known := get(f.c)
		ok, done := f.matches(x, f.c.Text(v), s)
		return truth(done && (known && ok) == want)
	}
}

// keyInt reads a keyword of type int.
func (k *compiler) keyInt(x *check.Expr) intFn {
	switch x.Key {
	case check.KeySrcPort:
		return func(f *frame) int32 { return int32(f.c.Recv.Src.Port()) }
	case check.KeyDstPort:
		return func(f *frame) int32 { return int32(f.c.Recv.Dst.Port()) }
	case check.KeyAF:
		return func(f *frame) int32 { return family(f.c.Recv.Src.Addr()) }
	case check.KeyProto:
		return func(f *frame) int32 { return int32(f.c.Recv.Proto) }
	case check.KeyMsgLen:
		return func(f *frame) int32 {
			if f.c.Sent.Valid {
				return int32(len(f.c.Sent.Data))
			}
			return int32(len(f.c.SIP.Raw))
		}
	}
	read := sentInt(x.Key)
	if read == nil {
		k.fail(x.Pos, "keyword %d is not a number", x.Key)
		return nil
	}
	return func(f *frame) int32 {
		if !f.c.Sent.Valid {
			f.fail(x.Pos, "snd_port, snd_proto, snd_af and to_port have a value in onsend_route only")
			return 0
		}
		return read(&f.c.Sent)
	}
}

// sentInt reads a property of the message that is about to leave.
func sentInt(key check.Keyword) func(s *module.SentInfo) int32 {
	switch key {
	case check.KeySndPort:
		return func(s *module.SentInfo) int32 { return int32(s.From.Addr.Port()) }
	case check.KeyToPort:
		return func(s *module.SentInfo) int32 { return int32(s.To.Port()) }
	case check.KeySndAF:
		return func(s *module.SentInfo) int32 { return family(s.To.Addr()) }
	case check.KeySndProto:
		return func(s *module.SentInfo) int32 { return int32(s.From.Proto) }
	}
	return nil
}

// family is AF_INET or AF_INET6 as scripts count them.
func family(a netip.Addr) int32 {
	if a.Is4() || a.Is4In6() {
		return 2
	}
	return 10
}

// keyIP reads a keyword of type ip; the zero Addr where there is none.
func keyIP(key check.Keyword) func(c *module.Ctx) netip.Addr {
	switch key {
	case check.KeyDstIP:
		return func(c *module.Ctx) netip.Addr { return c.Recv.Dst.Addr().Unmap() }
	case check.KeySndIP:
		return func(c *module.Ctx) netip.Addr {
			if c.Sent.From == nil {
				return netip.Addr{}
			}
			return c.Sent.From.Addr.Addr().Unmap()
		}
	case check.KeyToIP:
		return func(c *module.Ctx) netip.Addr { return c.Sent.To.Addr().Unmap() }
	}
	return func(c *module.Ctx) netip.Addr { return c.Recv.Src.Addr().Unmap() }
}
