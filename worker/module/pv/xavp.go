package pv

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// xavpVars are the lists of lists: $xavp(a[0]=>b[1]).
func xavpVars() []module.Var {
	return []module.Var{
		treeVar("xavp", module.XAVP, "lists of named values: assigning without an index pushes a new one, with an index replaces"),
		treeVar("xavu", module.XAVU, "the same with one value for each name"),
		treeVar("xavi", module.XAVI, "as $xavp, names ignore case"),
	}
}

func treeVar(name string, k module.TreeKind, help string) module.Var {
	return module.Var{
		Name: name, Type: check.TypeAny, Inner: check.InnerFormat, Help: help,
		Prepare: func(inner string) (any, error) {
			p, err := parseTreePath(inner)
			return p, err
		},
		Get: func(c *module.Ctx, r *module.Ref) module.Value {
			if p, err := pathOf(r); err == nil {
				return getTree(c, k, p)
			}
			return module.Undef
		},
		Set: func(c *module.Ctx, r *module.Ref, v module.Value) error {
			p, err := pathOf(r)
			if err != nil {
				return err
			}
			return setTree(c, k, p, v)
		},
	}
}

func pathOf(r *module.Ref) (treePath, error) {
	if p, ok := r.Fixed.(treePath); ok {
		return p, nil
	}
	return parseTreePath(r.Inner)
}

// treePath is a[i]=>b[j] taken apart.
type treePath struct {
	root, kid treeStep
	deep      bool // there is a kid
}

type treeStep struct {
	name     string
	index    int
	has, all bool
}

var errTreePath = errors.New("expected name, name[index], or name=>name with an index each; indexes are a number, * or a variable")

func parseTreePath(s string) (p treePath, err error) {
	root, kid, deep := strings.Cut(s, "=>")
	if p.deep = deep; strings.Contains(kid, "=>") {
		return p, errors.New("there are two levels, name=>name")
	}
	if p.root, err = parseTreeStep(root); err == nil && deep {
		p.kid, err = parseTreeStep(kid)
	}
	return p, err
}

func parseTreeStep(s string) (t treeStep, err error) {
	name, index, has := strings.Cut(strings.TrimSpace(s), "[")
	if t.name, t.has = strings.TrimSpace(name), has; t.name == "" {
		return t, errTreePath
	}
	if !has {
		return t, nil
	}
	index, closed := strings.CutSuffix(index, "]")
	index = strings.TrimSpace(index)
	if !closed {
		return t, errTreePath
	}
	if index == "*" {
		t.all = true
		return t, nil
	}
	n, ok := module.ParseInt(index)
	if !ok {
		return t, errTreePath
	}
	t.index = int(n)
	return t, nil
}

func getTree(c *module.Ctx, k module.TreeKind, p treePath) module.Value {
	t := &c.AVPs.Trees
	n, name := t.Find(k, 0, p.root.name, p.root.index), p.root.name
	if n != 0 && p.deep {
		if _, list := t.Value(n); !list {
			return module.Undef
		}
		n, name = t.Find(k, n, p.kid.name, p.kid.index), p.kid.name
	}
	if n == 0 {
		return module.Undef
	}
	v, list := t.Value(n)
	if list {
		return module.StrValue(c.Concat(listText, name, ">>"))
	}
	return v
}

// listText begins the text that stands for a list.
const listText = "<<xavp:"

var errNoNode = errors.New("there is no value with that index")

func setTree(c *module.Ctx, k module.TreeKind, p treePath, v module.Value) error {
	t := &c.AVPs.Trees
	if !p.deep {
		return setNode(c, k, 0, p.root, v)
	}
	if p.root.all || p.kid.all && !v.IsUndef() {
		return errNoNode
	}
	n := t.Find(k, 0, p.root.name, p.root.index)
	if n == 0 && (p.root.has || v.IsUndef()) {
		if v.IsUndef() {
			return nil
		}
		return errNoNode
	}
	fresh := !v.IsUndef() && !p.root.has && (k != module.XAVU || n == 0)
	if fresh {
		if n = t.Push(k, 0, c.Keep(p.root.name), module.Undef); n == 0 {
			return module.ErrTooManyAVPs
		}
		p.kid.has = false
	}
	return setNode(c, k, n, p.kid, v)
}

// setNode assigns in one list: without an index it pushes, with one it replaces, $null removes.
func setNode(c *module.Ctx, k module.TreeKind, parent int32, s treeStep, v module.Value) error {
	t := &c.AVPs.Trees
	switch {
	case v.IsUndef() && s.all:
		t.RemoveAll(k, parent, s.name)
		return nil
	case s.all:
		return errNoNode
	}
	n := t.Find(k, parent, s.name, s.index)
	if v.Kind == module.KindStr {
		v.Str = c.Keep(v.Str)
	}
	switch {
	case v.IsUndef():
		if n != 0 {
			t.Remove(k, parent, n)
		}
	case s.has && n == 0:
		return errNoNode
	case n != 0 && (s.has || k == module.XAVU):
		t.SetValue(n, v)
	case t.Push(k, parent, c.Keep(s.name), v) == 0:
		return module.ErrTooManyAVPs
	}
	return nil
}

// countTree is $cnt($xavp(x)).
func countTree(k module.TreeKind, inner string) (func(c *module.Ctx) module.Value, error) {
	p, err := parseTreePath(inner)
	if err != nil {
		return nil, err
	}
	return func(c *module.Ctx) module.Value {
		t := &c.AVPs.Trees
		if !p.deep {
			return intValue(t.Count(k, 0, p.root.name))
		}
		if n := t.Find(k, 0, p.root.name, p.root.index); n != 0 {
			return intValue(t.Count(k, n, p.kid.name))
		}
		return module.IntValue(0)
	}, nil
}

// countable prepares $cnt.
func countable(inner string) (func(c *module.Ctx) module.Value, error) {
	name, rest, open := strings.Cut(inner, "(")
	rest, closed := strings.CutSuffix(rest, ")")
	if open && closed {
		switch name {
		case "$avp":
			n := &module.Ref{Fixed: &avpName{inner: rest}}
			return func(c *module.Ctx) module.Value { return intValue(c.AVPs.Count(keyOf(c, n))) }, nil
		case "$xavp":
			return countTree(module.XAVP, rest)
		case "$xavu":
			return countTree(module.XAVU, rest)
		case "$xavi":
			return countTree(module.XAVI, rest)
		}
	}
	return nil, fmt.Errorf("cannot count %q: expected $avp(name) or $xavp(name)", inner)
}

// treeText writes one value of an xavp for params_implode and the print functions.
func treeText(dst []byte, v module.Value) []byte {
	if v.Kind == module.KindInt {
		return strconv.AppendInt(dst, int64(v.Int), 10)
	}
	return append(dst, v.Str...)
}
