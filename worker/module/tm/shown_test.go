package tm_test

import (
	"strings"
	"testing"
	"time"
)

const fromElsewhere = "192.0.2.1:5071"

// A client that has acknowledged a reply of ours gets the repetitions of the next
// one (RFC 3261 §17.2.1, timer G); nobody else does.
func TestShown(t *testing.T) {
	small := func(n string) string { return request("INVITE", toBob, "z9hG4bK"+n) }
	for _, k := range []struct {
		name  string
		tag   func(given string) string // To tag of the ACK to the first reply
		wait  time.Duration
		from  string // of the second INVITE
		shown bool
	}{
		{"acknowledged", func(g string) string { return g }, time.Second, alice, true},
		{"forged ACK", func(string) string { return ";tag=forged" }, time.Second, alice, false},
		{"ACK without tag", func(string) string { return "" }, time.Second, alice, false},
		{"long ago", func(g string) string { return g }, 61 * time.Second, alice, false},
		{"another port", func(g string) string { return g }, time.Second, fromElsewhere, false},
	} {
		w := newWorld(t, 2, `route { if (t_newtran()) { t_reply("407", "Who"); } }`)
		w.deliver(0, alice, small("1"))
		to := header(find(t, w.take(), alice, "SIP/2.0 407"), "To")
		ack := request("ACK", toBob, "z9hG4bK1", k.tag(to[strings.Index(to, ";tag="):]))
		w.deliver(1, alice, ack)
		w.advance(k.wait)
		w.take()
		second := small("2")
		if k.from != alice {
			second = strings.Replace(second, alice, k.from, 1)
		}
		w.deliver(1, k.from, second)
		w.advance(40 * time.Second)
		bytes, n := 0, 0
		for _, s := range w.take() {
			bytes += len(s.Data)
			n++
		}
		if k.shown != (n > 8) || !k.shown && bytes > 3*len(second) {
			t.Errorf("%s: %d replies of %d bytes to a request of %d", k.name, n, bytes, len(second))
		}
		w.finish()
	}
}

// The ACK to a stateless challenge is as good: its tag is bound to the address.
func TestShownStateless(t *testing.T) {
	w := newWorld(t, 1, `route { if ($rU == "ask") { sl_send_reply("407", "Who"); exit; } if (t_newtran()) { t_reply("404", "x"); } }`)
	ask := request("INVITE", "sip:ask@192.0.2.2", "z9hG4bK1")
	w.deliver(0, alice, ask)
	w.take()
	n := w.nodes[0]
	n.env.Load(&n.ctx, ask)
	tag := n.env.LocalTag(&n.ctx)
	w.deliver(0, alice, request("ACK", "sip:ask@192.0.2.2", "z9hG4bK1", ";tag="+tag))
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bK2"))
	w.advance(40 * time.Second)
	if got := len(w.take()); got < 8 {
		t.Errorf("%d replies", got)
	}
	w.finish()
}
