package siputils

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
	_ "goser/worker/module/pv"
)

const uri = "sip:rxx:pw@127.0.0.1:17099;transport=udp;x=y;lr"

func request(t testing.TB) *module.Ctx {
	return moduletest.New(t).Request(strings.Replace(moduletest.Options, "sip:127.0.0.1:5060 SIP", uri+" SIP", 1))
}

// call runs a function; a text $name is bound as a variable.
func call(t testing.TB, c *module.Ctx, name string, texts ...string) int {
	t.Helper()
	spec, vars, a := make([]check.Arg, len(texts)), make([]*module.VarUse, len(texts)), new(module.Args)
	for i, s := range texts {
		spec[i] = check.Arg{Const: true, Str: s}
		if strings.HasPrefix(s, "$") {
			vars[i] = bind(t, s)
		}
	}
	for _, f := range functions() {
		if f.Name == name {
			if len(texts) < f.MinArgs || len(texts) > len(f.Args) {
				t.Fatalf("%s takes %d to %d arguments", name, f.MinArgs, len(f.Args))
			}
			a.Init(spec, vars, nil)
			for i, s := range texts {
				a.Set(i, module.StrValue(s))
			}
			return f.Do(c, a)
		}
	}
	t.Fatalf("no function %s", name)
	return 0
}

