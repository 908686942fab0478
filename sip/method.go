package sip

// Method is one bit per method, so that a set of methods is their sum.
type Method uint32

// The methods a script can name.
const (
	MethodInvite    Method = 1 << iota // RFC 3261
	MethodCancel                       // RFC 3261
	MethodAck                          // RFC 3261
	MethodBye                          // RFC 3261
	MethodInfo                         // RFC 6086
	MethodOptions                      // RFC 3261
	MethodRegister                     // RFC 3261
	MethodUpdate                       // RFC 3311
	MethodMessage                      // RFC 3428
	MethodSubscribe                    // RFC 6665
	MethodNotify                       // RFC 6665
	MethodRefer                        // RFC 3515
	MethodPrack                        // RFC 3262
	MethodPublish                      // RFC 3903
	MethodOther                        // anything else
)

// methodNames stands in the order of the bits.
var methodNames = [...]string{
	"INVITE", "CANCEL", "ACK", "BYE", "INFO", "OPTIONS", "REGISTER", "UPDATE", "MESSAGE",
	"SUBSCRIBE", "NOTIFY", "REFER", "PRACK", "PUBLISH",
}

// ParseMethod is case-sensitive (RFC 3261 §7.1): "invite" is MethodOther.
func ParseMethod(name string) Method {
	switch name {
	case "INVITE":
		return MethodInvite
	case "CANCEL":
		return MethodCancel
	case "ACK":
		return MethodAck
	case "BYE":
		return MethodBye
	case "INFO":
		return MethodInfo
	case "OPTIONS":
		return MethodOptions
	case "REGISTER":
		return MethodRegister
	case "UPDATE":
		return MethodUpdate
	case "MESSAGE":
		return MethodMessage
	case "SUBSCRIBE":
		return MethodSubscribe
	case "NOTIFY":
		return MethodNotify
	case "REFER":
		return MethodRefer
	case "PRACK":
		return MethodPrack
	case "PUBLISH":
		return MethodPublish
	}
	return MethodOther
}

// String is the method's name; for a set the name of its lowest bit, and "OTHER" for the rest.
func (m Method) String() string {
	for i, name := range methodNames {
		if m&(1<<i) != 0 {
			return name
		}
	}
	return "OTHER"
}
