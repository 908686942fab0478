package tm

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"sync/atomic"

	"goser/cfg/check"
	"goser/shm"
	"goser/shm/kill"
	"goser/sip"
	"goser/sip/fsm"
	"goser/worker/module"
	"goser/worker/module/api"
)

// A request of our own is a transaction without a client: one branch, nothing
// upstream, and in the place of the last reply the owner, who is told how it ends.

var (
	errFull     = errors.New("the memory is full")
	errDropped  = errors.New("dropped by event_route[tm:local-request]")
	errGivenVia = errors.New("there is a Via among the headers: Via is made here")
	errOwnVia   = errors.New("the top Via is not the one made here: event_route[tm:local-request] must leave it alone")
	errTooLarge = errors.New("the request is larger than a datagram: at most 65507 bytes")
)

const maxDatagram = 65507

// Send implements api.Transactions.
func (service) Send(c *module.Ctx, r *api.Request) error {
	if err := checkOwn(r); err != nil {
		return err
	}
	s := of(c.Env)
	c.Owns++
	return s.sendOwn(c, r, s.ownHash(c))
}

// sendOwn sends a request unless it is under way: hash is its key.
func (s *state) sendOwn(c *module.Ctx, r *api.Request, hash uint64) error {
	if off, _ := s.lookup(hash); off != 0 {
		s.count(&counters.resumed)
		return nil // whose worker died: it has sent this
	}
	m := s.env.Borrow()
	defer s.env.Return(m)
	to, err := s.prepareOwn(m, r)
	if err != nil {
		return err
	}
	m.Recv.ID, m.Recv.Time = c.Recv.ID, s.env.Now()
	if to, err = s.localRequest(m, to); err != nil {
		return err
	}
	return s.launchOwn(m, r, hash, to)
}

// ownHash is the key under which a request of our own is kept: the next one that
// the datagram of c sends, and any if there is none.
func (s *state) ownHash(c *module.Ctx) uint64 {
	id := c.Recv.ID
	if id == 0 {
		id = s.env.Random()
	}
	b := append(s.text[:0], "own request"...)
	b = binary.LittleEndian.AppendUint64(b, id)
	s.text = binary.LittleEndian.AppendUint32(b, c.Owns)
	return s.arena.Hash(s.text)
}

// target is the first address of where m goes.
func (s *state) target(m *module.Ctx) (netip.AddrPort, error) {
	addrs, port, err := s.env.Resolve(m, module.Target{})
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0], uint16(port)), nil
}

// prepareOwn makes the request in m, all but its Via, and finds where it goes.
func (s *state) prepareOwn(m *module.Ctx, r *api.Request) (to netip.AddrPort, err error) {
	m.Dest.URI, m.Dest.Next, m.Dest.Socket = r.RURI, r.NextHop, r.Socket
	if to, err = s.target(m); err != nil {
		return to, err
	}
	path, err := s.env.Path(m, to)
	if err != nil {
		return to, err
	}
	if err = m.SIP.Parse(string(s.appendOwn(nil, r, &path))); err != nil {
		return to, err
	}
	if err = s.checkGiven(&m.SIP, &path); err != nil {
		return to, err
	}
	m.Dest.URI, m.MaxForwardsDone = "", true
	src := path.Src
	if !src.IsValid() {
		src = path.From.Addr.Addr()
	}
	own := netip.AddrPortFrom(src, path.From.Addr.Port())
	m.Recv = module.Received{Src: own, Dst: own, SrcIP: src.String(), Socket: path.From, Proto: path.From.Proto}
	return to, nil
}

// checkGiven sees that what was given makes a request, before the script sees it.
func (s *state) checkGiven(m *sip.Msg, path *module.Path) error {
	if m.First(sip.HdrVia) != nil {
		return errGivenVia
	}
	f := sip.Forward{Via: sip.OwnVia{Transport: "UDP", SentBy: path.SentBy, Branch: cookie + "0"}}
	if err := s.hop.Parse(string(sip.AppendForward(nil, m, nil, &f))); err != nil {
		return err
	}
	if err := sip.Check(&s.hop); err != nil {
		return err
	}
	return nil
}

// localRequest runs event_route[tm:local-request], which may send it elsewhere.
func (s *state) localRequest(m *module.Ctx, to netip.AddrPort) (netip.AddrPort, error) {
	n := m.Runner.Find(check.EventRoute, "tm:local-request")
	if n < 0 {
		return to, nil
	}
	next := m.Dest.Next
	if _, dropped := m.Runner.Run(m, n); dropped {
		return to, errDropped
	}
	if m.Dest.URI == "" && m.Dest.Next == next {
		return to, nil
	}
	return s.target(m)
}

// launchOwn makes the transaction, whole before anybody can find it, and sends.
func (s *state) launchOwn(m *module.Ctx, r *api.Request, hash uint64, to netip.AddrPort) error {
	off, ok := s.proc.Alloc(kindTx, txSize)
	if !ok {
		s.full()
		return errFull
	}
	h := held{tx: viewTx(s.arena, off), off: off, note: -1, mine: true}
	path, data, err := s.fillOwn(m, h, r, to)
	if err == nil {
		if h.note = s.note(off); h.note < 0 {
			err = errFull
		}
	}
	if err != nil {
		_ = s.proc.FreeTree(off)
		return err
	}
	if !s.publish(h, hash) {
		return errFull
	}
	s.count(&counters.local)
	if s.env.SendOn(path, data) != nil {
		s.failBranch(h, 0) // the owner learns it by the timer, never from within Send
	}
	kill.Point("tm.own.sent")
	s.release(h)
	return nil
}

