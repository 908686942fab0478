package worker

import (
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"goser/sip"
	"goser/worker/inflight"
	"goser/worker/module"
	"goser/worker/stun"
	"goser/worker/transport"
)

// minDatagram is the shortest datagram worth a look; the original ignores
// shorter ones, too.
const minDatagram = 32

// awakened is how long a receive takes at least if it slept.
const awakened = 20 * time.Microsecond

// lead is the receive loop. It returns when this goroutine is not the leader
// any more: its message had to wait and another took over.
func (w *Worker) lead(f *follower) {
	fd := w.fds[w.birth.Socket]
	busy, pause := false, time.Duration(0)
	w.baton.Lock()
	w.loops++
	for {
		w.drain(f)
		if !f.leader {
			w.park(f)
			w.loops--
			w.baton.Unlock()
			return
		}
		if !w.turns.Keep() {
			w.standBy()
			continue
		}
		n := w.region.Arm()
		w.baton.Unlock()
		if pause > 0 && n > 0 {
			inflight.Gather(pause)
		}
		if n == 0 { // every slot is held by a message that waits
			time.Sleep(time.Millisecond)
			w.baton.Lock()
			continue
		}
		asked := time.Now()
		got, errno := w.region.Receive(fd, n, busy)
		busy = errno == 0
		w.baton.Lock()
		if w.quit != nil {
			close(w.quit)
			w.baton.Unlock()
			runtime.Goexit()
		}
		w.received(got, n, errno)
		pause = w.pace.Next(len(w.pending)-w.next, w.now.Sub(asked) > awakened, w.now)
	}
}

// standBy sleeps until this process is one of those that receive.
func (w *Worker) standBy() {
	w.baton.Unlock()
	for !w.turns.Take() {
		w.turns.Park()
	}
	w.baton.Lock()
}

// received adopts what the kernel wrote, got datagrams of the most there was
// room for. room 2
func (w *Worker) received(got, most int, errno unix.Errno) {
	w.now = time.Now()
	w.behind = w.backlog.Behind(got == most, w.now)
	switch errno {
	case 0:
		w.pending = w.region.Adopt(w.pending, got, w.now.UnixNano())
	case unix.EINTR, unix.EAGAIN, unix.ECONNREFUSED:
	default:
		w.complain(w.now, "udp: receive failed", "err", errno)
		time.Sleep(10 * time.Millisecond)
	}
}

// drain handles all pending messages and sends what they produced. When a
// message waits, the new leader goes on with the rest.
func (w *Worker) drain(f *follower) {
	done := 0
	for f.leader && w.next < len(w.pending) {
		s := w.pending[w.next]
		w.next++
		w.run(f, s)
		done++
	}
	if w.next == len(w.pending) {
		w.pending, w.next = w.pending[:0], 0
	}
	if done > 0 || w.out.Pending() {
		w.flush()
	}
}

// run takes one datagram through the house and keeps its slot until its
// output is sent.
func (w *Worker) run(f *follower, s *inflight.Slot) {
	s.Set(inflight.Running)
	f.slot = s
	w.turn = f
	w.handle(&f.ctx, s)
	f.slot = nil
	s.Set(inflight.Done)
	w.done = append(w.done, s)
}

// flush sends the batch; only then are its slots free. room 9
func (w *Worker) flush() {
	w.out.Flush()
	for _, s := range w.done {
		w.region.Release(s)
	}
	w.done = w.done[:0]
}

