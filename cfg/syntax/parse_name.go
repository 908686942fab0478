package syntax

import (
	"maps"
	"slices"
	"strings"
)

// keyword describes a word of section "core keywords": what may follow it.
type keyword struct {
	class string // str, uri, int, proto, ip
}

var keywords = map[string]keyword{
	"method": {"str"}, "uri": {"uri"}, "status": {"uri"}, "from_uri": {"uri"}, "to_uri": {"uri"},
	"af": {"int"}, "src_port": {"int"}, "dst_port": {"int"}, "msg:len": {"int"},
	"snd_af": {"int"}, "to_af": {"int"}, "snd_port": {"int"}, "to_port": {"int"},
	"proto": {"proto"}, "snd_proto": {"proto"}, "to_proto": {"proto"},
	"src_ip": {"ip"}, "dst_ip": {"ip"}, "snd_ip": {"ip"}, "to_ip": {"ip"},
}

// IsKeyword tells whether a word is one of those that scripts compare with.
func IsKeyword(word string) bool {
	_, ok := keywords[word]
	return ok
}

var keywordNames = sortedKeys(keywords)

func sortedKeys(m map[string]keyword) []string {
	return slices.Sorted(maps.Keys(m))
}

// canonicalKeyword folds aliases.
var canonicalKeyword = map[string]string{"status": "uri", "to_af": "snd_af", "to_proto": "snd_proto"}

// bareCalls are core functions that may stand without parentheses.
var bareCalls = wordSet(`add_local_rport append_branch force_rport add_rport force_tcp_alias add_tcp_alias
	revert_uri set_forward_no_connect set_forward_close set_reply_no_connect set_reply_close userphone
	clear_branches`)

// addrCalls take a bare address, and maybe a port after it.
var addrCalls = wordSet(`forward forward_udp forward_tcp forward_tls forward_sctp send send_tcp
	force_send_socket set_advertised_address`)

// nameCalls take bare words: flags, routes, protocols.
var nameCalls = wordSet(`setflag resetflag isflagset setavpflag resetavpflag isavpflagset route udp_mtu_try_proto`)

// wsWords are the WebSocket protocols, which scripts can only compare with.
var wsWords = map[string]int32{"ws": 5, "WS": 5, "wss": 6, "WSS": 6}

// name parses what starts with a word.
func (p *parser) name() *Expr {
	t := p.tok
	e := &Expr{At: t.At, Mode: t.Mode, Str: t.Str}
	if n, ok := boolWords[t.Str]; ok {
		p.advance()
		e.Kind, e.Int = Number, n
		return e
	}
	switch t.Str {
	case "INET", "inet":
		p.advance()
		e.Kind, e.Int = Number, 2
		return e
	case "INET6", "inet6":
		p.advance()
		e.Kind, e.Int = Number, 10
		return e
	case "myself":
		return p.myselfTest()
	case "msg":
		if p.peek(1).op(":") && p.peek(2).id("len") {
			return p.keywordTest("msg:len", 3)
		}
	case "max_len":
		p.fail(t.At, "compare msg:len with a number", "max_len is not supported any more")
	}
	n, ok := protoWords[t.Str]
	if !ok {
		n, ok = wsWords[t.Str]
	}
	if ok && !p.peek(1).op("(") {
		p.advance()
		e.Kind, e.Int, e.Str = ProtoEx, n, strings.ToLower(t.Str)
		return e
	}
	if _, ok := keywords[t.Str]; ok && !p.peek(1).op("(") {
		return p.keywordTest(t.Str, 1)
	}
	if p.peek(1).op("(") {
		return p.call()
	}
	if bareCalls[t.Str] {
		p.advance()
		e.Kind = CallEx
		return e
	}
	return p.bareWord()
}

