package param

// oldParams are what SER, OpenSER and early Kamailio had: a file that sets them means what it meant without them.
var oldParams = inGroup(GroupOld, []Param{
	{
		ID: DisableDNSBlacklist, Name: "disable_dns_blacklist", Type: Any, Legacy: "use_dst_blacklist decides about the list of destinations that failed",
		Help: "Whether destinations are remembered to which sending failed.",
	},
	{
		ID: Fifo, Name: "fifo", Type: Any, Legacy: noFIFO,
		Help: "The named pipe that takes commands.",
	},
	{
		ID: FifoDBURL, Name: "fifo_db_url", Type: Any, Legacy: noFIFO,
		Help: "The database that commands use.",
	},
	{
		ID: FifoDir, Name: "fifo_dir", Type: Any, Legacy: noFIFO,
		Help: "Where the named pipes are that take the answers to commands.",
	},
	{
		ID: FifoGroup, Name: "fifo_group", Type: Any, Legacy: noFIFO,
		Help: "The group the named pipe belongs to.",
	},
	{
		ID: FifoMode, Name: "fifo_mode", Type: Any, Legacy: noFIFO,
		Help: "The permissions of the named pipe.",
	},
	{
		ID: FifoUser, Name: "fifo_user", Type: Any, Legacy: noFIFO,
		Help: "The user the named pipe belongs to.",
	},
	{
		ID: LogColor, Name: "log_color", Type: Bool, Default: off, Legacy: "lines of the log are plain text",
		Help: "Whether lines on standard error are in colour.",
	},
	{
		ID: LoopChecks, Name: "loop_checks", Type: Any, Legacy: "loops end where Max-Forwards does, which max_self_vias and the maxfwd module see to",
		Help: "Whether requests that have been here before are looked for.",
	},
	{
		ID: TLSThreadsMode, Name: "tls_threads_mode", Type: Any, Legacy: "no library of C runs in the processes whose locks would have to be looked after",
		Help: "How the processes keep apart what OpenSSL has in each thread.",
	},
	{
		ID: UnixTxTimeout, Name: "unix_tx_timeout", Type: Any, Legacy: noFIFO,
		Help: "How long an answer to a command may take to be written.",
	},
	{
		ID: Unixsock, Name: "unixsock", Aliases: []string{"unix_sock"}, Type: Any, Legacy: noFIFO,
		Help: "The socket that takes commands.",
	},
	{
		ID: UnixsockGroup, Name: "unixsock_group", Aliases: []string{"unix_sock_group"}, Type: Any, Legacy: noFIFO,
		Help: "The group that socket belongs to.",
	},
	{
		ID: UnixsockMode, Name: "unixsock_mode", Aliases: []string{"unix_sock_mode"}, Type: Any, Legacy: noFIFO,
		Help: "The permissions of that socket.",
	},
	{
		ID: UnixsockUser, Name: "unixsock_user", Aliases: []string{"unix_sock_user"}, Type: Any, Legacy: noFIFO,
		Help: "The user that socket belongs to.",
	},
	{
		ID: XMLRPC, Name: "xmlrpc", Type: Any, Legacy: "no module of this version answers XML-RPC",
		Help: "Whether commands may come as XML-RPC.",
	},
})

const noFIFO = "that way of giving commands is gone, sercmd took its place"
