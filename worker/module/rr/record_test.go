package rr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

const invite = `INVITE sip:b@h.example SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:35098;branch=z9hG4bKa
Max-Forwards: 70
From: <sip:a@h.example>;tag=ft
To: <sip:b@h.example>
Call-ID: c
CSeq: 1 INVITE
Content-Length: 0

`

// sent is the message as it leaves by a socket: its lines above our Via.
func sent(c *module.Ctx, s *module.Socket) []string {
	via := sip.OwnVia{Transport: "UDP", SentBy: s.SentBy, Branch: "z9hG4bKb", Socket: module.RecordSocket(s)}
	if s.Proto == check.ProtoTCP {
		via.Transport = "TCP"
	}
	text := string(sip.AppendForward(nil, &c.SIP, &c.Edits, &sip.Forward{Via: via}))
	head, _, _ := strings.Cut(text, "Via: ")
	lines := strings.Split(strings.TrimSuffix(head, "\r\n"), "\r\n")
	return lines[1:]
}

// step is a call in a script: a function and its arguments.
type step struct {
	fn   string
	args []string
	rc   int
}

func run(t *testing.T, c *module.Ctx, steps []step) {
	t.Helper()
	for _, s := range steps {
		if s.fn == "insert_hf" { // what textops does
			c.Edits.InsertAfter(c.SIP.HeadersStart(), s.args[0]+"\r\n")
			continue
		}
		if got := invoke(t, c, s.fn, s.args...); got != s.rc {
			t.Errorf("%s(%q) returned %d, want %d", s.fn, s.args, got, s.rc)
		}
	}
}

func invoke(t testing.TB, c *module.Ctx, name string, args ...string) int {
	t.Helper()
	for _, f := range functions() {
		if f.Name == name {
			var fixed any
			if f.Fixup != nil {
				var err error
				if fixed, err = f.Fixup([]check.Arg{{Str: args[0]}}); err != nil {
					t.Fatal(err)
				}
			}
			return call(c, f.Do, fixed, args...)
		}
	}
	t.Fatalf("no function %s", name)
	return 0
}

func rr(line string) string { return "Record-Route: <sip:" + line + ">" }

