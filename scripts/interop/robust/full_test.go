package robust

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

const fewTransactions = `children=2
listen=udp:127.0.0.1:@PORT@
log_stderror=yes
loadmodule "sl"
loadmodule "tm"
modparam("tm", "fr_timer", 2000)
modparam("tm", "wt_timer", 1000)
request_route { if (!t_relay()) { sl_reply_error(); } }
`

// TestFullMemory: more calls than the shared memory holds. Each is relayed or answered with 503, nobody dies,
// and when those that were relayed have ended the memory is free again.
func TestFullMemory(t *testing.T) {
	s, c, workers := serve(t, fewTransactions, peer.Options{Args: []string{"-m", "5"}}) // beside the memory for datagrams in flight
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	to := silent.LocalAddr().(*net.UDPAddr).Port
	const n = 2000
	trying, refused := 0, 0
	answers := func(quiet time.Duration) {
		for _, d := range c.Drain(quiet) {
			switch {
			case bytes.HasPrefix(d, []byte("SIP/2.0 100 ")):
				trying++
			case bytes.HasPrefix(d, []byte("SIP/2.0 503 ")):
				refused++
			}
		}
	}
	for i := range n {
		c.Send(manyInvite(c, to, i))
		// no more under way than the sockets hold
		for end := time.Now().Add(2 * time.Second); i%50 == 49 && trying+refused <= i && time.Now().Before(end); {
			answers(5 * time.Millisecond)
		}
	}
	answers(300 * time.Millisecond)
	if trying < 100 || refused < 100 || trying+refused < n {
		t.Errorf("of %d INVITEs %d were relayed and %d refused", n, trying, refused)
	}
	if held := s.Arena(t); held["refused"] == 0 {
		t.Errorf("no allocation was refused: %v", held)
	}
	noTransactions(t, s, 30*time.Second)
	c.Drain(100 * time.Millisecond)
	c.Send(manyInvite(c, to, n))
	if !c.Await("SIP/2.0 100 ", 2*time.Second) {
		t.Error("an INVITE is not relayed afterwards")
	}
	noTransactions(t, s, 30*time.Second)
	check(t, s)
	sameProcesses(t, s, workers)
}

func manyInvite(c *peer.Client, to, i int) []byte {
	return fmt.Appendf(nil, "INVITE sip:x@127.0.0.1:%[1]d SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%[2]d;branch=z9hG4bKmany%[3]d\r\n"+
		"Max-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=p%[3]d\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: many%[3]d-%[2]d\r\n"+
		"CSeq: 1 INVITE\r\nX-Filler: %[4]s\r\nContent-Length: 0\r\n\r\n", to, c.Port, i, strings.Repeat("x", 600))
}
