package load

import (
	"bytes"
	"time"

	"goser/cmd/sipload/internal/wire"
)

var (
	methodInvite = []byte("INVITE")
	methodBye    = []byte("BYE")
	methodCancel = []byte("CANCEL")
)

// callMark is the mark and method of the request that e.msg should answer. CANCEL has the branch
// of its INVITE (RFC 3261 §9.1).
func (e *Engine) callMark() (mark byte, method []byte) {
	switch {
	case bytes.Equal(e.msg.CSeqMethod, methodBye):
		return 'b', methodBye
	case bytes.Equal(e.msg.CSeqMethod, methodCancel):
		return e.mark, methodCancel
	case e.plan.again && bytes.HasPrefix(e.msg.Branch, e.prefix['n']):
		return 'n', methodInvite
	}
	return e.mark, methodInvite
}

// inviteAnswered handles an answer to INVITE: provisional ones stop the retransmissions, a 2xx makes
// the dialog and is acknowledged each time it comes (RFC 3261 §13.2.2.4), anything else ends the call.
func (e *Engine) inviteAnswered(n uint32) {
	s, code := &e.slots[n], e.msg.Code
	switch {
	case code < 200 && (s.state == calling || s.state == ringing):
		e.counts.Provisional++
		e.alerted(n)
	case code < 200:
		e.counts.Duplicates++ // a late provisional, overtaken by the final answer or by CANCEL
	case !s.state.inviting():
		e.counts.Duplicates++
		if code < 300 {
			e.sendStored(n, s.call.ack)
		}
	case code < 300:
		e.established(n)
	default:
		e.refused(n)
	}
}

// alerted is what a provisional answer does.
func (e *Engine) alerted(n uint32) {
	s := &e.slots[n]
	switch {
	case e.plan.giveUp && (e.plan.early || e.cfg.Ring == 0):
		e.giveUp(n)
	case e.plan.giveUp:
		s.state = patient
		e.wheel.Set(clientTimer(n), e.now+int64(e.cfg.Ring))
	default:
		s.state = ringing
		s.deadline = e.now + int64(e.cfg.Ring) + e.cfg.timeout()
		s.next = s.deadline
		e.wheel.Set(clientTimer(n), s.deadline)
	}
}

// giveUp sends CANCEL.
func (e *Engine) giveUp(n uint32) {
	e.slots[n].state = cancelling
	e.sendCancel(n)
	e.clock(n)
}

func (e *Engine) sendCancel(n uint32) {
	s := &e.slots[n]
	sock := e.sockets[s.port]
	e.scratch = e.templates[s.port].Append(e.scratch[:0], e.id(n), s.user)
	e.send(sock, wire.AppendCancel(sock.Buffer(), e.scratch), &e.target)
}

// cancelAnswered stops the CANCEL; the answer to INVITE is still to come.
func (e *Engine) cancelAnswered(n uint32) {
	s := &e.slots[n]
	switch {
	case s.state != cancelling:
		e.counts.Duplicates++
	case e.msg.Code >= 200:
		s.state, s.next = cancelled, s.deadline
		e.wheel.Set(clientTimer(n), s.deadline)
	}
}

// established sends ACK and, now or after the hold time, what comes next.
func (e *Engine) established(n uint32) {
	s := &e.slots[n]
	if !e.dialog(n) {
		e.counts.Malformed++
		return // as if the 200 had not come: the call is lost in the end
	}
	e.record(s.due)
	e.statuses[e.msg.Code]++
	e.sendStored(n, s.call.ack)
	if e.cfg.Hold > 0 {
		s.state = holding
		e.wheel.Set(clientTimer(n), e.now+int64(e.cfg.Hold))
		return
	}
	e.goOn(n)
}

