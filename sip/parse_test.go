package sip

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStartLines(t *testing.T) {
	const rest = "\r\nVia: SIP/2.0/UDP h\r\n\r\n"
	type result struct {
		Method, RURI, Version, Reason string
		Status, Code                  int
		Failed                        bool
	}
	for in, want := range map[string]result{
		"INVITE sip:a@b SIP/2.0":      {Method: "INVITE", RURI: "sip:a@b", Version: "SIP/2.0"},
		"\r\n\r\nBYE sip:b sip/2.0":   {Method: "BYE", RURI: "sip:b", Version: "sip/2.0"},
		"SIP/2.0 200 OK":              {Version: "SIP/2.0", Status: 200, Reason: "OK"},
		"SIP/2.0 180":                 {Version: "SIP/2.0", Status: 180},
		"SIP/2.0 100 ":                {Version: "SIP/2.0", Status: 100},
		"sip/2.0 603 No way":          {Version: "sip/2.0", Status: 603, Reason: "No way"},
		"INVITE  sip:a;b c  SIP/2.0 ": {Method: "INVITE", RURI: "sip:a;b c", Version: "SIP/2.0"},
		"INVITE sip:a":                {Method: "INVITE", RURI: "sip:a", Failed: true, Code: 400},
		"INVITE  SIP/2.0":             {Method: "INVITE", Version: "SIP/2.0", Failed: true, Code: 400},
		"INVITE SIP/2.0":              {Method: "INVITE", RURI: "SIP/2.0", Failed: true, Code: 400},
		"GET / HTTP/1.1":              {Method: "GET", Failed: true},
		"SIP/2.0 99 x":                {Failed: true},
		"SIP/2.0 1000 x":              {Failed: true},
		"SIP/2.0 0200 x":              {Failed: true},
		"SIP/2.0":                     {Failed: true},
		"IN\"VITE sip:a SIP/2.0":      {Failed: true},
		"hello":                       {Failed: true},
		"":                            {Failed: true},
		"INVITE sip:" + strings.Repeat("a", 5000) + " SIP/2.0": {Method: "INVITE", RURI: "sip:" + strings.Repeat("a", 5000), Version: "SIP/2.0", Failed: true, Code: 414},
	} {
		var m Msg
		err := m.Parse(in + rest)
		got := result{m.MethodName, m.RURI, m.Version, m.Reason, m.StatusCode, 0, err != nil}
		if err != nil {
			got.Code = err.(*ParseError).Code
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%.60q (-want +got):\n%s", in, d)
		}
		if m.IsRequest != (want.Method != "") {
			t.Errorf("%q: IsRequest %v", in, m.IsRequest)
		}
	}
}

