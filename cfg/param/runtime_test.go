package param

import (
	"errors"
	"testing"
)

// with is a server's values with some of them changed.
type with map[ID]int

func (w with) Int(id ID) int {
	if n, ok := w[id]; ok {
		return n
	}
	return NewValues().Int(id)
}

func TestCheckRT(t *testing.T) {
	cases := []struct {
		group, name string
		val         Value
		now, start  with
		want        int
		err         string
	}{
		{"core", "debug", Num(-3), nil, nil, -3, ""},
		{"core", "debug", Str("-3"), nil, nil, -3, ""}, // a string that is a number will do
		{"core", "debug", Bare("loud"), nil, nil, 0, `debug: number of 32 bits expected, got "loud"`},
		{"core", "log_facility", Str("LOG_LOCAL0"), nil, nil, 128, ""},
		{"core", "force_rport", Num(2), nil, nil, 0, `force_rport: number from 0 to 1 expected, got 2`},
		{"core", "force_rport", Bare("on"), nil, nil, 1, ""},
		{"core", "udp4_raw", Num(-2), nil, nil, 0, `udp4_raw: number from -1 to 1 expected, got -2`},
		{"core", "dns_cache_flags", Num(5), nil, nil, 0, `dns_cache_flags: number from 0 to 4 expected, got 5`},
		{"core", "dns_cache_negative_ttl", Num(1000000000), nil, nil, 1000000000, ""}, // no range: unchecked
		{"core", "dns_cache_mem", Num(500), nil, nil, 512000, ""},                     // stored in bytes
		{"core", "dns_cache_mem", Num(1 << 30), nil, nil, 1<<31 - 1, ""},
		{"core", "dns_reinit", Num(0), nil, nil, 0, `dns_reinit: number from 1 to 1 expected, got 0`},
		{"tcp", "send_timeout", Num(5), nil, nil, 80, ""}, // stored in ticks
		{"tcp", "send_timeout", Num(-1), nil, nil, 160, ""},
		{"tcp", "send_timeout", Num(-2), nil, nil, 0, `tcp_send_timeout: number from -1 to 67108864 expected, got -2`},
		{"tcp", "connection_lifetime", Num(-1), nil, nil, 1 << 30, ""},
		{"tcp", "connect_timeout", Num(-1), nil, nil, 10, ""},
		{"tcp", "max_connections", Num(2048), nil, nil, 2048, ""},
		{"tcp", "max_connections", Num(2049), nil, nil, 0, `tcp.max_connections: 2049 refused; the server started with 2048, the most it can have`},
		{"core", "use_dns_cache", Num(0), with{UseDNSFailover: 1}, nil, 0, `core.use_dns_cache: 0 refused; use_dns_failover needs it; switch that off first`},
		{"core", "use_dns_cache", Num(1), with{UseDNSCache: 0}, with{DNSCacheInit: 0}, 0, `core.use_dns_cache: 1 refused; the server started with dns_cache_init=no`},
		{"core", "use_dns_failover", Num(1), with{UseDNSCache: 0}, nil, 0, `core.use_dns_failover: 1 refused; it needs use_dns_cache; switch that on first`},
		{"core", "use_dns_failover", Num(1), nil, nil, 1, ""},
		{"core", "use_dst_blacklist", Num(1), nil, with{DstBlacklistInit: 0}, 0, `core.use_dst_blacklist: 1 refused; the server started with dst_blacklist_init=no`},
		{"core", "dns_try_ipv6", Num(1), nil, nil, 0, `core.dns_try_ipv6: 1 refused; the server listens on no IPv6 address`},
		{"sctp", "assoc_tracking", Num(0), nil, nil, 0, `sctp.assoc_tracking: 0 refused; assoc_reuse needs it; switch that off first`},
		{"sctp", "assoc_tracking", Num(0), with{SCTPAssocReuse: 0}, nil, 0, ""},
		{"sctp", "assoc_reuse", Num(1), with{SCTPAssocTracking: 0}, nil, 0, `sctp.assoc_reuse: 1 refused; it needs assoc_tracking; switch that on first`},
	}
	for _, c := range cases {
		got, err := CheckRT(LookupRT(c.group, c.name), c.val, Running{Now: c.now, Start: c.start})
		switch {
		case c.err != "" && (err == nil || err.Error() != c.err):
			t.Errorf("%s.%s = %v: error\n%v, want\n%s", c.group, c.name, c.val, err, c.err)
		case c.err == "" && (err != nil || got.Num != c.want):
			t.Errorf("%s.%s = %v: %d, %v; want %d", c.group, c.name, c.val, got.Num, err, c.want)
		}
	}
}

func TestWhatCannotBeSetAtRunTime(t *testing.T) {
	r := Running{Now: with{}, Start: with{}}
	if _, err := CheckRT(Get(Children), Num(1), r); !errors.Is(err, ErrNotRuntime) {
		t.Errorf("children: %v", err)
	}
	if _, err := CheckRT(Get(TCPAsync), Num(1), r); !errors.Is(err, ErrReadOnly) {
		t.Errorf("tcp.async: %v", err)
	}
	if Get(TCPAsync).RT.Settable() || Get(Children).RT.Settable() || !Get(Debug).RT.Settable() {
		t.Error("Settable disagrees")
	}
	r.IPv6Socket = true
	if v, err := CheckRT(Get(DNSTryIPv6), Num(1), r); err != nil || v.Num != 1 {
		t.Errorf("dns_try_ipv6 with an IPv6 socket: %v", err)
	}
}
