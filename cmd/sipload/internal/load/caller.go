package load

import (
	"time"

	"goser/cmd/sipload/internal/wire"
)

// inviteAnswered handles an answer to INVITE: provisional ones stop the retransmissions, a 2xx makes
// the dialog and is acknowledged each time it comes (RFC 3261 §13.2.2.4), anything else ends the call.
func (e *Engine) inviteAnswered(n uint32) {
	s, code := &e.slots[n], e.msg.Code
	switch {
	case code < 200 && (s.state == calling || s.state == ringing):
		e.counts.Provisional++
		s.state = ringing
		s.deadline = e.now + int64(e.cfg.Ring) + e.cfg.timeout()
		s.next = s.deadline
		e.wheel.Set(clientTimer(n), s.deadline)
	case code < 200:
		e.counts.Duplicates++ // a late provisional, overtaken by the final answer
	case s.state != calling && s.state != ringing:
		e.counts.Duplicates++
		if code < 300 {
			e.sendStored(n, s.call.ack)
		}
	case code < 300:
		e.established(n)
	default:
		e.refuse(n)
	}
}

// established sends ACK and, now or after the hold time, BYE.
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
	e.hangUp(n)
}

// dialog writes ACK and BYE from the 200 and learns where they go.
func (e *Engine) dialog(n uint32) bool {
	s := &e.slots[n]
	w := wire.Within{Method: "ACK", CSeq: 1, Via: e.viaHosts[s.port], Branch: e.prefix['a'], ID: e.id(n), Fixed: inDialog}
	var err error
	if s.call.ack, err = w.Append(s.call.ack[:0], &e.msg); err != nil {
		return false
	}
	w.Method, w.CSeq, w.Branch = "BYE", 2, e.prefix['b']
	s.call.bye, err = w.Append(s.call.bye[:0], &e.msg)
	s.call.hop = e.hop(wire.NextHop(&e.msg))
	return err == nil
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
		e.done(n, code == e.cfg.Expect)
	}
}

// refuse acknowledges a final answer that is no success, hop by hop (RFC 3261 §17.1.1.3).
func (e *Engine) refuse(n uint32) {
	s := &e.slots[n]
	sock := e.sockets[s.port]
	e.scratch = e.templates[s.port].Append(e.scratch[:0], e.id(n), s.user)
	sock.Queue(wire.AppendAck(sock.Buffer(), e.scratch, e.msg.To), &e.target)
	e.done(n, false)
}

// record notes the latency of what was meant to start at due and is answered now.
func (e *Engine) record(due int64) { e.latency.Add(time.Duration(e.now - due)) }
