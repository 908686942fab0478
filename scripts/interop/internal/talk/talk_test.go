package talk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamesHideOnlyWhatTheServerMade(t *testing.T) {
	n := newNames()
	n.port(15060, "server")
	n.port(40001, "a")
	n.known([]byte("Via: SIP/2.0/UDP 127.0.0.1:40001;branch=z9hG4bKmine\r\nFrom: <sip:a>;tag=mine\r\n"))
	got := n.message("SIP/2.0 200 OK\r\n" +
		"Via: SIP/2.0/UDP 127.0.0.1:15060;rport=40001;branch=z9hG4bKxyz.1, SIP/2.0/UDP 127.0.0.1:40001;received=1.2.3.4;branch=z9hG4bKmine\r\n" +
		"From: <sip:a>;tag=mine\r\nTo: <sip:b>;tag=made1\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\nX: bare\nline\r\n")
	n.message("To: <sip:b>;tag=made1\r\n")
	got = append(got, n.message("To: <sip:b>;tag=made2\r\n")...)
	want := []string{
		"SIP/2.0 200 OK",
		"Via: SIP/2.0/UDP 127.0.0.1:<server>;branch=z9hG4bK<1>;rport=<a>, SIP/2.0/UDP 127.0.0.1:<a>;branch=z9hG4bKmine;received=1.2.3.4",
		"From: <sip:a>;tag=mine", "To: <sip:b>;tag=<tag1>", "Date: <date>", "X: bare<LF>line", "",
		"To: <sip:b>;tag=<tag2>", "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A branch that the server made and got back in an answer is still the server's.
func TestABranchThatComesBackStaysTheServers(t *testing.T) {
	n := newNames()
	n.message("Via: SIP/2.0/UDP h;branch=z9hG4bKmade\r\n")
	n.known([]byte("Via: SIP/2.0/UDP h;branch=z9hG4bKmade\r\nTo: <sip:b>;tag=uas\r\n"))
	want := []string{"Via: SIP/2.0/UDP h;branch=z9hG4bK<1>", ""}
	if diff := cmp.Diff(want, n.message("Via: SIP/2.0/UDP h;branch=z9hG4bKmade\r\n")); diff != "" {
		t.Error(diff)
	}
}

func TestAnswerIsWhatAUserAgentSends(t *testing.T) {
	request := "MESSAGE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP h1;\r\n branch=z9hG4bK1\r\nv: SIP/2.0/UDP h2\r\nMax-Forwards: 7\r\n" +
		"From: <sip:a>;tag=1\r\nt: <sip:b>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nSubject: no\r\nContent-Length: 2\r\n\r\nhi"
	want := "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h1; branch=z9hG4bK1\r\nv: SIP/2.0/UDP h2\r\nFrom: <sip:a>;tag=1\r\n" +
		"t: <sip:b>;tag=uas\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nX: y\r\nContent-Length: 0\r\n\r\n"
	if diff := cmp.Diff(want, answer(request, 200, "OK", "uas", "X: y\r\n")); diff != "" {
		t.Error(diff)
	}
}

func TestUnescape(t *testing.T) {
	if got, want := unescape(`a\r\n\t\0\\\x1b[`), "a\r\n\t\x00\\\x1b["; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAskIsWhatAUserAgentSends(t *testing.T) {
	got, err := ask([]string{"a", "ACK", "sip:x@h", "cseq=3", "totag=@totag@", "hops=9"}, "X: y\n\nhi\n")
	want := "ACK sip:x@h SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:@a@;branch=z9hG4bKc1.3\nMax-Forwards: 9\n" +
		"From: <sip:a@h.example>;tag=ft\nTo: <sip:b@h.example>;tag=@totag@\nCall-ID: c1@127.0.0.1\nCSeq: 3 ACK\n" +
		"Contact: <sip:a@127.0.0.1:@a@>\nX: y\nContent-Length: @CL@\n\nhi\n"
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	const ok = "-- cfg --\nroute{}\n-- send a --\nx\n"
	for text, want := range map[string]string{
		ok:                                  "comment",
		"doc\n-- cfg --\nx\n":               "at least one send",
		"doc\n" + ok + "-- sned a --\nx\n":  "unknown",
		"doc\n" + ok + "-- answer b x --\n": "invalid syntax",
		"doc\n" + ok + "-- ask a X sip:x y=z --\n":  "want id=",
		"doc\n" + ok + "-- differs n --\n":          "how ours differs",
		"doc\n" + ok + "-- differs n --\nus: x\n":   "want ours: RE",
		"doc\n" + ok + "-- differs n --\nours: (\n": "missing closing",
	} {
		if _, err := Parse("case", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}
