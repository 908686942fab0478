package worker

import (
	"errors"
	"net/netip"
	"unsafe"

	"goser/worker/module"
)

// Where datagrams pass a module that wants to see them as they are on the wire: one that has come passes arrived
// before it is parsed, one that is about to leave passes leaving, in whatever process.

// errNoWait is what such a module gets if it wants to wait for one that leaves.
var errNoWait = errors.New("worker: nothing can be waited for while a datagram leaves")

// arrived shows a datagram that has come to the interceptor, which may change it; false drops it.
func (w *Worker) arrived(c *module.Ctx, raw string) (string, bool) {
	c.SIP.Opaque(raw)
	c.Datagram, c.Wire, c.Runner = raw, module.WireIn, w.callRunner()
	w.about(nil)
	raw, ok := w.seeIn(c)
	c.Forget() // but for the AVPs, which stay with the message
	if !ok {
		w.count.dropped.Inc()
		return "", false
	}
	if raw == "" || raw[0] == 0 || len(raw) > w.conf.maxDatagram {
		w.count.short.Inc()
		return "", false
	}
	return raw, true
}

// leaving shows a datagram that is about to leave to the interceptor and queues what that makes of it. What
// the interceptor itself sends is not shown to it.
func (w *Worker) leaving(from *module.Socket, src netip.Addr, to netip.AddrPort, data []byte) error {
	if len(data) == 0 || w.turn == nil {
		return w.enqueue(from, src, to, data)
	}
	alone := w.turn.slot == nil && w.shown != nil
	if alone && !w.note(data) {
		w.count.dropped.Inc()
		return nil
	}
	w.showing = true
	now := w.handled()
	c := w.Borrow()
	c.AVPs.Assign(&now.AVPs)
	raw := c.Keep(unsafe.String(&data[0], len(data))) // the batch's buffer is used for what the interceptor sends
	c.SIP.Opaque(raw)
	c.Wire = module.WireOut
	c.Recv = module.Received{Dst: from.Addr, Socket: from, Proto: from.Proto, Time: w.now, Number: now.Recv.Number}
	c.Sent = module.SentInfo{Valid: true, To: to, From: from, Data: bytesOf(raw)}
	raw, ok := w.seeOut(c)
	w.showing = false
	if alone {
		w.shownWell()
	}
	var err error
	if ok && raw != "" {
		err = w.enqueue(from, src, to, bytesOf(raw))
	} else {
		w.count.dropped.Inc()
	}
	w.Return(c)
	return err
}

// handled is the message that is being handled; without AVPs in a process that handles none.
func (w *Worker) handled() *module.Ctx {
	f := w.turn
	if f.lent > 0 {
		return f.borrowed[f.lent-1]
	}
	return &f.ctx
}

// bytesOf is a text that nobody writes to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