// What Kamailio 5.6.3 sent for the same scripts and sockets; where "other" is not
// set both leave by the socket of reception. The cases with a comment differ.
func TestRecord(t *testing.T) {
	type args = []string
	for _, tc := range []struct {
		name  string
		steps []step
		want  []string // by the socket of reception
		other []string // by 127.0.0.1:35061
	}{
		{
			"plain",
			[]step{{"record_route", nil, 1}},
			args{rr("127.0.0.1:35060;lr;ftag=ft")},
			args{rr("127.0.0.1:35061;r2=on;lr;ftag=ft"), rr("127.0.0.1:35060;r2=on;lr;ftag=ft")},
		},
		{"empty parameters", []step{{"record_route", args{""}, 1}}, args{rr("127.0.0.1:35060;lr;ftag=ft")}, nil},
		{"parameters", []step{{"record_route", args{";nat=yes"}, 1}}, args{rr("127.0.0.1:35060;lr;ftag=ft;nat=yes")}, nil},
		// 5.6.3 writes ftag=ftnat=yes
		{"no semicolon", []step{{"record_route", args{"nat=yes"}, 1}}, args{rr("127.0.0.1:35060;lr;ftag=ft;nat=yes")}, nil},
		{"twice", []step{{"record_route", nil, 1}, {"record_route", args{";x"}, -1}}, args{rr("127.0.0.1:35060;lr;ftag=ft")}, nil},
		{
			"add_rr_param, before and after",
			[]step{
				{"add_rr_param", args{";a=1"}, 1}, {"record_route", args{";p=q"}, 1}, {"add_rr_param", args{";b=1"}, 1},
			},
			args{rr("127.0.0.1:35060;lr;ftag=ft;p=q;a=1;b=1")},
			args{rr("127.0.0.1:35061;r2=on;lr;ftag=ft;p=q;a=1;b=1"), rr("127.0.0.1:35060;r2=on;lr;ftag=ft;p=q;a=1;b=1")},
		},
		{
			"add_rr_param, several",
			[]step{
				{"add_rr_param", args{";a=1"}, 1},
				{"add_rr_param", args{";b=1"}, 1},
				{"record_route", nil, 1},
				{"add_rr_param", args{";c=1"}, 1},
				{"add_rr_param", args{";d=1"}, 1},
			},
			args{rr("127.0.0.1:35060;lr;ftag=ft;a=1;b=1;c=1;d=1")},
			nil,
		},
		{"add_rr_param alone", []step{{"add_rr_param", args{";a=1"}, 1}}, args{}, args{}},
		{
			"preset",
			[]step{{"record_route_preset", args{"192.0.2.1:5080;transport=tcp;x=y"}, 1}},
			args{rr("192.0.2.1:5080;transport=tcp;x=y;ftag=ft;lr")},
			args{rr("192.0.2.1:5080;transport=tcp;x=y;ftag=ft;lr")},
		},
		{"preset with user", []step{{"record_route_preset", args{"u@192.0.2.1"}, 1}}, args{rr("u@192.0.2.1;ftag=ft;lr")}, nil},
		// 5.6.3 writes the two without r2=on
		{
			"two presets",
			[]step{
				{"add_rr_param", args{";a=1"}, 1}, {"record_route_preset", args{"192.0.2.1;transport=tcp", "192.0.2.2"}, 1}, {"add_rr_param", args{";b=2"}, 1},
			},
			args{rr("192.0.2.1;transport=tcp;r2=on;ftag=ft;a=1;lr;b=2"), rr("192.0.2.2;r2=on;ftag=ft;a=1;lr;b=2")},
			nil,
		},
		{
			"preset twice",
			[]step{
				{"record_route_preset", args{"192.0.2.1"}, 1}, {"record_route_preset", args{"192.0.2.2"}, -1}, {"record_route", nil, -1},
			},
			args{rr("192.0.2.1;ftag=ft;lr")},
			nil,
		},
		{
			"advertised",
			[]step{{"record_route_advertised_address", args{"192.0.2.1:5080"}, 1}, {"add_rr_param", args{";z=1"}, 1}},
			args{rr("192.0.2.1:5080;ftag=ft;lr;z=1")},
			args{rr("192.0.2.1:5080;ftag=ft;lr;z=1")},
		},
		{
			"order",
			[]step{{"insert_hf", args{"X-B: 1"}, 0}, {"record_route", nil, 1}, {"insert_hf", args{"X-C: 1"}, 0}},
			args{"X-B: 1", rr("127.0.0.1:35060;lr;ftag=ft"), "X-C: 1"},
			args{"X-B: 1", rr("127.0.0.1:35061;r2=on;lr;ftag=ft"), rr("127.0.0.1:35060;r2=on;lr;ftag=ft"), "X-C: 1"},
		},
		// 5.6.3 returns the same, and leaves ";lr;ftag=ft>" in the message
		{"removed", []step{{"record_route", nil, 1}, {"remove_record_route", nil, 1}}, args{}, args{}},
		{"removed and again", []step{{"record_route", nil, 1}, {"remove_record_route", nil, 1}, {"record_route", args{";again"}, -1}}, args{}, args{}},
		{"nothing to remove", []step{{"remove_record_route", nil, 1}}, args{}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := server(t)
			c := s.Request(invite)
			run(t, c, tc.steps)
			if d := cmp.Diff(tc.want, sent(c, s.first)); d != "" {
				t.Errorf("by the same socket (-want +got):\n%s", d)
			}
			if tc.other != nil {
				if d := cmp.Diff(tc.other, sent(c, s.second)); d != "" {
					t.Errorf("by another socket (-want +got):\n%s", d)
				}
			}
		})
	}
}

// set gives a parameter a value for one test.
func set[T any](t *testing.T, p *T, v T) {
	old := *p
	*p = v
	t.Cleanup(func() { *p = old })
}

