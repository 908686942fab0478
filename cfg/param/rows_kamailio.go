package param

// kamailioParams are core parameters that Kamailio got after it and SIP Router parted ways, those of the
// transports and the name resolver apart.
var kamailioParams = inGroup(GroupKamailio, []Param{
	{
		ID: AsyncNonblock, Name: "async_nonblock", Type: Int, Default: Num(0), Legacy: noAsync,
		Help: "Whether the sockets between workers and asynchronous workers may block.",
	},
	{
		ID: AsyncUsleep, Name: "async_usleep", Type: Int, Default: Num(0), Legacy: noAsync,
		Help: "How many microseconds an asynchronous worker sleeps after each task.",
	},
	{
		ID: AsyncWorkers, Name: "async_workers", Type: Int, Default: Num(0), Legacy: noAsync,
		Help: "How many processes do what workers must not wait for.",
	},
	{
		ID: AsyncWorkersGroup, Name: "async_workers_group", Type: String, DefaultText: noneYet, Legacy: noAsync,
		Help: "A named group of asynchronous workers: name=x;workers=N;nonblock=0;usleep=0.",
	},
	{
		ID: BindIPv6LinkLocal, Name: "bind_ipv6_link_local", Type: Bool, Default: off, Acts: true,
		Help: "With auto_bind_ipv6, also listens on the link-local addresses of the interfaces.",
	},
	{
		ID: Cfgengine, Name: "cfgengine", Type: Statement, Acts: true,
		Help: "What runs the routes. There is only the configuration language itself, native or default; a server that " +
			"is to run Lua or Python does not start.",
	},
	{
		ID: ForkDelay, Name: "fork_delay", Type: Int, Unit: Microseconds, Min: 0, Max: 10000000, Strict: true,
		Default: Num(0), Acts: true,
		Help: "How long the supervisor waits at start before each process that it starts.",
	},
	{
		ID: HdrNameExtraChars, Name: "hdr_name_extra_chars", Type: String, DefaultText: noneYet,
		Legacy: "header names follow RFC 3261 §25.1, and what does not is refused or, with reject_invalid=no, handed over",
		Help:   "Characters that header names may hold beside those of the standard.",
	},
	{
		ID: IPFreeBind, Name: "ip_free_bind", Aliases: []string{"ipfreebind", "ip_nonlocal_bind"}, Type: Int, Min: 0, Max: 2,
		Default: Num(0), Acts: true,
		Choices: []Choice{{"off", 0}, {"on", 1}, {"on, without an error if the system has it not", 2}},
		Help: "Lets the server listen on addresses that the machine does not have yet, such as one that moves " +
			"between two machines.",
	},
	{
		ID: IPv6HexStyle, Name: "ipv6_hex_style", Type: String, Default: Str("c"),
		Legacy: "IPv6 addresses are always written as RFC 5952 wants it, which is c",
		Help:   "How IPv6 addresses are written: c compact, a full in lower case, A full in upper case.",
	},
	{
		ID: LatencyCfgLog, Name: "latency_cfg_log", Type: IntSigned, Default: Num(3), DefaultText: "debug",
		RT: runtime("core", "latency_cfg_log", 0, 0), Acts: true,
		Help: "The level at which the time that the routes took is logged, for each message that took at least " +
			"latency_limit_cfg.",
	},
	{
		ID: LatencyLimitAction, Name: "latency_limit_action", Type: Int, Unit: Microseconds, Default: Num(0),
		DefaultText: "off",
		RT:          runtime("core", "latency_limit_action", 0, 0), Acts: true,
		Help: "Logs each statement of a route that takes longer than this, with its place, at the level of " +
			"latency_log. 0 switches it off, and then it costs nothing.",
	},
	{
		ID: LatencyLimitCfg, Name: "latency_limit_cfg", Type: Int, Unit: Microseconds, Default: Num(0),
		DefaultText: "off",
		RT:          runtime("core", "latency_limit_cfg", 0, 0), Acts: true,
		Help: "Logs each message whose routes take longer than this, at the level of latency_cfg_log. 0 switches it " +
			"off.",
	},
	{
		ID: LatencyLimitDB, Name: "latency_limit_db", Type: Int, Unit: Microseconds, Default: Num(0), DefaultText: "off",
		RT: runtime("core", "latency_limit_db", 0, 0), Legacy: noDatabase,
		Help: "Logs each database query that takes longer than this.",
	},
	{
		ID: LatencyLog, Name: "latency_log", Type: IntSigned, Default: Num(-1), DefaultText: "error",
		RT: runtime("core", "latency_log", 0, 0), Acts: true,
		Help: "The level at which statements that exceed latency_limit_action are logged.",
	},
	{
		ID: LocalRport, Name: "local_rport", Type: Bool, Default: off, Acts: true,
		Help: "Adds the rport parameter of RFC 3581 to the Via of every request that is sent on, as the function " +
			"add_local_rport() does for one.",
	},
	{
		ID: LogEngineData, Name: "log_engine_data", Type: String, DefaultText: noneYet, Acts: true,
		Help: "What the engine of log_engine_type is told: for json its flags, as behind the colon of " +
			"--log-engine=json:FLAGS.",
	},
	{
		ID: LogEngineType, Name: "log_engine_type", Type: String, DefaultText: "text lines", Acts: true,
		Help: "How lines of the log are written: json makes each an object. The option --log-engine has " +
			"precedence. Another engine stops the start.",
	},
	{
		ID: LogPrefix, Name: "log_prefix", Type: Format, DefaultText: noneYet, Acts: true,
		Help: "A text with variables that stands at the beginning of each line logged while a message is handled, such " +
			"as \"{$mt $hdr(CSeq) $ci} \".",
	},
	{
		ID: LogPrefixMode, Name: "log_prefix_mode", Type: Int, Min: 0, Max: 1, Default: Num(0), Acts: true,
		Choices: []Choice{{"once for each message", 0}, {"anew for each line the script writes", 1}},
		Help:    "When the variables of log_prefix are read.",
	},
	{
		ID: MaxBranches, Name: "max_branches", Type: Int, Min: 1, Max: 30, Strict: true, Default: Num(12), Acts: true,
		Note: "More than 12 are taken for 12, with a warning.",
		Help: "How many destinations a request may have at the same time, the Request-URI included.",
	},
	{
		ID: MaxRecursiveLevel, Name: "max_recursive_level", Type: Int, Min: 1, Max: 1024, Strict: true, Default: Num(256),
		Acts: true,
		Help: "How deep routes and blocks of statements may call and hold each other.",
	},
	{
		ID: Maxsndbuffer, Name: "maxsndbuffer", Type: Int, Unit: Bytes, Default: Num(0), DefaultText: osDefault, Acts: true,
		Help: "How far the server tries to enlarge the send buffer of each UDP socket. Beyond net.core.wmem_max this needs " +
			"to be started as root; else it takes what the system grants.",
	},
	{
		ID: Mcast, Name: "mcast", Type: String, DefaultText: "chosen by routing", Acts: true,
		Help: "The name of the interface on which multicast groups of listen are joined and multicast is sent.",
	},
	{
		ID: MemJoin, Name: "mem_join", Type: Int, Default: Num(1), RT: runtime("core", "mem_join", 0, 0), Legacy: noFragments,
		Help: "Whether free neighbours in memory are joined.",
	},
	{
		ID: MemSafety, Name: "mem_safety", Type: Int, Default: Num(1), RT: runtime("core", "mem_safety", 0, 0),
		Legacy: "memory that is released twice is always noticed",
		Help:   "Whether releasing memory twice is ignored instead of ending the server.",
	},
	{
		ID: MemStatusMode, Name: "mem_status_mode", Type: Int, Default: Num(0), RT: runtime("core", "mem_status_mode", 0, 0),
		Legacy: noFragments,
		Help:   "Whether memory reports list free fragments, too.",
	},
	{
		ID: ModinitDelay, Name: "modinit_delay", Type: Int, Unit: Microseconds, Default: Num(0),
		Legacy: "modules are made ready in each process by itself, and none asks another server meanwhile",
		Help:   "How long to wait before each module is made ready.",
	},
	{
		ID: MsgTime, Name: "msg_time", Type: Int, Default: Num(0), Legacy: "every message has the time at which it arrived",
		Help: "Whether the time of each message is taken when it arrives.",
	},
	{
		ID: OnsendRouteReply, Name: "onsend_route_reply", Type: Bool, Default: off, Acts: true,
		Help: "Runs onsend_route for replies that are sent on or made without a transaction, too; drop in it keeps " +
			"them back.",
	},
	{
		ID: PVCacheAction, Name: "pv_cache_action", Type: Int, Default: Num(0), RT: runtime("core", "pv_cache_action", 0, 0),
		Legacy: noPVCache,
		Help:   "What happens when pv_cache_limit is reached.",
	},
	{
		ID: PVCacheLimit, Name: "pv_cache_limit", Type: Int, Default: Num(2048), RT: runtime("core", "pv_cache_limit", 0, 0),
		Legacy: noPVCache,
		Help:   "How many variables may be in the cache of parsed ones.",
	},
	{
		ID: ReceivedRouteMode, Name: "received_route_mode", Type: Int, Default: Num(0),
		Acts: true,
		Help: "Not 0: event_route[core:msg-received] runs for each datagram before it is parsed.",
	},
	{
		ID: RouteLocksSize, Name: "route_locks_size", Type: Int, Default: Num(0),
		Legacy: "retransmissions meet their transaction in tm, which has locks of its own",
		Help:   "How many locks keep messages of the same Call-ID from being in the script at the same time.",
	},
	{
		ID: Rundir, Name: "rundir", Aliases: []string{"run_dir"}, Type: String, DefaultText: "/var/run/ser",
		Legacy: "no module of this version opens control sockets there",
		Help:   "The directory for control sockets and other files that live as long as the server.",
	},
	{
		ID: SIPParserLog, Name: "sip_parser_log", Type: IntSigned, Default: Num(0), RT: runtime("core", "sip_parser_log", 0, 0),
		Legacy: "what is wrong with a message stands in the one line that corelog gives a level to",
		Help:   "The level at which the parser of messages says what it does not understand.",
	},
	{
		ID: SIPParserMode, Name: "sip_parser_mode", Type: Int, Default: Num(0), Legacy: "reject_invalid decides what is refused",
		Help: "How strictly messages are read.",
	},
	{
		ID: SocketWorkers, Name: "socket_workers", Type: Int, Min: 0, Max: 4096, Strict: true, Default: Num(0),
		DefaultText: "as children", Acts: true,
		Help: "How many processes receive on the next address that listen names, instead of children. It counts for " +
			"that one address and then is forgotten.",
	},
	{
		ID: StatsNameSeparator, Name: "stats_name_separator", Type: String, Default: Str("_"),
		Legacy: "counters are called group.name",
		Help:   "What stands between the parts of a statistic's name.",
	},
	{
		ID: URIHostExtraChars, Name: "uri_host_extra_chars", Type: String, DefaultText: noneYet,
		Legacy: "hosts in URIs may hold the underscore, the character this is used for",
		Help:   "Characters that the host of a URI may hold beside those of the standard.",
	},
	{
		ID: VerboseStartup, Name: "verbose_startup", Type: Bool, Default: off,
		Legacy: "debug decides what the start says",
		Help:   "Whether the start says more than debug asks for.",
	},
	{
		ID: WaitWorker1Mode, Name: "wait_worker1_mode", Type: Int, Default: Num(0), Legacy: noWorker1,
		Help: "Whether the other workers wait until the first one has run its event route.",
	},
	{
		ID: WaitWorker1Time, Name: "wait_worker1_time", Type: Int, Default: Num(4000000), Legacy: noWorker1,
		Help: "How many microseconds the other workers wait for the first one.",
	},
	{
		ID: WaitWorker1Usleep, Name: "wait_worker1_usleep", Type: Int, Default: Num(100000), Legacy: noWorker1,
		Help: "How often, in microseconds, the other workers look for the first one.",
	},
	{
		ID: XAVPViaFields, Name: "xavp_via_fields", Type: String, DefaultText: noneYet, Acts: true,
		Help: "The XAVP whose fields are the address and port in the Via of requests sent on.",
	},
	{
		ID: XAVPViaParams, Name: "xavp_via_params", Type: String, DefaultText: noneYet, Acts: true,
		Help: "The XAVP whose fields become parameters of the Via of requests sent on.",
	},
})

// Why parameters that much tuning of the original is about have nothing to tune here.
const (
	noAsync     = "a message that waits never holds its worker up, so there is nothing to hand to others"
	noFragments = "the allocator keeps blocks of fixed sizes, there are no fragments to join"
	noPVCache   = "variables are compiled with the script, none is parsed while it runs"
	noWorker1   = "every process is ready before the server says so, and each starts by itself"
)
