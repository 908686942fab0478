package tm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module/tm"
)

// lastReplies are transactions that end with the reply of the last step's sender.
var lastReplies = []struct {
	name, script, method string
	first                [][2]string // who answers before, and what
	from, code           string      // who ends it
	want                 []string    // final replies that alice gets
}{
	{name: "refused", script: "route { t_relay(); }", method: "INVITE", from: bob, code: "404", want: []string{"404"}},
	{name: "ringing, refused", script: "route { t_relay(); }", method: "INVITE", first: [][2]string{{bob, "180"}}, from: bob, code: "486", want: []string{"486"}},
	{name: "answered", script: "route { t_relay(); }", method: "INVITE", from: bob, code: "200", want: []string{"200"}},
	{name: "message", script: "route { t_relay(); }", method: "MESSAGE", from: bob, code: "202", want: []string{"202"}},
	{name: "message refused", script: "route { t_relay(); }", method: "MESSAGE", from: bob, code: "480", want: []string{"480"}},
	{name: "unavailable", script: "route { t_relay(); }", method: "INVITE", from: bob, code: "503", want: []string{"500"}},
	{name: "forked", script: forkScript, method: "INVITE", first: [][2]string{{bob, "480"}}, from: carol, code: "404", want: []string{"404"}},
	{name: "forked, the first wins", script: forkScript, method: "INVITE", first: [][2]string{{bob, "404"}}, from: carol, code: "500", want: []string{"404"}},
	{name: "forked, answered", script: forkScript, method: "INVITE", from: carol, code: "200", want: []string{"200"}},
	{name: "forked, challenged", script: forkScript, method: "INVITE", first: [][2]string{{bob, "407"}}, from: carol, code: "407", want: []string{"407"}},
	{name: "failure route", script: "failure_route[f] { xlog(\"$T_reply_code\"); }\nroute { t_on_failure(\"f\"); t_relay(); }", method: "INVITE", from: bob, code: "404", want: []string{"404"}},
	{name: "branch failure", script: branchFailureScript, method: "INVITE", first: [][2]string{{bob, "404"}}, from: carol, code: "500", want: []string{"404"}},
}

// A worker dies with the reply that ends a transaction, at every point of tm, and the
// timer process has the transaction before that reply is run again: the client
// gets this reply, and no other.
func TestTimerBeforeLastReply(t *testing.T) {
	for _, k := range lastReplies {
		t.Run(k.name, func(t *testing.T) {
			every := int64(1)
			if raceOn {
				every = 10
			}
			for _, reaped := range []bool{false, true} {
				deaths := 0
				for nth := int64(1); nth < 2000; nth += every {
					l := lastReply{t: t, reaped: reaped, nth: nth}
					l.play(k.script, k.method, k.first, k.from, k.code)
					if l.at == "" {
						break
					}
					deaths++
					if !slices.Equal(l.gave, k.want) {
						t.Fatalf("reaped %v, death at point %d, %s: alice got %v, want %v", reaped, nth, l.at, l.gave, k.want)
					}
				}
				if deaths < 4 && !raceOn {
					t.Errorf("only %d deaths", deaths)
				}
			}
		})
	}
}

type lastReply struct {
	t      *testing.T
	reaped bool // the dead process's row is reaped before the timer runs
	nth    int64
	at     string
	gave   []string // final replies to alice, each once
}

func (l *lastReply) play(script, method string, first [][2]string, from, code string) {
	w := worldIn(l.t, smallArena(l.t), 2, script)
	defer func() {
		for _, n := range w.nodes {
			tm.Forget(n.env)
		}
	}()
	seen := map[string]string{}
	w.deliverAs(0, alice, request(method, toBob, "z9hG4bKa", simSubject), 1)
	l.learn(w, seen)
	for i, f := range first {
		w.deliverAs(0, f[0], answerCode(seen[f[0]], f[1]), uint64(10+i))
		l.learn(w, seen)
	}
	end := func(i int) { w.deliverAs(i, from, answerCode(seen[from], code), 99) }
	if l.at = kill.Try("tm.", l.nth, func() { end(1) }); l.at == "" {
		return
	}
	slot := w.nodes[1].env.Proc().Slot()
	w.arena.MarkDead(slot)
	tm.Forget(w.nodes[1].env)
	w.nodes = w.nodes[:1]
	reap := func() {
		if _, err := w.nodes[0].env.Proc().Reap(slot); err != nil {
			l.t.Error(err)
		}
	}
	if l.reaped {
		reap()
	}
	w.advance(1500 * time.Millisecond)
	l.learn(w, seen)
	if !l.reaped {
		reap()
	}
	if err := shm.Check(w.arena); err != nil {
		l.t.Error(err)
	}
	end(0) // the datagram once more
	w.advance(100 * time.Millisecond)
	l.learn(w, seen)
	for range 100 {
		w.skip(time.Second)
	}
	w.take()
	w.empty()
}

// learn keeps the requests that were sent, and the final replies to alice.
func (l *lastReply) learn(w *world, seen map[string]string) {
	for _, d := range w.take() {
		to := d.To.String()
		switch {
		case to != alice:
			if !strings.HasPrefix(d.Data, "ACK") && !strings.HasPrefix(d.Data, "CANCEL") {
				seen[to] = d.Data
			}
		case d.Data[8] != '1' && !slices.Contains(l.gave, d.Data[8:11]):
			l.gave = append(l.gave, d.Data[8:11])
		}
	}
}

func answerCode(req, code string) string {
	n := 0
	_, _ = fmt.Sscan(code, &n)
	return answer(req, n, "Answer")
}
