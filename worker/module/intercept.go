package module

// Wire says which way a datagram goes where a script sees it as it is on the wire.
type Wire uint8

// The ways of a datagram.
const (
	NoWire  Wire = iota // there is a message
	WireIn              // it has come and is not parsed yet
	WireOut             // it is about to leave
)

// Intercept sees a datagram as it is on the wire: SIP.Raw holds it, Wire says which way it goes, of the message
// there is nothing else. It returns what goes on in its place, which must live as long as c, and whether it may.
//
// One that leaves must not wait: whoever sends it may hold locks. Its AVPs are a copy of those of the message
// that is being handled.
type Intercept func(c *Ctx) (datagram string, goOn bool)

// Interceptors see all datagrams that are or were messages; nil: nobody does. A module sets them in Start.
var Interceptors struct{ In, Out Intercept }