// dialog writes the requests inside the dialog from the 200 and learns where they go.
func (e *Engine) dialog(n uint32) bool {
	s := &e.slots[n]
	ok := e.within(n, &s.call.ack, "ACK", 1, 'a')
	last := uint32(2)
	if e.plan.again {
		ok = e.within(n, &s.call.again, "INVITE", 2, 'n') && e.within(n, &s.call.againAck, "ACK", 2, 'c') && ok
		last = 3
	}
	ok = e.within(n, &s.call.bye, "BYE", last, 'b') && ok
	s.call.hop = e.hop(wire.NextHop(&e.msg))
	return ok
}

// within writes one of them to where.
func (e *Engine) within(n uint32, where *[]byte, method string, cseq uint32, mark byte) bool {
	w := wire.Within{Method: method, CSeq: cseq, Via: e.viaHosts[e.slots[n].port], Branch: e.prefix[mark], ID: e.id(n), Fixed: inDialog}
	if method == "INVITE" {
		w.Contact = e.viaHosts[e.slots[n].port]
	}
	var err error
	*where, err = w.Append((*where)[:0], &e.msg)
	return err == nil
}

// goOn is what happens when the call has been up for long enough.
func (e *Engine) goOn(n uint32) {
	s := &e.slots[n]
	if !e.plan.again || s.call.wasAgain {
		e.hangUp(n)
		return
	}
	s.state, s.call.wasAgain = renewing, true
	e.sendStored(n, s.call.again)
	e.clock(n)
}

// renewAnswered handles an answer to the second INVITE. Its refusal leaves the dialog as it was (RFC
// 3261 §14.1), so that BYE follows all the same.
func (e *Engine) renewAnswered(n uint32) {
	s, code := &e.slots[n], e.msg.Code
	open := s.state == renewing || s.state == renewed
	switch {
	case code < 200 && open:
		e.counts.Provisional++
		s.state, s.next = renewed, s.deadline
		e.wheel.Set(clientTimer(n), s.deadline)
		return
	case code < 200:
		e.counts.Duplicates++
		return
	case code < 300:
		e.sendStored(n, s.call.againAck)
	default:
		sock := e.sockets[s.port]
		e.send(sock, wire.AppendAck(sock.Buffer(), s.call.again, e.msg.To), &s.call.hop)
	}
	if !open {
		e.counts.Duplicates++
		return
	}
	e.statuses[code]++
	s.call.badAgain = code >= 300
	e.hangUp(n)
}

func (e *Engine) hangUp(n uint32) {
	s := &e.slots[n]
	s.state = ending
	e.sendStored(n, s.call.bye)
	e.clock(n)
}

func (e *Engine) byeAnswered(n uint32) {
	s, code := &e.slots[n], e.msg.Code
	switch {
	case s.state != ending && s.state != endingSoon:
		e.counts.Stray++
	case code < 200:
		e.counts.Provisional++
		s.state, s.interval = endingSoon, int64(e.cfg.T2)
	default:
		e.byes.Add(time.Duration(e.now - s.sent))
		e.done(n, code == e.expect && !s.call.badAgain)
	}
}

// refused acknowledges a final answer that is no success, and ends the call.
func (e *Engine) refused(n uint32) {
	good := e.msg.Code == e.expect
	if good {
		e.record(e.slots[n].due)
	}
	e.sendAck(e.id(n))
	e.done(n, good)
}

// sendAck acknowledges the refusal in e.msg hop by hop (RFC 3261 §17.1.1.3), also when the call is
// over long since: a server that misses the ACK repeats the refusal.
func (e *Engine) sendAck(id wire.ID) {
	user, port := uint32(id.Serial%uint64(e.cfg.Users)), id.Serial%uint64(e.cfg.Ports)
	sock := e.sockets[port]
	e.scratch = e.templates[port].Append(e.scratch[:0], id, user)
	e.send(sock, wire.AppendAck(sock.Buffer(), e.scratch, e.msg.To), &e.target)
}

// record notes the latency of what was meant to start at due and is answered now.
func (e *Engine) record(due int64) { e.latency.Add(time.Duration(e.now - due)) }
