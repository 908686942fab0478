package load

import (
	"net/netip"

	"goser/cmd/sipload/internal/udp"
	"goser/cmd/sipload/internal/wire"
)

// uas is the called user agent. It answers everything with 200 at once, as a phone whose owner
// is quick; an INVITE first with 180, and its 200 again and again until ACK (RFC 3261 §13.3.1.4).
type uas struct {
	socket  *udp.Socket
	plain   wire.Reply // 200 without a body
	ringing wire.Reply
	ok      wire.Reply // 200 to INVITE
}

func newUAS(s *udp.Socket) *uas {
	const agent = "Server: sipload\r\n"
	contact := "Contact: <sip:load@" + s.Local.String() + ">\r\n"
	text := string(wire.NewTemplate(sdp, map[string]string{
		"family": family(s.Local.Addr()), "ip": s.Local.Addr().String()}).Append(nil, wire.ID{}, 0))
	return &uas{socket: s,
		plain:   wire.NewReply("200 OK", agent, "", false),
		ringing: wire.NewReply("180 Ringing", contact+agent, "", true),
		ok:      wire.NewReply("200 OK", contact+agent+"Content-Type: application/sdp\r\n", text, true)}
}

// serve answers the request in e.msg.
func (e *Engine) serve(from *udp.Addr) {
	m := &e.msg
	source := from.AddrPort()
	back := udp.AddrOf(m.ReplyAddress(source))
	switch string(m.Method) {
	case "ACK":
		e.acked()
	case "INVITE":
		e.invited(source, &back)
	case "BYE":
		if n, ok := e.callOf(); ok {
			e.slots[n].call.acked = true // no more 200 to INVITE: the caller is past it
			e.wheel.Stop(uasTimer(n))
		}
		e.send200(source, &back)
	default:
		e.send200(source, &back)
	}
}

// tag makes the To tag of an answer: the same for the same call.
func (e *Engine) tag() []byte { return e.msg.CallID[:min(len(e.msg.CallID), 40)] }

func (e *Engine) send200(source netip.AddrPort, back *udp.Addr) {
	r := &e.uas.plain
	r.Source, r.ToTag = source, e.tag()
	e.uas.socket.Queue(r.Append(e.uas.socket.Buffer(), &e.msg), back)
}

// callOf finds the slot of the call that e.msg belongs to, unless that call is over.
func (e *Engine) callOf() (uint32, bool) {
	id, ok := wire.ParseID(e.msg.CallID, e.callID)
	if !ok || int(id.Slot) >= len(e.slots) {
		return 0, false
	}
	s := &e.slots[id.Slot]
	return id.Slot, s.state != idle && s.serial == id.Serial && s.call != nil
}

func (e *Engine) acked() {
	if n, ok := e.callOf(); ok {
		e.slots[n].call.acked = true
		e.wheel.Stop(uasTimer(n))
	}
}

// invited answers an INVITE; one that was answered before gets the 200 again until it is
// acknowledged, and is absorbed after that (RFC 6026 §7.1).
func (e *Engine) invited(source netip.AddrPort, back *udp.Addr) {
	n, ok := e.callOf()
	if !ok {
		e.counts.Repeated++
		return
	}
	c, sock := e.slots[n].call, e.uas.socket
	if c.answered {
		e.counts.Repeated++
		if !c.acked && c.interval > 0 {
			sock.Queue(append(sock.Buffer(), c.ok...), &c.back)
		}
		return
	}
	r := &e.uas.ringing
	r.Source, r.ToTag = source, e.tag()
	sock.Queue(r.Append(sock.Buffer(), &e.msg), back)
	r = &e.uas.ok
	r.Source, r.ToTag = source, e.tag()
	c.ok = r.Append(c.ok[:0], &e.msg)
	c.answered, c.back, c.interval = true, *back, 0
	if e.cfg.Ring > 0 {
		e.wheel.Set(uasTimer(n), e.now+int64(e.cfg.Ring))
		return
	}
	e.answer(n)
}

// answer sends the 200 for the first time.
func (e *Engine) answer(n uint32) {
	c := e.slots[n].call
	c.interval, c.until = int64(e.cfg.T1), e.now+e.cfg.timeout()
	e.uas.socket.Queue(append(e.uas.socket.Buffer(), c.ok...), &c.back)
	e.wheel.Set(uasTimer(n), e.now+c.interval)
}

// answerTimer sends the 200 at the end of ringing, and again while there is no ACK.
func (e *Engine) answerTimer(n uint32) {
	c := e.slots[n].call
	switch {
	case c.acked:
	case c.interval == 0:
		e.answer(n)
	case e.now < c.until:
		e.counts.UASRetransmitted++
		e.uas.socket.Queue(append(e.uas.socket.Buffer(), c.ok...), &c.back)
		c.interval = min(2*c.interval, int64(e.cfg.T2))
		e.wheel.Set(uasTimer(n), e.now+c.interval)
	}
}
