package moduletest

import (
	"net/netip"
	"strings"
	"time"

	"goser/cfg/check"
	"goser/shm"
	"goser/shm/wheel"
	"goser/sip"
	"goser/worker/module"
)

// firstTick is the wheel's time at Start.
const firstTick = 1000

// Seat takes a place in an arena; without it Proc makes one in Env's own.
func (e *Env) Seat(p *shm.Proc) {
	e.proc, e.arena = p, p.Arena()
	e.random = uint64(p.Slot())<<48 ^ uint64(p.Gen())<<32 // each process its own numbers
}

// Proc implements module.Stateful.
func (e *Env) Proc() *shm.Proc {
	if e.proc == nil {
		p, err := e.Arena().Enter(1, 0, 1)
		if err != nil {
			e.tb.Fatalf("moduletest: %v", err)
		}
		e.proc = p
	}
	return e.proc
}

// Timers implements module.Stateful.
func (e *Env) Timers() *wheel.Wheel {
	if e.wheel == nil {
		w, err := wheel.Open(e.Proc(), "timers", firstTick)
		if err != nil {
			e.tb.Fatalf("moduletest: %v", err)
		}
		e.wheel = w
	}
	return e.wheel
}

// Tick implements module.Stateful.
func (e *Env) Tick() uint64 {
	return firstTick + uint64(e.Clock.Sub(Start)/(wheel.TickMs*time.Millisecond))
}

// Advance moves the clock on, firing what becomes due on the way.
func (e *Env) Advance(d time.Duration) {
	for end := e.Clock.Add(d); e.Clock.Before(end); {
		e.Clock = e.Clock.Add(wheel.TickMs * time.Millisecond)
		e.Fire()
	}
}

// Fire fires what is due now.
func (e *Env) Fire() {
	e.Timers().Run(e.Proc(), e.Tick(), func(p *shm.Proc, node, arg uint64, kind uint16) {
		if !module.Fire(e, kind, node, arg) {
			e.wheel.Done(p, node)
		}
	})
}

// Conf implements module.Stateful.
func (e *Env) Conf() *module.Conf {
	if e.conf.Amplification == 0 {
		e.conf.Amplification = 3
	}
	return &e.conf
}

// Sockets implements module.Stateful.
func (e *Env) Sockets() []*module.Socket { return e.Listening }

// Borrow implements module.Stateful.
func (e *Env) Borrow() *module.Ctx {
	if e.lent == len(e.borrowed) {
		e.borrowed = append(e.borrowed, &module.Ctx{Env: e, Vars: &module.Vars{}})
	}
	c := e.borrowed[e.lent]
	e.lent++
	c.Reset()
	c.Runner = e.Runner
	return c
}

// Return implements module.Stateful.
func (e *Env) Return(c *module.Ctx) {
	if e.lent == 0 || e.borrowed[e.lent-1] != c {
		e.tb.Error("moduletest: Return of what was not borrowed last")
		return
	}
	e.lent--
}

// Resolve implements module.Stateful: literals and Hosts.
func (e *Env) Resolve(c *module.Ctx, t module.Target) ([]netip.Addr, int, error) {
	host, port := t.Host, t.Port
	if host == "" {
		uri := c.RequestURI()
		if c.Dest.Next != "" {
			uri = c.Dest.Next
		}
		u, err := c.TempURI(uri)
		if err != nil {
			return nil, 0, &module.Error{Code: module.ErrBadURI, Msg: err.Error()}
		}
		if tr := u.Transport(); sip.EqualFold(tr, "tcp") || sip.EqualFold(tr, "tls") || sip.EqualFold(tr, "sctp") {
			return nil, 0, &module.Error{Code: module.ErrProto, Msg: "only UDP is there yet"}
		}
		host, port = u.Host, u.Port
	}
	if port == 0 {
		port = 5060
	}
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		e.one[0] = a
		return e.one[:], port, nil
	}
	addrs, err := e.Lookup(c, host)
	if err != nil {
		return nil, 0, &module.Error{Code: module.ErrBadAddr, Msg: err.Error()}
	}
	return addrs, port, nil
}

// Path implements module.Stateful.
func (e *Env) Path(c *module.Ctx, to netip.AddrPort) (module.Path, error) {
	if s := c.Dest.Socket; s != nil && s.Addr.Addr().Is4() == to.Addr().Is4() {
		return module.Path{To: to, From: s, Src: s.Addr.Addr(), SentBy: s.SentBy}, nil
	}
	for _, s := range e.Listening {
		if s.Addr.Addr().Is4() == to.Addr().Is4() {
			return module.Path{To: to, From: s, Src: s.Addr.Addr(), SentBy: s.SentBy}, nil
		}
	}
	return module.Path{}, &module.Error{Code: module.ErrProto, Msg: "no socket"}
}

// LoopMark implements module.Stateful.
func (e *Env) LoopMark(c *module.Ctx, to netip.AddrPort) string {
	return c.Build(16, func(dst []byte) []byte {
		const hex = "0123456789abcdef"
		e.mark = to.AppendTo(append(append(e.mark[:0], c.RequestURI()...), c.SIP.CallID()...))
		h := e.Arena().Hash(e.mark)
		for i := range 8 {
			dst = append(dst, hex[h>>(4*i)&15])
		}
		return dst
	})
}

// Looped implements module.Stateful.
func (e *Env) Looped(c *module.Ctx, mark string) bool {
	vias, _ := c.SIP.Vias()
	for i := range vias {
		if strings.HasSuffix(vias[i].Branch, mark) && e.Myself(vias[i].Host, vias[i].Port, check.ProtoAny) {
			return true
		}
	}
	return false
}

// Hops implements module.Stateful.
func (e *Env) Hops(c *module.Ctx) (sip.Hops, error) {
	n, err := c.SIP.MaxForwards()
	switch {
	case c.MaxForwardsDone:
		return sip.HopsKeep, nil
	case err != nil:
		return sip.HopsAdd, nil
	case n == 0:
		return 0, &module.Error{Code: module.ErrTooMany, Msg: "Max-Forwards is 0"}
	}
	return sip.HopsDecrement, nil
}

// ReplyPath implements module.Stateful.
func (e *Env) ReplyPath(c *module.Ctx) (module.Path, error) {
	via, err := c.SIP.Via(0)
	if err != nil {
		return module.Path{}, err
	}
	port := uint16(via.Port)
	if via.HasRport || port == 0 {
		port = c.Recv.Src.Port()
	}
	return module.Path{To: netip.AddrPortFrom(c.Recv.Src.Addr(), port), From: c.Recv.Socket}, nil
}

// ViaFix implements module.Stateful.
func (e *Env) ViaFix(c *module.Ctx) sip.ViaFix {
	via, err := c.SIP.Via(0)
	if err != nil {
		return sip.ViaFix{}
	}
	return via.Fix(c.Recv.SrcIP, int(c.Recv.Src.Port()), c.ForceRport)
}

// AppendReply implements module.Stateful.
func (e *Env) AppendReply(dst []byte, c *module.Ctx, code int, reason, tag string) []byte {
	return sip.AppendReply(dst, &c.SIP, &sip.Reply{
		Code: code, Reason: reason, ToTag: tag, Fix: e.ViaFix(c),
		Headers: c.Concat(c.ReplyHeaders...), Body: c.ReplyBody, ContentType: c.ReplyType,
		RecordRoute: sip.CopiesRecordRoute(code),
	})
}

// SendOn implements module.Stateful.
func (e *Env) SendOn(p module.Path, data []byte) error { return e.Send(p.From, p.To, data) }
