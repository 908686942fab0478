package tm

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/cfg/ere"
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
		{Name: "t_reply", In: inTx, Args: arg(check.ArgIntVar, check.ArgFormat), MinArgs: 2, Do: do(treply), Help: "answers from the transaction"},
		{Name: "t_send_reply", In: inTx, Args: arg(check.ArgIntVar, check.ArgFormat), MinArgs: 2, Do: do(sendReply), Help: "the same; makes the transaction if there is none"},
		{Name: "t_retransmit_reply", In: inRequest, Do: inside(retransmit), Help: "sends the last reply again"},
		{Name: "t_release", In: inRequest, Do: inside(release), Help: "ends the transaction; one without a reply disappears"},
		{Name: "t_check_trans", In: inTx | check.OnCoreReply, Do: do(checkTrans), Help: "does this message belong to a transaction? A retransmission and the ACK to a negative reply end the script"},
		{Name: "t_lookup_request", In: inRequest, Do: do(lookupRequest), Help: "is there a transaction for this very request, or for the INVITE of this ACK?"},
		{Name: "t_lookup_cancel", In: inRequest, Args: arg(check.ArgIntVar), Do: do(lookupCancel), Help: "is there an INVITE for this CANCEL?"},
		{Name: "t_relay_cancel", In: inRequest, Waits: true, Do: do(relayCancel), Help: "deals with a CANCEL whose INVITE is known and ends the script"},
		{Name: "t_is_set", In: check.AnyRoute, Args: arg(check.ArgStr), MinArgs: 1, Fixup: isSetArg, Do: do(isSet), Help: "is a branch_route, failure_route or onreply_route armed?"},
		{Name: "t_check_status", In: inTx, Args: arg(check.ArgRegexFormat), MinArgs: 1, Do: do(checkStatus), Help: "does the status match the regular expression?"},
		{Name: "t_get_status_code", In: inTx, Do: inside(statusCode), Help: "the status"},
		{Name: "t_grep_status", In: inTx, Args: arg(check.ArgIntVar), MinArgs: 1, Do: inside(grepStatus), Help: "has any branch ended with this status?"},
		{Name: "t_is_canceled", In: inTx, Do: flagged(flCanceled), Help: "has the request been cancelled?"},
		{Name: "t_is_expired", In: inTx, Do: flagged(flExpired), Help: "has the transaction reached the end of its life?"},
		{Name: "t_any_timeout", In: inTx, Do: flagged(flTimeout), Help: "has any branch ended by its timer?"},
		{Name: "t_any_replied", In: inTx, Do: flagged(flReplied), Help: "has any branch had a reply?"},
		{Name: "t_is_retr_async_reply", In: inTx, Do: flagged(flAsync), Help: "is the transaction suspended?"},
		{Name: "t_branch_timeout", In: inTx, Do: branchFlagged(brTimeout), Help: "did the branch that won end by its timer?"},
		{Name: "t_branch_replied", In: inTx, Do: branchFlagged(brReplied), Help: "did the branch that won have any reply?"},
		{Name: "t_cancel_branches", In: check.OnReply | check.OnFailure, Args: arg(check.ArgStr), MinArgs: 1, Do: do(cancelBranches), Help: "cancels branches: all, others, this"},
		{Name: "t_drop_replies", In: check.OnFailure | check.OnBranchFailure, Args: arg(check.ArgStr), Do: inside(dropReplies), Help: "replies of before do not count: a all, l those of the last leg, n none"},
		{Name: "t_save_lumps", In: inRequest, Do: inside(saveLumps), Help: "edits made since t_newtran go out, too"},
		{Name: "t_use_uac_headers", In: check.AnyRoute, Do: func(*module.Ctx, *module.Args) int { return 1 }, Help: "edits of a request of our own always apply"},
		{Name: "t_clean", In: check.AnyRoute, Do: func(*module.Ctx, *module.Args) int { return 1 }, Help: "nothing to do: no transaction outlives its timer"},
		{Name: "t_load_contacts", In: inRequest | check.OnFailure, Args: arg(check.ArgIntVar), Do: do(loadContacts), Help: "puts the destinations aside, by q, for t_next_contacts"},
		{Name: "t_next_contacts", In: inRequest | check.OnFailure, Do: do(nextContacts), Help: "takes those with the highest q left"},
		{Name: "t_next_contact_flow", In: inRequest | check.OnFailure, Do: func(*module.Ctx, *module.Args) int { return -2 }, Help: "the next flow of a contact: UDP has but one"},
	}
	fs = append(fs, armFuncs()...)
	fs = append(fs, timerFuncs()...)
	fs = append(fs, switchFuncs()...)
	return append(fs, relayFuncs()...)
}

