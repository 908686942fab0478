package tm

import (
	"errors"
	"net/netip"
	"unsafe"

	"goser/cfg/check"
	"goser/shm"
	"goser/shm/kill"
	"goser/sip"
	"goser/sip/fsm"
	"goser/worker/module"
)

// Flags of t_relay_to.
const (
	relayNo100      = 1
	relayNoReply    = 2
	relayNoFailover = 4
	relayQuiet      = 8 // not of t_relay_to: the script learns why, and the answer is its own
)

// relay is t_relay: room 6 of the hallway for requests that are forwarded.
func (s *state) relay(c *module.Ctx, to module.Target, flags int32) int {
	if !c.Tx.Held {
		switch c.SIP.Method {
		case sip.MethodAck:
			return s.relayAck(c, to)
		case sip.MethodCancel:
			if r, done := s.relayCancel(c, to); done {
				return r
			}
		}
	}
	h, what := s.begin(c)
	switch what {
	case failed:
		return s.refuse(c)
	case again, looked: // KAMAILIO: after t_lookup_request it makes one more branch
		s.repeat(c, h)
		s.release(h)
		return 1
	}
	r := s.relayIn(c, h, to, flags, what)
	s.release(h)
	return r
}

// refuse answers a request that no transaction could be made for.
func (s *state) refuse(c *module.Ctx) int {
	s.count(&counters.refused)
	if c.Replied == 0 && c.SIP.Method != sip.MethodAck {
		_ = s.env.Reply(c, 503, "Service Unavailable")
	}
	return c.Fail(module.ErrMem, "no transaction could be made: the memory is full (503 was answered)")
}

// relayIn forwards within the transaction.
func (s *state) relayIn(c *module.Ctx, h held, to module.Target, flags int32, what result) int {
	inFailure := c.Tx.Held
	if h.final() {
		if what == resumed {
			s.resendReply(h)
			return 1
		}
		return c.Fail(module.ErrScript, "the transaction has its final reply already")
	}
	if inFailure && h.has(flCanceled) {
		return c.Fail(-1, "the request has been cancelled")
	}
	if h.has(flExpired) {
		return c.Fail(-1, "the transaction has reached the end of its life")
	}
	if what == attached && !inFailure && !h.has(flRelayed) && !s.refreeze(c, h) {
		return c.Fail(module.ErrMem, "the memory is full")
	}
	if !inFailure {
		h.MsgFlags = c.Flags
		s.saveAVPs(c, h)
		c.Tx.AVPs = s.avpMark(c)
	}
	if flags&relayNoFailover != 0 {
		h.Flags |= flNoFailover
	}
	if what != resumed || !s.resendReply(h) {
		s.trying(c, h, flags)
	}
	first := int(h.N)
	if h.has(flRedo) {
		first = int(h.Before)
	}
	onBranch := h.OnBranch
	h.OnBranch = 0
	n, code := s.fork(c, h, to, onBranch, what == resumed || h.has(flRedo))
	h.OnBranchFailure = 0 // armed for one leg, as branch_route is
	c.Tx.OnReply, c.Tx.OnBranchFailure = 0, 0
	h.Flags |= flRelayed
	switch {
	case n == 0:
		return s.relayFailed(c, h, code, flags)
	case inFailure && c.Route == check.FailureRoute && c.Tx.Flags&txDropped == 0:
		s.newLeg(h, first)
	case inFailure:
		h.Leg = uint8(first)
	}
	if h.has(flCanceled) {
		s.cancelAll(c, h)
	}
	return 1
}

// trying sends a 100 at once, so that the client stops retransmitting (RFC 3261
// §16.2).
func (s *state) trying(c *module.Ctx, h held, flags int32) {
	if !h.invite() || h.Status != 0 || params.auto100 == 0 || h.has(flNo100) || flags&relayNo100 != 0 || c.Tx.Held {
		return
	}
	_ = s.reply(c, h, 100, params.auto100Reason)
}

// relayFailed notes the reply that is owed; it is sent when the script has
// ended without an answer of its own.
func (s *state) relayFailed(c *module.Ctx, h held, code int, flags int32) int {
	if code == 0 {
		return c.Fail(module.ErrUnspec, "there is no new destination")
	}
	switch {
	case c.Tx.Held:
		c.LastErr = code
		return -1
	case flags&relayNoReply != 0:
		c.LastErr = code
		return -4
	case flags&relayQuiet == 0 && !h.has(flNoIntReply):
		h.ErrCode, c.Tx.ErrCode = int32(code), int32(code)
	}
	c.LastErr = code
	if code == module.ErrBadURI {
		return errBadRURI
	}
	return code
}

