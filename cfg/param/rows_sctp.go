package param

var sctpParams = inGroup(GroupSCTP, []Param{
	{
		ID: DisableSCTP, Name: "disable_sctp", Type: Bool, Default: off, DefaultText: "automatic", CLI: 'S',
		opposite: EnableSCTP, negates: true, Acts: false, Meanwhile: []int{1},
		Help: "Yes is enable_sctp=0, no is enable_sctp=1.",
	},
	{
		ID: EnableSCTP, Name: "enable_sctp", Type: Int, Min: 0, Max: 2, Strict: true, Default: Num(2),
		opposite: DisableSCTP, negates: true, Acts: false, Meanwhile: []int{0},
		Choices: []Choice{{"off", 0}, {"on", 1}, {"automatic", 2}},
		Help: "Whether the server speaks SCTP. Automatic means: if the system does. On does not start on a system " +
			"that does not.",
	},
	{
		ID: SCTPAsocmaxrxt, Name: "sctp_asocmaxrxt", Type: Int, Default: Num(0), DefaultText: osDefault,
		RT: runtime("sctp", "asocmaxrxt", 0, 1024), Acts: false,
		Help: "How many retransmissions an association survives. It should be sctp_pathmaxrxt times the number of " +
			"paths.",
	},
	{
		ID: SCTPAssocReuse, Name: "sctp_assoc_reuse", Type: Bool, Default: on,
		RT: runtime("sctp", "assoc_reuse", 0, 1), Acts: false,
		Help: "Sends replies on the association the request came on. Needs sctp_assoc_tracking; without it the " +
			"server warns and leaves it off.",
	},
	{
		ID: SCTPAssocTracking, Name: "sctp_assoc_tracking", Type: Bool, Default: on,
		RT: runtime("sctp", "assoc_tracking", 0, 1), Acts: false,
		Help: "Keeps account of all associations. Without it there is less to do and no sctp_assoc_reuse. At run " +
			"time it cannot be turned off while that is on; turning it either way forgets what was known.",
	},
	{
		ID: SCTPAutoclose, Name: "sctp_autoclose", Type: Int, Unit: Seconds, Default: Num(180),
		RT: runtime("sctp", "autoclose", 1, 1<<30), Acts: false,
		Help: "How long a new association may be idle before it is closed.",
	},
	{
		ID: SCTPChildren, Name: "sctp_children", Type: Int, Default: Num(0), DefaultText: likeUDP, CLI: 'Q',
		Acts: false,
		Help: "How many processes receive on each SCTP socket. 0 means as many as children.",
	},
	{
		ID: SCTPHbinterval, Name: "sctp_hbinterval", Type: IntSigned, Unit: Milliseconds, Min: -1, Max: 1 << 30,
		Default: Num(0), DefaultText: osDefault,
		RT: runtime("sctp", "hbinterval", 0, 1<<30), Acts: false,
		Help: "How often new associations probe their idle paths. -1, which only the file can say, never does.",
	},
	{
		ID: SCTPInitMaxAttempts, Name: "sctp_init_max_attempts", Type: Int, Default: Num(0), DefaultText: osDefault,
		RT: runtime("sctp", "init_max_attempts", 0, 1024), Acts: false,
		Help: "How often opening an association is tried.",
	},
	{
		ID: SCTPInitMaxTimeo, Name: "sctp_init_max_timeo", Type: Int, Unit: Milliseconds, Default: Num(0),
		DefaultText: osDefault, RT: runtime("sctp", "init_max_timeo", 0, 1<<30), Acts: false,
		Help: "The longest wait between two attempts to open an association.",
	},
	{
		ID: SCTPMaxAssocs, Name: "sctp_max_assocs", Type: IntSigned, Min: -1, Max: maxInt, Default: Num(-1),
		DefaultText: "no limit", RT: runtime("sctp", "max_assocs", 0, 0), Acts: false,
		Help: "How many associations there may be. One more that a peer opens is closed at once; one more that we " +
			"would open fails, with sctp_assoc_tracking before anything is sent. Negative means no limit but " +
			"the system's.",
	},
	{
		ID: SCTPMaxBurst, Name: "sctp_max_burst", Type: Int, Default: Num(0), DefaultText: osDefault,
		RT: runtime("sctp", "max_burst", 0, 1024), Acts: false,
		Help: "How many packets new associations may send in one burst.",
	},
	{
		ID: SCTPPathmaxrxt, Name: "sctp_pathmaxrxt", Type: Int, Default: Num(0), DefaultText: osDefault,
		RT: runtime("sctp", "pathmaxrxt", 0, 1024), Acts: false,
		Help: "How many retransmissions a path survives. See sctp_asocmaxrxt.",
	},
	{
		ID: SCTPSackDelay, Name: "sctp_sack_delay", Type: Int, Unit: Milliseconds, Default: Num(0),
		DefaultText: osDefault, RT: runtime("sctp", "sack_delay", 0, 1<<30), Acts: false,
		Help: "How long acknowledgements wait for more to acknowledge. RFC 9260 §6.2 allows up to 500 ms and " +
			"suggests 200. More than sctp_srto_min causes needless retransmissions, more than sctp_srto_max " +
			"breaks associations.",
	},
	{
		ID: SCTPSackFreq, Name: "sctp_sack_freq", Type: Int, Default: Num(0), DefaultText: osDefault,
		RT: runtime("sctp", "sack_freq", 0, 1024), Acts: false,
		Help: "After how many packets an acknowledgement is sent without waiting for sctp_sack_delay. A system " +
			"that cannot set it gets a warning.",
	},
	{
		ID: SCTPSendRetries, Name: "sctp_send_retries", Type: Int, Min: 0, Max: 9, Default: Num(0),
		RT: runtime("sctp", "send_retries", 0, 9), Acts: false,
		Help: "How often a message the stack gave up on is sent again, on a new association. It helps with peers " +
			"that restart, and multiplies traffic to those that are gone: take 1 to 3. More than 9 is taken for " +
			"9, with a warning.",
	},
	{
		ID: SCTPSendTTL, Name: "sctp_send_ttl", Type: Int, Unit: Milliseconds, Default: Num(32000),
		RT: runtime("sctp", "send_ttl", 0, 1<<30), Acts: false,
		Help: "How long a message may wait to be sent before it is dropped.",
	},
	{
		ID: SCTPSocketRcvbuf, Name: "sctp_socket_rcvbuf", Aliases: []string{"sctp_socket_receive_buffer"}, Type: Int,
		Unit: Bytes, Default: Num(0), DefaultText: osDefault,
		RT: RT{Group: "sctp", Name: "socket_rcvbuf", Min: 512, Max: 102400, ReadOnly: true}, Acts: false,
		Help: "The receive buffer of each SCTP socket (SO_RCVBUF).",
	},
	{
		ID: SCTPSocketSndbuf, Name: "sctp_socket_sndbuf", Aliases: []string{"sctp_socket_send_buffer"}, Type: Int,
		Unit: Bytes, Default: Num(0), DefaultText: osDefault,
		RT: RT{Group: "sctp", Name: "socket_sndbuf", Min: 512, Max: 102400, ReadOnly: true}, Acts: false,
		Help: "The send buffer of each SCTP socket (SO_SNDBUF).",
	},
	{
		ID: SCTPSrtoInitial, Name: "sctp_srto_initial", Type: Int, Unit: Milliseconds, Default: Num(0),
		DefaultText: osDefault, RT: runtime("sctp", "srto_initial", 0, 1<<30), Acts: false,
		Help: "The retransmission timeout new associations start with.",
	},
	{
		ID: SCTPSrtoMax, Name: "sctp_srto_max", Type: Int, Unit: Milliseconds, Default: Num(0),
		DefaultText: osDefault, RT: runtime("sctp", "srto_max", 0, 1<<30), Acts: false,
		Help: "The largest retransmission timeout of new associations. Below sctp_sack_delay it breaks them.",
	},
	{
		ID: SCTPSrtoMin, Name: "sctp_srto_min", Type: Int, Unit: Milliseconds, Default: Num(0),
		DefaultText: osDefault, RT: runtime("sctp", "srto_min", 0, 1<<30), Acts: false,
		Help: "The smallest retransmission timeout of new associations. Keep it above the time peers delay " +
			"acknowledgements, which may be 500 ms, unless you run the peers yourself.",
	},
})
