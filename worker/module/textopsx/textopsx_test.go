package textopsx

import (
	"strings"
	"testing"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func call(t testing.TB, c *module.Ctx, name string, texts ...string) int {
	t.Helper()
	return moduletest.Call(t, c, functions(), name, texts...)
}

// built is the message as it would leave.
func built(c *module.Ctx) string {
	return string(c.Edits.AppendTo(nil, &c.SIP))
}

const list = `OPTIONS sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1
From: <sip:a@b>;tag=1
To: <sip:a@b>
Call-ID: c1
CSeq: 7 OPTIONS
X-L: a;p=1, b;p=2;r=3
X-L: c
Auth: Digest x=1, y="a,b", z=3
Contact: "a, b" <sip:a@b;x=1>;expires=60
Content-Length: 8

one
two`

// What Kamailio 5.6.3 made of such lists; see also the conversations in
// scripts/interop.
func TestValues(t *testing.T) {
	for _, tc := range []struct {
		fn   string
		args []string
		rc   int
		want string // a piece of what is built
	}{
		{"hf_value_exists", []string{"X-L", "C"}, 1, ""},
		{"hf_value_exists", []string{"X-L", "a"}, -1, ""},
		{"hf_value_exists", []string{"X-None", "a"}, -1, ""},
		{"append_hf_value", []string{"X-L[0]", "i"}, 1, "X-L: c,i\r\n"},
		{"append_hf_value", []string{"X-L[1]", "i"}, 1, "X-L: a;p=1,i, b;p=2;r=3\r\n"},
		{"append_hf_value", []string{"X-L[9]", "i"}, 1, "Content-Length: 8\r\nX-L: i\r\n"},
		{"append_hf_value", []string{"X-L", "i\r\nEvil: 1"}, -1, "X-L: a;p=1, b;p=2;r=3\r\n"},
		{"insert_hf_value", []string{"X-L[2]", "i"}, 1, "X-L: a;p=1,i, b;p=2;r=3\r\n"},
		{"insert_hf_value", []string{"X-L[9]", "i"}, -1, ""},
		{"insert_hf_value", []string{"X-L", "i"}, 1, "X-L: i\r\nX-L: a"},
		{"remove_hf_value", []string{"X-L"}, 1, "X-L:  b;p=2;r=3\r\nX-L: c\r\n"},
		{"remove_hf_value", []string{"X-L[2]"}, 1, "X-L: a;p=1\r\nX-L: c\r\n"},
		{"remove_hf_value", []string{"X-L[-1]"}, 1, "X-L: a;p=1, b;p=2;r=3\r\nAuth"},
		{"remove_hf_value", []string{"X-L[-4]"}, -1, ""},
		{"remove_hf_value", []string{"X-L[*]"}, 1, "CSeq: 7 OPTIONS\r\nAuth"},
		{"remove_hf_value", []string{"X-L[*].p"}, 1, "X-L: a, b;r=3\r\n"},
		{"remove_hf_value", []string{"Contact.expires"}, 1, "Contact: \"a, b\" <sip:a@b;x=1>\r\n"},
		{"remove_hf_value", []string{"Contact.x"}, -1, "Contact: \"a, b\" <sip:a@b;x=1>;expires=60\r\n"},
		{"assign_hf_value", []string{"X-L[2]", "n"}, 1, "X-L: a;p=1, n\r\n"},
		{"assign_hf_value", []string{"X-L.p", "n"}, 1, "X-L: a;p=n, b"},
		{"assign_hf_value", []string{"X-L.q", "n"}, 1, "X-L: a;p=1;q=n, b"},
		{"exclude_hf_value", []string{"X-L", "c"}, 1, "r=3\r\nAuth"},
		{"include_hf_value", []string{"X-L", "c"}, 1, "Content-Length: 8\r\n\r\n"},
		{"include_hf_value", []string{"X-L", "d"}, 1, "r=3,d\r\n"},
		{"remove_hf_value2", []string{"Auth.x"}, 1, "Auth: Digest  y=\"a,b\", z=3\r\n"},
		{"remove_hf_value2", []string{"Auth.y"}, 1, "Auth: Digest x=1, z=3\r\n"},
		{"remove_hf_value2", []string{"Auth.z"}, 1, "Auth: Digest x=1, y=\"a,b\"\r\n"},
		{"remove_hf_value2", []string{"Auth.a"}, -1, ""},
		{"assign_hf_value2", []string{"Auth.y", "n"}, 1, "Auth: Digest x=1, y=n, z=3\r\n"},
		{"assign_hf_value2", []string{"Auth.n", `"q"`}, 1, "z=3,n=\"q\"\r\n"},
		{"remove_body", nil, 1, "Content-Length: 0\r\n\r\n"},
		{"keep_hf", []string{"^x-"}, -1, "X-L: c\r\nContact"},
		{"keep_hf", nil, -1, "CSeq: 7 OPTIONS\r\nContact"},
	} {
		c := moduletest.New(t).Request(list)
		if rc := call(t, c, tc.fn, tc.args...); rc != tc.rc {
			t.Errorf("%s%q: %d, want %d", tc.fn, tc.args, rc, tc.rc)
		}
		if out := built(c); !strings.Contains(out, tc.want) {
			t.Errorf("%s%q: %q is not in\n%s", tc.fn, tc.args, tc.want, out)
		}
	}
}

func TestTargets(t *testing.T) {
	for _, bad := range []string{"", "[1]", "A[", "A[x]", "A[1]x", "A.", "A b", "A:"} {
		if _, err := parseTarget(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	for fn, bad := range map[string]string{
		"append_hf_value": "A.p", "insert_hf_value": "A[*]", "hf_value_exists": "A[1]",
		"assign_hf_value": "A[*]", "assign_hf_value2": "A[*]",
	} {
		for _, f := range functions() {
			if f.Name != fn {
				continue
			}
			if _, err := f.Fixup([]check.Arg{{Const: true, Str: bad}}); err == nil {
				t.Errorf("%s(%q) was taken", fn, bad)
			}
		}
	}
}

func TestApply(t *testing.T) {
	c := moduletest.New(t).Request(list)
	c.SetURI("sip:new@example.com")
	c.Edits.AppendHeader(&c.SIP, "X-New: 1\r\n")
	c.Edits.SetBody("longer body")
	if rc := call(t, c, "msg_apply_changes"); rc != 1 {
		t.Fatal(rc)
	}
	if c.SIP.RURI != "sip:new@example.com" || c.RequestURI() != c.SIP.RURI || c.Dest.URI != "" {
		t.Errorf("R-URI %q, %q", c.SIP.RURI, c.RequestURI())
	}
	if h := c.SIP.ByName("X-New"); h == nil || c.SIP.Body != "longer body" || c.Edits.Len() != 0 {
		t.Errorf("%s", c.SIP.Raw)
	}
	if n, _ := c.SIP.ContentLength(); n != 11 {
		t.Errorf("Content-Length %d", n)
	}
	c.RR.Recorded = true
	if rc := call(t, c, "msg_apply_changes"); rc != -1 {
		t.Error("applied behind record_route")
	}
}

// A message that would break a limit stays as it was, edits included.
func TestApplyTooLong(t *testing.T) {
	c := moduletest.New(t).Request(list)
	c.SIP.Limits.MaxHeaders = 10
	raw := c.SIP.Raw
	_ = c.SIP.Parse(raw)
	for range 5 {
		c.Edits.AppendHeader(&c.SIP, "X-New: 1\r\n")
	}
	if rc := call(t, c, "msg_apply_changes"); rc != -1 {
		t.Fatal(rc)
	}
	if c.SIP.Raw != raw || c.Edits.Len() != 5 || c.SIP.RURI != "sip:bob@example.com" {
		t.Errorf("%d edits, %s", c.Edits.Len(), c.SIP.Raw)
	}
	c = moduletest.New(t).Request(list)
	c.Edits.SetBody(strings.Repeat("x", 70000))
	if rc := call(t, c, "msg_apply_changes"); rc != -1 || len(c.SIP.Body) > 100 {
		t.Error("a message longer than a datagram")
	}
}

func TestSetBuffer(t *testing.T) {
	c := moduletest.New(t).Request(list)
	raw := c.SIP.Raw
	for _, bad := range []string{"", "junk", "SIP/2.0 200 OK\r\n\r\n", "OPTIONS sip:x SIP/2.0\r\n\r\n", strings.Replace(raw, "CSeq: 7", "CSeq: x", 1)} {
		if rc := call(t, c, "msg_set_buffer", bad); rc != -1 || c.SIP.Raw != raw {
			t.Errorf("%q was taken", bad)
		}
	}
	if rc := call(t, c, "msg_set_buffer", strings.Replace(raw, "bob@", "new@", 1)); rc != 1 || c.RequestURI() != "sip:new@example.com" {
		t.Errorf("%d, %s", rc, c.RequestURI())
	}
}

// The borders were seen on Kamailio 5.6.3.
func TestChangeStatus(t *testing.T) {
	for _, tc := range []struct {
		from, to string
		rc       int
	}{
		{"200", "202", 1},
		{"200", "404", -1},
		{"200", "180", -1},
		{"180", "183", 1},
		{"180", "404", -1},
		{"180", "200", -1},
		{"486", "600", 1},
		{"302", "404", 1},
		{"404", "302", 1},
		{"404", "200", -1},
		{"404", "99", -1},
		{"404", "700", -1},
		{"404", "180", -1},
	} {
		c := moduletest.New(t).Request(strings.Replace(moduletest.OK, "200 OK", tc.from+" Old", 1))
		if rc := call(t, c, "change_reply_status", tc.to, "New\r\nreason"); rc != tc.rc {
			t.Errorf("%s to %s: %d", tc.from, tc.to, rc)
		}
		want := tc.from + " Old"
		if tc.rc == 1 {
			want = tc.to + " New  reason"
		}
		for _, out := range []string{built(c), string(sip.AppendReplyForward(nil, &c.SIP, &c.Edits))} {
			if !strings.HasPrefix(out, "SIP/2.0 "+want+"\r\n") {
				t.Errorf("%s to %s: %.40q", tc.from, tc.to, out)
			}
		}
		if c.SIP.Reason != "Old" {
			t.Errorf("reason %q before msg_apply_changes", c.SIP.Reason)
		}
	}
	c := moduletest.New(t).Request(moduletest.OK)
	_ = call(t, c, "change_reply_status_code", "299")
	if out := built(c); !strings.HasPrefix(out, "SIP/2.0 299 OK\r\n") {
		t.Errorf("%.40q", out)
	}
	if call(t, c, "change_reply_status", "200", "") != -1 {
		t.Error("an empty reason was taken")
	}
}

func TestIterators(t *testing.T) {
	e := moduletest.New(t)
	c := e.Request(list)
	get := func(f func(*module.Ctx, *module.Ref) module.Value, name string) string {
		return c.Text(f(c, &module.Ref{Inner: name}))
	}
	if call(t, c, "hf_iterator_next", "i") != -1 || call(t, c, "hf_iterator_end", "i") != -1 {
		t.Error("an iterator that was not started")
	}
	call(t, c, "hf_iterator_start", "i")
	var names []string
	for call(t, c, "hf_iterator_next", "i") == 1 {
		names = append(names, get(headerName, "i")+"="+get(headerBody, "i"))
		if get(headerName, "i") == "Auth" {
			call(t, c, "hf_iterator_rm", "i")
			call(t, c, "hf_iterator_append", "i", "X-A: 1\r\n")
			call(t, c, "hf_iterator_insert", "i", "X-B: 1")
		}
	}
	if got := strings.Join(names, "|"); !strings.HasPrefix(got, "Via=SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1|From=") || len(names) != 10 {
		t.Errorf("%d: %s", len(names), got)
	}
	if call(t, c, "hf_iterator_rm", "i") != -1 || headerName(c, &module.Ref{Inner: "i"}).Kind != module.KindUndef {
		t.Error("an iterator at its end has a header")
	}
	call(t, c, "bl_iterator_start", "i")
	for call(t, c, "bl_iterator_next", "i") == 1 {
		if strings.HasPrefix(get(lineText, "i"), "one") {
			call(t, c, "bl_iterator_rm", "i")
		} else {
			call(t, c, "bl_iterator_insert", "i", "in\r\n")
			call(t, c, "bl_iterator_append", "i", "\r\napp")
		}
	}
	call(t, c, "bl_iterator_end", "i")
	if out := built(c); !strings.Contains(out, "X-L: c\r\nX-B: 1\r\nX-A: 1\r\nContact") || !strings.HasSuffix(out, "\r\n\r\nin\r\ntwo\r\napp") {
		t.Errorf("%s", out)
	}
}

// Iterators belong to one message, and are bounded.
func TestIteratorsOfMessages(t *testing.T) {
	e := moduletest.New(t)
	a, b := e.Request(list), e.Request(list)
	call(t, a, "hf_iterator_start", "i")
	call(t, a, "hf_iterator_next", "i")
	if call(t, b, "hf_iterator_next", "i") != -1 {
		t.Error("another message's iterator")
	}
	for i := range maxIterators {
		if rc := call(t, b, "hf_iterator_start", string(rune('a'+i))); rc != 1 {
			t.Errorf("%d: %d", i, rc)
		}
	}
	if call(t, b, "hf_iterator_start", "more") != -1 {
		t.Error("no bound")
	}
	n := len(headerIters.list)
	for i := range 100 {
		a.Recv.Number = uint64(100 + i)
		call(t, a, "hf_iterator_start", "i")
	}
	if len(headerIters.list) > n+1 {
		t.Errorf("%d iterators stay for messages that are done", len(headerIters.list))
	}
	call(t, a, "hf_iterator_next", "i")
	call(t, a, "msg_apply_changes")
	if call(t, a, "hf_iterator_next", "i") != -1 {
		t.Error("the iterator survived msg_apply_changes")
	}
}

func FuzzValues(f *testing.F) {
	f.Add(`a;p="x,y", <b>;r`, "X-L[1].p", "n")
	f.Add(`Digest a=1,,b`, "X-L.b", "")
	f.Fuzz(func(t *testing.T, body, name, val string) {
		if strings.ContainsAny(body, "\r\n") {
			return
		}
		e := moduletest.New(t)
		for _, fn := range functions() {
			if !strings.Contains(fn.Name, "hf_value") {
				continue
			}
			c := e.Request(strings.Replace(list, "X-L: c", "X-L: "+body, 1))
			spec := []check.Arg{{Const: true, Str: name}, {Const: true, Str: val}}[:len(fn.Args)]
			fixed, err := fn.Fixup(spec)
			if err != nil {
				continue
			}
			a := new(module.Args)
			a.Init(spec, nil, fixed)
			a.Set(0, module.StrValue(name))
			a.Set(1, module.StrValue(val))
			before := strings.Count(built(c), "\n")
			fn.Do(c, a)
			if strings.Count(built(c), "\n") > before+1 {
				t.Fatalf("%s: lines were added: %q", fn.Name, built(c))
			}
		}
	})
}

func TestNoAllocation(t *testing.T) {
	c := moduletest.New(t).Request(list)
	raw, recv, env := c.SIP.Raw, c.Recv, c.Env
	target, _ := parseTarget("X-L[2].p")
	a := new(module.Args)
	a.Init(make([]check.Arg, 2), nil, target)
	a.Set(0, module.StrValue("i"))
	a.Set(1, module.StrValue("x"))
	for name, f := range map[string]func(c *module.Ctx, a *module.Args) int{
		"msg_apply_changes": applyChanges, "hf_value_exists": valueExists, "assign_hf_value": assignValue, "hf_iterator_start": headerStart,
	} {
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
