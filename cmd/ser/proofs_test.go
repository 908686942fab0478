package main

import (
	"fmt"
	"net"
	"strings"

	"golang.org/x/sys/unix"
)

// proofs has one for each core parameter that acts.
var proofs = map[string]proof{
	"advertised_address": {world: "set", line: `advertised_address="203.0.113.5"`, probe: via, want: `UDP 203\.0\.113\.5:`},
	"advertised_port":    {world: "set", line: "advertised_port=5099", probe: via, want: `UDP [^ ;]*:5099;`},
	"alias":              {world: "set", line: "alias=alias.example.org", probe: mine, want: "mine=1"},
	"auto_aliases":       {world: "set", line: "auto_aliases=no", probe: (*life).printed, want: `Aliases: \n( +\*: alias.example.org:\*\n)?\n`},
	"auto_bind_ipv6":     {test: "supervisor/listen/listen_test.go#TestPrint"},
	"avpflags": {
		world: "set", line: "avpflags paid",
		probe: dry("avpflags paid", "listen=udp:127.0.0.1\nloadmodule \"pv\"\nroute[x] { setavpflag($avp(x), paid); }"), want: "exit 0",
	},
	"check_via":             {world: "set", line: "check_via=yes", probe: foreignReply, want: "^lost$"},
	"children":              {world: "set", line: "children=2", probe: processes, want: "udp receiver child=1"},
	"chroot":                {test: "cmd/ser/testdata/script/privileges.txtar"},
	"corelog":               {world: "set", line: "corelog=3", probe: garbage, want: "^silent$"},
	"debug":                 {world: "set", line: "debug=1", probe: lineOf("noticed"), want: "noticed"},
	"disable_core_dump":     {world: "set", line: "disable_core_dump=yes", probe: proc("limits"), want: `core file size +0 +0 `},
	"exit_timeout":          {test: "supervisor/crew_test.go#TestShutdown"},
	"flags":                 {world: "set", line: "flags proof:5", probe: dry("flags proof:5", "listen=udp:127.0.0.1\nroute[x] { setflag(proof); }"), want: "exit 0"},
	"force_rport":           {world: "set", line: "force_rport=yes", probe: sourcePort, want: "^source$"},
	"fork":                  {test: "cmd/ser/testdata/script/foreground.txtar"},
	"group":                 {test: "cmd/ser/testdata/script/privileges.txtar"},
	"listen":                {world: "set", probe: dry("listen=udp:127.0.0.3:5071", "auto_aliases=no"), want: `udp: 127.0.0.3:5071\n`},
	"loadmodule":            {world: "set", probe: dry(`loadmodule "sl"`, "listen=udp:127.0.0.1\nroute[x] { sl_send_reply(\"200\", \"OK\"); }"), want: "exit 0"},
	"log_facility":          {test: "worker/logger/syslog_test.go#TestFacilityAndName"},
	"log_name":              {test: "worker/logger/syslog_test.go#TestFacilityAndName"},
	"log_stderror":          {test: "worker/logger/syslog_test.go#TestFacilityAndName"},
	"max_while_loops":       {world: "set", line: "max_while_loops=7", probe: say, want: "loops=7 "},
	"maxbuffer":             {world: "set", line: "maxbuffer=150000", probe: sockopt(unix.SOL_SOCKET, unix.SO_RCVBUF), want: "^300000$"},
	"mcast_loopback":        {world: "set", line: "mcast_loopback=yes", probe: sockopt(unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP), want: "^1$"},
	"mcast_ttl":             {world: "set", line: "mcast_ttl=9", probe: sockopt(unix.IPPROTO_IP, unix.IP_MULTICAST_TTL), want: "^9$"},
	"mem_summary":           {test: "worker/report/report_test.go#TestFlagsAndLevel"},
	"memdbg":                {test: "worker/report/report_test.go#TestReportsAreComplete"},
	"memlog":                {test: "worker/report/report_test.go#TestFlagsAndLevel"},
	"mhomed":                {test: "cmd/ser/netns_test.go#TestMultihomed"},
	"mlock_pages":           {world: "set", line: "mlock_pages=yes", probe: proc("status"), want: `VmLck:\s+[1-9]`},
	"modparam":              {world: "set", probe: dry(`loadmodule "sl"`+"\n"+`modparam("sl", "no_such", 1)`, "listen=udp:127.0.0.1"), want: "no parameter no_such"},
	"open_files_limit":      {test: "cmd/ser/files_test.go#TestOpenFilesLimit"},
	"loadpath":              {world: "set", probe: dry(`loadpath "/opt/modules"`, "listen=udp:127.0.0.1"), want: "loading modules under config path: /opt/modules"},
	"phone2tel":             {world: "set", line: "phone2tel=no", probe: phone, want: "user=say;x=1\r"},
	"pmtu_discovery":        {world: "set", line: "pmtu_discovery=yes", probe: sockopt(unix.IPPROTO_IP, unix.IP_MTU_DISCOVER), want: fmt.Sprintf("^%d$", unix.IP_PMTUDISC_DO)},
	"port":                  {world: "set", probe: dry("port=5077", "listen=udp:127.0.0.1\nauto_aliases=no"), want: "udp: 127.0.0.1:5077\n"},
	"pv_buffer_size":        {world: "set", line: "pv_buffer_size=300", probe: longFormat, want: "^too long$"},
	"xavp_via_fields":       {test: "worker/settings_test.go#TestViaXAVP"},
	"xavp_via_params":       {test: "worker/settings_test.go#TestViaXAVP"},
	"received_route_mode":   {test: "worker/events_test.go#TestReceivedRouteMode"},
	"reply_to_via":          {world: "other", line: "reply_to_via=yes", probe: viaHost, want: "^via$"},
	"server_header":         {world: "set", line: `server_header="Server: proof"`, probe: say, want: `\r\nServer: proof\r\n`},
	"server_id":             {world: "set", line: "server_id=42", probe: say, want: "id=42 "},
	"server_signature":      {world: "other", line: "server_signature=no", probe: present("Server:"), want: "^absent$"},
	"shm":                   {world: "set", line: "shm=48", probe: arena, want: "size=67 "}, // 48 and what is in flight to three receivers, 19
	"shm_force_alloc":       {world: "set", line: "shm_force_alloc=yes", probe: arena, want: "size=67 there=6[4-9]"},
	"sip_warning":           {world: "set", line: "sip_warning=no", probe: present("Warning:"), want: "^absent$"},
	"stun_allow_fp":         {world: "set", line: "stun_allow_fp=no", probe: stunProbe, want: `^0101(0020000800[0-9a-f]{14}|80240004[0-9a-f]{8})+$`},
	"stun_allow_stun":       {world: "other", line: "stun_allow_stun=no", probe: stunProbe, want: "^$"},
	"stun_refresh_interval": {world: "set", line: "stun_refresh_interval=258", probe: stunProbe, want: "8024000400000102"},
	"syn_branch":            {world: "set", line: "syn_branch=no", probe: via, want: `branch=z9hG4bK[0-9a-f]{32}\.`},
	"tos":                   {world: "set", line: "tos=0xb8", probe: sockopt(unix.IPPROTO_IP, unix.IP_TOS), want: "^184$"},
	"udp4_raw":              {world: "other", line: "udp4_raw=1", probe: forwardTTL, want: "^33$"},
	"udp4_raw_mtu":          {test: "worker/transport/raw_test.go#TestRawFragments"},
	"udp4_raw_ttl":          {world: "other", line: "udp4_raw_ttl=33", probe: forwardTTL, want: "^33$"},
	"user":                  {test: "cmd/ser/testdata/script/privileges.txtar"},
	"user_agent_header":     {test: "worker/settings_test.go#TestUserAgent"},
	"workdir":               {test: "cmd/ser/testdata/script/privileges.txtar"},

	"dns":     {test: "worker/viadns_test.go#TestViaNames"},
	"rev_dns": {test: "worker/viadns_test.go#TestViaNames"},

	"real_time":        {test: "cmd/ser/testdata/script/realtime.txtar"},
	"rt_policy":        {test: "cmd/ser/testdata/script/realtime.txtar"},
	"rt_prio":          {test: "cmd/ser/testdata/script/realtime.txtar"},
	"rt_timer1_policy": {test: "cmd/ser/testdata/script/realtime.txtar"},
	"rt_timer1_prio":   {test: "cmd/ser/testdata/script/realtime.txtar"},
	"rt_timer2_policy": {test: "cmd/ser/testdata/script/realtime.txtar"},
	"rt_timer2_prio":   {test: "cmd/ser/testdata/script/realtime.txtar"},

	"log_rate_limit":      {world: "tight", line: "log_rate_limit=1", probe: muchGarbage, want: "^few$"},
	"max_datagram":        {world: "tight", line: "max_datagram=1400", probe: long(1500), want: "^lost$"},
	"max_header_bytes":    {world: "tight", line: "max_header_bytes=1000", probe: long(1100), want: "^SIP/2.0 513"},
	"max_headers":         {world: "tight", line: "max_headers=16", probe: many("X-H: 1", 20), want: "^SIP/2.0 513"},
	"max_routes":          {world: "tight", line: "max_routes=1", probe: many("Route: <sip:h.example.org;lr>", 3), want: "^SIP/2.0 513"},
	"max_self_vias":       {test: "worker/settings_test.go#TestSelfVias"},
	"max_vias":            {world: "tight", line: "max_vias=2", probe: many("Via: SIP/2.0/UDP h.example.org;branch=z9hG4bKx", 3), want: "^SIP/2.0 483"},
	"max_waiting":         {test: "worker/follow_test.go#TestMaxWaiting"},
	"quarantine_after":    {test: "worker/follow_test.go#TestSuccessor"},
	"quarantine_dir":      {test: "worker/follow_test.go#TestSuccessor"},
	"reject_invalid":      {world: "mean", line: "reject_invalid=no", probe: invalid, want: "^SIP/2.0 200"},
	"reply_amplification": {world: "mean", line: "reply_amplification=1", probe: big, want: "^lost$"},
	"stun_rate_limit":     {test: "worker/stun_test.go#TestSTUNBounds"},
	"udp_batch":           {test: "worker/settings_test.go#TestBatch"},
	"udp_pause":           {test: "worker/settings_test.go#TestPause"},

	"bind_ipv6_link_local": {test: "supervisor/listen/listen_test.go#TestPrint"},
	"cfgengine":            {world: "set", probe: dry(`cfgengine "python"`, "listen=udp:127.0.0.1"), want: "exit 255"},
	"fork_delay":           {test: "supervisor/crew_test.go#TestForkDelay"},
	"ip_free_bind":         {world: "set", line: "ip_free_bind=1", probe: sockopt(unix.IPPROTO_IP, unix.IP_FREEBIND), want: "^1$"},
	"latency_cfg_log":      {world: "set", line: "latency_cfg_log=-1", probe: lineOf("latency: the route"), want: "ERROR: .*latency: the route at"},
	"latency_limit_action": {world: "set", line: "latency_limit_action=1", probe: lineOf("latency: the statement"), want: "latency: the statement at .* took"},
	"latency_limit_cfg":    {world: "set", line: "latency_limit_cfg=1", probe: lineOf("latency: the route"), want: "latency: the route at .* took"},
	"latency_log":          {world: "set", line: "latency_log=0", probe: lineOf("latency: the statement"), want: "WARNING: .*latency: the statement"},
	"local_rport":          {world: "set", line: "local_rport=yes", probe: via, want: ";rport"},
	"log_engine_data":      {world: "set", probe: dry("log_engine_type=\"json\"\nlog_engine_data=\"!\"", "listen=udp:127.0.0.1"), want: "unknown flag `!'"},
	"log_engine_type":      {world: "other", line: `log_engine_type="json"`, probe: lineOf("first"), want: `^\{.*"message":"first OPTIONS"`},
	"log_prefix":           {world: "set", line: `log_prefix="<$ci $rU> "`, probe: lineOf("first"), want: "ERROR: <proof say> "},
	"log_prefix_mode":      {test: "worker/settings_test.go#TestPrefixMode"},
	"max_branches":         {world: "set", line: "max_branches=3", probe: say, want: "branches=2 "},
	"max_recursive_level":  {world: "set", line: "max_recursive_level=12", probe: say, want: "depth=1[0-2] "},
	"maxsndbuffer":         {world: "set", line: "maxsndbuffer=150000", probe: sockopt(unix.SOL_SOCKET, unix.SO_SNDBUF), want: "^300000$"},
	"mcast":                {test: "supervisor/listen/bind_test.go#TestMulticastInterface"},
	"onsend_route_reply":   {world: "set", line: "onsend_route_reply=yes", probe: answered, want: "a reply leaves"},
	"socket_workers":       {world: "set", probe: processes, want: "udp receiver child=2"},
}

