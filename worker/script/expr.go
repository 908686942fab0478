package script

import (
	"goser/cfg/check"
	"goser/worker/module"
)

// val compiles an expression whose type may be known only when it runs.
func (k *compiler) val(x *check.Expr) valFn {
	switch x.Op {
	case check.OpInt:
		v := module.IntValue(x.Int)
		return func(*frame) module.Value { return v }
	case check.OpStr:
		v := module.StrValue(x.Str)
		return func(*frame) module.Value { return v }
	case check.OpVar:
		u := k.bind(x.Var)
		return func(f *frame) module.Value { return u.Get(f.c) }
	case check.OpSelect:
		return k.selector(x)
	case check.OpCall, check.OpRoute, check.OpBlock:
		return k.callValue(x)
	case check.OpAdd:
		return k.add(x)
	case check.OpKeyStr:
		get := keyStr(x.Key)
		return func(f *frame) module.Value { return module.OptStr(get(f.c)) }
	case check.OpConcat, check.OpToStr:
		s := k.str(x)
		return func(f *frame) module.Value { return module.StrValue(s(f)) }
	}
	n := k.int(x)
	return func(f *frame) module.Value { return module.IntValue(n(f)) }
}

// callValue is the raw code where a call is assigned directly, else
// 1 or 0.
func (k *compiler) callValue(x *check.Expr) valFn {
	run := k.code(x)
	return func(f *frame) module.Value { return module.IntValue(run(f)) }
}

func (k *compiler) selector(x *check.Expr) valFn {
	get, ok := x.Select.Info.Ref.(func(c *module.Ctx) module.Value)
	if !ok {
		k.fail(x.Pos, "%s: no module offers it", x.Select.Text)
	}
	return func(f *frame) module.Value { return get(f.c) }
}

// add is + where a value is wanted: the left operand decides whether it adds or joins. An undefined one
// joins. To a number the right one is added as a number.
func (k *compiler) add(x *check.Expr) valFn {
	l, r := k.val(x.X), k.val(x.Y)
	rightInt := intFn(nil)
	if x.Y.Op == check.OpAdd {
		rightInt = k.int(x.Y)
	}
	return func(f *frame) module.Value {
		a := l(f)
		if f.state != 0 {
			return module.Undef
		}
		if a.Kind == module.KindInt && rightInt != nil {
			return module.IntValue(a.Int + rightInt(f))
		}
		b := r(f)
		if a.Kind == module.KindInt {
			return module.IntValue(a.Int + b.AsInt())
		}
		return module.StrValue(f.join(x, f.c.Text(a), f.c.Text(b)))
	}
}

// join concatenates within the limits.
func (f *frame) join(x *check.Expr, a, b string) string {
	switch n := len(a) + len(b); {
	case f.state != 0:
		return ""
	case n > maxString:
		f.fail(x.Pos, "oversized string", "bytes", n, "limit", maxString)
		return ""
	case !f.c.Room(n):
		f.fail(x.Pos, "this message has built too many strings")
		return ""
	case a == "":
		return b
	case b == "":
		return a
	}
	return f.c.Concat(a, b)
}

// str compiles an expression that is wanted as text; undef is "".
func (k *compiler) str(x *check.Expr) strFn {
	switch x.Op {
	case check.OpStr:
		s := x.Str
		return func(*frame) string { return s }
	case check.OpToStr:
		return k.str(x.X)
	case check.OpConcat:
		l, r := k.str(x.X), k.str(x.Y)
		return func(f *frame) string {
			a := l(f)
			if f.state != 0 {
				return ""
			}
			return f.join(x, a, r(f))
		}
	}
	v := k.val(x)
	return func(f *frame) string { return f.c.Text(v(f)) }
}

func truth(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
