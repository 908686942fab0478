package param

var tcpParams = inGroup(GroupTCP, []Param{
	{
		ID: TCPAliasFlags, Name: "alias_flags", Type: Int, RTOnly: true, Default: Num(1), Choices: aliasPolicies,
		RT: runtime("tcp", "alias_flags", 0, 2), Acts: false,
		Help: "What force_tcp_alias() does when another connection has the alias already.",
	},
	{
		ID: TCPConnectWait, Name: "connect_wait", Type: Bool, RTOnly: true, Default: on,
		RT: readOnly("tcp", "connect_wait"), Acts: false,
		Help: "Whether data is queued while a connection is being opened. It follows tcp_async.",
	},
	{
		ID: DisableTCP, Name: "disable_tcp", Type: Bool, Default: off, CLI: 'T', Acts: false, Meanwhile: []int{1},
		Help: "Opens no TCP socket and starts no process for TCP. TLS is off with it.",
	},
	{
		ID: TCPNewConnAliasFlags, Name: "new_conn_alias_flags", Type: Int, RTOnly: true, Default: Num(2),
		Choices: aliasPolicies,
		RT:      runtime("tcp", "new_conn_alias_flags", 0, 2), Acts: false,
		Help: "What happens when an alias that a new connection gets by itself belongs to another connection " +
			"already.",
	},
	{
		ID: TCPAcceptAliases, Name: "tcp_accept_aliases", Type: Bool, Default: off,
		RT: runtime("tcp", "accept_aliases", 0, 1), Acts: false,
		Help: "Lets a request with the alias parameter in its topmost Via have its connection used for whatever " +
			"goes to its source address and Via port. Mind that anybody who gets through to the server can ask " +
			"for it.",
	},
	{
		ID: TCPAcceptNoCL, Name: "tcp_accept_no_cl", Type: Bool, Default: off, Since: "3.1",
		RT: runtime("tcp", "accept_no_cl", 0, 1), Acts: false,
		Help: "Takes a message without Content-Length on a stream for one without a body. No closes the " +
			"connection, for RFC 3261 §18.3 requires the header there. HTTP clients may need yes.",
	},
	{
		ID: TCPAsync, Name: "tcp_async", Aliases: []string{"tcp_buf_write"}, Type: Bool, Default: on,
		RT: readOnly("tcp", "async"), Acts: false,
		Help: "Queues what cannot be written at once, or waits for a connection, and writes it later. No waits up " +
			"to tcp_send_timeout instead.",
	},
	{
		ID: TCPChildren, Name: "tcp_children", Type: Int, Default: Num(0), DefaultText: likeUDP, CLI: 'N',
		Acts: false,
		Help: "How many processes read from TCP connections. 0 means as many as children.",
	},
	{
		ID: TCPConnWqMax, Name: "tcp_conn_wq_max", Type: Int, Unit: Bytes, Default: Num(32768),
		RT: runtime("tcp", "conn_wq_max", 0, 1<<20), Acts: false,
		Help: "How many bytes may wait to be written on one connection. One more is an error, and the connection " +
			"is closed as too slow.",
	},
	{
		ID: TCPConnectTimeout, Name: "tcp_connect_timeout", Type: IntSigned, Unit: Seconds, Min: -1, Max: maxSeconds,
		Default: Num(10),
		RT:      runtime("tcp", "connect_timeout", -1, maxSeconds), Acts: false,
		Help: "How long opening a connection may take with tcp_async off; with it on tcp_send_timeout applies. " +
			"Negative means the default; too long is shortened, with a warning.",
	},
	{
		ID: TCPConnectionLifetime, Name: "tcp_connection_lifetime", Type: IntSigned,
		Unit: Seconds, Min: -1, Max: maxSeconds, Default: Num(120),
		RT: scaled(runtime("tcp", "connection_lifetime", -1, maxSeconds), ticksPerSecond), Acts: false,
		Help: "How long a connection may be idle before it is closed. Negative means as long as possible, 0 " +
			"closes it at the next check. Clients behind an address translator cannot be reached once it is " +
			"closed. Set in seconds, it is read back at run time in sixteenths of a second.",
	},
	{
		ID: TCPCRLFPing, Name: "tcp_crlf_ping", Type: Bool, Default: on, RT: runtime("tcp", "crlf_ping", 0, 1),
		Acts: false,
		Help: "Answers the keepalive of RFC 5626 §4.4.1, two line ends between messages, with one. No swallows " +
			"it.",
	},
	{
		ID: TCPDeferAccept, Name: "tcp_defer_accept", Type: Int, Unit: Seconds, Default: Num(0), DefaultText: "off",
		RT: readOnly("tcp", "defer_accept"), Acts: false,
		Help: "Learns of a new connection only when data has come in, or after this time (TCP_DEFER_ACCEPT).",
	},
	{
		ID: TCPDelayedACK, Name: "tcp_delayed_ack", Type: Bool, Default: on, RT: runtime("tcp", "delayed_ack", 0, 1),
		Acts: false,
		Help: "Acknowledges the first data of a connection together with the answer (clears TCP_QUICKACK).",
	},
	{
		ID: TCPFDCache, Name: "tcp_fd_cache", Type: Bool, Default: on, RT: readOnly("tcp", "fd_cache"), Acts: false,
		Help: "Lets processes keep descriptors of connections they send on. Faster, but connections take longer " +
			"to be really closed.",
	},
	{
		ID: TCPKeepalive, Name: "tcp_keepalive", Type: Bool, Default: on, RT: runtime("tcp", "keepalive", 0, 1),
		Acts: false,
		Help: "Lets the system probe idle connections (SO_KEEPALIVE). It is on whenever one of tcp_keepcnt, " +
			"tcp_keepidle and tcp_keepintvl is set.",
	},
	{
		ID: TCPKeepcnt, Name: "tcp_keepcnt", Type: Int, Default: Num(0), DefaultText: osDefault,
		RT: runtime("tcp", "keepcnt", 0, 1024), Acts: false,
		Help: "How many probes go unanswered before the connection is dropped (TCP_KEEPCNT).",
	},
	{
		ID: TCPKeepidle, Name: "tcp_keepidle", Type: Int, Unit: Seconds, Default: Num(0), DefaultText: osDefault,
		RT: runtime("tcp", "keepidle", 0, 86400), Acts: false,
		Help: "How long a connection is idle before the first probe (TCP_KEEPIDLE).",
	},
	{
		ID: TCPKeepintvl, Name: "tcp_keepintvl", Type: Int, Unit: Seconds, Default: Num(0), DefaultText: osDefault,
		RT: runtime("tcp", "keepintvl", 0, 86400), Acts: false,
		Help: "How long to wait between two probes (TCP_KEEPINTVL).",
	},
	{
		ID: TCPLinger2, Name: "tcp_linger2", Type: Int, Unit: Seconds, Default: Num(0), DefaultText: osDefault,
		RT: runtime("tcp", "linger2", 0, 3600), Acts: false,
		Help: "How long a closed connection waits for the peer to close its side (TCP_LINGER2).",
	},
	{
		ID: TCPMaxConnections, Name: "tcp_max_connections", Type: Int, Default: Num(2048),
		RT: runtime("tcp", "max_connections", 0, maxInt), Acts: false,
		Help: "How many connections there may be. Further ones are closed as soon as they are accepted, and none " +
			"is opened. At run time it can be lowered, but not raised above the value the server started with.",
	},
	{
		ID: TCPNoConnect, Name: "tcp_no_connect", Type: Bool, Default: off, RT: runtime("tcp", "no_connect", 0, 1),
		Acts: false,
		Help: "Never opens a connection, for TLS neither: what has none to go out on fails.",
	},
	{
		ID: TCPPollMethod, Name: "tcp_poll_method", Type: Enum, DefaultText: "the best the system has",
		Choices: pollMethods, CLI: 'W', Acts: false,
		Help: "How processes wait for their connections. A method the system lacks is replaced by the best it " +
			"has, with a warning. \"/dev/poll\" needs its quotes.",
	},
	{
		ID: TCPRdBufSize, Name: "tcp_rd_buf_size", Type: Int, Unit: Bytes, Min: 512, Max: 16 << 20,
		Default: Num(4096),
		RT:      runtime("tcp", "rd_buf_size", 512, 16<<20), Acts: false,
		Help: "The longest message, headers and body, that is accepted over TCP; every connection may take as " +
			"much memory. A longer one closes the connection. A value out of range is brought into it, with a " +
			"warning.",
	},
	{
		ID: TCPSendTimeout, Name: "tcp_send_timeout", Type: IntSigned, Unit: Seconds, Min: -1, Max: maxSeconds,
		Default: Num(10),
		RT:      scaled(runtime("tcp", "send_timeout", -1, maxSeconds), ticksPerSecond), Acts: false,
		Help: "How long data may wait to be written. Then the connection is closed and, with use_dst_blacklist, " +
			"its peer put on the list. Negative means the default. Set in seconds, it is read back at run time " +
			"in sixteenths of a second.",
	},
	{
		ID: TCPSourceIPv4, Name: "tcp_source_ipv4", Type: IPv4, DefaultText: noneYet, Acts: false,
		Help: "The address connections to IPv4 destinations are opened from. If that fails the system chooses, " +
			"with a warning.",
	},
	{
		ID: TCPSourceIPv6, Name: "tcp_source_ipv6", Type: IPv6, DefaultText: noneYet, Acts: false,
		Help: "The address connections to IPv6 destinations are opened from. If that fails the system chooses, " +
			"with a warning.",
	},
	{
		ID: TCPSyncnt, Name: "tcp_syncnt", Type: Int, Default: Num(0), DefaultText: osDefault,
		RT: runtime("tcp", "syncnt", 0, 1024), Acts: false,
		Help: "How often the first packet of a connection is sent again before giving up (TCP_SYNCNT).",
	},
	{
		ID: TCPWqBlkSize, Name: "tcp_wq_blk_size", Type: Int, Unit: Bytes, Default: Num(2100),
		RT: runtime("tcp", "wq_blk_size", 1, 65535), Acts: false,
		Help: "In which pieces write queues are allocated. It changes neither how much is queued nor what is " +
			"sent.",
	},
	{
		ID: TCPWqMax, Name: "tcp_wq_max", Type: Int, Unit: Bytes, Default: Num(10 << 20),
		RT: runtime("tcp", "wq_max", 0, 1<<30), Acts: false,
		Help: "How many bytes may wait to be written on all connections together.",
	},
})

var aliasPolicies = []Choice{{"refuse", 0}, {"add", 1}, {"replace", 2}}

var pollMethods = []Choice{
	{"none", 0},
	{"poll", 1},
	{"epoll_lt", 2},
	{"epoll_et", 3},
	{"sigio_rt", 4},
	{"select", 5},
	{"kqueue", 6},
	{"/dev/poll", 7},
}
