package load

import (
	"goser/cmd/sipload/internal/udp"
	"goser/cmd/sipload/internal/wire"
)

// state is where the client side of a slot stands (RFC 3261 §17.1).
type state uint8

const (
	idle       state = iota
	trying           // a request other than INVITE is out, no answer yet
	proceeding       // the same, after a provisional answer
	calling          // INVITE is out
	ringing          // INVITE, after a provisional answer: no more retransmissions
	patient          // the same, but the caller will give up soon
	cancelling       // CANCEL is out
	cancelled        // CANCEL is answered, INVITE not yet
	holding          // the call is up, BYE or the second INVITE not yet due
	renewing         // the second INVITE is out
	renewed          // the second INVITE, after a provisional answer
	ending           // BYE is out
	endingSoon       // BYE, after a provisional answer
)

// slot is one transaction, or one call, under way.
type slot struct {
	serial   uint64 // of the transaction it holds or held last
	due      int64  // when it was meant to start
	sent     int64  // when the request under way (BYE, for a call) was first sent
	deadline int64  // when it is given up
	next     int64  // when the next retransmission is due
	interval int64  // from that one to the one after it
	user     uint32
	port     uint16
	state    state
	call     *call // of calls only, kept from one call to the next
}

// inviting tells whether the first INVITE has no final answer yet.
func (s state) inviting() bool { return s >= calling && s <= cancelled }

// call is what both sides of a call remember.
type call struct {
	// The caller's side.
	ack, bye []byte
	again    []byte // the second INVITE
	againAck []byte // and its ACK
	wasAgain bool   // it was sent
	badAgain bool   // and refused
	hop      udp.Addr

	leg [legs]leg
}

// legs is how many user agents a call can be forked to.
const legs = 2

// leg is what one called user agent remembers of a call.
type leg struct {
	begun    bool   // INVITE came
	cseq     uint32 // of the last one
	silent   bool   // it rings until it is cancelled
	acked    bool
	final    []byte // the answer, to be sent again until ACK comes (RFC 3261 §13.3.1.4, §17.2.1)
	back     udp.Addr
	interval int64 // 0: the answer was not sent yet
	until    int64
}

// Each slot has a timer for the caller and one for each leg.
const timers = 1 + legs

func clientTimer(slot uint32) int32       { return int32(slot * timers) }
func legTimer(slot uint32, leg int) int32 { return int32(slot*timers) + 1 + int32(leg) }

func (e *Engine) id(n uint32) wire.ID { return wire.ID{Slot: n, Serial: e.slots[n].serial} }

// take begins a new transaction in a free slot.
func (e *Engine) take(due int64) uint32 {
	n := e.free[len(e.free)-1]
	e.free = e.free[:len(e.free)-1]
	s := &e.slots[n]
	e.serial++
	s.serial, s.due = e.serial, due
	s.user = uint32(e.serial % uint64(e.cfg.Users))
	s.port = uint16(e.serial % uint64(e.cfg.Ports))
	if e.calls {
		if s.call == nil {
			s.call = e.newCall()
		}
		s.call.wasAgain, s.call.badAgain = false, false
		for i := range s.call.leg {
			l := &s.call.leg[i]
			l.begun, l.silent, l.acked, l.cseq, l.interval = false, false, false, 0, 0
		}
	}
	return n
}

func (e *Engine) newCall() *call {
	const room = 2048
	c := &call{ack: make([]byte, 0, room), bye: make([]byte, 0, room)}
	for i := range len(e.uas) {
		c.leg[i].final = make([]byte, 0, room)
	}
	return c
}

// release ends what is in slot n.
func (e *Engine) release(n uint32) {
	e.slots[n].state = idle
	e.wheel.Stop(clientTimer(n))
	if e.calls {
		for i := range legs {
			e.wheel.Stop(legTimer(n, i))
		}
	}
	e.free = append(e.free, n)
}
