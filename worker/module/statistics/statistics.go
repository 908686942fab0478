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
	fixed := check.ArgSpec{Kind: check.ArgStr}
	self.Params = []module.Param{{Name: "variable", Kind: check.ParamStr, Set: addVariable, Help: "name, or name/no_reset; repeatable"}}
	self.Funcs = []module.Func{
		{Name: "update_stat", In: check.AnyRoute, Args: []check.ArgSpec{fixed, fixed}, MinArgs: module.AllArgs, Fixup: fixUpdate, Do: update, Help: "adds a number, or sets it to one"},
		{Name: "reset_stat", In: check.AnyRoute, Args: []check.ArgSpec{fixed}, MinArgs: module.AllArgs, Fixup: fixReset, Do: reset, Help: "makes it 0"},
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

// change is what update_stat does: the counter's number is known after start.
type change struct {
	name string
	n    int64
}

func fixUpdate(a []check.Arg) (any, error) {
	if _, _, ok := declared.Find(group + a[0].Str); !ok {
		return nil, &module.ArgError{Arg: 0, Err: errUnknown}
	}
	n, ok := module.ParseInt(a[1].Str)
	if !ok || n == 0 {
		return nil, &module.ArgError{Arg: 1, Err: fmt.Errorf("%q: expected a number such as +1 or -2", a[1].Str)}
	}
	return &change{group + a[0].Str, int64(n)}, nil
}

func update(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*change)
	id, _, _ := declared.Find(k.name)
	c.Env.Count(id, k.n)
	return 1
}

func fixReset(a []check.Arg) (any, error) {
	if _, _, ok := declared.Find(group + a[0].Str); !ok {
		return nil, &module.ArgError{Arg: 0, Err: errUnknown}
	}
	return &change{name: group + a[0].Str}, nil
}

// reset succeeds also for one that keeps its value.
func reset(c *module.Ctx, a *module.Args) int {
	if id, resets, _ := declared.Find(a.Fixed.(*change).name); resets {
		c.Env.ResetCounter(id)
	}
	return 1
}
