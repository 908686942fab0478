package tm

import (
	"errors"

	"goser/cfg/check"
	"goser/shm/kill"
	"goser/sip"
	"goser/worker/module"
)

const (
	inRequest = check.OnRequest | check.OnEvent
	inRelay   = inRequest | check.OnFailure | check.OnBranchFailure
	inTx      = inRelay | check.OnBranch | check.OnReply | check.OnError
)

func arg(kinds ...check.ArgKind) (specs []check.ArgSpec) {
	for _, k := range kinds {
		specs = append(specs, check.ArgSpec{Kind: k})
	}
	return specs
}

// do wraps a function that wants the process's state.
func do(f func(s *state, c *module.Ctx, a *module.Args) int) func(*module.Ctx, *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int { return f(of(c.Env), c, a) }
}

// inside wraps a function that wants the transaction of the message: without
// one the script gets -1.
func inside(f func(s *state, c *module.Ctx, h held, a *module.Args) int) func(*module.Ctx, *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		s := of(c.Env)
		h, ok := s.enter(c)
		if !ok {
			return -1
		}
		r := f(s, c, h, a)
		s.release(h)
		return r
	}
}

func functions() []module.Func {
	fs := []module.Func{
		{Name: "t_newtran", In: inRequest, Do: do(newtran), Help: "makes the transaction now; 0 for a retransmission, whose reply is repeated"},
		{Name: "t_reply", In: inTx | check.OnCoreReply, Args: arg(check.ArgIntVar, check.ArgFormat), MinArgs: 2, Do: do(treply), Help: "answers from the transaction"},
		{Name: "t_send_reply", In: inTx | check.OnCoreReply, Args: arg(check.ArgIntVar, check.ArgFormat), MinArgs: 2, Do: do(sendReply), Help: "the same; makes the transaction if there is none"},
		{Name: "t_retransmit_reply", In: inRequest, Do: do(retransmit), Help: "sends the last reply again"},
		{Name: "t_release", In: inRequest, Do: do(release), Help: "ends the transaction; one without a reply disappears"},
		{Name: "t_check_trans", In: inTx | check.OnCoreReply, Do: do(checkTrans), Help: "does this message belong to a transaction? A retransmission and the ACK to a negative reply end the script"},
		{Name: "t_lookup_request", In: inRequest, Do: do(lookupRequest), Help: "is there a transaction for this very request, or for the INVITE of this ACK?"},
		{Name: "t_lookup_cancel", In: inRequest, Args: arg(check.ArgIntVar), Do: do(lookupCancel), Help: "is there an INVITE for this CANCEL?"},
		{Name: "t_relay_cancel", In: inRequest, Waits: true, Do: do(relayCancel), Help: "deals with a CANCEL whose INVITE is known and ends the script"},
		{Name: "t_is_set", In: check.AnyRoute, Args: arg(check.ArgStr), MinArgs: 1, Fixup: isSetArg, Do: do(isSet), Help: "is a branch_route, failure_route or onreply_route armed?"},
		{Name: "t_check_status", In: inTx | check.OnCoreReply, Args: arg(check.ArgRegexFormat), MinArgs: 1, Do: do(checkStatus), Help: "does the status match the regular expression?"},
		{Name: "t_get_status_code", In: inTx | check.OnCoreReply, Do: do(statusCode), Help: "the status"},
		{Name: "t_grep_status", In: inTx, Args: arg(check.ArgIntVar), MinArgs: 1, Do: inside(grepStatus), Help: "has any branch ended with this status?"},
		{Name: "t_is_canceled", In: inTx, Do: flagged(flCanceled), Help: "has the request been cancelled?"},
		{Name: "t_is_expired", In: inTx, Do: flagged(flExpired), Help: "has the transaction reached the end of its life?"},
		{Name: "t_any_timeout", In: inTx, Do: flagged(flTimeout), Help: "has any branch ended by its timer?"},
		{Name: "t_any_replied", In: inTx, Do: flagged(flReplied), Help: "has any branch had a reply before the one at hand?"},
		{Name: "t_is_retr_async_reply", In: inTx, Do: flagged(flAsync), Help: "is the transaction suspended?"},
		{Name: "t_branch_timeout", In: inTx, Do: branchFlagged(brTimeout), Help: "did the branch that won end by its timer?"},
		{Name: "t_branch_replied", In: inTx, Do: branchFlagged(brProgress), Help: "did the branch that won have a reply before its final one?"},
		{Name: "t_cancel_branches", In: check.OnReply | check.OnFailure, Args: arg(check.ArgStr), MinArgs: 1, Do: do(cancelBranches), Help: "cancels branches: all, others, this"},
		{Name: "t_drop_replies", In: check.OnFailure | check.OnBranchFailure, Args: arg(check.ArgStr), Do: inside(dropReplies), Help: "replies of before do not count: a all, l those of the last leg, n none"},
		{Name: "t_save_lumps", In: inRequest, Do: inside(saveLumps), Help: "edits made since t_newtran go out, too"},
		{Name: "t_use_uac_headers", In: check.AnyRoute, Do: func(*module.Ctx, *module.Args) int { return 1 }, Help: "edits of a request of our own always apply"},
		{Name: "t_clean", In: check.AnyRoute, Do: func(*module.Ctx, *module.Args) int { return 1 }, Help: "nothing to do: no transaction outlives its timer"},
		{Name: "t_load_contacts", In: inRequest | check.OnFailure, Args: arg(check.ArgIntVar), Do: do(loadContacts), Help: "puts the destinations aside, by q, for t_next_contacts"},
		{Name: "t_next_contacts", In: inRequest | check.OnFailure, Do: do(nextContacts), Help: "takes those with the highest q left"},
		{Name: "t_next_contact_flow", In: inRequest | check.OnFailure, Do: func(*module.Ctx, *module.Args) int { return -1 }, Help: "the next flow of a contact: UDP has but one"},
	}
	fs = append(fs, armFuncs()...)
	fs = append(fs, timerFuncs()...)
	fs = append(fs, switchFuncs()...)
	fs = append(fs, ownFuncs()...)
	return append(fs, relayFuncs()...)
}

