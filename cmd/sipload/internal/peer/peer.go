// Package peer is a tiny SIP server for tests of the load generator: it answers OPTIONS and REGISTER,
// forwards the rest without state to Request-URI or Route (RFC 3261 §16.11), and loses what it is
// told to lose. It is not a product and not fast.
package peer

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"goser/cmd/sipload/internal/wire"
)

// Peer is one such server.
type Peer struct {
	Addr        netip.AddrPort
	Status      string // answers requests with it, "200 OK" when empty
	Provisional bool   // sends 100 first
	RecordRoute bool
	Fork        bool // forwards an INVITE to its X-Fork, too, and cancels the other one when one answers
	// Lose is asked for each datagram that comes in or goes out; nil loses nothing.
	Lose func(n int) bool
	// Before is called with each datagram that comes in; what it returns is sent to the sender.
	Before func(b []byte) [][]byte

	conn *net.UDPConn
	mu   sync.Mutex
	n    int
	seen map[string]int // requests by branch and method
	bad  []string       // what a correct client would not have sent
	legs map[string]leg // by branch of ours: where an INVITE went
	done chan struct{}
}

// Start serves on addr, such as "127.0.0.1:0".
func (p *Peer) Start(addr string) error {
	a, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return err
	}
	if p.conn, err = net.ListenUDP("udp", a); err != nil {
		return err
	}
	p.conn.SetReadBuffer(4 << 20)
	p.Addr = p.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	p.seen, p.legs, p.done = map[string]int{}, map[string]leg{}, make(chan struct{})
	go p.loop()
	return nil
}

// Stop ends it.
func (p *Peer) Stop() {
	p.conn.Close()
	<-p.done
}

// Seen tells how often each request (its Via branch and method) came, and what was wrong with them.
func (p *Peer) Seen() (map[string]int, []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.seen), slices.Clone(p.bad)
}

// Count tells how many different requests of a method came.
func (p *Peer) Count(method string) (n int) {
	seen, _ := p.Seen()
	for k := range seen {
		if strings.HasSuffix(k, " "+method) {
			n++
		}
	}
	return n
}

func (p *Peer) loop() {
	defer close(p.done)
	buf := make([]byte, 65536)
	for {
		n, from, err := p.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		b := bytes.Clone(buf[:n])
		if p.Before != nil {
			for _, out := range p.Before(b) {
				p.conn.WriteToUDPAddrPort(out, from)
			}
		}
		var m wire.Message
		if err := m.Parse(b); err != nil {
			p.complain("%v: %q", err, b)
			continue
		}
		if m.Code == 0 {
			p.note(b, &m)
		}
		if !p.lost() {
			p.handle(b, &m, from)
		}
	}
}

func (p *Peer) lost() bool {
	p.n++
	return p.Lose != nil && p.Lose(p.n)
}

func (p *Peer) complain(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bad = append(p.bad, fmt.Sprintf(format, args...))
}

// note checks what the client sent.
func (p *Peer) note(b []byte, m *wire.Message) {
	p.mu.Lock()
	p.seen[string(m.Branch)+" "+string(m.Method)]++
	p.mu.Unlock()
	if string(m.Method) == "CANCEL" && !p.hopByHop(m) {
		p.complain("CANCEL without an INVITE of its branch: %q", b)
	}
	_, body, _ := strings.Cut(string(b), "\r\n\r\n")
	inDialog := wire.Param(m.To, "tag") != nil
	switch {
	case !bytes.Equal(m.Method, m.CSeqMethod):
		p.complain("CSeq of another method: %q", b)
	case wire.Param(m.From, "tag") == nil:
		p.complain("no From tag: %q", b)
	case !strings.Contains(string(b), fmt.Sprintf("Content-Length: %d\r\n", len(body))):
		p.complain("Content-Length is not %d: %q", len(body), b)
	case inDialog && !p.hopByHop(m) && p.RecordRoute != bytes.Contains(b, []byte("\r\nRoute: ")):
		p.complain("Route does not match Record-Route: %q", b)
	case string(m.Method) == "BYE" && !inDialog:
		p.complain("BYE outside a dialog: %q", b)
	}
}

// hopByHop tells whether a request, ACK or CANCEL, belongs to an INVITE of the same branch (RFC 3261
// §9.1, §17.1.1.3).
func (p *Peer) hopByHop(m *wire.Message) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(m.Method) != "INVITE" && p.seen[string(m.Branch)+" INVITE"] > 0
}

func (p *Peer) send(b []byte, to netip.AddrPort) {
	if !p.lost() {
		p.conn.WriteToUDPAddrPort(b, to)
	}
}

func (p *Peer) handle(b []byte, m *wire.Message, from netip.AddrPort) {
	if m.Code != 0 {
		if !p.Fork || !p.absorb(m) {
			p.back(b)
		}
		return
	}
	method := string(m.Method)
	if p.Status == "" && method != "OPTIONS" && method != "REGISTER" {
		p.forward(b, m, m.URI, ".p")
		if other, ok := forkOf(b); ok && p.Fork && method == "INVITE" {
			p.forward(b, m, other, ".q")
		}
		return
	}
	if method == "ACK" {
		return
	}
	lines := []string{"200 OK"}
	if p.Status != "" {
		lines[0] = p.Status
	}
	if p.Provisional {
		lines = append([]string{"100 Trying"}, lines...)
	}
	for _, line := range lines {
		r := wire.NewReply(line, "", "", false)
		r.Source, r.ToTag = from, []byte("peer")
		p.send(r.Append(nil, m), m.ReplyAddress(from))
	}
}

// forward sends a request on with our Via on top and without our Route.
func (p *Peer) forward(b []byte, m *wire.Message, target []byte, suffix string) {
	text := string(b)
	if _, route, ok := strings.Cut(text, "\r\nRoute: "); ok {
		line, _, _ := strings.Cut(route, "\r\n")
		if !strings.Contains(line, p.Addr.String()) {
			p.complain("a Route that is not ours: %q", b)
		}
		text = strings.Replace(text, "Route: "+line+"\r\n", "", 1)
	}
	add := "Via: SIP/2.0/UDP " + p.Addr.String() + ";branch=" + string(m.Branch) + suffix + "\r\n"
	if p.RecordRoute && string(m.Method) == "INVITE" {
		add += "Record-Route: <sip:" + p.Addr.String() + ";lr>\r\n"
	}
	to, err := netip.ParseAddrPort(string(wire.HostPort(target)))
	if err != nil {
		p.complain("no address in Request-URI: %q", b)
		return
	}
	_, rest, _ := strings.Cut(text, "\r\n")
	out := []byte(string(m.Method) + " " + string(target) + " SIP/2.0\r\n" + add + rest)
	if p.Fork && string(m.Method) == "INVITE" {
		p.legs[string(m.Branch)+suffix] = leg{out, to}
	}
	p.send(out, to)
}

// back sends a reply on to whoever is in the Via below ours (RFC 3261 §16.7).
func (p *Peer) back(b []byte) {
	before, rest, ok := strings.Cut(string(b), "Via: SIP/2.0/UDP "+p.Addr.String()+";")
	_, after, ok2 := strings.Cut(rest, "\r\n")
	next, below, ok3 := strings.Cut(after, "Via: SIP/2.0/UDP ")
	host, _, _ := strings.Cut(below, ";")
	to, err := netip.ParseAddrPort(host)
	if !ok || !ok2 || !ok3 || next != "" || err != nil {
		p.complain("a reply without our Via on top of the client's: %q", b)
		return
	}
	p.send([]byte(before+after), to)
}