// handle is the hallway: bytes in, parsed, checked, script, out. rooms 3 to 5
func (w *Worker) handle(c *module.Ctx, s *inflight.Slot) {
	data := w.region.Data(s)
	c.Reset()
	w.about(nil)
	w.origin(c, s)
	if c.Recv.Src.Port() != 0 && w.conf.stun && stun.Is(data) && (w.seeIn == nil || stun.IsModern(data)) {
		w.stun(c, data)
		return
	}
	if len(data) < minDatagram || len(data) > w.conf.maxDatagram || c.Recv.Src.Port() == 0 || data[0] == 0 && w.seeIn == nil {
		w.count.short.Inc()
		return
	}
	// The view is good until the slot is released: after the script.
	raw := unsafe.String(&data[0], len(data))
	if w.behind && strings.HasPrefix(raw, "INVITE ") {
		w.shed(c)
		return
	}
	if sip.IsKeepalive(raw) {
		w.count.keepalive.Inc()
		return
	}
	if w.events.received >= 0 && !w.hear(c, raw) {
		w.count.dropped.Inc()
		return
	}
	if w.seeIn != nil {
		var ok bool
		if raw, ok = w.arrived(c, raw); !ok {
			return
		}
	}
	err := c.SIP.Parse(raw)
	w.about(c)
	if err != nil {
		w.unreadable(c)
	} else if w.conf.strict {
		err = asError(module.Policy.Check(&c.SIP))
	}
	if err != nil {
		w.refuse(c, err)
		return
	}
	if !w.beforeRouting(c) {
		w.count.dropped.Inc()
		return
	}
	if c.SIP.IsRequest {
		w.request(c)
	} else {
		w.reply(c)
	}
}

// shed leaves an INVITE to be sent again, so that the calls under way come to
// their end first. Its sender repeats it, later each time.
func (w *Worker) shed(c *module.Ctx) {
	w.count.shed.Inc()
	w.complain(c.Recv.Time, "more comes than can be handled: INVITEs are left to be sent again, what is under way goes first")
}

// asError keeps a nil *sip.ParseError from becoming a non-nil error.
func asError(e *sip.ParseError) error {
	if e == nil {
		return nil
	}
	return e
}

// origin fills in where the datagram came from and by which socket.
func (w *Worker) origin(c *module.Ctx, s *inflight.Slot) {
	sock := w.sockets[w.birth.Socket]
	w.number++
	c.Recv = module.Received{
		Src:    transport.Addr(s.Name[:s.NameLen]),
		Dst:    sock.Addr,
		Socket: sock,
		Proto:  sock.Proto,
		Time:   time.Unix(0, s.TimeNS),
		Number: w.number,
		ID:     uint64(w.birth.Index+1)<<48 | s.Seq&(1<<48-1),
	}
	src := c.Recv.Src.Addr()
	c.Recv.SrcIP = c.Build(48, func(dst []byte) []byte { return src.AppendTo(dst) })
	if sock.Addr.Addr().IsUnspecified() {
		if a, ok := transport.LocalAddr(s.Ctl[:s.CtlLen]); ok {
			c.Recv.Dst = netip.AddrPortFrom(a, sock.Addr.Port())
		}
	}
}

// refuse answers what RFC 3261 wants answered and drops the rest.
func (w *Worker) refuse(c *module.Ctx, err error) {
	w.count.bad.Inc()
	var pe *sip.ParseError
	if !errors.As(err, &pe) {
		pe = &sip.ParseError{Msg: err.Error()}
	}
	w.complain(c.Recv.Time, "refused a message", "src", c.Recv.Src, "err", pe)
	if pe.Code == 0 || !c.SIP.IsRequest || c.SIP.Method == sip.MethodAck {
		w.count.dropped.Inc()
		return
	}
	reason := pe.Reason
	if reason == "" {
		reason = "Bad Request"
	}
	if err := w.Reply(c, pe.Code, reason); err != nil {
		w.count.dropped.Inc()
	}
}

// request runs a request through the modules' hooks and the main route.
func (w *Worker) request(c *module.Ctx) {
	w.count.requests.Inc()
	if v, err := c.SIP.Via(0); err != nil || v == nil {
		w.count.bad.Inc()
		return
	}
	if w.conf.viaDNS || w.conf.viaRevDNS {
		w.knowVia(c)
	}
	for _, h := range w.hooks.OnRequest {
		if !h(c) {
			return
		}
	}
	w.runner.Request(c)
	for _, h := range w.hooks.AfterRequest {
		h(c)
	}
}

// complain writes a line that a stranger caused, a few each second.
func (w *Worker) complain(now time.Time, msg string, args ...any) {
	if !w.handler.On(w.conf.corelog) {
		return
	}
	ok, held := w.strange.Allow(now)
	if !ok {
		return
	}
	if held > 0 {
		args = append(args, "suppressed", held)
	}
	w.logAt(w.conf.corelog, msg, args...)
}
