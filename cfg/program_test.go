package cfg_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg"
	"goser/cfg/check"
	"goser/cfg/param"
)

const modules = "loadmodule \"sl\" loadmodule \"tm\" loadmodule \"pv\" loadmodule \"xlog\" loadmodule \"textops\"\n"

// firstExpr is the right side of the first assignment of a route.
func firstExpr(t *testing.T, expr string) *check.Expr {
	t.Helper()
	prog, diag := load(modules + "route { $var(x) = " + expr + "; }")
	if diag.Failed() {
		t.Fatalf("%s: %v", expr, diag.Err())
	}
	return prog.Main.Body[0].X
}

func TestFolding(t *testing.T) {
	for _, c := range []struct {
		in   string
		want any
	}{
		{"1|6&4", int32(5)},
		{"~2", int32(-3)},
		{"1<<4", int32(16)},
		{"7 mod 4", int32(3)},
		{"7 % 4", int32(3)},
		{"4 + ( 7 & ( ~2 ) )", int32(9)},
		{"2147483647 + 1", int32(-2147483648)},
		{"-8 >> 1", int32(-4)},
		{`"a" + 5`, "a5"},
		{`"5" + 7`, "57"},
		{`(int)"12x" + 1`, int32(1)},
		{`(str)5 + 6`, "56"},
		{`0 == ""`, int32(1)},
		{`"a" ieq "b"`, int32(1)},
		{`0 eq ""`, int32(0)},
		{`"a" == "A"`, int32(0)},
		{`"ABC" =~ "^a"`, int32(1)},
		{`"abc" !~ "x"`, int32(1)},
		{"!-3", int32(0)},
		{"-3 && 1", int32(1)},
		{"0 && $si", int32(0)},
		{`strlen("abc")`, int32(3)},
		{`strempty("")`, int32(1)},
		{`defined 5`, int32(1)},
		{"2 + 3 * 4", int32(14)},
		{`(int)"0x1f"`, int32(31)},
	} {
		x := firstExpr(t, c.in)
		var got any = x.Str
		if x.Op == check.OpInt {
			got = x.Int
		} else if x.Op != check.OpStr {
			got = x.Op
		}
		if got != c.want {
			t.Errorf("%s: got %v, want %v", c.in, got, c.want)
		}
	}
}

func TestOperatorsChosen(t *testing.T) {
	for _, c := range []struct {
		in string
		op check.Op
	}{
		{`$ru == "x"`, check.OpEq},
		{`$ru != "x"`, check.OpNe},
		{`$ru == ""`, check.OpStrempty},
		{`$ru != ""`, check.OpNot},
		{`$ru eq 5`, check.OpStrEq},
		{`$ru ine 5`, check.OpIntNe},
		{`5 == $ru`, check.OpIntEq},
		{`"x" == $ru`, check.OpStrEq},
		{`$ru + 5`, check.OpAdd},
		{`5 + $ru`, check.OpIntAdd},
		{`"x" + $ru`, check.OpConcat},
		{`$ru =~ "x"`, check.OpMatch},
		{`method == "X"`, check.OpKeyStrEq},
		{`method != "X"`, check.OpKeyStrNe},
		{`uri =~ "X"`, check.OpKeyMatch},
		{`uri == myself`, check.OpMyself},
		{`src_ip == 10.0.0.0/8`, check.OpNet},
		{`src_ip == "10.0.0.1"`, check.OpNet},
		{`src_ip == "host"`, check.OpIPStr},
		{`src_ip == $si`, check.OpIPStr},
		{`src_ip =~ "^10"`, check.OpIPMatch},
		{`src_port >= 5`, check.OpGe},
		{`proto != TCP`, check.OpIntNe},
		{`t_relay()`, check.OpCall},
		{`@ruri.user`, check.OpSelect},
		{`$f.name`, check.OpVar},
		{`(int)$ru`, check.OpToInt},
	} {
		if x := firstExpr(t, c.in); x.Op != c.op {
			t.Errorf("%s: operator %d, want %d", c.in, x.Op, c.op)
		}
	}
}

