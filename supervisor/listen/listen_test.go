package listen

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/check"
)

// lan is a small made-up machine.
var lan = Net{
	Interfaces: func() ([]Interface, error) {
		return []Interface{
			{"lo", true, addrs("127.0.0.1", "::1")},
			{"eth0", true, addrs("192.0.2.2", "192.0.2.3", "2001:db8::2")},
			{"eth1", false, addrs("198.51.100.1")},
			{"six", true, addrs("2001:db8::6")},
		}, nil
	},
	Lookup: func(h string) ([]netip.Addr, error) {
		switch h {
		case "proxy.example.org":
			return addrs("192.0.2.2", "192.0.2.3"), nil
		case "six.example.org":
			return addrs("2001:db8::2"), nil
		}
		return nil, errors.New("no such host")
	},
	Reverse: func(a netip.Addr) []string {
		switch a.String() {
		case "192.0.2.2":
			return []string{"proxy.example.org.", "pbx.example.org."}
		case "127.0.0.1":
			return []string{"localhost"}
		}
		return nil
	},
}

func addrs(list ...string) (as []netip.Addr) {
	for _, s := range list {
		as = append(as, netip.MustParseAddr(s))
	}
	return as
}

func statements(t *testing.T, list ...string) (out []Statement) {
	t.Helper()
	for _, s := range list {
		a, err := ParseOption(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Statement{Addr: a, Where: "ser.cfg:1:1"})
	}
	return out
}

