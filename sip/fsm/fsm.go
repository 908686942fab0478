// Package fsm holds the transaction state machines of RFC 3261 §17 with the
// corrections of RFC 6026 as tables: an event goes in, the new state and what
// to do come out. It performs nothing, knows no clock and keeps no state.
//
//	next, do := fsm.InviteClient.On(state, fsm.Recv1xx)
//	if do.Has(fsm.StopRetransmit) { ... }
//
// A pair that the RFC's figures do not show changes nothing and asks for
// nothing; [Machine.Defined] tells the two apart. Timers go by what they are
// for, since a transaction runs at most one of each at a time:
//
//	Retransmit  A (INVITE client), E (other client), G (INVITE server)
//	Timeout     B, F, H; while an INVITE proceeds also timer C (RFC 3261 §16.6)
//	Wait        D, I, J, K, and RFC 6026's L and M
//
// Reliable transports do not set Retransmit, and a Wait of zero ends at once;
// that is the caller's to know.
package fsm

// State is where a transaction stands. All machines share the numbers; None is
// that of one not begun.
type State uint8

// The states of RFC 3261 figures 5 to 8 and RFC 6026 figures 5 and 6.
const (
	None       State = iota
	Calling          // INVITE client: sent, nothing heard
	Trying           // others: sent, or received, nothing heard or said
	Proceeding       // a provisional reply
	Accepted         // INVITE: a 2xx (RFC 6026)
	Completed        // a final reply; for an INVITE 300 to 699
	Confirmed        // INVITE server: the ACK has come
	Terminated
	numStates
)

var stateNames = [numStates]string{"none", "calling", "trying", "proceeding", "accepted", "completed", "confirmed", "terminated"}

// String is the state's name in small letters.
func (s State) String() string {
	if s < numStates {
		return stateNames[s]
	}
	return "unknown"
}

// Final tells whether a client transaction has had its final reply, or a server
// transaction has given one.
func (s State) Final() bool { return s >= Accepted }

// Event is what happens to a transaction.
type Event uint8

// What comes from the network, from the user of the transaction, and from the
// clock.
const (
	Begin          Event = iota // client: the user sends a request; server: one has come
	RecvRequest                 // server: the request again
	RecvAck                     // INVITE server
	Recv1xx                     // client
	Recv2xx                     // client
	RecvFail                    // client: 300 to 699
	Send1xx                     // server
	Send2xx                     // server
	SendFail                    // server: 300 to 699
	Retransmit                  // timer A, E, G
	Timeout                     // timer B, F, H, C
	Wait                        // timer D, I, J, K, L, M
	TransportError              // the transport has given up
	numEvents
)

var eventNames = [numEvents]string{
	"begin", "request", "ack", "recv 1xx", "recv 2xx", "recv 3xx-6xx",
	"send 1xx", "send 2xx", "send 3xx-6xx", "retransmit", "timeout", "wait", "transport error",
}

// String is the event's name.
func (e Event) String() string {
	if e < numEvents {
		return eventNames[e]
	}
	return "unknown"
}

// Action is a set of things to do.
type Action uint16

// What a transaction asks for. The timer actions come before the sending ones
// in importance, not in time: any order will do.
const (
	SendRequest    Action = 1 << iota // the request, once more
	SendAck                           // an ACK of our own, hop by hop (RFC 3261 §17.1.1.3)
	SendReply                         // the last reply, once more
	PassUp                            // the event concerns the user of the transaction
	Fail                              // the user learns of a timeout or a dead transport
	SetRetransmit                     // start timer A, E or G, or double it after it fired
	StopRetransmit                    // forget it
	SlowRetransmit                    // go on with T2 (timer E in Proceeding)
	SetTimeout                        // start timer B, F or H
	SetProgress                       // start or extend timer C
	StopTimeout                       // forget B, C, F or H
	SetWait                           // start timer D, I, J, K, L or M
)

// Has tells whether all of b are asked for.
func (a Action) Has(b Action) bool { return a&b == b }

// Step is one arrow: where it leads and what is written on it.
type Step struct {
	To State
	Do Action
}

// Machine is one of the four transactions.
type Machine struct {
	name  string
	steps [numStates][numEvents]Step
}

// On takes an arrow.
func (m *Machine) On(s State, e Event) (State, Action) {
	if s >= numStates || e >= numEvents {
		return s, 0
	}
	step := &m.steps[s][e]
	if step.To == None {
		return s, 0
	}
	return step.To, step.Do
}

// Defined tells whether the figure shows an arrow for the pair.
func (m *Machine) Defined(s State, e Event) bool {
	return s < numStates && e < numEvents && m.steps[s][e].To != None
}

// String is the machine's name.
func (m *Machine) String() string { return m.name }

// ReplyEvent is the event of a reply with that status, received or sent.
func ReplyEvent(status int, sent bool) Event {
	e := Recv1xx
	if sent {
		e = Send1xx
	}
	switch {
	case status >= 300:
		return e + 2
	case status >= 200:
		return e + 1
	}
	return e
}

// arrow is one line of a table.
type arrow struct {
	from State
	on   Event
	to   State
	do   Action
}

func machine(name string, arrows []arrow) *Machine {
	m := &Machine{name: name}
	for _, a := range arrows {
		m.steps[a.from][a.on] = Step{a.to, a.do}
	}
	return m
}
