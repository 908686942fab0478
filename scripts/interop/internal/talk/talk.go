package talk

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// Bare is what every configuration begins with: one receiver, so that messages are handled one after
// the other.
const Bare = `children=1
log_stderror=yes
listen=udp:127.0.0.1:@PORT@
`

// Prelude hides the program's name, which is a difference nobody minds.
const Prelude = `debug=1
server_header="Server: interop"
user_agent_header="User-Agent: interop"
sip_warning=no
`

// Calls are the modules of a stateful proxy. Nothing is retransmitted while a case does not wait for it.
const Calls = `loadmodule "tm"
loadmodule "sl"
loadmodule "tmx"
loadmodule "rr"
loadmodule "pv"
loadmodule "xlog"
loadmodule "maxfwd"
loadmodule "textops"
loadmodule "siputils"
modparam("tm", "retr_timer1", 6000)
modparam("tm", "retr_timer2", 8000)
`

// own is what only one of the two needs behind Calls: append_branch and setbflag are functions of modules there, and
// Max-Breadth is a header that only ours adds (case tm_fork_breadth).
var own = map[peer.Kind]string{
	peer.Kamailio: "loadmodule \"corex\"\nloadmodule \"kex\"\n",
	peer.Ours:     "modparam(\"tm\", \"max_breadth\", 0)\n",
}

// CallsOf is Calls as one of the two wants it.
func CallsOf(kind peer.Kind) string { return Calls + own[kind] }

// Talk is a conversation that is going on.
type Talk struct {
	server  *peer.Server
	ends    map[string]*endpoint
	marks   []*endpoint // one for each address family in use
	slow    bool        // the script sees replies, or a message waits: no marks, wait instead
	count   int
	out     []string
	names   *names
	toTag   string
	refused bool   // the last reply was a negative one
	only    []byte // datagrams without it are those of other conversations
	dir     string // @DIR@, "" the case has no files
	before  int64  // what was in the log before the first step
}

type endpoint struct {
	name string
	conn *net.UDPConn
	last map[string][]byte // the last request received, by method, and under "" of any
}

var (
	seesReplies = regexp.MustCompile(`(\breply_route|onreply_route(\[0\])?)\s*\{|check_via|on_sl_reply|import_file|include_file`)
	waits       = regexp.MustCompile(`\b(file_read|file_write|avp_db_\w+|u?sleep)\s*\(`) // while a message waits, a mark overtakes it
	toTagRE     = regexp.MustCompile(`(?im)^to\s*:.*;tag=([^;\s]+)`)
	endpointRE  = regexp.MustCompile(`@([a-z]6?)@`)
)

// Run has the conversation with one server and returns, line by line, what it said.
func Run(t testing.TB, c Case, kind peer.Kind) []string {
	t.Helper()
	k := &Talk{ends: map[string]*endpoint{}, names: newNames(), slow: seesReplies.MatchString(c.Config) || waits.MatchString(c.Config)}
	k.open(t, c)
	k.writeFiles(t, c.Files)
	config := peer.Expand(c.Config, k.values())
	config = strings.Replace(config, Calls, Calls+own[kind], 1)
	k.server = peer.Start(t, kind, config, peer.Options{})
	k.names.port(k.server.Port, "server")
	if strings.Contains(config, "[::1]") {
		k.marks = append(k.marks, listen(t, "mark6"))
	}
	k.marks = append(k.marks, listen(t, "mark"))
	k.warmUp()
	for i, step := range c.Steps {
		k.out = append(k.out, fmt.Sprintf("==== %d: %s", i+1, step.Title))
		k.step(t, step)
	}
	k.server.Stop()
	k.log()
	k.readFiles(t)
	return k.out
}

// warmUp waits until the server handles messages, and forgets what its script logged of that. Where marks
// are sent all the time, the first does it.
func (k *Talk) warmUp() {
	if !k.slow {
		return
	}
	m := k.marks[len(k.marks)-1]
	for n := range 20 {
		_, _ = m.conn.WriteToUDP(k.mark(m, fmt.Sprintf("warm-%d", n)), m.to(k.server.Port))
		if m.await("warm-", 500*time.Millisecond) {
			break
		}
	}
	time.Sleep(50 * time.Millisecond)
	k.before = k.server.LogSize()
}

