package pv

import (
	"errors"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// xavpFunctions work on $xavp and its kin.
func xavpFunctions() []module.Func {
	f := []module.Func{
		{
			Name: "xavp_slist_explode", In: check.AnyRoute, Args: formats(4), MinArgs: module.AllArgs, Do: explodeList,
			Help: "takes a list apart: text, separator, mode (t trims), name; its items are name=>v",
		},
		{
			Name: "xavp_copy", In: check.AnyRoute, Args: []check.ArgSpec{{Kind: check.ArgFormat}, {Kind: check.ArgIntVar}, {Kind: check.ArgFormat}, {Kind: check.ArgIntVar}},
			MinArgs: 3, Do: copyXAVP, Help: "copies: name, index, new name; in place of the one with a further index, if given",
		},
		{
			Name: "pv_xavp_to_var", In: check.AnyRoute, Args: formats(1), MinArgs: module.AllArgs, Do: xavpToVar,
			Help: "copies the values in an $xavp to the $vars of their names",
		},
		{
			Name: "pv_var_to_xavp", In: check.AnyRoute, Args: formats(2), MinArgs: module.AllArgs, Do: varToXAVP,
			Help: "copies a $var, or with * all of them, into an $xavp",
		},
	}
	for name, k := range map[string]module.TreeKind{"xavp": module.XAVP, "xavu": module.XAVU, "xavi": module.XAVI} {
		f = append(f, module.Func{
			Name: "pv_" + name + "_print", In: check.AnyRoute, Help: "logs all of $" + name,
			Do: func(c *module.Ctx, _ *module.Args) int { return printTree(c, k) },
		})
		if k != module.XAVI {
			f = append(f, module.Func{
				Name: name + "_params_explode", In: check.AnyRoute, Args: formats(2), MinArgs: module.AllArgs,
				Help: "takes a=b;c=d apart into $" + name + "(name)",
				Do:   func(c *module.Ctx, a *module.Args) int { return explodeParams(c, k, a.Printed(c, 0), a.Printed(c, 1)) },
			}, module.Func{
				Name: name + "_params_implode", In: check.AnyRoute, MinArgs: module.AllArgs,
				Args: []check.ArgSpec{{Kind: check.ArgFormat}, {Kind: check.ArgWritable}},
				Help: "writes the values in $" + name + "(name) as a=b;c=d; into a variable",
				Do:   func(c *module.Ctx, a *module.Args) int { return implodeParams(c, k, a) },
			})
		}
		if k != module.XAVU {
			f = append(f, childFunctions(name, k)...)
		}
	}
	return f
}

func childFunctions(name string, k module.TreeKind) []module.Func {
	set := func(value func(c *module.Ctx, a *module.Args) module.Value) func(c *module.Ctx, a *module.Args) int {
		return func(c *module.Ctx, a *module.Args) int {
			v := value(c, a)
			return truth(!v.IsUndef() && setChild(c, k, a.Printed(c, 0), a.Printed(c, 1), v) == nil)
		}
	}
	return []module.Func{
		{
			Name: name + "_child_seti", In: check.AnyRoute, MinArgs: module.AllArgs, Help: "sets a value in the newest list of a name to a number",
			Args: []check.ArgSpec{{Kind: check.ArgFormat}, {Kind: check.ArgFormat}, {Kind: check.ArgIntVar}},
			Do: set(func(_ *module.Ctx, a *module.Args) module.Value {
				if n, ok := a.Number(2); ok {
					return module.IntValue(n)
				}
				return module.Undef
			}),
		},
		{
			Name: name + "_child_sets", In: check.AnyRoute, MinArgs: module.AllArgs, Args: formats(3), Help: "sets it to a text",
			Do: set(func(c *module.Ctx, a *module.Args) module.Value { return module.StrValue(c.Keep(a.Printed(c, 2))) }),
		},
		{
			Name: name + "_rm", In: check.AnyRoute, MinArgs: module.AllArgs, Args: formats(1), Help: "removes the newest of a name",
			Do: func(c *module.Ctx, a *module.Args) int {
				t := &c.AVPs.Trees
				t.Remove(k, 0, t.Find(k, 0, a.Printed(c, 0), 0))
				return 1
			},
		},
		{
			Name: name + "_child_rm", In: check.AnyRoute, MinArgs: module.AllArgs, Args: formats(2), Help: "removes a value in it",
			Do: func(c *module.Ctx, a *module.Args) int {
				t := &c.AVPs.Trees
				if n := t.Find(k, 0, a.Printed(c, 0), 0); n != 0 {
					t.RemoveAll(k, n, a.Printed(c, 1))
				}
				return 1
			},
		},
	}
}

func formats(n int) []check.ArgSpec {
	out := make([]check.ArgSpec, n)
	for i := range out {
		out[i].Kind = check.ArgFormat
	}
	return out
}

// setChild replaces the value of a child of the newest list of a name, or makes what is missing.
func setChild(c *module.Ctx, k module.TreeKind, root, kid string, v module.Value) error {
	if root == "" || kid == "" {
		return errNameless
	}
	t := &c.AVPs.Trees
	n := t.Find(k, 0, root, 0)
	if n == 0 {
		if n = t.Push(k, 0, c.Keep(root), module.Undef); n == 0 {
			return module.ErrTooManyAVPs
		}
	}
	if old := t.Find(k, n, kid, 0); old != 0 {
		t.SetValue(old, v)
		return nil
	}
	if t.Push(k, n, c.Keep(kid), v) == 0 {
		return module.ErrTooManyAVPs
	}
	return nil
}

var errNameless = errors.New("a name is empty")

// explodeParams takes a parameter without a value for an empty one. A comma ends
// the list.
func explodeParams(c *module.Ctx, k module.TreeKind, list, name string) int {
	if name == "" || strings.TrimSpace(list) == "" {
		return -1
	}
	t := &c.AVPs.Trees
	root := int32(0)
	for rest := c.Keep(untilComma(list)); ; {
		n, v, more, ok := nextParam(rest, ';')
		switch {
		case !ok:
			return truth(root != 0)
		case n != "":
			if root == 0 {
				root = t.Push(k, 0, c.Keep(name), module.Undef)
			}
			if root == 0 || t.Append(k, root, n, module.StrValue(v)) == 0 {
				return c.Fail(-1, module.ErrTooManyAVPs.Error())
			}
		}
		rest = more
	}
}

func untilComma(s string) string {
	quoted := false
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				return s[:i]
			}
		}
	}
	return s
}

