package tm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module"
	"goser/worker/module/api"
	"goser/worker/module/tm"
)

// ended collects what the owners of requests were told.
var ended []string

var done api.Done

func init() {
	done = api.NewDone(func(c *module.Ctx, o *api.Outcome) {
		from := "-"
		if o.Reply != nil {
			from = o.Reply.CallID()
		}
		ended = append(ended, fmt.Sprintf("%d %d %s %v %s", o.Arg, o.Code, o.Reason, o.Local, from))
		if o.Arg == again {
			_ = api.TM.Send(c, ping(0))
		}
	})
}

const again = 99

func ping(arg uint64) *api.Request {
	return &api.Request{Method: "OPTIONS", RURI: "sip:ping@" + bob, CallID: fmt.Sprintf("c%d", arg), Done: done, Arg: arg}
}

func sendOwn(t *testing.T, w *world, r *api.Request) string {
	t.Helper()
	n := w.nodes[0]
	c := n.env.Borrow()
	err := api.TM.Send(c, r)
	n.env.Return(c)
	if err != nil {
		t.Fatal(err)
	}
	w.collect(n)
	sent := w.take()
	if len(sent) != 1 {
		t.Fatalf("sent %v", sent)
	}
	return sent[0].Data
}

func wantEnded(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(ended, want) {
		t.Fatalf("the owner was told %q, want %q", ended, want)
	}
	ended = nil
}

// A request of our own as RFC 3261 §8.1.1 wants it; the answer comes to another
// worker, which tells the owner.
func TestOwnRequest(t *testing.T) {
	ended = nil
	w := newWorld(t, 2, "route { exit; }")
	r := ping(7)
	r.Headers, r.Body = "Content-Type: text/plain\r\nX-A: 1", "hello"
	raw := sendOwn(t, w, r)
	for _, want := range []string{
		"OPTIONS sip:ping@192.0.2.2:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK",
		"\r\nTo: <sip:ping@192.0.2.2:5080>\r\n", "\r\nFrom: <sip:127.0.0.1:5060>;tag=", "\r\nCSeq: 10 OPTIONS\r\nCall-ID: c7\r\nMax-Forwards: 70\r\nContent-Length: 5\r\n",
		"\r\nX-A: 1\r\n\r\nhello",
	} {
		if !strings.Contains(raw, want) {
			t.Errorf("%q is missing in\n%s", want, raw)
		}
	}
	w.deliver(1, bob, answer(raw, 100, "Trying"))
	wantEnded(t)
	w.deliver(1, bob, answer(raw, 200, "Fine"))
	wantEnded(t, "7 200 Fine false c7")
	w.deliver(0, bob, answer(raw, 200, "Fine")) // once more: absorbed
	wantEnded(t)
	if got := w.count("tmx.UAC_transactions"); got != 1 {
		t.Errorf("UAC_transactions is %d", got)
	}
	w.want("nothing goes upstream")
	w.finish()
}

// Timers E and F (RFC 3261 §17.1.2.2), and the timer process tells the owner.
func TestOwnTimeout(t *testing.T) {
	ended = nil
	w := newWorld(t, 1, "route { exit; }")
	sendOwn(t, w, ping(1))
	w.advance(1700 * time.Millisecond)
	w.want("timer E", bob+" OPTIONS sip:ping@192.0.2.2:5080", bob+" OPTIONS sip:ping@192.0.2.2:5080")
	wantEnded(t)
	w.advance(30 * time.Second)
	wantEnded(t, "1 408 Request Timeout true -")
	w.finish()
}

// A negative reply; a datagram that cannot leave; an owner that sends again.
func TestOwnOutcomes(t *testing.T) {
	ended = nil
	w := newWorld(t, 1, "route { exit; }")
	w.deliver(0, bob, answer(sendOwn(t, w, ping(1)), 503, "Busy"))
	wantEnded(t, "1 503 Busy false c1")
	w.nodes[0].env.Fail = fmt.Errorf("no route")
	c := w.nodes[0].env.Borrow()
	if err := api.TM.Send(c, ping(2)); err != nil {
		t.Error(err)
	}
	w.nodes[0].env.Return(c)
	w.nodes[0].env.Fail = nil
	wantEnded(t)
	w.advance(20 * time.Millisecond)
	if len(ended) != 1 || !strings.HasPrefix(ended[0], "2 477 ") {
		t.Errorf("told %q", ended)
	}
	ended = nil
	w.take()
	w.deliver(0, bob, answer(sendOwn(t, w, ping(again)), 401, "Who"))
	wantEnded(t, "99 401 Who false c99")
	w.want("the second request", bob+" OPTIONS sip:ping@192.0.2.2:5080")
	w.finish()
}