// newtran is t_newtran.
func newtran(s *state, c *module.Ctx, _ *module.Args) int {
	if c.SIP.Method == sip.MethodAck && c.Tx.Off == 0 {
		if s.absorbAck(c) {
			return 0
		}
		return 1
	}
	h, what := s.begin(c)
	switch what {
	case failed:
		return s.refuse(c)
	case attached, looked:
		s.release(h)
		return c.Fail(module.ErrScript, "t_newtran: the request has a transaction already")
	case again:
		s.repeat(c, h)
		s.release(h)
		return 0
	}
	kill.Point("tm.newtran")
	s.release(h)
	return 1
}

// code reads the arguments of a reply; 0: no status.
func code(c *module.Ctx, a *module.Args) (int, string) {
	n := a.Int(0, 0)
	if n == 0 {
		n = params.defaultCode
	}
	reason := params.defaultReason
	if v := a.Value(1); !v.IsUndef() {
		reason = c.Text(v)
	}
	return int(n), reason
}

func treply(s *state, c *module.Ctx, a *module.Args) int {
	if !mayReply(c) {
		return -1
	}
	n, reason := code(c, a)
	h, ok := s.enterReply(c)
	if !ok {
		return c.Fail(-1, "t_reply: there is no transaction")
	}
	r := s.replyFor(c, h, n, reason)
	s.release(h)
	return r
}

// mayReply: what a branch's failure comes to is decided when all branches are over.
func mayReply(c *module.Ctx) bool {
	if c.Tx.Held && c.Route == check.EventRoute {
		_ = c.Fail(-1, "the request of a branch that has failed is answered when all branches are over")
		return false
	}
	return true
}

func (s *state) replyFor(c *module.Ctx, h held, n int, reason string) int {
	if c.SIP.IsRequest {
		return s.replied(c, h, s.redirect(c, h, n, reason), n)
	}
	req := s.env.Borrow()
	r := -1
	if s.thaw(req, h) {
		r = s.replied(c, h, s.redirect(req, h, n, reason), n)
	}
	s.env.Return(req)
	return r
}

// redirect is reply with the Contact of a 3xx.
func (s *state) redirect(c *module.Ctx, h held, code int, reason string) error {
	n := len(c.ReplyHeaders)
	if code/100 == 3 {
		if contact := c.RedirectContact(params.richRedirect); contact != "" {
			c.ReplyHeaders = append(c.ReplyHeaders, contact)
		}
	}
	err := s.reply(c, h, code, reason)
	c.ReplyHeaders = c.ReplyHeaders[:n]
	return err
}

