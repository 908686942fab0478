package tm_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"goser/cfg"
	"goser/cfg/check"
	"goser/shm"
	"goser/sip"
	"goser/worker/module"
	_ "goser/worker/module/all"
	"goser/worker/module/moduletest"
	"goser/worker/module/tm"
	"goser/worker/script"
)

// world is a server without sockets: workers that share an arena and a clock.
// What they send is collected, for the test to answer.
type world struct {
	t     testing.TB
	arena *shm.Arena
	prog  *check.Program
	hooks module.Hooks
	nodes []*node
	sent  []moduletest.Send
	id    uint64
	ids   map[string]module.Counter
	said  string // the last thing that xlog wrote
	logs  string // all of it
}

type node struct {
	env    *moduletest.Env
	engine *script.Engine
	ctx    module.Ctx
}

const head = "loadmodule \"sl.so\"\nloadmodule \"tm.so\"\nloadmodule \"tmx.so\"\nloadmodule \"rr.so\"\nloadmodule \"pv.so\"\nloadmodule \"textops.so\"\nloadmodule \"xlog.so\"\n"

// newWorld compiles the script and starts n workers on an arena of the heap.
func newWorld(t testing.TB, n int, src string) *world {
	t.Helper()
	a, err := shm.NewHeap(64 << 20)
	if err != nil {
		t.Fatal(err)
	}
	return worldIn(t, a, n, src)
}

func worldIn(t testing.TB, a *shm.Arena, n int, src string) *world {
	t.Helper()
	tm.ResetParams()
	prog, diag := cfg.Load("test.cfg", []byte(head+src), cfg.Options{}, module.NewCatalog())
	if prog == nil {
		t.Fatal(diag.Err())
	}
	if err := module.Configure(prog); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, arena: a, prog: prog, hooks: module.HooksOf(prog), ids: map[string]module.Counter{}}
	if err := module.Declare(prog, func(name, _ string) (module.Counter, error) {
		id, ok := w.ids[name]
		if !ok {
			id = module.Counter(len(w.ids) + 1)
			w.ids[name] = id
		}
		return id, nil
	}); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		p, err := a.Enter(i+1, 0, i+1)
		if err != nil {
			t.Fatal(err)
		}
		w.nodes = append(w.nodes, w.newNode(p))
	}
	return w
}

func (w *world) newNode(p *shm.Proc) *node {
	n := &node{env: moduletest.New(w.t)}
	n.env.Seat(p)
	if len(w.nodes) > 0 {
		n.env.Clock = w.nodes[0].env.Clock
	}
	var err error
	if n.engine, err = script.New(w.prog, script.Options{}); err != nil {
		w.t.Fatal(err)
	}
	n.env.Runner = n.engine
	n.ctx = module.Ctx{Env: n.env, Vars: &module.Vars{}, Runner: n.engine}
	if err := module.Start(w.prog, n.env); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) count(name string) (sum int64) {
	for _, n := range w.nodes {
		sum += n.env.Counts[w.ids[name]]
	}
	return sum
}

// deliver hands a datagram to a worker, as worker/receive.go does.
func (w *world) deliver(i int, from, raw string) {
	w.id++
	w.deliverAs(i, from, raw, w.id)
}

func (w *world) deliverAs(i int, from, raw string, id uint64) {
	n := w.nodes[i%len(w.nodes)]
	c := &n.ctx
	n.env.Load(c, raw)
	c.Runner = n.engine
	c.Recv.Src = netip.MustParseAddrPort(from)
	c.Recv.SrcIP = c.Recv.Src.Addr().String()
	c.Recv.ID = id
	if e := sip.Check(&c.SIP); e != nil {
		w.t.Fatalf("the test's message is invalid: %v\n%s", e, raw)
	}
	if c.SIP.IsRequest {
		w.request(n, c)
	} else {
		w.reply(n, c)
	}
	w.collect(n)
}

func (w *world) request(n *node, c *module.Ctx) {
	for _, h := range w.hooks.OnRequest {
		if !h(c) {
			return
		}
	}
	n.engine.Request(c)
	for _, h := range w.hooks.AfterRequest {
		h(c)
	}
}

func (w *world) reply(n *node, c *module.Ctx) {
	if !n.engine.Reply(c) {
		return
	}
	for _, h := range w.hooks.OnReply {
		if !h(c) {
			return
		}
	}
	data := sip.AppendReplyForward(nil, &c.SIP, &c.Edits)
	_ = n.env.Send(nil, c.Recv.Src, append([]byte("X-Stateless\n"), data...))
}

func (w *world) collect(n *node) {
	w.sent = append(w.sent, n.env.Sends...)
	for _, f := range n.env.Forwards {
		w.sent = append(w.sent, moduletest.Send{Data: "FORWARD " + n.ctx.SIP.MethodName + " " + f.Host + "\r\nCall-ID: " + n.ctx.SIP.CallID() + "\r\n"})
	}
	for _, r := range n.env.Replies {
		w.sent = append(w.sent, moduletest.Send{To: n.ctx.Recv.Src, Data: fmt.Sprintf("STATELESS %d %s\r\n", r.Code, r.Reason)})
	}
	for _, l := range n.env.Logs {
		if l.Prefix != "slog" {
			w.said = l.Text
			w.logs = strings.TrimPrefix(w.logs+"\n"+l.Text, "\n")
		}
	}
	n.env.Forget()
}

