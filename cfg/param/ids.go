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
	TCPNewConnAliasFlags
	TCPAcceptAliases
	TCPAcceptNoCL
	TCPAsync
	TCPChildren
	TCPConnWqMax
	TCPConnectTimeout
	TCPConnectionLifetime
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
	TCPSendTimeout
	TCPSourceIPv4
	TCPSourceIPv6
	TCPSyncnt
	TCPWqBlkSize
	TCPWqMax

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

	count // how many there are
)
