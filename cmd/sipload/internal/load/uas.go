package load

import (
	"net/netip"

	"goser/cmd/sipload/internal/udp"
	"goser/cmd/sipload/internal/wire"
)

// uas is a called user agent. It answers everything with 200 at once, as a phone whose owner
// is quick, and an INVITE as the scenario says: 180 first, and the final answer again and again
// until ACK (RFC 3261 §13.3.1.4, §17.2.1).
type uas struct {
	socket     *udp.Socket
	plain      wire.Reply // 200 without a body
	ringing    wire.Reply
	ok         wire.Reply // 200 to INVITE
	busy       wire.Reply
	terminated wire.Reply
}

func newUAS(s *udp.Socket) *uas {
	const agent = "Server: sipload\r\n"
	contact := "Contact: <sip:load@" + s.Local.String() + ">\r\n"
	text := string(wire.NewTemplate(sdp, map[string]string{
		"family": family(s.Local.Addr()), "ip": s.Local.Addr().String(),
	}).Append(nil, wire.ID{}, 0))
	return &uas{
		socket:     s,
		plain:      wire.NewReply("200 OK", agent, "", false),
		ringing:    wire.NewReply("180 Ringing", contact+agent, "", true),
		ok:         wire.NewReply("200 OK", contact+agent+"Content-Type: application/sdp\r\n", text, true),
		busy:       wire.NewReply(plans[Busy].refuse, agent, "", false),
		terminated: wire.NewReply("487 Request Terminated", agent, "", false),
	}
}

// serve answers the request in e.msg that came to a leg.
func (e *Engine) serve(leg int, from *udp.Addr) {
	m := &e.msg
	source := from.AddrPort()
	back := udp.AddrOf(m.ReplyAddress(source))
	switch string(m.Method) {
	case "ACK":
		e.acked(leg)
	case "INVITE":
		e.invited(leg, source, &back)
	case "CANCEL":
		e.answerWith(leg, &e.uas[leg].plain, source, &back)
		e.cancelled(leg)
	case "BYE":
		e.acked(leg) // no more 200 to INVITE: the caller is past it
		e.answerWith(leg, &e.uas[leg].plain, source, &back)
	default:
		e.answerWith(leg, &e.uas[leg].plain, source, &back)
	}
}

// tag makes the To tag of an answer: the same for the same call and leg.
func (e *Engine) tag(leg int) []byte { return e.msg.CallID[leg:min(len(e.msg.CallID), 40)] }

func (e *Engine) answerWith(leg int, r *wire.Reply, source netip.AddrPort, back *udp.Addr) {
	r.Source, r.ToTag = source, e.tag(leg)
	sock := e.uas[leg].socket
	e.send(sock, r.Append(sock.Buffer(), &e.msg), back)
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

func (e *Engine) acked(leg int) {
	n, ok := e.callOf()
	if !ok {
		return
	}
	if l := &e.slots[n].call.leg[leg]; e.msg.CSeq >= l.cseq && l.interval > 0 {
		l.acked = true
		e.wheel.Stop(legTimer(n, leg))
	}
}

// invited answers an INVITE; one that was answered before gets the answer again until it is
// acknowledged, and is absorbed after that (RFC 6026 §7.1).
func (e *Engine) invited(leg int, source netip.AddrPort, back *udp.Addr) {
	n, ok := e.callOf()
	if !ok {
		e.counts.Repeated++
		return
	}
	l, u := &e.slots[n].call.leg[leg], e.uas[leg]
	if l.begun && e.msg.CSeq <= l.cseq {
		e.counts.Repeated++
		switch {
		case l.acked || e.msg.CSeq < l.cseq:
		case l.interval > 0:
			e.send(u.socket, append(u.socket.Buffer(), l.final...), &l.back)
		default:
			e.answerWith(leg, &u.ringing, source, back)
		}
		return
	}
	l.begun, l.acked, l.cseq, l.back, l.interval = true, false, e.msg.CSeq, *back, 0
	e.decide(n, leg, source, back)
}

// decide makes the answer to a new INVITE and sends it when it is time.
func (e *Engine) decide(n uint32, leg int, source netip.AddrPort, back *udp.Addr) {
	l, u := &e.slots[n].call.leg[leg], e.uas[leg]
	inDialog := wire.Param(e.msg.To, "tag") != nil
	r := &u.ok
	l.silent = !inDialog && e.plan.silent(e.slots[n].serial, leg)
	switch {
	case inDialog:
	case l.silent:
		r = &u.terminated
	case e.plan.refuse != "":
		r = &u.busy
	}
	rings := !inDialog && (l.silent || e.plan.refuse == "" || e.cfg.Ring > 0)
	if rings {
		e.answerWith(leg, &u.ringing, source, back)
	}
	r.Source, r.ToTag = source, e.tag(leg)
	l.final = r.Append(l.final[:0], &e.msg)
	switch {
	case l.silent:
	case rings && e.cfg.Ring > 0:
		e.wheel.Set(legTimer(n, leg), e.now+int64(e.cfg.Ring))
	default:
		e.answer(n, leg)
	}
}

// cancelled ends the ringing of a leg (RFC 3261 §9.2).
func (e *Engine) cancelled(leg int) {
	n, ok := e.callOf()
	if !ok {
		return
	}
	if l := &e.slots[n].call.leg[leg]; l.begun && l.silent && l.interval == 0 {
		e.counts.Cancelled++
		e.answer(n, leg)
	}
}

// answer sends the final answer for the first time.
func (e *Engine) answer(n uint32, leg int) {
	l, sock := &e.slots[n].call.leg[leg], e.uas[leg].socket
	l.interval, l.until = int64(e.cfg.T1), e.now+e.cfg.timeout()
	e.send(sock, append(sock.Buffer(), l.final...), &l.back)
	e.wheel.Set(legTimer(n, leg), e.now+l.interval)
}

// answerTimer sends the answer at the end of ringing, and again while there is no ACK.
func (e *Engine) answerTimer(n uint32, leg int) {
	l, sock := &e.slots[n].call.leg[leg], e.uas[leg].socket
	switch {
	case l.acked:
	case l.interval == 0:
		e.answer(n, leg)
	case e.now < l.until:
		e.counts.UASRetransmitted++
		e.send(sock, append(sock.Buffer(), l.final...), &l.back)
		l.interval = min(2*l.interval, int64(e.cfg.T2))
		e.wheel.Set(legTimer(n, leg), e.now+l.interval)
	}
}
