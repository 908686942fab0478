// Package moduletest is a worker for tests: a virtual clock, no sockets, and
// everything that a script or module does is collected.
//
//	e := moduletest.New(t)
//	c := e.Request("OPTIONS sip:x SIP/2.0\n...")
//	... call the function under test with c ...
//	e.Replies, e.Sends, e.Forwards, e.Logs hold what happened.
//
// Quiet collects nothing and only counts, for tests that count allocations.
package moduletest

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"goser/cfg/check"
	"goser/shm"
	"goser/shm/wheel"
	"goser/sip"
	"goser/worker/module"
)

// Start is the virtual time at which every test begins.
var Start = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// Env implements module.Env.
type Env struct {
	tb    testing.TB
	Clock time.Time
	Quiet bool

	Listening []*module.Socket
	Names     map[string]bool         // further host names and host:port that are us
	Hosts     map[string][]netip.Addr // what Lookup finds
	Who       module.Process

	Replies  []Reply
	Forwards []module.Target
	Raw      []module.Target
	Sends    []Send
	Logs     []Log
	Counts   map[module.Counter]int64
	// CounterNames are the counters that FindCounter knows.
	CounterNames map[string]module.Counter
	Waits        int // calls of Wait that ran
	Debug        int // what SetDebug said
	Calls        int // replies, forwards and sends, also when Quiet

	// Fail, if set, is what Reply, Forward, Send and SendRaw return.
	Fail error
	// WaitFail, if set, is what Wait returns.
	WaitFail error
	// OnWait runs while a message waits, before f: other messages have their
	// turn here.
	OnWait func()

	Runner module.Runner // of borrowed messages

	proc     *shm.Proc
	wheel    *wheel.Wheel
	conf     module.Conf
	borrowed []*module.Ctx
	lent     int
	one      [1]netip.Addr
	mark     []byte

	random uint64
	arena  *shm.Arena
	log    *slog.Logger
}

var _ module.Env = (*Env)(nil)

// Reply is one stateless reply.
type Reply struct {
	Code    int
	Reason  string
	Headers string // reply header lines, joined
	Body    string
}

// Send is one datagram.
type Send struct {
	From *module.Socket
	To   netip.AddrPort
	Data string
}

// Log is one log line: of the script (Prefix and Text) or of the server, whose
// Prefix is "slog" and whose Text ends with key=value pairs.
type Log struct {
	Level  int // as scripts count: -1 ERR, 0 WARN, ... slog levels are mapped
	Prefix string
	Text   string
}

// New makes an Env that listens on udp:127.0.0.1:5060 and [::1]:5060.
func New(tb testing.TB) *Env {
	e := &Env{
		tb: tb, Clock: Start, Names: map[string]bool{}, Hosts: map[string][]netip.Addr{},
		Counts: map[module.Counter]int64{},
		Who:    module.Process{Rank: 1, Index: 1, Pid: 4711, Desc: "udp receiver", Start: Start.Add(-time.Hour)},
	}
	e.Listen("127.0.0.1:5060")
	e.Listen("[::1]:5060")
	e.log = slog.New(&handler{e: e})
	return e
}

// Listen adds a UDP socket.
func (e *Env) Listen(addr string) *module.Socket {
	a := netip.MustParseAddrPort(addr)
	s := &module.Socket{Index: len(e.Listening), Proto: check.ProtoUDP, Addr: a, Name: a.Addr().String(), SentBy: addr}
	e.Listening = append(e.Listening, s)
	return s
}

// Request parses a message as received from 192.0.2.1:5070 on the first
// socket. Bare LFs become CRLF.
func (e *Env) Request(raw string) *module.Ctx {
	e.tb.Helper()
	c := &module.Ctx{Env: e, Vars: &module.Vars{}}
	e.Load(c, raw)
	return c
}