// open makes every endpoint that the case names.
func (k *Talk) open(t testing.TB, c Case) {
	text := c.Config
	for _, s := range c.Steps {
		text += s.Text + " @" + s.From + "@"
	}
	for _, m := range endpointRE.FindAllStringSubmatch(text, -1) {
		if name := m[1]; k.ends[name] == nil {
			k.ends[name] = listen(t, name)
			k.names.port(k.ends[name].port(), name)
		}
	}
}

func listen(t testing.TB, name string) *endpoint {
	t.Helper()
	ip := net.IPv4(127, 0, 0, 1)
	if strings.HasSuffix(name, "6") {
		ip = net.IPv6loopback
	}
	for {
		c, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip})
		if err != nil {
			t.Fatal(err)
		}
		e := &endpoint{name: name, conn: c, last: map[string][]byte{}}
		if e.port() >= 10000 { // all ports have five digits, so all messages the same length
			t.Cleanup(func() { c.Close() })
			return e
		}
		c.Close()
	}
}

func (e *endpoint) port() int { return e.conn.LocalAddr().(*net.UDPAddr).Port }

func (e *endpoint) to(port int) *net.UDPAddr {
	return &net.UDPAddr{IP: e.conn.LocalAddr().(*net.UDPAddr).IP, Port: port}
}

func (k *Talk) values() map[string]string {
	v := map[string]string{"totag": k.toTag, "DIR": k.dir}
	for name, e := range k.ends {
		v[name] = strconv.Itoa(e.port())
	}
	if k.server != nil {
		v["PORT"] = strconv.Itoa(k.server.Port)
	}
	return v
}

func (k *Talk) step(t testing.TB, s Step) {
	t.Helper()
	if s.Wait > 0 {
		time.Sleep(s.Wait)
	} else {
		k.send(t, s)
		k.settle(t)
		k.answered(s.From)
	}
	for _, name := range k.order() {
		k.collect(k.ends[name])
	}
}

func (k *Talk) send(t testing.TB, s Step) {
	t.Helper()
	e := k.ends[s.From]
	data := k.datagram(t, e, s)
	k.names.known(data)
	if _, err := e.conn.WriteToUDP(data, e.to(k.server.Port)); err != nil {
		t.Fatal(err)
	}
}