func TestProgram(t *testing.T) {
	p, diag := load(`#!define PORT 5070
#!substdef "!DOMAIN!example.org!g"
debug = -2  children = 4;  fork = no
listen = udp:127.0.0.1:PORT tcp:[::1]:5061 eth0
listen = (10.0.0.1, 10.0.0.2):5060 advertise 192.0.2.1:5080 name "out"
alias = "DOMAIN" sip.DOMAIN2:5060 *:x.org:*
loadpath "/a:/b"
loadmodule "/usr/lib/ser/modules/tm.so"
loadmodule "modules/usrloc/usrloc.so"
loadmodule "acc"  loadmodule "mysql.so"
modparam("tm", "fr_timer", 30)
modparam("acc|usrloc", "db_url", "mysql://DOMAIN/x")
modparam("^t[m]", "fr_timer", 0x10)
modparam("mysql", "ping_interval", -1)
flags nat:5, acc, "x":1
avpflags one, two
pstn.gw_ip = "10.0.0.9" desc "gateway"
pstn[2].port = -5
failure_route[F] { t_relay(); }
route[1] { return(0); }
route { if (route(1)) { t_on_failure("F"); setflag(nat); } else if (isflagset(acc)) drop;
	$var(a) = route(1); }
request_route { exit; }
event_route [tm:local-request] { t_set_fr(10000, 10000); }
`)
	if diag.Failed() || diag.Warnings() != 1 { // of the second request_route
		t.Fatal(diag)
	}
	addr := func(a check.Addr) string { return a.Proto.String() + " " + a.Host + " " + strings.Join(a.Hosts, ",") }
	var addrs []string
	for _, a := range append(append([]check.Addr{}, p.Listen...), p.Aliases...) {
		addrs = append(addrs, addr(a))
	}
	want := []string{"udp 127.0.0.1 ", "tcp ::1 ", "* eth0 ", "* 10.0.0.1 10.0.0.1,10.0.0.2", "* example.org ", "* sip.DOMAIN2 ", "* x.org "}
	if d := cmp.Diff(want, addrs); d != "" {
		t.Error(d)
	}
	if p.Listen[0].Port != 5070 || p.Listen[3].Advertise.Port != 5080 || p.Listen[3].Name != "out" || !p.Listen[1].IP.Is6() {
		t.Errorf("%+v", p.Listen)
	}
	var mods, params []string
	for _, m := range p.Modules {
		mods = append(mods, m.Name)
	}
	for _, m := range p.ModParams {
		params = append(params, m.Module+"."+m.Name+"="+m.Str)
	}
	if d := cmp.Diff([]string{"tm", "usrloc", "acc", "db_mysql"}, mods); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		"tm.fr_timer=30", "usrloc.db_url=mysql://example.org/x", "acc.db_url=mysql://example.org/x",
		"tm.fr_timer=0x10", "db_mysql.ping_interval=-1",
	}, params); d != "" {
		t.Error(d)
	}
	if p.ModParams[3].Int != 16 || p.ModParams[3].IsStr || p.ModParams[4].Int != -1 {
		t.Errorf("%+v", p.ModParams)
	}
	if p.Flags[5] != "nat" || p.Flags[0] != "acc" || p.Flags[1] != "x" || len(p.AVPFlags) != 2 {
		t.Error(p.Flags, p.AVPFlags)
	}
	if p.Values.Int(param.Debug) != -2 || p.Values.Int(param.Children) != 4 || p.Values.Bool(param.Fork) || len(p.Params) != 3 {
		t.Error(p.Params)
	}
	if v := p.CustomVars; len(v) != 2 || v[0].Str != "10.0.0.9" || v[0].Desc != "gateway" || v[1].Instance != 2 || v[1].Int != -5 {
		t.Errorf("%+v", v)
	}
	checkRoutes(t, p)
}