func implodeParams(c *module.Ctx, k module.TreeKind, a *module.Args) int {
	t := &c.AVPs.Trees
	root := t.Find(k, 0, a.Printed(c, 0), 0)
	if root == 0 {
		return -1
	}
	if _, list := t.Value(root); !list || t.First(k, root) == 0 {
		return -1
	}
	s := c.Build(256, func(dst []byte) []byte {
		for n := t.First(k, root); n != 0; n = t.Next(n) {
			v, _ := t.Value(n)
			if dst = append(dst, t.Name(n)...); v.Kind != module.KindStr || v.Str != "" {
				dst = treeText(append(dst, '='), v)
			}
			dst = append(dst, ';')
		}
		return dst
	})
	return truth(a.Var(1).Set(c, module.StrValue(s)) == nil)
}

// explodeList cuts a text at every character of sep. Items that are empty are left out.
func explodeList(c *module.Ctx, a *module.Args) int {
	list, sep, trim, name := c.Keep(a.Printed(c, 0)), a.Printed(c, 1), strings.Contains(a.Printed(c, 2), "t"), a.Printed(c, 3)
	if list == "" || sep == "" || name == "" {
		return -1
	}
	t := &c.AVPs.Trees
	root := t.Push(module.XAVP, 0, c.Keep(name), module.Undef)
	for more := true; more && root != 0; {
		item := list
		if i := strings.IndexAny(list, sep); i >= 0 {
			item, list = list[:i], list[i+1:]
		} else {
			more = false
		}
		if trim {
			item = strings.Trim(item, blankChars)
		}
		if item != "" && t.Append(module.XAVP, root, "v", module.StrValue(item)) == 0 {
			root = 0
		}
	}
	if root == 0 {
		return c.Fail(-1, module.ErrTooManyAVPs.Error())
	}
	return 1
}

func copyXAVP(c *module.Ctx, a *module.Args) int {
	t := &c.AVPs.Trees
	i, ok := a.Number(1)
	if !ok || i < 0 {
		return -1
	}
	from := t.Find(module.XAVP, 0, a.Printed(c, 0), int(i))
	if from == 0 {
		return -1
	}
	to := int32(0)
	if a.N > 3 {
		if i, ok = a.Number(3); !ok || i < 0 {
			return -1
		}
		to = t.Find(module.XAVP, 0, a.Printed(c, 2), int(i))
	} else {
		to = t.Append(module.XAVP, 0, c.Keep(a.Printed(c, 2)), module.Undef)
	}
	if to == from {
		return 1
	}
	return truth(to != 0 && t.Copy(module.XAVP, from, to))
}

func xavpToVar(c *module.Ctx, a *module.Args) int {
	t := &c.AVPs.Trees
	root := t.Find(module.XAVP, 0, a.Printed(c, 0), 0)
	if root == 0 {
		return -1
	}
	for n := t.First(module.XAVP, root); n != 0; n = t.Next(n) {
		if v, list := t.Value(n); !list {
			if slot, ok := slots["var:"+t.Name(n)]; ok { // a name that the script does not use needs no value
				setSlot(c, slot, v)
			}
		}
	}
	return 1
}

func varToXAVP(c *module.Ctx, a *module.Args) int {
	name, list := a.Printed(c, 0), a.Printed(c, 1)
	if list == "" {
		return -1
	}
	if name != "*" {
		slot, ok := slots["var:"+name]
		if !ok || c.Vars.Get(slot+1).Int == 0 {
			return -1
		}
		return truth(setChild(c, module.XAVP, list, name, keepValue(c, c.Vars.Get(slot))) == nil)
	}
	for key, slot := range slots {
		if v, ok := strings.CutPrefix(key, "var:"); ok && c.Vars.Get(slot+1).Int != 0 {
			if setChild(c, module.XAVP, list, v, keepValue(c, c.Vars.Get(slot))) != nil {
				return -1
			}
		}
	}
	return 1
}

func keepValue(c *module.Ctx, v module.Value) module.Value {
	if v.Kind == module.KindStr {
		v.Str = c.Keep(v.Str)
	}
	return v
}

// printTree logs what there is, for whoever looks for a mistake.
func printTree(c *module.Ctx, k module.TreeKind) int {
	t := &c.AVPs.Trees
	for n := t.First(k, 0); n != 0; n = t.Next(n) {
		s := c.Build(128, func(dst []byte) []byte {
			v, list := t.Value(n)
			if dst = append(append(dst, t.Name(n)...), '='); !list {
				return treeText(dst, v)
			}
			dst = append(dst, '{')
			for kid := t.First(k, n); kid != 0; kid = t.Next(kid) {
				v, _ := t.Value(kid)
				dst = append(treeText(append(append(dst, t.Name(kid)...), '='), v), ';')
			}
			return append(dst, '}')
		})
		c.Env.Log().Info("pv: " + s)
	}
	return 1
}
