// Package pv is the module with the pseudo-variables of the core and the
// transformations. See README.md for all of them.
//
// A variable reads the message as it was received; assignments to parts of
// headers are edits, seen only when the message leaves. R-URI, next hop,
// socket, branches and flags change at once. Nothing here allocates on the
// way of a message.
package pv

import (
	_ "embed"
	"slices"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

func init() {
	module.Register(&module.Module{
		Name: "pv",
		Doc:  readme,
		Params: []module.Param{
			{Name: "varset", Kind: check.ParamStr | check.ParamFunc, Set: setVar, Help: `start value of a $var: "name=i:5" or "name=s:text"`},
			{Name: "shvset", Kind: check.ParamStr | check.ParamFunc, Set: setShvStart, Help: `start value of a $shv: "name=i:5" or "name=s:text"`},
			{Name: "avp_aliases", Kind: check.ParamStr | check.ParamFunc, Set: setAliases, Help: `further names of AVPs: "name=i:5;other=s:text"`},
		},
		Start: openShv,
		Funcs: slices.Concat(functions, stagedFuncs, xavpFunctions()),
		Vars: slices.Concat(uriVars(), destVars, addressVars(), messageVars, headerVars, identityVars, authVars,
			netVars(), flagVars(), branchVars, timeVars, storeVars, xavpVars(), viaVars(), miscVars(), lateVars),
		Trans: slices.Concat(stringTrans(), codeTrans, moreTrans, uriTrans(), paramTrans(), addressTrans(), lineTrans()),
	})
}

func text(name, help string, get func(c *module.Ctx) module.Value, aliases ...string) module.Var {
	return module.Var{
		Name: name, Aliases: aliases, Type: check.TypeStr, Help: help,
		Get: func(c *module.Ctx, _ *module.Ref) module.Value { return get(c) },
	}
}

func number(name, help string, get func(c *module.Ctx) module.Value, aliases ...string) module.Var {
	v := text(name, help, get, aliases...)
	v.Type = check.TypeInt
	return v
}

func numberOrUndef(name, help string, get func(c *module.Ctx) module.Value) module.Var {
	v := text(name, help, get)
	v.Type = check.TypeAny
	return v
}

// nonEmpty is undef for "".
func nonEmpty(s string) module.Value { return module.OptStr(s, s != "") }

func intValue[N ~int | ~int64 | ~uint16 | ~uint32 | ~uint64](n N) module.Value {
	return module.IntValue(int32(n))
}
