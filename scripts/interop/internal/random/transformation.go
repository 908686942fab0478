package random

import (
	"fmt"
	"strings"
)

// input is a statement that puts a text, written in the language, into $var(x).
func (g *gen) input() *node {
	switch g.r.IntN(8) {
	case 0:
		return leaf(fixed, pick(g, "$var(x) = $hdr(X-Text);", "$var(x) = $hdr(X-Uri);", "$var(x) = $hdr(X-Addr);", "$var(x) = $rb;", "$var(x) = $hdr(X-Empty);", "$var(x) = $ru;", "$var(x) = $hdr(X-No);"))
	case 1: // its transformations have no variables: Kamailio writes all numbers into one buffer
		g.constant = true
		return leaf(fixed, "$var(x) = "+g.num()+";")
	case 2:
		return leaf(fixed, `$var(x) = "`+quote(g.uri(true))+`";`)
	case 3:
		return leaf(fixed, `$var(x) = "`+quote(g.address()+pick(g, "", ";tag=x", ";p=1;tag=\"a\""))+`";`)
	case 4:
		sep := pick(g, ";", ",", "&")
		list := []any{`$var(x) = "`}
		for range 1 + g.r.IntN(5) {
			list = append(list, leaf(option, quote(pick(g, "a=1", "b=two", "c", "c=", "=x", "", " d = 4 ", `e="q;x"`, "a=3", `f='s;t'`, "g", "B=big")+sep)))
		}
		return of(fixed, append(list, `";`)...)
	}
	parts := []any{`$var(x) = "`}
	for range g.r.IntN(8) {
		parts = append(parts, leaf(option, quote(pick(g, "a", "b", "c", "abc", "AbC", "1", "23", "0", " ", ",", ";", ":", ".", "\"", "'", "\\", "%", "%41", "%4", "%zz", "+", "\t", "\n", "\r\n", "é", "\xff", "\x80", "<", ">", "[", "]", "(",
			"{", "}", "=", "&", "/", "-", "YWJj", "616263", "x@y", "~", "|", "\x01", "?", "#", "$", "line one\nline two", "Zm9v==", "2NEpo7TZRRrLZSi2U"))))
	}
	return of(fixed, append(parts, `";`)...)
}

// quote writes a text as the inside of a string of the language.
func quote(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteString("\\" + string(c))
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, "\\x%02x", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// intArg is a number as argument.
func (g *gen) intArg() string {
	if g.constant {
		return g.word("0 1 2 -1 3 9")
	}
	return pick(g, "0", "1", "2", "3", "5", "-1", "-2", "-3", "10", "-10", "100", "-100", "$var(y)", "$var(z)", "$var(i)", "$var(n)", "$var(d)", "4", "64", "70000")
}

// charArg is a character or a short text as argument.
func (g *gen) charArg() string {
	return pick(g, "a", "b", ";", ":", ".", "=", "@", "x", "1", " ", "&", "/", "-", "\\t", "\\n", "\\r", "\\s", "abc", "bc", "$var(t)", "$var(d)", "\"", "'", "|")
}

// The transformations with no argument. Missing are those that make garbage in Kamailio 5.6.3 (docs/compatibility.md).
const bare = "s.len s.int s.md5 s.sha256 s.sha384 s.sha512 s.tolower s.toupper s.rmws s.trim s.ltrim s.rtrim s.unquote s.unbracket s.numeric s.encode.hexa s.encode.base64 " +
	"s.encode.base64t s.encode.base64url s.encode.base64urlt s.encode.base58 s.escape.common s.unescape.common " +
	"s.escape.user s.unescape.user s.escape.param s.unescape.param s.escape.csv s.urlencode.param s.urldecode.param s.corehash s.prefixes s.prefixes.quoted " +
	"uri.user uri.host uri.domain uri.passwd uri.port uri.params uri.headers uri.transport uri.ttl uri.uparam uri.maddr uri.method uri.lr uri.r2 uri.scheme uri.tosocket " +
	"param.count nameaddr.len nameaddr.name nameaddr.uri tobody.uri tobody.tag tobody.display tobody.user tobody.host tobody.params line.count " +
	"sock.host sock.port sock.proto sock.touri s.len"

func (g *gen) transformation() *node {
	if g.in(2) {
		return leaf(option, "{"+g.word(bare)+"}")
	}
	if g.in(8) {
		code := g.word("hexa base64 base64t base64url base64urlt")
		return leaf(option, "{s.encode."+code+"}{s.decode."+code+"}")
	}
	sep := func() string { return pick(g, "", "", ",;", ",,", ",&", ",:", ",\\n") }
	var t string
	switch g.r.IntN(12) {
	case 0:
		t = "s.substr," + g.intArg() + "," + g.intArg()
	case 1:
		t = "s.select," + g.intArg() + "," + pick(g, ",", ";", ":", g.charArg(), g.charArg())
	case 2:
		t = g.word("s.strip s.striptail") + "," + g.intArg()
	case 3:
		t = g.word("s.stripto s.before s.after s.count s.rm") + "," + g.charArg()
	case 4:
		t = "s.replace," + g.charArg() + "," + pick(g, "", "x", "yy", "$var(t)", g.charArg())
	case 5:
		t = g.word("s.prefixes s.prefixes.quoted") + "," + g.intArg()
	case 6:
		t = "param." + pick(g, "value,a", "value,b", "value,c", "value,none", "value,$var(t)", "value,e", "value,f", "in,a", "in,none", "in,g", "value,A", "value,d") + sep()
	case 7:
		t = "param." + pick(g, "valueat,", "name,") + g.intArg() + sep()
	case 8:
		t = pick(g, "param.count"+sep(), "uri.param,"+pick(g, "x", "lr", "transport", "none", "$var(t)", "X"), "s.corehash,"+g.word("1 2 16 100 64"))
	case 9:
		t = "line." + pick(g, "at,"+g.intArg(), "sw,"+g.charArg(), "sw,line", "sw,line t")
	case 10:
		t = "re.subst," + pick(g, `/a/x/`, `/a/x/g`, `/(b)(c)?/[\2\1]/`, `/[0-9]+/<\0>/g`, `/A/y/ig`, `/^/p/`, `/$/q/`, `/./\\/`, `/x*/-/g`, `|a|/|`, `/(a|b)+/\1/g`, `/[^a-z]//g`, `/a/$rU/`)
	case 11:
		t = pick(g, "s.ftime,%Y-%m-%d", "s.ftime,%H:%M:%S", "s.unbracket", "s.tolower", "s.int", "s.trim", "s.len")
	}
	if g.in(20) {
		t = strings.ReplaceAll(t, ",", " , ")
	}
	return leaf(option, "{"+t+"}")
}

func (g *gen) chain() []any {
	var parts []any
	for range 1 + g.r.IntN(3) {
		parts = append(parts, g.transformation())
		g.constant = true
	}
	return parts
}

func (g *gen) transformationProgram() *node {
	args := fmt.Sprintf("$var(y) = %s; $var(z) = %s; ", g.word("0 1 2 -1 -2 3 100 -100"), g.word("0 1 2 -1 5"))
	parts := []any{g.input(), " ", leaf(statement, args), "$avp(h) = $(var(x)"}
	parts = append(parts, g.chain()...)
	return of(fixed, append(parts, `); route(shown);`)...)
}
