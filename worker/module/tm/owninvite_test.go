package tm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module/api"
	"goser/worker/module/tm"
)

func call(arg uint64) *api.Request {
	r := ping(arg)
	r.Method, r.Headers = "INVITE", "Proxy-Authorization: Digest x\r\n"
	return r
}

// accept is a 2xx of a fork, which has its own tag and address.
func accept(invite, tag string, more ...string) string {
	a := answer(invite, 200, "OK", append(more, "Contact: <sip:"+tag+"@"+carol+">")...)
	return strings.Replace(a, ";tag=uas200", ";tag="+tag, 1)
}

// An INVITE of our own that is answered: the owner is told once, and each 2xx gets
// the same ACK for as long as RFC 6026 §7.2 wants (timer M), whoever has it.
func TestOwnInvite(t *testing.T) {
	ended = nil
	w := newWorld(t, 2, "route { exit; }")
	raw := sendOwn(t, w, call(7))
	if got := header(raw, "Contact"); got != "<sip:127.0.0.1:5060>" {
		t.Errorf("Contact is %q", got)
	}
	w.deliver(1, bob, answer(raw, 180, "Ringing"))
	w.want("nothing goes anywhere")
	w.deliver(1, bob, accept(raw, "one"))
	wantEnded(t, "7 200 OK false c7")
	ack := w.take()[0]
	if ack.To.String() != carol {
		t.Errorf("the ACK went to %s", ack.To)
	}
	for _, want := range []string{
		"ACK sip:one@192.0.2.3:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK", "\r\nFrom: " + header(raw, "From") + "\r\n", "\r\nTo: <sip:ping@192.0.2.2:5080>;tag=one\r\n",
		"\r\nCSeq: 10 ACK\r\n", "\r\nCall-ID: c7\r\n", "\r\nMax-Forwards: 70\r\n", "\r\nProxy-Authorization: Digest x\r\n", "\r\nContent-Length: 0\r\n\r\n",
	} {
		if !strings.Contains(ack.Data, want) {
			t.Errorf("%q is missing in\n%s", want, ack.Data)
		}
	}
	if branchOf(ack.Data) == branchOf(raw) {
		t.Error("the ACK has the branch of the INVITE (RFC 3261 §8.1.1.7)")
	}
	for i := range 4 { // its ACK was lost
		w.advance(7 * time.Second)
		w.deliver(i, bob, accept(raw, "one"))
		if again := w.take(); len(again) != 1 || again[0].Data != ack.Data {
			t.Fatalf("after %d s: %v", 7*(i+1), again)
		}
	}
	wantEnded(t)
	w.finish()
}

func branchOf(msg string) string {
	_, b, _ := strings.Cut(header(msg, "Via"), "branch=")
	return b
}

// Several forks answer: the first call is the owner's, the others are ended.
func TestOwnInviteForks(t *testing.T) {
	ended = nil
	w := newWorld(t, 2, "route { exit; }")
	raw := sendOwn(t, w, call(1))
	w.deliver(0, bob, accept(raw, "one"))
	w.want("the first", carol+" ACK sip:one@192.0.2.3:5080")
	w.deliver(0, bob, accept(raw, "two"))
	sent := w.want("the second", carol+" ACK sip:two@192.0.2.3:5080", carol+" BYE sip:two@192.0.2.3:5080")
	for _, want := range []string{"\r\nCSeq: 11 BYE\r\n", "\r\nCall-ID: c1\r\n", ";tag=two\r\n", "\r\nProxy-Authorization: Digest x\r\n", header(raw, "From")} {
		if !strings.Contains(sent[1].Data, want) {
			t.Errorf("%q is missing in\n%s", want, sent[1].Data)
		}
	}
	w.deliver(1, bob, accept(raw, "two"))
	w.want("the second again", carol+" ACK sip:two@192.0.2.3:5080")
	w.deliver(1, carol, answer(sent[1].Data, 200, "OK"))
	for i := range 20 { // no more BYEs than this
		w.deliver(1, bob, accept(raw, fmt.Sprint("more", i)))
	}
	byes := 0
	for _, s := range w.take() {
		if strings.HasPrefix(s.Data, "BYE") {
			byes++
		}
	}
	if byes != 11 {
		t.Errorf("%d more BYEs", byes)
	}
	wantEnded(t, "1 200 OK false c1")
	w.finish()
}

