package param

var blacklistParams = inGroup(GroupBlacklist, []Param{
	{
		ID: DstBlacklistExpire, Name: "dst_blacklist_expire", Aliases: []string{"dst_blacklist_ttl", "dst_blocklist_expire", "dst_blocklist_ttl"}, Type: Int,
		Unit:    Seconds,
		Default: Num(60), RT: runtime("core", "dst_blacklist_expire", 0, 0), Acts: false,
		Help: "How long a destination stays on the list after it failed the last time.",
	},
	{
		ID: DstBlacklistGCInterval, Name: "dst_blacklist_gc_interval", Aliases: []string{"dst_blocklist_gc_interval"}, Type: Int, Unit: Seconds, Default: Num(60),
		Acts: false,
		Help: "How often expired entries are removed; 0 means never.",
	},
	{
		ID: DstBlacklistInit, Name: "dst_blacklist_init", Aliases: []string{"dst_blocklist_init"}, Type: Bool, Default: on, Acts: false,
		Help: "No makes no list at all, which saves its memory; use_dst_blacklist is then off and cannot be " +
			"turned on at run time.",
	},
	{
		ID: DstBlacklistMem, Name: "dst_blacklist_mem", Aliases: []string{"dst_blocklist_mem"}, Type: Int, Unit: KB, Default: Num(250),
		RT: scaled(runtime("core", "dst_blacklist_mem", 0, 0), bytesPerKB), Acts: false,
		Help: "The most memory the list may use. At run time it is set in KB and read back in bytes.",
	},
	{
		ID: DstBlacklistSCTPImask, Name: "dst_blacklist_sctp_imask", Aliases: []string{"dst_blocklist_sctp_imask"}, Type: Flags, Min: 0, Max: 126, Default: Num(0),
		Choices: blacklistEvents,
		RT:      runtime("core", "dst_blacklist_sctp_imask", 0, 0), Since: "3.1", Acts: false, Help: imaskHelp("SCTP"),
	},
	{
		ID: DstBlacklistTCPImask, Name: "dst_blacklist_tcp_imask", Aliases: []string{"dst_blocklist_tcp_imask"}, Type: Flags, Min: 0, Max: 126, Default: Num(0),
		Choices: blacklistEvents,
		RT:      runtime("core", "dst_blacklist_tcp_imask", 0, 0), Since: "3.1", Acts: false, Help: imaskHelp("TCP"),
	},
	{
		ID: DstBlacklistTLSImask, Name: "dst_blacklist_tls_imask", Aliases: []string{"dst_blocklist_tls_imask"}, Type: Flags, Min: 0, Max: 126, Default: Num(0),
		Choices: blacklistEvents,
		RT:      runtime("core", "dst_blacklist_tls_imask", 0, 0), Since: "3.1", Acts: false, Help: imaskHelp("TLS"),
	},
	{
		ID: DstBlacklistUDPImask, Name: "dst_blacklist_udp_imask", Aliases: []string{"dst_blocklist_udp_imask"}, Type: Flags, Min: 0, Max: 126, Default: Num(0),
		Choices: blacklistEvents,
		RT:      runtime("core", "dst_blacklist_udp_imask", 0, 0), Since: "3.1", Acts: false, Help: imaskHelp("UDP"),
	},
	{
		ID: UseDstBlacklist, Name: "use_dst_blacklist", Aliases: []string{"use_dst_blocklist"}, Type: Bool, Default: off,
		RT: runtime("core", "use_dst_blacklist", 0, 1), Acts: false, Meanwhile: []int{0},
		Help: "Remembers destinations to which sending failed, and for a while refuses at once to send there " +
			"again.",
	},
})

func imaskHelp(proto string) string {
	return "Which kinds of failure over " + proto + " do not put a destination on the list: the sum of the chosen values."
}

var blacklistEvents = []Choice{
	{"send", 2}, {"connect", 4}, {"ICMP", 8}, {"timeout", 16}, {"503", 32}, {"administrator", 64},
}