// say is the answer to a request that makes the script tell what it sees.
func say(l *life) string { return l.ask("say", "X-Text: "+strings.Repeat("x", 200)) }

func via(l *life) string {
	line, _, _ := strings.Cut(l.forwarded(), "\r\nVia: SIP/2.0/UDP 127.0.0.1:"+"x")
	return strings.SplitN(line, "\r\nVia:", 3)[1]
}

func mine(l *life) string {
	c := client(l.t, "127.0.0.1:0")
	l.send(c, l.message(c, "OPTIONS", "sip:say@alias.example.org", ""))
	return read(c)
}

func phone(l *life) string {
	c := client(l.t, "127.0.0.1:0")
	l.send(c, l.message(c, "OPTIONS", "sip:say;x=1@127.0.0.1;user=phone", ""))
	return read(c)
}

func present(header string) func(l *life) string {
	return func(l *life) string {
		switch answer := say(l); {
		case answer == "":
			return "no answer"
		case strings.Contains(answer, "\r\n"+header):
			return "there"
		}
		return "absent"
	}
}

// lineOf asks once and returns the last line of the log with text in it.
func lineOf(text string) func(l *life) string {
	return func(l *life) string {
		l.settled(func() { say(l) })
		return last(l, text)
	}
}

func last(l *life, text string) string {
	found := ""
	for line := range strings.Lines(l.logged()) {
		if strings.Contains(line, text) {
			found = strings.TrimSuffix(line, "\n")
		}
	}
	return found
}