func checkRoutes(t *testing.T, p *cfg.Program) {
	main := p.Main
	if len(main.Body) != 3 || main.Body[2].Kind != check.StmtExit {
		t.Fatalf("bodies are not joined: %d", len(main.Body))
	}
	first := main.Body[0]
	if first.X.Op != check.OpRoute || first.X.Route != p.Route(check.RequestRoute, "1") || first.X.Raw {
		t.Errorf("%+v", first.X)
	}
	if !main.Body[1].X.Raw {
		t.Error("an assigned call keeps its code")
	}
	on := first.Then[0].X.Call.Args[0]
	if on.Route != p.Route(check.FailureRoute, "F") || first.Then[1].X.Call.Args[0].Int != 5 {
		t.Errorf("%+v", on)
	}
	if p.Route(check.EventRoute, "tm:local-request") == nil {
		t.Error("no event route")
	}
	for i, s := range p.Statements {
		if i > 0 && s.Pos.File == p.Statements[i-1].Pos.File && s.Pos.Line < p.Statements[i-1].Pos.Line {
			t.Errorf("statement %d stands before %d", i, i-1)
		}
	}
	if len(p.Statements) != 10 {
		t.Errorf("%d statements, want 10", len(p.Statements))
	}
}

var progCompare = cmp.Options{
	cmp.Exporter(func(reflect.Type) bool { return true }),
	cmp.Comparer(func(a, b *regexp.Regexp) bool {
		return (a == nil) == (b == nil) && (a == nil || a.String() == b.String())
	}),
}

// An image gives the identical program, positions and all, without any file.
func TestImage(t *testing.T) {
	files := map[string]string{"a.cfg": "import_file \"none\"\nroute[A] { if (uri =~ \"^sip:.*@X\") exit; }\n", "b.cfg": "exit;\n"}
	src := "#!ifdef W\n#!subst \"/X/y/\"\n#!endif\ninclude_file \"a.cfg\"\n" + modules + "route { route(A); !!include_file \"b.cfg\"\n}\n"
	opt := cfg.Options{Defines: []string{"W=1"}, Open: opener(files)}
	want, diag := cfg.Load("ser.cfg", []byte(src), opt, fakeCatalog{})
	if diag.Failed() {
		t.Fatal(diag.Err())
	}
	image, diag := cfg.Preprocess("ser.cfg", []byte(src), opt)
	if diag.Failed() {
		t.Fatal(diag.Err())
	}
	for n := range files {
		files[n] = "garbage"
	}
	got, diag := cfg.LoadImage(image, fakeCatalog{})
	if diag.Failed() {
		t.Fatal(diag.Err())
	}
	if d := cmp.Diff(want, got, progCompare); d != "" {
		t.Error(d)
	}
	if re := got.Route(check.RequestRoute, "A").Body[0].X.Re; !re.MatchString("sip:a@y") {
		t.Error("substitution lost")
	}
	if _, diag := cfg.LoadImage(image[:len(image)-5], fakeCatalog{}); !diag.Failed() {
		t.Error("half an image is accepted")
	}
}

// Every example of the language's documentation, completed to a whole file.
func TestAccept(t *testing.T) {
	files, _ := filepath.Glob("testdata/accept/*.cfg")
	if len(files) == 0 {
		t.Fatal("no examples")
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		prog, diag := load(string(data))
		if diag.Failed() {
			t.Errorf("%s: %s", f, explain(string(data)))
		} else if prog.Main == nil {
			t.Errorf("%s: no main route", f)
		}
	}
}

func TestLogFormat(t *testing.T) {
	_, diag := load("debug=\"a\"\nroute { exit }\n")
	var b strings.Builder
	diag.PrintLog(&b, 0, 42)
	want := ` 0(42) CRITICAL: <core> parse error in config file ser.cfg, line 1, column 7-9: debug: number expected, got "a"
 0(42) CRITICAL: <core> parse error in config file ser.cfg, line 2, column 13: ; missing after this statement
ERROR: bad config file (2 errors)
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range strings.Split(string(data), caseLine) {
			f.Add(c)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		prog, diag := cfg.Load("f", []byte(src), cfg.Options{Open: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}, fakeCatalog{})
		if (prog == nil) != diag.Failed() {
			t.Fatal("a program exactly if there is no error")
		}
		diag.Print(io.Discard)
	})
}
