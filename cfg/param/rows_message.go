package param

// messageParams is about what the server does to messages and writes into them.
var messageParams = inGroup(GroupCore, []Param{
	{
		ID: CheckVia, Name: "check_via", Type: Bool, Default: off, CLI: 'v', Acts: true,
		Help: "Drops replies whose topmost Via is not one of the server's own addresses.",
	},
	{
		ID: ForceRport, Name: "force_rport", Aliases: []string{"add_rport"}, Type: Bool, Default: off, RT: runtime("core", "force_rport", 0, 1),
		Acts: true,
		Help: "Answers every request to the port it came from, as if its Via had the rport parameter of RFC 3581, " +
			"and as the function force_rport() does for one request.",
	},
	{
		ID: Phone2tel, Name: "phone2tel", Type: Bool, Default: on, Acts: true,
		Help: "Takes a SIP URI with user=phone for a tel URI: its user is the number before the first semicolon, what " +
			"follows are parameters of the number, and rewriting the user leaves them alone.",
	},
	{
		ID: ServerHeader, Name: "server_header", Type: String, DefaultText: "Server: NAME (VERSION (ARCH/OS))",
		Acts: true,
		Help: "The whole Server header of replies the server makes itself, with its name and without the line " +
			"end.",
	},
	{
		ID: ServerID, Name: "server_id", Type: Int, Default: Num(0), Acts: true,
		Help: "A number that tells this server from the others of its cluster where their addresses do not. " +
			"Scripts read it as @sys.server_id.",
	},
	{
		ID: ServerSignature, Name: "server_signature", Type: Bool, Default: on, Acts: true,
		Help: "Whether replies the server makes itself carry a Server header, and requests a User-Agent header.",
	},
	{
		ID: SIPWarning, Name: "sip_warning", Type: Bool, Default: on, Acts: true,
		Note: "On, as the handbook says; the original's code has it off.",
		Help: "Adds a Warning header to replies the server makes itself, with the process, the source address and " +
			"the URIs the request came and would have left with. It helps whoever reads traces, and tells " +
			"strangers about the inside of the network.",
	},
	{
		ID: STUNAllowFP, Name: "stun_allow_fp", Type: Bool, Default: on, Acts: true,
		Help: "Whether answers to STUN carry a FINGERPRINT attribute.",
	},
	{
		ID: STUNAllowSTUN, Name: "stun_allow_stun", Type: Bool, Default: on, Acts: true,
		Help: "Whether STUN binding requests (RFC 8489, RFC 3489) on the SIP ports are answered.",
	},
	{
		ID: STUNRefreshInterval, Name: "stun_refresh_interval", Type: Int, Unit: Milliseconds, Default: Num(0),
		DefaultText: "left out", Acts: true,
		Help: "The REFRESH-INTERVAL attribute of answers to STUN; 0 leaves it out.",
	},
	{
		ID: SynBranch, Name: "syn_branch", Type: Bool, Default: on, Acts: true,
		Note: "The original's Yes writes a plain 0, which makes neighbours match by RFC 2543.",
		Help: "The branch parameter of requests forwarded without a transaction, and of the ACK to a 2xx. Both " +
			"write one that is the same for retransmissions. Yes computes it with a key that lasts as long as " +
			"the server runs, which costs next to nothing; No with an md5 over the headers that identify the " +
			"transaction, so that it outlasts a restart.",
	},
	{
		ID: UserAgentHeader, Name: "user_agent_header", Type: String,
		DefaultText: "User-Agent: NAME (VERSION (ARCH/OS))",
		Acts:        true,
		Help: "The whole User-Agent header of requests the server makes itself, with its name and without the " +
			"line end.",
	},
})

// scriptParams is about the script, its modules and its database.
var scriptParams = inGroup(GroupCore, []Param{
	{
		ID: Avpflags, Name: "avpflags", Type: Statement, Acts: true,
		Help: "Declares names for the flags of AVPs, separated by commas, 18 at most: avpflags paid, noted.",
	},
	{
		ID: FlagNames, Name: "flags", Aliases: []string{"bool"}, Type: Statement, Acts: true,
		Help: "Declares names for message flags, each with its number from 0 to 31 or the lowest that is free: " +
			"flags nat:5, paid.",
	},
	{
		ID: Loadmodule, Name: "loadmodule", Type: Statement, Acts: true,
		Help: "Loads a module. Its name counts, whatever path leads to it and whether .so follows: \"tm\", " +
			"\"tm.so\" and \"modules/tm/tm.so\" are the same one.",
	},
	{
		ID: Loadpath, Name: "loadpath", Aliases: []string{"mpath"}, Type: Statement, CLI: 'L', Acts: true,
		Help: "Where loadmodule looks, as directories separated by colons. Our modules are part of the program, " +
			"so nothing is read from there; the statement is accepted as it is.",
	},
	{
		ID: MaxWhileLoops, Name: "max_while_loops", Type: Int, Default: Num(100),
		RT: atomic("core", "max_while_loops", 0, 0), Acts: true,
		Help: "How often the body of one while may run before the loop is ended, so that no script runs for ever.",
	},
	{
		ID: Modparam, Name: "modparam", Type: Statement, Acts: true,
		Help: "Sets a parameter of one or more loaded modules: modparam(\"rr\", \"append_fromtag\", 0). The first " +
			"argument is a regular expression on the modules' names.",
	},
	{
		ID: PVBufferSize, Name: "pv_buffer_size", Type: Int, Unit: Bytes, Default: Num(8192), Since: "3.2",
		Acts: true,
		Help: "How long a string built from pseudo-variables may become. A longer one is an error of the " +
			"statement that builds it.",
	},
	{
		ID: PVBufferSlots, Name: "pv_buffer_slots", Type: Int, Default: Num(10), Since: "3.2", Legacy: "printed strings live as long as the message, there are no slots to run out of",
		Help: "How many strings built from pseudo-variables are usable at the same time.",
	},
	{
		ID: SQLBufferSize, Name: "sql_buffer_size", Type: Int, Unit: Bytes, Default: Num(65535), Since: "3.2",
		Legacy: noDatabase,
		Help:   "How long a database statement may become. A longer one fails.",
	},
	{
		ID: Statistics, Name: "statistics", Type: String, Acts: false,
		Legacy: "it configured a statistics file of builds long gone",
		Help:   "Accepted for old configurations; the server counts anyway and is asked for it at run time.",
	},
	{
		ID: VersionTable, Name: "version_table", Type: String, Default: Str("version"), Legacy: noDatabase,
		Help: "The database table that tells the version of the other tables, if several programs share a " +
			"database.",
	},
})