// replied is what the script gets; a final reply ends the branches that wait.
func (s *state) replied(c *module.Ctx, h held, err error, n int) int {
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	if n >= 200 {
		h.ErrCode, c.Tx.ErrCode = 0, 0
		s.cancelOthers(h, -1, reasonOf(s.text[:0], n))
		s.settle(h)
	}
	return 1
}

func sendReply(s *state, c *module.Ctx, a *module.Args) int {
	if c.SIP.Method == sip.MethodAck && c.SIP.IsRequest {
		return -1
	}
	if c.Tx.Flags&txSeen != 0 || !mayReply(c) {
		return -1
	}
	if !c.SIP.IsRequest {
		if c.Tx.Off == 0 {
			return -1 // the core's reply_route
		}
		return treply(s, c, a)
	}
	n, reason := code(c, a)
	h, what := s.begin(c)
	r := -1
	switch what {
	case failed:
		return s.refuse(c)
	case again:
		s.repeat(c, h)
		c.Tx.Flags |= txSeen
	case resumed:
		if r = 1; !s.resendReply(h) {
			r = s.replyFor(c, h, n, reason)
		}
	default:
		r = s.replyFor(c, h, n, reason)
	}
	s.release(h)
	return r
}

// retransmit is t_retransmit_reply, for the transaction of the message or the
// one that it is a retransmission for.
func retransmit(s *state, c *module.Ctx, _ *module.Args) int {
	if c.SIP.Method == sip.MethodAck {
		return -1
	}
	h, ok := s.enter(c)
	if !ok {
		hash, _ := s.keyOf(c, c.SIP.Method, c.SIP.MethodName)
		if h, ok = s.takeBy(c, hash); !ok {
			return -1
		}
	}
	r := known(s.resendReply(h))
	s.release(h)
	return r
}

// release is t_release: nothing to end is no failure.
func release(s *state, c *module.Ctx, _ *module.Args) int {
	s.peek(c, func(h held) {
		if c.Tx.Made && !h.final() && h.N == 0 {
			s.endLater(h)
		}
	})
	return 1
}

// checkTrans is t_check_trans.
func checkTrans(s *state, c *module.Ctx, _ *module.Args) int {
	if !c.SIP.IsRequest {
		return known(c.Tx.Off != 0 || s.replyKnown(c))
	}
	if c.Tx.Held {
		return 1
	}
	switch c.SIP.Method {
	case sip.MethodAck:
		if s.absorbAck(c) {
			return 0
		}
		return -1
	case sip.MethodCancel:
		return known(s.inviteKnown(c))
	}
	return s.checkRequest(c)
}

func (s *state) checkRequest(c *module.Ctx) int {
	hash, _ := s.keyOf(c, c.SIP.Method, c.SIP.MethodName)
	off, label := s.lookup(hash)
	if off == 0 || c.Tx.Made && c.Tx.Off == off {
		return -1
	}
	h, ok := s.take(c, off, label)
	if !ok {
		return -1
	}
	r := -1
	if h.Maker == 0 || h.Maker != c.Recv.ID {
		s.repeat(c, h)
		r = 0
	}
	s.release(h)
	return r
}

func known(yes bool) int {
	if yes {
		return 1
	}
	return -1
}

func (s *state) replyKnown(c *module.Ctx) bool {
	h, ok := s.takeReply(c)
	if ok {
		s.release(h)
	}
	return ok
}

// takeReply takes the transaction that a reply belongs to.
func (s *state) takeReply(c *module.Ctx) (held, bool) {
	via, err := c.SIP.Via(0)
	if err != nil {
		return held{}, false
	}
	id, ok := s.parseBranchID(via.Branch)
	if !ok {
		return held{}, false
	}
	return s.take(c, id.off, id.label)
}

// enterReply is enter, and in the core's reply_route, which knows of no transaction yet, takeReply.
func (s *state) enterReply(c *module.Ctx) (held, bool) {
	if c.Tx.Off == 0 && !c.SIP.IsRequest {
		return s.takeReply(c)
	}
	return s.enter(c)
}

func (s *state) inviteKnown(c *module.Ctx) bool {
	off, _ := s.original(c)
	return off != 0
}

// lookupRequest is t_lookup_request: what it finds is the transaction of this
// message from now on, as far as it can be without having made it.
func lookupRequest(s *state, c *module.Ctx, _ *module.Args) int {
	if c.Tx.Off != 0 {
		return 1
	}
	hash, _ := s.keyOf(c, c.SIP.Method, c.SIP.MethodName)
	if c.SIP.Method == sip.MethodAck {
		hash, _ = s.keyOf(c, sip.MethodInvite, "INVITE")
	}
	h, ok := s.takeBy(c, hash)
	if !ok {
		return -1
	}
	off, label := h.off, h.Label
	ours := h.Maker != 0 && h.Maker == c.Recv.ID // our predecessor's, who died later in the script
	s.release(h)
	if ours {
		return -1
	}
	c.Tx.Off, c.Tx.Label = off, label
	return 1
}