func TestPrint(t *testing.T) {
	for _, c := range []struct {
		name         string
		listen, also string
		c            Config
		want         string
	}{
		{"address", "udp:127.0.0.1:5070", "", Config{}, "udp: 127.0.0.1:5070|A"},
		{"default port", "udp:127.0.0.1", "", Config{Port: 5090}, "udp: 127.0.0.1:5090|A"},
		{"port 0 is the default", "udp:127.0.0.1", "", Config{}, "udp: 127.0.0.1:5060|A"},
		{"IPv6", "udp:[2001:db8::2]:5061 udp:2001:db8::3", "", Config{}, "udp: [2001:db8::2]:5061|udp: [2001:db8::3]:5060|A"},
		{"host name", "udp:proxy.example.org", "", Config{}, "udp: proxy.example.org [192.0.2.2]:5060|A"},
		{"IPv6 only host", "udp:six.example.org", "", Config{}, "udp: six.example.org [2001:db8::2]:5060|A"},
		{"interface", "udp:eth0:5062", "", Config{}, "udp: 192.0.2.2:5062|udp: 192.0.2.3:5062|A"},
		{"interface that is down but named", "udp:eth1", "", Config{}, "udp: 198.51.100.1:5060|A"},
		{"no listen", "", "", Config{}, "udp: 127.0.0.1:5060|udp: 192.0.2.2:5060|udp: 192.0.2.3:5060|A"},
		{
			"no listen, with IPv6", "", "",
			Config{AutoBindIPv6: true},
			"udp: 127.0.0.1:5060|udp: [::1]:5060|udp: 192.0.2.2:5060|udp: 192.0.2.3:5060|udp: [2001:db8::2]:5060|udp: [2001:db8::6]:5060|A",
		},
		{"duplicates", "udp:192.0.2.2:5060 udp:proxy.example.org udp:192.0.2.2", "", Config{}, "udp: 192.0.2.2:5060|A|udp: proxy.example.org:5060"},
		{"list", "udp:(192.0.2.2, 192.0.2.3):5065", "", Config{}, "udp: 192.0.2.2:5065|udp: 192.0.2.3:5065|A"},
		{"name and advertised address", "udp:192.0.2.2:5065/example.org:5070", "", Config{}, "udp: 192.0.2.2:5065 advertise example.org:5070|A"},
		{"multicast", "udp:224.0.1.75", "", Config{}, "udp: 224.0.1.75:5060 mcast|A"},
		{"wildcard has no names", "udp:0.0.0.0", "", Config{AutoAliases: true}, "udp: 0.0.0.0:5060|A"},
		{
			"aliases, the newest first", "udp:127.0.0.1", "example.org udp:foo.org:5070",
			Config{},
			"udp: 127.0.0.1:5060|A|udp: foo.org:5070|*: example.org:*",
		},
		{
			"automatic aliases", "udp:192.0.2.2:5061", "example.org",
			Config{AutoAliases: true},
			"udp: 192.0.2.2:5061|A|udp: pbx.example.org:5061|udp: proxy.example.org:5061|*: example.org:*",
		},
		{
			"its own name is no alias", "udp:proxy.example.org", "",
			Config{AutoAliases: true},
			"udp: proxy.example.org [192.0.2.2]:5060|A|udp: pbx.example.org:5060",
		},
		{"fork=no", "udp:127.0.0.1 udp:192.0.2.2", "", Config{OneSocket: true}, "udp: 127.0.0.1:5060|A"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.c.Listen = statements(t, split(c.listen)...)
			c.c.Alias = statements(t, split(c.also)...)
			plan, err := Resolve(c.c, lan)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			plan.Print(&b)
			want := "Listening on \n"
			for line := range strings.SplitSeq(c.want, "|") {
				if line == "A" {
					want += "Aliases: \n"
				} else {
					want += "             " + line + "\n"
				}
			}
			if d := cmp.Diff(want+"\n", b.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

// split separates at blanks outside of parentheses.
func split(s string) []string {
	s = strings.ReplaceAll(s, ", ", ",")
	return strings.Fields(s)
}

func TestResolveRefuses(t *testing.T) {
	empty := Net{Interfaces: func() ([]Interface, error) { return nil, nil }, Lookup: lan.Lookup, Reverse: lan.Reverse}
	for _, c := range []struct {
		name, listen string
		net          Net
		want         []string
	}{
		{"TCP", "tcp:127.0.0.1", lan, []string{"ser.cfg:1:1", "tcp:127.0.0.1", "TCP is not available yet", "listen=udp:127.0.0.1"}},
		{"TLS", "tls:127.0.0.1", lan, []string{"TLS is not available yet"}},
		{"SCTP", "sctp:127.0.0.1", lan, []string{"SCTP is not available yet"}},
		{"unknown host", "udp:nowhere.example", lan, []string{"ser.cfg:1:1", `"nowhere.example"`, "no such host"}},
		{"interface without IPv4", "udp:six", lan, []string{"interface six has no IPv4 address"}},
		{"no interface at all", "", empty, []string{"nothing to listen on"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Resolve(Config{Listen: statements(t, split(c.listen)...)}, c.net)
			for _, w := range c.want {
				if err == nil || !strings.Contains(err.Error(), w) {
					t.Errorf("got %v, want %q in it", err, w)
				}
			}
		})
	}
}

func TestNoticeForNoProtocol(t *testing.T) {
	plan, err := Resolve(Config{Listen: statements(t, "127.0.0.1")}, lan)
	if err != nil || len(plan.Notices) != 1 || !strings.Contains(plan.Notices[0], "UDP only") {
		t.Errorf("%v, notices %q", err, plan.Notices)
	}
}

func TestParseOption(t *testing.T) {
	adv := &check.Addr{Host: "203.0.113.1", IP: netip.MustParseAddr("203.0.113.1"), Port: 5070}
	for s, want := range map[string]check.Addr{
		"localhost":                      {Host: "localhost"},
		"udp:localhost:5070":             {Proto: check.ProtoUDP, Host: "localhost", Port: 5070},
		"UDP:[::1]:5070":                 {Proto: check.ProtoUDP, Host: "::1", IP: netip.IPv6Loopback(), Port: 5070},
		"::1":                            {Host: "::1", IP: netip.IPv6Loopback()},
		"udp:::1":                        {Proto: check.ProtoUDP, Host: "::1", IP: netip.IPv6Loopback()},
		"*:eth0:*":                       {Host: "eth0"},
		"udp:127.0.0.1/203.0.113.1:5070": {Proto: check.ProtoUDP, Host: "127.0.0.1", IP: netip.MustParseAddr("127.0.0.1"), Advertise: adv},
		"(a, b):5065":                    {Host: "a", Hosts: []string{"a", "b"}, Port: 5065},
		"sctp:(10.0.0.1)":                {Proto: check.ProtoSCTP, Host: "10.0.0.1", Hosts: []string{"10.0.0.1"}},
	} {
		got, err := ParseOption(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if d := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
			t.Errorf("%s: %s", s, d)
		}
	}
	for _, s := range []string{"", "udp:", "udp::5060", "a b", "a:", "a:x", "a:70000", "a:-1", "(a", "(a,)", "()", "[::1]5060", "[::1]:x", "a/", "a/b:x", "a/tcp:b", "a\x00/ "} {
		if a, err := ParseOption(s); err == nil && s != "a\x00/ " {
			t.Errorf("%q is taken as %+v", s, a)
		}
	}
}

func FuzzParseOption(f *testing.F) {
	for _, s := range []string{"udp:127.0.0.1:5060", "(a, b):1/c:2", "[::1]", "tls:::1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseOption(s)
		if err == nil && (a.Host == "" || a.Port < 0 || a.Port > 65535) {
			t.Errorf("%q gives %+v", s, a)
		}
	})
}
