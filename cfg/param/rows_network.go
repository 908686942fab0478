package param

// networkParams is about sockets and addresses.
var networkParams = inGroup(GroupCore, []Param{
	{
		ID: AdvertisedAddress, Name: "advertised_address", Type: ListenID, DefaultText: "the socket's address",
		Acts: true,
		Help: "The host the server writes into Via and Record-Route instead of the address of its socket, for " +
			"servers behind an address translator. It is written as given and not checked: an IPv6 address " +
			"needs its brackets.",
	},
	{
		ID: AdvertisedPort, Name: "advertised_port", Type: Int, Min: 0, Max: 65535, Strict: true, Default: Num(0),
		DefaultText: "the socket's port", Acts: true,
		Help: "The port the server writes into Via and Record-Route instead of that of its socket, 5060 included. " +
			"Without advertised_address the address stays that of the socket.",
	},
	{
		ID: Alias, Name: "alias", Type: Statement, DefaultText: "none beside the automatic ones", Acts: true,
		Help: "Names that the server takes for itself in comparisons with myself and in loose routing: a list of " +
			"[proto:]host[:port], separated by blanks. What is left out, or *, matches anything. May be " +
			"repeated.",
	},
	{
		ID: AutoAliases, Name: "auto_aliases", Type: Bool, Default: on, CLI: 'a', Acts: true,
		Help: "Adds the names that reverse DNS knows for the listening addresses, and the further names of hosts " +
			"listened on, to the aliases.",
	},
	{
		ID: AutoBindIPv6, Name: "auto_bind_ipv6", Type: Bool, Default: off, Since: "3.1", Acts: true,
		Help: "Without any listen, also listens on the IPv6 addresses of all interfaces.",
	},
	{
		ID: Listen, Name: "listen", Type: Statement, DefaultText: "every IPv4 address of the machine", CLI: 'l',
		Acts: true,
		Help: "What to listen on: a list of [proto:]id[:port], separated by blanks. The id is an address, a host, " +
			"an interface, or several addresses in parentheses. Without a protocol each enabled one gets a " +
			"socket; without a port the value of port is taken. May be repeated; -l adds to it.",
	},
	{
		ID: McastLoopback, Name: "mcast_loopback", Type: Bool, Default: off, Acts: true,
		Help: "Whether multicast datagrams the server sends also reach the machine it runs on.",
	},
	{
		ID: McastTTL, Name: "mcast_ttl", Type: Int, Min: 0, Max: 255, Strict: true, Default: Num(-1),
		DefaultText: osDefault + " (1)", Acts: true,
		Help: "How many routers the multicast datagrams of the server may pass.",
	},
	{
		ID: Mhomed, Name: "mhomed", Type: Bool, Default: off, Acts: true,
		Help: "For servers in several networks. Yes asks the system's routing which local address leads to the " +
			"destination and sends from the socket on it. No sends from the socket the request came in on, or " +
			"else from the first of the protocol and address family needed.",
	},
	{
		ID: PMTUDiscovery, Name: "pmtu_discovery", Type: Bool, Default: off, Acts: true,
		Help: "Yes forbids routers to fragment what is sent over UDP; no allows it.",
	},
	{
		ID: Port, Name: "port", Type: Int, Min: 0, Max: 65535, Strict: true, Default: Num(5060), Acts: true,
		Help: "The port of every listening socket that names none. 0 means the default.",
	},
	{
		ID: ReplyToVia, Name: "reply_to_via", Type: Bool, Default: off, Acts: true,
		Help: "Sends replies that the server makes without a transaction to the host and port of the topmost Via. " +
			"No sends them to where the request came from.",
	},
	{
		ID: Maxbuffer, Name: "maxbuffer", Type: Int, Unit: Bytes, Default: Num(262144), CLI: 'b', Acts: true,
		Help: "How far the server tries to enlarge the receive buffer of each UDP socket. Beyond net.core.rmem_max this needs " +
			"to be started as root; else it takes what the system grants.",
	},
	{
		ID: TLSPortNo, Name: "tls_port_no", Type: Int, Min: 0, Max: 65535, Strict: true, Default: Num(5061),
		Acts: false,
		Help: "The port of every TLS socket that names none. 0 means the default.",
	},
	{
		ID: TOS, Name: "tos", Type: TOSNumber, Min: 0, Max: 255, Strict: true, Default: Num(0x10),
		DefaultText: "IPTOS_LOWDELAY",
		Choices:     tosNames, Acts: true,
		Help: "The type of service byte of every packet sent, as a number or by name in any case. Networks with " +
			"differentiated services read it as such: 0xb8 is expedited forwarding, 0x68 assured forwarding 31.",
	},
	{
		ID: UDP4Raw, Name: "udp4_raw", Type: IntSigned, Min: -1, Max: 1, Default: Num(0), Since: "3.1",
		RT: runtime("core", "udp4_raw", -1, 1), Acts: true,
		Help: "1 sends IPv4 datagrams through a raw socket, which needs root or CAP_NET_RAW; -1 does so if it is " +
			"allowed to; 0 does not.",
	},
	{
		ID: UDP4RawMTU, Name: "udp4_raw_mtu", Type: Int, Min: 28, Max: 65535, Unit: Bytes, Default: Num(1500),
		Since: "3.1",
		RT:    runtime("core", "udp4_raw_mtu", 28, 65535), Acts: true,
		Help: "From which size on datagrams sent through the raw socket are fragmented.",
	},
	{
		ID: UDP4RawTTL, Name: "udp4_raw_ttl", Type: Int, Min: -1, Max: 255, Default: Num(-1), DefaultText: osDefault,
		Since: "3.1", RT: runtime("core", "udp4_raw_ttl", -1, 255), Acts: true,
		Help: "The time to live of datagrams sent through the raw socket.",
	},
	{
		ID: UDPMTU, Name: "udp_mtu", Type: Int, Min: 0, Max: 65535, Unit: Bytes, Default: Num(0), DefaultText: "off",
		RT: atomic("core", "udp_mtu", 0, 65535), Acts: false,
		Note: "The switch waits for TCP: until then a request of any size leaves over UDP.",
		Help: "A request that would be larger than this over UDP, our own headers included, goes over " +
			"udp_mtu_try_proto instead. RFC 3261 §18.1.1 wants 1300. Replies are not affected. 0 switches it " +
			"off.",
	},
	{
		ID: UDPMTUTryProto, Name: "udp_mtu_try_proto", Type: Proto, Default: Bare("UDP"), DefaultText: "UDP: off",
		Choices: protos,
		RT:      runtime("core", "udp_mtu_try_proto", 1, 4), Acts: false,
		Note: "Waits for TCP, as udp_mtu does.",
		Help: "The protocol for requests too large for udp_mtu. It is taken only if the server has a socket for " +
			"it. Of the headers only Via tells of it. Clients behind an address translator may become " +
			"unreachable this way.",
	},
})

// protos are the transport protocols and the numbers the configuration language has for them.
var protos = []Choice{{"UDP", 1}, {"TCP", 2}, {"TLS", 3}, {"SCTP", 4}}

// tosNames are the names of RFC 1349 §4 as netinet/ip.h spells them.
var tosNames = []Choice{
	{"IPTOS_LOWDELAY", 0x10},
	{"IPTOS_THROUGHPUT", 0x08},
	{"IPTOS_RELIABILITY", 0x04},
	{"IPTOS_MINCOST", 0x02},
	{"IPTOS_LOWCOST", 0x02},
}
