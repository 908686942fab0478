package random

import (
	"strconv"
	"strings"
)

// message makes a request; an odd one has what few clients send.
func (g *gen) message(odd bool) *node {
	if !odd {
		return leaf(fixed, plainMessage)
	}
	h := func(s string) *node { return leaf(option, s+"\n") }
	first := pick(g, "INVITE", "MESSAGE", "OPTIONS", "REGISTER", "SUBSCRIBE", "PUBLISH", "FOO", "INFO", "REFER")
	parts := []any{first + " " + g.uri(false) + " SIP/2.0\n"}
	parts = append(parts, pick(g, "Via", "v", "VIA", "Via")+pick(g, ": ", ":", " : ", ":  ")+"SIP/2.0/UDP 127.0.0.1:@a@"+pick(g, "", ";rport", ";x=y", ";i=5")+";branch=z9hG4bKa"+strconv.Itoa(1000+g.r.IntN(9000))+"\n")
	for range g.r.IntN(3) {
		parts = append(parts, h(pick(g, "Via: SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bKb;received=10.0.0.9;rport=99;x=z", "Via: SIP/2.0/UDP [2001:db8::1]:5061;branch=z9hG4bKc",
			"Via: SIP/2.0/TLS h.example.com;branch=z9hG4bKd;ttl=3;maddr=1.2.3.4, SIP/2.0/SCTP g;branch=zz", "v:SIP/2.0/UDP host ;branch = z9hG4bKe", "Via: SIP / 2.0 / UDP  a.b:7000 ;alias;i=a1")))
	}
	parts = append(parts, pick(g, "From", "f", "FROM", "From")+": "+g.address()+";tag="+pick(g, "a1", "x.y-z~1", "0")+"\n")
	to := g.address()
	if g.in(2) {
		to += ";tag=t2"
	}
	parts = append(parts, pick(g, "To", "t", "To")+": "+to+"\n")
	parts = append(parts, pick(g, "Call-ID", "i", "call-id")+": "+pick(g, "c1@127.0.0.1", "a-simple-id", "x@[::1]")+"\n")
	parts = append(parts, "CSeq: "+pick(g, "7", "1", "2147483647", "0007")+pick(g, " ", "  ")+first+"\n")
	parts = append(parts, "X-Case: @case@\n")
	if !g.in(8) {
		parts = append(parts, h("Max-Forwards: "+pick(g, "70", "9", "1", "010")))
	}
	for range g.r.IntN(9) {
		parts = append(parts, h(g.header()))
	}
	body := ""
	switch g.r.IntN(4) {
	case 0:
		body = "v=0\no=- 1 1 IN IP4 1.2.3.4\ns=x\nm=audio 4000 RTP/AVP 0\n"
		parts = append(parts, h(pick(g, "Content-Type: application/sdp", "c: application/sdp", "Content-Type:application/sdp ;x=y")))
	case 1:
		body = pick(g, "hello", "one\ntwo\n\nthree", "\xff\xfe", "a")
		parts = append(parts, h("Content-Type: text/plain"))
	}
	if !g.in(6) {
		parts = append(parts, pick(g, "Content-Length: @CL@\n", "l: @CL@\n", "Content-Length:@CL@\n", "Content-Length:  @CL@\n"))
	}
	return of(fixed, append(parts, "\n"+body)...)
}

const plainMessage = `INVITE sip:bob@127.0.0.1:5070;x=y SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:@a@;branch=z9hG4bKa@case@
Max-Forwards: 70
From: "A" <sip:alice@example.com>;tag=a1
To: <sip:carol@example.com>
Call-ID: c1@127.0.0.1
CSeq: 7 INVITE
X-Case: @case@
X-Num: 42
X-Multi: one
X-Multi: two
X-Text: Hello, World; a="b, c";d
X-Uri: sip:u%20x:pw@host.example.com:5066;transport=tcp;lr?h=1
X-Addr: "N, N" <sip:n@example.com;p=1>;q=2
X-Empty:
Content-Type: text/plain
Content-Length: @CL@

line one
line two
third
`