// t_uac_send where it goes its own way (docs/compatibility.md, own-requests).
func TestOwnFunction(t *testing.T) {
	w := newWorld(t, 1, `event_route[tm:local-request] { xlog("via=$hdr(Via)"); $du = "sip:`+carol+`"; }
	route {
		$var(h) = "From: \"F\" <sip:f@x>\r\nTo: sip:t@x\r\nUser-Agent: me\r\nContent-Length: 99\r\nX-End: 1";
		$var(r) = t_uac_send("$hdr(X-Method)", "sip:a@`+bob+`", "", "", "$var(h)");
		xlog("$var(r)");
	}`)
	w.nodes[0].env.Conf().UserAgent = "User-Agent: server"
	w.deliver(0, alice, request("MESSAGE", toBob, "z9hG4bKa", "X-Method: OPTIONS"))
	raw := find(t, w.take(), carol, "OPTIONS sip:a@192.0.2.2:5080 SIP/2.0\r\nVia: ")
	_, rest, _ := strings.Cut(raw, "Max-Forwards")
	if want := ": 70\r\nContent-Length: 0\r\nUser-Agent: me\r\nX-End: 1\r\n\r\n"; rest != want {
		t.Errorf("behind Max-Forwards %q, want %q", rest, want)
	}
	if f := header(raw, "From"); !strings.HasPrefix(f, `"F" <sip:f@x>;tag=`) {
		t.Errorf("From is %q", f)
	}
	if to := header(raw, "To"); to != "<sip:t@x>" {
		t.Errorf("To is %q", to)
	}
	if w.logs != "via=<null>\n1" {
		t.Errorf("the script said %q", w.logs)
	}
	for _, m := range []string{"ACK", "CANCEL", "BAD METHOD"} {
		w.deliver(0, alice, request("MESSAGE", toBob, "z9hG4bK"+m[:3], "X-Method: "+m))
		if w.said != "-1" {
			t.Errorf("%s: %s", m, w.said)
		}
	}
	w.want("nothing more")
	w.nodes[0].env.Conf().UserAgent = "User-Agent: server"
	if raw := sendOwn(t, w, ping(1)); header(raw, "User-Agent") != "server" {
		t.Errorf("user_agent_header is missing in\n%s", raw)
	}
	w.finish()
}

// The datagram whose worker died is run again: what it has sent goes out once.
func TestOwnOnce(t *testing.T) {
	ended = nil
	w := newWorld(t, 2, `route { t_uac_send("OPTIONS", "sip:a@`+bob+`", "", "", "From: <sip:f@x>\r\nTo: <sip:t@x>\r\n");
		t_uac_send("OPTIONS", "sip:b@`+bob+`", "", "", "From: <sip:f@x>\r\nTo: <sip:t@x>\r\n"); }`)
	for i := range 2 {
		w.deliverAs(i, alice, request("MESSAGE", toBob, "z9hG4bKa"), 5)
	}
	w.want("both once", bob+" OPTIONS sip:a@192.0.2.2:5080", bob+" OPTIONS sip:b@192.0.2.2:5080")
	w.finish()
}

