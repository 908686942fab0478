package textops

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
	_ "goser/worker/module/pv"
)

func invite(t testing.TB) (*moduletest.Env, *module.Ctx) {
	b, err := os.ReadFile("testdata/invite.sip")
	if err != nil {
		t.Fatal(err)
	}
	e := moduletest.New(t)
	return e, e.Request(string(b))
}

// call runs a function as the engine does, with constant texts.
func call(t testing.TB, c *module.Ctx, name string, texts ...string) (int, error) {
	t.Helper()
	spec := make([]check.Arg, len(texts))
	for i, s := range texts {
		spec[i] = check.Arg{Const: true, Str: s}
	}
	return callWith(t, c, name, spec, texts...)
}

func callWith(t testing.TB, c *module.Ctx, name string, spec []check.Arg, texts ...string) (int, error) {
	t.Helper()
	for _, f := range module.Lookup("textops").Funcs {
		if f.Name != name {
			continue
		}
		if len(texts) < f.MinArgs || len(texts) > len(f.Args) {
			t.Fatalf("%s takes %d to %d arguments", name, f.MinArgs, len(f.Args))
		}
		var fixed any
		if f.Fixup != nil {
			var err error
			if fixed, err = f.Fixup(spec); err != nil {
				return 0, err
			}
		}
		a := new(module.Args)
		a.Init(spec, nil, fixed)
		for i, s := range texts {
			a.Set(i, module.StrValue(s))
		}
		return f.Do(c, a), nil
	}
	t.Fatalf("no function %s", name)
	return 0, nil
}

// What Kamailio 5.6.3 returned for the same message; "!" is an error at start.
const returns = `
is_method("INVITE") 1
is_method("OPTIONS|INVITE") 1
is_method("OPTIONS|BYE") -1
is_method("invite") 1
is_method("FOO|BAR") !
is_method("FOO") -1
is_method("") !
is_present_hf("X-A") 1
is_present_hf("f") 1
is_present_hf("From") 1
is_present_hf("Nope") -1
is_present_hf("Contact") 1
is_present_hf_re("^x-") 1
is_present_hf_re("^y-") -1
is_present_hf_re("ont") 1
search("folded") 1
search("^INVITE sip") 1
search("v=0") 1
search("VIA") 1
search("NOPE") -1
search("(") !
search("Alice.*tag") 1
search("69.From") -1
search("69\r\nFrom") 1
search("xyz.*Max-Forwards") -1
search("^[^x]*Call-ID") 1
search("wonder[^x]*Call-ID") -1
search_body("v=0") 1
search_body("INVITE") -1
search_hf("X-A","two","a") 1
search_hf("X-A","two","f") -1
search_hf("X-A","two","l") 1
search_hf("X-A","one","l") -1
search_hf("X-A","one","q") 1
search_hf("Nope","one","a") -1
has_body() 1
has_body("application/sdp") 1
has_body("text/plain") -1
has_body("application/SDP") 1
has_body("application") !
is_privacy("id") -1
is_privacy("x") !
in_list("b","a,b,c",",") 1
in_list("bb","a,b,c",",") -1
in_list("b","a, b ,c",",") 1
in_list("b","a b c"," ") 1
in_list("","a,b",",") -1
in_list("b","",",") -1
in_list_prefix("bcd","a,b,c",",") 1
in_list_prefix("xcd","a,b,c",",") -1
cmp_str("a","a") 1
cmp_str("a","A") -1
cmp_str("A","a") -2
cmp_istr("a","A") 1
cmp_istr("a","b") -2
cmp_istr("b","a") -1
starts_with("abc","ab") 1
starts_with("abc","AB") -1
starts_with("abc","") 1
starts_with("abc","x") -2
starts_with("abc","abcd") -1
starts_with("","a") -1
ends_with("abc","bc") 1
ends_with("abc","") 1
ends_with("abc","x") -2
ends_with("abc","xabc") -1
search_str("abc","B") 1
search_str("abc","^c") -1
str_find("abc","bc") 2
str_ifind("abc","BC") 2
str_find("abc","x") -1
remove_hf("Nope") -1
remove_hf("X-A") 1
remove_hf_re("^X-Z") -1
remove_hf_idx("X-A","1") 1
remove_hf_idx("X-A","-2") 1
remove_hf_idx("X-A","2") 2
remove_hf_exp("^X-","X-A") -1
append_hf("X-B: 1\r\n") 1
append_hf("X-NoCRLF: 1") 1
append_hf("X-C: 1\r\n","Call-ID") 1
append_hf("X-C: 1\r\n","Nope") 1
append_hf("no header") !
append_hf("X: 1\r\n\r\nbody") !
insert_hf("X-D: 1\r\n") 1
insert_hf("X-D: 1\r\n","Call-ID") 1
append_to_reply("X-E: 1\r\n") 1
append_time() 1
append_time_to_request() 1
append_urihf("X-U: ","\r\n") 1
subst("/Alice/Malice/") 1
subst("/zzzz/y/") -1
subst("/zzzz/y") !
subst("/zzzz/y/x") !
subst("/(/y/") !
subst_uri("/bob/rob/") 1
subst_uri("/zzz/rob/") -1
subst_user("/ob/xx/") 1
subst_user("/zz/xx/") -1
subst_body("/v=0/v=1/") 1
subst_body("/zz/v=1/") -1
subst_hf("X-A","/one/uno/","a") 1
subst_hf("X-A","/zz/uno/","a") -1
subst_hf("X-Q","/zz/uno/","a") -1
replace("Alice","Bob") 1
replace("ZZZ","Bob") -1
replace_body("v=0","v=2") 1
replace_all("o","0") 1
replace_all("zzz","0") -1
replace_str("UA","ua","a") 1
replace_str("zzz","ua","a") 1
replace_str("zzz","ua","b") 1
replace_body_all("v","w") 1
replace_body_atonce("v","w") 1
replace_hdrs("UA","x") 1
search_append("UA","-x") 1
search_append("zzz","-x") -1
search_append_body("v=0","-x") 1
set_body("abc","text/plain") 1
set_body("abc","text") -1
set_reply_body("abc","text/plain") 1
`

