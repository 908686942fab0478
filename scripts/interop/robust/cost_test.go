package robust

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
	"goser/worker/module/moduletest"
)

// perDatagram is how much processor time of all workers one datagram may cost, whatever it is made of.
const perDatagram = 50 * time.Millisecond

// open lifts the limits that would refuse such datagrams before anything reads them.
const open = `max_header_bytes=65535
max_headers=4096
max_vias=1024
max_routes=1024
reject_invalid=no
`

func TestNoDatagramIsExpensive(t *testing.T) {
	t.Parallel()
	sink := peer.Dial(t, 9)
	config := peer.Expand(busy, map[string]string{"SINK": port(sink)})
	for name, config := range map[string]string{"default limits": config, "limits lifted": config + open} {
		t.Run(name, func(t *testing.T) {
			s, c, before := serve(t, config, peer.Options{})
			for _, what := range slices.Sorted(maps.Keys(large(1))) {
				measure(t, s, c, before, what, large(c.Port)[what])
			}
			sameProcesses(t, s, before)
		})
	}
}

func measure(t *testing.T, s *peer.Server, c *peer.Client, workers []int, what string, data []byte) {
	t.Helper()
	const times = 5
	start := peer.CPU(workers...)
	for range times {
		c.Send(data)
		mustAnswer(t, s, c)
	}
	cost := (peer.CPU(workers...) - start) / times
	t.Logf("%-24s %8v for %d bytes", what, cost.Round(10*time.Microsecond), len(data))
	if cost > perDatagram {
		t.Errorf("%s: a datagram of %d bytes costs %v of processor time, want at most %v", what, len(data), cost, perDatagram)
	}
}

// largest is what fits into a datagram over IPv4.
const largest = 65507

// large are datagrams as long as they can be, each of them full of one thing.
func large(sender int) map[string][]byte {
	head := fmt.Sprintf("INVITE sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK1\r\n"+
		"From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: large\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n", sender)
	reply := fmt.Sprintf("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:9\r\nVia: SIP/2.0/UDP 127.0.0.1:%d\r\n"+
		"From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>;tag=2\r\nCall-ID: large\r\nCSeq: 1 INVITE\r\n", sender)
	const end = "\r\n\r\n"
	all := map[string][]byte{
		"nothing but spaces": fill("OPTIONS ", " ", ""),
		"nothing but CRLF":   fill("", "\r\n", "x"),
		"a long method":      fill("", "M", " sip:a SIP/2.0\r\n\r\n"),
		"a long uri":         fill("OPTIONS sip:", "a", " SIP/2.0"+strings.TrimPrefix(head, "INVITE sip:b@example.com SIP/2.0")+"\r\n"),
		"a long body":        fill(head+"Content-Length: 60000\r\n\r\n", "body ", ""),
		"searched body":      fill(head+"\r\n", "x1", ""),
		"a reply's vias":     fill(reply, "Via: SIP/2.0/UDP 127.0.0.1\r\n", "\r\n"),
		"a reply's via line": fill(reply+"Via: SIP/2.0/UDP a", ",SIP/2.0/UDP a", end),
	}
	for name, f := range moduletest.Fillings {
		all[name] = fill(head+f[0], f[1], end)
	}
	return all
}

// fill repeats a piece until the datagram is as long as it can be.
func fill(head, piece, end string) []byte { return []byte(moduletest.Fill(head, piece, end, largest)) }
