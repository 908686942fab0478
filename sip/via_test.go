package sip

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseVia(t *testing.T) {
	offsets := cmpopts.IgnoreFields(Via{}, "Start", "End", "SentByEnd", "ParamsEnd", "ReceivedAt", "RportAt", "BranchAt", "IAt", "cutEnd", "header")
	udp := func(v Via) Via { v.Protocol, v.Version, v.Transport = "SIP", "2.0", "UDP"; return v }
	for in, want := range map[string]Via{
		"SIP/2.0/UDP h":                          udp(Via{Host: "h"}),
		"SIP / 2.0\r\n /UDP  a.b : 5060 ; x":     udp(Via{Host: "a.b", Port: 5060, Params: "; x"}),
		"SIP/2.0/UDP [2001:db8::9:1]:5061;ttl=5": udp(Via{Host: "[2001:db8::9:1]", Port: 5061, Params: ";ttl=5", TTL: 5}),
		"SIP/2.0/UDP h;branch=z9hG4bK1;rport;received=192.0.2.1": udp(Via{
			Host: "h", Branch: "z9hG4bK1", HasRport: true,
			Received: "192.0.2.1", Params: ";branch=z9hG4bK1;rport;received=192.0.2.1",
		}),
		"SIP/2.0/UDP h;received=[::1];RPORT=99;maddr=224.0.0.1;i=1f;alias": udp(Via{
			Host: "h", Received: "::1", Rport: 99,
			HasRport: true, Maddr: "224.0.0.1", I: "1f", Alias: true, Params: ";received=[::1];RPORT=99;maddr=224.0.0.1;i=1f;alias",
		}),
		"SIP/2.0/UDP h;received=2001:db8::1": udp(Via{Host: "h", Received: "2001:db8::1", Params: ";received=2001:db8::1"}),
		`SIP/2.0/UDP h;a="x,;y" (c (d\)) e)`: udp(Via{Host: "h", Params: `;a="x,;y"`}),
		"SIP/2.0/UDP h(c)":                   udp(Via{Host: "h"}),
		"SIP/2.0/UDP h;a=b(c)":               udp(Via{Host: "h", Params: ";a=b"}),
		"X/1/UNKNOWN h;branch=a;branch=b":    {Protocol: "X", Version: "1", Transport: "UNKNOWN", Host: "h", Branch: "a", Params: ";branch=a;branch=b"},
	} {
		var v Via
		if err := ParseVia(in, &v); err != nil {
			t.Errorf("%q: %v", in, err)
		}
		if d := cmp.Diff(want, v, offsets, cmp.AllowUnexported(Via{})); d != "" {
			t.Errorf("%q (-want +got):\n%s", in, d)
		}
	}
}

func TestParseViaRefuses(t *testing.T) {
	for in, want := range map[string]error{
		"": errViaProtocol, "SIP": errViaProtocol, "SIP/2.0": errViaProtocol, "SIP//UDP h": errViaProtocol,
		"SIP/2.0/UDP": errViaSpace, "SIP/2.0/UDP ": errViaSpace, "SIP/2.0/UDP ;x": errHost, "SIP/2.0/UDP [::1": errHost,
		"SIP/2.0/UDP h:": errPort, "SIP/2.0/UDP h:0": errPort, "SIP/2.0/UDP h:70000": errPort,
		"SIP/2.0/UDP h;": errParamName, "SIP/2.0/UDP 192.0.2.15;;,;,,": errParamName, "SIP/2.0/UDP h;rport=x": errViaRport,
		"SIP/2.0/UDP h;ttl=256": errViaTTL, "SIP/2.0/UDP h (c": errViaComment, "SIP/2.0/UDP h x": errViaEnd,
		`SIP/2.0/UDP h;a="`: errParamQuote, "SIP/2.0/UDP h, SIP/2.0/UDP i": errViaEnd, "SIP/2.0/UDP ::1": errHost,
	} {
		var v Via
		if err := ParseVia(in, &v); err != want {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
	}
}

func viaMsg(lines ...string) string {
	return "OPTIONS sip:h SIP/2.0\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func TestViasOverSeveralHeaders(t *testing.T) {
	var m Msg
	if err := m.Parse(viaMsg("Via: SIP/2.0/UDP a;x=1 , SIP/2.0/UDP b", "A: 1", "v: SIP/2.0/UDP c,SIP/2.0/UDP d ,\r\n SIP/2.0/UDP e;r")); err != nil {
		t.Fatal(err)
	}
	if v, err := m.Via(3); err != nil || v.Host != "d" {
		t.Errorf("Via(3) = %v, %v", v.Host, err)
	}
	vias, err := m.Vias()
	var hosts string
	for _, v := range vias {
		hosts += v.Host
		if got := m.Raw[v.Start:v.End]; !strings.HasPrefix(got, "SIP/2.0/UDP "+v.Host) || strings.ContainsAny(got, ",\n") {
			t.Errorf("value %q", got)
		}
	}
	if hosts != "abcde" || err != nil {
		t.Errorf("%q, %v", hosts, err)
	}
	if _, err := m.Via(5); err != ErrMissing {
		t.Errorf("Via(5): %v", err)
	}
}

func TestViaBrokenLater(t *testing.T) {
	var m Msg
	if err := m.Parse(viaMsg("Via: SIP/2.0/UDP a", "Via: SIP/2.0/UDP b;;", "Via: SIP/2.0/UDP c")); err != nil {
		t.Fatal(err)
	}
	if v, err := m.Via(0); err != nil || v.Host != "a" {
		t.Errorf("Via(0) = %v, %v", v.Host, err)
	}
	if v, err := m.Via(1); err != errParamName || v.Host != "b" {
		t.Errorf("Via(1) = %v, %v", v.Host, err)
	}
	if v, err := m.Via(0); err != nil || v.Host != "a" {
		t.Errorf("Via(0) again = %v, %v", v.Host, err)
	}
	if _, err := m.Via(2); err != errParamName {
		t.Errorf("Via(2): %v", err)
	}
}

func TestViaFix(t *testing.T) {
	for in, want := range map[string]ViaFix{
		"SIP/2.0/UDP 192.0.2.1":                   {},
		"SIP/2.0/UDP example.com":                 {Received: "192.0.2.1"},
		"SIP/2.0/UDP 192.0.2.1;rport":             {Received: "192.0.2.1", Rport: 5070}, // RFC 3581 §4
		"SIP/2.0/UDP 192.0.2.1;rport=1":           {Received: "192.0.2.1", Rport: 5070},
		"SIP/2.0/UDP 192.0.2.1;received=10.0.0.1": {Received: "192.0.2.1"},
	} {
		var v Via
		if err := ParseVia(in, &v); err != nil {
			t.Fatal(err)
		}
		if got := v.Fix("192.0.2.1", 5070, false); got != want {
			t.Errorf("%s: %+v, want %+v", in, got, want)
		}
		if got := v.Fix("192.0.2.1", 5070, true); got != (ViaFix{"192.0.2.1", 5070}) {
			t.Errorf("%s forced: %+v", in, got)
		}
	}
	v := Via{Host: "[::1]"}
	if got := v.Fix("::1", 1, false); got != (ViaFix{}) {
		t.Errorf("IPv6: %+v", got)
	}
}
