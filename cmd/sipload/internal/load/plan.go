package load

// plan says what happens in the calls of a scenario.
type plan struct {
	expect int    // the final status that is meant
	refuse string // what the called side answers instead of 200
	giveUp bool   // the caller cancels,
	early  bool   // as soon as RFC 3261 §9.1 lets it
	fork   bool   // two user agents ring, one of them answers
	again  bool   // the caller sends a second INVITE before BYE
}

var plans = map[Scenario]plan{
	Call:     {expect: 200},
	Reinvite: {expect: 200, again: true},
	Fork:     {expect: 200, fork: true},
	Busy:     {expect: 486, refuse: "486 Busy Here"},
	Cancel:   {expect: 487, giveUp: true, early: true},
	NoAnswer: {expect: 487, giveUp: true},
}

// IsCall tells whether a scenario consists of calls.
func (s Scenario) IsCall() bool {
	_, ok := plans[s]
	return ok
}

// silent tells whether a leg of a call rings until it is cancelled. Of two, now the one answers and
// now the other.
func (p *plan) silent(serial uint64, leg int) bool {
	return p.giveUp || p.fork && leg != int(serial&1)
}
