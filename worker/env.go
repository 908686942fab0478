package worker

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"goser/cfg/param"
	"goser/shm"
	"goser/worker/module"
)

// Worker implements module.Env.
var _ module.Env = (*Worker)(nil)

// Now implements module.Env.
func (w *Worker) Now() time.Time { return w.now }

// Random implements module.Env.
func (w *Worker) Random() uint64 { return w.rnd.Uint64() }

// Arena implements module.Env.
func (w *Worker) Arena() *shm.Arena { return w.arena }

// Log implements module.Env.
func (w *Worker) Log() *slog.Logger { return w.log }

// ScriptLog implements module.Env.
func (w *Worker) ScriptLog(level int, prefix, text string) {
	if w.prefixEach && w.handler.On(level) {
		w.about(w.current())
	}
	w.handler.Line(level, prefix, text)
}

// about tells the log which message is being handled now, if the log wants to
// know.
func (w *Worker) about(c *module.Ctx) {
	if !w.tells() {
		return
	}
	id, prefix := "", ""
	if c != nil {
		id = c.SIP.CallID()
		if w.prefix != nil {
			prefix = w.prefix(c)
		}
	}
	w.handler.About(id, prefix)
}

// tells whether the log says which message a line is about.
func (w *Worker) tells() bool { return w.prefix != nil || w.handler.WantsCallID() }

// SetDebug implements module.Env.
func (w *Worker) SetDebug(level int) { w.handler.SetDebug(level) }

// ResetDebug implements module.Env.
func (w *Worker) ResetDebug() { w.handler.SetDebug(w.program.Values.Int(param.Debug)) }

// ForwardReply implements module.Env.
func (w *Worker) ForwardReply(c *module.Ctx) error {
	if c.SIP.IsRequest {
		return &module.Error{Code: module.ErrScript, Msg: "a request is no reply"}
	}
	return w.forwardReply(c)
}

func (w *Worker) logAt(level int, msg string, args ...any) {
	w.handler.At(level, msg, args...)
}

// Myself implements module.Env.
func (w *Worker) Myself(host string, port int, proto module.Proto) bool {
	return w.mine.is(host, port, proto) || module.OwnHost(host, port, proto)
}

// LocalIP implements module.Env.
func (w *Worker) LocalIP(a netip.Addr) bool { return w.mine.hasIP(a) }

// FindSocket implements module.Env.
func (w *Worker) FindSocket(p module.Proto, host string, port int) *module.Socket {
	return w.mine.find(p, host, port)
}

// Process implements module.Env.
func (w *Worker) Process() module.Process {
	return module.Process{
		Rank: w.birth.Rank, Index: w.birth.Index, Pid: os.Getpid(),
		Desc: w.birth.Desc, Start: time.Unix(0, w.birth.StartTime),
		First: w.birth.Generation <= 1,
	}
}

// lookupTimeout bounds one host name lookup.
const lookupTimeout = 5 * time.Second

// Lookup implements module.Env. It waits, so other messages go on meanwhile.
func (w *Worker) Lookup(c *module.Ctx, host string) ([]netip.Addr, error) {
	if a, ok := parseIP(host); ok {
		return []netip.Addr{a}, nil
	}
	var addrs []netip.Addr
	var err error
	name := string(append([]byte(nil), host...))
	if werr := w.Wait(c, func() {
		ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
		defer cancel()
		addrs, err = resolver.LookupNetIP(ctx, "ip", name)
	}); werr != nil {
		return nil, werr
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	return addrs, err
}

// ReverseLookup implements module.Env. It waits, so other messages go on meanwhile.
func (w *Worker) ReverseLookup(c *module.Ctx, a netip.Addr) (names []string) {
	text := a.WithZone("").String()
	_ = w.Wait(c, func() {
		ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
		defer cancel()
		names, _ = resolver.LookupAddr(ctx, text)
	})
	for i, n := range names {
		names[i] = strings.TrimSuffix(n, ".")
	}
	return names
}

// resolver is Go's own: the C library's cannot be bounded in time.
var resolver = &net.Resolver{PreferGo: true}

// Send implements module.Env.
func (w *Worker) Send(from *module.Socket, to netip.AddrPort, data []byte) error {
	from = w.mine.pick(from, to.Addr())
	if from == nil {
		return &module.Error{Code: module.ErrProto, Msg: "no listening socket of the destination's family"}
	}
	return w.enqueue(from, netip.Addr{}, to, data)
}

// throughRaw sends through the raw socket at once, if the datagram fits it.
func (w *Worker) throughRaw(from *module.Socket, src netip.Addr, to netip.AddrPort, data []byte) (done bool, err error) {
	local := from.Addr
	if src.IsValid() {
		local = netip.AddrPortFrom(src.Unmap(), local.Port())
	}
	if !w.raw.Fits(local, to) {
		return false, nil
	}
	if err := w.raw.Send(local, to, data); err != nil {
		w.count.sendFailed.Inc()
		return true, &module.Error{Code: module.ErrSend, Msg: "udp4_raw: " + err.Error()}
	}
	return true, nil
}

// queue puts a message that is built into the batch. room 9
func (w *Worker) queue(from *module.Socket, src netip.Addr, to netip.AddrPort, data []byte) error {
	if w.seeOut != nil && !w.showing {
		return w.leaving(from, src, to, data)
	}
	return w.enqueue(from, src, to, data)
}

// enqueue puts a datagram into the batch as it is.
func (w *Worker) enqueue(from *module.Socket, src netip.Addr, to netip.AddrPort, data []byte) error {
	if !from.Addr.Addr().IsUnspecified() {
		src = netip.Addr{}
	}
	if w.raw != nil {
		if done, err := w.throughRaw(from, src, to, data); done {
			return err
		}
	}
	if err := w.out.Queue(w.fds[from.Index], from.Addr.Addr().Is6(), src, to, data); err != nil {
		w.count.sendFailed.Inc()
		return &module.Error{Code: module.ErrSend, Msg: err.Error()}
	}
	return nil
}
