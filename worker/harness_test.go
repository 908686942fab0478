package worker

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"goser/cfg/check"
	"goser/cfg/param"
	"goser/shm"
	"goser/worker/backlog"
	"goser/worker/handoff"
	"goser/worker/inflight"
	"goser/worker/logger"
	"goser/worker/module"
	"goser/worker/transport"
	"goser/worker/turn"
)

// stub is a Runner whose routes are functions of the test.
type stub struct {
	request func(*module.Ctx)
	reply   func(*module.Ctx) bool
	send    func(*module.Ctx) bool
	blocks  []string // event routes, by number
	run     func(c *module.Ctx, block string) (int, bool)
}

func (s *stub) Request(c *module.Ctx)    { s.request(c) }
func (s *stub) Reply(c *module.Ctx) bool { return s.reply == nil || s.reply(c) }

func (s *stub) Send(c *module.Ctx) bool                              { return s.send == nil || s.send(c) }
func (s *stub) Call(*module.Ctx, check.RouteKind, string) (code int) { return 1 }
func (s *stub) Find(_ check.RouteKind, name string) int              { return slices.Index(s.blocks, name) }
func (s *stub) Block(int) (check.RouteKind, string)                  { return 0, "" }
func (s *stub) Run(c *module.Ctx, n int) (int, bool)                 { return s.run(c, s.blocks[n]) }
func (s *stub) RunAs(*module.Ctx, int, check.RouteKind) (int, bool)  { return 1, false }

// rig is a worker on a real loopback socket, driven step by step.
type rig struct {
	t      testing.TB
	w      *Worker
	s      *stub
	f      *follower
	addr   netip.AddrPort
	client *net.UDPConn
}

func newRig(t testing.TB, change func(*settings)) *rig {
	t.Helper()
	arena, err := shm.NewHeap(32 << 20)
	if err != nil {
		t.Fatal(err)
	}
	proc, err := arena.Enter(0, uint32(handoff.RoleUDP), 1)
	if err != nil {
		t.Fatal(err)
	}
	fd, addr := bindLoopback(t)
	w := &Worker{
		birth: &handoff.Birth{Index: 1}, arena: arena, proc: proc, out: transport.NewSender(),
		now: time.Now(), vars: new(module.Vars), rnd: rand.New(rand.NewPCG(1, 2)), secret: 42,
	}
	w.handler = logger.New(logger.Options{Debug: logger.Alert - 1, Stderr: true})
	w.log = slog.New(w.handler)
	w.conf = settings{
		strict: true, synBranch: true, amplification: 3, selfVias: 8, batch: 4, maxWaiting: 3,
		maxDatagram: 65535, quarantine: 2, quarantineDir: t.TempDir(), server: "Server: ser", corelog: -1,
	}
	if change != nil {
		change(&w.conf)
	}
	sock := &module.Socket{Proto: check.ProtoUDP, Addr: addr, Name: addr.Addr().String(), SentBy: addr.String()}
	w.sockets, w.fds, w.mine = []*module.Socket{sock}, []int{fd}, identity{sockets: []*module.Socket{sock}}
	if err := w.openCounters(); err != nil {
		t.Fatal(err)
	}
	if w.turns, err = turn.Open(proc, 0, 1); err != nil {
		t.Fatal(err)
	}
	w.backlog = backlog.New(fd)
	n := w.conf.maxWaiting + 2*w.conf.batch
	if w.region, err = inflight.Open(make([]byte, inflight.Size(n)), n, w.conf.batch); err != nil {
		t.Fatal(err)
	}
	w.region.Recover()
	r := &rig{t: t, w: w, s: &stub{}, addr: addr}
	w.runner, w.events = r.s, eventsOf(r.s, param.NewValues())
	r.f = w.newFollower(w.vars)
	r.f.leader = true
	r.client = r.peer("127.0.0.1")
	t.Cleanup(r.end)
	return r
}

func bindLoopback(t testing.TB) (int, netip.AddrPort) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := inflight.Prepare(fd); err != nil {
		t.Fatal(err)
	}
	sa, _ := unix.Getsockname(fd)
	return fd, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(sa.(*unix.SockaddrInet4).Port))
}

func (r *rig) peer(ip string) *net.UDPConn {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(ip)})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	return c
}

func addrOf(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// give sends a message to the worker; step lets it handle one batch.
func (r *rig) give(msg string) {
	if _, err := r.client.WriteToUDPAddrPort([]byte(wire(msg)), r.addr); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) step() {
	r.w.baton.Lock()
	defer r.w.baton.Unlock()
	r.receive()
	r.w.drain(r.f)
}

// receive takes one batch out of the socket; the baton is the caller's.
func (r *rig) receive() {
	n := r.w.region.Arm()
	got, errno := r.w.region.Receive(r.w.fds[0], n, false)
	r.w.received(got, n, errno)
}

// ask gives a request and returns the answers that come back.
func (r *rig) ask(msg string) []string {
	r.give(msg)
	r.step()
	return got(r.client)
}

// await reads until n messages have come, for at most five seconds: for tests
// whose worker runs by itself.
func await(c *net.UDPConn, n int) (msgs []string) {
	for end := time.Now().Add(5 * time.Second); len(msgs) < n && time.Now().Before(end); {
		msgs = append(msgs, got(c)...)
	}
	return msgs
}

// got reads all that has arrived: loopback delivers before sendmmsg returns,
// or, on a busy machine, a moment later.
func got(c *net.UDPConn) (msgs []string) {
	buf := make([]byte, 65536)
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	for looks := 0; looks < 3; {
		n, err := 0, error(nil)
		_ = raw.Control(func(fd uintptr) { n, _, err = unix.Recvfrom(int(fd), buf, unix.MSG_DONTWAIT) })
		if err != nil {
			looks++
			time.Sleep(2 * time.Millisecond)
			continue
		}
		msgs = append(msgs, string(buf[:n]))
	}
	return msgs
}

// wire makes line ends those of SIP and adds the empty line.
func wire(msg string) string {
	msg = strings.TrimLeft(msg, "\n")
	if !strings.Contains(msg, "\n\n") {
		msg = strings.TrimRight(msg, "\n") + "\n\n"
	}
	return strings.ReplaceAll(msg, "\n", "\r\n")
}

// request is an OPTIONS with the given Via line and extra header lines.
func (r *rig) request(method, uri, via string, extra ...string) string {
	if via == "" {
		via = fmt.Sprintf("SIP/2.0/UDP %s;branch=z9hG4bKc1;rport", addrOf(r.client))
	}
	m := fmt.Sprintf("%s %s SIP/2.0\nVia: %s\nFrom: <sip:a@example.org>;tag=f1\nTo: <sip:b@example.org>\nCall-ID: c1@example.org\nCSeq: 7 %s\n",
		method, uri, via, method)
	for _, e := range extra {
		m += e + "\n"
	}
	return m + "Content-Length: 0\n"
}

func header(msg, name string) string {
	for _, l := range strings.Split(msg, "\r\n") {
		if k, v, ok := strings.Cut(l, ":"); ok && strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
