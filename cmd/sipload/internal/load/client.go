package load

import (
	"bytes"
	"fmt"
	"net/netip"

	"goser/cmd/sipload/internal/udp"
	"goser/cmd/sipload/internal/wire"
)

// begin sends the first request of slot n.
func (e *Engine) begin(n uint32) {
	s := &e.slots[n]
	s.state = trying
	if e.calls {
		s.state = calling
	}
	e.sendFirst(n)
	e.clock(n)
}

// clock starts the timers of a request that was sent just now.
func (e *Engine) clock(n uint32) {
	s := &e.slots[n]
	s.sent, s.next, s.interval = e.now, e.now, int64(e.cfg.T1)
	s.deadline = e.now + e.cfg.timeout()
	e.arm(n)
}

func (e *Engine) sendFirst(n uint32) {
	s := &e.slots[n]
	sock := e.sockets[s.port]
	e.send(sock, e.templates[s.port].Append(sock.Buffer(), e.id(n), s.user), &e.target)
}

// arm sets the timer of the next retransmission, or of giving up if that is earlier. Intervals count
// from when the last one was due, so that our own delays do not add up.
func (e *Engine) arm(n uint32) {
	s := &e.slots[n]
	s.next += s.interval
	e.wheel.Set(clientTimer(n), min(s.next, s.deadline))
}

// timer is called when a timer of a slot fires.
func (e *Engine) timer(t int32) {
	n, leg := uint32(t/timers), int(t%timers)-1
	if leg >= 0 {
		e.answerTimer(n, leg)
		return
	}
	s := &e.slots[n]
	switch s.state {
	case holding:
		e.goOn(n)
		return
	case patient:
		e.giveUp(n)
		return
	}
	if s.next >= s.deadline { // so the timer was for the deadline
		e.counts.Lost++
		e.release(n)
		return
	}
	e.retransmit(n)
}

// retransmit sends the request under way again: INVITE at T1, 2*T1, 4*T1… (timer A, RFC 3261
// §17.1.1.2), others too but never later than T2 after the last (timer E, §17.1.2.2), and every T2
// once a provisional answer came.
func (e *Engine) retransmit(n uint32) {
	s := &e.slots[n]
	e.counts.Retransmitted++
	switch s.state {
	case trying, calling:
		e.sendFirst(n)
	case proceeding:
		e.sendFirst(n)
		s.interval = int64(e.cfg.T2)
	case cancelling:
		e.sendCancel(n)
	case renewing:
		e.sendStored(n, s.call.again)
	case ending, endingSoon:
		e.sendStored(n, s.call.bye)
	}
	s.interval *= 2
	if s.state != calling && s.state != renewing {
		s.interval = min(s.interval, int64(e.cfg.T2))
	}
	e.arm(n)
}

func (e *Engine) sendStored(n uint32, b []byte) {
	s := &e.slots[n]
	sock := e.sockets[s.port]
	e.send(sock, append(sock.Buffer(), b...), &s.call.hop)
}

// send queues b, which stands in the socket's buffer: as often as asked for, less what is lost.
func (e *Engine) send(sock *udp.Socket, b []byte, to *udp.Addr) {
	if e.cfg.Copies == 1 && e.cfg.Loss == 0 {
		sock.Queue(b, to)
		return
	}
	e.copied = append(e.copied[:0], b...)
	for range e.cfg.Copies {
		if !e.lose() {
			sock.Queue(append(sock.Buffer(), e.copied...), to)
		}
	}
}

// lose decides whether a message is lost.
func (e *Engine) lose() bool {
	if e.cfg.Loss == 0 || e.losses.Float64() >= e.cfg.Loss {
		return false
	}
	e.counts.Dropped++
	return true
}