func TestReturns(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(returns), "\n") {
		i := strings.LastIndexByte(line, ' ')
		name, want := line[:i], line[i+1:]
		_, c := invite(t)
		fn, list, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
		var texts []string
		if list != "" {
			texts = strings.Split(strings.ReplaceAll(list[1:len(list)-1], `\r\n`, "\r\n"), `","`)
		}
		rc, err := call(t, c, fn, texts...)
		got := fmt.Sprint(rc)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%s: %s, want %s (%v)", name, got, want, err)
		}
	}
}

// Where inserted headers go, as seen on Kamailio 5.6.3.
func TestPlaces(t *testing.T) {
	e := moduletest.New(t)
	c := e.Request(moduletest.Options)
	for _, s := range [][]string{
		{"append_hf", "X-A: 1\r\n"},
		{"append_hf", "X-B: 1"},
		{"insert_hf", "X-C: 1\r\n"},
		{"insert_hf", "X-D: 1\r\n"},
		{"append_hf", "X-E: 1\r\n", "Call-ID"},
		{"append_hf", "X-F: 1\r\n", "Call-ID"},
		{"insert_hf", "X-G: 1\r\n", "i"},
		{"insert_hf", "X-H: 1\r\n", "Call-ID"},
		{"append_hf", "X-I: 1\r\n", "Nope"},
		{"insert_hf", "X-J: 1\r\n", "Nope"},
		{"append_time_to_request"},
		{"append_urihf", "X-U: <", ">\r\n"},
		{"remove_hf", "CSeq"},
	} {
		if rc, err := call(t, c, s[0], s[1:]...); rc != 1 || err != nil {
			t.Fatalf("%v: %d, %v", s, rc, err)
		}
	}
	want := strings.ReplaceAll(`OPTIONS sip:127.0.0.1:5060 SIP/2.0
X-C: 1
X-D: 1
X-J: 1
Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1
Date: Wed, 01 Jul 2026 12:00:00 GMT
From: "Alice" <sip:alice@example.org>;tag=a1
To: <sip:bob@example.com>
X-G: 1
X-H: 1
Call-ID: c1@example.org
X-E: 1
X-F: 1
Max-Forwards: 70
Content-Length: 0
X-A: 1
X-B: 1
X-I: 1
X-U: <sip:127.0.0.1:5060>

`, "\n", "\r\n")
	if d := cmp.Diff(want, string(c.Edits.AppendTo(nil, &c.SIP))); d != "" {
		t.Error(d)
	}
	if rc, _ := call(t, c, "is_present_hf", "X-A"); rc != -1 {
		t.Error("an edit can be read")
	}
}

