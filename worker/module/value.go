package module

import "goser/cfg/check"

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

// blank is the text of Blank.
const blank = "\x00"

// Blank is the number 0 with an empty text: a port that is not there.
var Blank = Value{Kind: KindInt, Str: blank}

// UintValue is a number of 32 bits without a sign: as a text it is not negative.
func UintValue(c *Ctx, n uint32) Value {
	v := IntValue(int32(n))
	if v.Int < 0 {
		v.Str = c.Itoa(int64(n))
	}
	return v
}

// Plain is the value as it is stored: a number's own text is not.
func (v Value) Plain() Value {
	if v.Kind == KindInt {
		v.Str = ""
	}
	return v
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
	n, _ := ParseInt(v.Str)
	return n
}

// IsUndef tells whether there is no value.
func (v Value) IsUndef() bool { return v.Kind == KindUndef }

// ParseInt is check.ParseInt: what a constant is, a value is, too.
func ParseInt(s string) (int32, bool) { return check.ParseInt(s) }