// receive takes what came in on all sockets.
func (e *Engine) receive() error {
	e.more = false
	for i, s := range e.sockets {
		if !e.poller.Ready(i) {
			continue
		}
		n, err := s.Receive()
		if err != nil {
			return err
		}
		e.tick()
		e.worked = e.worked || n > 0
		e.more = e.more || n == udp.Batch
		for j := range n {
			b, from, whole := s.Datagram(j)
			if e.lose() {
				continue
			}
			if err := e.msg.Parse(b); err != nil || !whole {
				e.counts.Malformed++
				continue
			}
			e.dispatch(i, from)
		}
	}
	return nil
}

func (e *Engine) dispatch(socket int, from *udp.Addr) {
	switch called := socket >= e.cfg.Ports; {
	case called && e.msg.Code == 0:
		e.serve(socket-e.cfg.Ports, from)
	case called:
		e.counts.Stray++
	case e.msg.Code == 0:
		e.counts.Requests++
	default:
		e.reply()
	}
}

// reply finds the transaction that e.msg answers: by branch, method and our being the only Via
// (RFC 3261 §17.1.3, §8.1.3.3).
func (e *Engine) reply() {
	m := &e.msg
	mark, method := e.mark, e.method
	if e.calls {
		mark, method = e.callMark()
	}
	id, ok := wire.ParseID(m.Branch, e.prefix[mark])
	if !ok || m.Vias != 1 || int(id.Slot) >= len(e.slots) || id.Serial > e.serial || !e.ours(id) ||
		!bytes.Equal(m.CSeqMethod, method) {
		e.counts.Stray++
		return
	}
	s := &e.slots[id.Slot]
	if s.state == idle || s.serial != id.Serial {
		e.counts.Duplicates++
		if mark == 'i' && m.Code >= 300 && bytes.Equal(method, methodInvite) {
			e.sendAck(id)
		}
		return
	}
	switch {
	case !e.calls:
		e.answered(id.Slot)
	case mark == 'b':
		e.byeAnswered(id.Slot)
	case mark == 'n':
		e.renewAnswered(id.Slot)
	case bytes.Equal(method, methodCancel):
		e.cancelAnswered(id.Slot)
	default:
		e.inviteAnswered(id.Slot)
	}
}

// ours tells whether the Call-ID is the one we sent with this id.
func (e *Engine) ours(id wire.ID) bool {
	got, ok := wire.ParseID(e.msg.CallID, e.callID)
	return ok && got == id
}

// answered handles an answer to a request outside calls.
func (e *Engine) answered(n uint32) {
	s := &e.slots[n]
	if e.msg.Code < 200 {
		e.counts.Provisional++
		s.state = proceeding
		return
	}
	e.done(n, e.msg.Code == e.expect)
}

// done ends a transaction whose final answer is e.msg.
func (e *Engine) done(n uint32, good bool) {
	s := &e.slots[n]
	e.statuses[e.msg.Code]++
	e.lastDone = e.now
	if good {
		e.counts.Completed++
		if !e.calls {
			e.record(s.due)
		}
	} else {
		e.counts.Failed++
	}
	e.release(n)
}

// hop resolves host and port of a URI; a name, which a load generator will not look up for each call,
// counts and is sent to the server as if that were its outbound proxy.
func (e *Engine) hop(hostport []byte) udp.Addr {
	if len(hostport) > 0 && bytes.Equal(hostport, e.hopText) {
		return e.hopAddr
	}
	text := string(hostport)
	addr, err := netip.ParseAddrPort(text)
	if err != nil {
		addr, err = netip.ParseAddrPort(text + ":5060")
	}
	if err != nil {
		e.counts.Unroutable++
		return e.target
	}
	e.hopText = append(e.hopText[:0], hostport...)
	e.hopAddr = udp.AddrOf(addr)
	return e.hopAddr
}

// String names an engine in test failures.
func (e *Engine) String() string {
	return fmt.Sprintf("%s to %v, %d under way", e.cfg.Scenario, e.cfg.Target, len(e.slots)-len(e.free))
}