// fillOwn gives a transaction under construction its owner and its branch.
func (s *state) fillOwn(m *module.Ctx, h held, r *api.Request, to netip.AddrPort) (path module.Path, data []byte, err error) {
	s.fill(m, h.tx, false)
	h.Flags |= flLocal
	h.OnBranch, h.OnFailure, h.OnReply, h.OnBranchFailure = 0, 0, 0, 0
	h.BytesIn = 0
	h.CallHash = 0 // t_cancel_callid and t_reply_callid are for requests received
	m.Tx = module.TxRef{Branch: -1}
	path, data, code := s.build(m, h, to)
	switch {
	case code < 0:
		return path, nil, errors.New(m.Why())
	case len(data) > maxDatagram:
		return path, nil, errTooLarge
	}
	if err := s.checkBuilt(h, data); err != nil {
		return path, nil, err
	}
	if !s.setOwner(h, r.Done, r.Arg) || !s.addSent(m, h, &path, data) {
		return path, nil, errFull
	}
	return path, data, nil
}

// checkBuilt sees that what the script has made of the request is one still, and
// that its replies will find us.
func (s *state) checkBuilt(h held, data []byte) error {
	if err := s.hop.Parse(text(data)); err != nil {
		return err
	}
	if err := sip.Check(&s.hop); err != nil {
		return err
	}
	via, err := s.hop.Via(0)
	if err != nil {
		return err
	}
	if id, ok := s.parseBranchID(via.Branch); !ok || id.off != h.off || id.label != h.Label {
		return errOwnVia
	}
	q, err := s.hop.CSeq()
	if err == nil {
		h.CSeq = q.Number
	}
	return err
}

// setOwner notes who is to be told.
func (s *state) setOwner(h held, done api.Done, arg uint64) bool {
	off, ok := s.proc.Alloc(kindBlob, blobSize+ownerSize)
	if !ok {
		s.full()
		return false
	}
	b := shm.View[blob](s.arena, off)
	b.Len, b.Cap = ownerSize, ownerSize
	d := s.tail(off, blobSize, ownerSize)
	binary.LittleEndian.PutUint64(d, arg)
	binary.LittleEndian.PutUint16(d[8:], uint16(done))
	s.link(h.tx, slotOf(&h.Reply), off)
	return true
}

const ownerSize = 10

func (s *state) owner(h held) (done api.Done, arg uint64) {
	d := s.blob(h.Reply)
	if len(d) < ownerSize {
		return 0, 0
	}
	return api.Done(binary.LittleEndian.Uint16(d[8:])), binary.LittleEndian.Uint64(d)
}

// ownReply is the final reply to a request of our own. It is stored before the
// branch is over, so that whoever tells the owner has it.
func (s *state) ownReply(c *module.Ctx, h held, b *branch, i int) {
	if !b.over() {
		code := c.SIP.StatusCode
		s.store(h.tx, &b.Reply, []byte(c.SIP.Raw))
		kill.Point("tm.own.reply.1")
		b.Status = uint16(code)
		b.Flags = b.Flags&^(brLocal|brTimeout) | brReplied
		kill.Point("tm.own.reply.2")
		b.State, _ = h.client().On(b.State, fsm.ReplyEvent(code, false))
		b.RetrAt, b.TimeoutAt, b.CancelAt = 0, 0, 0
		kill.Point("tm.own.reply.3")
	}
	s.decide(h, c, i)
}

// ownEnd tells the owner of the branch's end: c is the reply if it is that of
// branch i.
func (s *state) ownEnd(h held, c *module.Ctx, i, w int) {
	b := s.branch(h, w)
	o := api.Outcome{Code: int(b.Status), Local: b.has(brLocal)}
	if o.Local {
		o.Reason = localReason(o.Code)
		s.tell(h, nil, &o)
		return
	}
	if c != nil && i == w {
		o.Reply, o.Reason = &c.SIP, c.SIP.Reason
		s.tell(h, c, &o)
		return
	}
	m := s.env.Borrow()
	if data := s.blob(b.Reply); len(data) > 0 && m.SIP.Parse(text(data)) == nil {
		o.Reply, o.Reason = &m.SIP, m.SIP.Reason
	}
	s.tell(h, m, &o)
	s.env.Return(m)
}

// tell ends the transaction of a request of our own and calls who wants to know.
// flDeciding stands while that runs: a process that dies in there has it run again,
// as if it were a route (see rewind).
func (s *state) tell(h held, c *module.Ctx, o *api.Outcome) {
	done, arg := s.owner(h)
	o.Arg = arg
	if c == nil {
		c = s.env.Borrow()
		defer s.env.Return(c)
	}
	if h.Deaths >= maxDeaths {
		s.count(&counters.poison)
		done = 0
	}
	h.Run = runTell
	atomic.StoreUint32(&h.Flags, h.Flags|flDeciding)
	kill.Point("tm.tell.1")
	done.Run(c, o)
	kill.Point("tm.tell.2")
	h.Status = uint16(o.Code)
	s.serverStep(h, fsm.ReplyEvent(o.Code, true))
	kill.Point("tm.tell.3")
	h.Flags &^= flDeciding | flRedo
	s.tally(o.Code)
}
