package sip

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var via1 = OwnVia{Transport: "UDP", SentBy: "192.0.2.1:5080", Branch: "z9hG4bKown", Params: ";rport"}

// lines writes | for CRLF.
func lines(s string) string { return strings.ReplaceAll(s, "|", "\r\n") }

func TestForward(t *testing.T) {
	const own = "Via: SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bKown;rport|"
	for _, c := range []struct {
		name, in string
		f        Forward
		edit     func(*Msg, *Edits)
		want     string
	}{
		{
			"as it is", "BYE sip:u@h sip/2.0|A: 1|Via: SIP/2.0/UDP a|l: 2||xy",
			Forward{},
			nil, "BYE sip:u@h SIP/2.0|A: 1|" + own + "Via: SIP/2.0/UDP a|l: 2||xy",
		},
		{
			"what follows Content-Length is cut", "||BYE sip:u@h SIP/2.0|Via: SIP/2.0/UDP a|l: 1||xy",
			Forward{},
			nil, "BYE sip:u@h SIP/2.0|" + own + "Via: SIP/2.0/UDP a|l: 1||x",
		},
		{
			"received and rport filled in", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a;rport;x , SIP/2.0/UDP b;rport||",
			Forward{Fix: ViaFix{"192.0.2.9", 5070}},
			nil, "BYE sip:h SIP/2.0|" + own + "Via: SIP/2.0/UDP a;rport=5070;x;received=192.0.2.9 , SIP/2.0/UDP b;rport||",
		},
		{
			"received and rport put right", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a;received=1.2.3.4; rport = 7;x||",
			Forward{Fix: ViaFix{"192.0.2.9", 5070}},
			nil, "BYE sip:h SIP/2.0|" + own + "Via: SIP/2.0/UDP a;received=192.0.2.9;rport=5070;x||",
		},
		{
			"received and rport forced", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a:5|A: 1||",
			Forward{Fix: ViaFix{"2001:db8::1", 5070}},
			nil, "BYE sip:h SIP/2.0|" + own + "Via: SIP/2.0/UDP a:5;received=2001:db8::1;rport=5070|A: 1||",
		},
		{
			"Max-Forwards less one", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a|Max-Forwards: 0010|A: 1||",
			Forward{Hops: HopsDecrement},
			nil, "BYE sip:h SIP/2.0|" + own + "Via: SIP/2.0/UDP a|Max-Forwards: 9|A: 1||",
		},
		{
			"Max-Forwards given", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a||",
			Forward{Hops: HopsDecrement},
			nil, "BYE sip:h SIP/2.0|" + own + "Max-Forwards: 70|Via: SIP/2.0/UDP a||",
		},
		{
			"Max-Forwards only given", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a|Max-Forwards: 5||",
			Forward{Hops: HopsAdd},
			nil, "BYE sip:h SIP/2.0|" + own + "Via: SIP/2.0/UDP a|Max-Forwards: 5||",
		},
		{
			"Max-Forwards 0 stays", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a|Max-Forwards: 0||",
			Forward{Hops: HopsDecrement},
			nil, "BYE sip:h SIP/2.0|" + own + "Via: SIP/2.0/UDP a|Max-Forwards: 0||",
		},
		{
			"first of several Routes", "BYE sip:h SIP/2.0|Route: <sip:a,b;lr>, <sip:c>|Via: SIP/2.0/UDP a|Route: <sip:d>||",
			Forward{PopRoute: true},
			nil, "BYE sip:h SIP/2.0|Route: <sip:c>|" + own + "Via: SIP/2.0/UDP a|Route: <sip:d>||",
		},
		{
			"only Route of its line", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a|Route: <sip:a>|Route: <sip:d>||",
			Forward{PopRoute: true},
			nil, "BYE sip:h SIP/2.0|" + own + "Via: SIP/2.0/UDP a|Route: <sip:d>||",
		},
		{
			"new Request-URI", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a||",
			Forward{RURI: "sip:new"},
			nil, "BYE sip:new SIP/2.0|" + own + "Via: SIP/2.0/UDP a||",
		},
		{
			"Request-URI cannot break the line", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a||",
			Forward{RURI: "sip:a SIP/2.0|X: y@h"},
			nil, "BYE sip:a%20SIP/2.0%0D%0AX:%20y@h SIP/2.0|" + own + "Via: SIP/2.0/UDP a||",
		},
		{
			"Content-Length for a stream", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a||xyz",
			Forward{ContentLength: true},
			nil, "BYE sip:h SIP/2.0|" + own + "Via: SIP/2.0/UDP a|Content-Length: 3||xyz",
		},
		{
			"inserted headers", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a;rport|A: 1|l: 0||",
			Forward{Fix: ViaFix{"b", 1}},
			func(m *Msg, e *Edits) {
				e.PrependHeader(m, "X: 1\r\n")
				e.PrependHeader(m, "X: 2\r\n")
				e.AppendHeader(m, "Y: 1\r\n")
			},
			"BYE sip:h SIP/2.0|X: 1|X: 2|" + own + "Via: SIP/2.0/UDP a;rport=1;received=b|A: 1|l: 0|Y: 1||",
		},
		{
			"what the script deleted stays deleted", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a;rport|Max-Forwards: 5|l: 1|Route: <sip:a>|A: 1||x",
			Forward{Fix: ViaFix{"b", 1}, Hops: HopsDecrement, PopRoute: true},
			func(m *Msg, e *Edits) { e.Delete(m.HeadersStart(), m.ByName("A").Start); e.SetBody("abc") },
			"BYE sip:h SIP/2.0|" + own + "A: 1||abc",
		},
		{
			"edits of the start line are not for here", "BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a||",
			Forward{},
			func(m *Msg, e *Edits) { e.InsertBefore(3, "ZZ"); e.Replace(0, 1, "ZZ") }, "BYE sip:h SIP/2.0|" + own + "Via: SIP/2.0/UDP a||",
		},
	} {
		m := parsed(t, lines(c.in))
		var e *Edits
		if c.edit != nil {
			e = new(Edits)
			c.edit(m, e)
		}
		c.f.Via, c.f.RURI = via1, lines(c.f.RURI)
		for range 2 { // several branches are built from the same edits
			if d := cmp.Diff(lines(c.want), string(AppendForward(nil, m, e, &c.f))); d != "" {
				t.Errorf("%s: %s", c.name, d)
			}
		}
		if e != nil && e.Len() == 0 {
			t.Errorf("%s: edits are gone", c.name)
		}
	}
}

