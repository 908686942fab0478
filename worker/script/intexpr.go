package script

import (
	"goser/cfg/check"
	"goser/worker/module"
)

// int compiles an expression that is wanted as a number.
func (k *compiler) int(x *check.Expr) intFn {
	switch x.Op {
	case check.OpInt:
		n := x.Int
		return func(*frame) int32 { return n }
	case check.OpCall, check.OpRoute, check.OpBlock:
		return k.code(x)
	case check.OpAssign:
		run := k.assign(x.Var, x.X, x.Pos)
		return func(f *frame) int32 { return truth(run(f) > 0) }
	case check.OpOr, check.OpAnd:
		return k.logic(x)
	case check.OpEq, check.OpNe, check.OpIntEq, check.OpIntNe, check.OpStrEq, check.OpStrNe, check.OpMatch:
		return k.compare(x)
	case check.OpNot, check.OpNeg, check.OpBitNot, check.OpDefined, check.OpToInt, check.OpStrlen, check.OpStrempty:
		return k.unary(x)
	case check.OpDiv, check.OpMod:
		return k.divide(x)
	case check.OpVar, check.OpSelect, check.OpStr, check.OpKeyStr, check.OpConcat, check.OpToStr:
		v := k.val(x)
		return func(f *frame) int32 { return v(f).AsInt() }
	}
	if op := arithmetic(x.Op); op != nil {
		return k.binary(x, op)
	}
	return k.keyword(x)
}

// arithmetic returns what an operator on two numbers computes: 32 bits that
// wrap around, shift counts modulo 32 (seen on 5.6.3).
func arithmetic(op check.Op) func(a, b int32) int32 {
	switch op {
	case check.OpBitOr:
		return func(a, b int32) int32 { return a | b }
	case check.OpBitAnd:
		return func(a, b int32) int32 { return a & b }
	case check.OpXor:
		return func(a, b int32) int32 { return a ^ b }
	case check.OpShl:
		return func(a, b int32) int32 { return a << (uint32(b) & 31) }
	case check.OpShr:
		return func(a, b int32) int32 { return a >> (uint32(b) & 31) }
	case check.OpLt:
		return func(a, b int32) int32 { return truth(a < b) }
	case check.OpGt:
		return func(a, b int32) int32 { return truth(a > b) }
	case check.OpLe:
		return func(a, b int32) int32 { return truth(a <= b) }
	case check.OpGe:
		return func(a, b int32) int32 { return truth(a >= b) }
	case check.OpIntAdd, check.OpAdd: // where a number is wanted, + adds whatever its operands are (seen on 5.6.3)
		return func(a, b int32) int32 { return a + b }
	case check.OpSub:
		return func(a, b int32) int32 { return a - b }
	case check.OpMul:
		return func(a, b int32) int32 { return a * b }
	}
	return nil
}

// binary evaluates left, then right; what ends the script or fails on the left
// keeps the right from running.
func (k *compiler) binary(x *check.Expr, op func(a, b int32) int32) intFn {
	l, r := k.int(x.X), k.int(x.Y)
	return func(f *frame) int32 {
		a := l(f)
		if f.state != 0 {
			return 0
		}
		return op(a, r(f))
	}
}

func (k *compiler) divide(x *check.Expr) intFn {
	l, r, mod := k.int(x.X), k.int(x.Y), x.Op == check.OpMod
	return func(f *frame) int32 {
		a := l(f)
		if f.state != 0 {
			return 0
		}
		b := r(f)
		switch {
		case f.state != 0:
			return 0
		case b == 0:
			f.fail(x.Pos, "division by zero")
			return 0
		case mod:
			return a % b
		}
		return a / b
	}
}

// logic is && and ||: operands are true when not 0.
func (k *compiler) logic(x *check.Expr) intFn {
	l, r := k.int(x.X), k.int(x.Y)
	if x.Op == check.OpOr {
		return func(f *frame) int32 {
			if a := l(f); a != 0 || f.state != 0 {
				return truth(f.state == 0)
			}
			return truth(r(f) != 0)
		}
	}
	return func(f *frame) int32 {
		if a := l(f); a == 0 || f.state != 0 {
			return 0
		}
		return truth(r(f) != 0)
	}
}

func (k *compiler) unary(x *check.Expr) intFn {
	switch x.Op {
	case check.OpDefined:
		v := k.val(x.X)
		return func(f *frame) int32 { return truth(v(f).Kind != module.KindUndef) }
	case check.OpStrlen:
		s := k.str(x.X)
		return func(f *frame) int32 { return int32(len(s(f))) }
	case check.OpStrempty:
		s := k.str(x.X)
		return func(f *frame) int32 { return truth(s(f) == "") }
	}
	n := k.int(x.X)
	switch x.Op {
	case check.OpNot:
		return func(f *frame) int32 { return truth(n(f) == 0) }
	case check.OpNeg:
		return func(f *frame) int32 { return -n(f) }
	case check.OpBitNot:
		return func(f *frame) int32 { return ^n(f) }
	}
	return n
}

// blockValue is a block in braces as an operand: what breaks or returns in it
// ends only the block.
func (k *compiler) blockValue(x *check.Expr) intFn {
	b := k.block(x.Block, x.Pos)
	return func(f *frame) int32 {
		v := f.run(b)
		if f.state != 0 {
			v = f.value
			f.state &^= stBreak | stReturn
		}
		return v
	}
}
