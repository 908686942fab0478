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
		Name: "pv_evalx", In: check.AnyRoute, MinArgs: module.AllArgs, Do: evalTwice,
		Args: []check.ArgSpec{{Kind: check.ArgWritable}, {Kind: check.ArgFormat}},
		Help: "writes a text into a variable, after variables in what its variables hold are expanded, too",
	},
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

// unset leaves what cannot be assigned as it is, and succeeds.
func unset(c *module.Ctx, a *module.Args) int {
	if !a.Var(0).Writable() {
		return 1
	}
	return truth(a.Var(0).Set(c, module.Undef) == nil)
}

// evalTwice leaves the variable as it is when the text, once expanded, is none with
// variables.
func evalTwice(c *module.Ctx, a *module.Args) int {
	s, err := c.EvalText(a.Printed(c, 1))
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	if err = a.Var(0).Set(c, module.StrValue(s)); err != nil {
		return c.Fail(-1, err.Error())
	}
	return 1
}