// newLeg is serial forking: what failure_reply_mode says becomes of the replies
// before.
func (s *state) newLeg(h held, first int) {
	from, to := 0, first
	switch params.failureReplyMode {
	case 0:
		to = 0
	case 2:
		from = int(h.Leg)
	}
	for i := from; i < to; i++ {
		if b := s.branch(h, i); b != nil {
			b.Flags |= brDropped
		}
	}
	h.Leg = uint8(first)
}

// fork makes a branch for each destination: the R-URI and what append_branch
// added. It returns how many there are now, and the last failure.
func (s *state) fork(c *module.Ctx, h held, to module.Target, onBranch uint16, resume bool) (n, code int) {
	total := c.Dest.N
	useURI := !c.Tx.Held && !consumed(c) || c.Tx.Flags&txResumed != 0 || c.Tx.Held && !consumed(c) && s.uriChanged(c, h) || to.Host != "" || total == 0 && to.FromURI
	if useURI {
		total++
	}
	breadth, ok := s.breadth(c, total)
	if !ok {
		return 0, errBreadth
	}
	appended := c.Dest.N
	c.Dest.N = 0
	if useURI {
		uri, next := c.Dest.URI, c.Dest.Next // what the branch_route makes of them is its branch's
		if r := s.addBranch(c, h, to, onBranch, breadth, resume); r < 0 {
			code = r
		} else {
			n++
		}
		c.Dest.URI, c.Dest.Next = uri, next
	}
	if total == 0 || total == 1 && useURI {
		return n, code
	}
	d := c.Dest
	d.N = appended
	for i := range d.N {
		b := &d.Branches[i]
		c.Dest.URI, c.Dest.Next, c.Dest.Flags, c.Dest.Socket = b.URI, b.Dst, b.Flags, b.Socket
		if r := s.addBranch(c, h, to, onBranch, breadth, resume); r < 0 {
			code = r
		} else {
			n++
		}
	}
	c.Dest.URI, c.Dest.Next, c.Dest.Flags, c.Dest.Socket = d.URI, d.Next, d.Flags, d.Socket
	return n, code
}

// consumed tells whether t_relay has taken the target of this script run already:
// once more it is only for what has been set or appended since.
func consumed(c *module.Ctx) bool {
	t := &c.Tx
	return t.Flags&txDone != 0 && !written(c.Dest.URI, t.SentURI) && !written(c.Dest.Next, t.SentNext) &&
		(c.Dest.URI != "" || t.SentURI == "")
}

// uriChanged tells whether a failure route has given the request a new target.
func (s *state) uriChanged(c *module.Ctx, h held) bool {
	r := h.Request.Get(s.arena)
	if r == nil {
		return false
	}
	return written(c.Dest.URI, s.part(h.Request.Off(), r, partURI)) || written(c.Dest.Next, s.part(h.Request.Off(), r, partNext))
}

// written tells whether the script has set a text, if only to what it was.
func written(now, was string) bool {
	return now != "" && (now != was || unsafe.StringData(now) != unsafe.StringData(was))
}

// addBranch runs the branch route and sends the request to one destination;
// the first of its addresses that can be sent to.
func (s *state) addBranch(c *module.Ctx, h held, to module.Target, onBranch uint16, breadth int, resume bool) int {
	if resume && s.resumeBranch(c, h) {
		return 1
	}
	if int(h.N) >= module.MaxBranches {
		s.count(&counters.tooMany)
		return c.Fail(module.ErrTooMany, "12 branches is all a transaction can have")
	}
	if onBranch == 0 && breadth < 0 {
		return s.dispatch(c, h, to)
	}
	saved := s.saveEdits(c)
	rr := c.RR
	r := 1
	if breadth >= 0 {
		setBreadth(c, breadth)
	}
	if onBranch != 0 && s.branchRoute(c, h, onBranch) {
		r = c.Fail(module.ErrConfig, "the branch was dropped by its branch_route")
	} else {
		r = s.dispatch(c, h, to)
	}
	c.RR = rr
	s.restoreEdits(c, saved)
	return r
}

// saveEdits keeps the message's edits while a branch adds its own.
func (s *state) saveEdits(c *module.Ctx) *sip.Edits {
	var e *sip.Edits
	if n := len(s.spare); n > 0 {
		e, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		e = new(sip.Edits)
	}
	e.CopyFrom(&c.Edits)
	return e
}

func (s *state) restoreEdits(c *module.Ctx, e *sip.Edits) {
	c.Edits.CopyFrom(e)
	s.spare = append(s.spare, e)
}