// bareWord reports a word that means nothing here.
func (p *parser) bareWord() *Expr {
	t := p.tok
	next := p.peek(1)
	if _, isOp := infix[next.Str]; isOp {
		if k := Suggest(t.Str, keywordNames); k != "" {
			p.fail(t.At, "did you mean "+k+"?", "unexpected word %s", t.describe())
		}
	}
	switch {
	case topWords[t.Str]:
		p.fail(t.At, "it stands outside of all route blocks", "%s in a route block", t.Str)
	case reserved[t.Str]:
		p.unexpected("a value", "")
	case p.prev.op("|"):
		p.fail(t.At, `several words are compared with =~ "A|B"`, "unexpected word %s", t.describe())
	case next.op("="):
		p.fail(t.At, "variables start with $: $var("+clip(t.Str, 40)+") = value; parameters stand outside of route blocks", "%s is not a variable", t.describe())
	case next.op(";"), next.op("}"), next.op(")"), next.op("&&"), next.op("||"), next.Line:
		p.fail(t.At, "functions need parentheses: "+clip(t.Str, 40)+"(); text goes in quotes", "unexpected word %s", t.describe())
	}
	p.fail(t.At, "text goes in quotes, functions need parentheses, variables a $", "unexpected word %s", t.describe())
	return nil
}

// call parses name(arguments).
func (p *parser) call() *Expr {
	t := p.tok
	e := &Expr{Kind: CallEx, Str: t.Str, At: t.At, Mode: t.Mode}
	p.advance()
	open := p.tok
	p.advance()
	defer p.nest()()
	for !p.tok.op(")") {
		e.Args = append(e.Args, p.arg(t.Str, len(e.Args)))
		if p.tok.op(")") {
			break
		}
		if !p.accept(",") {
			p.badArgument(t, open)
		}
		if p.tok.op(")") {
			p.fail(p.prev.At, "remove the comma or add an argument", "argument missing after the comma")
		}
	}
	p.advance()
	e.At = t.At.To(p.prev.At)
	return e
}

// badArgument reports what stands where a comma or ) should.
func (p *parser) badArgument(name, open token) {
	if p.tok.Kind == tEOF || p.tok.op(";") || p.tok.op("{") || p.tok.op("}") || p.tok.Line && p.stmtStart() {
		p.fail(open.At, "", "the ( of %s is never closed: ) missing before %s", clip(name.Str, 60), p.tok.describe())
	}
	p.unexpected(`"," or ")" in the arguments of `+clip(name.Str, 60), "text goes in quotes; \\\" is a quote inside of quotes")
}

// arg parses one argument; core functions take some of theirs bare.
func (p *parser) arg(fn string, n int) *Expr {
	t := p.tok
	e := &Expr{At: t.At, Mode: t.Mode, Str: t.Str}
	switch {
	case t.id("uri") && p.peek(1).op(":") && (p.peek(2).id("host") || p.peek(2).id("port")):
		p.advance()
		p.advance()
		p.advance()
		e.Kind, e.Str, e.At = URIPart, "uri:"+p.prev.Str, t.At.To(p.prev.At)
		return e
	case addrCalls[fn] && n == 0 && t.Kind != tVar && t.Kind != tSelect && t.Kind != tStr && t.Kind != tRaw && !p.peek(1).op("("):
		e.Kind, e.Addr = AddrEx, p.addr(false)
		e.At = e.Addr.At
		return e
	case nameCalls[fn] && t.Kind == tID && protoWords[t.Str] == 0 && boolWords[t.Str] == 0 && !p.peek(1).op("("):
		name := p.bareName()
		e.Kind, e.Str, e.At = NameEx, name.Str, name.At
		return e
	case nameCalls[fn] && t.Kind == tMixed:
		p.advance()
		e.Kind = NameEx
		return e
	case t.Kind == tID && !reserved[t.Str] && !p.peek(1).op("(") && (p.peek(1).op(")") || p.peek(1).op(",")):
		p.fail(t.At, "write \""+clip(t.Str, 40)+"\", or $"+clip(t.Str, 40)+" for a variable", "bare word %s as argument of %s", t.describe(), clip(fn, 60))
	}
	return p.expr(0)
}

// net parses an IP address, with /len or /mask if given.
func (p *parser) net() *Expr {
	t := p.tok
	e := &Expr{Kind: NetEx, At: t.At, Mode: t.Mode}
	h := p.host()
	e.Str = h.Str
	if p.tok.op("/") {
		p.advance()
		m := p.tok
		switch {
		case m.Kind == tNum, m.Kind == tIPv4, m.Kind == tIPv6:
			p.advance()
			e.Str += "/" + m.Str
		case m.op("["):
			e.Str += "/" + p.host().Str
		default:
			p.unexpected("a prefix length or a mask after /", "write 10.0.0.0/8 or 10.0.0.0/255.0.0.0")
		}
	}
	e.At = t.At.To(p.prev.At)
	return e
}

