// Package counters is the module with counters for scripts. See README.md for the
// operator's view.
package counters

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

// group is what counters without one belong to.
var group = "script"

var declared module.ScriptCounters

// self is this module, to which the script's counters are added.
var self = &module.Module{Name: "counters", Doc: readme}

func init() {
	text, number := check.ArgSpec{Kind: check.ArgFormat}, check.ArgSpec{Kind: check.ArgIntVar}
	fn := func(name, help string, do func(c *module.Ctx, id module.Counter, a *module.Args) int, args ...check.ArgSpec) module.Func {
		return module.Func{Name: name, Help: help, In: check.AnyRoute, Args: args, MinArgs: module.AllArgs, Fixup: fixCounter, Do: on(do)}
	}
	self.Params = []module.Param{
		{Name: "script_cnt_grp_name", Kind: check.ParamStr | check.ParamFunc, Set: setGroup, Help: "group of counters without one (script); before script_counter"},
		{Name: "script_counter", Kind: check.ParamStr | check.ParamFunc, Set: addCounter, Help: `"[group.]name[ description]", repeatable`},
	}
	self.Funcs = []module.Func{
		fn("cnt_inc", "adds one to a counter", func(c *module.Ctx, id module.Counter, _ *module.Args) int { c.Env.Count(id, 1); return 1 }, text),
		fn("cnt_add", "adds a number to a counter", func(c *module.Ctx, id module.Counter, a *module.Args) int {
			c.Env.Count(id, int64(a.Int(1, 0)))
			return 1
		}, text, number),
		fn("cnt_reset", "makes a counter 0", func(c *module.Ctx, id module.Counter, _ *module.Args) int { c.Env.ResetCounter(id); return 1 }, text),
	}
	module.Register(self)
}

func setGroup(v module.Value) error {
	if v.Str == "" || strings.ContainsAny(v.Str, ". \t") {
		return fmt.Errorf("%q is no name of a group", v.Str)
	}
	group = v.Str
	return nil
}

func addCounter(v module.Value) error {
	name, help, _ := strings.Cut(strings.TrimSpace(v.Str), " ")
	if help = strings.TrimSpace(help); help == "" {
		help = "a counter of the script"
	}
	return declared.Declare(self, fullName(name), help, false)
}

func fullName(name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return group + "." + name
}

// fixCounter wants a constant counter to be declared.
func fixCounter(a []check.Arg) (any, error) {
	if !a[0].Const {
		return nil, nil
	}
	if _, _, ok := declared.Find(fullName(a[0].Str)); !ok {
		return nil, &module.ArgError{Arg: 0, Err: errors.New(`there is no such counter: write modparam("counters", "script_counter", "` + a[0].Str + `")`)}
	}
	return nil, nil
}

func on(do func(c *module.Ctx, id module.Counter, a *module.Args) int) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		name := a.Str(c, 0)
		if strings.IndexByte(name, '.') < 0 {
			name = c.Concat(group, ".", name)
		}
		id, _, ok := declared.Find(name)
		if !ok {
			return c.Fail(-1, "there is no such counter")
		}
		return do(c, id, a)
	}
}