// Load puts a message into c, as the worker does with a fresh datagram.
func (e *Env) Load(c *module.Ctx, raw string) {
	e.tb.Helper()
	if !strings.Contains(raw, "\r\n") {
		raw = strings.ReplaceAll(raw, "\n", "\r\n")
	}
	c.Reset()
	if err := c.SIP.Parse(raw); err != nil {
		e.tb.Fatalf("moduletest: parse: %v", err)
	}
	e.Arrive(c)
}

// Arrive fills in where the message came from.
func (e *Env) Arrive(c *module.Ctx) {
	s := e.Listening[0]
	c.Recv = module.Received{Src: source, Dst: s.Addr, Socket: s, SrcIP: sourceIP, Proto: s.Proto, Time: e.Clock, Number: 1}
}

var source = netip.MustParseAddrPort("192.0.2.1:5070")

var sourceIP = source.Addr().String()

// Text is all script log lines ("xlog", "log"), joined by newlines.
func (e *Env) Text() string {
	var lines []string
	for _, l := range e.Logs {
		if l.Prefix != "slog" {
			lines = append(lines, l.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// Errors is what went to the server's log, joined by newlines.
func (e *Env) Errors() string {
	var lines []string
	for _, l := range e.Logs {
		if l.Prefix == "slog" {
			lines = append(lines, l.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// Forget empties what was collected.
func (e *Env) Forget() {
	e.Replies, e.Forwards, e.Raw, e.Sends, e.Logs = nil, nil, nil, nil, nil
}

// Now implements module.Env.
func (e *Env) Now() time.Time { return e.Clock }

// Random counts up, so that a test sees the same numbers each time.
func (e *Env) Random() uint64 {
	e.random += 0x9E3779B97F4A7C15
	return e.random
}

// Wait implements module.Env.
func (e *Env) Wait(c *module.Ctx, f func()) error {
	if e.WaitFail != nil {
		return e.WaitFail
	}
	e.Waits++
	if e.OnWait != nil {
		e.OnWait()
	}
	f()
	return nil
}

// Send implements module.Env.
func (e *Env) Send(from *module.Socket, to netip.AddrPort, data []byte) error {
	e.Calls++
	if !e.Quiet && e.Fail == nil {
		e.Sends = append(e.Sends, Send{from, to, string(data)})
	}
	return e.Fail
}

// Reply implements module.Env.
func (e *Env) Reply(c *module.Ctx, code int, reason string) error {
	e.Calls++
	switch {
	case e.Fail != nil:
		return e.Fail
	case !c.SIP.IsRequest || c.SIP.Method == sip.MethodAck || c.Replied != 0:
		return &module.Error{Code: module.ErrScript, Msg: "cannot be answered"}
	}
	if code >= 200 {
		c.Replied = code
	}
	if !e.Quiet {
		e.Replies = append(e.Replies, Reply{code, strings.Clone(reason), strings.Join(c.ReplyHeaders, ""), strings.Clone(c.ReplyBody)})
	}
	return nil
}

// LocalTag implements module.Env.
func (e *Env) LocalTag(c *module.Ctx) string { return "localtag." + c.SIP.CallID() }

// Forward implements module.Env.
func (e *Env) Forward(c *module.Ctx, to module.Target) error {
	e.Calls++
	if !e.Quiet && e.Fail == nil {
		to.Host = strings.Clone(to.Host)
		e.Forwards = append(e.Forwards, to)
	}
	return e.Fail
}

// ForwardReply implements module.Env.
func (e *Env) ForwardReply(c *module.Ctx) error { return e.Forward(c, module.Target{}) }

// SetDebug implements module.Env.
func (e *Env) SetDebug(level int) { e.Debug = level }

// ResetDebug implements module.Env.
func (e *Env) ResetDebug() { e.Debug = 0 }

// SendRaw implements module.Env.
func (e *Env) SendRaw(c *module.Ctx, to module.Target) error {
	e.Calls++
	if !e.Quiet && e.Fail == nil {
		to.Host = strings.Clone(to.Host)
		e.Raw = append(e.Raw, to)
	}
	return e.Fail
}

// Myself knows the sockets' addresses and Names ("example.org" any port,
// "example.org:5080" that port).
func (e *Env) Myself(host string, port int, proto module.Proto) bool {
	if port == 0 {
		port = 5060
	}
	host = strings.Trim(host, "[]")
	if len(e.Names) > 0 {
		h := strings.ToLower(host)
		if e.Names[h] || e.Names[fmt.Sprintf("%s:%d", h, port)] {
			return true
		}
	}
	for _, s := range e.Listening {
		if (port == module.AnyPort || int(s.Addr.Port()) == port) && strings.EqualFold(s.Name, host) &&
			(proto == check.ProtoAny || proto == s.Proto) {
			return true
		}
	}
	return module.OwnHost(host, port, proto)
}

// LocalIP implements module.Env.
func (e *Env) LocalIP(a netip.Addr) bool {
	for _, s := range e.Listening {
		if s.Addr.Addr() == a {
			return true
		}
	}
	return false
}

// FindSocket implements module.Env.
func (e *Env) FindSocket(proto module.Proto, host string, port int) *module.Socket {
	for _, s := range e.Listening {
		if (proto == check.ProtoAny || proto == s.Proto) && strings.EqualFold(s.Name, strings.Trim(host, "[]")) &&
			(port == 0 || port == int(s.Addr.Port())) {
			return s
		}
	}
	return nil
}

// Lookup implements module.Env with Hosts.
func (e *Env) Lookup(c *module.Ctx, host string) ([]netip.Addr, error) {
	if a := e.Hosts[strings.ToLower(host)]; len(a) > 0 {
		return a, nil
	}
	return nil, fmt.Errorf("no such host: %s", host)
}

// ReverseLookup implements module.Env: what Hosts has, turned around.
func (e *Env) ReverseLookup(_ *module.Ctx, a netip.Addr) (names []string) {
	for host, addrs := range e.Hosts {
		if slices.Contains(addrs, a) {
			names = append(names, host)
		}
	}
	return names
}

// Log implements module.Env.
func (e *Env) Log() *slog.Logger { return e.log }

// ScriptLog implements module.Env.
func (e *Env) ScriptLog(level int, prefix, text string) {
	if !e.Quiet {
		e.Logs = append(e.Logs, Log{level, prefix, strings.Clone(text)})
	}
}

// Count implements module.Env.
func (e *Env) Count(id module.Counter, n int64) {
	if !e.Quiet {
		e.Counts[id] += n
	}
}

// FindCounter implements module.Env with CounterNames.
func (e *Env) FindCounter(name string) (module.Counter, bool) {
	id, ok := e.CounterNames[name]
	return id, ok
}

// FindStatistic implements module.Env with CounterNames.
func (e *Env) FindStatistic(name string) (module.Counter, bool) {
	if id, ok := e.CounterNames[name]; ok {
		return id, true
	}
	for full, id := range e.CounterNames {
		if _, short, _ := strings.Cut(full, "."); short == name {
			return id, true
		}
	}
	return 0, false
}

// Sum implements module.Env.
func (e *Env) Sum(id module.Counter) int64 { return e.Counts[id] }

// ResetCounter implements module.Env.
func (e *Env) ResetCounter(id module.Counter) { e.Counts[id] = 0 }

// Arena is a small heap-backed arena, made at first use.
func (e *Env) Arena() *shm.Arena {
	if e.arena == nil {
		a, err := shm.NewHeap(16 << 20)
		if err != nil {
			e.tb.Fatalf("moduletest: arena: %v", err)
		}
		e.arena = a
	}
	return e.arena
}

// Process implements module.Env.
func (e *Env) Process() module.Process { return e.Who }

// handler collects the server's log.
type handler struct{ e *Env }

func (h *handler) Enabled(context.Context, slog.Level) bool { return true }
func (h *handler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *handler) WithGroup(string) slog.Handler            { return h }

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	if h.e.Quiet {
		return nil
	}
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += " " + a.String()
		return true
	})
	h.e.Logs = append(h.e.Logs, Log{-int(r.Level / 4), "slog", text})
	return nil
}
