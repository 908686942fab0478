// Package tmx shows scripts what module tm knows of a transaction, and what
// they seldom do with one. README.md is the operator's view.
package tmx

import (
	_ "embed"
	"strconv"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/api"
)

//go:embed README.md
var readme string

var precheck int32

func init() {
	module.Register(&module.Module{
		Name: "tmx", Doc: readme,
		Params: []module.Param{{Name: "precheck_trans", Kind: check.ParamInt, Int: &precheck, Help: "accepted: t_precheck_trans always works"}},
		Funcs:  functions(), Vars: variables(),
	})
}

func yes(ok bool) int {
	if ok {
		return 1
	}
	return -1
}

func functions() []module.Func {
	str, num := check.ArgSpec{Kind: check.ArgFormat}, check.ArgSpec{Kind: check.ArgIntVar}
	inTx := check.OnRequest | check.OnFailure | check.OnBranch | check.OnReply | check.OnEvent | check.OnBranchFailure
	kind := func(name string, want check.RouteKind) module.Func {
		return module.Func{
			Name: name, In: check.AnyRoute, Help: "is the outermost route a " + want.String() + "?",
			Do: func(c *module.Ctx, _ *module.Args) int { return yes(c.Route == want) },
		}
	}
	return []module.Func{
		{Name: "t_precheck_trans", In: check.OnRequest, Do: precheckTrans, Help: "is there a transaction for this very request? Never for ACK and CANCEL"},
		{Name: "t_cancel_branches", In: check.OnReply | check.OnFailure, Args: []check.ArgSpec{{Kind: check.ArgStr}}, MinArgs: 1, Do: cancelBranches, Help: "cancels branches: all, others, this"},
		{Name: "t_flush_flags", In: inTx | check.OnCoreReply, Do: loaded(func(c *module.Ctx, _ *module.Args) int { return yes(api.TM.FlushFlags(c)) }), Help: "the message flags become those of the transaction"},
		{Name: "t_flush_xflags", In: inTx | check.OnCoreReply, Do: loaded(func(c *module.Ctx, _ *module.Args) int { return yes(api.TM.FlushFlags(c)) }), Help: "the same"},
		{Name: "t_suspend", In: check.OnRequest | check.OnFailure | check.OnEvent, Do: loaded(suspend), Help: "keeps the request for t_continue, or until fr_timer"},
		{Name: "t_continue", In: check.AnyRoute, Args: []check.ArgSpec{str, str, {Kind: check.ArgRoute}}, MinArgs: 3, Do: loaded(resume), Help: "goes on with a suspended request in a route"},
		{Name: "t_cancel_callid", In: check.AnyRoute, Args: []check.ArgSpec{str, str, num, num}, MinArgs: 3, Do: loaded(cancelCall), Help: "cancels the INVITE with this Call-ID and CSeq"},
		{Name: "t_reply_callid", In: check.AnyRoute, Args: []check.ArgSpec{str, str, num, str}, MinArgs: 4, Do: loaded(replyCall), Help: "answers the request with this Call-ID and CSeq"},
		{Name: "t_reuse_branch", In: check.OnBranchFailure | check.OnRequest, Do: loaded(func(c *module.Ctx, _ *module.Args) int { return yes(api.TM.ReuseBranch(c)) }), Help: "makes the branch that failed the destination again"},
		{Name: "t_drop", In: inTx | check.OnCoreReply, Args: []check.ArgSpec{num}, Do: loaded(drop), Help: "ends the transaction without a reply, and the script"},
		kind("t_is_failure_route", check.FailureRoute), kind("t_is_branch_route", check.BranchRoute),
		kind("t_is_reply_route", check.ReplyRoute), kind("t_is_request_route", check.RequestRoute),
	}
}

// loaded wraps what needs module tm.
func loaded(f func(*module.Ctx, *module.Args) int) func(*module.Ctx, *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		if api.TM == nil {
			return c.Fail(module.ErrConfig, "module tm is not loaded")
		}
		return f(c, a)
	}
}

func precheckTrans(c *module.Ctx, _ *module.Args) int {
	if api.TM == nil || c.SIP.Method == sip.MethodAck || c.SIP.Method == sip.MethodCancel {
		return -1
	}
	return yes(api.TM.Exists(c))
}

func cancelBranches(c *module.Ctx, a *module.Args) int {
	which := a.Str(c, 0)
	if api.TM == nil || which == "" {
		return -1
	}
	return yes(api.TM.CancelBranches(c, which[0]))
}

func drop(c *module.Ctx, a *module.Args) int {
	if api.TM.Drop(c, int(a.Int(0, 500))) {
		return 0
	}
	return -1
}

func cancelCall(c *module.Ctx, a *module.Args) int {
	return yes(api.TM.CancelCall(c, a.Str(c, 0), a.Str(c, 1), int(a.Int(2, 0)), int(a.Int(3, 0))))
}

func replyCall(c *module.Ctx, a *module.Args) int {
	return yes(api.TM.ReplyCall(c, a.Str(c, 0), a.Str(c, 1), int(a.Int(2, 0)), a.Str(c, 3)))
}

func suspend(c *module.Ctx, _ *module.Args) int {
	_, _, ok := api.TM.Suspend(c)
	return yes(ok)
}

func resume(c *module.Ctx, a *module.Args) int {
	index, err1 := strconv.ParseUint(a.Str(c, 0), 10, 32)
	label, err2 := strconv.ParseUint(a.Str(c, 1), 10, 32)
	if err1 != nil || err2 != nil {
		return c.Fail(-1, "t_continue: index and label are numbers: those of $T(id_index) and $T(id_label)")
	}
	return yes(api.TM.Continue(c, uint32(index), uint32(label), a.Str(c, 2)))
}
