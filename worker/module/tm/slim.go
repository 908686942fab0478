package tm

import (
	"sync/atomic"

	"goser/shm"
	"goser/shm/kill"
	"goser/sip/fsm"
)

// slim gives back what a transaction does not need any more once it does nothing
// but absorb what is repeated: most transactions of a server are in that state.
// What stays is the block itself, the reply if it may be wanted again, and of an
// INVITE's branches what an ACK is made of. Nobody looks at the message now.
func (s *state) slim(h held) {
	if h.has(flSlim) || h.has(flLocal) && h.invite() { // which may have to be acknowledged still
		return
	}
	routes := s.replyRoutes(h)
	s.drop(h.tx, slotOf(&h.Request))
	s.drop(h.tx, slotOf(&h.Reason))
	if !routes {
		s.drop(h.tx, slotOf(&h.AVPs))
	}
	if !h.repeats() || h.has(flLocal) {
		s.drop(h.tx, slotOf(&h.Reply))
	}
	for i := range int(h.N) {
		s.slimBranch(h, i, routes)
	}
	h.Flags |= flSlim
}

// repeats tells whether a retransmission of the request is answered.
func (t *tx) repeats() bool {
	_, do := t.server().On(t.State, fsm.RecvRequest)
	return do.Has(fsm.SendReply) || t.State == fsm.Accepted && t.has(flFinalLocal)
}

// replyRoutes tells whether an onreply_route is armed.
func (s *state) replyRoutes(h held) bool {
	if h.OnReply != 0 {
		return true
	}
	for i := range int(h.N) {
		if b := s.branch(h, i); b != nil && b.OnReply != 0 {
			return true
		}
	}
	return false
}

// slimBranch keeps of an INVITE's branch that has refused the headers that an ACK
// repeats. Of one behind whose 2xx a negative reply is a mistake it keeps what that
// reply does not say; of any other one with a reply route its block.
func (s *state) slimBranch(h held, i int, routes bool) {
	b := s.branch(h, i)
	slot := slotOf(&h.Branches[i])
	switch {
	case b == nil:
	case b.has(brBlind) || !h.invite() && !routes:
		s.drop(h.tx, slot)
	case !h.invite():
		s.shrink(h, b, slot, nil)
	case b.Status/100 == 2 && s.parseSent(h, i):
		s.shrink(h, b, slot, append(s.appendWay(s.appendStart(s.out[:0], s.hop.MethodName)), "\r\n"...))
	case s.parseSent(h, i):
		s.shrink(h, b, slot, s.appendHopByHop(s.out[:0], s.hop.MethodName, nil, ""))
	}
}

// shrink replaces a branch by one that sent only these bytes. When the arena is
// full it stays as it is.
func (s *state) shrink(h held, b *branch, slot *uint64, data []byte) {
	off, ok := s.proc.Alloc(kindBranch, branchSize+uint64(len(data)))
	if !ok {
		return
	}
	n := shm.View[branch](s.arena, off)
	*n = *b
	n.Reply, n.Len = 0, uint32(len(data))
	if int(n.URIAt)+int(n.URILen) > len(data) {
		n.URIAt, n.URILen = 0, 0
	}
	copy(s.tail(off, branchSize, uint64(len(data))), data)
	s.link(h.tx, slot, off)
}

// drop takes a block out of t and frees it. mend finishes what a dead process
// has begun here.
func (s *state) drop(t *tx, slot *uint64) {
	old := *slot
	if old == 0 {
		return
	}
	t.Old = old
	kill.Point("tm.drop.1")
	atomic.StoreUint64(slot, 0)
	kill.Point("tm.drop.2")
	_ = s.proc.Retire(old)
	kill.Point("tm.drop.3")
	t.Old = 0
	_ = s.proc.FreeTree(old)
}
