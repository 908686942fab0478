package fsm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The arrows as the RFCs draw them, written down from the figures and the text
// around them, not from the tables.
var figures = []struct {
	m      *Machine
	states []State
	walks  [][]walk
}{
	{InviteClient, []State{Calling, Proceeding, Accepted, Completed}, [][]walk{
		{ // RFC 3261 §17.1.1.2: A and B fire, then nothing
			{Begin, Calling, SendRequest | SetRetransmit | SetTimeout},
			{Retransmit, Calling, SendRequest | SetRetransmit},
			{Retransmit, Calling, SendRequest | SetRetransmit},
			{Timeout, Terminated, Fail},
		},
		{ // a call that is answered; RFC 6026 §7.2: Accepted passes each 2xx up
			{Begin, Calling, SendRequest | SetRetransmit | SetTimeout},
			{Recv1xx, Proceeding, PassUp | StopRetransmit | SetProgress},
			{Retransmit, Proceeding, 0},
			{Recv1xx, Proceeding, PassUp | SetProgress},
			{Recv2xx, Accepted, PassUp | StopTimeout | SetWait},
			{Recv2xx, Accepted, PassUp},
			{RecvFail, Accepted, 0},
			{Recv1xx, Accepted, 0},
			{Wait, Terminated, 0},
		},
		{{Begin, Calling, SendRequest | SetRetransmit | SetTimeout}, {Recv2xx, Accepted, PassUp | StopRetransmit | StopTimeout | SetWait}},
		{ // a call that is refused: the ACK is repeated, the reply not passed up again
			{Begin, Calling, SendRequest | SetRetransmit | SetTimeout},
			{RecvFail, Completed, PassUp | SendAck | StopRetransmit | StopTimeout | SetWait},
			{RecvFail, Completed, SendAck},
			{Recv1xx, Completed, 0},
			{Recv2xx, Completed, 0},
			{Wait, Terminated, 0},
		},
		{
			{Begin, Calling, SendRequest | SetRetransmit | SetTimeout},
			{Recv1xx, Proceeding, PassUp | StopRetransmit | SetProgress},
			{RecvFail, Completed, PassUp | SendAck | StopTimeout | SetWait},
			{TransportError, Terminated, Fail},
		},
		{ // timer C
			{Begin, Calling, SendRequest | SetRetransmit | SetTimeout},
			{Recv1xx, Proceeding, PassUp | StopRetransmit | SetProgress},
			{Timeout, Terminated, Fail},
		},
		{{Begin, Calling, SendRequest | SetRetransmit | SetTimeout}, {TransportError, Terminated, Fail}, {Recv2xx, Terminated, 0}},
	}},
	{Client, []State{Trying, Proceeding, Completed}, [][]walk{
		{
			{Begin, Trying, SendRequest | SetRetransmit | SetTimeout},
			{Retransmit, Trying, SendRequest | SetRetransmit},
			{Recv1xx, Proceeding, PassUp | SlowRetransmit},
			{Retransmit, Proceeding, SendRequest | SlowRetransmit},
			{Recv1xx, Proceeding, PassUp},
			{Recv2xx, Completed, PassUp | StopRetransmit | StopTimeout | SetWait},
			{Recv2xx, Completed, 0},
			{RecvFail, Completed, 0},
			{Wait, Terminated, 0},
		},
		{{Begin, Trying, SendRequest | SetRetransmit | SetTimeout}, {Timeout, Terminated, Fail}},
		{{Begin, Trying, SendRequest | SetRetransmit | SetTimeout}, {TransportError, Terminated, Fail}},
		{{Begin, Trying, SendRequest | SetRetransmit | SetTimeout}, {Recv2xx, Completed, PassUp | StopRetransmit | StopTimeout | SetWait}},
		{{Begin, Trying, SendRequest | SetRetransmit | SetTimeout}, {RecvFail, Completed, PassUp | StopRetransmit | StopTimeout | SetWait}},
		{
			{Begin, Trying, SendRequest | SetRetransmit | SetTimeout},
			{Recv1xx, Proceeding, PassUp | SlowRetransmit},
			{RecvFail, Completed, PassUp | StopRetransmit | StopTimeout | SetWait},
		},
		{{Begin, Trying, SendRequest | SetRetransmit | SetTimeout}, {Recv1xx, Proceeding, PassUp | SlowRetransmit}, {Timeout, Terminated, Fail}},
		{{Begin, Trying, SendRequest | SetRetransmit | SetTimeout}, {Recv1xx, Proceeding, PassUp | SlowRetransmit}, {TransportError, Terminated, Fail}},
	}},
	{InviteServer, []State{Proceeding, Accepted, Completed, Confirmed}, [][]walk{
		{ // refused: G repeats, the ACK confirms
			{Begin, Proceeding, PassUp},
			{Send1xx, Proceeding, SendReply},
			{RecvRequest, Proceeding, SendReply},
			{SendFail, Completed, SendReply | SetRetransmit | SetTimeout},
			{Retransmit, Completed, SendReply | SetRetransmit},
			{RecvRequest, Completed, SendReply},
			{SendFail, Completed, 0},
			{Send2xx, Completed, 0},
			{RecvAck, Confirmed, StopRetransmit | StopTimeout | SetWait},
			{RecvAck, Confirmed, 0},
			{RecvRequest, Confirmed, 0},
			{Wait, Terminated, 0},
		},
		{ // answered: RFC 6026 §7.1
			{Begin, Proceeding, PassUp},
			{Send2xx, Accepted, SendReply | SetWait},
			{RecvRequest, Accepted, 0},
			{RecvAck, Accepted, PassUp},
			{Send2xx, Accepted, SendReply},
			{SendFail, Accepted, 0},
			{TransportError, Accepted, Fail},
			{Wait, Terminated, 0},
		},
		{
			{Begin, Proceeding, PassUp},
			{TransportError, Proceeding, Fail},
			{SendFail, Completed, SendReply | SetRetransmit | SetTimeout},
			{TransportError, Completed, Fail},
			{Timeout, Terminated, Fail},
		},
	}},
	{Server, []State{Trying, Proceeding, Completed}, [][]walk{
		{
			{Begin, Trying, PassUp},
			{RecvRequest, Trying, 0},
			{Send1xx, Proceeding, SendReply},
			{RecvRequest, Proceeding, SendReply},
			{Send1xx, Proceeding, SendReply},
			{Send2xx, Completed, SendReply | SetWait},
			{RecvRequest, Completed, SendReply},
			{SendFail, Completed, 0},
			{Send1xx, Completed, 0},
			{Wait, Terminated, 0},
		},
		{{Begin, Trying, PassUp}, {Send2xx, Completed, SendReply | SetWait}, {TransportError, Terminated, Fail}},
		{{Begin, Trying, PassUp}, {SendFail, Completed, SendReply | SetWait}},
		{{Begin, Trying, PassUp}, {Send1xx, Proceeding, SendReply}, {SendFail, Completed, SendReply | SetWait}},
		{{Begin, Trying, PassUp}, {Send1xx, Proceeding, SendReply}, {TransportError, Terminated, Fail}},
	}},
}

