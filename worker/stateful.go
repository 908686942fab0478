package worker

import (
	"net/netip"
	"time"

	"goser/shm"
	"goser/shm/wheel"
	"goser/sip"
	"goser/worker/module"
)

// wheelClock ties the wheel's ticks to the clock of time.Time, once for each
// process: reading it then costs no system call.
type wheelClock struct {
	at   time.Time
	tick uint64
}

// Proc implements module.Stateful.
func (w *Worker) Proc() *shm.Proc { return w.proc }

// Timers implements module.Stateful.
func (w *Worker) Timers() *wheel.Wheel { return w.wheel }

// Tick implements module.Stateful. It may be a tick early against another
// process, never late by more than a clock's rounding.
func (w *Worker) Tick() uint64 {
	if w.clock.tick == 0 {
		w.clock = wheelClock{time.Now(), wheel.Now()}
	}
	return w.clock.tick + uint64(w.now.Sub(w.clock.at)/(wheel.TickMs*time.Millisecond))
}

// Conf implements module.Stateful.
func (w *Worker) Conf() *module.Conf { return &w.public }

// Sockets implements module.Stateful.
func (w *Worker) Sockets() []*module.Socket { return w.sockets }

// Borrow implements module.Stateful.
func (w *Worker) Borrow() *module.Ctx {
	f := w.turn
	if f.lent == len(f.borrowed) {
		c := &module.Ctx{Env: w}
		c.SIP.Limits = w.conf.limits
		f.borrowed = append(f.borrowed, c)
	}
	c := f.borrowed[f.lent]
	f.lent++
	c.Reset()
	c.Vars, c.Runner = f.ctx.Vars, w.callRunner()
	return c
}

// Return implements module.Stateful.
func (w *Worker) Return(c *module.Ctx) {
	f := w.turn
	if f.lent > 0 && f.borrowed[f.lent-1] == c {
		c.Reset()
		f.lent--
	}
}

// Resolve implements module.Stateful.
func (w *Worker) Resolve(c *module.Ctx, t module.Target) ([]netip.Addr, int, error) {
	h, err := w.nextHop(c, t)
	if err != nil {
		return nil, 0, err
	}
	addrs, err := w.resolve(c, h, t)
	if err == nil && len(addrs) == 0 {
		err = &module.Error{Code: module.ErrBadAddr, Msg: "the host has no address"}
	}
	return addrs, h.port, err
}

// Path implements module.Stateful.
func (w *Worker) Path(c *module.Ctx, to netip.AddrPort) (module.Path, error) {
	from, src := w.source(c, to)
	if from == nil {
		return module.Path{}, &module.Error{Code: module.ErrProto, Msg: "no listening socket of the destination's family"}
	}
	return module.Path{To: to, From: from, Src: src, SentBy: w.sentBy(c, from, src)}, nil
}

// LoopMark implements module.Stateful.
func (w *Worker) LoopMark(c *module.Ctx, to netip.AddrPort) string { return w.loopMark(c, to) }

// Looped implements module.Stateful.
func (w *Worker) Looped(c *module.Ctx, mark string) bool { return w.looped(c, mark) }

// Hops implements module.Stateful.
func (w *Worker) Hops(c *module.Ctx) (sip.Hops, error) { return w.maxForwards(c) }

// ReplyPath implements module.Stateful.
func (w *Worker) ReplyPath(c *module.Ctx) (module.Path, error) {
	to, err := w.replyTo(c)
	if err != nil {
		return module.Path{}, err
	}
	from := w.mine.pick(w.replySocket(c), to.Addr())
	if from == nil {
		return module.Path{}, &module.Error{Code: module.ErrProto, Msg: "no listening socket of the destination's family"}
	}
	return module.Path{To: to, From: from, Src: c.Recv.Dst.Addr()}, nil
}

// ViaFix implements module.Stateful.
func (w *Worker) ViaFix(c *module.Ctx) sip.ViaFix { return w.viaFix(c) }

// AppendReply implements module.Stateful.
func (w *Worker) AppendReply(dst []byte, c *module.Ctx, code int, reason, tag string) []byte {
	r := sip.Reply{
		Code: code, Reason: reason, ToTag: tag, Fix: w.viaFix(c), ServerLine: w.conf.server,
		Headers: c.Concat(c.ReplyHeaders...), Body: c.ReplyBody, ContentType: c.ReplyType,
		RecordRoute: sip.CopiesRecordRoute(code),
	}
	if w.conf.warning {
		r.Headers = c.Concat(r.Headers, w.warning(c))
	}
	return sip.AppendReply(dst, &c.SIP, &r)
}

// SendOn implements module.Stateful.
func (w *Worker) SendOn(p module.Path, data []byte) error {
	return w.queue(p.From, p.Src, p.To, data)
}