func (k *Talk) order() []string {
	var all []string
	for name := range k.ends {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func (k *Talk) datagram(t testing.TB, e *endpoint, s Step) []byte {
	t.Helper()
	text := s.Text
	if s.Raw {
		text = unescape(strings.ReplaceAll(text, "\n", ""))
	} else {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if s.Code != 0 {
		if e.last[s.Method] == nil {
			t.Fatalf("%s: %s has not got a request to answer. Until then %s said:\n%s\n%s", s.Title, e.name, k.server.Kind,
				strings.Join(k.out, "\n"), k.server.Log())
		}
		text = answer(string(e.last[s.Method]), s.Code, s.Reason, toTag(e), text)
	}
	_, body, _ := strings.Cut(text, "\r\n\r\n")
	v := k.values()
	v["CL"] = strconv.Itoa(len(peer.Expand(body, v)))
	return []byte(peer.Expand(text, v))
}

// toTag is what an endpoint answers with.
func toTag(e *endpoint) string {
	if e.name == "b" {
		return "uas"
	}
	return "uas" + e.name
}

// unescape resolves \r \n \t \0 \\ and \xHH.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'r':
			b.WriteByte('\r')
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case '0':
			b.WriteByte(0)
		case 'x':
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b.WriteByte(byte(n))
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// settle waits until the server has dealt with what it got: it handles one message after the other,
// so a reply that it must pass on to us comes behind everything else it had to send.
func (k *Talk) settle(t testing.TB) {
	t.Helper()
	if k.slow {
		time.Sleep(250 * time.Millisecond)
		return
	}
	for _, m := range k.marks {
		k.count++
		id := fmt.Sprintf("mark-%d", k.count)
		if !k.passed(t, m, id) {
			t.Errorf("%s has stopped passing replies on\n%s", k.server.Kind, k.server.Log())
			return
		}
	}
}

// passed sends a mark and waits until it is back. A mark that is lost is sent again: when a busy machine starts
// a server, its second socket may not be there yet when the first one is.
func (k *Talk) passed(t testing.TB, m *endpoint, id string) bool {
	t.Helper()
	for range 12 {
		if _, err := m.conn.WriteToUDP(k.mark(m, id), m.to(k.server.Port)); err != nil {
			t.Fatal(err)
		}
		if m.await(id, time.Second) {
			return true
		}
		if k.server.Ended() {
			return false
		}
	}
	return false
}

// mark is a reply that the server passes on to m.
func (k *Talk) mark(m *endpoint, id string) []byte {
	return fmt.Appendf(nil, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP %[1]s:%[2]d;branch=z9hG4bKs\r\n"+
		"Via: SIP/2.0/UDP %[1]s:%[3]d;branch=z9hG4bKm\r\nFrom: <sip:m@m>;tag=m\r\nTo: <sip:m@m>;tag=n\r\n"+
		"Call-ID: %[4]s\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", hostOf(m), k.server.Port, m.port(), id)
}

func hostOf(e *endpoint) string {
	if strings.HasSuffix(e.name, "6") {
		return "[::1]"
	}
	return "127.0.0.1"
}

func (e *endpoint) await(id string, limit time.Duration) bool {
	buf := make([]byte, 65536)
	_ = e.conn.SetReadDeadline(time.Now().Add(limit))
	for {
		n, err := e.conn.Read(buf)
		if err != nil {
			return false
		}
		if bytes.Contains(buf[:n], []byte(id)) {
			return true
		}
	}
}

// collect writes down everything an endpoint has received. It looks into the socket's queue without
// waiting, since on a busy machine a short deadline may be over before it looks at all; and once more a
// little later.
func (k *Talk) collect(e *endpoint) {
	buf := make([]byte, 65536)
	for try := 0; try < 2; {
		n, from := e.queued(buf)
		if n < 0 {
			try++
			time.Sleep(2 * time.Millisecond)
			continue
		}
		k.received(e, bytes.Clone(buf[:n]), from)
	}
}

// queued reads a datagram that is there already; -1: there is none.
func (e *endpoint) queued(buf []byte) (n int, from string) {
	raw, err := e.conn.SyscallConn()
	if err != nil {
		return -1, ""
	}
	_ = raw.Control(func(fd uintptr) {
		var sa syscall.Sockaddr
		if n, sa, err = syscall.Recvfrom(int(fd), buf, syscall.MSG_DONTWAIT); err != nil {
			n = -1
			return
		}
		switch sa := sa.(type) {
		case *syscall.SockaddrInet4:
			from = netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)).String()
		case *syscall.SockaddrInet6:
			from = netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port)).String()
		}
	})
	return n, from
}

func (k *Talk) received(e *endpoint, data []byte, from string) {
	k.got(e, data, " from "+k.names.replace(from))
}

func (k *Talk) got(e *endpoint, data []byte, from string) {
	if !bytes.HasPrefix(data, []byte("SIP/2.0 ")) {
		method, _, _ := strings.Cut(string(data), " ")
		e.last[""], e.last[method] = data, data
	} else if m := toTagRE.FindSubmatch(data); m != nil {
		k.toTag, k.refused = string(m[1]), data[len("SIP/2.0 ")] >= '3'
	}
	k.out = append(k.out, "---- "+e.name+" gets"+from)
	k.out = append(k.out, k.names.message(string(data))...)
}

// scriptLine finds what the script itself logged; what the core says is each server's own business.
var scriptLine = regexp.MustCompile(`\b([A-Z]+): (?:\[.*?\] )?<script>: (.*)`)

func (k *Talk) log() {
	k.out = append(k.out, "==== log")
	for line := range strings.Lines(k.server.Log()[k.before:]) {
		if m := scriptLine.FindStringSubmatch(line); m != nil {
			k.out = append(k.out, k.names.replace(m[1]+": "+strings.TrimSpace(m[2])))
		}
	}
}