// Seen on 5.6.3: behind the last header of a name, before the first.
func TestPlacesAmongMany(t *testing.T) {
	_, c := invite(t)
	_, _ = call(t, c, "append_hf", "X-Z: 1\r\n", "X-A")
	_, _ = call(t, c, "insert_hf", "X-Y: 1\r\n", "X-A")
	out := string(c.Edits.AppendTo(nil, &c.SIP))
	if want := "UA 1.0\r\nX-Y: 1\r\nX-A: one\r\nx-a: two\r\n folded\r\nX-Z: 1\r\nProxy"; !strings.Contains(out, want) {
		t.Errorf("want %q in\n%s", want, out)
	}
}

// A variable that brings a line end of its own never gets one into a header.
func TestHeaderInjection(t *testing.T) {
	withVar := func(head, tail string) check.Arg {
		return check.Arg{Parts: []check.Part{{Text: head}, {Var: &check.Var{}}, {Text: tail}}}
	}
	for _, tc := range []struct {
		name string
		spec check.Arg
		text string
		rc   int
	}{
		{"plain", withVar("X: ", "\r\n"), "X: value\r\n", 1},
		{"folded", withVar("X: ", "\r\n"), "X: two\r\n folded\r\n", 1},
		{"folded by tab", withVar("X: ", "\r\n"), "X: two\r\n\tfolded\r\n", 1},
		{"CRLF", withVar("X: ", "\r\n"), "X: a\r\nEvil: 1\r\n", -1},
		{"LF", withVar("X: ", "\r\n"), "X: a\nEvil: 1\r\n", -1},
		{"CR", withVar("X: ", "\r\n"), "X: a\rEvil: 1\r\n", -1},
		{"end of headers", withVar("X: ", "\r\n"), "X: a\r\n\r\nbody\r\n", -1},
		{"takes the author's line end", withVar("X: ", "\r\nY: 1\r\n"), "X: a\r\nEvil: 1\r\nY: 1\r\n", -1},
		{"NUL", withVar("X: ", "\r\n"), "X: a\x00\r\n", -1},
		{"two of the author's", withVar("X: ", "\r\nY: 1\r\n"), "X: a\r\nY: 1\r\n", 1},
		{"one variable", check.Arg{Parts: []check.Part{{Var: &check.Var{}}}}, "X: 1\r\nY: 2\r\n", 1},
		{"expression", check.Arg{X: &check.Expr{}}, "X: 1\r\nY: 2", 1},
		{"one variable, no header", check.Arg{Parts: []check.Part{{Var: &check.Var{}}}}, "X: 1\r\n\r\nbody", -1},
		{"one variable, name with blank", check.Arg{Parts: []check.Part{{Var: &check.Var{}}}}, "X Y: 1\r\n", -1},
		{"empty", check.Arg{Parts: []check.Part{{Var: &check.Var{}}}}, "", -1},
	} {
		for _, fn := range []string{"append_hf", "insert_hf", "append_to_reply"} {
			_, c := invite(t)
			rc, err := callWith(t, c, fn, []check.Arg{tc.spec}, tc.text)
			if err != nil || rc != tc.rc {
				t.Errorf("%s, %s: %d, %v; want %d", fn, tc.name, rc, err, tc.rc)
			}
			if out := string(c.Edits.AppendTo(nil, &c.SIP)) + strings.Join(c.ReplyHeaders, ""); strings.Contains(out, "Evil") {
				t.Errorf("%s, %s: injected\n%s", fn, tc.name, out)
			}
		}
	}
	_, c := invite(t)
	spec := []check.Arg{{Const: true, Str: "Alice"}, withVar("a", "b")}
	if rc, _ := callWith(t, c, "replace", spec, "Alice", "a\r\nEvil: 1\r\nb"); rc != -1 {
		t.Errorf("replace took a line end into a header: %d", rc)
	}
	spec[0].Str = "v=0"
	if rc, _ := callWith(t, c, "replace_body", spec, "v=0", "a\r\nb"); rc != 1 {
		t.Errorf("replace_body took no line end into the body: %d", rc)
	}
	c.SIP.RURI = "sip:a\r\nEvil: 1@b"
	_, _ = call(t, c, "append_urihf", "X-U: ", "\r\n")
	if out := string(c.Edits.AppendTo(nil, &c.SIP)); strings.Contains(out, "\nEvil") || !strings.Contains(out, "X-U: sip:a%0D%0AEvil:%201@b\r\n") {
		t.Error(out)
	}
}

