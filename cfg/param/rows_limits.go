package param

// limitParams bounds what strangers can cause. Each limit is on by default; none exists in the original.
var limitParams = inGroup(GroupLimits, []Param{
	{
		ID: LogRateLimit, Name: "log_rate_limit", Type: Int, Min: 0, Max: 1000000, Strict: true, Default: Num(20),
		Since: goser, Acts: true,
		Help: "How many lines a second each worker may log because of what strangers send; those left out are " +
			"counted and summed up in one line. 0 means no limit. Lines a script writes itself are not " +
			"affected.",
	},
	{
		ID: MaxDatagram, Name: "max_datagram", Type: Int, Min: 512, Max: 65535, Strict: true, Unit: Bytes,
		Default: Num(65535), Since: goser, Acts: true,
		Help: "The longest datagram that is looked at. A longer one is dropped and counted: what it would say " +
			"about itself beyond that length is unknown.",
	},
	{
		ID: MaxHeaderBytes, Name: "max_header_bytes", Type: Int, Min: 512, Max: 65535, Strict: true, Unit: Bytes,
		Default: Num(16384), Since: goser, Acts: true,
		Help: "How long all headers of a message may be together, the first line included. A request beyond it is " +
			"answered with 513, a reply is dropped and counted.",
	},
	{
		ID: MaxHeaders, Name: "max_headers", Type: Int, Min: 16, Max: 4096, Strict: true, Default: Num(256),
		Since: goser, Acts: true,
		Help: "How many header fields a message may have. A request beyond it is answered with 513, a reply is " +
			"dropped and counted.",
	},
	{
		ID: MaxRoutes, Name: "max_routes", Type: Int, Min: 1, Max: 1024, Strict: true, Default: Num(70),
		Since: goser, Acts: true,
		Help: "How many Route entries a request may have, in all its Route headers together. One beyond it is " +
			"answered with 513.",
	},
	{
		ID: MaxSelfVias, Name: "max_self_vias", Type: Int, Min: 1, Max: 70, Strict: true, Default: Num(8),
		Since: goser, Acts: true,
		Help: "How many Via entries of a reply may be the server's own. It sends such a reply to itself once for " +
			"each, so one beyond this is dropped and counted.",
	},
	{
		ID: MaxVias, Name: "max_vias", Type: Int, Min: 1, Max: 1024, Strict: true, Default: Num(70), Since: goser,
		Acts: true,
		Help: "How many Via entries a message may have, in all its Via headers together. A request beyond it is " +
			"answered with 483, a reply, which may have ours besides, is dropped and counted. 70 is what Max-Forwards " +
			"starts with, RFC 3261 §8.1.1.6.",
	},
	{
		ID: MaxWaiting, Name: "max_waiting", Type: Int, Min: 1, Max: 4096, Strict: true, Default: Num(64),
		Since: goser, Acts: true,
		Help: "How many messages of one worker may wait at the same time for a name server, a database or a " +
			"connection. A request that would be one more is answered with 503, a reply is dropped and counted; while what " +
			"the others wait for comes within 20 ms it first gives way to them, for some 20 ms at most.",
	},
	{
		ID: QuarantineAfter, Name: "quarantine_after", Type: Int, Min: 1, Max: 100, Strict: true, Default: Num(2),
		Since: goser, Acts: true,
		Help: "How many workers a message may kill before it is written to quarantine_dir and not tried again.",
	},
	{
		ID: QuarantineDir, Name: "quarantine_dir", Type: String, Default: Str("/var/spool/ser/quarantine"),
		Since: goser, Acts: true,
		Help: "The directory for messages that killed workers, one file each. It is made if it does not exist. If " +
			"that is not possible the server says so at start and takes a directory below /var/tmp that only " +
			"its own user can enter.",
	},
	{
		ID: RejectInvalid, Name: "reject_invalid", Type: Bool, Default: on, Since: goser, Acts: true,
		Help: "The core refuses what RFC 3261 §16.3 and RFC 4475 call invalid before the script sees it: requests " +
			"are answered as the RFC says, replies are dropped, both are counted. No leaves the decision to the " +
			"script, as the original does.",
	},
	{
		ID: ReplyAmplification, Name: "reply_amplification", Type: Int, Min: 1, Max: 1000, Strict: true,
		Default: Num(3), Since: goser, Acts: true,
		Help: "The largest reply to somebody who has not authenticated, as a multiple of the request's size. Of a " +
			"larger one the Warning and Server headers, then the reason phrase are left out; one still larger " +
			"is not sent. So nobody can multiply traffic against a forged source address.",
	},
	{
		ID: STUNRateLimit, Name: "stun_rate_limit", Type: Int, Min: 0, Max: 1000000, Strict: true, Default: Num(1000),
		Since: goser, Acts: true,
		Help: "How many STUN requests each worker answers in a second. More are dropped and counted: their sources " +
			"may be forged. 0 means no limit. Each answer is bounded by reply_amplification, too.",
	},
	{
		ID: UDPBatch, Name: "udp_batch", Type: Int, Min: 1, Max: 64, Strict: true, Default: Num(16), Since: goser,
		Acts: true,
		Help: "How many datagrams a worker takes from its socket in one system call. More serves a loaded server " +
			"better and puts more messages at stake when a worker dies: they are run again.",
	},
	{
		ID: UDPPause, Name: "udp_pause", Type: Int, Min: 0, Max: 1000, Strict: true, Default: Num(50), Since: goser,
		Acts: true,
		Help: "How long, in microseconds, a worker may let datagrams gather before it takes them, so that one wake-up " +
			"does for several; at moderate loads that saves up to half of the CPU time. It does so only where it has " +
			"found that this saves wake-ups and that no client waits for it. 0: never.",
	},
})