// resumeBranch sends again what the predecessor of this worker had sent to this
// destination before it died; false if it had not come so far.
func (s *state) resumeBranch(c *module.Ctx, h held) bool {
	first := 0
	if h.has(flRedo) {
		first = int(h.Before)
	}
	for i := first; i < int(h.N); i++ {
		b, sent := s.branch(h, i), s.sent(h.tx, i)
		if b == nil || int(b.URIAt)+int(b.URILen) > len(sent) || string(sent[b.URIAt:b.URIAt+b.URILen]) != c.RequestURI() {
			continue
		}
		if !b.has(brReplied) {
			s.sendBranch(h, i)
		}
		return true
	}
	return false
}

// maxAddrs bounds the addresses of one name that are tried.
const maxAddrs = 8

func (s *state) dispatch(c *module.Ctx, h held, to module.Target) int {
	found, port, err := s.env.Resolve(c, to)
	if err != nil {
		r := fail(c, err)
		if r == module.ErrBadURI && c.Dest.Next != "" && to.Host == "" {
			r = module.ErrBadAddr // as the original says of a $du that is none
		}
		return r
	}
	var addrs [maxAddrs]netip.Addr
	n := copy(addrs[:], found)
	if h.has(flNoFailover) {
		n = min(n, 1)
	}
	r := module.ErrBadAddr
	for _, a := range addrs[:n] {
		if r = s.launch(c, h, netip.AddrPortFrom(a, uint16(port))); r > 0 {
			return r
		}
	}
	return r
}

// fail turns an error of Env into the script's code.
func fail(c *module.Ctx, err error) int {
	var e *module.Error
	if errors.As(err, &e) && e.Code < 0 {
		return c.Fail(e.Code, e.Msg)
	}
	return c.Fail(module.ErrUnspec, err.Error())
}

// launch builds the request for one address, makes it a branch and sends it.
// room 8
func (s *state) launch(c *module.Ctx, h held, to netip.AddrPort) int {
	path, data, r := s.build(c, h, to)
	if r < 0 {
		return r
	}
	if !s.addSent(c, h, &path, data) {
		return c.Fail(module.ErrMem, "the memory is full")
	}
	if err := s.env.SendOn(path, data); err != nil {
		s.failBranch(h, int(h.N)-1)
		return fail(c, err)
	}
	return 1
}

// build makes the bytes of the next branch, which goes to an address: they lie
// in s.out. r is negative if it cannot be sent.
func (s *state) build(c *module.Ctx, h held, to netip.AddrPort) (path module.Path, data []byte, r int) {
	path, err := s.env.Path(c, to)
	if err != nil {
		return path, nil, fail(c, err)
	}
	mark := s.env.LoopMark(c, to)
	if s.env.Looped(c, mark) {
		s.count(&counters.loops)
		return path, nil, c.Fail(module.ErrLoop, "the request has been here with the same target (RFC 3261 §16.3 step 4)")
	}
	hops, err := s.env.Hops(c)
	if err != nil {
		return path, nil, fail(c, err)
	}
	f := &s.fwd
	*f = sip.Forward{RURI: c.Dest.URI, Hops: hops, Fix: s.env.ViaFix(c), Via: sip.OwnVia{
		Transport: "UDP",
		SentBy:    path.SentBy, Socket: module.RecordSocket(path.From), Branch: s.branchText(c, h, mark),
	}}
	c.FinishVia(&f.Via)
	data = sip.AppendForward(s.out[:0], &c.SIP, &c.Edits, f)
	if s.hasOnSend(c) {
		own := *f // the route may wait, and others use the buffers meanwhile
		if !s.onSendRoute(c, h, module.SentInfo{Valid: true, To: to, From: path.From, Data: data}) {
			return path, nil, c.Fail(module.ErrAdmin, "dropped by onsend_route")
		}
		*f = own
		data = sip.AppendForward(s.out[:0], &c.SIP, &c.Edits, f)
	}
	return path, data, 1
}

// onSendRoute runs the onsend_route, which finds the transaction held; false if it drops the request.
func (s *state) onSendRoute(c *module.Ctx, h held, sent module.SentInfo) bool {
	ref := c.Tx
	c.Sent = sent
	c.Tx.Off, c.Tx.Label, c.Tx.Branch, c.Tx.Held = h.off, h.Label, int8(h.N), true
	ok := c.Runner.Send(c)
	c.Sent, c.Tx = module.SentInfo{}, ref
	return ok
}

