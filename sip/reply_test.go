package sip

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReply(t *testing.T) {
	const in = "INVITE sip:h SIP/2.0|t: <sip:c@d>|CSeq:  1 INVITE|Record-Route: <sip:r1>|v: SIP/2.0/UDP a;rport , SIP/2.0/UDP b|" +
		"Contact: <sip:x>|i: id|Record-Route: <sip:r2>|f: <sip:a@b>| ;tag=1|Via: SIP/2.0/UDP c|l: 2||xy"
	const vias = "Via: SIP/2.0/UDP a;rport , SIP/2.0/UDP b|Via: SIP/2.0/UDP c|"
	const ids = "From: <sip:a@b>| ;tag=1|To: <sip:c@d>|Call-ID: id|CSeq: 1 INVITE|"
	tagged := strings.Replace(ids, "<sip:c@d>", "<sip:c@d>;tag=new", 1)
	for _, c := range []struct {
		name string
		r    Reply
		want string
	}{
		{"100", Reply{Code: 100, Reason: "Trying"}, "SIP/2.0 100 Trying|" + vias + ids + "Content-Length: 0||"},
		{
			"tag, Via and Record-Route",
			Reply{Code: 180, Reason: "Ringing", ToTag: "new", Fix: ViaFix{"192.0.2.9", 5070}, RecordRoute: true},
			"SIP/2.0 180 Ringing|Via: SIP/2.0/UDP a;rport=5070;received=192.0.2.9 , SIP/2.0/UDP b|Via: SIP/2.0/UDP c|Record-Route: <sip:r1>|Record-Route: <sip:r2>|" + tagged + "Content-Length: 0||",
		},
		{
			"body",
			Reply{Code: 200, Reason: "OK", ContentType: "text/plain", Body: "hello", Headers: "Contact: <sip:me>\r\nA: 1", ServerLine: "Server: x"},
			"SIP/2.0 200 OK|" + vias + ids + "Contact: <sip:me>|A: 1|Server: x|Content-Type: text/plain|Content-Length: 5||hello",
		},
		{
			"no line of the caller's can end the headers",
			Reply{Code: 404, Reason: "No\r\nX: 1\r\n\r\n", Headers: "A: 1\r\n\r\nB: 2\n\rC: 3\r\n", ServerLine: "Server: x\r\n\r\n", ContentType: "a\r\nX: 2"},
			"SIP/2.0 404 No  X: 1    |" + vias + ids + "A: 1|B: 2| C: 3|Server: x|Content-Type: a  X: 2|Content-Length: 0||",
		},
	} {
		if d := cmp.Diff(lines(c.want), string(AppendReply(nil, parsed(t, lines(in)), &c.r))); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	for code, want := range map[int]bool{100: false, 101: true, 180: true, 200: true, 299: true, 300: false, 404: false} {
		if CopiesRecordRoute(code) != want {
			t.Errorf("CopiesRecordRoute(%d) = %v", code, !want)
		}
	}
}

func TestReplyKeepsTag(t *testing.T) {
	m := parsed(t, lines("BYE sip:h SIP/2.0|Via: SIP/2.0/UDP a|To: x <sip:c;tag=uri> ; tag = old||"))
	want := lines("SIP/2.0 200 OK|Via: SIP/2.0/UDP a|To: x <sip:c;tag=uri> ; tag = old|Content-Length: 0||")
	if got := string(AppendReply(nil, m, &Reply{Code: 200, Reason: "OK", ToTag: "new"})); got != want {
		t.Errorf("%q", got)
	}
}

// TestReplyToTorture answers all that RFC 4475 wants answered with what can be answered: a message
// that parses, with every Via that came.
func TestReplyToTorture(t *testing.T) {
	var m, back Msg
	for _, row := range readTorture(t) {
		_, e := verdictOf(&m, row.raw)
		if e == nil || e.Code == 0 {
			continue
		}
		out := string(AppendReply(nil, &m, &Reply{Code: e.Code, Reason: e.Reason, ToTag: "t"}))
		if err := back.Parse(out); err != nil || back.StatusCode != e.Code || back.Reason != e.Reason {
			t.Errorf("%s: %v\n%s", row.file, err, out)
		}
		if back.Count(HdrVia) != m.Count(HdrVia) || back.CallID() != m.CallID() || back.Count(HdrContentLength) != 1 || back.Body != "" {
			t.Errorf("%s:\n%s", row.file, out)
		}
	}
	raw, err := os.ReadFile("testdata/rfc4475/insuf.sip")
	if err != nil {
		t.Fatal(err)
	}
	verdictOf(&m, string(raw))
	want := lines("SIP/2.0 400 Missing From Header|Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf|CSeq: 193942 INVITE|Content-Length: 0||")
	if got := string(AppendReply(nil, &m, &Reply{Code: 400, Reason: m.err.Reason, ToTag: "t"})); got != want {
		t.Errorf("insuf: %q", got)
	}
}
