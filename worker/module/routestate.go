package module

import "goser/sip"

// RouteState is what module rr knows of a message. It goes with Ctx.Edits:
// whoever saves those and brings them back, for each branch say, does the same
// with this, and by value: add_rr_param changes an edit that is there already.
type RouteState struct {
	Result int8   // of loose_route, 0 before it ran
	Params string // ";lr;ftag=..." of our own Route, if loose_route found one
	Gone   int    // Route values that it removed, from the first on
	Queue  string // of add_rr_param, for the Record-Route to come

	Recorded bool // a Record-Route was made, or made and taken back
	Lines    [2]sip.EditID
	Record   string // parameters of that, which add_rr_param extends
}

// RecordSocket numbers a socket for sip.RecordRoute and sip.OwnVia: 0 for one
// that is bound to all addresses, where only the address used tells.
func RecordSocket(s *Socket) int {
	if s == nil || s.Addr.Addr().IsUnspecified() {
		return 0
	}
	return s.Index + 1
}