// A call that rings too long is cancelled; if it is answered all the same, it is ended.
func TestOwnInviteTimeout(t *testing.T) {
	for _, late := range []bool{false, true} {
		ended = nil
		w := newWorld(t, 1, "modparam(\"tm\", \"fr_inv_timer\", 5000)\nroute { exit; }")
		raw := sendOwn(t, w, call(2))
		w.deliver(0, bob, answer(raw, 180, "Ringing"))
		w.advance(5100 * time.Millisecond)
		w.want("the end of patience", bob+" CANCEL sip:ping@192.0.2.2:5080")
		wantEnded(t, "2 408 Request Timeout true -")
		if late {
			w.deliver(0, bob, accept(raw, "one"))
			w.want("answered all the same", carol+" ACK sip:one@192.0.2.3:5080", carol+" BYE sip:one@192.0.2.3:5080")
		} else {
			w.deliver(0, bob, answer(raw, 487, "Terminated"))
			w.want("cancelled", bob+" ACK sip:ping@192.0.2.2:5080")
		}
		wantEnded(t)
		w.finish()
	}
}

// A negative reply is acknowledged by the transaction, each time it comes.
func TestOwnInviteRefused(t *testing.T) {
	ended = nil
	w := newWorld(t, 2, "route { exit; }")
	raw := sendOwn(t, w, call(2))
	for range 3 {
		w.deliver(1, bob, answer(raw, 486, "Busy"))
		sent := w.want("the ACK", bob+" ACK sip:ping@192.0.2.2:5080")
		if branchOf(sent[0].Data) != branchOf(raw) {
			t.Error("the ACK has a branch of its own (RFC 3261 §17.1.1.3)")
		}
		w.advance(8 * time.Second)
	}
	wantEnded(t, "2 486 Busy false c2")
	w.finish()
}

// Where the ACK goes (RFC 3261 §12.1.2, §12.2.1.1).
func TestOwnInviteRoutes(t *testing.T) {
	for _, k := range []struct{ name, rr, contact, to, line, routes string }{
		{"none", "", "<sip:c@192.0.2.4:7>;x=y", "192.0.2.4:7", "ACK sip:c@192.0.2.4:7 ", ""},
		{"no Contact", "", "", bob, "ACK sip:ping@192.0.2.2:5080 ", ""},
		{"bad Contact", "", "<nonsense>", bob, "ACK sip:ping@192.0.2.2:5080 ", ""},
		{
			"loose", "<sip:far@192.0.2.3:5080;lr>, \"x, y\" <sip:192.0.2.4:5080;lr=on>;p", "<sip:c@192.0.2.9>", dave, "ACK sip:c@192.0.2.9 ",
			"Route: \"x, y\" <sip:192.0.2.4:5080;lr=on>;p\r\nRoute: <sip:far@192.0.2.3:5080;lr>\r\n",
		},
		{
			"strict", "<sip:192.0.2.3:5080;lr>,<sip:s@192.0.2.4:5080>", "<sip:c@192.0.2.9>", dave, "ACK sip:s@192.0.2.4:5080 ",
			"Route: <sip:192.0.2.3:5080;lr>\r\nRoute: <sip:c@192.0.2.9>\r\n",
		},
		{"one strict", "<sip:s@192.0.2.4:5080>", "<sip:c@192.0.2.9>", dave, "ACK sip:s@192.0.2.4:5080 ", "Route: <sip:c@192.0.2.9>\r\n"},
		{"no route", "<sip:host.invalid;lr>", "<sip:c@192.0.2.9>", "", "", ""},
		{"bad route", "nonsense<", "<sip:c@192.0.2.9>", "", "", ""},
	} {
		ended = nil
		w := newWorld(t, 1, "route { exit; }")
		raw := sendOwn(t, w, call(3))
		var more []string
		if k.contact != "" {
			more = append(more, "Contact: "+k.contact)
		}
		if k.rr != "" {
			more = append(more, "Record-Route: "+k.rr)
		}
		w.deliver(0, bob, answer(raw, 200, "OK", more...))
		sent := w.take()
		switch {
		case k.line == "":
			if len(sent) != 0 || w.count("tm.unacknowledged") != 1 {
				t.Errorf("%s: sent %v, and %d are counted", k.name, sent, w.count("tm.unacknowledged"))
			}
		case len(sent) != 1 || sent[0].To.String() != k.to || !strings.HasPrefix(sent[0].Data, k.line) || !strings.Contains(sent[0].Data, "ACK\r\n"+k.routes+"Max-Forwards"):
			t.Errorf("%s: sent %v", k.name, sent)
		}
		wantEnded(t, "3 200 OK false c3")
		w.finish()
	}
}

