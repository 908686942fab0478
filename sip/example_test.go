package sip_test

import (
	"fmt"
	"strings"

	"goser/sip"
)

// A request is parsed, checked, edited, forwarded and answered.
func Example() {
	raw := "MESSAGE sip:bob@example.com SIP/2.0\r\n" +
		"v: SIP/2.0/UDP alice.example.net;branch=z9hG4bK1;rport\r\n" +
		"f: <sip:alice@example.net>;tag=1\r\nt: <sip:bob@example.com>\r\ni: x\r\n" +
		"CSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\nl: 2\r\n\r\nhi"
	var m sip.Msg
	if err := m.Parse(raw); err != nil {
		fmt.Println(err)
		return
	}
	if bad := sip.Check(&m); bad != nil {
		fmt.Println(bad.Code, bad.Reason)
		return
	}
	top, _ := m.Via(0)
	fix := top.Fix("192.0.2.7", 5062, false)

	var e sip.Edits
	e.AppendHeader(&m, "P-Note: seen\r\n")
	out := sip.AppendForward(nil, &m, &e, &sip.Forward{
		RURI: "sip:bob@192.0.2.20",
		Via:  sip.OwnVia{Transport: "UDP", SentBy: "192.0.2.1", Branch: "z9hG4bK2"},
		Fix:  fix, Hops: sip.HopsDecrement,
	})
	fmt.Println(strings.ReplaceAll(string(out), "\r", ""))
	fmt.Println()
	out = sip.AppendReply(out[:0], &m, &sip.Reply{Code: 404, Reason: "Not Found", ToTag: "2", Fix: fix})
	fmt.Println(strings.ReplaceAll(string(out), "\r", ""))
	// Output:
	// MESSAGE sip:bob@192.0.2.20 SIP/2.0
	// Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2
	// v: SIP/2.0/UDP alice.example.net;branch=z9hG4bK1;rport=5062;received=192.0.2.7
	// f: <sip:alice@example.net>;tag=1
	// t: <sip:bob@example.com>
	// i: x
	// CSeq: 1 MESSAGE
	// Max-Forwards: 69
	// l: 2
	// P-Note: seen
	//
	// hi
	//
	// SIP/2.0 404 Not Found
	// Via: SIP/2.0/UDP alice.example.net;branch=z9hG4bK1;rport=5062;received=192.0.2.7
	// From: <sip:alice@example.net>;tag=1
	// To: <sip:bob@example.com>;tag=2
	// Call-ID: x
	// CSeq: 1 MESSAGE
	// Content-Length: 0
}
