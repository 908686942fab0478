package tm

import "goser/worker/module"

// counterIDs are tm's statistics, named as tmx's where those exist.
type counterIDs struct {
	created, freed, branches, local                        module.Counter
	received, absorbed, generated, relayed, sent           module.Counter
	retransmissions, retransmitted, timeouts, noAck, acks  module.Counter
	unmatched, unmatchedCancel, wrong, cancels             module.Counter
	noMemory, refused, tooMany, tooBroad, loops, amplified module.Counter
	resumed, inherited, busy, poison                       module.Counter
	acksSent, unacknowledged                               module.Counter
	class                                                  [5]module.Counter // 2xx to 6xx
}

var counters counterIDs

func (k *counterIDs) declare() []module.CounterDecl {
	ds := []module.CounterDecl{
		{Name: "tmx.UAS_transactions", Help: "transactions made for requests received", ID: &k.created},
		{Name: "tmx.UAC_transactions", Help: "transactions made for requests of our own", ID: &k.local},
		{Name: "tmx.rpl_received", Help: "replies with a branch of ours", ID: &k.received},
		{Name: "tmx.rpl_absorbed", Help: "final replies that were retransmissions", ID: &k.absorbed},
		{Name: "tmx.rpl_generated", Help: "replies made here", ID: &k.generated},
		{Name: "tmx.rpl_relayed", Help: "replies relayed", ID: &k.relayed},
		{Name: "tmx.rpl_sent", Help: "replies sent upstream, retransmissions included", ID: &k.sent},
		{Name: "tm.freed", Help: "transactions that have ended", ID: &k.freed},
		{Name: "tm.branches", Help: "branches made", ID: &k.branches},
		{Name: "tm.retransmissions_received", Help: "requests that were retransmissions", ID: &k.retransmissions},
		{Name: "tm.retransmissions_sent", Help: "requests and replies sent again by timer", ID: &k.retransmitted},
		{Name: "tm.timeouts", Help: "branches that ended by timer", ID: &k.timeouts},
		{Name: "tm.missing_acks", Help: "negative replies that were never acknowledged", ID: &k.noAck},
		{Name: "tm.absorbed_acks", Help: "ACKs to negative replies", ID: &k.acks},
		{Name: "tm.unmatched_replies", Help: "replies whose transaction had ended: a 2xx to an INVITE is sent on statelessly, others are dropped", ID: &k.unmatched},
		{Name: "tm.unmatched_cancels", Help: "CANCELs without an INVITE", ID: &k.unmatchedCancel},
		{Name: "tm.wrong_replies", Help: "replies whose CSeq is not that of the request, dropped", ID: &k.wrong},
		{Name: "tm.cancels_sent", Help: "CANCELs sent, retransmissions included", ID: &k.cancels},
		{Name: "tm.acks_sent", Help: "ACKs to 2xx to INVITEs of our own", ID: &k.acksSent},
		{Name: "tm.unacknowledged", Help: "2xx to INVITEs of our own that could not be acknowledged, or ended by a BYE", ID: &k.unacknowledged},
		{Name: "tm.no_memory", Help: "blocks that did not fit into the arena", ID: &k.noMemory},
		{Name: "tm.refused", Help: "requests answered 503 because no transaction could be made", ID: &k.refused},
		{Name: "tm.too_many_branches", Help: "branches refused because there were twelve", ID: &k.tooMany},
		{Name: "tm.too_broad", Help: "requests answered 440 (RFC 5393)", ID: &k.tooBroad},
		{Name: "tm.loops", Help: "requests that had been here with the same target", ID: &k.loops},
		{Name: "tm.replies_too_large", Help: "replies over reply_amplification", ID: &k.amplified},
		{Name: "tm.resumed", Help: "transactions gone on with after the death of a worker", ID: &k.resumed},
		{Name: "tm.inherited", Help: "locks taken over from a dead worker", ID: &k.inherited},
		{Name: "tm.busy", Help: "messages given up because their transaction was busy too long", ID: &k.busy},
		{Name: "tm.poisonous_routes", Help: "failure routes not run because workers had died in them", ID: &k.poison},
	}
	for i := range k.class {
		name := string(rune('2' + i))
		ds = append(ds, module.CounterDecl{Name: "tmx." + name + "xx_transactions", Help: "transactions that ended with this class", ID: &k.class[i]})
	}
	return ds
}
