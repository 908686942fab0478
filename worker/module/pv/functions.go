package pv

import (
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

var varArg = []check.ArgSpec{{Kind: check.ArgVar}}

// functions ask about a variable.
var functions = []module.Func{
	{
		Name: "pv_isset", In: check.AnyRoute, Args: varArg, MinArgs: module.AllArgs, Help: "has the variable a value",
		Do: test(func(_ *module.Ctx, v module.Value) bool { return !v.IsUndef() }),
	},
	{
		Name: "is_int", In: check.AnyRoute, Args: varArg, MinArgs: module.AllArgs, Help: "is the value a number",
		Do: test(func(_ *module.Ctx, v module.Value) bool { return v.Kind == module.KindInt }),
	},
	{
		Name: "not_empty", In: check.AnyRoute, Args: varArg, MinArgs: module.AllArgs, Help: "is the value a text that is not empty",
		Do: test(func(_ *module.Ctx, v module.Value) bool { return v.Kind == module.KindStr && v.Str != "" }),
	},
	{Name: "pv_unset", In: check.AnyRoute, Args: varArg, MinArgs: module.AllArgs, Help: "assigns $null", Do: unset},
	{
		Name: "typeof", In: check.AnyRoute, MinArgs: module.AllArgs, Help: "is the value of type int, str, null or xavp",
		Args:  []check.ArgSpec{{Kind: check.ArgVar}, {Kind: check.ArgStr, Check: checkType}},
		Fixup: func(a []check.Arg) (any, error) { return typeNames[strings.ToLower(a[1].Str)], checkType(a[1].Str) },
		Do: func(c *module.Ctx, a *module.Args) int {
			v := a.Var(0).Get(c)
			if a.Fixed == kindList {
				return truth(v.Kind == module.KindStr && strings.HasPrefix(v.Str, listText))
			}
			return truth(v.Kind == a.Fixed.(module.Kind))
		},
	},
}

var typeNames = map[string]module.Kind{"int": module.KindInt, "str": module.KindStr, "null": module.KindUndef, "xavp": kindList}

// kindList is the type of an $xavp that holds others.
const kindList module.Kind = 255

func checkType(name string) error {
	if _, ok := typeNames[strings.ToLower(name)]; !ok {
		return fmt.Errorf("unknown type %q: expected int, str, null or xavp", name)
	}
	return nil
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}

func test(is func(c *module.Ctx, v module.Value) bool) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int { return truth(is(c, a.Var(0).Get(c))) }
}

func unset(c *module.Ctx, a *module.Args) int {
	return truth(a.Var(0).Set(c, module.Undef) == nil)
}
