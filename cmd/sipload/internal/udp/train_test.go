package udp

import (
	"bytes"
	"fmt"
	"testing"
)

// mixed queues datagrams of several sizes for two sockets and says what each should get, in order.
func mixed(s *Socket, to [2]*Socket) (want [2][][]byte) {
	for i := range 60 {
		k := i / 7 % 2
		b := bytes.Repeat([]byte{byte(i)}, 100+i/5%3*700)
		addr := AddrOf(to[k].Local)
		s.Queue(append(s.Buffer(), b...), &addr)
		want[k] = append(want[k], b)
	}
	return want
}

// Trains or not, every datagram arrives whole and in order.
func TestTrains(t *testing.T) {
	for _, how := range []string{"coupled", "single", "uncoupled"} {
		t.Run(how, func(t *testing.T) {
			a, b := pair(t, "127.0.0.1")
			c, _ := pair(t, "127.0.0.1")
			want := mixed(a, [2]*Socket{b, c})
			trains := a.couple()
			if trains >= 60 || trains < 4 {
				t.Errorf("60 datagrams make %d trains", trains)
			}
			switch how {
			case "single":
				a.single = true
				if n := a.couple(); n != 60 {
					t.Errorf("without trains there are %d of them", n)
				}
				a.Flush()
			case "uncoupled":
				a.transmit(a.uncouple(0))
				a.queued = 0
			default:
				a.Flush()
			}
			if a.Sent != 60 || a.Refused != 0 {
				t.Errorf("%d sent, %d refused", a.Sent, a.Refused)
			}
			for k, s := range []*Socket{b, c} {
				got, _ := receive(t, s, len(want[k]))
				if fmt.Sprint(got) != fmt.Sprint(want[k]) {
					t.Errorf("socket %d got %d datagrams, not the %d it should", k, len(got), len(want[k]))
				}
			}
		})
	}
}
