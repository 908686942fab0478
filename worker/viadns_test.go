package worker

import (
	"context"
	"net"
	"strconv"
	"strings"
	"testing"

	"goser/worker/module"
)

// The system's own names: localhost stands in every hosts file.
func TestViaNames(t *testing.T) {
	names, _ := net.DefaultResolver.LookupAddr(context.Background(), "127.0.0.1")
	if len(names) == 0 {
		t.Fatal("127.0.0.1 has no name on this machine")
	}
	name := strings.TrimSuffix(names[0], ".")
	for _, c := range []struct {
		what, via string
		dns, rev  bool
		received  bool
	}{
		{"neither", "localhost", false, false, true},
		{"dns", "localhost", true, false, false},
		{"dns, another's name", "nosuch.invalid", true, false, true},
		{"rev_dns", name, false, true, false},
		{"rev_dns, another's name", "nosuch.invalid", false, true, true},
		{"an address is no name", "127.0.0.2", true, true, true},
		{"rport brings received along", "localhost;rport", true, false, true},
		{"what the sender wrote is corrected", "localhost;received=192.0.2.1", true, false, true},
	} {
		r := newRig(t, func(s *settings) { s.viaDNS, s.viaRevDNS = c.dns, c.rev })
		r.s.request = func(c *module.Ctx) { _ = r.w.Reply(c, 200, "OK") }
		host, params, _ := strings.Cut(c.via, ";")
		via := "SIP/2.0/UDP " + host + ":" + portOf(r.client) + ";branch=z9hG4bKa;" + params
		r.give(r.request("OPTIONS", "sip:a@b", strings.TrimSuffix(via, ";")))
		r.step()
		got := await(r.client, 1)
		if len(got) != 1 || strings.Contains(header(got[0], "Via"), "received=127.0.0.1") != c.received {
			t.Errorf("%s: received wanted %v: %q", c.what, c.received, got)
		}
	}
}

func portOf(c *net.UDPConn) string { return strconv.Itoa(int(addrOf(c).Port())) }
