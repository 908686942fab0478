// Package load drives a SIP server as many clients would, and measures it.
//
// One goroutine does everything: it starts transactions (as many as the window allows, or at a fixed
// rate), retransmits them as RFC 3261 §17.1 says, plays the called user agent where the scenario
// needs one, and matches what comes back by branch (§17.1.3) and CSeq method. With a rate, a
// transaction's latency counts from the moment it was meant to start, so a server (or generator) that
// stalls cannot hide it. On this path nothing is allocated.
package load

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"goser/cmd/sipload/internal/wire"
)

// Scenario is what one transaction of a run consists of.
type Scenario string

const (
	Options  Scenario = "options"  // OPTIONS, which the server answers
	Message  Scenario = "message"  // MESSAGE through the server to our own user agent
	Register Scenario = "register" // REGISTER, which the server answers

	Call     Scenario = "call"     // INVITE 180 200 ACK BYE 200 through the server
	Reinvite Scenario = "reinvite" // the same with a second INVITE inside the dialog
	Fork     Scenario = "fork"     // the same to two user agents: one answers, the other is cancelled
	Busy     Scenario = "busy"     // INVITE 486 ACK
	Cancel   Scenario = "cancel"   // INVITE, CANCEL at the first provisional answer, 487 ACK
	NoAnswer Scenario = "noanswer" // INVITE 180, CANCEL when it has rung for long enough, 487 ACK
)

// Config is one run. Fill it and let Check complete it.
type Config struct {
	Scenario Scenario
	Target   netip.AddrPort // the server
	Local    netip.Addr     // our address; zero: the one from which the target is reached
	Ports    int            // how many client sockets
	UAS      netip.AddrPort // where our called user agent listens; zero: any port on Local
	UASHost  string         // its address as the server shall see it in Request-URIs, if not UAS
	Domain   string         // of REGISTER and its AORs; "": the target
	Users    int            // how many different users are called or registered
	Body     int            // bytes of text in a MESSAGE
	Size     int            // bytes of the first request, filled up with a header; 0: as it comes

	Window      int     // closed loop: how many at once
	Rate        float64 // open loop: how many a second; 0: closed loop
	Outstanding int     // open loop: how many at once at most
	Count       int64   // stop after so many; 0: after Duration
	Duration    time.Duration
	Warmup      time.Duration // at the start, not counted

	T1, T2 time.Duration // RFC 3261 §17.1.1.1
	Hold   time.Duration // of a call, from ACK to BYE
	Ring   time.Duration // of a call, from 180 to the answer, or to giving up
	Expect int           // the final status that counts as success; 0: the scenario's own

	Loss   float64 // share of the messages lost on purpose, both ways
	Seed   uint64  // of the losses: the same each time
	Copies int     // each message is sent so often

	Spin   bool          // never sleep: times are exact and nobody has to wake us, at the price of a whole CPU
	Gather time.Duration // sleep so long between two looks, whatever comes: fewer wake-ups, times as exact as that

	ServerPID int // whose CPU time and memory are measured; 0: nobody's
}

// Default is what the command line starts from.
func Default() Config {
	return Config{
		Ports: 1, Users: 10000, Body: 120, Window: 100, Outstanding: 100000,
		T1: 500 * time.Millisecond, T2: 4 * time.Second, Copies: 1, Seed: 1,
	}
}

// Check says what in c cannot be run.
func (c *Config) Check() error {
	if _, ok := kinds[c.Scenario]; !ok {
		return fmt.Errorf("there is no scenario %q; there are %s", c.Scenario, scenarios)
	}
	if !c.Target.IsValid() || c.Target.Port() == 0 {
		return errors.New("no server to send to; name it as ADDRESS:PORT")
	}
	for _, b := range []struct {
		bad  bool
		text string
	}{
		{c.Ports < 1 || c.Ports > 1000, "--ports must be 1 to 1000"},
		{c.Window < 1 || c.Window >= wire.MaxSlots, "--window must be 1 to 16777215"},
		{c.Outstanding < 1 || c.Outstanding >= wire.MaxSlots, "--outstanding must be 1 to 16777215"},
		{c.Rate < 0 || c.Rate > 1e7, "--rate must be 0 (closed loop) to 10000000 a second"},
		{c.Count < 0, "--count must not be negative"},
		{c.Duration < 0 || c.Warmup < 0 || c.Hold < 0 || c.Ring < 0, "a duration must not be negative"},
		{c.Count == 0 && c.Duration == 0, "say when to stop, with --count or --duration"},
		{c.T1 < time.Millisecond || c.T1 > time.Minute, "--t1 must be 1ms to 1m"},
		{c.T2 < c.T1, "--t2 must not be less than --t1"},
		{c.Users < 1 || c.Users > 1000000, "--users must be 1 to 1000000"},
		{c.Body < 0 || c.Body > 4000, "--body must be 0 to 4000 bytes"},
		{c.Size < 0 || c.Size > 8000, "--size must be 0 to 8000 bytes"},
		{c.Expect != 0 && (c.Expect < 200 || c.Expect > 699), "--expect must be a final status, 200 to 699"},
		{c.Loss < 0 || c.Loss > 0.9, "--loss must be 0 to 0.9"},
		{c.Copies < 1 || c.Copies > 16, "--retransmit-all must be 1 to 16"},
	} {
		if b.bad {
			return errors.New(b.text)
		}
	}
	return nil
}

// slots is how many transactions can be under way at once.
func (c *Config) slots() int {
	if c.Rate > 0 {
		return c.Outstanding
	}
	return c.Window
}

// timeout is when a transaction without an answer is given up: timers B and F.
func (c *Config) timeout() int64 { return int64(64 * c.T1) }
