package sanity

import (
	"strings"
	"testing"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

// run checks a message and returns code, status and reason of the answer.
func run(t testing.TB, raw string, nums ...int32) (int, string, string) {
	t.Helper()
	e := moduletest.New(t)
	a := new(module.Args)
	a.Init(make([]check.Arg, len(nums)), nil, nil)
	for i, n := range nums {
		a.Set(i, module.IntValue(n))
	}
	rc := sanityCheck(e.Request(raw), a)
	if len(e.Replies) == 0 {
		return rc, "", ""
	}
	return rc, e.Replies[0].Reason, e.Replies[0].Headers
}

// The answers are those of Kamailio 5.6.3, but for what the README names.
func TestChecks(t *testing.T) {
	with := func(line string) string { return strings.Replace(moduletest.Options, "From:", line+"\nFrom:", 1) }
	swap := func(from, to string) string { return strings.Replace(moduletest.Options, from, to, 1) }
	const full = `Digest username="a", realm="r", nonce="n", uri="sip:x", response="0000"`
	for _, tc := range []struct {
		raw    string
		nums   []int32
		reason string
	}{
		{moduletest.Options, nil, ""},
		{moduletest.Options, []int32{32767, 15}, ""},
		{swap("SIP/2.0\nVia", "SIP/3.0\nVia"), []int32{1}, "Version Not Supported (R-URI)"},
		{swap("OPTIONS sip:127.0.0.1:5060", "OPTIONS foo:bar"), []int32{2}, "Unsupported URI Scheme in Request URI"},
		{swap("OPTIONS sip:127.0.0.1:5060", "OPTIONS sip:"), []int32{2}, "Bad Request URI"},
		{swap("OPTIONS sip:127.0.0.1:5060", "OPTIONS tel:+1"), []int32{2}, ""},
		{swap("CSeq: 7 OPTIONS\n", ""), []int32{4}, "Bad Headers"},
		{swap("7 OPTIONS", "7 INVITE"), []int32{32}, "CSeq method does not match request method"},
		{swap("7 OPTIONS", "77777777777 OPTIONS"), []int32{64}, "CSeq number is illegal"},
		{swap("Content-Length: 0", "Content-Length: 9"), []int32{128}, "Content-Length mis-match"},
		{moduletest.Options + "more", []int32{128}, "Content-Length mis-match"},
		{with("Expires: junk"), nil, "Expires value is illegal"},
		{with("Expires: 99999999999"), nil, "Expires value is illegal"},
		{with("Expires: -1"), nil, "Expires value is illegal"},
		{with("Expires: 4294967295"), nil, ""},
		{with("Proxy-Require: foo, bar"), nil, "Bad Proxy Require Extension"},
		{with("Proxy-Require: foo"), []int32{17895}, ""},
		{swap("<sip:bob@example.com>", "<sip:b@>"), []int32{1024}, "Invalid To Header"},
		{swap("sip:alice@example.org", "foo:bar"), []int32{1024}, "Invalid From Header"},
		{swap("sip:alice@example.org", "foo:bar"), []int32{1024, 4}, ""},
		{with("Contact: <junk>"), []int32{1024, 15}, "Bad Contact URI"},
		{with("Contact: *"), []int32{1024, 15}, ""},
		{with(`Authorization: Digest username="", realm="r", nonce="n"`), nil, "Auth Empty User"},
		{with(`Authorization: Digest username="a", realm="r", nonce=""`), nil, "Auth Empty Nonce"},
		{with(`Authorization: Digest username="a", response=""`), nil, "Auth Empty Response"},
		{with(`Authorization: Digest username="a", realm="r", nonce="n", uri="sip:x"`), nil, "Bad Auth Credentials"},
		{with(`Authorization: Digest junk`), nil, "Bad Auth Header"},
		{with(`Authorization: Digest username="a`), nil, "Bad Auth Header"},
		{with(`Authorization: ` + full), nil, ""},
		{with(`Proxy-Authorization: ` + full + `, x`), nil, "Bad Auth Header"},
		{with(`Authorization: Basic abc`), nil, ""},
		{swap(";tag=a1", ";tag=a;tag=b"), []int32{4096}, "Many From Tag Params"},
		{swap("<sip:bob@example.com>", "<sip:bob@example.com>;tag=a;tag=b"), []int32{4096}, "Many To Tag Params"},
		{swap("SIP/2.0/UDP 192.0.2.1:5070", "SIP/2.0/UDP 192.0.2.1:x"), []int32{16384}, "Bad Via Header"},
	} {
		rc, reason, _ := run(t, tc.raw, tc.nums...)
		if reason != tc.reason || (rc == 1) != (tc.reason == "") || rc < 0 {
			t.Errorf("%v: %d %q, want %q, of\n%s", tc.nums, rc, reason, tc.reason, tc.raw)
		}
	}
	if _, _, h := run(t, with("Proxy-Require: foo, bar")); h != "Unsupported: foo\r\n" {
		t.Errorf("%q", h)
	}
	if rc, reason, _ := run(t, strings.ReplaceAll(with("Expires: junk"), "OPTIONS", "ACK")); rc != 0 || reason != "" {
		t.Errorf("an ACK: %d %q", rc, reason)
	}
	if rc, reason, _ := run(t, strings.Replace(moduletest.OK, "From:", "Expires: junk\nFrom:", 1)); rc != 0 || reason != "" {
		t.Errorf("a reply: %d %q", rc, reason)
	}
}

func TestParameters(t *testing.T) {
	_ = setSupported(module.StrValue(" foo , bar"))
	noreply, autodrop = 1, 0
	defer func() { supported, noreply, autodrop = nil, 0, 1 }()
	raw := strings.Replace(moduletest.Options, "From:", "Proxy-Require: BAR,nope\nFrom:", 1)
	e := moduletest.New(t)
	c, a := e.Request(raw), new(module.Args)
	if rc := sanityCheck(c, a); rc != -1 || len(e.Replies) != 0 {
		t.Errorf("%d, %+v", rc, e.Replies)
	}
	if rc := sanityReply(c, a); rc != 1 || e.Replies[0].Code != 420 || e.Replies[0].Headers != "Unsupported: nope\r\n" || len(c.ReplyHeaders) != 0 {
		t.Errorf("%d, %+v", rc, e.Replies)
	}
	c = e.Request(moduletest.Options)
	if rc := sanityReply(c, a); rc != 1 || e.Replies[1].Code != 500 {
		t.Errorf("%d, %+v", rc, e.Replies)
	}
}

func TestNoAllocation(t *testing.T) {
	e := moduletest.New(t)
	c, a := e.Request(strings.Replace(moduletest.Invite, "Length: 4", "Length: 5", 1)), new(module.Args)
	a.Init(make([]check.Arg, 2), nil, nil)
	a.Set(0, module.IntValue(32767))
	a.Set(1, module.IntValue(15))
	if rc := sanityCheck(c, a); rc != 1 {
		t.Fatalf("%d, %+v", rc, e.Replies)
	}
	if n := testing.AllocsPerRun(100, func() { sanityCheck(c, a) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzDigest(f *testing.F) {
	f.Add(`username="a\"b", nonce=x,`)
	f.Fuzz(func(t *testing.T, s string) { credentials("Digest " + s) })
}
