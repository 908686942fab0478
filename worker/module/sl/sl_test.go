package sl

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func args(vs ...module.Value) *module.Args {
	a := new(module.Args)
	a.Init(make([]check.Arg, len(vs)), nil, nil)
	for i, v := range vs {
		a.Set(i, v)
	}
	return a
}

var ok200 = []module.Value{module.IntValue(200), module.StrValue("OK")}

func TestSendReply(t *testing.T) {
	str, num := module.StrValue, module.IntValue
	for _, tc := range []struct {
		name string
		args []module.Value
		want []moduletest.Reply
		rc   int
	}{
		{"number", ok200, []moduletest.Reply{{Code: 200, Reason: "OK"}}, 1},
		{"text", []module.Value{str("404"), str("No")}, []moduletest.Reply{{Code: 404, Reason: "No"}}, 1},
		{"empty reason", []module.Value{num(404), str("")}, []moduletest.Reply{{Code: 404}}, 1},
		{"undefined", []module.Value{module.Undef, module.Undef}, []moduletest.Reply{{Code: 500, Reason: "Internal Server Error"}}, 1},
		{"below", []module.Value{num(99), str("x")}, nil, -1},
		{"above", []module.Value{num(700), str("x")}, nil, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := moduletest.New(t)
			c := e.Request(moduletest.Options)
			if rc := sendReply(c, args(tc.args...)); rc != tc.rc {
				t.Errorf("returned %d, want %d", rc, tc.rc)
			}
			if d := cmp.Diff(tc.want, e.Replies); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestNeverAnswered(t *testing.T) {
	e := moduletest.New(t)
	for name, raw := range map[string]string{
		"ACK":   strings.ReplaceAll(moduletest.Options, "OPTIONS", "ACK"),
		"reply": moduletest.OK,
	} {
		if rc := sendReply(e.Request(raw), args(ok200...)); rc != -1 || e.Calls != 0 {
			t.Errorf("%s: returned %d, %d sent", name, rc, e.Calls)
		}
	}
}

func TestFailureIsCounted(t *testing.T) {
	e := moduletest.New(t)
	defer func(old counterIDs) { counters = old }(counters)
	number()
	c := e.Request(moduletest.Options)
	e.Fail = errors.New("no")
	if rc := sendReply(c, args(ok200...)); rc != -1 {
		t.Errorf("returned %d", rc)
	}
	e.Fail = nil
	sendReply(c, args(ok200...))
	want := map[module.Counter]int64{counters.failures: 1, counters.replies: 1, counters.class[2]: 1, counters.status[0]: 1}
	if d := cmp.Diff(want, e.Counts); d != "" {
		t.Error(d)
	}
}

// number gives each counter an ID of its own, as the server does.
func number() {
	for i, d := range counters.declare() {
		*d.ID = module.Counter(i + 1)
	}
}

// Seen on Kamailio 5.6.3: Contact of the changed R-URI; the branches follow as
// they do in $ds.
func TestRedirect(t *testing.T) {
	for _, tc := range []struct {
		name string
		set  func(c *module.Ctx)
		code int32
		want string
	}{
		{"unchanged", func(*module.Ctx) {}, 302, ""},
		{"URI", func(c *module.Ctx) { c.SetURI("sip:new@h") }, 302, "Contact: <sip:new@h>\r\n"},
		{"not 3xx", func(c *module.Ctx) { c.SetURI("sip:new@h") }, 404, ""},
		{"branches", func(c *module.Ctx) {
			c.SetURI("sip:new@h")
			c.Dest.N = 5
			for i, q := range []int16{-1, 500, 1000, 0, 25} {
				c.Dest.Branches[i] = module.Branch{URI: "sip:b", Q: q}
			}
		}, 300, "Contact: <sip:new@h>, <sip:b>, <sip:b>;q=0.5, <sip:b>;q=1, <sip:b>;q=0, <sip:b>;q=0.025\r\n"},
		{"only branches", func(c *module.Ctx) {
			c.Dest.N, c.Dest.Branches[0] = 1, module.Branch{URI: "sip:b", Q: 120}
		}, 300, "Contact: <sip:b>;q=0.12\r\n"},
		{
			"injection", func(c *module.Ctx) { c.SetURI("sip:a>\r\nEvil: 1\r\n <") }, 302,
			"Contact: <sip:a%3e%0d%0aEvil:%201%0d%0a%20%3c>\r\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := moduletest.New(t)
			c := e.Request(moduletest.Options)
			tc.set(c)
			sendReply(c, args(module.IntValue(tc.code), module.StrValue("x")))
			if d := cmp.Diff(tc.want, e.Replies[0].Headers); d != "" {
				t.Error(d)
			}
			if len(c.ReplyHeaders) != 0 {
				t.Error("the Contact stayed for later replies")
			}
		})
	}
}

// 477 to 479 and 500 as seen on Kamailio 5.6.3.
func TestReplyError(t *testing.T) {
	for n, want := range map[int]string{
		0:                 "I'm terribly sorry, server error occurred (1/SL)",
		module.ErrUnspec:  "I'm terribly sorry, server error occurred (1/SL)",
		-7:                "I'm terribly sorry, server error occurred (7/SL)",
		module.ErrSend:    "Unfortunately error on sending to next hop occurred (477/SL)",
		module.ErrBadAddr: "Unresolvable destination (478/SL)",
		module.ErrBadURI:  "Regretfully, we were not able to process the URI (479/SL)",
	} {
		e := moduletest.New(t)
		c := e.Request(moduletest.Options)
		c.LastErr = n
		if rc := replyError(c, args()); rc != 1 {
			t.Errorf("%d: returned %d", n, rc)
		}
		code := 500
		if n <= -400 {
			code = -n
		}
		if d := cmp.Diff([]moduletest.Reply{{Code: code, Reason: want}}, e.Replies); d != "" {
			t.Error(d)
		}
	}
}

// events is a script with event routes.
type events struct {
	module.Runner
	seen []string
	do   func(c *module.Ctx)
}

func (r *events) Has(check.RouteKind, string) bool { return true }
func (r *events) Call(c *module.Ctx, k check.RouteKind, name string) int {
	r.seen = append(r.seen, name)
	if r.do != nil {
		r.do(c)
	}
	return 1
}

func TestAbsorbACK(t *testing.T) {
	ack := func(tag string) string {
		s := strings.ReplaceAll(moduletest.Options, "OPTIONS", "ACK")
		return strings.Replace(s, "<sip:bob@example.com>", "<sip:bob@example.com>"+tag, 1)
	}
	for _, tc := range []struct {
		name, raw string
		goesOn    bool
	}{
		{"ours", ack(";tag=localtag.c1@example.org"), false},
		{"theirs", ack(";tag=x"), true},
		{"none", ack(""), true},
		{"empty", ack(";tag="), true},
		{"not ACK", moduletest.Options, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := moduletest.New(t)
			c := e.Request(tc.raw)
			r := &events{}
			c.Runner = r
			if got := absorbACK(c); got != tc.goesOn {
				t.Errorf("returned %v, want %v", got, tc.goesOn)
			}
			want := []string{"sl:filtered-ack"}
			if tc.goesOn {
				want = nil
			}
			if d := cmp.Diff(want, r.seen); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLocalResponseDoesNotRecurse(t *testing.T) {
	e := moduletest.New(t)
	c := e.Request(moduletest.Options)
	r := &events{do: func(c *module.Ctx) { sendReply(c, args(module.IntValue(180), module.StrValue("in"))) }}
	c.Runner = r
	sendReply(c, args(ok200...))
	if d := cmp.Diff([]string{"sl:local-response"}, r.seen); d != "" {
		t.Error(d)
	}
	want := []moduletest.Reply{{Code: 180, Reason: "in"}, {Code: 200, Reason: "OK"}}
	if d := cmp.Diff(want, e.Replies); d != "" {
		t.Error(d)
	}
}

func TestLocalTag(t *testing.T) {
	e := moduletest.New(t)
	if v := localTag.Get(e.Request(moduletest.Options), &module.Ref{}); v.Str != "localtag.c1@example.org" {
		t.Errorf("$ltt is %q", v.Str)
	}
	if v := localTag.Get(e.Request(moduletest.OK), &module.Ref{}); !v.IsUndef() {
		t.Errorf("$ltt in a reply is %q", v.Str)
	}
}

func TestDefaultCode(t *testing.T) {
	defer func() { defaultCode = 500 }()
	if setDefaultCode(module.IntValue(99)) == nil || setDefaultCode(module.IntValue(700)) == nil {
		t.Error("a default_code that is no status was taken")
	}
	if err := setDefaultCode(module.IntValue(503)); err != nil || defaultCode != 503 {
		t.Errorf("default_code 503: %v", err)
	}
}

func TestNoAllocation(t *testing.T) {
	e := moduletest.New(t)
	e.Quiet = true
	c := e.Request(moduletest.Options)
	c.SetURI("sip:someone@else")
	for _, code := range []int32{200, 302} {
		a := args(module.IntValue(code), module.StrValue("OK"))
		if n := testing.AllocsPerRun(100, func() {
			c.Replied = 0
			if sendReply(c, a) != 1 {
				t.Fatal("failed")
			}
			c.Reset()
			c.SetURI("sip:someone@else")
		}); n != 0 {
			t.Errorf("%d: %v allocations", code, n)
		}
	}
}

func BenchmarkSendReply(b *testing.B) {
	e := moduletest.New(b)
	e.Quiet = true
	c, a := e.Request(moduletest.Options), args(ok200...)
	for b.Loop() {
		c.Replied = 0
		sendReply(c, a)
	}
}
