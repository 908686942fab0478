package param

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFinish(t *testing.T) {
	type values map[ID]int
	cases := []struct {
		name     string
		set      values
		want     values
		warnings []Warning
	}{
		{"nothing set", nil, values{Children: 8, TCPChildren: 8, SCTPChildren: 8, Port: 5060, UseDNSCache: 1, TCPKeepalive: 1}, nil},
		{"children follow", values{Children: 3, SCTPChildren: 2}, values{Children: 3, TCPChildren: 3, SCTPChildren: 2}, nil},
		{"0 is the default", values{Children: 0, Port: 0, TLSPortNo: 0}, values{Children: 8, Port: 5060, TLSPortNo: 5061, TCPChildren: 8}, nil},
		{
			"negative times",
			values{TCPConnectionLifetime: -1, TCPConnectTimeout: -1, TCPSendTimeout: -1},
			values{TCPConnectionLifetime: 1 << 26, TCPConnectTimeout: 10, TCPSendTimeout: 10},
			nil,
		},
		{
			"0 is kept where it means something",
			values{TCPConnectionLifetime: 0, TCPSendTimeout: 0, ExitTimeout: 0},
			values{TCPConnectionLifetime: 0, TCPSendTimeout: 0, ExitTimeout: 0},
			nil,
		},
		{"branches", values{MaxBranches: 20}, values{MaxBranches: 12}, []Warning{
			{MaxBranches, "max_branches: taken for 12, the most there is room for"},
		}},
		{"too long", values{TCPConnectTimeout: 1 << 27}, values{TCPConnectTimeout: 1 << 26}, []Warning{
			{TCPConnectTimeout, "tcp_connect_timeout: 134217728 is outside -1..67108864"},
			{TCPConnectTimeout, "tcp_connect_timeout: taken for 67108864"},
		}},
		{"read buffer", values{TCPRdBufSize: 1}, values{TCPRdBufSize: 512}, []Warning{
			{TCPRdBufSize, "tcp_rd_buf_size: 1 is outside 512..16777216"}, {TCPRdBufSize, "tcp_rd_buf_size: taken for 512"},
		}},
		{"no cache", values{DNSCacheInit: 0, UseDNSCache: 1}, values{UseDNSCache: 0}, []Warning{
			{UseDNSCache, "use_dns_cache: ignored, because it needs dns_cache_init"},
		}},
		{"no cache, nobody asked", values{DNSCacheInit: 0}, values{UseDNSCache: 0}, nil},
		{
			"failover without cache",
			values{UseDNSCache: 0, UseDNSFailover: 1, DNSSRVLB: 1},
			values{UseDNSFailover: 0, DNSSRVLB: 0},
			[]Warning{
				{UseDNSFailover, "use_dns_failover: ignored, because it needs use_dns_cache"},
				{DNSSRVLB, "dns_srv_lb: ignored, because it needs use_dns_failover"},
			},
		},
		{"failover with all it needs", values{UseDNSFailover: 1, DNSSRVLB: 1}, values{UseDNSFailover: 1, DNSSRVLB: 1}, nil},
		{"no blacklist", values{DstBlacklistInit: 0, UseDstBlacklist: 1}, values{UseDstBlacklist: 0}, []Warning{
			{UseDstBlacklist, "use_dst_blacklist: ignored, because it needs dst_blacklist_init"},
		}},
		{"no tracking", values{SCTPAssocTracking: 0}, values{SCTPAssocReuse: 0}, nil},
		{"send retries", values{SCTPSendRetries: 12}, values{SCTPSendRetries: 9}, []Warning{
			{SCTPSendRetries, "sctp_send_retries: 12 is outside 0..9"}, {SCTPSendRetries, "sctp_send_retries: taken for 9"},
		}},
		{"keepalive is implied", values{TCPKeepalive: 0, TCPKeepidle: 30}, values{TCPKeepalive: 1}, nil},
		{"keepalive off", values{TCPKeepalive: 0}, values{TCPKeepalive: 0}, nil},
		{"blocking writes", values{TCPAsync: 0}, values{TCPConnectWait: 0}, nil},
		{"TLS without TCP", values{DisableTCP: 1, EnableTLS: 1}, values{EnableTLS: 0, DisableTLS: 1}, []Warning{
			{EnableTLS, "enable_tls: ignored, because it needs TCP and disable_tcp is on"},
		}},
		{"unknown policy", values{RTPolicy: 3}, values{RTPolicy: 0}, []Warning{
			{RTPolicy, "rt_policy: 3 is outside 0..2"}, {RTPolicy, "rt_policy: taken for 0, SCHED_OTHER"},
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := NewValues()
			for id := range count { // in a fixed order
				if n, ok := c.set[id]; ok {
					must(t, Set(v, Get(id), Num(n)))
				}
			}
			v.Finish()
			v.Finish() // and once more, which must change nothing
			for id, want := range c.want {
				if got := v.Int(id); got != want {
					t.Errorf("%s is %d, want %d", Get(id).Name, got, want)
				}
			}
			if diff := cmp.Diff(c.warnings, v.Warnings()); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}
