package syntax

import (
	"fmt"
	"strings"
	"testing"
)

// show prints an expression with all its parentheses.
func show(e *Expr) string {
	switch e.Kind {
	case Number:
		return fmt.Sprint(e.Int)
	case String:
		return fmt.Sprintf("%q", e.Str)
	case Variable:
		return "$" + e.Var.Name
	case Attribute:
		return "%" + e.Var.Name
	case SelectEx:
		return e.Sel.Text
	case CallEx:
		var args []string
		for _, a := range e.Args {
			args = append(args, show(a))
		}
		return e.Str + "<" + strings.Join(args, ",") + ">"
	case Unary:
		return "(" + e.Op + " " + show(e.X) + ")"
	case Binary:
		return "(" + show(e.X) + " " + e.Op + " " + show(e.Y) + ")"
	case AssignEx:
		return "(" + show(e.X) + " = " + show(e.Y) + ")"
	case AddrEx:
		return fmt.Sprintf("%s:%s:%d", e.Addr.Proto, e.Addr.IDs[0].Str, e.Addr.Port)
	case BlockEx:
		return fmt.Sprintf("{%d}", len(e.Block.Stmts))
	}
	return e.Str
}

// The operator table, pair by pair, and its traps: bit operators are looser
// than == and tighter than &&, << is looser than >>.
var precedence = []struct{ in, want string }{
	{"$a || $b && $c", "($a || ($b && $c))"},
	{"$a && $b || $c", "(($a && $b) || $c)"},
	{"$a or $b and not $c", "($a || ($b && (! $c)))"},
	{"$a && $b | $c", "($a && ($b | $c))"},
	{"$a | $b & $c", "($a | ($b & $c))"},
	{"1|6&4", "(1 | (6 & 4))"},
	{"$a & $b ^ $c", "($a & ($b ^ $c))"},
	{"$a ^ $b << $c", "($a ^ ($b << $c))"},
	{"$a << $b >> $c", "($a << ($b >> $c))"},
	{"$a >> $b << $c", "(($a >> $b) << $c)"},
	{"$a >> $b == $c", "($a >> ($b == $c))"},
	{"$a & 4 == 4", "($a & (4 == 4))"},
	{"$a == $b < $c", "($a == ($b < $c))"},
	{"$a < $b + $c", "($a < ($b + $c))"},
	{"$a + $b * $c - $d", "(($a + ($b * $c)) - $d)"},
	{"$a - $b - $c", "(($a - $b) - $c)"},
	{"7 mod 4 * 2", "((7 mod 4) * 2)"},
	{"5 % 2 + 1", "((5 mod 2) + 1)"},
	{"-$a * $b", "((- $a) * $b)"},
	{"!$a == $b", "((! $a) == $b)"},
	{"~2 & 3", "((~ 2) & 3)"},
	{"!defined $v && !strempty($v)", "((! (defined $v)) && (! (strempty $v)))"},
	{"(int)$a + (str)$b", "((int $a) + (str $b))"},
	{"- (int)\"3\" + 4", "((- (int \"3\")) + 4)"},
	{"4 + ( 7 & ( ~2 ) )", "(4 + (7 & (~ 2)))"},
	{"[ $a & 4 ]", "($a & 4)"},
	{"[ $a & 4 ] == 4", "(($a & 4) == 4)"},
	{"$a !~ \"x\" || $b", "(($a !~ \"x\") || $b)"},
	{"$a eq $b ne $c", "(($a eq $b) ne $c)"},
	{"$a ieq 1 and $b ine 2", "(($a ieq 1) && ($b ine 2))"},
	{"not src_ip==10.0.0.0/8 && $a", "((! (src_ip == 10.0.0.0/8)) && $a)"},
	{"method==INVITE || method==\"ACK\"", "((method == \"INVITE\") || (method == \"ACK\"))"},
	{"method==\"IN\"+\"VITE\" && $a", "((method == (\"IN\" + \"VITE\")) && $a)"},
	{"uri==myself && !from_uri==myself", "((uri == myself) && (! (from_uri == myself)))"},
	{"myself==uri", "(uri == myself)"},
	{"msg:len>=2048 or af==INET6", "((msg:len >= 2048) || (af == 10))"},
	{"proto==TCP || snd_proto!=udp", "((proto == tcp) || (snd_proto != udp))"},
	{"proto == WS || proto == wss", "((proto == ws) || (proto == wss))"},
	{"src_ip==my-host.example.org || $a", "((src_ip == my-host.example.org) || $a)"},
	{"src_ip==[2001:db8::1]/64", "(src_ip == 2001:db8::1/64)"},
	{"src_ip==2001:db8::/32", "(src_ip == 2001:db8::/32)"},
	{"src_ip==10.0.0.0/255.0.0.0", "(src_ip == 10.0.0.0/255.0.0.0)"},
	{"status=~\"1[0-9][0-9]\"", "(uri =~ \"1[0-9][0-9]\")"},
	{"($a = $b + 1) > 3", "(($a = ($b + 1)) > 3)"},
	{"@received.proto + \"_proto_\" + $a", "((@received.proto + \"_proto_\") + $a)"},
	{"%attr == 1", "(%attr == 1)"},
	{"$a % $b", "($a mod $b)"},
	{"f($a, g(), \"x\" + 1)", "f<$a,g<>,(\"x\" + 1)>"},
	{"forward(udp:1.2.3.4:5060)", "forward<udp:1.2.3.4:5060>"},
	{"forward(uri:host, uri:port)", "forward<uri:host,uri:port>"},
	{"send(host.example.org, 5070)", "send<:host.example.org:-1,5070>"},
	{"\"a\" \"b\" == 'c'", "(\"ab\" == \"c\")"},
	{"0x1F + 017 + 101b + yes", "(((31 + 15) + 5) + 1)"},
	{"0xffffffff", "-1"},
	{"-2147483648", "-2147483648"},
	{"{ exit; } && $a", "({1} && $a)"},
	{"!!defined $a", "(! (! (defined $a)))"},
}