func TestForwardMendsLineEnds(t *testing.T) {
	m := parsed(t, "BYE sip:h SIP/2.0\nVia: SIP/2.0/UDP a\nA: 1\n 2\r\nB: 3\n\nx\ny")
	want := lines("BYE sip:h SIP/2.0|Via: SIP/2.0/UDP s|Via: SIP/2.0/UDP a|A: 1| 2|B: 3||") + "x\ny"
	if got := string(AppendForward(nil, m, nil, &Forward{Via: OwnVia{Transport: "UDP", SentBy: "s"}})); got != want {
		t.Errorf("%q", got)
	}
	want = lines("SIP/2.0 200 OK|Via: SIP/2.0/UDP a;received=b|Content-Length: 0||")
	if got := string(AppendReply(nil, m, &Reply{Code: 200, Reason: "OK", Fix: ViaFix{Received: "b"}})); got != want {
		t.Errorf("%q", got)
	}
}

func TestReplyForward(t *testing.T) {
	for in, want := range map[string]string{
		"SIP/2.0 200 OK|A: 1|Via: SIP/2.0/UDP a|Via: SIP/2.0/UDP b|l: 1||x":           "SIP/2.0 200 OK|A: 1|Via: SIP/2.0/UDP b|l: 1||x",
		"SIP/2.0 200 OK|Via: SIP/2.0/UDP a;x=\",\" ,| SIP/2.0/UDP b ,SIP/2.0/UDP c||": "SIP/2.0 200 OK|Via: SIP/2.0/UDP b ,SIP/2.0/UDP c||",
		"sip/2.0 183 Ж 2|v: SIP/2.0/UDP a||":                                          "SIP/2.0 183 Ж 2||",
		"SIP/2.0 100|v: SIP/2.0/UDP a|A: 1||":                                         "SIP/2.0 100 |A: 1||",
		"SIP/2.0 200 OK|Via: SIP/2.0/UDP a|Via: SIP/2.0/UDP b|l: 1||xyz":              "SIP/2.0 200 OK|Via: SIP/2.0/UDP b|l: 1||x",
	} {
		if got := string(AppendReplyForward(nil, parsed(t, lines(in)), nil)); got != lines(want) {
			t.Errorf("%q: %q", in, got)
		}
	}
	m := parsed(t, lines("SIP/2.0 200 OK|Via: SIP/2.0/UDP a|Via: SIP/2.0/UDP b|l: 1||x"))
	var e Edits
	e.AppendHeader(m, "X: 1\r\n")
	e.SetBody("abc")
	if got := string(AppendReplyForward(nil, m, &e)); got != lines("SIP/2.0 200 OK|Via: SIP/2.0/UDP b|l: 3|X: 1||abc") {
		t.Errorf("%q", got)
	}
}