// uri makes a URI; in an address it may hold what would end a request line's.
func (g *gen) uri(bracketed bool) string {
	if g.in(10) {
		return pick(g, "tel:+4930123", "tel:+1-201-555-0123;phone-context=x", "tel:911", "tel:+49;ext=1")
	}
	s := pick(g, "sip:", "sip:", "sip:", "sips:", "SIP:", "Sip:")
	user := pick(g, "", "bob", "alice:pw", "+49301", "a%20b", "%61lice", "u;p=1", "a.b-c_d!~*'()", "1234")
	if user != "" {
		s += user + "@"
	}
	s += pick(g, "127.0.0.1", "example.com", "EXAMPLE.com", "[2001:db8::1]", "1.2.3.4", "h", "a-b.c", "host.", "[::1]")
	s += pick(g, "", "", ":5060", ":5070", ":65535", ":7")
	for range g.r.IntN(4) {
		s += pick(g, ";transport=tcp", ";transport=UDP", ";transport=TLS", ";lr", ";lr=on", ";maddr=1.2.3.4", ";ttl=3", ";user=phone", ";method=INVITE", ";x=y", ";x", ";x=", ";p%20=q", ";r2=on", ";gr", ";ob", ";transport=foo")
	}
	if bracketed && g.in(6) {
		s += pick(g, "?h=1", "?a=b&c=d", "?Subject=x%20y")
	}
	return s
}

func (g *gen) address() string {
	switch g.r.IntN(7) {
	case 0:
		uri := g.uri(false)
		if strings.ContainsAny(uri, ";?,") {
			return "<" + uri + ">"
		}
		return uri
	case 1:
		return `"Q \"x\" Y" <` + g.uri(true) + ">"
	case 2:
		return "Token Name <" + g.uri(true) + ">"
	case 3:
		return `"" <` + g.uri(true) + ">"
	case 4:
		return `"a,b;c<d>" <` + g.uri(true) + ">;p=1"
	case 5:
		return `"N"<` + g.uri(true) + ">"
	}
	return "<" + g.uri(true) + ">"
}

func (g *gen) header() string {
	switch g.r.IntN(9) {
	case 0:
		s := pick(g, "Contact", "m") + ": " + g.address() + pick(g, "", ";expires=60", ";q=0.5;expires=60", ";q=1", ";+sip.instance=\"<urn:uuid:1>\"", ";methods=\"INVITE,BYE\"", ";expires=abc")
		if g.in(3) {
			s += ", " + g.address() + ";q=0.1"
		}
		return s
	case 1:
		return pick(g, "Contact: *", "Expires: 0", "Expires: 3600", "Expires: x", "Expires: 4294967296")
	case 2:
		return pick(g, "Subject: hello", "s: short", "Subject:", "Subject: folded\n  line", "Subject: a\n\tb", "Subject:   spaces  in")
	case 3:
		return pick(g, "X-Multi: one", "X-Multi: two", "x-multi: three", "X-Num: 42", "X-Num:  -7", "X-Empty:", "X-Text: a;b=c, d")
	case 4:
		return pick(g, "Refer-To: ", "r: ", "Remote-Party-ID: ", "P-Asserted-Identity: ", "P-Preferred-Identity: ") + g.address()
	case 5:
		return "Diversion: " + g.address() + pick(g, "", ";reason=user-busy", ";reason=\"x\";privacy=full;counter=3", ";counter=x")
	case 6:
		return pick(g, "Route: ", "Record-Route: ", "Route: ", "Path: ") + "<sip:r1@10.1.0.1;lr>" + pick(g, "", ", <sip:r2@10.1.0.2;lr>", ";p=1")
	case 7:
		return pick(g, "User-Agent: test/1.0 (x)", "User-Agent:", "Event: presence", "Event: presence;id=7", "o: dialog", "Session-Expires: 90", "x: 90;refresher=uac", "Min-SE: 60", "Date: Sat, 13 Nov 2010 23:29:00 GMT",
			"Organization: org", "Priority: urgent", "SIP-If-Match: e1", "Identity: \"x\"", "Supported: path, 100rel", "k: timer", "Accept: */*", "Allow: INVITE,BYE", "Require: x", "Server: s", "Accept-Language: en")
	}
	return pick(g, `Proxy-Authorization: Digest username="auser@ahost", realm="arealm", nonce="n1", uri="sip:auri", response="r1", algorithm=MD5, cnonce="cn", opaque="op", qop=auth, nc=00000001`,
		`Authorization: Digest username="sip:u@h", realm="", nonce="n", uri="sip:x", response="00"`, `Authorization: Digest username=u,realm=r,nonce=n,uri=u,response=r`, `Authorization: Basic YWJj`,
		`Proxy-Authorization: Digest realm="x"`)
}