// hasOnSend tells whether the script has an onsend_route.
func (s *state) hasOnSend(c *module.Ctx) bool {
	if s.onSend == 0 {
		s.onSend = -1
		if c.Runner.Find(check.SendRoute, "0") >= 0 {
			s.onSend = 1
		}
	}
	return s.onSend > 0
}

// branchText is our branch parameter.
func (s *state) branchText(c *module.Ctx, h held, mark string) string {
	id := branchID{h.off, h.Label, int(h.N)}
	return c.Build(64, func(dst []byte) []byte {
		dst = s.appendBranchID(dst, id)
		return append(append(dst, '.'), mark...)
	})
}

// addSent makes the branch: from here on its timers run and replies find it.
func (s *state) addSent(c *module.Ctx, h held, path *module.Path, data []byte) bool {
	off, ok := s.proc.Alloc(kindBranch, branchSize+uint64(len(data)))
	if !ok {
		s.full()
		return false
	}
	b := shm.View[branch](s.arena, off)
	now := s.env.Tick()
	b.State, _ = h.client().On(fsm.None, fsm.Begin)
	b.Index, b.Len, b.BFlags, b.To = h.N, uint32(len(data)), c.Dest.Flags, packAddr(path)
	b.OnReply, b.OnFailure, b.Failure = h.OnReply, h.OnBranchFailure, h.OnFailure
	if c.Tx.OnReply != 0 { // armed by the branch route, for those that follow, too
		b.OnReply = c.Tx.OnReply
	}
	if c.Tx.OnBranchFailure != 0 {
		b.OnFailure = c.Tx.OnBranchFailure
	}
	b.URIAt, b.URILen = uint16(len(c.SIP.MethodName)+1), uint16(len(c.RequestURI()))
	b.RetrMs = h.T1
	b.RetrAt, b.TimeoutAt = now+ticks(h.T1), now+ticks(h.FR)
	copy(s.tail(off, branchSize, uint64(len(data))), data)
	kill.Point("tm.branch.1")
	s.link(h.tx, slotOf(&h.Branches[h.N]), off)
	kill.Point("tm.branch.2")
	h.N++
	kill.Point("tm.branch.3")
	s.count(&counters.branches)
	return true
}

// failBranch ends a branch that could not be sent.
func (s *state) failBranch(h held, i int) {
	if b := s.branch(h, i); b != nil {
		b.Status, b.State = 477, fsm.Terminated
		b.Flags |= brLocal
		b.RetrAt, b.TimeoutAt = 0, 0
	}
}

// sendBranch sends the bytes of a branch again.
func (s *state) sendBranch(h held, i int) bool {
	b := s.branch(h, i)
	if b == nil || b.Len == 0 {
		return false
	}
	path, ok := b.To.path(s.env.Sockets())
	return ok && s.env.SendOn(path, s.sent(h.tx, i)) == nil
}

// branchRoute runs the branch route; true if it dropped the branch.
func (s *state) branchRoute(c *module.Ctx, h held, route uint16) bool {
	ref := c.Tx
	c.Tx.Branch, c.Tx.Held = int8(h.N), true
	c.Tx.Off, c.Tx.Label = h.off, h.Label
	_, dropped := c.Runner.Run(c, int(route)-1)
	ref.OnReply, ref.OnBranchFailure = c.Tx.OnReply, c.Tx.OnBranchFailure
	c.Tx = ref
	s.saveAVPs(c, h)
	h.MsgFlags = c.Flags
	return dropped
}

// relayAck absorbs the ACK to a negative reply and sends that to a 2xx on
// statelessly: end to end it is no part of the transaction (RFC 3261 §17).
func (s *state) relayAck(c *module.Ctx, to module.Target) int {
	if s.absorbAck(c) {
		return 1
	}
	if err := s.env.Forward(c, to); err != nil {
		return fail(c, err)
	}
	return 1
}

// absorbAck ends the retransmission of a negative reply (RFC 3261 §17.2.1).
func (s *state) absorbAck(c *module.Ctx) bool {
	hash, _ := s.keyOf(c, sip.MethodInvite, "INVITE")
	h, ok := s.takeBy(c, hash)
	if !ok {
		return false
	}
	to, do := h.server().On(h.State, fsm.RecvAck)
	mine := h.State == fsm.Completed || h.State == fsm.Confirmed || h.State == fsm.Terminated && h.Status >= 300
	if mine {
		h.State = to
		if do.Has(fsm.StopRetransmit) {
			h.RetrAt, h.TimeoutAt = 0, 0
		}
		s.showAck(c, h)
		s.count(&counters.acks)
		s.settle(h)
	}
	s.release(h)
	return mine
}
