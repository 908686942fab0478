package worker

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"goser/cfg/check"
	"goser/cfg/param"
	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module"
)

// coreEvents are the blocks of the core's events, by their number, -1 none.
type coreEvents struct {
	received int // core:msg-received: a datagram, before it is parsed
	broken   int // core:receive-parse-error: one that is no message
	routing  int // core:pre-routing: a message, before its route
	first    int // core:worker-one-init
}

func eventsOf(r module.Blocks, v *param.Values) coreEvents {
	find := func(name string) int { return r.Find(check.EventRoute, "core:"+name) }
	e := coreEvents{
		received: find("msg-received"), broken: find("receive-parse-error"), routing: find("pre-routing"), first: find("worker-one-init"),
	}
	if v.Int(param.ReceivedRouteMode) == 0 {
		e.received = -1
	}
	return e
}

// noMessage stands for the message where there is none.
const noMessage = "OPTIONS sip:nobody@localhost SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKnone\r\n" +
	"From: <sip:nobody@localhost>;tag=none\r\n" +
	"To: <sip:nobody@localhost>\r\n" +
	"Call-ID: none\r\n" +
	"CSeq: 1 OPTIONS\r\n" +
	"Content-Length: 0\r\n\r\n"

var errFaked error = &module.Error{Code: module.ErrScript, Msg: "there is no message here: an event of the server's own runs"}

// withoutMessage runs a block that sees no message.
func (w *Worker) withoutMessage(c *module.Ctx, n int) (value int, dropped bool) {
	if err := c.SIP.Parse(noMessage); err != nil {
		panic(err)
	}
	c.Faked = true
	w.about(c)
	value, dropped = w.runner.Run(c, n)
	c.Forget()
	return value, dropped
}

// hear shows the script a datagram as it came; false drops it. AVPs stay with the
// message.
func (w *Worker) hear(c *module.Ctx, raw string) bool {
	c.Datagram = raw
	value, dropped := w.withoutMessage(c, w.events.received)
	return !dropped && value >= 0
}

// unreadable tells the script of a datagram that is no message. It is neither a
// request nor a reply: nothing can be done with it but look.
func (w *Worker) unreadable(c *module.Ctx) {
	if w.events.broken < 0 {
		return
	}
	request := c.SIP.IsRequest
	c.SIP.IsRequest = false
	w.runner.Run(c, w.events.broken)
	c.SIP.IsRequest = request
}

// beforeRouting is false when the script dropped the message.
func (w *Worker) beforeRouting(c *module.Ctx) bool {
	if w.events.routing < 0 {
		return true
	}
	_, dropped := w.runner.Run(c, w.events.routing)
	return !dropped
}

var kindFirst = shm.NewKind(shm.KindInfo{Name: "worker.first"})

// What the root holds: how often the block was begun, or that it has run.
const (
	firstTries = 2 // as a datagram: what has killed twice is left alone
	firstDone  = 1 << 32
)

// firstWorker runs what the first receiver does once in the life of the server. A
// successor does it when its predecessor died before the end.
func (w *Worker) firstWorker(f *follower) {
	if w.events.first < 0 || w.birth.Rank != 1 {
		return
	}
	root, _, err := w.proc.Root("worker.first", kindFirst, 64, 64, nil)
	if err != nil {
		w.log.Error("event_route[core:worker-one-init] does not run", "err", fmt.Sprint(err))
		return
	}
	state := &shm.Slice[uint64](w.arena, root.Off, 1)[0]
	switch n := atomic.LoadUint64(state); {
	case n == firstDone:
		return
	case n >= firstTries:
		w.log.Error("event_route[core:worker-one-init] is left alone: the first worker died in it", "times", n)
		return
	default:
		atomic.StoreUint64(state, n+1)
	}
	kill.Point("worker.first")
	w.baton.Lock()
	defer w.baton.Unlock()
	w.now = time.Now() // nothing has been received yet
	c, sock := &f.ctx, w.sockets[w.birth.Socket]
	c.Reset()
	c.Recv = module.Received{
		Src: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), defaultPort), SrcIP: "127.0.0.1",
		Dst: sock.Addr, Socket: sock, Proto: sock.Proto, Time: w.now,
	}
	w.turn = f
	w.withoutMessage(c, w.events.first)
	atomic.StoreUint64(state, firstDone)
	w.flush()
	c.Reset()
}
