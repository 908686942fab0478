package tm_test

import (
	"fmt"
	"strings"
	"time"
)

// simCall is a call, or a MESSAGE, as both its ends see it.
type simCall struct {
	method, id, uri, branch string
	request                 string
	heard                   bool     // any reply
	finals                  int      // final replies the caller got
	gave                    []string // those the server gave, each once, in order
	canceled                bool
	acked                   map[string]bool   // callee addresses whose 200 was acknowledged
	answered                map[string]string // callee address: its final reply, repeated
	invited                 map[string]string // callee address: the INVITE it got
	twice                   bool              // two INVITEs that are not the same
	own                     *simCall          // the call that the server makes because of this one
}

var simSubject = "Subject: " + strings.Repeat("x", 600)

func newSimCall(method, user string, n int) *simCall {
	c := &simCall{
		method: method, uri: "sip:" + user + "@" + bob, branch: fmt.Sprint("z9hG4bKsim", n),
		acked: map[string]bool{}, answered: map[string]string{}, invited: map[string]string{},
	}
	c.request = request(method, c.uri, c.branch, simSubject)
	c.id = header(c.request, "Call-ID")
	return c
}

// dial is a MESSAGE that has the server call somebody.
func (s *sim) dial(callee string, n int) *simCall {
	c := newSimCall("MESSAGE", "dial", n)
	c.request = request("MESSAGE", c.uri, c.branch, simSubject, "X-Callee: "+callee)
	c.own = newSimCall("INVITE", callee, n)
	c.own.id = "own-" + c.id
	s.calls[c.own.id] = c.own
	return c
}

// hungUp sees how a call of the server's own has ended: it was made once, and what
// was answered was acknowledged.
func (s *sim) hungUp(c *simCall) {
	if c.own == nil {
		return
	}
	delete(s.calls, c.own.id)
	s.dialled++
	for me := range c.own.answered {
		if !c.own.acked[me] {
			s.unacked++
		}
	}
	if c.own.twice {
		s.t.Errorf("%s: the server has called twice", c.id)
	}
}

// retransmit sends the request again until there is a reply, as RFC 3261
// §17.1.1.2 and §17.1.2.2 have it.
func (s *sim) retransmit(c *simCall, t time.Duration) {
	invite := c.method == "INVITE"
	if c.heard && invite || c.finals > 0 || t > 40*time.Second {
		return
	}
	s.post(alice, "", c.request)
	again := 2 * t
	if !invite && again > 4*time.Second { // T2; timer F ends it
		again = 4*time.Second + (again-4*time.Second)*9/8
	}
	s.push(min(t, 4*time.Second), event{do: func() { s.retransmit(c, again) }})
}

// cancel sends a CANCEL until it is answered or the call has ended; as RFC 3261
// §9.1 says, not before a provisional reply.
func (s *sim) cancel(c *simCall, t time.Duration) {
	if c.finals > 0 || t > 32*time.Second || c.canceled {
		return
	}
	if c.heard {
		s.post(alice, "", request("CANCEL", c.uri, c.branch))
	}
	s.push(t, event{do: func() { s.cancel(c, 2*t) }})
}

// caller is what alice does with a reply.
func (s *sim) caller(raw string) {
	c := s.calls[header(raw, "Call-ID")]
	if c == nil || !strings.HasPrefix(raw, "SIP/2.0 ") {
		return
	}
	if strings.HasSuffix(header(raw, "CSeq"), "CANCEL") {
		c.canceled = true
		return
	}
	c.heard = true
	if raw[8] == '1' {
		return
	}
	c.finals++
	if c.method != "INVITE" {
		return
	}
	to := header(raw, "To")
	tag := to[strings.Index(to, ";tag=")+1:]
	if raw[8] >= '3' {
		s.post(alice, "", request("ACK", c.uri, c.branch, ";"+tag))
		return
	}
	ack := request("ACK", c.uri, c.branch, ";"+tag)
	s.post(alice, "", strings.Replace(ack, c.branch, c.branch+"ack", 1))
}

// callee is what a called user agent does with a request.
func (s *sim) callee(me, raw string) {
	c := s.calls[header(raw, "Call-ID")]
	if c == nil {
		return
	}
	method, rest, _ := strings.Cut(raw, " ")
	user := rest[:strings.IndexByte(rest, '@')]
	switch method {
	case "INVITE":
		s.invited(c, me, user, raw)
	case "MESSAGE":
		if code := simAnswer(user); code != 0 && !strings.Contains(user, "ring") {
			s.post(me, "", answer(raw, code, "Answer"))
		}
	case "CANCEL":
		s.post(me, "", answer(raw, 200, "OK"))
		if inv := c.invited[me]; inv != "" {
			s.final(c, me, answer(inv, 487, "Request Terminated"))
		}
	case "BYE":
		s.post(me, "", answer(raw, 200, "OK"))
	case "ACK":
		c.acked[me] = true
	}
}

func (s *sim) invited(c *simCall, me, user, raw string) {
	if before := c.invited[me]; strings.HasPrefix(c.id, "own-") && before != "" && before != raw {
		c.twice = true
	}
	if final, ok := c.answered[me]; ok {
		s.post(me, "", final)
		return
	}
	code := simAnswer(user)
	if code == 0 || c.invited[me] != "" {
		return
	}
	c.invited[me] = raw
	s.post(me, "", answer(raw, 180, "Ringing"))
	if !strings.Contains(user, "ring") {
		s.push(time.Duration(200+s.rnd.IntN(3000))*time.Millisecond, event{do: func() { s.final(c, me, answer(raw, code, "Answer")) }})
	}
}

// simAnswer is the status that a user answers with, 0 if it is silent.
func simAnswer(user string) int {
	switch {
	case strings.Contains(user, "silent"):
		return 0
	case strings.Contains(user, "busy"):
		return 486
	case strings.Contains(user, "decline"):
		return 603
	case strings.Contains(user, "challenge"):
		return 407
	}
	return 200
}

// final gives the callee's final reply once and repeats it until the ACK.
func (s *sim) final(c *simCall, me, rpl string) {
	if _, ok := c.answered[me]; ok {
		return
	}
	c.answered[me] = rpl
	s.repeat(c, me, 500*time.Millisecond, 10)
}

func (s *sim) repeat(c *simCall, me string, t time.Duration, left int) {
	if left == 0 || c.acked[me] {
		return
	}
	s.post(me, "", c.answered[me])
	s.push(t, event{do: func() { s.repeat(c, me, min(2*t, 4*time.Second), left-1) }})
}
