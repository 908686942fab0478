package tm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goser/shm"
)

// A full arena is answered with 503 and counted; when the transactions that
// filled it have ended, all is well again.
func TestFullArena(t *testing.T) {
	a, err := shm.NewHeap(6 << 20)
	if err != nil {
		t.Fatal(err)
	}
	w := worldIn(t, a, 2, `route { t_relay(); }`)
	refused, relayed := 0, 0
	for i := range 6000 {
		w.deliver(i, alice, request("MESSAGE", toBob, fmt.Sprint("z9hG4bKfull", i)))
		for _, l := range w.lines() {
			switch {
			case strings.Contains(l, " 503 "):
				refused++
			case strings.HasPrefix(l, bob):
				relayed++
			}
		}
	}
	if refused == 0 || relayed == 0 || refused+relayed != 6000 || w.count("tm.no_memory") == 0 {
		t.Errorf("%d refused, %d relayed, no_memory %d", refused, relayed, w.count("tm.no_memory"))
	}
	w.advance(50 * time.Second)
	w.take()
	w.empty()
	w.deliver(0, alice, request("MESSAGE", toBob, "z9hG4bKafter"))
	w.want("afterwards", bob+" MESSAGE "+toBob)
	w.finish()
}

// Twelve branches, and not one more.
func TestBranches(t *testing.T) {
	src := `modparam("tm", "failure_reply_mode", 3) route { t_on_failure("f"); t_relay(); }
failure_route[f] { t_on_failure("f"); append_branch("sip:carol@192.0.2.3:5080"); if (!t_relay()) { t_reply("480", "Enough"); } }`
	w := newWorld(t, 2, src)
	w.deliver(0, alice, request("MESSAGE", toBob, "z9hG4bKa"))
	out := find(t, w.take(), bob, "MESSAGE")
	w.deliver(0, bob, answer(out, 404, "x"))
	n := 1
	for ; n < 20; n++ {
		sent := w.take()
		if len(sent) != 1 || sent[0].To.String() != carol {
			w.sent = sent
			break
		}
		w.deliver(n, carol, answer(sent[0].Data, 404, "x"))
	}
	if n != 12 || w.count("tm.too_many_branches") != 1 {
		t.Errorf("%d branches, counted %d too many", n, w.count("tm.too_many_branches"))
	}
	w.want("the end", alice+" 480 Enough")
	w.finish()
}

// Max-Breadth (RFC 5393 §5.3): shared out, and 440 when it does not suffice.
func TestMaxBreadth(t *testing.T) {
	w := newWorld(t, 1, `route { append_branch("sip:carol@192.0.2.3:5080"); t_relay(); }`)
	w.deliver(0, alice, request("MESSAGE", toBob, "z9hG4bKa", "Max-Breadth: 5"))
	for _, s := range w.take() {
		if header(s.Data, "Max-Breadth") != "2" || strings.Count(s.Data, "Max-Breadth") != 1 {
			t.Errorf("sent\n%s", s.Data)
		}
	}
	w.deliver(0, alice, request("MESSAGE", toBob, "z9hG4bKb", "Max-Breadth: 1"))
	w.want("one for two", alice+" 440 Max-Breadth Exceeded")
	w.finish()
}

// A request is suspended in one process and continued in another.
func TestSuspend(t *testing.T) {
	w := newWorld(t, 2, `
route {
	if (method == "INFO") { t_continue("$hdr(X-Index)", "$hdr(X-Label)", "go"); exit; }
	$avp(x) = "kept";
	if (t_suspend()) { xlog("L_INFO", "$T(id_index) $T(id_label)"); }
}
route[go] { if ($avp(x) == "kept") { t_relay(); } }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	w.want("suspended", alice+" 100 trying -- your call is important to us")
	var index, label string
	if _, err := fmt.Sscan(w.said, &index, &label); err != nil {
		t.Fatalf("%q: %v", w.said, err)
	}
	w.deliver(1, dave, request("INFO", toBob, "z9hG4bKi", "X-Index: "+index, "X-Label: "+label))
	out := find(t, w.want("continued", bob+" INVITE "+toBob), bob, "INVITE")
	w.deliver(0, bob, answer(out, 200, "OK"))
	w.want("answered", alice+" 200 OK")
	w.deliver(1, dave, request("INFO", toBob, "z9hG4bKj", "X-Index: "+index, "X-Label: "+label))
	w.want("continued twice")
	w.finish()

	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKb"))
	w.take()
	w.advance(31 * time.Second)
	find(t, w.take(), alice, "SIP/2.0 408")
	w.finish()
}

// What tmx shows in each route.
func TestVariables(t *testing.T) {
	w := newWorld(t, 2, `
branch_route[b] { xlog("L_INFO", "b $T_branch_idx"); }
onreply_route[r] { xlog("L_INFO", "r $T_branch_idx $T_reply_code $T_reply_reason $T_req($rm) $T_branch(uri)"); }
failure_route[f] { xlog("L_INFO", "f $T_branch_idx $T_reply_code $T_reply_reason $T_rpl($rs) $T_reply_last $T(reply_type)"); }
route { t_on_branch("b"); t_on_reply("r"); t_on_failure("f"); t_relay(); xlog("L_INFO", "m $T_reply_code"); }`)
	w.deliver(0, alice, request("INVITE", toBob, "z9hG4bKa"))
	out := find(t, w.take(), bob, "INVITE")
	w.deliver(1, bob, answer(out, 180, "Ringing"))
	w.deliver(1, bob, answer(out, 486, "Busy Here"))
	want := "b 0\nm 100\nr 0 180 Ringing INVITE " + toBob + "\nr 0 486 Busy Here INVITE " + toBob + "\nf 1 486 Busy Here 486 180 0"
	if got := w.logs; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	w.finish()
}
