package param

// coreTLSParams switches TLS on; what remains of the time when TLS was in the core is accepted and ignored.
var coreTLSParams = inGroup(GroupCore, []Param{
	{
		ID: DisableTLS, Name: "disable_tls", Aliases: []string{"tls_disable"}, Type: Bool, Default: on,
		opposite: EnableTLS, negates: true, Acts: false, Meanwhile: []int{1},
		Help: "Yes is enable_tls=no, no is enable_tls=yes. TLS is off until one of the two switches it on.",
	},
	{
		ID: EnableTLS, Name: "enable_tls", Aliases: []string{"tls_enable"}, Type: Bool, Default: off,
		opposite: DisableTLS, negates: true, Acts: false, Meanwhile: []int{0},
		Help: "Speaks TLS on the sockets of that protocol. Needs the tls module; without it the server warns and " +
			"TLS stays off.",
	},
})

var tlsParams = inGroup(GroupTLS, []Param{
	{
		ID: TLSCAList, Name: "tls_ca_list", Type: String, Legacy: tlsInCore,
		Help: "The file of accepted authorities.",
	},
	{
		ID: TLSCertificate, Name: "tls_certificate", Type: String, Legacy: tlsInCore,
		Help: "The file of the server's certificate.",
	},
	{
		ID: TLSHandshakeTimeout, Name: "tls_handshake_timeout", Type: Int, Unit: Seconds, Legacy: tlsInCore,
		Help: "How long a handshake may take.",
	},
	{
		ID: TLSLog, Name: "tls_log", Aliases: []string{"tlslog"}, Type: IntSigned, Legacy: tlsInCore,
		Help: "The level of messages about TLS.",
	},
	{
		ID: TLSMethod, Name: "tls_method", Type: Enum, Choices: tlsMethods, Legacy: tlsInCore,
		Help: "The version of the protocol.",
	},
	{
		ID: TLSPrivateKey, Name: "tls_private_key", Type: String, Legacy: tlsInCore,
		Help: "The file of the server's private key.",
	},
	{
		ID: TLSRequireCertificate, Name: "tls_require_certificate", Type: Bool, Legacy: tlsInCore,
		Help: "Whether clients must have a certificate.",
	},
	{
		ID: TLSSendTimeout, Name: "tls_send_timeout", Type: Int, Unit: Seconds, Legacy: tlsInCore,
		Help: "How long sending may take.",
	},
	{
		ID: TLSVerify, Name: "tls_verify", Type: Bool, Legacy: tlsInCore,
		Help: "Whether certificates of peers are verified.",
	},
})

var tlsMethods = []Choice{{"SSLv2", 1}, {"SSLv23", 2}, {"SSLv3", 3}, {"TLSv1", 4}}
