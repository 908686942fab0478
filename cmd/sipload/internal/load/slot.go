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
	holding          // the call is up, BYE not yet due
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
	call     *call // of scenario Call only, kept from one call to the next
}

// call is what both sides of a call remember.
type call struct {
	// The caller's side.
	ack, bye []byte
	hop      udp.Addr

	// The called side.
	answered bool // 200 is (or, while it rings, will be) under way
	acked    bool
	ok       []byte // the 200, to be sent again until ACK comes (RFC 3261 §13.3.1.4)
	back     udp.Addr
	interval int64
	until    int64
}

// Each slot has two timers.
func clientTimer(slot uint32) int32 { return int32(slot * 2) }
func uasTimer(slot uint32) int32    { return int32(slot*2 + 1) }

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
	if e.cfg.Scenario == Call {
		if s.call == nil {
			s.call = newCall()
		}
		s.call.answered, s.call.acked = false, false
	}
	return n
}

func newCall() *call {
	const room = 2048
	return &call{ack: make([]byte, 0, room), bye: make([]byte, 0, room), ok: make([]byte, 0, room)}
}

// release ends what is in slot n.
func (e *Engine) release(n uint32) {
	e.slots[n].state = idle
	e.wheel.Stop(clientTimer(n))
	if e.cfg.Scenario == Call {
		e.wheel.Stop(uasTimer(n))
	}
	e.free = append(e.free, n)
}
