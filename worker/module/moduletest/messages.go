package moduletest

// Options is a plain request to the first socket, Invite one to a user of
// another host, OK a reply that came back by us.
const (
	Options = `OPTIONS sip:127.0.0.1:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1
From: "Alice" <sip:alice@example.org>;tag=a1
To: <sip:bob@example.com>
Call-ID: c1@example.org
CSeq: 7 OPTIONS
Max-Forwards: 70
Content-Length: 0

`
	Invite = `INVITE sip:bob:secret@example.com:5080;transport=udp?Subject=x SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2;rport
From: "Alice" <sip:alice@example.org:5062>;tag=a1
To: "Bob" <sip:bob@example.com>;q=0.5
Call-ID: c2@example.org
CSeq: 8 INVITE
Contact: <sip:alice@192.0.2.1:5070>;q=0.7;expires=60
Max-Forwards: 70
User-Agent: test/1.0
Subject: first
Subject: second
Content-Type: application/sdp
Content-Length: 4

v=0
`
	OK = `SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-3
Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2
From: "Alice" <sip:alice@example.org>;tag=a1
To: <sip:bob@example.com>;tag=b1
Call-ID: c2@example.org
CSeq: 8 INVITE
Content-Length: 0

`
)
