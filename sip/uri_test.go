package sip

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseURI(t *testing.T) {
	for in, want := range map[string]URI{
		"sip:alice@example.com":   {Scheme: SchemeSIP, SchemeName: "sip", User: "alice", Host: "example.com"},
		"SIPS:example.com:5061":   {Scheme: SchemeSIPS, SchemeName: "SIPS", Host: "example.com", Port: 5061},
		"sip:a:pw@h;lr?X=1&Y=%20": {Scheme: SchemeSIP, SchemeName: "sip", User: "a", Password: "pw", Host: "h", Params: "lr", Headers: "X=1&Y=%20"},
		"sip:h?X=1":               {Scheme: SchemeSIP, SchemeName: "sip", Host: "h", Headers: "X=1"},
		"sip:u@[2001:db8::1]:9;transport=tcp": {
			Scheme: SchemeSIP, SchemeName: "sip", User: "u",
			Host: "[2001:db8::1]", Port: 9, Params: "transport=tcp",
		},
		"sip:user;par=u%40example.net@example.com": {
			Scheme: SchemeSIP, SchemeName: "sip",
			User: "user;par=u%40example.net", Host: "example.com",
		}, // RFC 4475 §3.1.1.9
		"sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com": { // §3.1.1.2
			Scheme: SchemeSIP, SchemeName: "sip", User: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
			Password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)", Host: "example.com",
		},
		"tel:+1-201-555-0123;ext=7":    {Scheme: SchemeTel, SchemeName: "tel", User: "+1-201-555-0123", Params: "ext=7"},
		"urn:service:sos.fire":         {Scheme: SchemeURN, SchemeName: "urn", User: "service", Host: "sos.fire", Opaque: "service:sos.fire"},
		"URN:x":                        {Scheme: SchemeURN, SchemeName: "URN", Host: "x", Opaque: "x"},
		"soap.beep://192.0.2.103:3002": {SchemeName: "soap.beep", Opaque: "//192.0.2.103:3002"},
	} {
		var u URI
		if err := ParseURI(in, &u); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if d := cmp.Diff(want, u); d != "" {
			t.Errorf("%s (-want +got):\n%s", in, d)
		}
		if got := string(u.Append(nil)); got != in {
			t.Errorf("%s: written back as %s", in, got)
		}
	}
}

func TestParseURIRefuses(t *testing.T) {
	for in, want := range map[string]error{
		"": errURIScheme, "alice@example.com": errURIScheme, ":x": errURIScheme, "1sip:x": errURIScheme,
		"sip:": errHost, "sip:@h": errURIUser, "sip::pw@h": errURIUser, "sip:a@": errHost,
		"sip:a b@h": errURIChar, "sip:h; lr": errURIChar, "<sip:h>": errURIChar, "sip:\x00@h": errURIChar,
		"sip:h:": errPort, "sip:h:0": errPort, "sip:h:65536": errPort, "sip:h:99999999999999999999": errPort,
		"sip:h:50a": errURIEnd, "sip:h/": errURIEnd, "sip:h&": errURIEnd,
		"sip:[::1": errHost, "sip:[]": errHost, "sip:[1.2.3.4]": errHost, "sip:[::g]": errHost, "sip:::1": errURIScheme,
		"urn:": errURNEmpty, "tel:": errURINumber, "tel:;x": errURINumber,
	} {
		var u URI
		if in == "sip:::1" {
			want = errHost // no brackets
		}
		if err := ParseURI(in, &u); err != want {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
	}
}

func TestIPv6(t *testing.T) {
	for in, want := range map[string]bool{
		"::": true, "::1": true, "1::": true, "2001:db8::9:1": true, "1:2:3:4:5:6:7:8": true,
		"::ffff:192.0.2.1": true, "1:2:3:4:5:6:192.0.2.1": true, "1::192.0.2.1": true, "1:2:3:4:5:6:7::": true,
		"": false, ":": false, "1:": false, ":1": false, "1:2:3:4:5:6:7": false, "1:2:3:4:5:6:7:8:9": false,
		"1::2::3": false, "12345::": false, "1:2:3:4:5:6:7:192.0.2.1": false, "192.0.2.1": false,
		"::192.0.2": false, "::192.0.2.256": false, "::192.0.2.1.": false, ":::": false, "fe80::1%eth0": false,
		"1:2:3:4:5:6:7:8::": false, "::1:": false,
	} {
		if isIPv6(in) != want {
			t.Errorf("isIPv6(%q) = %v", in, !want)
		}
	}
}

// The examples of RFC 3261 §19.1.4 and RFC 3966 §4, and what follows from their rules.
func TestURIEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true},
		{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true},
		{
			"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
			"sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true,
		},
		{
			"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
			"sip:alice@atlanta.com?priority=urgent&subject=project%20x", true,
		},
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
		{"sip:alice@h", "sips:alice@h", false},
		{"sip:a%40b@h", "sip:a%40b@H", true},
		{"sip:a%3bb@h", "sip:a;b@h", false},
		{"tel:+1-201-555-0123", "tel:+12015550123", true},
		{"tel:7042;phone-context=Example.com", "tel:7042;phone-context=example.COM", true},
		{"tel:7042;phone-context=example.com", "tel:7042", false},
		{"urn:a", "URN:a", true},
		{"urn:a", "urn:A", false},
	} {
		var a, b URI
		if e1, e2 := ParseURI(c.a, &a), ParseURI(c.b, &b); e1 != nil || e2 != nil {
			t.Fatal(e1, e2)
		}
		if a.Equal(&b) != c.want || b.Equal(&a) != c.want {
			t.Errorf("%s and %s: equal is not %v", c.a, c.b, c.want)
		}
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]struct {
		out string
		ok  bool
	}{
		"sips%3Auser%40example.com": {"sips:user@example.com", true}, "%00": {"\x00", true}, "a": {"a", true},
		"%": {"%", false}, "x%4": {"x%4", false}, "%41%Z%42": {"A%Z%42", false},
	} {
		if out, ok := AppendUnescaped(nil, in); string(out) != want.out || ok != want.ok {
			t.Errorf("%q: %q %v", in, out, ok)
		}
	}
}

func TestURIParams(t *testing.T) {
	var u URI
	if err := ParseURI("sip:[::1];LR;transport=TCP;x=?a=1&b", &u); err != nil {
		t.Fatal(err)
	}
	_, lr := u.Param("lr")
	x, hasX := u.Param("x")
	_, y := u.Param("y")
	b, hasB := u.Header("B")
	if !lr || !hasX || x != "" || y || u.Transport() != "TCP" || !u.IsIPv6() || b != "" || !hasB {
		t.Errorf("%+v", u)
	}
}