// advance moves all clocks; the first worker drives the wheel.
func (w *world) advance(d time.Duration) {
	for step := 10 * time.Millisecond; d > 0; d -= step {
		for _, n := range w.nodes[1:] {
			n.env.Clock = n.env.Clock.Add(step)
		}
		w.nodes[0].env.Advance(step)
		w.collect(w.nodes[0])
	}
}

// skip moves all clocks at once: what was due on the way is late.
func (w *world) skip(d time.Duration) {
	for _, n := range w.nodes {
		n.env.Clock = n.env.Clock.Add(d)
	}
	w.nodes[0].env.Fire()
	w.collect(w.nodes[0])
}

// take returns what was sent since the last take.
func (w *world) take() []moduletest.Send {
	s := w.sent
	w.sent = nil
	return s
}

// lines is what was sent since the last take, as "to first-line [CSeq]".
func (w *world) lines() (out []string) {
	for _, s := range w.take() {
		out = append(out, brief(s))
	}
	return out
}

func brief(s moduletest.Send) string {
	line, _, _ := strings.Cut(s.Data, "\r\n")
	line = strings.TrimSuffix(line, " SIP/2.0")
	line = strings.TrimPrefix(line, "SIP/2.0 ")
	if !s.To.IsValid() {
		return line
	}
	return s.To.String() + " " + line
}

// want compares what was sent.
func (w *world) want(what string, want ...string) []moduletest.Send {
	w.t.Helper()
	sent := w.take()
	var got []string
	for _, s := range sent {
		got = append(got, brief(s))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Fatalf("%s:\n got %q\nwant %q", what, got, want)
	}
	return sent
}

// find is the first message sent to an address since the last take.
func find(t testing.TB, sent []moduletest.Send, to, start string) string {
	t.Helper()
	for _, s := range sent {
		if s.To.String() == to && strings.HasPrefix(s.Data, start) {
			return s.Data
		}
	}
	t.Fatalf("nothing beginning with %q was sent to %s", start, to)
	return ""
}

const (
	alice = "192.0.2.1:5070"
	bob   = "192.0.2.2:5080"
	carol = "192.0.2.3:5080"
	dave  = "192.0.2.4:5080"
)

// request is a request of alice.
func request(method, uri, branch string, more ...string) string {
	m := fmt.Sprintf("%s %s SIP/2.0\nVia: SIP/2.0/UDP %s;branch=%s\nFrom: <sip:alice@example.org>;tag=a1\nTo: <sip:bob@example.com>%s\n"+
		"Call-ID: %s@example.org\nCSeq: 8 %s\nMax-Forwards: 70\nContact: <sip:alice@%s>\n", method, uri, alice, branch, toTag(more), branch, method, alice)
	for _, l := range more {
		if !strings.HasPrefix(l, ";tag") {
			m += l + "\n"
		}
	}
	return strings.ReplaceAll(m+"Content-Length: 0\n\n", "\n", "\r\n")
}

func toTag(more []string) string {
	for _, m := range more {
		if strings.HasPrefix(m, ";tag") {
			return m
		}
	}
	return ""
}

// answer is a reply to a request that was sent.
func answer(req string, code int, reason string, more ...string) string {
	lines := strings.Split(req, "\r\n")
	out := fmt.Sprintf("SIP/2.0 %d %s\r\n", code, reason)
	for _, l := range lines[1:] {
		name, _, _ := strings.Cut(l, ":")
		switch strings.ToLower(name) {
		case "to":
			if code > 100 && !strings.Contains(l, ";tag=") {
				l += ";tag=uas" + fmt.Sprint(code)
			}
			out += l + "\r\n"
		case "via", "from", "call-id", "cseq", "record-route":
			out += l + "\r\n"
		}
	}
	for _, m := range more {
		out += m + "\r\n"
	}
	return out + "Content-Length: 0\r\n\r\n"
}

func header(msg, name string) string {
	for msg != "" {
		var line string
		line, msg, _ = strings.Cut(msg, "\r\n")
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(line[:len(name)], name) {
			return strings.TrimSpace(line[len(name)+1:])
		}
	}
	return ""
}

// finish lets everything end and looks at the arena: nothing may be left.
func (w *world) finish() {
	w.t.Helper()
	w.advance(70 * time.Second)
	w.take()
	w.empty()
}

func (w *world) empty() {
	w.t.Helper()
	if n := tm.Transactions(w.nodes[0].env); n != 0 {
		w.t.Errorf("%d transactions are left", n)
	}
	if n := w.nodes[0].env.Timers().Len(); n != 0 {
		w.t.Errorf("%d timers are left", n)
	}
	rep, err := shm.CheckReport(w.arena)
	if err != nil {
		w.t.Error(err)
	}
	if rep.Blocks != 0 {
		w.t.Errorf("%d blocks are left", rep.Blocks)
	}
}
