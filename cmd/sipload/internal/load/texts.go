package load

import (
	"fmt"
	"net/netip"
	"strings"

	"goser/cmd/sipload/internal/wire"
)

// The requests, as common phones write them: 400 to 900 bytes. {id} is the transaction's own number,
// {run} that of this run of the program.

const optionsText = `OPTIONS sip:{domain} SIP/2.0
Via: SIP/2.0/UDP {local};rport;branch=z9hG4bK{run}o{id}
Max-Forwards: 70
From: "Load generator" <sip:load@{local}>;tag={run}{id}
To: <sip:{domain}>
Call-ID: {run}-{id}
CSeq: 1 OPTIONS
Contact: <sip:load@{local}>
Accept: application/sdp
Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE
User-Agent: sipload
Content-Length: 0

`

const messageText = `MESSAGE sip:user{user}@{uas} SIP/2.0
Via: SIP/2.0/UDP {local};rport;branch=z9hG4bK{run}m{id}
Max-Forwards: 70
From: "Load generator" <sip:load@{local}>;tag={run}{id}
To: <sip:user{user}@{uas}>
Call-ID: {run}-{id}
CSeq: 1 MESSAGE
Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE
User-Agent: sipload
Content-Type: text/plain
Content-Length: {len}

{body}`

const registerText = `REGISTER sip:{domain} SIP/2.0
Via: SIP/2.0/UDP {local};rport;branch=z9hG4bK{run}r{id}
Max-Forwards: 70
From: <sip:user{user}@{domain}>;tag={run}{id}
To: <sip:user{user}@{domain}>
Call-ID: {run}-{id}
CSeq: 1 REGISTER
Contact: <sip:user{user}@{local}>;expires=3600
Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE
Supported: path
User-Agent: sipload
Content-Length: 0

`

const inviteText = `INVITE sip:user{user}@{uas} SIP/2.0
Via: SIP/2.0/UDP {local};rport;branch=z9hG4bK{run}i{id}
Max-Forwards: 70
From: "Load generator" <sip:load@{local}>;tag={run}{id}
To: <sip:user{user}@{uas}>
Call-ID: {run}-{id}
CSeq: 1 INVITE
Contact: <sip:load@{local}>
Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE
Supported: replaces
User-Agent: sipload
Content-Type: application/sdp
Content-Length: {len}

` + sdp

const sdp = `v=0
o=- 3890844526 3890844526 IN {family} {ip}
s=-
c=IN {family} {ip}
t=0 0
m=audio 49170 RTP/AVP 8 0 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=sendrecv
`

const inDialog = "Max-Forwards: 70\r\nUser-Agent: sipload\r\n"

// kinds says of each scenario what its first request is, and the letter that marks its branches. A
// call has more: 'a' for ACK, 'b' for BYE, 'n' for the second INVITE and 'c' for its ACK.
var kinds = map[Scenario]struct {
	method, text string
	mark         byte
}{
	Options:  {"OPTIONS", optionsText, 'o'},
	Message:  {"MESSAGE", messageText, 'm'},
	Register: {"REGISTER", registerText, 'r'},
	Call:     {"INVITE", inviteText, 'i'},
	Reinvite: {"INVITE", inviteText, 'i'},
	Fork:     {"INVITE", forkText, 'i'},
	Busy:     {"INVITE", inviteText, 'i'},
	Cancel:   {"INVITE", inviteText, 'i'},
	NoAnswer: {"INVITE", inviteText, 'i'},
}

const scenarios = "options, message, register, call, reinvite, fork, busy, cancel and noanswer"

// forkText tells the server where else the user is.
var forkText = strings.Replace(inviteText, "Supported:", "X-Fork: sip:user{user}@{uas2}\nSupported:", 1)

func family(a netip.Addr) string {
	if a.Is4() {
		return "IP4"
	}
	return "IP6"
}

// template makes the first request of a scenario as sent from one socket.
func (e *Engine) template(local netip.AddrPort) (*wire.Template, error) {
	vars := map[string]string{
		"run": e.run, "local": local.String(), "uas": e.uasHost, "uas2": e.secondHost(), "domain": e.domain,
		"body": text(e.cfg.Body), "family": family(local.Addr()), "ip": local.Addr().String(),
	}
	raw := kinds[e.cfg.Scenario].text
	t := wire.NewTemplate(raw, vars)
	if e.cfg.Size == 0 || t.Len() == e.cfg.Size {
		return t, nil
	}
	const name = "X-Filler: "
	n := e.cfg.Size - t.Len() - len(name) - len("\r\n")
	if n < 1 {
		return nil, fmt.Errorf("--size: the request has %d bytes and a header to fill it up; %d is too few", t.Len(), e.cfg.Size)
	}
	filled := strings.Replace(raw, "User-Agent:", name+strings.Repeat("x", n)+"\nUser-Agent:", 1)
	return wire.NewTemplate(filled, vars), nil
}

// text gives n bytes of prose.
func text(n int) string {
	const prose = "The quick brown fox jumps over the lazy dog while the rest of the world watches. "
	return strings.Repeat(prose, n/len(prose)+1)[:n]
}
