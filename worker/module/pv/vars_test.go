package pv

import (
	"os"
	"strings"
	"testing"
	"time"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// use finds $(name(inner)[index]) as the checker would.
func use(t testing.TB, name string) (*module.Var, *module.Ref) {
	t.Helper()
	name, index, hasIndex := strings.Cut(name, "[")
	name, inner, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	r := &module.Ref{Inner: inner}
	if hasIndex {
		n, ok := module.ParseInt(strings.TrimSuffix(index, "]"))
		r.Index, r.Has, r.All = int(n), ok, !ok
	}
	for _, v := range module.Lookup("pv").Vars {
		if v.Name != name && !strings.Contains(" "+strings.Join(v.Aliases, " ")+" ", " "+name+" ") {
			continue
		}
		if v.Prepare != nil {
			fixed, err := v.Prepare(inner)
			if err != nil {
				t.Fatalf("$%s: %v", name, err)
			}
			r.Fixed = fixed
		}
		return &v, r
	}
	t.Fatalf("no variable $%s", name)
	return nil, nil
}

func get(t testing.TB, c *module.Ctx, name string) string {
	t.Helper()
	v, r := use(t, name)
	return c.Printed(v.Get(c, r))
}

func set(t testing.TB, c *module.Ctx, name string, val module.Value) error {
	t.Helper()
	v, r := use(t, name)
	if v.Set == nil {
		return module.ErrReadOnly
	}
	return v.Set(c, r, val)
}

// The message is the one that was sent to Kamailio 5.6.3, and the values are
// what it printed, but for the addresses and times, which the test's
// environment gives.
func TestVariables(t *testing.T) {
	e := moduletest.New(t)
	e.Clock = time.Unix(1795385824, 363031000)
	c := e.Request(readFile(t, "invite.sip"))
	for _, line := range strings.Split(strings.TrimSpace(readFile(t, "invite.values")), "\n") {
		name, want, ok := strings.Cut(line, " = ")
		if !ok {
			t.Fatalf("malformed line %q", line)
		}
		want = strings.ReplaceAll(want, `\r\n`, "\r\n")
		if got := get(t, c, name); got != want {
			t.Errorf("$%s: got %q, want %q", name, got, want)
		}
	}
}

func TestVariablesOfReply(t *testing.T) {
	c := moduletest.New(t).Request(moduletest.OK)
	for name, want := range map[string]string{
		"rs": "200", "rsi": "200", "rr": "OK", "rm": "INVITE", "mt": "2", "mts": "rp", "ru": "<null>", "rU": "<null>",
		"ou": "<null>", "od": "<null>", "tt": "b1", "via1(host)": "192.0.2.1",
	} {
		if got := get(t, c, name); got != want {
			t.Errorf("$%s: got %q, want %q", name, got, want)
		}
	}
	if set(t, c, "ru", module.StrValue("sip:x@y")) == nil {
		t.Error("$ru of a reply was set")
	}
}

func str(s string) module.Value { return module.StrValue(s) }
func num(n int32) module.Value  { return module.IntValue(n) }

// The steps were run on Kamailio 5.6.3.
func TestAssignments(t *testing.T) {
	null := module.Undef
	type step struct {
		name string
		val  module.Value
		ask  string // variable to read then
		want string // "!" in front: the assignment fails
	}
	e := moduletest.New(t)
	c := e.Request(readFile(t, "invite.sip"))
	for i, s := range []step{
		{"rU", str("carol"), "ru", "sip:carol:pw@127.0.0.1:17099;transport=udp;x=y"},
		{"rd", str("127.0.0.2"), "ru", "sip:carol:pw@127.0.0.2:17099;transport=udp;x=y"},
		{"rp", num(17098), "ru", "sip:carol:pw@127.0.0.2:17098;transport=udp;x=y"},
		{"rU", null, "ru", "sip:127.0.0.2:17098;transport=udp;x=y"},
		{"rp", null, "ru", "sip:127.0.0.2;transport=udp;x=y"},
		{"rp", str("17099"), "ru", "sip:127.0.0.2:17099;transport=udp;x=y"},
		{"rp", num(70000), "ru", "!sip:127.0.0.2:17099;transport=udp;x=y"},
		{"rU", str("a b"), "ru", "!sip:127.0.0.2:17099;transport=udp;x=y"},
		{"rU", str("dave"), "ru", "sip:dave@127.0.0.2:17099;transport=udp;x=y"},
		{"ru", str("garbage"), "ru", "<null>"},
		{"ru", str("sip:x@127.0.0.1:17099"), "ru", "sip:x@127.0.0.1:17099"},
		{"ru", null, "ru", "!sip:x@127.0.0.1:17099"},
		{"ruri.user", str("y"), "ruri", "sip:y@127.0.0.1:17099"},
		{"ru", str("sip:x@127.0.0.1:17099"), "ds", "Contact: <sip:x@127.0.0.1:17099>"},
		{"du", str("sip:127.0.0.1:17097;transport=udp"), "dp", "17097"},
		{"du", str("sip:127.0.0.1;transport=udp"), "nh(u)", "sip:127.0.0.1;transport=udp"},
		{"du", str("junk"), "dd", "<null>"},
		{"du", null, "du", "<null>"},
		{"fs", str("udp:127.0.0.1:5060"), "fs", "udp:127.0.0.1:5060"},
		{"fs", str("udp:127.0.0.1:1"), "fs", "!udp:127.0.0.1:5060"},
		{"fs", str("udp:[::1]:5060"), "fs", "udp:[::1]:5060"},
		{"fs", str("nonsense:"), "fs", "!udp:[::1]:5060"},
		{"fs", null, "fsp", "0"},
		{"br", str("sip:b1@h"), "br", "sip:b1@h"},
		{"br", str("sip:b2@h"), "bR", "sip:b1@h, sip:b2@h"},
		{"mf", num(5), "ds", "Contact: <sip:x@127.0.0.1:17099>, <sip:b1@h>, <sip:b2@h>"},
		{"branch(q)[1]", str("0.25"), "bR", "sip:b1@h, <sip:b2@h>;q=0.25"},
		{"branch(q)[1]", str("1.2"), "branch(q)[1]", "!250"},
		{"branch(q)[1]", num(500), "branch(q)[1]", "500"},
		{"branch(q)[1]", num(1001), "branch(q)[1]", "!500"},
		{"branch(ruid)[1]", str("u-1"), "branch(ruid)[1]", "u-1"},
		{"branch(otcpid)[1]", num(5), "branch(otcpid)[1]", "5"},
		{"branch(otcpid)[1]", str("x"), "branch(otcpid)[1]", "!5"},
		{"mf", num(5), "sbranch(flags)", "<null>"},
		{"mf", num(5), "sbranch(count)", "2"},
		{"sbranch(flags)", num(3), "sbranch(flags)", "3"},
		{"sbranch(q)", num(300), "sbranch(q)", "300"},
		{"sbranch(uri)", str("sip:s@h"), "sbranch(uri)", "sip:s@h"},
		{"sbranch(count)", num(1), "sbranch(count)", "!2"},
		{"fsn", str("nobody"), "fsn", "!<null>"},
		{"msgbuf(0)", str("J"), "msgbuf(0)", "!I"},
		{"msgbuf(99999)", str("J"), "msgbuf(99999)", "!<null>"},
		{"msgbuf(-1)", str("J"), "msgbuf(x)", "!<null>"},
		{"ccp(no.such)", num(1), "ccp(no.such)", "!<null>"},
		{"branch(uri)[7]", str("sip:x"), "branch(count)", "!2"},
		{"branch(dst_uri)[-1]", str("sip:d"), "branch(dst_uri)[1]", "sip:d"},
		{"mf", num(5), "mF", "00000005"},
		{"mF", str("ff"), "mf", "!5"},
		{"Mf(0)", num(0), "mf", "4"},
		{"Mf(31)", num(1), "mF", "80000004"},
		{"Mf(32)", num(1), "Mf(32)", "!<null>"},
		{"mf", null, "mf", "0"},
		{"bf", num(5), "Bf(2)", "1"},
		{"sf", num(6), "sF", "00000006"},
		{"avp(x)", num(1), "avp(x)", "1"},
		{"avp(x)", str("two"), "avp(s:x)", "two"},
		{"avp(s:x)", num(3), "avp(x)[*]", "3, two, 1"},
		{"mf", num(1), "avp(x)[2]", "1"},
		{"mf", num(1), "avp(x)[3]", "<null>"},
		{"mf", num(1), "avp(x)[-1]", "<null>"},
		{"mf", num(1), "cnt($avp(x))", "3"},
		{"avp(i:5)", str("i"), "avp(5)", "<null>"},
		{"avp(x)", null, "avp(x)[*]", "two, 1"},
		{"avp(x)[*]", str("only"), "avp(x)[*]", "only"},
		{"avp(x)[*]", null, "avp(x)", "<null>"},
		{"avp(x)[1]", str("a"), "avp(x)", "a"},
		{"avp(x)[0]", str("b"), "avp(x)[*]", "b, a"},
		{"var(n)", str("v"), "var(n)", "v"},
		{"var(n)", null, "var(n)", "0"},
		{"vn(n)", str("q"), "vn(n)", "q"},
		{"vn(n)", null, "vn(n)", "<null>"},
		{"vz(n)", str("zz"), "vz(n)", "zz"},
		{"vz(n)", str("zz"), "var(n)", "0"},
	} {
		err := set(t, c, s.name, s.val)
		want, fails := strings.CutPrefix(s.want, "!")
		if (err != nil) != fails {
			t.Errorf("step %d, $%s = %v: %v", i, s.name, s.val, err)
		}
		if got := get(t, c, s.ask); got != want {
			t.Errorf("step %d, $%s = %v: $%s is %q, want %q", i, s.name, s.val, s.ask, got, want)
		}
	}
	for i := c.Dest.N; i < module.MaxBranches-1; i++ {
		if err := set(t, c, "br", str("sip:more")); err != nil {
			t.Fatal(err)
		}
	}
	if set(t, c, "br", str("sip:toomany")) == nil {
		t.Error("a branch too many was taken")
	}
}

// From and To are edits: reading gives the old, the message that leaves the
// new (seen on Kamailio 5.6.3).
func TestAddressEdits(t *testing.T) {
	for _, tc := range []struct {
		from, name string
		val        module.Value
		want       string // "" if the assignment fails
	}{
		{`"A" <sip:a@b:5090;x=1>;tag=t`, "fu", str("sip:new@f.org"), `"A" <sip:new@f.org>;tag=t`},
		{`"A" <sip:a@b:5090;x=1>;tag=t`, "fn", str("New"), `New <sip:a@b:5090;x=1>;tag=t`},
		{`"A" <sip:a@b:5090;x=1>;tag=t`, "fn", module.Undef, `<sip:a@b:5090;x=1>;tag=t`},
		{`"A" <sip:a@b:5090;x=1>;tag=t`, "fU", str("c"), `"A" <sip:c@b:5090;x=1>;tag=t`},
		{`"A" <sip:a@b:5090;x=1>;tag=t`, "fU", module.Undef, `"A" <sip:b:5090;x=1>;tag=t`},
		{`"A" <sip:a@b:5090;x=1>;tag=t`, "fd", str("d.e"), `"A" <sip:a@d.e:5090;x=1>;tag=t`},
		{`sip:b;tag=t`, "fU", str("c"), `sip:c@b;tag=t`},
		{`sip:a@b;tag=t`, "fu", str("sip:n@m;p"), `<sip:n@m;p>;tag=t`},
		{`sip:a@b;tag=t`, "fn", str(`"N"`), `"N" <sip:a@b>;tag=t`},
		{`<sip:a@b>;tag=t`, "fn", str(`"N"`), `"N" <sip:a@b>;tag=t`},
		{`<tel:+1>;tag=t`, "fU", str("x"), `<tel:x>;tag=t`},
		{`<tel:+1>;tag=t`, "fU", module.Undef, ""},
		{`<sip:a@b>;tag=t`, "fn", str("x\r\nEvil: 1"), ""},
		{`<sip:a@b>;tag=t`, "fu", str("sip:a@b>\r\nEvil: 1"), ""},
		{`<sip:a@b>;tag=t`, "fU", str("x>y"), ""},
		{`<sip:a@b>;tag=t`, "fd", str("x\nEvil: 1"), ""},
		{`<sip:a@b>;tag=t`, "fu", module.Undef, ""},
		{`<sip:a@b>;tag=t`, "fd", module.Undef, ""},
	} {
		e := moduletest.New(t)
		c := e.Request(strings.Replace(moduletest.Options, `"Alice" <sip:alice@example.org>;tag=a1`, tc.from, 1))
		before := get(t, c, tc.name)
		err := set(t, c, tc.name, tc.val)
		want := tc.want
		if want == "" {
			want = tc.from
		}
		if (err != nil) != (tc.want == "") {
			t.Errorf("%s: $%s = %v: %v", tc.from, tc.name, tc.val, err)
		}
		out := string(c.Edits.AppendTo(nil, &c.SIP))
		if !strings.Contains(out, "From: "+want+"\r\n") || strings.Contains(out, "\nEvil") {
			t.Errorf("%s: $%s = %v: want %q in\n%s", tc.from, tc.name, tc.val, want, out)
		}
		if after := get(t, c, tc.name); after != before {
			t.Errorf("$%s reads %q after the edit, was %q", tc.name, after, before)
		}
	}
}

// User and host of one header can both be set (seen on Kamailio 5.6.3).
func TestUserAndHost(t *testing.T) {
	c := moduletest.New(t).Request(moduletest.Options)
	_ = set(t, c, "tU", str("newto"))
	_ = set(t, c, "td", str("to.example"))
	if out := string(c.Edits.AppendTo(nil, &c.SIP)); !strings.Contains(out, "To: <sip:newto@to.example>\r\n") {
		t.Error(out)
	}
}

func TestVarSet(t *testing.T) {
	defer clear(starts)
	for _, bad := range []string{"", "x", "x=1", "=i:1", "x=i:abc"} {
		if setVar(str(bad)) == nil {
			t.Errorf("varset %q was taken", bad)
		}
	}
	if setVar(str("start=i:7")) != nil || setVar(str("word=s:hello")) != nil {
		t.Fatal("varset failed")
	}
	c := moduletest.New(t).Request(moduletest.Options)
	if got := get(t, c, "var(start)") + get(t, c, "var(word)"); got != "7hello" {
		t.Errorf("got %q", got)
	}
	_ = set(t, c, "var(start)", module.Undef)
	if got := get(t, c, "var(start)"); got != "0" {
		t.Errorf("after $null: %q", got)
	}
}

func TestAliases(t *testing.T) {
	defer clear(aliases)
	if err := setAliases(str("day=i:101;word=s:w")); err != nil {
		t.Fatal(err)
	}
	c := moduletest.New(t).Request(moduletest.Options)
	_ = set(t, c, "avp(day)", str("mon"))
	if got := get(t, c, "avp(i:101)"); got != "mon" {
		t.Errorf("got %q", got)
	}
	if setAliases(str("x")) == nil {
		t.Error("a malformed alias was taken")
	}
}

func TestUnknownFields(t *testing.T) {
	for _, name := range []string{"nh", "af", "TV", "time", "branch", "via0", "snd", "msg", "K", "timef", "sel", "cnt", "avp", "var"} {
		v, _ := func() (*module.Var, *module.Ref) {
			for _, v := range module.Lookup("pv").Vars {
				if v.Name == name {
					return &v, nil
				}
			}
			t.Fatalf("no $%s", name)
			return nil, nil
		}()
		for _, inner := range map[string][]string{"timef": {"%", "%Q"}, "avp": {""}, "var": {""}}[name] {
			if _, err := v.Prepare(inner); err == nil {
				t.Errorf("$%s(%s) was taken", name, inner)
			}
		}
		if name != "timef" && name != "avp" && name != "var" {
			if _, err := v.Prepare("no such field"); err == nil {
				t.Errorf("$%s(no such field) was taken", name)
			}
		}
	}
}

func TestFunctions(t *testing.T) {
	c := moduletest.New(t).Request(moduletest.Options)
	c.AVPs.Push("s:n", num(5))
	c.AVPs.Push("s:t", str("5"))
	c.AVPs.Push("s:e", str(""))
	for _, tc := range []struct {
		fn, avp string
		want    int
	}{
		{"pv_isset", "n", 1},
		{"pv_isset", "none", -1},
		{"is_int", "n", 1},
		{"is_int", "t", -1},
		{"is_int", "none", -1},
		{"not_empty", "t", 1},
		{"not_empty", "e", -1},
		{"not_empty", "n", -1},
		{"not_empty", "none", -1},
		{"pv_unset", "t", 1},
		{"pv_isset", "t", -1},
	} {
		a := new(module.Args)
		info, err := new(module.Catalog).Var("avp", tc.avp, true, check.Loaded{"pv": true})
		if err != nil {
			t.Fatal(err)
		}
		u, err := module.BindVar(&check.Var{Name: "avp", Inner: tc.avp, HasInner: true, Info: info})
		if err != nil {
			t.Fatal(err)
		}
		a.Init(make([]check.Arg, 1), []*module.VarUse{u}, nil)
		for _, f := range functions {
			if f.Name == tc.fn {
				if got := f.Do(c, a); got != tc.want {
					t.Errorf("%s($avp(%s)) is %d, want %d", tc.fn, tc.avp, got, tc.want)
				}
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	e := moduletest.New(t)
	c := e.Request(readFile(t, "invite.sip"))
	for _, name := range []string{
		"ru", "rU", "rd", "rp", "rP", "fu", "fU", "fd", "tu", "tU", "ft", "si", "sp", "Ri", "rm", "ci", "cs",
		"ua", "ct", "du", "hdr(X-A)", "hdr(Expires)", "mf", "avp(x)", "var(x)", "su", "proto", "ml", "aU", "TS", "time(hour)", "Tf", "mF",
	} {
		v, r := use(t, name)
		raw, recv, env := c.SIP.Raw, c.Recv, c.Env
		if n := testing.AllocsPerRun(100, func() {
			c.Reset()
			c.Recv, c.Env = recv, env
			_ = c.SIP.Parse(raw)
			v.Get(c, r)
		}); n != 0 {
			t.Errorf("$%s: %v allocations", name, n)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	c := moduletest.New(b).Request(readFile(b, "invite.sip"))
	for _, name := range []string{"ru", "rU", "fU", "si", "rm", "hdr(X-A)"} {
		v, r := use(b, name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				v.Get(c, r)
			}
		})
	}
}

// TestSocketName: a socket is found by what listen=... name "x" calls it.
func TestSocketName(t *testing.T) {
	e := moduletest.New(t)
	e.Listening[0].Label = "one"
	c := e.Request(readFile(t, "invite.sip"))
	if err := set(t, c, "fsn", str("one")); err != nil {
		t.Error(err)
	}
	if got := get(t, c, "fsn"); got != "one" || c.Dest.Socket != e.Listening[0] {
		t.Errorf("%q, %v", got, c.Dest.Socket)
	}
	c.Recv.Socket = e.Listening[0]
	if got := get(t, c, "Rn"); got != "one" {
		t.Error(got)
	}
	if err := set(t, c, "fsn", module.Undef); err != nil || c.Dest.Socket != nil {
		t.Error(err, c.Dest.Socket)
	}
}

// TestAliasForms: what names an AVP in avp_aliases, with and without blanks.
func TestAliasForms(t *testing.T) {
	defer clear(aliases)
	for text, want := range map[string]string{
		"a=i:5": "i:5", "a=I:5": "i:5", " a = s:x ": "s:x", "a=$avp(x)": "s:x", "a=$avp(i:7)": "i:7", "$avp(a)=x": "s:x",
		"": "s:a", "a=i:x": "", "a=i:": "", "a=s:": "", "a=i:-5": "", "a=": "", "=x": "", "a": "", "a=x;": "", "a=x;a=y": "",
	} {
		clear(aliases)
		err := setAliases(module.StrValue(text))
		if (err != nil) != (want == "") {
			t.Errorf("%q: %v", text, err)
		}
		if got := avpKey("a"); err == nil && got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
