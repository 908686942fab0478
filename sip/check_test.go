package sip

import (
	"strings"
	"testing"
)

const plain = "OPTIONS sip:u@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n" +
	"To: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"

const plainReply = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nVia: SIP/2.0/UDP 192.0.2.1;received=192.0.2.2\r\n" +
	"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n"

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		from, to string // what is replaced in plain
		code     int
		reason   string
	}{
		{"", "", 200, ""},
		{"SIP/2.0\r\n", "sip/2.0\r\n", 200, ""}, // RFC 3261 §7.1: without case
		{"SIP/2.0\r\n", "SIP/3.0\r\n", 505, "Version Not Supported"},
		{"sip:u@h", "sip:u@", 400, "Bad Request-URI"},
		{"sip:u@h", "u@h", 400, "Bad Request-URI"},
		{"sip:u@h", "<sip:u@h>", 400, "Bad Request-URI"},
		{"sip:u@h", "sip:u@h?a=b", 400, "Bad Request-URI"},
		{"sip:u@h", "tel:+1", 200, ""},
		{"sip:u@h", "http://h", 416, "Unsupported URI Scheme"},
		{"Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\n", "", 0, "Missing Via Header"},
		{"Via: SIP", "Via: ", 0, "Bad Via Header"},
		{"h;branch", "h;;branch", 400, "Bad Via Header"},
		{"From: <sip:a@b>;tag=1\r\n", "", 400, "Missing From Header"},
		{"To: <sip:c@d>\r\n", "", 400, "Missing To Header"},
		{"Call-ID: x\r\n", "", 400, "Missing Call-ID Header"},
		{"CSeq: 1 OPTIONS\r\n", "", 400, "Missing CSeq Header"},
		{"Max-Forwards: 70\r\n", "", 200, ""}, // RFC 3261 §16.3 step 3: RFC 2543 had none
		{"Content-Length: 0\r\n", "", 200, ""},
		{"To: <sip:c@d>\r\n", "To: <sip:c@d>\r\nt: <sip:e@d>\r\n", 400, "Multiple To Headers"},
		{"Call-ID: x\r\n", "Call-ID: x\r\ni: x\r\n", 400, "Multiple Call-ID Headers"},
		{"Content-Length: 0", "Content-Length: 0\r\nl: 0", 400, "Multiple Content-Length Headers"},
		{"Content-Length: 0", "Content-Length: 0\r\nl: 1", 400, "Multiple Content-Length Headers"},
		{"Content-Length: 0", "Content-Length: 1", 400, "Bad Content-Length Header"},
		{"Content-Length: 0", "Content-Length: 0, 0", 400, "Bad Content-Length Header"},
		{"Content-Length: 0", "Content-Length: 99999999999999999999", 400, "Bad Content-Length Header"},
		{"Max-Forwards: 70", "Max-Forwards: 256", 400, "Bad Max-Forwards Header"},
		{"Max-Forwards: 70", "Max-Forwards: -1", 400, "Bad Max-Forwards Header"},
		{"Max-Forwards: 70", "Max-Forwards:", 400, "Bad Max-Forwards Header"},
		{"Max-Forwards: 70", "Max-Forwards: 0", 200, ""},
		{"<sip:a@b>;tag=1", "<sip:a@b", 400, "Bad From Header"},
		{"<sip:a@b>;tag=1", "<sip:a@b>", 200, ""},
		{"<sip:a@b>;tag=1", "<>;tag=1", 400, "Bad From Header"},
		{"<sip:c@d>", "c@d", 400, "Bad To Header"},
		{"<sip:c@d>", "", 400, "Bad To Header"},
		{"<sip:c@d>", "urn:service:sos", 200, ""},
		{"1 OPTIONS", "1 INVITE", 400, "Bad CSeq Header"},
		{"1 OPTIONS", "1 options", 400, "Bad CSeq Header"},
		{"1 OPTIONS", "2147483648 OPTIONS", 400, "Bad CSeq Header"},
		{"Call-ID: x", "Call-ID: x y", 400, "Bad Call-ID Header"},
		{"Call-ID: x", "Call-ID:", 400, "Bad Call-ID Header"},
		{"Call-ID: x", "Call-ID: x\r\nnonsense", 400, "Bad Header"},
		{"Call-ID: x", "Call-ID: x\r\nA: b\rEvil: c", 400, "Bad Header"},
		{"Call-ID: x", "Call-ID: x\r\nProxy-Require: foo", 420, "Bad Extension"},
		{"Call-ID: x", "Call-ID: x\r\nContact: sip:a@b?c=d", 200, ""}, // no REGISTER: not ours to judge
	} {
		var m Msg
		raw := strings.Replace(plain, c.from, c.to, 1)
		code, reason := 200, ""
		if _, e := verdictOf(&m, raw); e != nil {
			code, reason = e.Code, e.Reason
			if e.Offset < 0 || e.Offset > len(raw) || e.Msg == "" {
				t.Errorf("%q: %#v", c.to, e)
			}
		}
		if code != c.code || reason != c.reason {
			t.Errorf("%q for %q: %d %s, want %d %s", c.to, c.from, code, reason, c.code, c.reason)
		}
	}
}