// The results were seen on Kamailio 5.6.3.
func TestSubstitution(t *testing.T) {
	_, c := invite(t)
	for _, tc := range []struct{ in, subst, want string }{
		{"abc", "/b/X/", "aXc"},
		{"abcb", "/b/X/g", "aXcX"},
		{"abcb", "/B/X/gi", "aXcX"},
		{"abcb", `/(a)(b)/\2\1/`, "bacb"},
		{"abcb", "/z/X/", "abcb"},
		{"abcb", `/b(c)/[\0]/`, "a[bc]b"},
		{"abc\ndef", "/c.d/X/", "abc\ndef"},
		{"abc\ndef", "/c.d/X/s", "abXef"},
		{"abc\ndef", "/^d/X/", "abc\nXef"},
		{"abc\ndef", "/a|e/Z/g", "Zbc\ndZf"},
		{"abc", "/y/-/g", "abc"},
		{"aaa", `/(a)(z)?/[\2\1\3]/`, "[a]aa"},
		{"aaa", "#a#/#", "/aa"},
		{"aaa", `/a/\//`, "/aa"},
		{"aaa", "/a/$$/", "$aa"},
		{"aaa", "/a/$rU/", "bobaa"},
		{"aaa", "/a/$hdr(X-A)/g", "oneoneone"},
		{"aaa", "/a/$hdr(Nope)/", "aa"},
	} {
		x, err := module.ParseSubst(tc.subst)
		if err != nil {
			t.Errorf("%s: %v", tc.subst, err)
			continue
		}
		if got, _ := x.Run(c, tc.in); got != tc.want {
			t.Errorf("%q %s: got %q, want %q", tc.in, tc.subst, got, tc.want)
		}
		args := []module.Value{}
		for _, s := range strings.Split(tc.subst, ",") {
			args = append(args, module.StrValue(s))
		}
		if got := substTrans(c, module.StrValue(tc.in), args).Str; got != tc.want {
			t.Errorf("%q{re.subst,%s}: got %q, want %q", tc.in, tc.subst, got, tc.want)
		}
	}
	for _, bad := range []string{"", "/", "//", "/a/b", "/a/b/q", "/(/b/", "/a/$nosuch/", "/a/$hdr(/", "/a/$/"} {
		if _, err := module.ParseSubst(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// The R-URIs were seen on Kamailio 5.6.3.
func TestSubstURI(t *testing.T) {
	for _, tc := range []struct {
		uri, fn, subst, want string
		rc                   int
	}{
		{"sip:abcb@h", "subst_user", "/b/X/g", "sip:aXcX@h", 1},
		{"sip:aXcX@h", "subst_uri", `/sip:(.*)@(.*)/sip:\2@\1/`, "sip:h@aXcX", 1},
		{"sip:h", "subst_user", "/^$/new/", "sip:h", -1},
		{"sip:h", "subst_user", "|^|n|", "sip:h", -1},
		{"sip:bob:pw@127.0.0.1:17099;transport=udp", "subst_user", "/bob/rob/", "sip:rob:pw@127.0.0.1:17099;transport=udp", 1},
		{"sip:bob:pw@h", "subst_user", "/bob//", "sip:h", 1},
		{"sip:a@h", "subst_uri", "/.*//", "sip:a@h", -1},
		{"tel:+123", "subst_user", "/\\+/00/", "tel:00123", 1},
	} {
		_, c := invite(t)
		c.SetURI(tc.uri)
		rc, err := call(t, c, tc.fn, tc.subst)
		if err != nil || rc != tc.rc || c.RequestURI() != tc.want {
			t.Errorf("%s %s(%s): %d %q %v, want %d %q", tc.uri, tc.fn, tc.subst, rc, c.RequestURI(), err, tc.rc, tc.want)
		}
	}
}

func TestBody(t *testing.T) {
	_, c := invite(t)
	_, _ = call(t, c, "set_body", "hello", "text/plain")
	out := string(c.Edits.AppendTo(nil, &c.SIP))
	if !strings.HasSuffix(out, "Content-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello") {
		t.Error(out)
	}
	_, _ = call(t, c, "set_reply_body", "bye", "text/html")
	if c.ReplyBody != "bye" || c.ReplyType != "text/html" {
		t.Errorf("reply body %q, type %q", c.ReplyBody, c.ReplyType)
	}
}

func TestIsMethodOfReply(t *testing.T) {
	c := moduletest.New(t).Request(moduletest.OK)
	if rc, _ := call(t, c, "is_method", "INVITE"); rc != 1 {
		t.Error("the method of a reply is CSeq's")
	}
}

func TestReplyHeadersAreBounded(t *testing.T) {
	_, c := invite(t)
	for range maxReplyHeaders {
		_, _ = call(t, c, "append_to_reply", "X: 1")
	}
	if rc, _ := call(t, c, "append_to_reply", "X: 1"); rc != -1 || len(c.ReplyHeaders) != maxReplyHeaders {
		t.Errorf("returned %d, %d headers", rc, len(c.ReplyHeaders))
	}
}

func TestNoAllocation(t *testing.T) {
	_, c := invite(t)
	constant := func(s string) []check.Arg { return []check.Arg{{Const: true, Str: s}} }
	methods, _ := fixMethods(constant("OPTIONS|INVITE"))
	header, _ := fixHeader(constant("X-B: 1\r\n"))
	for name, f := range map[string]func(a *module.Args){
		"is_method":     func(a *module.Args) { a.Fixed = methods; isMethod(c, a) },
		"is_present_hf": func(a *module.Args) { a.Set(0, module.StrValue("X-A")); isPresent(c, a) },
		"append_hf":     func(a *module.Args) { a.Fixed = header; a.Set(0, module.StrValue("X-B: 1\r\n")); appendHeader(c, a) },
		"remove_hf":     func(a *module.Args) { a.Set(0, module.StrValue("X-A")); removeHeader(c, a) },
	} {
		a := new(module.Args)
		a.Init(make([]check.Arg, 1), nil, nil)
		if n := testing.AllocsPerRun(100, func() { c.Edits.Reset(); f(a) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// No expression or text makes the functions panic, or injects a header.
func FuzzHeaderText(f *testing.F) {
	f.Add("X: ", "a\r\nEvil: 1", "\r\n")
	f.Add("X: ", "\r\n x", "\r\n")
	f.Add("", "X: 1\r\n\r\n", "")
	e := moduletest.New(f)
	c := e.Request(moduletest.Options)
	f.Fuzz(func(t *testing.T, head, val, tail string) {
		spec := []check.Arg{{Parts: []check.Part{{Text: head}, {Var: &check.Var{}}, {Text: tail}}}}
		c.Edits.Reset()
		rc, err := callWith(t, c, "append_hf", spec, head+val+tail)
		if err != nil || rc != 1 {
			return
		}
		if _, ok := module.HeaderLines(head + val + tail); !ok {
			t.Fatalf("%q was let in", head+val+tail)
		}
		out := strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "").Replace(string(c.Edits.AppendTo(nil, &c.SIP)))
		if got, most := strings.Count(out, "\n"), strings.Count(c.SIP.Raw, "\n")+module.Breaks(head)+module.Breaks(tail)+1; got > most {
			t.Fatalf("%q brought a line of its own: %q", val, out)
		}
	})
}

func FuzzSubst(f *testing.F) {
	f.Add("/a/b/g", "aaa")
	f.Add(`/(a)|^[^x]$/\1$rU/gi`, "abc\ndef")
	_, c := invite(f)
	f.Fuzz(func(t *testing.T, subst, in string) {
		if x, err := module.ParseSubst(subst); err == nil && len(in) < 4096 {
			x.Run(c, in)
		}
		c.Reset()
	})
}

func BenchmarkIsMethod(b *testing.B) {
	_, c := invite(b)
	a := new(module.Args)
	m, _ := fixMethods([]check.Arg{{Str: "OPTIONS|INVITE"}})
	a.Init(make([]check.Arg, 1), nil, m)
	for b.Loop() {
		isMethod(c, a)
	}
}
