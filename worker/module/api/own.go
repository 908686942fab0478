package api

import (
	"goser/sip"
	"goser/worker/module"
)

// Request is a request of our own, for Transactions.Send. Texts are copied.
type Request struct {
	Method  string // any but ACK and CANCEL; see Outcome for an INVITE
	RURI    string
	NextHop string         // URI to send to; "" is RURI
	Socket  *module.Socket // to send from; nil lets the destination decide
	From    string         // header value; "" is sip: and the address we send from
	To      string         // header value; "" is RURI
	FromTag string         // for a From without one; "" makes one
	CallID  string         // "" makes one
	CSeq    uint32         // 0 is 10
	Headers string         // further header lines; Via may not be among them, Content-Length is ours
	Body    string         // needs a Content-Type among Headers

	Done Done   // 0: nobody wants to know
	Arg  uint64 // for Done
}

// Outcome is how a request of our own has ended. A 2xx to an INVITE has been
// acknowledged, and is each time it comes again; its dialog is the owner's from now
// on. Any other that the INVITE makes is ended by module tm.
type Outcome struct {
	Arg    uint64   // of the Request
	Code   int      // status of the final reply, 200 to 699
	Local  bool     // the status is ours: 408 nobody answered, 477 it could not be sent
	Reason string   // of the reply, or ours
	Reply  *sip.Msg // nil if Local, and when the memory was too full to keep it
}

// Done names a function that learns how a request of our own has ended. It is
// what the shared memory holds in place of the function, so the numbers agree in
// all processes: NewDone is called from init.
type Done uint16

var dones []func(c *module.Ctx, o *Outcome)

// NewDone registers a function. It runs once in whichever process has the final
// reply or the timer: once more, if that process dies in it, and not a third
// time. c is a message to work with, which it may also Send from; what it is given
// lives until it returns.
func NewDone(f func(c *module.Ctx, o *Outcome)) Done {
	dones = append(dones, f)
	return Done(len(dones))
}

// Run is for module tm; false if there is no such function.
func (d Done) Run(c *module.Ctx, o *Outcome) bool {
	if d == 0 || int(d) > len(dones) {
		return false
	}
	dones[d-1](c, o)
	return true
}
