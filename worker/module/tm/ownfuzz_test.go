package tm_test

import (
	"strings"
	"testing"
	"time"

	"goser/shm"
	"goser/sip"
)

// Whatever a 2xx to an INVITE of our own has as Contact and Record-Route, what it
// draws is an ACK, or a BYE, with the headers that those have and no others.
func FuzzOwnAnswer(f *testing.F) {
	a, err := shm.NewHeap(16 << 20)
	if err != nil {
		f.Fatal(err)
	}
	w := worldIn(&fatal{}, a, 1, "route { exit; }") // f may not be used within its target
	f.Add("<sip:c@192.0.2.4:7>;x=y", "<sip:192.0.2.3;lr>", "t")
	f.Add("sip:c@192.0.2.4", "\"a, b\" <sip:s@192.0.2.3>,<sip:x@192.0.2.4;lr>", "")
	f.Add("<sip:c@192.0.2.4>,\r\n <sip:d@192.0.2.4>", "<sip:192.0.2.3;lr>;a=\"\r\n X: y\"", "a b")
	f.Add("*", "<sip:[::1]:0>", ";")
	f.Fuzz(func(t *testing.T, contact, rr, tag string) {
		raw := sendOwn(t, w, call(0))
		for _, to := range []string{";tag=first", ";tag=" + tag} {
			a := strings.Replace(answer(raw, 200, "OK", "Contact: "+contact, "Record-Route: "+rr), ";tag=uas200", to, 1)
			var m sip.Msg
			if m.Parse(a) == nil && sip.Check(&m) == nil && !m.IsRequest && m.StatusCode == 200 {
				w.deliver(0, bob, a)
			}
		}
		for _, s := range w.take() {
			var m sip.Msg
			if err := m.Parse(s.Data); err != nil {
				t.Fatalf("%v: %q", err, s.Data)
			}
			if err := sip.Check(&m); err != nil || m.MethodName != "ACK" && m.MethodName != "BYE" {
				t.Errorf("%v: %q", err, s.Data)
			}
			for i := range m.Headers {
				switch h := &m.Headers[i]; h.Type {
				case sip.HdrVia, sip.HdrFrom, sip.HdrTo, sip.HdrCallID, sip.HdrCSeq, sip.HdrRoute, sip.HdrMaxForwards, sip.HdrProxyAuthorization, sip.HdrContentLength:
				default:
					t.Errorf("%q in %q", m.Raw[h.Start:h.End], s.Data)
				}
			}
		}
		for range 100 {
			w.skip(time.Second)
		}
		w.take()
		ended = nil
	})
}