var kwOps = map[string]map[string]bool{
	"str":   {"==": true, "!=": true, "=~": true, "!~": true, "eq": true, "ne": true},
	"uri":   {"==": true, "!=": true, "=~": true, "!~": true, "eq": true, "ne": true},
	"ip":    {"==": true, "!=": true, "=~": true, "!~": true, "eq": true, "ne": true},
	"proto": {"==": true, "!=": true, "eq": true, "ne": true},
	"int":   {"==": true, "!=": true, "eq": true, "ne": true, "<": true, ">": true, "<=": true, ">=": true},
}

var kwOpHint = map[string]string{
	"str": "== != =~ !~", "uri": "== != =~ !~", "ip": "== != =~ !~", "proto": "== and !=", "int": "== != < > <= >=",
}

// keywordTest parses method == "X" and its like; n tokens name the keyword.
func (p *parser) keywordTest(word string, n int) *Expr {
	k := p.keywordName(word, n)
	class := keywords[word].class
	op := p.tok
	in := infix[op.Str]
	if op.Kind != tOp && op.Kind != tID || !kwOps[class][in.op] {
		if op.op("=") {
			p.fail(op.At, "= assigns, == compares", "%s cannot be assigned", word)
		}
		if in.op != "" && in.power >= 9 {
			p.fail(op.At, word+" can be used with "+kwOpHint[class], "operator %s cannot be used with %s", op.describe(), word)
		}
		p.fail(k.At, "write "+word+" "+kwOpHint[class]+" value; as a value use a variable", "%s needs a comparison", word)
	}
	p.advance()
	e := &Expr{Kind: Binary, Op: in.op, OpAt: op.At, X: k, Mode: op.Mode}
	e.Y = p.keywordRight(class, in.power, op)
	e.At = k.At.To(e.Y.At)
	return e
}

func (p *parser) keywordName(word string, n int) *Expr {
	k := &Expr{Kind: KeywordEx, Str: word, At: p.tok.At, Mode: p.tok.Mode}
	if c := canonicalKeyword[word]; c != "" {
		k.Str = c
	}
	for ; n > 0; n-- {
		p.advance()
	}
	k.At = k.At.To(p.prev.At)
	return k
}

// keywordRight parses the right side of a keyword test.
func (p *parser) keywordRight(class string, power int, op token) *Expr {
	t := p.tok
	bare := t.Kind == tID && !p.peek(1).op("(") && boolWords[t.Str] == 0
	switch {
	case t.id("myself"):
		p.advance()
		return &Expr{Kind: Myself, At: t.At, Mode: t.Mode, Str: t.Str}
	case class == "str" && bare && !reserved[t.Str]:
		p.advance()
		return &Expr{Kind: String, At: t.At, Mode: t.Mode, Str: t.Str}
	case class == "ip" && t.op("["):
		return p.net()
	case class == "ip" && bare && !reserved[t.Str], class == "ip" && t.Kind == tMixed, class == "ip" && t.Kind == tNum && p.hostGoesOn():
		h := p.bareName()
		return &Expr{Kind: NameEx, At: h.At, Mode: t.Mode, Str: h.Str}
	}
	return p.operand(power, op)
}

// myselfTest parses myself == uri.
func (p *parser) myselfTest() *Expr {
	m := &Expr{Kind: Myself, At: p.tok.At, Mode: p.tok.Mode, Str: "myself"}
	p.advance()
	op := p.tok
	in := infix[op.Str]
	if in.op != "==" && in.op != "!=" && in.op != "eq" && in.op != "ne" {
		p.fail(op.At, "write uri==myself or src_ip==myself", "== or != expected after myself, got %s", op.describe())
	}
	p.advance()
	k, ok := keywords[p.tok.Str]
	if !ok || k.class != "uri" && k.class != "ip" {
		p.unexpected("uri, from_uri, to_uri, src_ip or dst_ip", "write uri==myself")
	}
	e := &Expr{Kind: Binary, Op: in.op, OpAt: op.At, Mode: op.Mode, Y: m}
	e.X = p.keywordName(p.tok.Str, 1)
	e.At = m.At.To(e.X.At)
	return e
}