// newtran is t_newtran.
func newtran(s *state, c *module.Ctx, _ *module.Args) int {
	if c.SIP.Method == sip.MethodAck {
		if s.absorbAck(c) {
			return 0
		}
		return -1
	}
	h, what := s.begin(c)
	switch what {
	case failed:
		return s.refuse(c)
	case attached:
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
	n, reason := code(c, a)
	h, ok := s.enter(c)
	if !ok {
		return c.Fail(-1, "t_reply: there is no transaction")
	}
	r := s.replyFor(c, h, n, reason)
	s.release(h)
	return r
}

func (s *state) replyFor(c *module.Ctx, h held, n int, reason string) int {
	if c.SIP.IsRequest {
		return s.replied(c, h, s.reply(c, h, n, reason), n)
	}
	req := s.env.Borrow()
	r := -1
	if s.thaw(req, h) {
		r = s.replied(c, h, s.reply(req, h, n, reason), n)
	}
	s.env.Return(req)
	return r
}

// replied is what the script gets; a final reply ends the branches that wait.
func (s *state) replied(c *module.Ctx, h held, err error, n int) int {
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	if n >= 200 {
		h.ErrCode, c.Tx.ErrCode = 0, 0
		s.cancelOthers(h, -1, reasonNone)
		s.settle(h)
	}
	return 1
}

func sendReply(s *state, c *module.Ctx, a *module.Args) int {
	if c.SIP.Method == sip.MethodAck && c.SIP.IsRequest {
		return -1
	}
	n, reason := code(c, a)
	h, what := s.begin(c)
	r := -1
	switch what {
	case failed:
		return s.refuse(c)
	case again:
		s.repeat(c, h)
		r = 1
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

func retransmit(s *state, _ *module.Ctx, h held, _ *module.Args) int {
	if s.resendReply(h) {
		return 1
	}
	return -1
}

func release(s *state, _ *module.Ctx, h held, _ *module.Args) int {
	if !h.final() && h.N == 0 {
		s.endSilently(h)
	}
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
	off, label := s.lookup(c, hash)
	if off == 0 || c.Tx.Off == off {
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
	via, err := c.SIP.Via(0)
	if err != nil {
		return false
	}
	id, ok := s.parseBranchID(via.Branch)
	if !ok {
		return false
	}
	h, ok := s.take(c, id.off, id.label)
	if ok {
		s.release(h)
	}
	return ok
}

func (s *state) inviteKnown(c *module.Ctx) bool {
	hash, _ := s.keyOf(c, sip.MethodInvite, "INVITE")
	off, _ := s.lookup(c, hash)
	return off != 0
}

func lookupRequest(s *state, c *module.Ctx, _ *module.Args) int {
	if c.SIP.Method == sip.MethodAck {
		return known(s.inviteKnown(c))
	}
	hash, _ := s.keyOf(c, c.SIP.Method, c.SIP.MethodName)
	off, _ := s.lookup(c, hash)
	return known(off != 0)
}

func lookupCancel(s *state, c *module.Ctx, a *module.Args) int {
	if c.SIP.Method != sip.MethodCancel {
		return -1
	}
	hash, _ := s.keyOf(c, sip.MethodInvite, "INVITE")
	off, label := s.lookup(c, hash)
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
		if re, err = s.regexp(a.Str(c, 0)); err != nil {
			return c.Fail(-1, "t_check_status: the regular expression is bad")
		}
	}
	n := 0
	if !c.SIP.IsRequest {
		n = c.SIP.StatusCode
	} else if !s.peek(c, func(h held) { n, _ = s.codeFor(c, h) }) {
		return -1
	}
	return known(n > 0 && re.MatchString(c.Itoa(int64(n))))
}

// regexp compiles what a script has put together; the last one is kept.
func (s *state) regexp(text string) (*regexp.Regexp, error) {
	if s.re != nil && s.reText == text {
		return s.re, nil
	}
	re, err := ere.Compile(text, true)
	if err != nil {
		return nil, err
	}
	s.re, s.reText = re, strings.Clone(text)
	return re, nil
}

func statusCode(s *state, c *module.Ctx, h held, _ *module.Args) int {
	if n, _ := s.codeFor(c, h); n > 0 {
		return n
	}
	return -1
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

func dropReplies(s *state, _ *module.Ctx, h held, a *module.Args) int {
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

// armFuncs are t_on_branch and its kin.
func armFuncs() []module.Func {
	arm := func(name string, kind check.ArgKind, route check.RouteKind, set func(t *tx, c *module.Ctx, n uint16), in check.RouteMask) module.Func {
		return module.Func{Name: name, In: in, Args: arg(kind), MinArgs: 1,
			Do:   func(c *module.Ctx, a *module.Args) int { return armRoute(c, a, route, set) },
			Help: "the " + route.String() + " to run for this transaction; \"0\" or \"\" for none"}
	}
	pick := func(tx, ref *uint16, has bool, n uint16) {
		if has {
			*tx = n
		} else {
			*ref = n
		}
	}
	return []module.Func{
		arm("t_on_branch", check.ArgBranchRoute, check.BranchRoute, func(t *tx, c *module.Ctx, n uint16) {
			pick(&t.OnBranch, &c.Tx.OnBranch, t != &nobody, n)
		}, inRelay),
		arm("t_on_failure", check.ArgFailureRoute, check.FailureRoute, func(t *tx, c *module.Ctx, n uint16) {
			pick(&t.OnFailure, &c.Tx.OnFailure, t != &nobody, n)
		}, inTx),
		arm("t_on_reply", check.ArgReplyRoute, check.ReplyRoute, func(t *tx, c *module.Ctx, n uint16) {
			pick(&t.OnReply, &c.Tx.OnReply, t != &nobody && c.Route != check.BranchRoute, n)
		}, inTx),
		{Name: "t_on_branch_failure", In: inRelay | check.OnBranch, Args: arg(check.ArgStr), MinArgs: 1, Do: do(onBranchFailure),
			Help: "the event_route[tm:branch-failure:NAME] to run when a branch fails"},
	}
}

// nobody stands for a transaction that is not there yet.
var nobody tx

func armRoute(c *module.Ctx, a *module.Args, kind check.RouteKind, set func(*tx, *module.Ctx, uint16)) int {
	n := uint16(0)
	if r := a.Spec(0).Route; r != nil {
		n = uint16(r.Index + 1)
	} else if name := a.Str(c, 0); name != "" && name != "0" {
		i := c.Runner.Find(kind, name)
		if i < 0 {
			return c.Fail(-1, "there is no such route")
		}
		n = uint16(i + 1)
	}
	s := of(c.Env)
	if h, ok := s.enter(c); ok {
		set(h.tx, c, n)
		s.release(h)
	} else {
		set(&nobody, c, n)
	}
	return 1
}

func onBranchFailure(s *state, c *module.Ctx, a *module.Args) int {
	n := uint16(0)
	if name := a.Str(c, 0); name != "" && name != "0" {
		i := c.Runner.Find(check.EventRoute, c.Concat("tm:branch-failure:", name))
		if i < 0 {
			return c.Fail(-1, "there is no such event_route[tm:branch-failure:NAME]")
		}
		n = uint16(i + 1)
	}
	if h, ok := s.enter(c); ok && c.Route != check.BranchRoute {
		h.OnBranchFailure = n
		s.release(h)
		return 1
	} else if ok {
		s.release(h)
	}
	c.Tx.OnBranchFailure = n
	return 1
}

// timerFuncs set the times of one transaction.
func timerFuncs() []module.Func {
	two := arg(check.ArgIntVar, check.ArgIntVar)
	return []module.Func{
		{Name: "t_set_fr", In: inTx, Args: two, MinArgs: 1, Do: do(setFR), Help: "fr_inv_timer and fr_timer of this transaction, ms; 0 keeps"},
		{Name: "t_reset_fr", In: inTx, Do: do(func(s *state, c *module.Ctx, _ *module.Args) int {
			return s.setTimes(c, uint32(params.frInv), uint32(params.fr), true)
		}), Help: "those of the parameters again"},
		{Name: "t_set_retr", In: inTx, Args: two, MinArgs: 2, Do: do(func(s *state, c *module.Ctx, a *module.Args) int {
			return s.setRetr(c, positive(a, 0), positive(a, 1))
		}), Help: "retr_timer1 and retr_timer2 of this transaction, ms; 0 keeps"},
		{Name: "t_reset_retr", In: inTx, Do: do(func(s *state, c *module.Ctx, _ *module.Args) int {
			return s.setRetr(c, uint32(params.retr1), uint32(params.retr2))
		}), Help: "those of the parameters again"},
		{Name: "t_set_max_lifetime", In: inTx, Args: two, MinArgs: 2, Do: do(func(s *state, c *module.Ctx, a *module.Args) int {
			return s.setLife(c, positive(a, 0), positive(a, 1))
		}), Help: "max_inv_lifetime and max_noninv_lifetime of this transaction, ms; 0 keeps"},
		{Name: "t_reset_max_lifetime", In: inTx, Do: do(func(s *state, c *module.Ctx, _ *module.Args) int {
			return s.setLife(c, uint32(params.maxInv), uint32(params.maxOther))
		}), Help: "those of the parameters again"},
	}
}

func positive(a *module.Args, i int) uint32 { return uint32(max(0, a.Int(i, 0))) }

func setFR(s *state, c *module.Ctx, a *module.Args) int {
	return s.setTimes(c, positive(a, 0), positive(a, 1), false)
}

// setTimes sets the final-response timers, also those that run.
func (s *state) setTimes(c *module.Ctx, inv, fr uint32, _ bool) int {
	h, ok := s.enter(c)
	if !ok {
		c.Tx.FRInv, c.Tx.FR = orElse(inv, int32(c.Tx.FRInv)), orElse(fr, int32(c.Tx.FR))
		return 1
	}
	h.FRInv, h.FR = orElse(inv, int32(h.FRInv)), orElse(fr, int32(h.FR))
	now := s.env.Tick()
	for i := range int(h.N) {
		b := s.branch(h, i)
		if b == nil || b.over() || b.TimeoutAt == 0 {
			continue
		}
		if b.TimeoutAt = now + ticks(h.FR); h.invite() && b.has(brProgress) {
			b.TimeoutAt = now + ticks(h.FRInv)
		}
	}
	s.release(h)
	return 1
}

func (s *state) setRetr(c *module.Ctx, t1, t2 uint32) int {
	h, ok := s.enter(c)
	if !ok {
		c.Tx.Retr1, c.Tx.Retr2 = orElse(t1, int32(c.Tx.Retr1)), orElse(t2, int32(c.Tx.Retr2))
		return 1
	}
	h.T1, h.T2 = orElse(t1, int32(h.T1)), orElse(t2, int32(h.T2))
	s.release(h)
	return 1
}

func (s *state) setLife(c *module.Ctx, inv, other uint32) int {
	h, ok := s.enter(c)
	if !ok {
		c.Tx.MaxInv, c.Tx.MaxOther = orElse(inv, int32(c.Tx.MaxInv)), orElse(other, int32(c.Tx.MaxOther))
		return 1
	}
	ms := other
	if h.invite() {
		ms = inv
	}
	if ms != 0 {
		h.LifeAt = h.Born + ticks(ms)
	}
	s.release(h)
	return 1
}

// switchFuncs set flags of one transaction.
func switchFuncs() (fs []module.Func) {
	for _, f := range []struct {
		name, alias string
		flag        uint32
		off         bool // the flag means no
		help        string
	}{
		{"t_set_auto_inv_100", "", flNo100, true, "auto_inv_100 for this transaction"},
		{"t_set_disable_6xx", "", flNo6xx, false, "disable_6xx_block for this transaction"},
		{"t_set_disable_failover", "", flNoFailover, false, "no further address of a name"},
		{"t_set_no_e2e_cancel_reason", "t_disable_e2e_cancel_reason", flNoReason, false, "do not copy Reason from the CANCEL"},
		{"t_set_disable_internal_reply", "", flNoIntReply, false, "no reply of its own when t_relay fails"},
	} {
		fn := module.Func{Name: f.name, In: inTx, Args: arg(check.ArgIntVar), Help: f.help, Do: do(func(s *state, c *module.Ctx, a *module.Args) int {
			on := a.Int(0, 1) != 0
			return s.setFlag(c, f.flag, on != f.off)
		})}
		if f.alias != "" {
			fn.Aliases = []string{f.alias}
		}
		fs = append(fs, fn)
	}
	return fs
}

func (s *state) setFlag(c *module.Ctx, flag uint32, on bool) int {
	where := &c.Tx.Flags
	h, ok := s.enter(c)
	if ok {
		where = &h.Flags
	}
	*where &^= flag
	if on {
		*where |= flag
	}
	if ok {
		s.release(h)
	}
	return 1
}

// relayFuncs are t_relay and its kin.
func relayFuncs() []module.Func {
	hostPort := arg(check.ArgHost, check.ArgPort)
	fn := func(name string, in check.RouteMask, args []check.ArgSpec, least int, fix func([]check.Arg) (any, error), f func(s *state, c *module.Ctx, a *module.Args) int, help string) module.Func {
		return module.Func{Name: name, In: in, Args: args, MinArgs: least, Fixup: fix, Waits: true, Do: do(f), Help: help}
	}
	fs := []module.Func{
		fn("t_relay", inRelay, hostPort, 0, goalOf(check.ProtoAny), relayTo, "forwards the request within its transaction, which it makes if need be"),
		fn("t_relay_to", inRelay, arg(check.ArgStr, check.ArgStr), 0, proxyArg, relayProxy, "the same to proto:host:port and with flags: 1 no 100, 2 no reply on failure, 4 no failover"),
		fn("t_relay_to_avp", inRequest, arg(check.ArgFormat), 1, nil, relayURI, "the same to the URI given"),
		fn("t_forward_nonack", inRequest, hostPort, 2, goalOf(check.ProtoAny), forwardOnly, "forwards after t_newtran"),
		fn("t_forward_nonack_to", inRequest, arg(check.ArgStr), 1, proxyArg, forwardOnly, "the same to proto:host:port"),
		fn("t_forward_nonack_uri", inRequest, nil, 0, nil, forwardOnly, "the same to the R-URI"),
		fn("t_replicate", inRequest, arg(check.ArgFormat), 0, nil, replicate, "forwards a copy, to the URI given if any; its replies go nowhere"),
		fn("t_replicate_to", inRequest, arg(check.ArgStr, check.ArgStr), 1, proxyArg, replicateTo, "the same to proto:host:port"),
	}
	for _, p := range []struct {
		name  string
		proto check.Proto
	}{{"udp", check.ProtoUDP}, {"tcp", check.ProtoTCP}, {"tls", check.ProtoTLS}, {"sctp", check.ProtoSCTP}} {
		fs = append(fs,
			fn("t_relay_to_"+p.name, inRelay, hostPort, 0, goalOf(p.proto), relayTo, "t_relay by this transport"),
			fn("t_forward_nonack_"+p.name, inRequest, hostPort, 2, goalOf(p.proto), forwardOnly, "t_forward_nonack by this transport"),
			fn("t_replicate_"+p.name, inRequest, hostPort, 2, goalOf(p.proto), replicateTo, "t_replicate by this transport"))
	}
	return fs
}

// goal is where a relay function sends to, and its flags.
type goal struct {
	to    module.Target
	flags int32
}

func goalOf(proto check.Proto) func(a []check.Arg) (any, error) {
	return func(a []check.Arg) (any, error) {
		if proto != check.ProtoAny && proto != check.ProtoUDP {
			return nil, errors.New("only UDP is available yet")
		}
		g := &goal{to: module.Target{Proto: proto}}
		if len(a) > 0 {
			h := &a[0]
			g.to.FromURI, g.to.Host, g.to.IP, g.to.Port = h.FromURI, h.Addr.Host, h.Addr.IP, int(h.Addr.Port)
		}
		if len(a) > 1 {
			if a[1].FromURI {
				g.to.FromURI = true
			} else if g.to.Port = int(a[1].Int); g.to.Port < 1 || g.to.Port > 65535 {
				return nil, &module.ArgError{Arg: 1, Err: fmt.Errorf("%d is not a port: 1 to 65535", a[1].Int)}
			}
		}
		return g, nil
	}
}

// proxyArg reads "proto:host:port" and flags; one number alone is flags.
func proxyArg(a []check.Arg) (any, error) {
	g := &goal{}
	for i := range a {
		if n, err := strconv.ParseInt(a[i].Str, 0, 32); err == nil {
			if n < 0 || n > 7 {
				return nil, &module.ArgError{Arg: i, Err: fmt.Errorf("flags are %d: want a sum of 1, 2 and 4", n)}
			}
			g.flags = int32(n)
			continue
		}
		to, err := parseProxy(a[i].Str)
		if err != nil {
			return nil, &module.ArgError{Arg: i, Err: err}
		}
		g.to = to
	}
	return g, nil
}
