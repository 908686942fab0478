package tm

import (
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
	"goser/sip"
	"goser/sip/fsm"
	"goser/worker/module"
)

// result of begin.
type result uint8

const (
	failed   result = iota // no transaction: no memory, no Via
	created                // new
	attached               // this message has it already
	looked                 // it is another's, which t_lookup_request has found for this one
	resumed                // made by this datagram, whose worker died
	again                  // the request is a retransmission
)

// begin finds the transaction of c's request or makes it. It is held, unless
// the result is failed.
func (s *state) begin(c *module.Ctx) (held, result) {
	if c.Tx.Off != 0 {
		h, ok := s.enter(c)
		switch {
		case !ok:
			return held{}, failed
		case c.Tx.Made || c.Tx.Held:
			return h, attached
		}
		return h, looked
	}
	hash, old := s.keyOf(c, c.SIP.Method, c.SIP.MethodName)
	for range 3 {
		if off, label := s.lookup(hash); off != 0 {
			if h, ok := s.take(c, off, label); ok {
				return s.meet(c, h)
			}
			continue
		}
		h, ok, raced := s.create(c, hash, old)
		if ok {
			return h, created
		}
		if !raced {
			break
		}
	}
	return held{}, failed
}

// meet tells a retransmission from a datagram that is run again because its
// worker died: that one goes on where it was.
func (s *state) meet(c *module.Ctx, h held) (held, result) {
	if h.Maker == 0 || h.Maker != c.Recv.ID {
		return h, again
	}
	s.attach(c, h)
	if c.Tx.OnBranch != 0 { // it is armed for one leg, and its predecessor had begun that
		h.OnBranch, c.Tx.OnBranch = c.Tx.OnBranch, 0
	}
	if c.Tx.OnBranchFailure != 0 {
		h.OnBranchFailure, c.Tx.OnBranchFailure = c.Tx.OnBranchFailure, 0
	}
	s.count(&counters.resumed)
	return h, resumed
}

func (s *state) attach(c *module.Ctx, h held) {
	c.Tx.Off, c.Tx.Label, c.Tx.Made = h.off, h.Label, true
}

// create makes a transaction: built aside, its timer set, then put where others
// find it. raced: somebody else was faster with the same request.
func (s *state) create(c *module.Ctx, hash uint64, old bool) (h held, ok, raced bool) {
	back, err := s.env.ReplyPath(c)
	if err != nil {
		return h, false, false
	}
	off, ok := s.proc.Alloc(kindTx, txSize)
	if !ok {
		s.full()
		return h, false, false
	}
	t := viewTx(s.arena, off)
	h = held{tx: t, off: off, mine: true}
	req, ok := s.freeze(c)
	if !ok {
		_ = s.proc.FreeTree(off)
		return h, false, false
	}
	t.Request = shm.Own[request](req)
	_ = s.proc.Publish(req)
	kill.Point("tm.create.1")
	s.fill(c, t, old)
	t.Back = packAddr(&back)
	if s.hasShown(&t.Back) {
		t.Flags |= flShown
	}
	if c.AVPs.Len() > 0 {
		s.saveAVPs(c, h)
	}
	if h.note = s.note(off); h.note < 0 {
		_ = s.proc.FreeTree(off)
		return h, false, false
	}
	if !s.publish(h, hash) {
		return h, false, true
	}
	s.attach(c, h)
	s.count(&counters.created)
	return h, true, false
}

// publish sets the timer of a transaction that is complete, locks it and puts it
// where others find it; it frees it if the same request is there by now.
func (s *state) publish(h held, hash uint64) bool {
	h.Timer.Kind, h.Timer.Arg = timerKind, hash
	h.Lock.TryLock(s.proc)
	h.Armed = s.env.Tick() + ticks(h.T1)
	s.timers.Add(s.proc, h.off+timerAt, h.Armed)
	kill.Point("tm.create.2")
	if !s.insert(h, hash) {
		s.timers.Cancel(s.proc, h.off+timerAt)
		s.forget(h.note)
		_ = s.proc.FreeTree(h.off)
		return false
	}
	kill.Point("tm.create.3")
	return true
}

// insert puts h into the table, unless the same request is there by now.
func (s *state) insert(h held, hash uint64) bool {
	g := s.table.Lock(s.proc, hash)
	defer g.Unlock()
	if off, _ := s.inBucket(g); off != 0 {
		return false
	}
	return g.Insert(h.off) == nil
}