func bind(t testing.TB, s string) *module.VarUse {
	t.Helper()
	name, inner, has := strings.Cut(strings.TrimSuffix(s[1:], ")"), "(")
	info, err := new(module.Catalog).Var(name, inner, has, check.Loaded{"pv": true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := module.BindVar(&check.Var{Name: name, Inner: inner, HasInner: has, Info: info})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What Kamailio 5.6.3 returned for the same R-URI; those marked # follow RFC
// 3261 §19.1.4 instead.
const returns = `
is_request() 1
is_reply() -1
has_totag() -1
is_first_hop() 1
is_uri("sip:a@b") 1
is_uri("sip:b") 1
is_uri("foo") -1
is_uri("tel:+1") 1
is_tel_number("+123") 1
is_tel_number("123") 1
is_tel_number("12a") -2
is_tel_number("+") -2
is_tel_number("") -2
is_tel_number("12*#-") -2
is_tel_number("+1-2") -2
is_numeric("123") 1
is_numeric("+123") -2
is_numeric("") -2
is_alphanum("a1") 1
is_alphanum("a-1") -3
is_alphanum("") -2
is_alphanumex("a-1","-") 1
is_alphanumex("a_1","-") -3
is_alphanumex("","") -2
is_alphanumex("ab","") 1
is_e164("+123") 1
is_e164("+12") 1
is_e164("+1") -1
is_e164("+123456789012345") 1
is_e164("+1234567890123456") -1
is_e164("1234") -1
is_uri_user_e164("sip:alice@wonder.land") -1
is_uri_user_e164("sip:+1234@127.0.0.1:17099;a;b=1") 1
uri_param("transport") -1
uri_param("lr") 1
uri_param("LR") 1 #
uri_param("lr","") 1
uri_param("x","y") 1
uri_param("x","z") -1
uri_param("nope") -1
uri_param_any("x") 1
uri_param_any("lr") 1
uri_param_any("x=y") -1
cmp_uri("sip:a@b","sip:a@B") 1
cmp_uri("sip:a@b","sip:A@b") -1
cmp_uri("sip:a@b:5060","sip:a@b") -1
cmp_uri("sip:a@b;x=1","sip:a@b") 1
cmp_uri("sip:a@b;x=1","sip:a@b;x=2") -1
cmp_uri("sip:a@b;transport=tcp","sip:a@b;transport=TCP") 1
cmp_uri("sip:a@b;transport=udp","sip:a@b") -1 #
cmp_uri("sip:a@b?h=1","sip:a@b") -1 #
cmp_uri("sip:a%62@b","sip:ab@b") 1 #
cmp_uri("sip:a@b;user=phone","sip:a@b") -1
cmp_uri("sip:a@b;ttl=1","sip:a@b") -1
cmp_uri("sip:a:p@b","sip:a@b") -1
cmp_uri("sip:a@b","sips:a@b") -1
cmp_uri("junk","sips:a@b") -2
cmp_aor("sip:a@b;x=1","sip:a@B") 1
cmp_aor("sip:a@b:5060","sip:a@b") 1
cmp_aor("sip:a@b:5061","sip:a@b") -1
cmp_aor("sips:a@b","sip:a@b") 1
cmp_aor("sip:a:p@b","sip:a@b") 1
cmp_aor("sip:A@b","sip:a@b") -1
cmp_aor("x","y") -2
cmp_hdr_name("f","From") 1
cmp_hdr_name("x","X") 1
cmp_hdr_name("Foo","foO") 1
cmp_hdr_name("From","from ") 1
cmp_hdr_name("a","b") -1
is_supported("path") -1
options_reply() -1
`

func TestReturns(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(returns), "\n") {
		line = strings.TrimSuffix(line, " #")
		i := strings.LastIndexByte(line, ' ')
		name, list, _ := strings.Cut(strings.TrimSuffix(line[:i], ")"), "(")
		var texts []string
		if list != "" {
			texts = strings.Split(list[1:len(list)-1], `","`)
		}
		if got := fmt.Sprint(call(t, request(t), name, texts...)); got != line[i+1:] {
			t.Errorf("%s: got %s", line, got)
		}
	}
}

// The R-URIs and variables were seen on Kamailio 5.6.3, but for those it gets
// wrong: a doubled semicolon, a parameter behind the headers.
func TestRewrite(t *testing.T) {
	for _, tc := range []struct {
		uri, fn string
		args    []string
		rc      int
		read    string
		want    string
	}{
		{uri, "add_uri_param", []string{"new=1"}, 1, "$ru", uri + ";new=1"},
		{"sip:a@h", "add_uri_param", []string{";z=1"}, 1, "$ru", "sip:a@h;z=1"},
		{"sip:a@h?x=y", "add_uri_param", []string{"z=1"}, 1, "$ru", "sip:a@h;z=1?x=y"},
		{"sip:h", "add_uri_param", []string{"z=1"}, 1, "$ru", "sip:h;z=1"},
		{"sip:h", "add_uri_param", []string{""}, 1, "$ru", "sip:h"},
		{"sip:h", "add_uri_param", []string{"z=1\r\nEvil: 1"}, -1, "$ru", "sip:h"},
		{"sip:h", "add_uri_param", []string{strings.Repeat("z", 1024)}, -1, "$ru", "sip:h"},
		{"junk", "add_uri_param", []string{"z"}, -1, "$ru", ""},
		{uri, "uri_param_rm", []string{"x"}, 1, "$ru", "sip:rxx:pw@127.0.0.1:17099;transport=udp;lr"},
		{uri, "uri_param_rm", []string{"nope"}, 1, "$ru", uri},
		{"sip:h;lr", "uri_param_rm", []string{"LR"}, 1, "$ru", "sip:h"},
		{uri, "get_uri_param", []string{"x", "$avp(o)"}, 1, "$avp(o)", "y"},
		{uri, "get_uri_param", []string{"lr", "$avp(o)"}, 1, "$avp(o)", ""},
		{uri, "get_uri_param", []string{"q", "$avp(o)"}, -1, "$avp(o)", ""},
		{uri, "tel2sip", []string{"tel:+1-23;ext=4", "h.org", "$avp(o)"}, 1, "$avp(o)", "sip:+123;ext=4@h.org;user=phone"},
		{uri, "tel2sip", []string{"tel:+1-234;ISUB=1;b=2;A=3", "h.org", "$avp(o)"}, 1, "$avp(o)", "sip:+1234;isub=1;b=2;a=3@h.org;user=phone"},
		{uri, "tel2sip", []string{"tel:+1(2)3.4-5", "h", "$ru"}, 1, "$ru", "sip:+12345@h;user=phone"},
		{uri, "tel2sip", []string{"sip:a@b", "h.org", "$avp(o)"}, 2, "$avp(o)", ""},
		{uri, "tel2sip", []string{"tel:+1 2", "h.org", "$avp(o)"}, -1, "$avp(o)", ""},
		{"sip:a:p@h:5061;x=y", "set_uri_user", []string{"$ru", "bb"}, 1, "$ru", "sip:bb@h:5061;x=y"},
		{"sip:a:p@h:5061;x=y", "set_uri_user", []string{"$ru", ""}, 1, "$ru", "sip:h:5061;x=y"},
		{"sip:h:5061;x=y", "set_uri_user", []string{"$ru", "c"}, 1, "$ru", "sip:c@h:5061;x=y"},
		{"sip:h:5061;x=y", "set_uri_user", []string{"$ru", "c@d"}, -1, "$ru", "sip:h:5061;x=y"},
		{"sip:c@h:5061;x=y", "set_uri_host", []string{"$ru", "hh"}, 1, "$ru", "sip:c@hh:5061;x=y"},
		{"sip:c@h:5061;x=y", "set_uri_host", []string{"$ru", ""}, -1, "$ru", "sip:c@h:5061;x=y"},
		{"tel:+1", "set_uri_host", []string{"$ru", "h"}, -1, "$ru", "tel:+1"},
	} {
		c := request(t)
		c.SetURI(tc.uri)
		rc := call(t, c, tc.fn, tc.args...)
		got := c.Text(bind(t, tc.read).Get(c))
		if rc != tc.rc || got != tc.want {
			t.Errorf("%s %s(%q): %d, %s = %q; want %d, %q", tc.uri, tc.fn, tc.args, rc, tc.read, got, tc.rc, tc.want)
		}
	}
}

// The headers were seen on Kamailio 5.6.3.
func TestOptionsReply(t *testing.T) {
	e := moduletest.New(t)
	c := e.Request(moduletest.Options)
	if rc := call(t, c, "options_reply"); rc != 1 {
		t.Errorf("returned %d", rc)
	}
	want := []moduletest.Reply{{
		Code: 200, Reason: "OK",
		Headers: "Accept: */*\r\nAccept-Encoding: \r\nAccept-Language: en\r\nSupported: \r\n",
	}}
	if d := cmp.Diff(want, e.Replies); d != "" {
		t.Error(d)
	}
	if len(c.ReplyHeaders) != 0 {
		t.Error("the headers stayed for other replies")
	}
	if rc := call(t, e.Request(moduletest.Invite), "options_reply"); rc != -1 {
		t.Errorf("an INVITE got %d", rc)
	}
}

func TestFirstHop(t *testing.T) {
	reply := func(rr string) string { return strings.Replace(moduletest.OK, "From:", rr+"From:", 1) }
	two := strings.Replace(moduletest.Options, "From:", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-0\nFrom:", 1)
	for _, tc := range []struct {
		name, raw string
		mode      []string
		want      int
	}{
		{"request", moduletest.Options, nil, 1},
		{"request, two Vias", two, nil, -1},
		{"request, two in a line", strings.Replace(moduletest.Options, "K-1", "K-1, SIP/2.0/UDP 10.0.0.1", 1), nil, -1},
		{"reply", moduletest.OK, nil, 1},
		{"reply, ours", reply("Record-Route: <sip:127.0.0.1:5060;lr>\n"), nil, 1},
		{"reply, theirs", reply("Record-Route: <sip:10.0.0.1;lr>\n"), nil, -1},
		{"reply, name", reply("Record-Route: <sip:me.example;lr>\n"), nil, -1},
		{"reply, name, mode 1", reply("Record-Route: <sip:me.example;lr>\n"), []string{"1"}, 1},
		{"reply, bad", reply("Record-Route: <>\n"), nil, -1},
	} {
		e := moduletest.New(t)
		e.Names["me.example"] = true
		if got := call(t, e.Request(tc.raw), "is_first_hop", tc.mode...); got != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.want)
		}
	}
}

func TestToTag(t *testing.T) {
	e := moduletest.New(t)
	for tag, want := range map[string]int{"": -1, ";tag=x": 1, ";tag=": -1, ";TAG=x": 1} {
		raw := strings.Replace(moduletest.Options, "<sip:bob@example.com>", "<sip:bob@example.com>"+tag, 1)
		if got := call(t, e.Request(raw), "has_totag"); got != want {
			t.Errorf("%q: got %d, want %d", tag, got, want)
		}
	}
	if call(t, e.Request(moduletest.OK), "is_reply") != 1 || call(t, e.Request(moduletest.OK), "is_request") != -1 {
		t.Error("a reply is taken for a request")
	}
}

func TestSupported(t *testing.T) {
	c := moduletest.New(t).Request(strings.Replace(moduletest.Options, "From:", "k: 100rel , Path\nFrom:", 1))
	if call(t, c, "is_supported", "path") != 1 || call(t, c, "is_supported", "gruu") != -1 {
		t.Error("Supported is read wrongly")
	}
}

func TestNoAllocation(t *testing.T) {
	c := request(t)
	a := new(module.Args)
	a.Init(make([]check.Arg, 1), nil, nil)
	a.Set(0, module.StrValue("x"))
	for name, f := range map[string]func(c *module.Ctx, a *module.Args) int{
		"has_totag": hasToTag, "is_first_hop": isFirstHop, "uri_param_any": uriParamAny, "uri_param_rm": removeURIParam, "is_e164": isE164,
	} {
		raw, recv, env := c.SIP.Raw, c.Recv, c.Env
		if n := testing.AllocsPerRun(100, func() {
			c.Reset()
			c.Recv, c.Env = recv, env
			_ = c.SIP.Parse(raw)
			f(c, a)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func FuzzURIs(f *testing.F) {
	f.Add("sip:a@b;x=1", "x")
	f.Add("tel:+1;ISUB=2", "h.org")
	c := moduletest.New(f).Request(moduletest.Options)
	f.Fuzz(func(t *testing.T, u, s string) {
		c.Reset()
		c.SetURI(u)
		for _, name := range []string{"add_uri_param", "uri_param_rm", "uri_param", "is_uri", "is_uri_user_e164"} {
			_ = call(t, c, name, strings.TrimLeft(s, "$"))
		}
		_ = call(t, c, "set_uri_user", "$ru", strings.TrimLeft(s, "$"))
		_ = call(t, c, "tel2sip", strings.TrimLeft(u, "$"), strings.TrimLeft(s, "$"), "$ru")
		if strings.ContainsAny(c.RequestURI(), "\r\n") && !strings.ContainsAny(u, "\r\n") {
			t.Fatalf("%q", c.RequestURI())
		}
	})
}

func BenchmarkHasToTag(b *testing.B) {
	c := request(b)
	for b.Loop() {
		hasToTag(c, nil)
	}
}