func TestNoStartLine(t *testing.T) {
	for _, in := range []string{"", "\r\n", "\x00", "OPTIONS sip:a SIP/2.0", "a\rb sip:c SIP/2.0\r\n\r\n"} {
		var m Msg
		err, ok := m.Parse(in).(*ParseError)
		if !ok || err.Code != 0 {
			t.Errorf("%q: %v, want a drop", in, err)
		}
	}
	for in, want := range map[string]bool{"": true, "\r\n\r\n": true, "\x00\x00": true, "jaK": false, "\r\nx": false} {
		if IsKeepalive(in) != want {
			t.Errorf("IsKeepalive(%q) = %v", in, !want)
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, eol := range []string{"\r\n", "\n"} {
		raw := strings.ReplaceAll("OPTIONS sip:h SIP/2.0\nv: SIP/2.0/UDP a\nSubject:  a\n\t b \nX-1 : one\nsUBJECT:\nx-1:two\nVia: b\nno colon\n: no name\n\nbody", "\n", eol)
		var m Msg
		if err := m.Parse(raw); err != nil {
			t.Fatal(err)
		}
		var got []string
		at := m.HeadersStart()
		for i := range m.Headers {
			h := &m.Headers[i]
			got = append(got, fmt.Sprintf("%s|%s|%s", h.Type, h.Name, strings.ReplaceAll(h.Body, "\r", "")))
			if h.Start != at || raw[h.BodyStart:h.BodyEnd()] != h.Body || !strings.HasSuffix(raw[:h.End], eol) {
				t.Errorf("offsets of %+v", h)
			}
			at = h.End
		}
		want := []string{"Via|v|SIP/2.0/UDP a", "Subject|Subject|a\n\t b", "|X-1|one", "Subject|sUBJECT|", "|x-1|two", "Via|Via|b", "||no colon", "||: no name"}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if m.HeadersEnd() != at || m.Body != "body" || raw[m.BodyStart():] != "body" {
			t.Errorf("end %d, body %q", m.HeadersEnd(), m.Body)
		}
		if h := m.ByName("x-1"); h == nil || h.Body != "one" || m.NextByName(h).Body != "two" || m.NextByName(m.NextByName(h)) != nil {
			t.Error("ByName x-1")
		}
		if m.ByName("VIA") != m.First(HdrVia) || m.Count(HdrVia) != 2 || m.Last(HdrVia).Body != "b" || m.ByName("X-2") != nil || m.Count(HdrBad) != 2 {
			t.Error("Via")
		}
	}
}

func TestHeaderNames(t *testing.T) {
	for h := HdrVia; h < numHeaderTypes; h++ {
		name := h.String()
		if name == "" {
			t.Fatalf("type %d has no name", h)
		}
		for _, s := range []string{name, strings.ToUpper(name), strings.ToLower(name)} {
			if got := ParseHeaderType(s); got != h {
				t.Errorf("%s is %v", s, got)
			}
		}
		if got := ParseHeaderType(name + "x"); got != HdrOther {
			t.Errorf("%sx is %v", name, got)
		}
	}
	// The registered compact forms.
	for compact, name := range map[string]string{
		"a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type",
		"d": "Request-Disposition", "e": "Content-Encoding", "f": "From", "i": "Call-ID", "j": "Reject-Contact",
		"k": "Supported", "l": "Content-Length", "m": "Contact", "n": "Identity-Info", "o": "Event", "r": "Refer-To",
		"s": "Subject", "t": "To", "u": "Allow-Events", "v": "Via", "x": "Session-Expires", "y": "Identity",
	} {
		if ParseHeaderType(compact).String() != name || ParseHeaderType(strings.ToUpper(compact)).String() != name {
			t.Errorf("%s is %v, want %s", compact, ParseHeaderType(compact), name)
		}
	}
	for _, s := range []string{"", "g", "\xff", "-ia", "ViA ", "C%6Fntact"} {
		if got := ParseHeaderType(s); got != HdrOther {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func TestMethods(t *testing.T) {
	seen := map[Method]bool{}
	for i, name := range methodNames {
		if m := ParseMethod(name); m != 1<<i || m.String() != name || seen[m] {
			t.Errorf("%s is %v", name, m)
		}
		if ParseMethod(strings.ToLower(name)) != MethodOther {
			t.Errorf("%s without case", name)
		}
	}
	if MethodOther != 1<<len(methodNames) || MethodOther.String() != "OTHER" {
		t.Error("MethodOther")
	}
}

func TestTypedValues(t *testing.T) {
	var m Msg
	if err := m.Parse("REGISTER sip:h SIP/2.0\r\nCSeq: 2147483647\r\n REGISTER\r\ni: a@b\r\nMax-Forwards: 0068\r\nl: 00\r\n" +
		"From: <sip:a>;tag=x\r\nt: sip:b\r\nm: \"a,b\" <sip:1,2>;q=1 , sip:3\r\nContact:,\r\nContact: *\r\nProxy-Require: a , b\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	cseq, e1 := m.CSeq()
	hops, e2 := m.MaxForwards()
	length, e3 := m.ContentLength()
	from, e4 := m.From()
	to, e5 := m.To()
	if e1 != nil || e2 != nil || e3 != nil || e4 != nil || e5 != nil {
		t.Fatal(e1, e2, e3, e4, e5)
	}
	if *cseq != (CSeq{2147483647, "REGISTER", MethodRegister}) || hops != 68 || length != 0 || from.Tag != "x" || to.URI != "sip:b" || m.CallID() != "a@b" {
		t.Error(cseq, hops, length, from, to)
	}
	var got []string
	for it := m.Contacts(); it.Next(); {
		var na NameAddr
		if err := it.Addr(&na); err != nil || m.Raw[it.Start:it.End] != it.Text {
			t.Error(err)
		}
		got = append(got, na.URI)
	}
	if d := cmp.Diff([]string{"sip:1,2", "sip:3", "*"}, got); d != "" {
		t.Error(d)
	}
	for _, in := range []string{"", "1", "INVITE", "1INVITE", "2147483648 INVITE", "-1 INVITE", "1 IN VITE", "1 \"", "36893488147419103232 A"} {
		var c CSeq
		if ParseCSeq(in, &c) == nil {
			t.Errorf("CSeq %q is accepted", in)
		}
	}
}

func TestMissingValues(t *testing.T) {
	var m Msg
	handle(&m, optionsText) // what it cached must not shine through
	if err := m.Parse("OPTIONS sip:h SIP/2.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	_, e1 := m.Via(0)
	_, e2 := m.From()
	_, e3 := m.To()
	_, e4 := m.CSeq()
	_, e5 := m.MaxForwards()
	_, e6 := m.ContentLength()
	for i, err := range []error{e1, e2, e3, e4, e5, e6} {
		if err != ErrMissing {
			t.Errorf("%d: %v", i, err)
		}
	}
	if m.CallID() != "" || m.First(HdrVia) != nil || m.Last(HdrVia) != nil || len(m.vias) != 0 {
		t.Error("remains of the message before")
	}
}

func TestBodyEndsAtContentLength(t *testing.T) {
	for in, want := range map[string]string{"3": "abc", "0": "", "6": "abcdef", "7": "abcdef", "x": "abcdef"} {
		var m Msg
		if err := m.Parse("OPTIONS sip:h SIP/2.0\r\nContent-Length: " + in + "\r\n\r\nabcdef"); err != nil || m.Body != want {
			t.Errorf("%s: %q, %v", in, m.Body, err)
		}
	}
}

func TestLimits(t *testing.T) {
	head := "OPTIONS sip:u@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
	line := func(s string, n int) string { return strings.Repeat(s+"\r\n", n) }
	via := "Via: SIP/2.0/UDP h"
	for _, c := range []struct {
		name   string
		limits Limits
		raw    string
		code   int
	}{
		{"headers at the limit", Limits{}, head + line("A: 1", 251) + "\r\n", 200},
		{"one header more", Limits{}, head + line("A: 1", 252) + "\r\n", 513},
		{"bytes at the limit", Limits{}, head + "A: " + strings.Repeat("a", 16384-len(head)-5) + "\r\n\r\n", 200},
		{"one byte more", Limits{}, head + "A: " + strings.Repeat("a", 16384-len(head)-4) + "\r\n\r\n", 513},
		{"folds", Limits{}, head + "A: " + strings.Repeat("\r\n ", 20000) + "\r\n\r\n", 513},
		{"70 Vias", Limits{}, head + line(via, 69) + "\r\n", 200},
		{"71 Vias", Limits{}, head + line(via, 70) + "\r\n", 483},
		{"70 Vias in one line", Limits{}, head + via + strings.Repeat(",SIP/2.0/UDP h", 68) + "\r\n\r\n", 200},
		{"71 Vias in one line", Limits{}, head + via + strings.Repeat(",SIP/2.0/UDP h", 69) + "\r\n\r\n", 483},
		{"70 Routes", Limits{}, head + "Route: <sip:a,b>" + strings.Repeat(",<sip:a;lr>", 69) + "\r\n\r\n", 200},
		{"71 Routes", Limits{}, head + "Route: <sip:a,b>" + strings.Repeat(",<sip:a;lr>", 70) + "\r\n\r\n", 513},
		{"71 Record-Routes", Limits{}, head + line("Record-Route: <sip:a>", 71) + "\r\n", 513},
		{"71 Contacts", Limits{}, head + line("m: <sip:a>", 71) + "\r\n", 513},
		{"URI", Limits{MaxURI: 6}, head + "\r\n", 414},
		{"body", Limits{MaxBody: 2}, head + "\r\nabc", 413},
		{"other limits", Limits{MaxHeaders: 5, MaxVias: 1, MaxHeaderBytes: len(head)}, head + "\r\n", 200},
		{"own header limit", Limits{MaxHeaders: 4}, head + "\r\n", 513},
	} {
		m := Msg{Limits: c.limits}
		code := 200
		if _, e := verdictOf(&m, c.raw); e != nil {
			code = e.Code
		}
		if code != c.code {
			t.Errorf("%s: %d, want %d (%v)", c.name, code, c.code, &m.err)
		}
		reply := "SIP/2.0 200 Of same len" + c.raw[strings.Index(c.raw, "\r\n"):]
		if c.code == 483 { // with the Via that we put on top a reply is within the limit
			if _, e := verdictOf(&m, reply); e != nil {
				t.Errorf("%s: reply gets %v, want none", c.name, e)
			}
			reply = strings.Replace(reply, via, via+",SIP/2.0/UDP h", 1)
		}
		if _, e := verdictOf(&m, reply); c.code != 200 && c.code != 414 && (e == nil || e.Code != 0) {
			t.Errorf("%s: reply gets %v, want a drop", c.name, e)
		}
	}
}
