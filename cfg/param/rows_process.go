package param

// processParams is about the processes: which there are, as whom and where they run, their memory.
var processParams = inGroup(GroupCore, []Param{
	{
		ID: Children, Name: "children", Type: Int, Default: Num(8), CLI: 'n', Acts: true,
		Help: "How many worker processes receive on each UDP socket: three sockets and children=8 make 24. 0 " +
			"means the default. tcp_children and sctp_children follow it unless they are set themselves.",
	},
	{
		ID: Chroot, Name: "chroot", Type: StringOrID, DefaultText: noneYet, CLI: 't', Acts: true,
		Help: "The directory that becomes the root of the file system when the server goes into the background, " +
			"before workdir is entered and the pid file is written: both are paths inside it. A directory that " +
			"cannot be entered stops the start.",
	},
	{
		ID: DisableCoreDump, Name: "disable_core_dump", Type: Bool, Default: off, Acts: true,
		Help: "Yes sets the core file limit of every process to 0. No raises it as far as the system allows; a " +
			"failure to do so is only logged.",
	},
	{
		ID: ExitTimeout, Name: "exit_timeout", Aliases: []string{"ser_kill_timeout"}, Type: Int, Unit: Seconds,
		Default: Num(60), Acts: true,
		Help: "How long an orderly shutdown may take. After it the processes that remain are killed and the " +
			"server exits. 0 waits for ever.",
	},
	{
		ID: Fork, Name: "fork", Type: Bool, Default: on, CLI: 'D', Acts: true,
		Help: "Yes starts all processes and goes into the background. No stays in the foreground with a single " +
			"receiver on the first socket, for debugging. On the command line -D is fork=no; -DD starts all " +
			"processes but stays in the foreground.",
	},
	{
		ID: RunGroup, Name: "group", Aliases: []string{"gid"}, Type: StringOrID, DefaultText: noneYet, CLI: 'g',
		Acts: true,
		Help: "The group, by name or number, the processes change to after the sockets are open. One that does " +
			"not exist stops the start. A number must be in quotes.",
	},
	{
		ID: MlockPages, Name: "mlock_pages", Type: Bool, Default: off, Acts: true,
		Help: "Locks all memory of all processes so that none of it is ever swapped out. Needs the privilege or a " +
			"sufficient RLIMIT_MEMLOCK; without it the server warns and goes on.",
	},
	{
		ID: OpenFilesLimit, Name: "open_files_limit", Type: Int, Default: Num(-1), DefaultText: "left as it is",
		Acts: true,
		Help: "Raises the limit of open files to this number if it is lower. Going past the hard limit needs " +
			"root; a limit that cannot be raised stops the start.",
	},
	{
		ID: Shm, Name: "shm", Aliases: []string{"shm_mem", "shm_mem_size"}, Type: Int, Unit: MB, Default: Num(0),
		DefaultText: "follows the machine", CLI: 'm', FirstWins: true, OrderBeforeModparam: true, Acts: true,
		Note: "The original allocates 32 MB. Here it is a limit: only what is touched is used.",
		Help: "The most shared memory the server may use, besides 64 KB for each datagram " +
			"in flight (max_waiting + 2 * udp_batch for each receiver). Without it, or with 0, the limit follows the memory of " +
			"the machine or of the control group it runs in. When it is reached new work is refused with 503 " +
			"and counted; nothing else happens. The first assignment counts.",
	},
	{
		ID: ShmForceAlloc, Name: "shm_force_alloc", Type: Bool, Default: off, OrderBeforeModparam: true, Acts: true,
		Help: "Touches every page of the shared memory at start, so that the system has really provided it. " +
			"Starting takes longer and the whole of shm is used at once. With mlock_pages it stays provided.",
	},
	{
		ID: User, Name: "user", Aliases: []string{"uid"}, Type: StringOrID, DefaultText: noneYet,
		CLI: 'u', FirstWins: true,
		OrderBeforeModparam: true, Acts: true,
		Help: "The user, by name or number, the processes change to after the sockets are open. One that does not " +
			"exist stops the start. A number must be in quotes. The first assignment counts.",
	},
	{
		ID: Workdir, Name: "workdir", Aliases: []string{"wdir"}, Type: StringOrID, Default: Str("/"), CLI: 'w',
		Acts: true,
		Help: "The directory the server changes to when it goes into the background, after chroot. Core files end " +
			"up here.",
	},
})

