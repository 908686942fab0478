// Package avpops is the module that works on AVPs: copies, comparisons, arithmetic,
// substitutions, and what of them is in a database. See README.md for the operator's view.
//
// Every argument is a text in a small language of its own, "source/flags" or
// "operation/value/flags"; it is taken apart once, at start.
package avpops

import (
	_ "embed"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

func init() {
	module.Register(&module.Module{Name: "avpops", Doc: readme, Funcs: functions(), Params: params(), Start: start})
}

func functions() []module.Func {
	const in = check.OnRequest | check.OnFailure | check.OnBranch | check.OnReply | check.OnCoreReply | check.OnEvent
	fixed, text := check.ArgSpec{Kind: check.ArgStr}, check.ArgSpec{Kind: check.ArgFormat}
	fn := func(name, help string, fix func(a []check.Arg) (any, error), do func(c *module.Ctx, a *module.Args) int, n int) module.Func {
		args := []check.ArgSpec{fixed, fixed}[:n]
		return module.Func{Name: name, Help: help, In: in, Args: args, MinArgs: n, Fixup: fix, Do: do}
	}
	fs := []module.Func{
		fn("is_avp_set", "is there such an AVP", fixSource, isSet, 1),
		fn("avp_copy", "copies AVPs to another name", fixCopy, copyTo, 2),
		fn("avp_delete", "deletes AVPs", fixDelete, remove, 1),
		fn("avp_pushto", "makes the R-URI, the next hop or branches of AVPs", fixPush, push, 2),
		fn("avp_check", "compares AVPs with a value", fixCheck, checkValue, 2),
		fn("avp_op", "does arithmetic with AVPs", fixOp, compute, 2),
		fn("avp_subst", "substitutes in AVPs", fixSubst, substitute, 2),
		fn("avp_subst_pv", "the same; the substitution may hold variables", fixSubstPV, substitutePV, 2),
		fn("avp_print", "writes all AVPs to the log", nil, printAll, 0),
	}
	stored := func(name, help string, schemes bool, do func(c *module.Ctx, a *module.Args) int) module.Func {
		f := fn(name, help, fixStoring(schemes), do, 2)
		f.Waits = true
		return f
	}
	return append(fs,
		stored("avp_db_load", "loads AVPs from the database", true, load),
		stored("avp_db_store", "stores AVPs in the database", false, store),
		stored("avp_db_delete", "deletes AVPs from the database", false, discard),
		module.Func{
			Name: "avp_db_query", Help: "runs a statement of the database's language; a result becomes AVPs", Waits: true,
			In: in, Args: []check.ArgSpec{text, fixed}, MinArgs: 1, Fixup: fixQuery, Do: query,
		})
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}