// A process dies at each point of tm in a call of our own: whoever comes after it, the
// owner is told what was answered, every 2xx has its ACK, and a dialog that is nobody's
// one BYE. Nothing is left.
func TestOwnInviteEveryDeath(t *testing.T) {
	for _, k := range []struct{ name, want string }{
		{"send", "4 200 OK false c4"},
		{"ring", "4 200 OK false c4"},
		{"accept", "4 200 OK false c4"},
		{"refuse", "4 486 Busy false c4"},
		{"fork", "4 200 OK false c4"},
		{"patience", "4 408 Request Timeout true -"},
		{"late", "4 408 Request Timeout true -"},
	} {
		deaths := 0
		for nth := int64(1); ; nth++ {
			d := callDeath{t: t, part: k.name, nth: nth}
			d.play()
			if len(ended) == 0 || len(ended) > 2 || ended[0] != k.want || ended[len(ended)-1] != k.want {
				t.Errorf("the owner was told %q, want %q", ended, k.want)
			}
			if t.Failed() {
				t.Fatalf("%s: death at point %d, %s", k.name, nth, d.at)
			}
			if d.at == "" {
				break
			}
			deaths++
		}
		if deaths == 0 {
			t.Errorf("%s: only %d deaths", k.name, deaths)
		}
		t.Logf("%s: %d deaths", k.name, deaths)
	}
}

type callDeath struct {
	*world
	t    *testing.T
	part string // in which the process dies
	nth  int64
	at   string
	raw  string         // the INVITE
	sent map[string]int // "ACK tag", "BYE tag", transactions of BYE by branch
}

func (d *callDeath) play() {
	ended = nil
	d.world, d.sent = worldIn(d.t, smallArena(d.t), 2, "modparam(\"tm\", \"fr_inv_timer\", 5000)\nroute { exit; }"), map[string]int{}
	defer func() {
		for _, n := range d.nodes {
			tm.Forget(n.env)
		}
	}()
	d.step("send", func(i int) {
		c := d.nodes[i].env.Borrow()
		c.Recv.ID = 70
		if err := api.TM.Send(c, call(4)); err != nil {
			d.t.Error(err)
		}
		d.nodes[i].env.Return(c)
		d.collect(d.nodes[i])
	})
	d.advance(600 * time.Millisecond)
	d.learn()
	d.reply("ring", answer(d.raw, 180, "Ringing"), 71)
	switch d.part {
	case "refuse":
		d.reply("refuse", answer(d.raw, 486, "Busy"), 72)
		d.need("ACK uas486", 1)
	case "patience", "late":
		d.skip(4400 * time.Millisecond)
		d.step("patience", func(i int) {
			for _, n := range d.nodes {
				n.env.Clock = n.env.Clock.Add(time.Second)
			}
			d.nodes[i].env.Fire()
			d.collect(d.nodes[i])
		})
		d.advance(time.Second)
		d.reply("late", accept(d.raw, "one"), 73)
		d.need("ACK one", 1)
		d.need("BYE one", 1)
	default:
		d.reply("accept", accept(d.raw, "one"), 74)
		d.reply("fork", accept(d.raw, "two"), 75)
		d.need("ACK one", 1)
		d.need("ACK two", 1)
		d.need("BYE two", 1)
		if d.sent["BYE one"] > 0 {
			d.t.Error("the owner's dialog was ended")
		}
	}
	for range 100 {
		d.skip(time.Second)
	}
	d.learn()
	if n := d.sent["byes"]; n > 1 {
		d.t.Errorf("%d BYEs", n)
	}
	d.take()
	d.empty()
}

// reply has a worker receive a reply.
func (d *callDeath) reply(part, raw string, id uint64) {
	d.step(part, func(i int) { d.deliverAs(i, bob, raw, id) })
	d.learn()
}

// step does a part of the call, in a process that dies of it if it is its turn,
// and then once more in another.
func (d *callDeath) step(part string, do func(i int)) {
	if part != d.part {
		do(0)
		return
	}
	if d.at = kill.Try("tm.", d.nth, func() { do(1) }); d.at == "" {
		return
	}
	d.learn()
	slot := d.nodes[1].env.Proc().Slot()
	d.arena.MarkDead(slot)
	tm.Forget(d.nodes[1].env)
	d.nodes = d.nodes[:1]
	if _, err := d.nodes[0].env.Proc().Reap(slot); err != nil {
		d.t.Error(err)
	}
	if err := shm.Check(d.arena); err != nil {
		d.t.Error(err)
	}
	do(0)
}

// learn takes in what was sent.
func (d *callDeath) learn() {
	for _, s := range d.take() {
		method, _, _ := strings.Cut(s.Data, " ")
		_, tag, _ := strings.Cut(header(s.Data, "To"), ";tag=")
		switch method {
		case "INVITE":
			d.raw = s.Data
		case "BYE":
			if b := branchOf(s.Data); d.sent[b] == 0 {
				d.sent[b] = 1
				d.sent["byes"]++
			}
		}
		d.sent[strings.TrimSpace(method+" "+tag)]++
	}
}

// need waits a moment for something to be sent.
func (d *callDeath) need(what string, least int) {
	d.advance(600 * time.Millisecond)
	d.learn()
	if d.sent[what] < least {
		d.t.Errorf("%s was sent %d times: %v", what, d.sent[what], d.sent)
	}
}