// What cannot be sent is refused, with a reason, and leaves nothing behind.
func TestOwnRefused(t *testing.T) {
	w := newWorld(t, 1, "event_route[tm:local-request] { if ($rU == \"drop\") { drop; } if ($rU == \"spoil\") { remove_hf(\"Call-ID\"); } }\nroute { exit; }")
	for _, k := range []struct{ why, want string }{
		{"ACK", "parts of an INVITE"},
		{"BAD METHOD", "URI without scheme"},
		{"", ""},
		{"uri", "Request-URI"},
		{"hop", "next hop"},
		{"from", "From"},
		{"folded", "one line"},
		{"drop", "dropped by"},
		{"spoil", "Call-ID"},
		{"header", "NAME: VALUE"},
		{"large", "65507"},
		{"via", "Via is made here"},
	} {
		r := ping(1)
		switch k.why {
		case "uri":
			r.RURI = "nonsense"
		case "hop":
			r.NextHop = "nonsense"
		case "from":
			r.From = "nonsense<"
		case "folded":
			r.To = "<sip:x@y>\r\nX: y"
		case "drop", "spoil":
			r.RURI = "sip:" + k.why + "@" + bob
		case "header":
			r.Headers = "no colon\r\n"
		case "large":
			r.Body = strings.Repeat("x", 65500)
		case "via":
			r.Headers = "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\n"
		default:
			r.Method = k.why
		}
		c := w.nodes[0].env.Borrow()
		err := api.TM.Send(c, r)
		w.nodes[0].env.Return(c)
		if err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s: %v, want %q", k.why, err, k.want)
		}
	}
	if n := tm.Transactions(w.nodes[0].env); n != 0 {
		t.Errorf("%d transactions", n)
	}
	w.finish()
}

// A process dies at each point of sending, of the reply and of the timeout:
// whoever comes after it, the owner is told, with the reply, and nothing is left.
func TestOwnEveryDeath(t *testing.T) {
	for _, k := range []struct {
		name, want string
		silent     bool // no reply: the timer's
		at         int  // what the process dies in: 0 sending, 1 the reply or the last tick
	}{
		{"send", "3 200 OK false c3", false, 0}, {"reply", "3 200 OK false c3", false, 1}, {"timeout", "3 408 Request Timeout true -", true, 1},
	} {
		deaths := 0
		for nth := int64(1); ; nth++ {
			at := ownDeath(t, k.silent, k.at, nth, k.want)
			if t.Failed() {
				t.Fatalf("%s: death at point %d, %s", k.name, nth, at)
			}
			if at == "" {
				break
			}
			deaths++
		}
		if deaths < 10 {
			t.Errorf("%s: only %d deaths", k.name, deaths)
		}
		t.Logf("%s: %d deaths", k.name, deaths)
	}
}

// ownDeath plays a request of our own with one death and returns where that was.
func ownDeath(t *testing.T, silent bool, part int, nth int64, want string) (at string) {
	ended = nil
	w := worldIn(t, smallArena(t), 2, "route { exit; }")
	defer func() {
		for _, n := range w.nodes {
			tm.Forget(n.env)
		}
	}()
	send := func(i int) {
		c := w.nodes[i].env.Borrow()
		c.Recv.ID = 77
		if err := api.TM.Send(c, ping(3)); err != nil {
			t.Error(err)
		}
		w.nodes[i].env.Return(c)
		w.collect(w.nodes[i])
	}
	die := func(f func(i int)) {
		at = kill.Try("", nth, func() { f(1) })
		if at == "" {
			return
		}
		slot := w.nodes[1].env.Proc().Slot()
		w.arena.MarkDead(slot)
		tm.Forget(w.nodes[1].env)
		w.nodes = w.nodes[:1]
		if _, err := w.nodes[0].env.Proc().Reap(slot); err != nil {
			t.Error(err)
		}
		if err := shm.Check(w.arena); err != nil {
			t.Error(err)
		}
	}
	if part == 0 {
		if die(send); at != "" {
			send(0) // the datagram once more
		}
	} else {
		send(0)
	}
	w.advance(600 * time.Millisecond) // what died unsent is sent by timer E
	raw := find(t, w.take(), bob, "OPTIONS")
	deliver := func(i int) { w.deliverAs(i, bob, answer(raw, 200, "OK"), 78) }
	fire := func(i int) {
		for _, n := range w.nodes {
			n.env.Clock = n.env.Clock.Add(50 * time.Millisecond)
		}
		w.nodes[i].env.Fire()
	}
	step := deliver
	if silent {
		step = fire
		w.skip(29370 * time.Millisecond)
	}
	switch {
	case part == 0:
		step(0)
	default:
		if die(step); at != "" && !silent {
			step(0)
		}
	}
	w.advance(time.Second)
	if n := len(ended); n == 0 || n > 2 || ended[0] != want || ended[n-1] != want {
		t.Errorf("the owner was told %q, want %q", ended, want)
	}
	w.finish()
	return at
}