// reply gives the server the answer that a peer would give to a forwarded request.
func reply(l *life, via string) (*net.UDPConn, *net.UDPConn) {
	c, peer := client(l.t, "127.0.0.1:0"), client(l.t, "127.0.0.1:0")
	msg := "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP " + via + ";branch=z9hG4bKown\r\nVia: SIP/2.0/UDP " + c.LocalAddr().String() +
		";branch=z9hG4bKp\r\nFrom: <sip:a@example.org>;tag=1\r\nTo: <sip:b@example.org>;tag=2\r\nCall-ID: p\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
	l.send(peer, msg)
	return c, peer
}

// foreignReply tells what becomes of a reply whose top Via is not ours.
func foreignReply(l *life) string {
	c, _ := reply(l, "192.0.2.200")
	return arrives(c)
}

// answered tells whether onsend_route has seen a reply that was sent on.
func answered(l *life) string {
	l.settled(func() {
		for _, via := range []string{fmt.Sprintf("127.0.0.1:%d", l.port), "203.0.113.5:5099"} {
			c, _ := reply(l, via)
			arrives(c)
		}
		say(l)
	})
	return last(l, "a reply leaves")
}

func arrives(c *net.UDPConn) string {
	if read(c) == "" {
		return "lost"
	}
	return "arrives"
}

