package robust

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// chatty answers as much as a script can: twice, with everything the core adds, and then again.
const chatty = head + `sip_warning=yes
server_header="Server: a name that is longer than it has to be, to see what becomes of it"
loadmodule "textops"
request_route {
	append_to_reply("X-Long: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n");
	if (is_method("NOTIFY")) {
		set_reply_body("` + "0123456789012345678901234567890123456789012345678901234567890123456789" + `", "text/plain");
	}
	sl_send_reply("200", "OK");
	sl_send_reply("404", "Not Found, and this too");
	sl_reply_error();
}
`

// The sender's address may be forged and the Via lie about the port: whoever gets the answer must not
// get more of it than three times what was sent, and not more than one.
func TestNobodyIsFlooded(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{"chatty": chatty, "strict off": chatty + "reject_invalid=no\n"} {
		t.Run(name, func(t *testing.T) {
			s, c, before := serve(t, config, peer.Options{})
			victim := peer.Dial(t, s.Port)
			for what, data := range shapes(t, c.Port, victim.Port) {
				var got [][]byte
				// On a busy machine the answer to the request before may come now; a server that floods does so again.
				for try := 0; try == 0 || try < 3 && floods(got, data); try++ {
					victim.Drain(time.Duration(try) * 200 * time.Millisecond)
					mustAnswer(t, s, c)
					c.Send(data)
					got = append(upToProbe(t, s, c), victim.Drain(3*time.Millisecond)...)
				}
				if floods(got, data) {
					t.Errorf("%s: %d bytes were answered with %d datagrams of %d bytes\nrequest: %q\nanswers: %q",
						what, len(data), len(got), len(bytes.Join(got, nil)), data, got)
				}
			}
			sameProcesses(t, s, before)
		})
	}
}

// floods tells whether a request was answered with more than one datagram or three times its bytes.
func floods(answers [][]byte, request []byte) bool {
	return len(answers) > 1 || len(bytes.Join(answers, nil)) > 3*len(request)
}

// upToProbe is what a client gets before the answer to a probe that it sends now.
func upToProbe(t *testing.T, s *peer.Server, c *peer.Client) [][]byte {
	t.Helper()
	probe, id := c.Options()
	c.Send(probe)
	var got [][]byte
	_ = c.Conn.SetReadDeadline(time.Now().Add(3 * time.Second))
	buf := make([]byte, 65536)
	for {
		n, err := c.Conn.Read(buf)
		if err != nil {
			t.Fatalf("the server does not answer\n%s", tail(s.Log()))
		}
		if bytes.Contains(buf[:n], []byte(id)) {
			return got
		}
		if bytes.Contains(buf[:n], []byte("\r\nCall-ID: probe-")) {
			continue // the answer to a probe that was sent twice, on a busy machine
		}
		got = append(got, bytes.Clone(buf[:n]))
	}
}

// shapes are requests, from as small as they can be to as odd; the Via points at the victim.
func shapes(t *testing.T, sender, victim int) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	vias := map[string]string{
		"victim":   fmt.Sprintf("v:SIP/2.0/UDP h:%d", victim),
		"rport":    fmt.Sprintf("v:SIP/2.0/UDP h:%d;rport", victim),
		"received": fmt.Sprintf("v:SIP/2.0/UDP h:%d;received=127.0.0.1;rport=%d", sender, victim),
		"maddr":    fmt.Sprintf("v:SIP/2.0/UDP h:%d;maddr=127.0.0.1;branch=z9hG4bK1", victim),
		"short":    "v:SIP/2.0/UDP h",
	}
	for _, method := range []string{"OPTIONS", "INVITE", "ACK", "CANCEL", "NOTIFY", "X"} {
		for name, via := range vias {
			base := fmt.Sprintf("%s sip:a SIP/2.0\n%s\nf:<sip:a>;tag=1\nt:<sip:b>\ni:1\nCSeq:1 %s\n", method, via, method)
			all[method+" minimal "+name] = []byte(base + "\n")
			all[method+" crlf "+name] = []byte(strings.ReplaceAll(base+"Max-Forwards: 0\nl:0\n\n", "\n", "\r\n"))
			all[method+" no ids "+name] = fmt.Appendf(nil, "%s sip:a SIP/2.0\n%s\n\n", method, via)
			all[method+" wrong cseq "+name] = []byte(strings.Replace(base, "CSeq:1 "+method, "CSeq:1 Y", 1) + "\n")
			all[method+" scheme "+name] = []byte(strings.Replace(base, "sip:a ", "z:a ", 1) + "\n")
			all[method+" require "+name] = []byte(base + "Proxy-Require: a,b,c,d,e,f,g,h\n\n")
			all[method+" version "+name] = []byte(strings.Replace(base, "SIP/2.0\n", "SIP/3.0\n", 1) + "\n")
			all[method+" record-route "+name] = []byte(base + strings.Repeat("Record-Route:<sip:a;lr>\n", 8) + "\n")
			all[method+" vias "+name] = []byte(base + strings.Repeat("v:SIP/2.0/UDP h\n", 60) + "\n")
			all[method+" twice "+name] = []byte(base + base + "\n")
		}
	}
	for _, row := range tortures(t) {
		all[row.file] = row.raw
		all[row.file+" cut"] = row.raw[:len(row.raw)*2/3]
	}
	return all
}

// A reply whose Vias are all ours would be sent to ourselves once for each of them.
func TestReplyOfOurOwnViasIsNotSentRound(t *testing.T) {
	t.Parallel()
	config := head + `max_vias=1024
max_header_bytes=65535
max_headers=4096
loadmodule "xlog"
request_route { sl_send_reply("200", "OK"); }
onreply_route { xlog("round\n"); }
`
	for _, c := range []struct{ vias, rounds int }{{2, 2}, {8, 8}, {9, 1}, {70, 1}, {1000, 1}, {2000, 1}} {
		s, client, _ := serve(t, config, peer.Options{})
		own := fmt.Sprintf("Via: SIP/2.0/UDP 127.0.0.1:%d\r\n", s.Port)
		if c.vias == 2000 {
			own = fmt.Sprintf("v:SIP/2.0/UDP 127.0.0.1:%d\n", s.Port)
		}
		client.Send([]byte("SIP/2.0 200 OK\r\n" + strings.Repeat(own, c.vias) +
			"To: <sip:b@b>;tag=1\r\nFrom: <sip:a@a>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"))
		for range 12 {
			mustAnswer(t, s, client)
		}
		s.Stop()
		if got := strings.Count(s.Log(), "<script>: round"); got > c.rounds {
			t.Errorf("a reply with %d Vias of ours went round %d times, want at most %d", c.vias, got, c.rounds)
		}
	}
}
