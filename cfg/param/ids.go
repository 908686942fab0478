package param

// ID names one core parameter and is its index in a Values.
type ID uint16

// The parameters, one constant each, named after the parameter itself; table_test.go holds the names
// together.
const (
	// Group: core.
	AdvertisedAddress ID = iota
	AdvertisedPort
	Alias
	AutoAliases
	AutoBindIPv6
	Avpflags
	CheckVia
	Children
	Chroot
	Corelog
	Debug
	DisableCoreDump
	DisableTLS
	EnableTLS
	ExitTimeout
	FlagNames // flags; Flags is a type
	ForceRport
	Fork
	RunGroup // group; Group is a type
	Listen
	Loadmodule
	Loadpath
	LogFacility
	LogName
	LogStderror
	MaxWhileLoops
	Maxbuffer
	McastLoopback
	McastTTL
	MemDumpPkg
	MemDumpShm
	MemSummary
	Memdbg
	Memlog
	Mhomed
	MlockPages
	Modparam
	OpenFilesLimit
	Phone2tel
	PMTUDiscovery
	Port
	PVBufferSize
	PVBufferSlots
	ReplyToVia
	ServerHeader
	ServerID
	ServerSignature
	Shm
	ShmForceAlloc
	SIPWarning
	SQLBufferSize
	Statistics
	STUNAllowFP
	STUNAllowSTUN
	STUNRefreshInterval
	SynBranch
	TLSPortNo
	TOS
	UDP4Raw
	UDP4RawMTU
	UDP4RawTTL
	UDPMTU
	UDPMTUTryProto
	User
	UserAgentHeader
	VersionTable
	Workdir

	// Group: name resolution.
	DNS
	DNSCacheDelNonexp
	DNSCacheFlags
	DNSCacheGCInterval
	DNSCacheInit
	DNSCacheMaxTTL
	DNSCacheMem
	DNSCacheMinTTL
	DNSCacheNegativeTTL
	DNSCacheRecPref
	DNSNAPTRIgnoreRFC
	DNSReinit
	DNSRetrNo
	DNSRetrTime
	DNSSCTPPref
	DNSSearchFullMatch
	DNSServersNo
	DNSSRVLB
	DNSTCPPref
	DNSTLSPref
	DNSTryIPv6
	DNSTryNAPTR
	DNSUDPPref
	DNSUseSearchList
	RevDNS
	UseDNSCache
	UseDNSFailover

	// Group: TCP.
	TCPAliasFlags
	TCPConnectWait
	DisableTCP
	HTTPReplyParse
	TCPNewConnAliasFlags
	TCPAcceptAliases
	TCPAcceptHAProxy
	TCPAcceptHEP3
	TCPAcceptNoCL
	TCPAcceptUnique
	TCPAsync
	TCPChildren
	TCPCloneRcvbuf
	TCPConnWqMax
	TCPConnectTimeout
	TCPConnectionLifetime
	TCPConnectionMatch
	TCPCRLFPing
	TCPDeferAccept
	TCPDelayedACK
	TCPFDCache
	TCPKeepalive
	TCPKeepcnt
	TCPKeepidle
	TCPKeepintvl
	TCPLinger2
	TCPMaxConnections
	TCPNoConnect
	TCPPollMethod
	TCPRdBufSize
	TCPReusePort
	TCPScriptMode
	TCPSendTimeout
	TCPSourceIPv4
	TCPSourceIPv6
	TCPSyncnt
	TCPWaitData
	TCPWqBlkSize
	TCPWqMax
	TLSConnectionMatchDomain
	TLSMaxConnections

	// Group: SCTP.
	DisableSCTP
	EnableSCTP
	SCTPAsocmaxrxt
	SCTPAssocReuse
	SCTPAssocTracking
	SCTPAutoclose
	SCTPChildren
	SCTPHbinterval
	SCTPInitMaxAttempts
	SCTPInitMaxTimeo
	SCTPMaxAssocs
	SCTPMaxBurst
	SCTPPathmaxrxt
	SCTPSackDelay
	SCTPSackFreq
	SCTPSendRetries
	SCTPSendTTL
	SCTPSocketRcvbuf
	SCTPSocketSndbuf
	SCTPSrtoInitial
	SCTPSrtoMax
	SCTPSrtoMin

	// Group: destination blacklist.
	DstBlacklistExpire
	DstBlacklistGCInterval
	DstBlacklistInit
	DstBlacklistMem
	DstBlacklistSCTPImask
	DstBlacklistTCPImask
	DstBlacklistTLSImask
	DstBlacklistUDPImask
	UseDstBlacklist

	// Group: real time.
	RealTime
	RTPolicy
	RTPrio
	RTTimer1Policy
	RTTimer1Prio
	RTTimer2Policy
	RTTimer2Prio

	// Group: limits.
	LogRateLimit
	MaxDatagram
	MaxHeaderBytes
	MaxHeaders
	MaxRoutes
	MaxSelfVias
	MaxVias
	MaxWaiting
	QuarantineAfter
	QuarantineDir
	RejectInvalid
	ReplyAmplification
	STUNRateLimit
	UDPBatch
	UDPPause

	// Group: Kamailio 4 and 5.
	AsyncNonblock
	AsyncUsleep
	AsyncWorkers
	AsyncWorkersGroup
	BindIPv6LinkLocal
	Cfgengine
	ForkDelay
	HdrNameExtraChars
	IPFreeBind
	IPv6HexStyle
	LatencyCfgLog
	LatencyLimitAction
	LatencyLimitCfg
	LatencyLimitDB
	LatencyLog
	LocalRport
	LogEngineData
	LogEngineType
	LogPrefix
	LogPrefixMode
	MaxBranches
	MaxRecursiveLevel
	Maxsndbuffer
	Mcast
	MemJoin
	MemSafety
	MemStatusMode
	ModinitDelay
	MsgTime
	OnsendRouteReply
	PVCacheAction
	PVCacheLimit
	ReceivedRouteMode
	RouteLocksSize
	Rundir
	SIPParserLog
	SIPParserMode
	SocketWorkers
	StatsNameSeparator
	URIHostExtraChars
	VerboseStartup
	WaitWorker1Mode
	WaitWorker1Time
	WaitWorker1Usleep
	XAVPViaFields
	XAVPViaParams

	// Group: TLS in the core (legacy).
	TLSCAList
	TLSCertificate
	TLSHandshakeTimeout
	TLSLog
	TLSMethod
	TLSPrivateKey
	TLSRequireCertificate
	TLSSendTimeout
	TLSVerify

	// Group: old (legacy).
	DisableDNSBlacklist
	Fifo
	FifoDBURL
	FifoDir
	FifoGroup
	FifoMode
	FifoUser
	LogColor
	LoopChecks
	TLSThreadsMode
	UnixTxTimeout
	Unixsock
	UnixsockGroup
	UnixsockMode
	UnixsockUser
	XMLRPC

	count // how many there are
)
