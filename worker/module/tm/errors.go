package tm

import "goser/worker/module"

// errBadRURI is what t_relay returns when the R-URI cannot be read, as the original
// does; KAMAILIO: it leaves the client without an answer.
const errBadRURI = -400

// errorReply is what a failed t_relay answers, as seen on Kamailio 5.6.3.
func errorReply(code int) (int, string) {
	switch code {
	case module.ErrSend:
		return 477, "Unfortunately error on sending to next hop occurred (477/TM)"
	case module.ErrBadAddr:
		return 478, "Unresolvable destination (478/TM)"
	case module.ErrBadURI:
		return 479, "Regretfully, we were not able to process the URI (479/TM)"
	case module.ErrLoop:
		return 482, "Loop Detected"
	case module.ErrTooMany:
		return 483, "Too Many Hops"
	case errBreadth:
		return 440, "Max-Breadth Exceeded"
	case module.ErrMem:
		return 503, "Service Unavailable"
	case module.ErrConfig:
		return 500, "I'm terribly sorry, server error occurred (6/TM)"
	case module.ErrProto:
		return 500, "I'm terribly sorry, server error occurred (7/TM)"
	}
	return 500, "I'm terribly sorry, server error occurred (1/TM)"
}