// Seen on Kamailio 5.6.3, too, with the modparams of the same names.
func TestRecordParameters(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(t *testing.T)
		uri    string
		want   []string
		other  []string
	}{
		{
			"enable_full_lr", func(t *testing.T) { set(t, &fullLR, 1) }, "",
			[]string{"sip:127.0.0.1:35060;lr=on;ftag=ft"},
			[]string{"sip:127.0.0.1:35061;r2=on;lr=on;ftag=ft", "sip:127.0.0.1:35060;r2=on;lr=on;ftag=ft"},
		},
		{
			"append_fromtag 0", func(t *testing.T) { set(t, &appendTag, 0) }, "",
			[]string{"sip:127.0.0.1:35060;lr"},
			[]string{"sip:127.0.0.1:35061;r2=on;lr", "sip:127.0.0.1:35060;r2=on;lr"},
		},
		{
			"enable_double_rr 0", func(t *testing.T) { set(t, &double, 0) }, "",
			[]string{"sip:127.0.0.1:35060;lr;ftag=ft"},
			[]string{"sip:127.0.0.1:35060;lr;ftag=ft"},
		},
		{
			"enable_double_rr 2", func(t *testing.T) { set(t, &double, 2) }, "",
			[]string{"sip:127.0.0.1:35060;r2=on;lr;ftag=ft", "sip:127.0.0.1:35060;r2=on;lr;ftag=ft"},
			[]string{"sip:127.0.0.1:35061;r2=on;lr;ftag=ft", "sip:127.0.0.1:35060;r2=on;lr;ftag=ft"},
		},
		{
			"add_username", func(t *testing.T) { set(t, &addUsername, 1) }, "",
			[]string{"sip:b@127.0.0.1:35060;lr;ftag=ft"},
			[]string{"sip:b@127.0.0.1:35061;r2=on;lr;ftag=ft", "sip:b@127.0.0.1:35060;r2=on;lr;ftag=ft"},
		},
		{"add_username without one", func(t *testing.T) { set(t, &addUsername, 1) }, "sip:h.example", []string{"sip:127.0.0.1:35060;lr;ftag=ft"}, nil},
		{"add_username, sips", func(t *testing.T) { set(t, &addUsername, 1) }, "sips:b@h.example", []string{"sips:b@127.0.0.1:35060;lr;ftag=ft"}, nil},
		{"custom_user_avp", func(t *testing.T) { set(t, &addUsername, 1); set(t, &userAVP, "s:u") }, "", []string{"sip:zed@127.0.0.1:35060;lr;ftag=ft"}, nil},
		{"custom_user_avp, not set", func(t *testing.T) { set(t, &addUsername, 1); set(t, &userAVP, "s:none") }, "", []string{"sip:b@127.0.0.1:35060;lr;ftag=ft"}, nil},
		{"custom_user_avp alone", func(t *testing.T) { set(t, &userAVP, "s:u") }, "", []string{"sip:127.0.0.1:35060;lr;ftag=ft"}, nil},
		{"sips", func(*testing.T) {}, "sips:b@h.example", []string{"sips:127.0.0.1:35060;lr;ftag=ft"}, nil},
		{"ignore_sips", func(t *testing.T) { set(t, &ignoreSIPS, 1) }, "sips:b@h.example", []string{"sip:127.0.0.1:35060;lr;ftag=ft"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.change(t)
			s := server(t)
			c := s.Request(invite)
			c.AVPs.Push("s:u", module.StrValue("zed"))
			if tc.uri != "" {
				c.SetURI(tc.uri)
			}
			run(t, c, []step{{"record_route", nil, 1}})
			for _, way := range []struct {
				by   *module.Socket
				want []string
			}{{s.first, tc.want}, {s.second, tc.other}} {
				if way.want == nil {
					continue
				}
				want := "Record-Route: <" + strings.Join(way.want, ">\nRecord-Route: <") + ">"
				if d := cmp.Diff(want, strings.Join(sent(c, way.by), "\n")); d != "" {
					t.Errorf("by %v (-want +got):\n%s", way.by.Addr, d)
				}
			}
		})
	}
}