// fill sets what a new transaction starts with: the parameters, and what the
// script has armed before.
func (s *state) fill(c *module.Ctx, t *tx, old bool) {
	now, p := s.env.Tick(), &params
	t.Label = uint32(s.env.Random()>>32) | 1
	t.Maker, t.Born, t.Winner = c.Recv.ID, now, -1
	t.MsgFlags, t.BytesIn = c.Flags, uint32(len(c.SIP.Raw))
	t.Flags = c.Tx.Flags &^ (txDone | txSeen | txResumed | txDropped)
	if q, err := c.SIP.CSeq(); err == nil {
		t.CSeq = q.Number
	}
	t.CallHash = s.callHash(c.SIP.CallID(), t.CSeq)
	life := orElse(c.Tx.MaxOther, p.maxOther)
	if c.SIP.Method == sip.MethodInvite {
		t.Flags |= flInvite
		life = orElse(c.Tx.MaxInv, p.maxInv)
	}
	if old {
		t.Flags |= flOldClient
	}
	t.LifeAt = now + ticks(life)
	t.FR, t.FRInv = orElse(c.Tx.FR, avpTime(c, p.frAVP, p.fr)), orElse(c.Tx.FRInv, avpTime(c, p.frInvAVP, p.frInv))
	t.T1, t.T2 = orElse(c.Tx.Retr1, p.retr1), orElse(c.Tx.Retr2, p.retr2)
	t.OnBranch, t.OnFailure, t.OnReply = c.Tx.OnBranch, c.Tx.OnFailure, c.Tx.OnReply
	t.OnBranchFailure = c.Tx.OnBranchFailure
	c.Tx.OnBranch, c.Tx.OnFailure, c.Tx.OnReply, c.Tx.OnBranchFailure = 0, 0, 0, 0
	t.State, _ = t.server().On(fsm.None, fsm.Begin)
}

// avpTime is a time that a script has put into an AVP, in seconds.
func avpTime(c *module.Ctx, name string, def int32) int32 {
	if name == "" {
		return def
	}
	if a := c.AVPs.Get(name, 0); a != nil {
		if n := a.Value.AsInt(); n > 0 && n < 1<<20 {
			return n * 1000
		}
	}
	return def
}

func orElse(v uint32, def int32) uint32 {
	if v != 0 {
		return v
	}
	return uint32(def)
}

// repeat deals with a retransmission: the last reply goes out once more, if
// the machine says so.
func (s *state) repeat(c *module.Ctx, h held) {
	h.BytesIn += uint32(len(c.SIP.Raw))
	s.count(&counters.retransmissions)
	if h.repeats() {
		s.resendReply(h)
	}
}

// resendReply sends the last reply again; false if there is none.
func (s *state) resendReply(h held) bool {
	data := s.blob(h.Reply)
	if len(data) == 0 || h.has(flNoReply) {
		return false
	}
	return s.toClient(h, data)
}

// toClient sends bytes upstream.
func (s *state) toClient(h held, data []byte) bool {
	path, ok := h.Back.path(s.env.Sockets())
	if !ok || h.has(flNoReply|flLocal) {
		return false
	}
	h.BytesOut += uint32(len(data))
	s.count(&counters.sent)
	return s.env.SendOn(path, data) == nil
}

// arm sets the timer to the next thing that is to happen.
func (s *state) arm(h held) {
	at := h.next(s)
	if at != h.Armed {
		s.timers.Add(s.proc, h.off+timerAt, at)
		h.Armed = at
	}
}

// next is the earliest of all times set. There always is one: that of the
// transaction's life, or the end of its wait.
func (h held) next(s *state) uint64 {
	if h.WaitAt != 0 {
		return h.WaitAt
	}
	at := h.LifeAt
	for _, x := range [...]uint64{h.RetrAt, h.TimeoutAt} {
		if x != 0 && x < at {
			at = x
		}
	}
	for i := range int(h.N) {
		b := h.Branches[i].Get(s.arena)
		if b == nil {
			continue
		}
		for _, x := range [...]uint64{b.RetrAt, b.TimeoutAt, b.CancelAt} {
			if x != 0 && x < at {
				at = x
			}
		}
	}
	if at > s.env.Tick() && s.undecided(h) {
		at = s.env.Tick() + 1
	}
	return at
}

// branch is the i-th branch, nil if there is none.
func (s *state) branch(h held, i int) *branch {
	if i < 0 || i >= int(h.N) {
		return nil
	}
	return h.Branches[i].Get(s.arena)
}

// undecided tells whether all branches are over and yet nobody has decided:
// the one whose turn it was has died.
func (s *state) undecided(h held) bool {
	return !h.final() && h.N > 0 && (h.has(flRedo) || s.allOver(h) && !h.has(flAsync))
}

func (s *state) allOver(h held) bool {
	for i := range int(h.N) {
		if b := s.branch(h, i); b != nil && !b.over() {
			return false
		}
	}
	return true
}

// settle starts the wait of a transaction that has nothing left to do but to
// absorb retransmissions.
func (s *state) settle(h held) {
	if h.WaitAt != 0 || !h.final() || h.State == fsm.Completed && h.invite() && (h.TimeoutAt != 0 || h.RetrAt != 0) {
		return
	}
	for i := range int(h.N) {
		b := s.branch(h, i)
		if b != nil && (!b.over() || b.Cancel == cancelSent && b.has(brTimeout) && b.CancelAt != 0) {
			return
		}
	}
	wait := uint32(params.wt)
	if h.has(flLocal) && h.invite() {
		wait = max(wait, 64*h.T1) // timers D and M: an ACK of ours may be lost
	}
	h.WaitAt = s.env.Tick() + ticks(wait)
}

// slotOf is the word of a reference, for link and drop.
func slotOf[T any](o *shm.Own[T]) *uint64 { return (*uint64)(unsafe.Pointer(o)) }
