package script

import (
	"goser/cfg/check"
	"goser/worker/module"
)

// compare compiles ==, != and their kin, and =~.
func (k *compiler) compare(x *check.Expr) intFn {
	switch x.Op {
	case check.OpIntEq, check.OpIntNe:
		return k.sameInt(x, x.Op == check.OpIntEq)
	case check.OpStrEq, check.OpStrNe:
		return k.sameStr(x, x.Op == check.OpStrEq)
	case check.OpMatch:
		return k.match(x)
	}
	eq := x.Op == check.OpEq
	switch {
	case x.Y.Op == check.OpStr && x.Y.Str == "":
		return k.sameStr(x, eq) // == "" asks for emptiness: the number 0 is not empty
	case x.X.Type == check.TypeInt:
		return k.sameInt(x, eq)
	case x.X.Type == check.TypeStr:
		return k.sameStr(x, eq)
	}
	return k.sameAny(x, eq)
}

func (k *compiler) sameInt(x *check.Expr, want bool) intFn {
	l, r := k.int(x.X), k.int(x.Y)
	return func(f *frame) int32 {
		a := l(f)
		if f.state != 0 {
			return 0
		}
		return truth((a == r(f)) == want)
	}
}

// sameStr compares byte by byte: case counts.
func (k *compiler) sameStr(x *check.Expr, want bool) intFn {
	l, r := k.str(x.X), k.str(x.Y)
	return func(f *frame) int32 {
		a := l(f)
		if f.state != 0 {
			return 0
		}
		return truth((a == r(f)) == want)
	}
}

// sameAny converts the right operand to the type of the left; if that is undef,
// the left to the type of the right.
func (k *compiler) sameAny(x *check.Expr, want bool) intFn {
	l, r := k.val(x.X), k.val(x.Y)
	return func(f *frame) int32 {
		a := l(f)
		if f.state != 0 {
			return 0
		}
		b := r(f)
		kind := a.Kind
		if kind == module.KindUndef {
			kind = b.Kind
		}
		same := true
		switch kind {
		case module.KindInt:
			same = a.AsInt() == b.AsInt()
		case module.KindStr:
			same = f.c.Text(a) == f.c.Text(b)
		}
		return truth(same == want)
	}
}

// match is =~ and !~.
func (k *compiler) match(x *check.Expr) intFn {
	s, want := k.str(x.X), !x.Negate
	if x.Re != nil {
		re := x.Re
		return func(f *frame) int32 { return truth(re.MatchString(s(f)) == want) }
	}
	pattern := k.str(x.Y)
	return func(f *frame) int32 {
		text := s(f)
		if f.state != 0 {
			return 0
		}
		ok, done := f.matches(x, pattern(f), text)
		return truth(done && ok == want)
	}
}

// matches asks a computed regular expression; done is false if that has failed.
func (f *frame) matches(x *check.Expr, pattern, text string) (ok, done bool) {
	if f.state != 0 {
		return false, false
	}
	re, err := f.e.cache.Get(pattern)
	if err == nil {
		ok, err = re.Match(text)
	}
	if err != nil {
		f.fail(x.Pos, "bad regular expression", "text", pattern, "err", err)
		return false, false
	}
	return ok, true
}