// RFC 5658 §4: each side sees the address and transport that it can reach.
func TestRecordOtherSockets(t *testing.T) {
	s := server(t)
	for _, tc := range []struct {
		name    string
		in, out *module.Socket
		proto   module.Proto
		fn      string
		args    []string
		want    []string
	}{
		{
			"to IPv6", s.first, s.six, check.ProtoUDP, "record_route", nil,
			[]string{rr("[::1]:35060;r2=on;lr;ftag=ft"), rr("127.0.0.1:35060;r2=on;lr;ftag=ft")},
		},
		{"from IPv6", s.six, s.six, check.ProtoUDP, "record_route", nil, []string{rr("[::1]:35060;lr;ftag=ft")}},
		{
			"to TCP", s.first, s.tcp, check.ProtoUDP, "record_route", nil,
			[]string{rr("127.0.0.1:35060;transport=tcp;r2=on;lr;ftag=ft"), rr("127.0.0.1:35060;r2=on;lr;ftag=ft")},
		},
		{
			"from TCP", s.tcp, s.first, check.ProtoTCP, "record_route", nil,
			[]string{rr("127.0.0.1:35060;r2=on;lr;ftag=ft"), rr("127.0.0.1:35060;transport=tcp;r2=on;lr;ftag=ft")},
		},
		{
			"advertised, from TCP", s.tcp, s.first, check.ProtoTCP, "record_route_advertised_address",
			[]string{"192.0.2.1"},
			[]string{rr("192.0.2.1;r2=on;ftag=ft;lr"), rr("192.0.2.1;transport=tcp;r2=on;ftag=ft;lr")},
		},
		{
			"advertised, TCP to TCP", s.tcp, s.tcp, check.ProtoTCP, "record_route_advertised_address",
			[]string{"192.0.2.1"},
			[]string{rr("192.0.2.1;transport=tcp;ftag=ft;lr")},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := s.Request(invite)
			c.Recv.Socket, c.Recv.Dst, c.Recv.Proto = tc.in, tc.in.Addr, tc.proto
			run(t, c, []step{{tc.fn, tc.args, 1}})
			if d := cmp.Diff(tc.want, sent(c, tc.out)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// What listen advertises stands in the entry, the default port does not; both
// as seen on Kamailio 5.6.3.
func TestRecordAdvertisedSocket(t *testing.T) {
	s := server(t)
	s.first.Advertised = true
	for text, want := range map[string]string{"198.51.100.7:5060": "198.51.100.7", "adv.example:5099": "adv.example:5099"} {
		s.first.SentBy = text
		c := s.Request(invite)
		run(t, c, []step{{"record_route", nil, 1}})
		if d := cmp.Diff([]string{rr(want + ";lr;ftag=ft")}, sent(c, s.first)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

// A socket bound to all addresses: the address of reception counts, and the
// address of the Via tells whether the way out is another.
func TestRecordWildcard(t *testing.T) {
	s := server(t)
	any := s.Listen("0.0.0.0:5060")
	c := s.Request(invite)
	c.Recv.Socket, c.Recv.Dst = any, s.Listen("192.0.2.9:5060").Addr
	run(t, c, []step{{"record_route", nil, 1}})
	any.SentBy = "192.0.2.9"
	if d := cmp.Diff([]string{rr("192.0.2.9;lr;ftag=ft")}, sent(c, any)); d != "" {
		t.Errorf("by the same address (-want +got):\n%s", d)
	}
	any.SentBy = "192.0.2.10"
	want := []string{rr("192.0.2.10;r2=on;lr;ftag=ft"), rr("192.0.2.9;r2=on;lr;ftag=ft")}
	if d := cmp.Diff(want, sent(c, any)); d != "" {
		t.Errorf("by another address (-want +got):\n%s", d)
	}
}

// Nothing that a stranger or a script says ends the URI or the line.
func TestRecordInjection(t *testing.T) {
	set(t, &addUsername, 1)
	s := server(t)
	for _, bad := range []string{";a=1>", ";a\r\nEvil: 1", ";a b", `;a="x"`, ";a,b", ";a?b=c", ";é", ";" + strings.Repeat("x", 1024)} {
		for _, fn := range []string{"record_route", "add_rr_param", "record_route_preset", "record_route_advertised_address"} {
			c := s.Request(invite)
			if rc := invoke(t, c, fn, bad); rc != -1 || c.Why() == "" || c.Edits.Len() != 0 {
				t.Errorf("%s(%q): %d, %d edits", fn, bad, rc, c.Edits.Len())
			}
		}
	}
	c := s.Request(strings.Replace(invite, "tag=ft", `tag="f>t`+"\t"+`;x"`, 1))
	c.AVPs.Push("s:u", module.StrValue("a>b@c\r\n"))
	set(t, &userAVP, "s:u")
	run(t, c, []step{{"record_route", nil, 1}})
	want := []string{rr("a%3Eb%40c%0D%0A@127.0.0.1:35060;lr;ftag=%22f%3Et%09%3Bx%22")}
	if d := cmp.Diff(want, sent(c, s.first)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestParamsBound(t *testing.T) {
	c := server(t).Request(invite)
	p := ";" + strings.Repeat("x", 99)
	n := 0
	for invoke(t, c, "add_rr_param", p) == 1 {
		if n++; n > 100 {
			t.Fatal("no bound")
		}
	}
	if n != 10 {
		t.Errorf("%d times 100 bytes were taken, want 10", n)
	}
}

// What fails leaves nothing.
func TestRecordPresetFails(t *testing.T) {
	c := server(t).Request(invite)
	if rc := invoke(t, c, "record_route_preset", "192.0.2.1", "192.0.2.2>"); rc != -1 || c.Edits.Len() != 0 || c.RR.Recorded {
		t.Errorf("%d, %d edits", rc, c.Edits.Len())
	}
	c.SetURI("nonsense")
	if rc := invoke(t, c, "record_route"); rc != -1 || c.Edits.Len() != 0 {
		t.Errorf("%d, %d edits", rc, c.Edits.Len())
	}
}

// A branch begins with what the request got, and what it adds is its own. The
// way back is what tm does: Edits and RR together, by value. Seen on Kamailio 5.6.3.
func TestRecordInBranches(t *testing.T) {
	s := server(t)
	c := s.Request(invite)
	run(t, c, []step{{"add_rr_param", []string{";pre=1"}, 1}, {"record_route", []string{";req=1"}, 1}, {"add_rr_param", []string{";post=1"}, 1}})
	var frozen, edits sip.Edits
	frozen.CopyFrom(&c.Edits)
	state := c.RR
	for _, branch := range []string{"b", "c"} {
		edits.CopyFrom(&frozen)
		c.Edits, c.RR, c.Route = edits, state, check.BranchRoute
		run(t, c, []step{{"record_route", []string{";br=1"}, -1}, {"add_rr_param", []string{";bp=" + branch}, 1}})
		want := []string{rr("127.0.0.1:35060;lr;ftag=ft;req=1;pre=1;post=1;bp=" + branch)}
		if d := cmp.Diff(want, sent(c, s.first)); d != "" {
			t.Errorf("branch %s (-want +got):\n%s", branch, d)
		}
	}
}

func TestCustomUserAVP(t *testing.T) {
	defer func() { userAVP = "" }()
	for text, want := range map[string]string{"$avp(u)": "s:u", "$avp(s:u)": "s:u", "$avp(i:5)": "i:5"} {
		if err := setUserAVP(module.StrValue(text)); err != nil || userAVP != want {
			t.Errorf("%s: %q, %v", text, userAVP, err)
		}
	}
	for _, text := range []string{"", "u", "$avp()", "$avp(u", "$var(u)", "$avp($var(x))"} {
		if setUserAVP(module.StrValue(text)) == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
