// Package sl answers requests without keeping state (RFC 3261 §8.2.6, §16.11)
// and swallows the ACKs to such answers. See README.md for the operator's view.
package sl

import (
	_ "embed"
	"fmt"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

// Parameters.
var (
	defaultCode   = int32(500)
	defaultReason = "Internal Server Error"
	bindTM        = int32(1)
	richRedirect  = int32(0)
)

var (
	codeArg   = check.ArgSpec{Kind: check.ArgIntVar, Min: 100, Max: 699}
	reasonArg = check.ArgSpec{Kind: check.ArgFormat}
	modeArg   = check.ArgSpec{Kind: check.ArgIntVar}
)

// answerable are the routes that have a request in hand.
const answerable = check.OnRequest | check.OnFailure | check.OnBranch | check.OnEvent | check.OnError

// everywhere is where send_reply can be: in a reply route it answers the request of the transaction.
const everywhere = answerable | check.OnReply | check.OnCoreReply

func init() {
	module.Register(&module.Module{
		Name: "sl",
		Doc:  readme,
		Events: []module.Event{
			{Name: "sl:filtered-ack", Help: "an ACK to a reply of ours was absorbed"},
			{Name: "sl:local-response", Help: "a reply of ours is about to be sent"},
		},
		Params: []module.Param{
			{Name: "default_code", Kind: check.ParamInt, Set: setDefaultCode, Help: "status when the code given is no status (500)"},
			{Name: "default_reason", Kind: check.ParamStr, Str: &defaultReason, Help: "reason when the one given is undefined"},
			{Name: "rich_redirect", Kind: check.ParamInt, Int: &richRedirect, Help: "in the Contacts of a 3xx: 1 branch flags, 2 path, 3 both"},
			{Name: "bind_tm", Kind: check.ParamInt, Int: &bindTM, Help: "answer from the transaction if there is one"},
		},
		Funcs:     functions(),
		Vars:      []module.Var{localTag},
		Counters:  counters.declare(),
		OnRequest: absorbACK,
	})
}

func functions() []module.Func {
	two := []check.ArgSpec{codeArg, reasonArg}
	return []module.Func{
		{
			Name: "sl_send_reply", Aliases: []string{"sl_reply"}, In: answerable, Args: two,
			MinArgs: module.AllArgs, Do: sendReply, Help: "answers the request statelessly",
		},
		{
			Name: "send_reply", In: everywhere, Args: two,
			MinArgs: module.AllArgs, Do: sendReply, Help: "answers the request",
		},
		{
			Name: "send_reply_mode", In: everywhere, Args: append(two, modeArg),
			MinArgs: module.AllArgs, Do: sendReply, Help: "answers the request; the mode is for connections",
		},
		{
			Name: "sl_reply_error", Aliases: []string{"send_reply_error"}, In: answerable,
			Do: replyError, Help: "answers with the last error of the core",
		},
		{
			Name: "sl_forward_reply", In: check.OnReply | check.OnCoreReply, Args: two, MinArgs: 0, Waits: true,
			Do: forwardReply, Help: "sends the reply on at once, with another status of its class if one is given",
		},
	}
}

func setDefaultCode(v module.Value) error {
	n := v.AsInt()
	if !isStatus(n) {
		return fmt.Errorf("default_code is %d: expected 100 to 699", n)
	}
	defaultCode = n
	return nil
}

func isStatus(n int32) bool { return 100 <= n && n <= 699 }

// localTag is $ltt: the To tag of our stateless replies to this request.
var localTag = module.Var{
	Name: "ltt", Type: check.TypeStr, Inner: check.InnerText, Optional: true,
	Names: []string{"s", "t", "x"}, Help: "local To tag",
	Get: func(c *module.Ctx, _ *module.Ref) module.Value {
		if !c.SIP.IsRequest {
			return module.Undef
		}
		return module.StrValue(c.Env.LocalTag(c))
	},
}
