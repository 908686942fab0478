package sip

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

const optionsText = "OPTIONS sip:service@proxy.example.com SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-524287-1---7d3b6f5a;rport\r\n" +
	"Max-Forwards: 70\r\n" +
	"To: <sip:service@proxy.example.com>\r\n" +
	"From: \"Probe\" <sip:probe@192.0.2.10>;tag=5f2d8a1c\r\n" +
	"Call-ID: 88423NzQ1ZGU0YmQ3@192.0.2.10\r\n" +
	"CSeq: 4711 OPTIONS\r\n" +
	"Contact: <sip:probe@192.0.2.10:5060>\r\n" +
	"User-Agent: probe 1.0\r\n" +
	"Content-Length: 0\r\n\r\n"

const inviteText = "INVITE sip:bob@proxy.example.com;transport=udp SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.11;branch=z9hG4bK77ef4c2312983.1;i=1;rport\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK-524287-1---7d3b6f5a;received=192.0.2.10;rport=5062\r\n" +
	"Record-Route: <sip:192.0.2.11;lr;ftag=5f2d8a1c>\r\n" +
	"Route: <sip:proxy.example.com;lr>\r\n" +
	"Max-Forwards: 69\r\n" +
	"Contact: <sip:alice@192.0.2.10:5062;transport=udp>\r\n" +
	"To: \"Bob\" <sip:bob@proxy.example.com>\r\n" +
	"From: \"Alice\" <sip:alice@example.com>;tag=5f2d8a1c\r\n" +
	"Call-ID: 88423NzQ1ZGU0YmQ3NjE2ZDY5@192.0.2.10\r\n" +
	"CSeq: 1 INVITE\r\n" +
	"Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, INFO\r\n" +
	"Supported: replaces, norefersub, timer\r\n" +
	"User-Agent: Phone 3.2.1\r\n" +
	"Content-Type: application/sdp\r\n" +
	"Content-Length: 136\r\n\r\n" +
	"v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\n" +
	"t=0 0\r\nm=audio 49170 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n"

const replyText = "SIP/2.0 200 OK\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKcydzigwkX, SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1;rport=5060\r\n" +
	"From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>;tag=2\r\n" +
	"Call-ID: abc\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"

const registerText = "REGISTER sip:example.com SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK-524287-1---7d3b6f5a;rport\r\n" +
	"Max-Forwards: 70\r\n" +
	"Contact: \"Alice\" <sip:alice@192.0.2.10:5062;ob>;expires=3600;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"\r\n" +
	"To: \"Alice\" <sip:alice@example.com>\r\n" +
	"From: \"Alice\" <sip:alice@example.com>;tag=5f2d8a1c\r\n" +
	"Call-ID: 88423NzQ1ZGU0YmQ3NjE2ZDY5\r\n" +
	"CSeq: 2 REGISTER\r\n" +
	"Expires: 3600\r\n" +
	"Authorization: Digest username=\"alice\",realm=\"example.com\",nonce=\"4d2c8a1b9e\",uri=\"sip:example.com\",response=\"6629fae49393a05397450978507c4ef1\"\r\n" +
	"User-Agent: Phone 3.2.1\r\n" +
	"Supported: path, outbound\r\n" +
	"Content-Length: 0\r\n\r\n"

// handle does what every request costs: Parse, top Via, From, To and CSeq.
func handle(m *Msg, raw string) {
	if m.Parse(raw) != nil {
		panic("does not parse")
	}
	_, e1 := m.Via(0)
	_, e2 := m.From()
	_, e3 := m.To()
	_, e4 := m.CSeq()
	if e1 != nil || e2 != nil || e3 != nil || e4 != nil {
		panic("does not parse")
	}
}

// benchmarked are messages as they come, and some as they should not.
var benchmarked = []struct{ name, raw string }{
	{"options", optionsText},
	{"invite", inviteText},
	{"register", registerText},
	{"reply", replyText},
	{"refused", strings.Replace(optionsText, "4711 OPTIONS", "4711 INVITE", 1)},
	{"folds", shapes["folds"](900)},
	{"short headers", shapes["short headers"](900)},
	{"Vias", shapes["Vias in one line"](900)},
}

// BenchmarkParse finds the headers, BenchmarkCheck types those that a proxy needs as well.
func BenchmarkParse(b *testing.B) {
	for _, x := range benchmarked {
		b.Run(x.name, func(b *testing.B) { benchMessages(b, []string{x.raw}, false) })
	}
	b.Run("mixed", func(b *testing.B) { benchMessages(b, mixed(96), false) })
}

func BenchmarkCheck(b *testing.B) {
	for _, x := range benchmarked {
		b.Run(x.name, func(b *testing.B) { benchMessages(b, []string{x.raw}, true) })
	}
	b.Run("mixed", func(b *testing.B) { benchMessages(b, mixed(96), true) })
}

// benchMessages takes one after the other.
func benchMessages(b *testing.B, raws []string, check bool) {
	var m Msg
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i == len(raws) {
			i = 0
		}
		if m.Parse(raws[i]) == nil && check {
			Check(&m)
		}
	}
}