// logParams is about what is logged, where to, and from which level on.
var logParams = inGroup(GroupCore, []Param{
	{
		ID: Corelog, Name: "corelog", Aliases: []string{"core_log"}, Type: IntSigned, Default: Num(-1),
		DefaultText: "error",
		RT:          atomic("core", "corelog", 0, 0), Since: "3.2", Acts: true,
		Help: "The level at which the core complains about what strangers send, such as traffic that is not SIP. " +
			"Above debug these complaints vanish. However low, log_rate_limit bounds them.",
	},
	{
		ID: Debug, Name: "debug", Type: IntSigned, Default: Num(0), DefaultText: "warning", CLI: 'd',
		RT: atomic("core", "debug", 0, 0), Acts: true,
		Help: "The highest level that is logged: -5 alert, -4 bug, -3 and -2 critical, -1 error, 0 warning, 1 " +
			"notice, 2 info, 3 debug. -6 silences everything. On the command line every -d raises it by one, " +
			"starting from 0, and the value of the file no longer counts.",
	},
	{
		ID: LogFacility, Name: "log_facility", Type: Enum, Default: Bare("LOG_DAEMON"), Choices: facilities,
		RT: RT{Group: "core", Name: "log_facility", Text: true}, Acts: true,
		Help: "The syslog facility the server logs to. Syslog can put it into a file of its own. At run time it " +
			"is set by name and read as a number.",
	},
	{
		ID: LogName, Name: "log_name", Type: String, DefaultText: "the program's name", Acts: true,
		Help: "The name in front of the server's lines in syslog, which tells several servers on one machine " +
			"apart. It does not appear on stderr.",
	},
	{
		ID: LogStderror, Name: "log_stderror", Type: Bool, Default: off, CLI: 'E', Acts: true,
		Help: "Yes logs to stderr instead of syslog. While a configuration is only checked the log always goes to " +
			"stderr.",
	},
	{
		ID: MemSummary, Name: "mem_summary", Type: IntSigned, Default: Num(3), Choices: memSummaryFlags,
		RT: atomic("core", "mem_summary", 0, 31), Acts: true,
		Help: "Which memory reports SIGUSR1 and the shutdown write, if memlog lets them. The sum of the chosen " +
			"values; 0 writes nothing. Every process writes of its private memory, the supervisor of the shared.",
	},
	{
		ID: Memdbg, Name: "memdbg", Aliases: []string{"mem_dbg"}, Type: IntSigned, Default: Num(3),
		DefaultText: "debug",
		RT:          atomic("core", "memdbg", 0, 0), Acts: true,
		Help: "The level at which every allocation and release of shared memory is logged. It is logged if debug " +
			"is at least this high.",
	},
	{
		ID: Memlog, Name: "memlog", Aliases: []string{"mem_log"}, Type: IntSigned, Default: Num(3),
		DefaultText: "debug",
		RT:          atomic("core", "memlog", 0, 0), Acts: true,
		Help: "The level of the memory reports that mem_summary selects. They are written at shutdown and on " +
			"SIGUSR1, if debug is at least this high.",
	},
	{
		ID: MemDumpPkg, Name: "mem_dump_pkg", Type: Int, RTOnly: true, Default: Num(0),
		RT: atomic("core", "mem_dump_pkg", 0, 0), Acts: false,
		Help: "Set to the number of a process, makes it report its private memory in the log at its next message " +
			"or tick.",
	},
	{
		ID: MemDumpShm, Name: "mem_dump_shm", Type: Int, RTOnly: true, Default: Num(0),
		RT: atomic("core", "mem_dump_shm", 0, 0), Acts: false,
		Help: "Set to 1, reports the shared memory in the log.",
	},
})

var memSummaryFlags = []Choice{
	{"private blocks", 1},
	{"shared blocks", 2},
	{"private sums", 4},
	{"shared sums", 8},
	{"short status", 16},
}

// facilities are the syslog facilities and their codes, RFC 5424 §6.2.1, shifted as syslog(3) wants them.
var facilities = []Choice{
	{"LOG_AUTH", 4 << 3},
	{"LOG_AUTHPRIV", 10 << 3},
	{"LOG_CRON", 9 << 3},
	{"LOG_DAEMON", 3 << 3},
	{"LOG_FTP", 11 << 3},
	{"LOG_KERN", 0 << 3},
	{"LOG_LOCAL0", 16 << 3},
	{"LOG_LOCAL1", 17 << 3},
	{"LOG_LOCAL2", 18 << 3},
	{"LOG_LOCAL3", 19 << 3},
	{"LOG_LOCAL4", 20 << 3},
	{"LOG_LOCAL5", 21 << 3},
	{"LOG_LOCAL6", 22 << 3},
	{"LOG_LOCAL7", 23 << 3},
	{"LOG_LPR", 6 << 3},
	{"LOG_MAIL", 2 << 3},
	{"LOG_NEWS", 7 << 3},
	{"LOG_SYSLOG", 5 << 3},
	{"LOG_USER", 1 << 3},
	{"LOG_UUCP", 8 << 3},
}
