package check

import (
	"net/netip"
	"strings"

	"goser/cfg/syntax"
)

var keys = map[string]Keyword{
	"method": KeyMethod, "uri": KeyURI, "from_uri": KeyFromURI, "to_uri": KeyToURI,
	"src_ip": KeySrcIP, "dst_ip": KeyDstIP, "snd_ip": KeySndIP, "to_ip": KeyToIP,
	"src_port": KeySrcPort, "dst_port": KeyDstPort, "snd_port": KeySndPort, "to_port": KeyToPort,
	"af": KeyAF, "snd_af": KeySndAF, "msg:len": KeyMsgLen, "proto": KeyProto, "snd_proto": KeySndProto,
}

// keywordTest resolves a comparison whose left side is a core keyword.
func (c *checker) keywordTest(x *syntax.Expr) *Expr {
	k := keys[x.X.Str]
	c.keywordPlace(k, x.X)
	out := &Expr{Type: TypeInt, Key: k, Pos: x.At}
	out.Negate = x.Op == "!=" || x.Op == "ne" || x.Op == "!~"
	switch k {
	case KeyMethod, KeyURI, KeyFromURI, KeyToURI:
		return c.stringTest(k, out, x)
	case KeySrcIP, KeyDstIP, KeySndIP, KeyToIP:
		return c.ipTest(out, x)
	case KeyProto, KeySndProto:
		return c.protoTest(k, out, x)
	}
	return c.intTest(k, x)
}

// keywordPlace: the properties of what is being sent exist in onsend_route.
func (c *checker) keywordPlace(k Keyword, x *syntax.Expr) {
	if k < KeySndIP || c.route.Kind == SendRoute {
		return
	}
	if k == KeySndIP || k == KeyToIP {
		c.errorf(x.At, syntax.KindPlace, "elsewhere use src_ip or dst_ip", "%s can only be used in onsend_route", x.Str)
		return
	}
	c.warnf(x.At, "this test is false everywhere else", "%s is known only in onsend_route", x.Str)
}

func isMatch(op string) bool { return op == "=~" || op == "!~" }

func (c *checker) stringTest(k Keyword, out *Expr, x *syntax.Expr) *Expr {
	if x.Y.Kind == syntax.Myself {
		if k == KeyMethod {
			c.errorf(x.Y.At, syntax.KindPlace, `write method=="INVITE"`, "method cannot be compared with myself")
		}
		out.Op = OpMyself
		return out
	}
	out.Y = c.expr(x.Y)
	if isMatch(x.Op) {
		out.Op = OpKeyMatch
		if !c.pattern(out, x.Y) {
			return c.wrong(x)
		}
		return out
	}
	out.Op = OpKeyStrEq
	if out.Negate {
		out.Op, out.Negate = OpKeyStrNe, false
	}
	if out.Y.Op == OpInt { // status == 200
		out.Y = &Expr{Op: OpStr, Type: TypeStr, Str: text(out.Y), Pos: out.Y.Pos}
	}
	c.suspectURI(k, out, x)
	return out
}

// suspectURI warns of comparisons that can never be true.
func (c *checker) suspectURI(k Keyword, out *Expr, x *syntax.Expr) {
	if k != KeyMethod && out.Y.Op == OpStr && strings.HasPrefix(out.Y.Str, "^") {
		c.warnf(x.OpAt, "write =~ for regular expressions", "== compares the whole text, not a regular expression")
	}
}

func (c *checker) intTest(k Keyword, x *syntax.Expr) *Expr {
	if x.Y.Kind == syntax.Myself {
		return c.misplaced(x.Y)
	}
	y := c.expr(x.Y)
	if y.Op == OpStr {
		c.errorf(x.Y.At, syntax.KindType, "write the number without quotes", "number expected after %s", x.X.Str)
		return c.wrong(x)
	}
	op := intOps[x.Op]
	switch x.Op {
	case "==", "eq":
		op = OpIntEq
	case "!=", "ne":
		op = OpIntNe
	}
	left := &Expr{Op: OpKeyInt, Type: TypeInt, Key: k, Pos: x.X.At}
	return &Expr{Op: op, Type: TypeInt, X: left, Y: y, Pos: x.At}
}

func (c *checker) protoTest(k Keyword, out *Expr, x *syntax.Expr) *Expr {
	if x.Y.Kind != syntax.ProtoEx {
		return c.intTest(k, x)
	}
	op := OpIntEq
	if out.Negate {
		op = OpIntNe
	}
	left := &Expr{Op: OpKeyInt, Type: TypeInt, Key: k, Pos: x.X.At}
	right := &Expr{Op: OpInt, Type: TypeInt, Int: x.Y.Int, Pos: x.Y.At}
	return &Expr{Op: op, Type: TypeInt, X: left, Y: right, Pos: x.At}
}

func (c *checker) ipTest(out *Expr, x *syntax.Expr) *Expr {
	switch x.Y.Kind {
	case syntax.Myself:
		out.Op = OpMyself
		return out
	case syntax.NetEx:
		if isMatch(x.Op) {
			c.errorf(x.OpAt, syntax.KindType, "write == or !=", "%s cannot be used with an address", x.Op)
			return c.wrong(x)
		}
		return c.netTest(out, x.Y.Str, x.Y.At)
	case syntax.NameEx:
		if isMatch(x.Op) {
			c.errorf(x.Y.At, syntax.KindType, "put the regular expression in quotes", "%s needs a string", x.Op)
			return c.wrong(x)
		}
		return c.hostTest(out, x.Y.Str, x.Y.At)
	}
	out.Y = c.expr(x.Y)
	switch {
	case out.Y.Op == OpInt:
		c.errorf(x.Y.At, syntax.KindType, "write an IP address, a net or a host name", "%s cannot be compared with a number", x.X.Str)
		return c.wrong(x)
	case isMatch(x.Op):
		out.Op = OpIPMatch
		if !c.pattern(out, x.Y) {
			return c.wrong(x)
		}
		return out
	case out.Y.Op == OpStr:
		return c.hostTest(out, out.Y.Str, x.Y.At)
	}
	out.Op = OpIPStr
	return out
}

func (c *checker) netTest(out *Expr, s string, at syntax.Span) *Expr {
	p, msg := ParseNet(s)
	if msg != "" {
		c.errorf(at, syntax.KindType, "write 10.0.0.0/8 or 10.0.0.0/255.0.0.0", "%s", msg)
	}
	out.Op, out.Net, out.Y = OpNet, p, nil
	return out
}

// hostTest compares with a constant text: an address or net if it is one, else
// a name to resolve.
func (c *checker) hostTest(out *Expr, s string, at syntax.Span) *Expr {
	host, _, isNet := strings.Cut(s, "/")
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return c.netTest(out, s, at)
	}
	if isNet || s == "" || strings.ContainsAny(s, " \t\r\n:@") {
		c.errorf(at, syntax.KindType, "write an IP address, a net or a host name", "%q is no host", s)
	}
	out.Op, out.Str, out.Y = OpIPStr, s, nil
	return out
}
