package wire

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

const okReply = `SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.1:5060;rport=5060;branch=z9hG4bKabc;received=192.0.2.1
Record-Route: <sip:p2.example.org;lr>, "a, b" <sip:p1.example.org:5070;lr;x=1>
record-route: <sip:p0.example.org;lr>
From: "A; tag=no" <sip:a@example.org;tag=inside>;tag=f1
To: <sip:b@example.org>;tag=t1
Call-ID: c1@example.org
CSeq: 4711 INVITE
Contact: "B, <x>" <sip:b@192.0.2.9:5080;ob>;expires=5
Content-Length: 0

`

func TestParseReply(t *testing.T) {
	var m Message
	if err := m.Parse(crlf(okReply)); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{
		"branch": string(m.Branch), "method": string(m.CSeqMethod), "callid": string(m.CallID),
		"totag": string(Param(m.To, "tag")), "fromtag": string(Param(m.From, "tag")),
		"contact": string(URIOf(m.Contact)), "hostport": string(HostPort(URIOf(m.Contact))),
		"routes": string(bytes.Join(m.RecordRoutes(), []byte("|"))), "hop": string(NextHop(&m)),
	}
	want := map[string]string{
		"branch": "z9hG4bKabc", "method": "INVITE", "callid": "c1@example.org", "totag": "t1", "fromtag": "f1",
		"contact": "sip:b@192.0.2.9:5080;ob", "hostport": "192.0.2.9:5080",
		"routes": `<sip:p2.example.org;lr>|"a, b" <sip:p1.example.org:5070;lr;x=1>|<sip:p0.example.org;lr>`,
		"hop":    "p0.example.org",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if m.Code != 200 || m.CSeq != 4711 || m.Vias != 1 {
		t.Fatalf("code %d cseq %d vias %d", m.Code, m.CSeq, m.Vias)
	}
}

// Compact names, folded lines, bare LF, and several Vias in one line: all legal (RFC 3261 §7.3).
func TestParseForms(t *testing.T) {
	var m Message
	err := m.Parse([]byte("SIP/2.0 180\nv: SIP/2.0/UDP a ;\r\n branch = z9hG4bK1 , SIP/2.0/UDP b;branch=2\r\nV:SIP/2.0/UDP c;branch=3\r\n" +
		"f: <sip:a@b>;TAG=1\r\nt: sip:x@y;tag=2\r\ni : 7\r\nCSeq: 1\r\n\t INVITE\r\n\r\nbody: not a header"))
	if err != nil {
		t.Fatal(err)
	}
	if string(m.Branch) != "z9hG4bK1" || m.Vias != 3 || string(m.CSeqMethod) != "INVITE" || string(m.CallID) != "7" {
		t.Fatalf("branch %q vias %d method %q callid %q", m.Branch, m.Vias, m.CSeqMethod, m.CallID)
	}
	if string(Param(m.From, "tag")) != "1" || string(URIOf(m.To)) != "sip:x@y" {
		t.Fatalf("from %q to %q", m.From, m.To)
	}
}

func TestParseRefuses(t *testing.T) {
	good := string(crlf(okReply))
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":         {"", ErrNoEnd},
		"cut":           {good[:len(good)-2], ErrNoEnd},
		"code 99":       {strings.Replace(good, "200", "099", 1), ErrStart},
		"code 2000":     {strings.Replace(good, "200", "2000", 1), ErrStart},
		"HTTP":          {strings.Replace(good, "SIP/2.0 200", "HTTP/1.1 200", 1), ErrStart},
		"no colon":      {strings.Replace(good, "Call-ID: c1@example.org", "Call-ID", 1), ErrHeader},
		"no Call-ID":    {strings.Replace(good, "Call-ID", "X-Call", 1), ErrMandatory},
		"no Via":        {strings.Replace(good, "\nVia", "\nX-Via", 1), ErrMandatory},
		"no branch":     {strings.Replace(good, "branch=", "brunch=", 1), ErrBranch},
		"CSeq word":     {strings.Replace(good, "4711 INVITE", "INVITE", 1), ErrCSeq},
		"CSeq glued":    {strings.Replace(good, "4711 INVITE", "4711INVITE", 1), ErrCSeq},
		"CSeq too big":  {strings.Replace(good, "4711 INVITE", "4294967296 INVITE", 1), ErrCSeq},
		"CSeq bare":     {strings.Replace(good, "4711 INVITE", "4711", 1), ErrCSeq},
		"33 Via values": {strings.Replace(good, "From:", strings.Repeat("Via: x\r\n", 32)+"From:", 1), ErrTooMany},
	} {
		var m Message
		if err := m.Parse([]byte(c.text)); err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

const request = `MESSAGE sip:u@192.0.2.9 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.5:5070;branch=z9hG4bKp;i=1
Via: SIP/2.0/UDP 192.0.2.1:5080;rport;branch=z9hG4bKabc
From: <sip:a@b>;tag=f
To: <sip:u@192.0.2.9>
Call-ID: c
CSeq: 2 MESSAGE
Record-Route: <sip:192.0.2.5:5070;lr>

`

func TestReply(t *testing.T) {
	var m Message
	source := netip.MustParseAddrPort("192.0.2.5:6000")
	if err := m.Parse(crlf(request)); err != nil {
		t.Fatal(err)
	}
	r := NewReply("200 OK", "Server: x\r\n", "hi", true)
	r.ToTag, r.Source = []byte("tt"), source
	want := `SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.5:5070;branch=z9hG4bKp;i=1
Via: SIP/2.0/UDP 192.0.2.1:5080;rport;branch=z9hG4bKabc
Record-Route: <sip:192.0.2.5:5070;lr>
From: <sip:a@b>;tag=f
To: <sip:u@192.0.2.9>;tag=tt
Call-ID: c
CSeq: 2 MESSAGE
Server: x
Content-Length: 2

hi`
	if diff := cmp.Diff(string(crlf(want)), string(r.Append(nil, &m))); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if got := m.ReplyAddress(source); got != netip.MustParseAddrPort("192.0.2.5:5070") {
		t.Fatalf("reply goes to %v", got)
	}
}

// RFC 3581 §4: an empty rport in the top Via is filled, and the reply goes to the source port.
func TestReplyRport(t *testing.T) {
	source := netip.MustParseAddrPort("192.0.2.5:6000")
	for top, want := range map[string]string{
		"SIP/2.0/UDP h:1;rport;branch=b":                 "SIP/2.0/UDP h:1;rport=6000;received=192.0.2.5;branch=b",
		"SIP/2.0/UDP h:1;branch=b;rport":                 "SIP/2.0/UDP h:1;branch=b;rport=6000;received=192.0.2.5",
		"SIP/2.0/UDP h:1;branch=b;rport=":                "SIP/2.0/UDP h:1;branch=b;rport=6000;received=192.0.2.5",
		"SIP/2.0/UDP h:1;branch=b;RPort , SIP/2.0/UDP x": "SIP/2.0/UDP h:1;branch=b;RPort=6000;received=192.0.2.5 , SIP/2.0/UDP x",
		"SIP/2.0/UDP h:1;branch=b, SIP/2.0/UDP x;rport":  "SIP/2.0/UDP h:1;branch=b, SIP/2.0/UDP x;rport",
	} {
		var m Message
		text := strings.Replace(request, "SIP/2.0/UDP 192.0.2.5:5070;branch=z9hG4bKp;i=1", top, 1)
		if err := m.Parse(crlf(text)); err != nil {
			t.Fatal(err)
		}
		r := NewReply("200 OK", "", "", false)
		r.Source = source
		got, _, _ := strings.Cut(string(r.Append(nil, &m)), "\r\nVia: SIP/2.0/UDP 192.0.2.1")
		if diff := cmp.Diff("SIP/2.0 200 OK\r\nVia: "+want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", top, diff)
		}
		wantPort := uint16(6000)
		if !strings.Contains(strings.ToLower(want), "rport=") {
			wantPort = 1
		}
		if p := m.ReplyAddress(source).Port(); p != wantPort {
			t.Errorf("%s: reply to port %d, want %d", top, p, wantPort)
		}
	}
}

func TestReplyAddressPorts(t *testing.T) {
	for sentBy, want := range map[string]uint16{
		"host": 5060, "host:5070": 5070, "host : 5070": 5060, "[::1]": 5060, "[::1]:99": 99, "h:0": 5060, "h:65536": 5060,
	} {
		m := Message{nVia: 1}
		m.viaLines[0] = []byte("SIP/2.0/UDP " + sentBy + ";branch=x")
		if got := m.ReplyAddress(netip.MustParseAddrPort("[::1]:7")).Port(); got != want {
			t.Errorf("%s: %d, want %d", sentBy, got, want)
		}
	}
}

func TestTemplate(t *testing.T) {
	tpl := NewTemplate("A {name} {id}-{user}\nLen: {len}\n\nb{user}b", map[string]string{"name": "x{id}"})
	id := ID{Slot: 0xabc, Serial: 0x123456789a}
	got := string(tpl.Append([]byte("pre:"), id, 1234567))
	want := "pre:A x000abc123456789a 000abc123456789a-234567\r\nLen: 8\r\n\r\nb234567b"
	if got != want || tpl.Len() != len(want)-4 {
		t.Fatalf("%q (%d)", got, tpl.Len())
	}
	if back, ok := ParseID([]byte("run000abc123456789a"), []byte("run")); !ok || back != id {
		t.Fatalf("read back %+v %v", back, ok)
	}
	for _, bad := range []string{"", "run", "run000abc123456789", "run000abc123456789ag", "ruN000abc123456789a", "run000abc12345678XX"} {
		if _, ok := ParseID([]byte(bad), []byte("run")); ok {
			t.Errorf("%q was taken for an id", bad)
		}
	}
	if got := string(AppendID(nil, id)); got != "000abc123456789a" {
		t.Fatalf("AppendID wrote %s", got)
	}
}

func within(t *testing.T, answer string) (string, error) {
	t.Helper()
	var m Message
	if err := m.Parse(crlf(answer)); err != nil {
		t.Fatal(err)
	}
	w := Within{Method: "BYE", CSeq: 2, Via: []byte("192.0.2.1:5060"), Branch: []byte("z9hG4bKr"), ID: ID{1, 2}, Fixed: "Max-Forwards: 70\r\n"}
	b, err := w.Append(nil, &m)
	return string(b), err
}

func TestWithinDialog(t *testing.T) {
	loose := `BYE sip:b@192.0.2.9:5080;ob SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKr0000010000000002
Route: <sip:p0.example.org;lr>
Route: "a, b" <sip:p1.example.org:5070;lr;x=1>
Route: <sip:p2.example.org;lr>
From: "A; tag=no" <sip:a@example.org;tag=inside>;tag=f1
To: <sip:b@example.org>;tag=t1
Call-ID: c1@example.org
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

`
	strict := strings.NewReplacer("BYE sip:b@192.0.2.9:5080;ob", "BYE sip:p0.example.org", "Route: <sip:p0.example.org;lr>\n", "",
		"From:", "Route: <sip:b@192.0.2.9:5080;ob>\nFrom:").Replace(loose)
	direct := loose[:strings.Index(loose, "Route:")] + loose[strings.Index(loose, "From:"):]
	plain := okReply[:strings.Index(okReply, "Record-Route")] + okReply[strings.Index(okReply, "From:"):]
	for name, c := range map[string]struct{ answer, want string }{
		"loose": {okReply, loose}, "strict": {strings.Replace(okReply, "<sip:p0.example.org;lr>", "<sip:p0.example.org>", 1), strict},
		"direct": {plain, direct},
	} {
		got, err := within(t, c.answer)
		if diff := cmp.Diff(string(crlf(c.want)), got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if _, err := within(t, strings.Replace(okReply, "Contact:", "X:", 1)); err != ErrDialog {
		t.Errorf("without Contact: %v", err)
	}
}

func TestAckOfFailure(t *testing.T) {
	invite := "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP x;branch=1\nMax-Forwards: 70\nFrom: <sip:a@b>;tag=f\nTo: <sip:b@h>\n" +
		"Call-ID: c\nCSeq: 7 INVITE\nContact: <sip:a@x>\nContent-Length: 3\n\nsdp"
	want := "ACK sip:b@h SIP/2.0\nVia: SIP/2.0/UDP x;branch=1\nMax-Forwards: 70\nFrom: <sip:a@b>;tag=f\nTo: <sip:b@h>;tag=9\n" +
		"Call-ID: c\nCSeq: 7 ACK\nContent-Length: 0\n\n"
	if diff := cmp.Diff(string(crlf(want)), string(AppendAck(nil, crlf(invite), []byte("<sip:b@h>;tag=9")))); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

func TestNoAllocation(t *testing.T) {
	reply, req := crlf(okReply), crlf(request)
	tpl := NewTemplate("A {id}{user}", nil)
	r := NewReply("200 OK", "", "", true)
	r.ToTag, r.Source = []byte("tt"), netip.MustParseAddrPort("192.0.2.5:6000")
	w := Within{Method: "BYE", CSeq: 2}
	buf := make([]byte, 4096)
	var m Message
	if n := testing.AllocsPerRun(100, func() {
		tpl.Append(buf[:0], ID{}, 1)
		if m.Parse(reply) != nil {
			t.Fatal("parse")
		}
		w.Append(buf[:0], &m)
		if m.Parse(req) != nil {
			t.Fatal("parse")
		}
		r.Append(buf[:0], &m)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func FuzzReply(f *testing.F) {
	f.Add(crlf(okReply))
	f.Add(crlf(request))
	f.Add([]byte("SIP/2.0 180\nv: a;branch=1,\nf:\nt:\ni:\nCSeq: 1 A\n\n"))
	f.Add([]byte("SIP/2.0 200 OK\r\nv: a;rport;branch=\"\\\r\nRecord-Route: <<>,,\"\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, back Message
		if m.Parse(b) != nil {
			return
		}
		if len(m.Branch) == 0 || m.Vias == 0 || len(m.CSeqMethod) == 0 || m.nVia > maxLines || len(m.RecordRoutes()) > maxLines {
			t.Fatalf("accepted without the fields it promises: %+v", m)
		}
		r := NewReply("200 OK", "", "", true)
		r.Source = netip.MustParseAddrPort("192.0.2.5:6000")
		out := r.Append(nil, &m)
		if err := back.Parse(out); err != nil {
			t.Fatalf("our own reply does not parse: %v\n%q", err, out)
		}
		if !bytes.Equal(m.Branch, back.Branch) || m.CSeq != back.CSeq || !bytes.Equal(m.CallID, back.CallID) || m.nVia != back.nVia {
			t.Fatalf("changed on the way:\n%q\n%q", b, out)
		}
		m.ReplyAddress(r.Source)
		NextHop(&m)
		AppendAck(nil, b, m.To)
		w := Within{Method: "BYE", CSeq: 2}
		w.Append(nil, &m)
	})
}
