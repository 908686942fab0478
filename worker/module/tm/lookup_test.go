package tm_test

import "testing"

// t_lookup_request finds the transaction of a retransmission, not that which the
// dead worker of this very datagram has made: its script had not found that either.
func TestLookupRequest(t *testing.T) {
	w := newWorld(t, 2, `route {
		if (t_lookup_request()) { xlog("known $T_reply_code"); t_reply("486", "Busy"); exit; }
		xlog("new"); t_relay(); }`)
	invite := request("INVITE", toBob, "z9hG4bKa", simSubject)
	for i := range 2 {
		w.deliverAs(i, alice, invite, 5)
		if w.said != "new" {
			t.Errorf("the datagram was run by worker %d, and it said %q", i, w.said)
		}
	}
	w.take()
	w.deliverAs(1, alice, invite, 6)
	if w.said != "known 100" {
		t.Errorf("a retransmission: %q", w.said)
	}
	w.want("answered from the transaction", alice+" 486 Busy")
	w.finish()
}