// garbage tells whether the log says anything of a datagram that is not SIP.
func garbage(l *life) string {
	before := strings.Count(l.logged(), "refused a message")
	l.settled(func() {
		l.send(client(l.t, "127.0.0.1:0"), strings.Repeat("garbage ", 20)+"\r\n\r\n")
		say(l)
	})
	if strings.Count(l.logged(), "refused a message") == before {
		return "silent"
	}
	return "loud"
}

func muchGarbage(l *life) string {
	before := strings.Count(l.logged(), "refused a message")
	l.settled(func() {
		for range 15 {
			l.send(client(l.t, "127.0.0.1:0"), strings.Repeat("garbage ", 20)+"\r\n\r\n")
		}
		say(l)
	})
	if strings.Count(l.logged(), "refused a message")-before > 4 { // a second may turn on the way
		return "many"
	}
	return "few"
}

// sourcePort tells where the answer to a request goes whose Via has another port, and no rport.
func sourcePort(l *life) string {
	c, other := client(l.t, "127.0.0.1:0"), client(l.t, "127.0.0.1:0")
	l.send(c, l.message(c, "OPTIONS", "sip:say@127.0.0.1", other.LocalAddr().String()))
	if arrives(c) == "arrives" {
		return "source"
	}
	return arrives(other)
}

