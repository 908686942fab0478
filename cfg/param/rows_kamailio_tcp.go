package param

// kamailioTCPParams are what Kamailio 4 and 5 have for connections beside tcpParams.
var kamailioTCPParams = inGroup(GroupTCP, []Param{
	{
		ID: HTTPReplyParse, Name: "http_reply_parse", Aliases: []string{"http_reply_hack"}, Type: Bool, Default: off, Acts: false, Meanwhile: []int{0},
		Help: "Accepts replies of HTTP on connections, too, for modules that send requests of HTTP.",
	},
	{
		ID: TCPAcceptHAProxy, Name: "tcp_accept_haproxy", Type: Bool, Default: off, Acts: false, Meanwhile: []int{0},
		Help: "Reads the PROXY header that HAProxy puts before a connection and takes its addresses for those of the connection.",
	},
	{
		ID: TCPAcceptHEP3, Name: "tcp_accept_hep3", Type: Bool, Default: off, Acts: false, Meanwhile: []int{0},
		Help: "Accepts packets of HEP 3 on connections.",
	},
	{
		ID: TCPAcceptUnique, Name: "tcp_accept_unique", Type: Int, Default: Num(0), Acts: false, Meanwhile: []int{0},
		Help: "Closes a new connection from an address and port that has one already.",
	},
	{
		ID: TCPCloneRcvbuf, Name: "tcp_clone_rcvbuf", Type: Int, Default: Num(0), Acts: false, Meanwhile: []int{0},
		Help: "Hands each message on in a buffer of its own instead of the one it was received in.",
	},
	{
		ID: TCPConnectionMatch, Name: "tcp_connection_match", Type: Int, Default: Num(0), Acts: false, Meanwhile: []int{0},
		Help: "Whether a connection is looked up by its remote address alone or by its local address, too.",
	},
	{
		ID: TCPReusePort, Name: "tcp_reuse_port", Type: Bool, Default: off, Acts: false, Meanwhile: []int{0},
		Help: "Opens connections from the port the server listens on.",
	},
	{
		ID: TCPScriptMode, Name: "tcp_script_mode", Type: Int, Default: Num(0), Acts: false, Meanwhile: []int{0},
		Help: "What happens to a connection on which the script failed.",
	},
	{
		ID: TCPWaitData, Name: "tcp_wait_data", Type: Int, Default: Num(5000), Acts: false,
		Help: "How many milliseconds a connection that was accepted may stay without data.",
	},
	{
		ID: TLSConnectionMatchDomain, Name: "tls_connection_match_domain", Type: Bool, Default: off, Acts: false, Meanwhile: []int{0},
		Help: "Whether a connection of TLS is used again only for the domain of the certificates it was opened for.",
	},
	{
		ID: TLSMaxConnections, Name: "tls_max_connections", Type: Int, Default: Num(2048), Acts: false,
		Help: "How many connections of TLS there may be.",
	},
})