// mixed are requests and replies of many phones, no two alike: with one message over and over, the
// processor knows the way through the parser by heart.
func mixed(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	word := func(least, most int) string {
		s := make([]byte, least+r.IntN(most-least+1))
		for i := range s {
			s[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(36)]
		}
		return string(s)
	}
	host := func() string {
		return [...]string{word(3, 9) + ".example.com", fmt.Sprintf("192.0.2.%d", r.IntN(256)), fmt.Sprintf("198.51.100.7:%d", 1024+r.IntN(60000))}[r.IntN(3)]
	}
	raws := make([]string, n)
	for i := range raws {
		method := [...]string{"INVITE", "MESSAGE", "BYE", "REGISTER"}[r.IntN(4)]
		first := method + " sip:" + word(3, 12) + "@" + host() + " SIP/2.0"
		if r.IntN(2) == 0 {
			first = "SIP/2.0 200 OK"
		}
		lines := []string{
			"From: <sip:" + word(3, 12) + "@" + host() + ">;tag=" + word(6, 20), "To: <sip:" + word(3, 12) + "@" + host() + ">",
			"Call-ID: " + word(12, 40), fmt.Sprintf("CSeq: %d %s", r.IntN(70000), method), "Max-Forwards: 70", "Content-Length: 0",
			"Contact: <sip:" + word(3, 12) + "@" + host() + ";transport=udp>", "User-Agent: " + word(5, 30), "X-" + word(3, 9) + ": " + word(3, 40),
		}
		for range 1 + r.IntN(3) {
			lines = append(lines, "Via: SIP/2.0/UDP "+host()+";branch=z9hG4bK"+word(6, 30)+";rport")
		}
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		raws[i] = first + "\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
	}
	return raws
}

var testReply = Reply{
	Code: 200, Reason: "OK", ToTag: "b27e1a1d33761e85846fc98f5f3a7e58.d9c4",
	Fix: ViaFix{Received: "192.0.2.10", Rport: 5060}, ServerLine: "Server: goser",
}

func BenchmarkReply(b *testing.B) {
	var m Msg
	handle(&m, optionsText)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendReply(buf[:0], &m, &testReply)
	}
}

var testForward = Forward{
	RURI: "sip:bob@192.0.2.20:5070",
	Via:  OwnVia{Transport: "UDP", SentBy: "192.0.2.1", Branch: "z9hG4bKcydzigwkX"},
	Fix:  ViaFix{Received: "192.0.2.11", Rport: 5060},
	Hops: HopsDecrement, PopRoute: true,
}

func BenchmarkForward(b *testing.B) {
	var m Msg
	var e Edits
	handle(&m, inviteText)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		e.PrependHeader(&m, "Record-Route: <sip:192.0.2.1;lr>\r\n")
		buf = AppendForward(buf[:0], &m, &e, &testForward)
	}
}

func BenchmarkReplyForward(b *testing.B) {
	var m Msg
	if err := m.Parse(replyText); err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendReplyForward(buf[:0], &m, nil)
	}
}

func BenchmarkParseURI(b *testing.B) {
	var u URI
	b.ReportAllocs()
	for b.Loop() {
		if ParseURI("sip:alice:secret@example.com:5070;transport=udp;lr?subject=x", &u) != nil {
			b.Fatal("refused")
		}
	}
}

func TestNoAllocations(t *testing.T) {
	var m Msg
	var e Edits
	buf := make([]byte, 0, 8192)
	many := strings.Replace(inviteText, "Route: <", "Route: <sip:x;lr>,<sip:y;lr>\r\nRoute: <", 1)
	for name, f := range map[string]func(){
		"parse and check": func() {
			if m.Parse(many) != nil || Check(&m) != nil {
				t.Error("refused")
			}
			for it := m.Routes(); it.Next(); {
				var na NameAddr
				if it.Addr(&na) != nil || na.URI == "" {
					t.Error("bad route")
				}
			}
			if v, err := m.Vias(); err != nil || len(v) != 2 {
				t.Error("Vias")
			}
		},
		"refuse": func() {
			if m.Parse("INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\nTo: \"x\r\n\r\n") != nil {
				t.Error("Parse refused")
			}
			if Check(&m) == nil {
				t.Error("not refused")
			}
		},
		"reply": func() {
			handle(&m, optionsText)
			buf = AppendReply(buf[:0], &m, &testReply)
		},
		"forward": func() {
			handle(&m, inviteText)
			e.Reset()
			e.PrependHeader(&m, "A: 1\r\n")
			e.InsertAfterBytes(m.HeadersEnd(), []byte("B: 1\r\n"))
			e.PrependHeader(&m, "C: 1\r\n")
			buf = AppendForward(buf[:0], &m, &e, &testForward)
		},
		"reply forward": func() {
			if m.Parse(replyText) != nil || Check(&m) != nil {
				t.Error("refused")
			}
			buf = AppendReplyForward(buf[:0], &m, nil)
		},
	} {
		f()
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
