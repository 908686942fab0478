package tm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goser/worker/module/tm"
)

// hand is deliver without anything that allocates.
func (w *world) hand(raw string) {
	n := w.nodes[0]
	c := &n.ctx
	c.Reset()
	if err := c.SIP.Parse(raw); err != nil {
		w.t.Fatal(err)
	}
	n.env.Arrive(c)
	c.Runner = n.engine
	if c.SIP.IsRequest {
		w.request(n, c)
	} else {
		w.reply(n, c)
	}
}

// callMessages are the messages of n calls, the replies with the branches that
// the transactions will have: the same texts, delivered in the same order to a
// world whose random numbers begin alike, make the same branches.
func callMessages(t testing.TB, w *world, n int) (calls [][]string) {
	for i := range n {
		inv := request("INVITE", toBob, fmt.Sprint("z9hG4bKi", i), "Subject: "+strings.Repeat("x", 500))
		bye := request("BYE", toBob, fmt.Sprint("z9hG4bKb", i), ";tag=uas200")
		w.deliver(0, alice, inv)
		out := find(t, w.take(), bob, "INVITE")
		ringing, ok := answer(out, 180, "Ringing"), answer(out, 200, "OK")
		w.deliver(0, bob, ringing)
		w.deliver(0, bob, ok)
		w.deliver(0, alice, bye)
		outBye := find(t, w.take(), bob, "BYE")
		okBye := answer(outBye, 200, "OK")
		w.deliver(0, bob, okBye)
		w.take()
		calls = append(calls, []string{inv, ringing, ok, bye, okBye})
	}
	return calls
}

const speedScript = `route { if (loose_route()) { t_relay(); exit; } if (method == "INVITE") { record_route(); } t_relay(); }`

// No message of a call allocates on the heap, whether it makes a transaction, a
// branch or a reply, or is repeated.
func TestNoAllocation(t *testing.T) {
	if raceOn {
		t.Skip("the race detector allocates")
	}
	w := newWorld(t, 1, speedScript)
	calls := callMessages(t, w, 20)
	n := w.nodes[0]
	n.env.Quiet = true
	n.env.Sends = nil
	k := 0
	if per := testing.AllocsPerRun(15, func() {
		for _, m := range calls[k] {
			w.hand(m)
		}
		k++
	}); per > 0 {
		t.Errorf("repeated messages: %.1f allocations for each call", per)
	}
	fresh := make([]string, 64)
	for i := range fresh {
		fresh[i] = request("INVITE", toBob, fmt.Sprint("z9hG4bKf", i))
	}
	k = 0
	if per := testing.AllocsPerRun(60, func() { w.hand(fresh[k]); k++ }); per > 0 {
		t.Errorf("new transactions: %.1f allocations each", per)
	}
	if got := tm.Transactions(n.env); got != 2*20+61 {
		t.Errorf("%d transactions, want %d", got, 2*20+61)
	}
	n.env.Quiet = false
	w.finish()
}

// An INVITE transaction with a request of 900 bytes takes at most 4 KB of the
// arena, all included, while it is under way, and a fraction of that when it only
// waits for repetitions: most transactions of a server do.
func TestMemory(t *testing.T) {
	for _, c := range []struct {
		name, method string
		code         int
		script       string
		most         uint64 // bytes while it waits
	}{
		{"answered", "INVITE", 200, speedScript, 640},
		{"answered, with a reply route", "INVITE", 200, strings.Replace(speedScript, "route {", "onreply_route[r] {} route { t_on_reply(\"r\");", 1), 640},
		{"refused", "INVITE", 486, speedScript, 1400},
		{"other", "MESSAGE", 200, speedScript, 1300},
	} {
		w := newWorld(t, 1, c.script)
		req := request(c.method, toBob, "z9hG4bKa", "Subject: "+strings.Repeat("x", 608))
		before := tm.BytesInUse(w.arena)
		w.deliver(0, alice, req)
		out := find(t, w.take(), bob, c.method)
		w.deliver(0, bob, answer(out, 180, "Ringing"))
		under := tm.BytesInUse(w.arena) - before
		w.deliver(0, bob, answer(out, c.code, "Final", "X: "+strings.Repeat("x", 300)))
		if c.code >= 300 {
			under = max(under, tm.BytesInUse(w.arena)-before)
			w.deliver(0, alice, request("ACK", toBob, "z9hG4bKa", ";tag=x"))
		}
		waits := tm.BytesInUse(w.arena) - before
		t.Logf("%s %s, %d bytes: a transaction of %d bytes, %d while it waits", c.method, c.name, len(req), under, waits)
		if len(req) < 890 || len(req) > 910 || under > 4096 || waits > c.most {
			t.Errorf("want at most 4096 bytes, and %d", c.most)
		}
		w.finish()
	}
}

func BenchmarkNewTransaction(b *testing.B) {
	w := newWorld(b, 1, speedScript)
	w.nodes[0].env.Quiet = true
	msgs := make([]string, 4096)
	for i := range msgs {
		msgs[i] = request("MESSAGE", toBob, fmt.Sprint("z9hG4bKf", i))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(msgs) == 0 && i > 0 {
			b.StopTimer()
			w.nodes[0].env.Advance(40 * time.Second)
			b.StartTimer()
		}
		w.hand(msgs[i%len(msgs)])
	}
}