func TestPrecedence(t *testing.T) {
	for _, c := range precedence {
		tree, diag := Parse("t", []byte("route { $x = "+c.in+"; }"), Options{})
		if diag.Failed() {
			t.Errorf("%s: %v", c.in, diag.Err())
			continue
		}
		got := show(tree.Items[0].(*RouteItem).Body.Stmts[0].X)
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestStrings(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`"a\n\r\a\t\"\\"`, "a\n\r\a\t\"\\"},
		{`"\x41\x4\101\60"`, "A\x04A0"},
		{`"\.\1\9\q"`, `\.\1\9\q`},
		{"\"a\\\nb\"", "ab"},
		{"\"a\nb\"", "a\nb"},
		{`'a\n"b'`, `a\n"b`},
		{`"a" /* c */ "b" # d`, "ab"},
	} {
		tree, diag := Parse("t", []byte("descr.x = "+c.in+"\n"), Options{})
		if diag.Failed() || tree.Items[0].(*CustomVar).Value.Str != c.want {
			t.Errorf("%s: %v %+v", c.in, diag.Err(), tree.Items)
		}
	}
}

func TestVariables(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"$ru", "ru"},
		{"$?", "?"},
		{"$ruri.user", "ruri.user"},
		{"$var(x)", "var(x)"},
		{"$(ru)", "ru"},
		{"$(hdr(Via)[-1])", "hdr(Via)[-1]"},
		{"$(avp(i:3)[*])", "avp(i:3)[*]"},
		{"$(avp(x)[$var(i)])", "avp(x)[$var(i)]"},
		{"$(ru{uri.user}{s.substr,1,$var(n)})", "ru{uri.user:}{s.substr:1|$var(n)}"},
		{"$(ru{s.encode.hexa})", "ru{s.encode.hexa:}"},
		{"$(ru{s.select,1,,})", "ru{s.select:1|,}"},
		{"$(ru{re.subst,/a{2},b/c/g})", "ru{re.subst:/a{2},b/c/g}"},
		{"$sht(a=>calls::$var(x))", "sht(a=>calls::$var(x))"},
	} {
		v, err := ParseVar(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		got := v.Name
		if v.HasInner {
			got += "(" + v.Inner + ")"
		}
		if v.HasIndex {
			got += "[" + v.Index + "]"
		}
		for _, tr := range v.Trans {
			var args []string
			for _, a := range tr.Args {
				args = append(args, a.Text)
			}
			got += "{" + tr.Class + "." + tr.Name + ":" + strings.Join(args, "|") + "}"
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.in, got, c.want)
		}
	}
	for _, bad := range []string{"$", "$(", "$()", "$(ru", "$(ru{s.len)", "$(ru[1)", "$(ru)x", "$(ru{len})", "$5x(", strings.Repeat("$(a[", 50) + strings.Repeat("])", 50)} {
		if _, err := ParseVar(bad); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
}

func TestFormat(t *testing.T) {
	parts, err := ParseFormat("a $$ $ru<$(rU{s.len})>$si. $? b")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range parts {
		if p.Var != nil {
			got = append(got, "$"+p.Var.Name)
		} else {
			got = append(got, p.Text)
		}
	}
	if s := strings.Join(got, "|"); s != "a $ |$ru|<|$rU|>|$si|. |$?| b" {
		t.Error(s)
	}
}
