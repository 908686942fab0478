package robust

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"goser/scripts/interop/internal/peer"
	"goser/worker/module/moduletest"
)

// Bytes that are no SIP at all, many of them control characters that would do things to a terminal.
func TestGarbageDoesNotFillTheLog(t *testing.T) {
	t.Parallel()
	s, c, before := serve(t, answerAll, peer.Options{})
	rnd := random(t)
	n := amount()
	flood(t, s, c, n, func(i int) []byte { return garbage(rnd, i) })
	sameProcesses(t, s, before)
	if size := s.LogSize(); size >= 1<<20 {
		t.Errorf("%d garbage datagrams wrote %d bytes of log, want less than a megabyte", n, size)
	}
	for line := range strings.Lines(s.Log()) {
		line = strings.TrimSuffix(line, "\n")
		if i := strings.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r == '\uFFFD' }); i >= 0 {
			t.Fatalf("control characters reach the log: %q", line)
		}
	}
}

var nearly = []string{
	"OPTIONS sip:x SIP/2.0\r\n", "SIP/2.0 200 OK\r\n", "\x1b[2J\x1b]0;owned\x07 SIP/2.0\r\n", "INVITE \x00\x07 SIP/2.0\r\n",
	"OPTIONS sip:x SIP/2.0\r\nVia: \x1b[31m\r\n", "\r\n\r\n\x1b[2J SIP/2.0", "GET / HTTP/1.1\r\n\n",
}

func garbage(rnd *rand.Rand, i int) []byte {
	data := make([]byte, 1+rnd.IntN(300))
	for j := range data {
		data[j] = byte(rnd.Uint32())
	}
	if i%2 == 0 {
		data = append([]byte(nearly[rnd.IntN(len(nearly))]), data...)
	}
	return data
}

// A script that touches what it can, and answers half of what it gets.
const busy = head + `force_rport=yes
loadmodule "pv"
loadmodule "maxfwd"
loadmodule "textops"
loadmodule "siputils"
request_route {
	$var(a) = $fu + $tu + $ci + $(hdr(Via)[-1]) + $ua + $ct;
	$var(b) = $(fu{uri.user}) + $(hdr(Contact){nameaddr.uri}) + $(tu{s.substr,3,0});
	if (has_totag() || is_present_hf("Route")) $var(c) = $rb;
	if (search("x[0-9]+y") || is_uri("$ct")) remove_hf("Subject");
	append_hf("X-Seen: $si\r\n");
	subst_user('/^([a-z]+)/\1x/');
	if (is_method("OPTIONS|REGISTER") || !mf_process_maxfwd_header("10")) {
		sl_send_reply("200", "OK");
		exit;
	}
	$du = "sip:127.0.0.1:@SINK@";
	if (!forward()) sl_reply_error();
}
onreply_route {
	$var(a) = $rs + $rr + $tt;
}
`

// Messages that were right once: every field of them gets its share of damage.
func TestMutatedMessagesHurtNobody(t *testing.T) {
	t.Parallel()
	sink := peer.Dial(t, 9) // whatever is forwarded ends here, unread
	s, c, before := serve(t, peer.Expand(busy, map[string]string{"SINK": port(sink)}), peer.Options{})
	rnd := random(t)
	corpus := [][]byte{[]byte(invite), []byte(reply)}
	for _, row := range tortures(t) {
		corpus = append(corpus, row.raw)
	}
	n := amount()
	flood(t, s, c, n, func(int) []byte { return moduletest.Damage(rnd, corpus) })
	sameProcesses(t, s, before)
	if size := s.LogSize(); size >= 4<<20 {
		t.Errorf("%d mutated datagrams wrote %d bytes of log", n, size)
	}
	if files, _ := os.ReadDir("/var/spool/ser/quarantine"); len(files) > 0 {
		t.Logf("note: /var/spool/ser/quarantine holds %d files", len(files))
	}
}

const invite = "INVITE sip:bob@biloxi.example.com;transport=udp SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKnashds8;rport\r\nVia: SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bK1;received=192.0.2.1\r\n" +
	"Max-Forwards: 70\r\nRoute: <sip:127.0.0.1:9;lr>, <sip:192.0.2.9;lr>\r\nRecord-Route: <sip:192.0.2.8;lr>\r\n" +
	"To: \"Bob \\\" B\" <sip:bob@biloxi.example.com>\r\nFrom: Alice <sip:alice:pw@atlanta.example.com;x=y?h=v>;tag=1928301774\r\n" +
	"Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r\nCSeq: 314159 INVITE\r\nContact: <sip:alice@pc33.atlanta.example.com>;q=0.5\r\n" +
	"Subject: x12y\r\n folded\r\nProxy-Authorization: Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"sip:d\", response=\"e\"\r\n" +
	"Content-Type: application/sdp\r\nContent-Length: 24\r\n\r\nv=0\r\no=- 1 1 IN IP4 x\r\n\r\n"

const reply = "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.1:9;branch=z9hG4bK2;received=127.0.0.1;rport=9\r\nTo: <sip:b@b>;tag=1\r\nFrom: <sip:a@a>;tag=2\r\n" +
	"Call-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:b@b>\r\nContent-Length: 0\r\n\r\n"
