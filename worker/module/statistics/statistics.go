// Package statistics is the module with statistics for scripts. See README.md for
// the operator's view.
package statistics

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

const group = "script."

var declared module.ScriptCounters

// self is this module, to which the script's statistics are added.
var self = &module.Module{Name: "statistics", Doc: readme}

func init() {
	text := check.ArgSpec{Kind: check.ArgFormat}
	self.Params = []module.Param{{Name: "variable", Kind: check.ParamStr | check.ParamFunc, Set: addVariable, Help: "name, or name/no_reset; repeatable"}}
	self.Funcs = []module.Func{
		{Name: "update_stat", In: check.AnyRoute, Args: []check.ArgSpec{text, text}, MinArgs: module.AllArgs, Fixup: fixUpdate, Do: update, Help: "adds a number, or sets it to one"},
		{Name: "reset_stat", In: check.AnyRoute, Args: []check.ArgSpec{text}, MinArgs: module.AllArgs, Fixup: fixName, Do: reset, Help: "makes it 0"},
	}
	module.Register(self)
}

func addVariable(v module.Value) error {
	name, flag, has := strings.Cut(strings.TrimSpace(v.Str), "/")
	if has && flag != "no_reset" {
		return fmt.Errorf("%q: expected name or name/no_reset", v.Str)
	}
	return declared.Declare(self, group+name, "a statistic of the script", has)
}

var errUnknown = errors.New(`there is no such statistic: declare it with modparam("statistics", "variable", "name")`)

// fixName wants a constant statistic to be declared.
func fixName(a []check.Arg) (any, error) {
	if a[0].Const {
		if _, _, ok := declared.Find(group + a[0].Str); !ok {
			return nil, &module.ArgError{Arg: 0, Err: errUnknown}
		}
	}
	return nil, nil
}

// fixUpdate wants a constant number to change something, too.
func fixUpdate(a []check.Arg) (any, error) {
	if a[1].Const {
		if n, ok := module.ParseInt(a[1].Str); !ok || n == 0 {
			return nil, &module.ArgError{Arg: 1, Err: fmt.Errorf("%q: expected a number such as +1 or -2", a[1].Str)}
		}
	}
	return fixName(a)
}

// named finds the statistic that the first argument names now.
func named(c *module.Ctx, a *module.Args) (id module.Counter, resets, ok bool) {
	return declared.Find(c.Concat(group, a.Str(c, 0)))
}

func update(c *module.Ctx, a *module.Args) int {
	id, _, ok := named(c, a)
	n, isNumber := module.ParseInt(a.Str(c, 1))
	switch {
	case !ok:
		return c.Fail(-1, "there is no such statistic")
	case !isNumber:
		return c.Fail(-1, "what is to be added is no number")
	}
	c.Env.Count(id, int64(n))
	return 1
}

// reset succeeds also for one that keeps its value.
func reset(c *module.Ctx, a *module.Args) int {
	id, resets, ok := named(c, a)
	if !ok {
		return c.Fail(-1, "there is no such statistic")
	}
	if resets {
		c.Env.ResetCounter(id)
	}
	return 1
}