type walk struct {
	on Event
	to State
	do Action
}

// Each machine goes the ways of its figure, and has no arrow that no way takes.
func TestFigures(t *testing.T) {
	for _, f := range figures {
		taken := map[[2]int]bool{}
		for i, w := range f.walks {
			s := None
			for k, step := range w {
				if f.m.Defined(s, step.on) {
					taken[[2]int{int(s), int(step.on)}] = true
				}
				to, do := f.m.On(s, step.on)
				if d := cmp.Diff(step, walk{step.on, to, do}, cmp.AllowUnexported(walk{})); d != "" {
					t.Fatalf("%s, way %d, step %d: %s in %s: %s", f.m, i, k, step.on, s, d)
				}
				s = to
			}
		}
		for s := range numStates {
			for e := range numEvents {
				if f.m.Defined(s, e) && !taken[[2]int{int(s), int(e)}] {
					t.Errorf("%s: no way takes the arrow %s on %s", f.m, s, e)
				}
			}
		}
	}
}

// Whatever happens, nothing leads out of Terminated or to a state that is not
// in the figure, and each state is left in the end by the clock.
func TestClosed(t *testing.T) {
	for _, f := range figures {
		mine := map[State]bool{Terminated: true}
		for _, s := range f.states {
			mine[s] = true
		}
		for s := range numStates + 3 {
			for e := range numEvents + 3 {
				to, do := f.m.On(s, e)
				if to != s && !mine[to] || s == Terminated && (to != s || do != 0) || !mine[s] && s != None && (to != s || do != 0) {
					t.Errorf("%s: %s on %s leads to %s, %b", f.m, s, e, to, do)
				}
			}
		}
	}
}

func TestReplyEvent(t *testing.T) {
	for _, c := range []struct {
		status int
		sent   bool
		want   Event
	}{
		{100, false, Recv1xx},
		{199, false, Recv1xx},
		{200, false, Recv2xx},
		{299, true, Send2xx},
		{300, true, SendFail},
		{699, false, RecvFail},
		{180, true, Send1xx},
	} {
		if got := ReplyEvent(c.status, c.sent); got != c.want {
			t.Errorf("%d, sent %v: %s, want %s", c.status, c.sent, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for s := range numStates {
		if s.String() == "" || s.Final() != (s >= Accepted) {
			t.Errorf("state %d is %q, final %v", s, s, s.Final())
		}
	}
	for e := range numEvents {
		if e.String() == "" {
			t.Errorf("event %d has no name", e)
		}
	}
	if State(99).String() != "unknown" || Event(99).String() != "unknown" || !(PassUp | Fail).Has(Fail) || PassUp.Has(Fail) {
		t.Error("names or sets")
	}
}