func lookupCancel(s *state, c *module.Ctx, a *module.Args) int {
	if c.SIP.Method != sip.MethodCancel {
		return -1
	}
	off, label := s.original(c)
	if off == 0 {
		return -1
	}
	if a.Int(0, 0) == 1 {
		if h, ok := s.take(c, off, label); ok {
			c.Flags = h.MsgFlags
			s.release(h)
		}
	}
	return 1
}

func relayCancel(s *state, c *module.Ctx, _ *module.Args) int {
	if c.SIP.Method != sip.MethodCancel {
		return 1
	}
	if !s.inviteKnown(c) {
		return 1
	}
	if _, done := s.relayCancel(c, module.Target{}); done {
		return 0
	}
	return 1
}

func isSetArg(a []check.Arg) (any, error) {
	switch a[0].Str {
	case "branch_route", "failure_route", "onreply_route":
		return nil, nil
	}
	return nil, &module.ArgError{Arg: 0, Err: errors.New("expected branch_route, failure_route or onreply_route")}
}

func isSet(s *state, c *module.Ctx, a *module.Args) int {
	b, f, r := c.Tx.OnBranch, c.Tx.OnFailure, c.Tx.OnReply
	s.peek(c, func(h held) { b, f, r = b|h.OnBranch, f|h.OnFailure, r|h.OnReply })
	switch a.Str(c, 0) {
	case "branch_route":
		return known(b != 0)
	case "failure_route":
		return known(f != 0)
	}
	return known(r != 0)
}

func checkStatus(s *state, c *module.Ctx, a *module.Args) int {
	re := a.Regexp(0)
	if re == nil {
		var err error
		if re, err = s.patterns.Get(a.Str(c, 0)); err != nil {
			return c.Fail(-1, "t_check_status: the regular expression is bad")
		}
	}
	n := s.currentStatus(c)
	return known(n > 0 && re.MatchString(c.Itoa(int64(n))))
}

func statusCode(s *state, c *module.Ctx, _ *module.Args) int {
	if n := s.currentStatus(c); n > 0 {
		return n
	}
	return -1
}

// currentStatus is that of the reply at hand or of the transaction, 0 if there is neither.
func (s *state) currentStatus(c *module.Ctx) (n int) {
	if !c.SIP.IsRequest {
		return c.SIP.StatusCode
	}
	s.peek(c, func(h held) { n, _ = s.codeFor(c, h) })
	return n
}

func grepStatus(s *state, _ *module.Ctx, h held, a *module.Args) int {
	for i := range int(h.N) {
		if b := s.branch(h, i); b != nil && int32(b.Status) == a.Int(0, 0) {
			return 1
		}
	}
	return -1
}

func flagged(flag uint32) func(*module.Ctx, *module.Args) int {
	return inside(func(_ *state, _ *module.Ctx, h held, _ *module.Args) int { return known(h.has(flag)) })
}

func branchFlagged(flag uint8) func(*module.Ctx, *module.Args) int {
	return inside(func(s *state, c *module.Ctx, h held, _ *module.Args) int {
		i := int(c.Tx.Branch)
		if i < 0 {
			i = int(h.Winner)
		}
		b := s.branch(h, i)
		return known(b != nil && b.has(flag))
	})
}

func cancelBranches(_ *state, c *module.Ctx, a *module.Args) int {
	w := a.Str(c, 0)
	return known(w != "" && service{}.CancelBranches(c, w[0]))
}

func dropReplies(s *state, c *module.Ctx, h held, a *module.Args) int {
	c.Tx.Flags |= txDropped
	from := 0
	switch a.Value(0).Str {
	case "n":
		return 1
	case "l":
		from = int(h.Leg)
	}
	for i := from; i < int(h.N); i++ {
		if b := s.branch(h, i); b != nil {
			b.Flags |= brDropped
		}
	}
	return 1
}

func saveLumps(s *state, c *module.Ctx, h held, _ *module.Args) int {
	return known(c.Tx.Made && !c.Tx.Held && s.refreeze(c, h))
}