// viaHost tells where the answer to a request goes whose Via has another address.
func viaHost(l *life) string {
	c := client(l.t, "127.0.0.1:0")
	other := client(l.t, fmt.Sprintf("127.0.0.2:%d", c.LocalAddr().(*net.UDPAddr).Port))
	l.send(c, l.message(c, "OPTIONS", "sip:say@127.0.0.1", other.LocalAddr().String()))
	if arrives(other) == "arrives" {
		return "via"
	}
	return arrives(c)
}

// stunProbe is the answer to a binding request in hex, without length, cookie and transaction id.
func stunProbe(l *life) string {
	c := client(l.t, "127.0.0.1:0")
	l.send(c, "\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl")
	b := read(c)
	if len(b) < 20 {
		return ""
	}
	return fmt.Sprintf("%x%x", b[:2], b[20:])
}

// forwardTTL is the time to live of what the server sends on, as the receiver's kernel tells.
func forwardTTL(l *life) string {
	c, peer := client(l.t, "127.0.0.1:0"), client(l.t, "127.0.0.1:0")
	raw, err := peer.SyscallConn()
	if err != nil {
		l.t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_RECVTTL, 1) })
	l.send(c, l.message(c, "OPTIONS", "sip:forward@127.0.0.1", "", "X-To: sip:"+peer.LocalAddr().String()))
	oob := make([]byte, 64)
	read := make([]byte, 2000)
	n, on, _, _, err := peer.ReadMsgUDP(read, oob)
	if err != nil || n == 0 {
		l.t.Fatal("nothing is sent on: ", err)
	}
	msgs, err := unix.ParseSocketControlMessage(oob[:on])
	if err != nil || len(msgs) != 1 {
		l.t.Fatal(msgs, err)
	}
	return fmt.Sprint(msgs[0].Data[0])
}

// many asks with a header line n times.
func many(line string, n int) func(l *life) string {
	return func(l *life) string {
		headers := make([]string, n)
		for i := range headers {
			headers[i] = line
		}
		return l.ask("say", headers...)
	}
}

// long asks with n bytes of one header.
func long(n int) func(l *life) string {
	return func(l *life) string {
		if a := l.ask("say", "X-Text: "+strings.Repeat("y", n)); a != "" {
			return a
		}
		return "lost"
	}
}

// invalid asks with a message that RFC 3261 §8.1.1 forbids: its CSeq names another method.
func invalid(l *life) string {
	c := client(l.t, "127.0.0.1:0")
	l.send(c, strings.Replace(l.message(c, "OPTIONS", "sip:say@127.0.0.1", "", "X-Text: "+strings.Repeat("x", 200)), "CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 1))
	return read(c)
}

// longFormat makes the script build a text of some 400 bytes.
func longFormat(l *life) string {
	if strings.Contains(l.ask("big", "X-Text: "+strings.Repeat("z", 400)), "X-Big") {
		return "built"
	}
	return "too long"
}

// big asks for an answer that is somewhat larger than the request.
func big(l *life) string {
	if a := l.ask("big", "X-Text: "+strings.Repeat("z", 150)); a != "" {
		return "arrives"
	}
	return "lost"
}
