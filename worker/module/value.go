package module

import (
	"strconv"
	"strings"
)

// Kind is the type of a Value.
type Kind uint8

// The three kinds of value that a script knows.
const (
	KindUndef Kind = iota
	KindInt
	KindStr
)

// Value is what an expression yields. Strings are views: into the received
// message, the scratch buffer of its Ctx or a constant. They live as long as
// the message is handled; strings.Clone keeps one longer.
type Value struct {
	Str  string
	Int  int32
	Kind Kind
}

// Undef is the value of a variable that is not there.
var Undef = Value{}

// IntValue makes a number.
func IntValue(n int32) Value { return Value{Kind: KindInt, Int: n} }

// StrValue makes a string.
func StrValue(s string) Value { return Value{Kind: KindStr, Str: s} }

// OptStr makes a string, or undef when ok is false.
func OptStr(s string, ok bool) Value {
	if !ok {
		return Undef
	}
	return StrValue(s)
}

// AsInt converts as the language does: undef and text that is not a whole
// number are 0.
func (v Value) AsInt() int32 {
	if v.Kind != KindStr {
		return v.Int
	}
	n, err := strconv.ParseInt(strings.TrimSpace(v.Str), 0, 64)
	if err != nil {
		return 0
	}
	return int32(n)
}

// IsUndef tells whether there is no value.
func (v Value) IsUndef() bool { return v.Kind == KindUndef }
