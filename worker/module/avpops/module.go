// Package avpops is the module that works on AVPs: copies, comparisons, arithmetic,
// substitutions. See README.md for the operator's view.
//
// Every argument is a text in a small language of its own, "source/flags" or
// "operation/value/flags"; it is taken apart once, at start.
package avpops

import (
	_ "embed"
	"errors"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

func init() {
	module.Register(&module.Module{Name: "avpops", Doc: readme, Funcs: functions(), Params: params()})
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
	for _, name := range []string{"avp_db_load", "avp_db_store", "avp_db_delete", "avp_db_query"} {
		fs = append(fs, module.Func{
			Name: name, In: in, Args: []check.ArgSpec{text, text}, MinArgs: 1,
			Missing: "databases are not there yet", Help: "not available yet",
		})
	}
	return fs
}

// params are the database's: names of columns say nothing without one.
func params() []module.Param {
	needsDB := func(module.Value) error { return errors.New("databases are not there yet") }
	ignored := func(module.Value) error { return nil }
	ps := []module.Param{
		{Name: "db_url", Kind: check.ParamStr, Set: needsDB, Help: "not available yet: databases are missing"},
		{Name: "avp_table", Kind: check.ParamStr, Set: needsDB, Help: "not available yet: databases are missing"},
		{Name: "db_scheme", Kind: check.ParamStr, Set: needsDB, Help: "not available yet: databases are missing"},
		{Name: "use_domain", Kind: check.ParamInt, Set: ignored, Help: "accepted; acts with a database only"},
	}
	for _, c := range []string{"uuid", "username", "domain", "attribute", "value", "type"} {
		ps = append(ps, module.Param{Name: c + "_column", Kind: check.ParamStr, Set: ignored, Help: "accepted; acts with a database only"})
	}
	return ps
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}
