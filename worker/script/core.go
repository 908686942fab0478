package script

import (
	_ "embed"

	"goser/cfg/check"
	"goser/worker/module"
)

const coreName = module.Core

//go:embed README.md
var readme string

const (
	inRequest = check.OnRequest | check.OnFailure | check.OnBranch | check.OnEvent | check.OnBranchFailure | check.OnError
	anywhere  = check.AnyRoute
	notOnSend = check.AnyRoute &^ check.OnSend
)

// args is a list of arguments without further bounds.
func args(kinds ...check.ArgKind) []check.ArgSpec {
	specs := make([]check.ArgSpec, len(kinds))
	for i, k := range kinds {
		specs[i].Kind = k
	}
	return specs
}

func init() {
	module.Register(&module.Module{Name: coreName, Doc: readme, Vars: coreVars, Selects: coreSelects, Funcs: coreFuncs(), Events: coreEvents})
}

// coreEvents are raised by the worker.
var coreEvents = []module.Event{
	{Name: "core:msg-received", Help: "with received_route_mode: a datagram, before it is parsed"},
	{Name: "core:pre-routing", Help: "a message, before its route"},
	{Name: "core:receive-parse-error", Help: "a datagram that is no message"},
	{Name: "core:worker-one-init", Help: "once, when the first worker starts"},
}

var coreVars = []module.Var{{
	Name: "rc", Aliases: []string{"retcode", "?"}, Type: check.TypeInt,
	Get:  func(c *module.Ctx, _ *module.Ref) module.Value { return module.IntValue(c.RC) },
	Help: "code of the last route() or module function; the core's functions do not touch it",
}}

func coreFuncs() []module.Func {
	var all []module.Func
	for _, list := range [][]module.Func{sendFuncs, branchFuncs, flagFuncs, uriFuncs, messageFuncs, confFuncs, missingFuncs} {
		all = append(all, list...)
	}
	return all
}

// missingFuncs are core functions that wait for what they need.
var missingFuncs = []module.Func{
	missing("send_tcp", "not available yet: needs TCP"),
	missing("forward_tcp", "not available yet: needs TCP"),
	missing("forward_tls", "not available yet: needs TLS"),
	missing("forward_sctp", "not available yet: needs SCTP"),
}

func missing(name, why string) module.Func {
	return module.Func{
		Name: name, In: anywhere, Args: args(check.ArgExpr, check.ArgExpr), Missing: why,
		Do: func(*module.Ctx, *module.Args) int { return -1 }, Help: why,
	}
}
