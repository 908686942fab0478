package check

import (
	"strconv"
	"strings"
)

// fold computes an operator whose operands are constants.
func fold(x *Expr) *Expr {
	if !isConst(x.X) {
		return x
	}
	if x.Op == OpOr && truth(x.X) || x.Op == OpAnd && !truth(x.X) {
		return intConst(x, b2i(x.Op == OpOr))
	}
	if x.Re != nil {
		return intConst(x, b2i(x.Re.MatchString(text(x.X)) != x.Negate))
	}
	if x.Y == nil {
		return foldUnary(x)
	}
	if !isConst(x.Y) {
		return x
	}
	switch x.Op {
	case OpConcat:
		return &Expr{Op: OpStr, Type: TypeStr, Str: text(x.X) + text(x.Y), Pos: x.Pos}
	case OpStrEq:
		return intConst(x, b2i(text(x.X) == text(x.Y)))
	case OpStrNe:
		return intConst(x, b2i(text(x.X) != text(x.Y)))
	case OpMatch, OpAdd, OpEq, OpNe:
		return x
	}
	n, ok := intOp(x.Op, value(x.X), value(x.Y))
	if !ok {
		return x
	}
	return intConst(x, n)
}

func foldUnary(x *Expr) *Expr {
	v := value(x.X)
	switch x.Op {
	case OpNot:
		return intConst(x, b2i(v == 0))
	case OpNeg:
		return intConst(x, -v)
	case OpBitNot:
		return intConst(x, ^v)
	case OpDefined:
		return intConst(x, 1)
	case OpToInt:
		return intConst(x, v)
	case OpToStr:
		return &Expr{Op: OpStr, Type: TypeStr, Str: text(x.X), Pos: x.Pos}
	case OpStrlen:
		return intConst(x, int32(len(text(x.X))))
	case OpStrempty:
		return intConst(x, b2i(text(x.X) == ""))
	}
	return x
}

// intOp computes with wrapping 32-bit numbers; false if it cannot.
func intOp(op Op, a, b int32) (int32, bool) {
	switch op {
	case OpOr:
		return b2i(a != 0 || b != 0), true
	case OpAnd:
		return b2i(a != 0 && b != 0), true
	case OpBitOr:
		return a | b, true
	case OpBitAnd:
		return a & b, true
	case OpXor:
		return a ^ b, true
	case OpShl:
		return a << (uint32(b) & 31), true
	case OpShr:
		return a >> (uint32(b) & 31), true
	case OpIntEq:
		return b2i(a == b), true
	case OpIntNe:
		return b2i(a != b), true
	case OpLt:
		return b2i(a < b), true
	case OpGt:
		return b2i(a > b), true
	case OpLe:
		return b2i(a <= b), true
	case OpGe:
		return b2i(a >= b), true
	case OpIntAdd:
		return a + b, true
	case OpSub:
		return a - b, true
	case OpMul:
		return a * b, true
	case OpDiv:
		if b != 0 {
			return a / b, true
		}
	case OpMod:
		if b != 0 {
			return a % b, true
		}
	}
	return 0, false
}

func intConst(x *Expr, n int32) *Expr {
	return &Expr{Op: OpInt, Type: TypeInt, Int: n, Str: strconv.Itoa(int(n)), Pos: x.Pos}
}

func b2i(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

func truth(x *Expr) bool { return value(x) != 0 }

// value converts a constant to a number: a string must be one as a whole.
func value(x *Expr) int32 {
	if x.Op == OpInt {
		return x.Int
	}
	n, _ := ParseInt(x.Str)
	return n
}

// ParseInt reads a whole number as the language does, with nothing around it: decimal, also with leading zeros and an
// optional sign, or hexadecimal after 0x, without one. What does not fit in 32 bits is no number (seen on 5.6.3).
func ParseInt(s string) (int32, bool) {
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		n, ok := digits(s[2:], 16, 1<<32-1)
		return int32(uint32(n)), ok
	}
	if s != "" && s[0] == '-' {
		n, ok := digits(s[1:], 10, 1<<31)
		return int32(-n), ok
	}
	n, ok := digits(strings.TrimPrefix(s, "+"), 10, 1<<31-1)
	return int32(n), ok
}

func digits(s string, base, most int64) (n int64, ok bool) {
	for i := range len(s) {
		d := int64(99)
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			d = int64(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = int64(c|0x20-'a') + 10
		}
		if n = n*base + d; d >= base || n > most {
			return 0, false
		}
	}
	return n, s != ""
}

// text converts a constant to a string.
func text(x *Expr) string {
	if x.Op == OpInt {
		return strconv.Itoa(int(x.Int))
	}
	return x.Str
}
