package syntax

import "strings"

// addrItem parses listen = a b c and alias = a b c.
func (p *parser) addrItem() Item {
	it := &AddrItem{Name: Text{Kind: ValID, Str: p.tok.Str, At: p.tok.At}}
	p.advance()
	p.advance()
	if p.valueMissing() {
		p.report(p.afterPrev(), "write "+it.Name.Str+" = proto:host:port", "address missing after %s =", it.Name.Str)
		return nil
	}
	for {
		it.Addrs = append(it.Addrs, p.addr(true))
		if !p.atAddr() {
			return it
		}
	}
}

// atAddr tells whether another address follows in the list, rather than the
// next statement.
func (p *parser) atAddr() bool {
	t := &p.tok
	switch t.Kind {
	case tStr, tRaw, tIPv4, tIPv6, tNum, tMixed:
		return true
	case tOp:
		return t.Str == "[" || t.Str == "(" || t.Str == "*"
	case tID:
		if topWords[t.Str] || blockWords[t.Str] {
			return false
		}
		n := 1
		for !p.peek(n).Space && (p.peek(n).op(".") || p.peek(n).op("-") || p.peek(n).Kind == tID || p.peek(n).Kind == tNum || p.peek(n).Kind == tMixed) && n < 64 {
			n++
		}
		return !p.peek(n).op("=") && !(p.peek(n).op("[") && p.adjacent(n)) && !(p.peek(n).op("(") || p.peek(n).op("{"))
	}
	return false
}

const addrHint = "write [proto:]host[:port]; proto is udp, tcp, tls, sctp or *"

var protoWords = map[string]int32{"udp": 1, "UDP": 1, "tcp": 2, "TCP": 2, "tls": 3, "TLS": 3, "sctp": 4, "SCTP": 4}

// addr parses [proto:]id[:port]; in listen also advertise, name and virtual.
func (p *parser) addr(listen bool) *Addr {
	a := &Addr{Port: -1, At: p.tok.At}
	if p.peek(1).op(":") && p.adjacent(1) {
		if _, ok := protoWords[p.tok.Str]; ok && p.tok.Kind == tID || p.tok.op("*") {
			a.Proto = strings.ToLower(p.tok.Str)
			p.advance()
			p.advance()
		} else if listen && p.tok.Kind == tID && p.peek(2).Kind != tNum && !p.peek(2).op("*") {
			p.fail(p.tok.At, addrHint, "unknown protocol %s", p.tok.describe())
		}
	}
	p.addrIDs(a)
	if p.tok.op(":") && p.adjacent(0) {
		p.advance()
		switch {
		case p.tok.op("*"):
			a.Port = 0
		case p.tok.Kind == tNum && p.tok.Int >= 0 && p.tok.Int <= 65535:
			a.Port = p.tok.Int
		case p.tok.Kind == tNum:
			p.fail(p.tok.At, "ports are 1 to 65535, or * for any", "port %s is out of range", p.tok.Str)
		default:
			p.unexpected("a port", "ports are 1 to 65535, or * for any")
		}
		p.advance()
	}
	a.At = a.At.To(p.prev.At)
	if listen {
		p.addrExtras(a)
	}
	return a
}

func (p *parser) addrExtras(a *Addr) {
	if p.tok.id("advertise") && !p.tok.Line {
		p.advance()
		a.Advertise = p.addr(false)
	}
	if p.tok.id("name") && !p.tok.Line && !p.peek(1).op("=") {
		p.advance()
		a.Name = p.str("the socket's name", `write name "text"`).Str
	}
	if p.tok.id("virtual") && !p.tok.Line {
		p.advance()
		a.Virtual = true
	}
}

func (p *parser) addrIDs(a *Addr) {
	if !p.accept("(") {
		a.IDs = append(a.IDs, p.host())
		return
	}
	for {
		a.IDs = append(a.IDs, p.host())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "after the list of addresses", "write (address, address)")
}

// hostGoesOn tells whether the current token is the start of a longer bare
// name, as 3 is in 3-com.example.org.
func (p *parser) hostGoesOn() bool {
	n := p.peek(1)
	return !n.Space && (n.op(".") || n.op("-") || n.Kind == tID || n.Kind == tMixed)
}

// host parses an address literal, a string, or a bare name with . and - in it.
func (p *parser) host() Text {
	t := p.tok
	switch {
	case t.Kind == tIPv4, t.Kind == tIPv6:
		p.advance()
		return Text{Kind: ValOther, Str: t.Str, At: t.At}
	case t.Kind == tStr, t.Kind == tRaw:
		p.advance()
		return Text{Kind: ValStr, Str: t.Str, At: t.At}
	case t.op("["):
		p.advance()
		ip := p.tok
		if ip.Kind != tIPv6 {
			p.unexpected("an IPv6 address after [", "")
		}
		p.advance()
		p.expect("]", "after the IPv6 address", "")
		return Text{Kind: ValOther, Str: ip.Str, At: t.At.To(p.prev.At)}
	case t.Kind == tID, t.Kind == tNum, t.Kind == tMixed:
		return p.bareName()
	}
	p.unexpected("a value", "a host is a name, an IP address or a string")
	return Text{}
}

// bareName joins adjacent words, digits, . and - to one name.
func (p *parser) bareName() Text {
	out := Text{Kind: ValID, Str: p.tok.Str, At: p.tok.At}
	p.advance()
	var b strings.Builder
	for !p.tok.Space && (p.tok.Kind == tID || p.tok.Kind == tNum || p.tok.Kind == tMixed || p.tok.Kind == tIPv4 || p.tok.op(".") || p.tok.op("-")) {
		if b.Len() == 0 {
			b.WriteString(out.Str)
		}
		b.WriteString(p.tok.Str)
		out.At = out.At.To(p.tok.At)
		p.advance()
	}
	if b.Len() > 0 {
		out.Str, out.Kind = b.String(), ValOther
	}
	return out
}
