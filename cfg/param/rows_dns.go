package param

var dnsParams = inGroup(GroupDNS, []Param{
	{
		ID: DNS, Name: "dns", Type: Bool, Default: off, CLI: 'r', Sticky: true, Acts: true, Meanwhile: []int{0},
		Help: "Resolves the host of the topmost Via of every request and leaves received out if one of its " +
			"addresses is the source. RFC 3261 §18.2.1 wants received whenever the Via holds a name, so this is " +
			"not recommended. Once on, a later no changes nothing.",
	},
	{
		ID: DNSCacheDelNonexp, Name: "dns_cache_del_nonexp", Aliases: []string{"dns_cache_delete_nonexpired"},
		Type:    Bool,
		Default: off, RT: runtime("core", "dns_cache_del_nonexp", 0, 1), Acts: false,
		Help: "When the cache is full, lets a new record push out the least recently used one even if that is " +
			"still valid. No refuses to cache the new one.",
	},
	{
		ID: DNSCacheFlags, Name: "dns_cache_flags", Type: Flags, Min: 0, Max: 7, Default: Num(0), Choices: dnsFlags,
		RT: runtime("core", "dns_cache_flags", 0, 4), Acts: false,
		Help: "Which address families are asked for. The first cancels the two others; with dns_try_ipv6 off it " +
			"always holds. Without any, IPv4 addresses come first.",
	},
	{
		ID: DNSCacheGCInterval, Name: "dns_cache_gc_interval", Type: Int, Unit: Seconds, Default: Num(120),
		Acts: false,
		Help: "How often expired records are removed from the cache; 0 means never.",
	},
	{
		ID: DNSCacheInit, Name: "dns_cache_init", Type: Bool, Default: on, Acts: false,
		Help: "No makes no cache at all, which saves its memory; use_dns_cache is then off and cannot be turned " +
			"on at run time.",
	},
	{
		ID: DNSCacheMaxTTL, Name: "dns_cache_max_ttl", Type: Int, Unit: Seconds, Default: Num(maxInt),
		DefaultText: "no limit",
		RT:          runtime("core", "dns_cache_max_ttl", 0, 0), Acts: false,
		Help: "The longest a record stays in the cache, whatever lifetime it came with.",
	},
	{
		ID: DNSCacheMem, Name: "dns_cache_mem", Type: Int, Unit: KB, Default: Num(500),
		RT: scaled(runtime("core", "dns_cache_mem", 0, 0), bytesPerKB), Acts: false,
		Help: "The most memory the cache may use. At run time it is set in KB and read back in bytes.",
	},
	{
		ID: DNSCacheMinTTL, Name: "dns_cache_min_ttl", Type: Int, Unit: Seconds, Default: Num(0),
		RT: runtime("core", "dns_cache_min_ttl", 0, 0), Acts: false,
		Help: "The shortest a record stays in the cache, whatever lifetime it came with.",
	},
	{
		ID: DNSCacheNegativeTTL, Name: "dns_cache_negative_ttl", Type: Int, Unit: Seconds, Default: Num(60),
		RT: runtime("core", "dns_cache_negative_ttl", 0, 0), Acts: false,
		Help: "How long it is remembered that a name does not exist; 0 does not remember it.",
	},
	{
		ID: DNSCacheRecPref, Name: "dns_cache_rec_pref", Type: Int, Default: Num(0), Since: "3.1",
		Choices: recordPreference, RT: runtime("core", "dns_cache_rec_pref", 0, 3), Acts: false,
		Help: "What happens when an answer brings along a record that is in the cache already.",
	},
	{
		ID: DNSNAPTRIgnoreRFC, Name: "dns_naptr_ignore_rfc", Type: Bool, Default: on,
		RT: runtime("core", "dns_naptr_ignore_rfc", 0, 1), Acts: false,
		Help: "Lets the server's own preferences of transports, dns_udp_pref and its like, decide before the order of the " +
			"domain's NAPTR records.",
	},
	{
		ID: DNSReinit, Name: "dns_reinit", Type: Int, RTOnly: true, Default: Num(0),
		RT: runtime("core", "dns_reinit", 1, 1), Acts: false,
		Help: "Set to 1, makes every process read /etc/resolv.conf again.",
	},
	{
		ID: DNSRetrNo, Name: "dns_retr_no", Type: Int, Default: Num(-1), DefaultText: "system's",
		RT: runtime("core", "dns_retr_no", 0, 0), Acts: false,
		Help: "How often a question to a name server is repeated before giving up; 0 leaves it to " +
			"/etc/resolv.conf.",
	},
	{
		ID: DNSRetrTime, Name: "dns_retr_time", Type: Int, Unit: Seconds, Default: Num(-1),
		DefaultText: "system's (5)",
		RT:          runtime("core", "dns_retr_time", 0, 0), Acts: false,
		Help: "How long to wait before a question to a name server is repeated; 0 leaves it to /etc/resolv.conf.",
	},
	{
		ID: DNSSCTPPref, Name: "dns_sctp_pref", Aliases: []string{"dns_sctp_preference"}, Type: IntSigned,
		Default: Num(20),
		RT:      runtime("core", "dns_sctp_pref", 0, 0), Acts: false, Help: preferenceHelp("SCTP"),
	},
	{
		ID: DNSSearchFullMatch, Name: "dns_search_full_match", Type: Bool, Default: on,
		RT: runtime("core", "dns_search_full_match", 0, 1), Acts: false,
		Help: "Ignores an answer for another name than the one asked for unless what was added to it is exactly a " +
			"domain of the search list. A little slower and safer.",
	},
	{
		ID: DNSServersNo, Name: "dns_servers_no", Type: Int, Default: Num(-1), DefaultText: "all",
		RT: runtime("core", "dns_servers_no", 0, 0), Acts: false,
		Help: "How many of the name servers of /etc/resolv.conf are used, from the first on.",
	},
	{
		ID: DNSSRVLB, Name: "dns_srv_lb", Aliases: []string{"dns_srv_loadbalancing"}, Type: Bool, Default: off,
		RT: runtime("core", "dns_srv_lb", 0, 1), Acts: false,
		Help: "Chooses between SRV records of equal priority by their weights, as RFC 2782 describes. Needs " +
			"use_dns_failover; without it the server warns and ignores this.",
	},
	{
		ID: DNSTCPPref, Name: "dns_tcp_pref", Aliases: []string{"dns_tcp_preference"}, Type: IntSigned,
		Default: Num(20),
		RT:      runtime("core", "dns_tcp_pref", 0, 0), Acts: false, Help: preferenceHelp("TCP"),
	},
	{
		ID: DNSTLSPref, Name: "dns_tls_pref", Aliases: []string{"dns_tls_preference"}, Type: IntSigned,
		Default: Num(10),
		RT:      runtime("core", "dns_tls_pref", 0, 0), Acts: false, Help: preferenceHelp("TLS"),
	},
	{
		ID: DNSTryIPv6, Name: "dns_try_ipv6", Type: Bool, Default: off, RT: runtime("core", "dns_try_ipv6", 0, 1),
		Acts: false,
		Note: "Off, as the handbook says; the original's code has it on.",
		Help: "Looks for IPv6 addresses too. Off also refuses destinations that are written as IPv6 addresses. It " +
			"stays off while the server listens on no IPv6 address, and cannot be turned on at run time then.",
	},
	{
		ID: DNSTryNAPTR, Name: "dns_try_naptr", Type: Bool, Default: off, RT: runtime("core", "dns_try_naptr", 0, 1),
		Acts: false, Meanwhile: []int{0},
		Help: "Asks for NAPTR records first to find out which protocols a domain wants, RFC 3263 §4.1.",
	},
	{
		ID: DNSUDPPref, Name: "dns_udp_pref", Aliases: []string{"dns_udp_preference"}, Type: IntSigned,
		Default: Num(30),
		RT:      runtime("core", "dns_udp_pref", 0, 0), Acts: false, Help: preferenceHelp("UDP"),
	},
	{
		ID: DNSUseSearchList, Name: "dns_use_search_list", Type: Bool, Default: on,
		RT: runtime("core", "dns_use_search_list", 0, 1), Acts: false,
		Help: "No ignores the search list of /etc/resolv.conf: fewer questions, and faster failures, even where " +
			"the list is empty.",
	},
	{
		ID: RevDNS, Name: "rev_dns", Type: Bool, Default: off, CLI: 'R', Acts: true, Meanwhile: []int{0},
		Help: "Resolves the source address of every request and leaves received out of the topmost Via if a name " +
			"of it is the one in the Via. With dns on, too, it is the second attempt. It also lets scripts " +
			"compare addresses with names. Not recommended, as dns.",
	},
	{
		ID: UseDNSCache, Name: "use_dns_cache", Type: Bool, Default: on, RT: runtime("core", "use_dns_cache", 0, 1),
		Acts: false, Meanwhile: []int{0},
		Help: "Remembers answers of name servers and asks them itself. No uses the system's resolver, /etc/hosts " +
			"included, and there is no failover. At run time it cannot be turned on without dns_cache_init, nor " +
			"off while use_dns_failover is on.",
	},
	{
		ID: UseDNSFailover, Name: "use_dns_failover", Type: Bool, Default: off,
		RT: runtime("core", "use_dns_failover", 0, 1), Acts: false, Meanwhile: []int{0},
		Help: "When sending to one address of a name fails, tries the next, RFC 3263 §4.3. Needs use_dns_cache; " +
			"without it the server warns and leaves it off.",
	},
})

func preferenceHelp(proto string) string {
	return "How much we like " + proto + " when a domain's NAPTR records offer several protocols: the highest wins. If all four " +
		"preferences are equal, the domain's own order decides. A negative one never uses the protocol."
}

var dnsFlags = []Choice{{"IPv4 only", 1}, {"IPv6 only", 2}, {"IPv6 first", 4}}

var recordPreference = []Choice{{"no check", 0}, {"keep the old", 1}, {"take the new", 2}, {"keep the longer lived", 3}}