func TestCheckAckIsNeverAnswered(t *testing.T) {
	var m Msg
	raw := strings.ReplaceAll(plain, "OPTIONS", "ACK")
	if v, e := verdictOf(&m, raw); v != "accept" {
		t.Errorf("good ACK: %v", e)
	}
	if v, _ := verdictOf(&m, strings.Replace(raw, "1 ACK", "1 BYE", 1)); v != "drop" {
		t.Errorf("bad ACK: %s", v)
	}
	if v, e := verdictOf(&m, strings.Replace(raw, "Call-ID", "Proxy-Require: x\r\nCall-ID", 1)); v != "accept" { // RFC 3261 §8.2.2.3
		t.Errorf("ACK with Proxy-Require: %v", e)
	}
}

func TestCheckReply(t *testing.T) {
	for _, c := range []struct {
		from, to, verdict string
	}{
		{"", "", "accept"},
		{"SIP/2.0 200", "SIP/3.0 200", "drop"},
		{"Via: SIP/2.0/UDP h\r\n", "Via: x\r\n", "drop"},
		{"Call-ID: x\r\n", "", "drop"},
		{"CSeq: 1", "CSeq: 2147483648", "drop"},
		{"\r\n\r\n", "\r\nContent-Length: 5\r\n\r\n", "drop"},
		{"192.0.2.1;received=192.0.2.2", "192.0.2.1", "accept"},
		{"192.0.2.1;received=192.0.2.2", "255.255.255.255", "drop"},
		{"192.0.2.1;received=192.0.2.2", "0.0.0.0", "drop"},
		{"192.0.2.1;received=192.0.2.2", "239.1.2.3", "drop"},
		{"192.0.2.1;received=192.0.2.2", "[ff02::1]", "drop"},
		{"192.0.2.1;received=192.0.2.2", "[2001:db8::1]", "accept"},
		{"received=192.0.2.2", "received=224.0.0.1", "drop"},
		{"received=192.0.2.2", "received=ff0e::1", "drop"},
		{"received=192.0.2.2", "received=fe80::1", "accept"},
		{"192.0.2.1;received=192.0.2.2", "ffff.example.com", "accept"},
		{"received=192.0.2.2", ";", "drop"},
	} {
		var m Msg
		if v, e := verdictOf(&m, strings.Replace(plainReply, c.from, c.to, 1)); v != c.verdict {
			t.Errorf("%q for %q: %s (%v), want %s", c.to, c.from, v, e, c.verdict)
		}
	}
}

func TestPolicy(t *testing.T) {
	var m Msg
	raw := strings.Replace(plain, "sip:u@h", "im:u@h", 1)
	raw = strings.Replace(raw, "Call-ID", "Proxy-Require: path, Foo\r\nProxy-Require: bar\r\nCall-ID", 1)
	if err := m.Parse(raw); err != nil {
		t.Fatal(err)
	}
	p := Policy{AnyScheme: true, Extensions: []string{"path", "foo"}}
	if e := p.Check(&m); e == nil || e.Code != 420 || raw[e.Offset:e.Offset+3] != "bar" {
		t.Errorf("%v", e)
	}
	if got := string(p.AppendUnsupported(nil, &m)); got != "Unsupported: bar\r\n" {
		t.Errorf("%q", got)
	}
	if got := string(new(Policy).AppendUnsupported(nil, &m)); got != "Unsupported: path, Foo, bar\r\n" {
		t.Errorf("%q", got)
	}
	p = Policy{AnyScheme: true, AnyExtension: true}
	if m.Parse(raw) != nil || p.Check(&m) != nil {
		t.Error("refused although the script decides")
	}
}

func TestErrorText(t *testing.T) {
	var m Msg
	_, e := verdictOf(&m, strings.Replace(plain, "1 OPTIONS", "1 BYE", 1))
	if got, want := e.Error(), "sip: CSeq at offset 117: method differs from the request line's"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
