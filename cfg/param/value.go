package param

import (
	"math"
	"strconv"
)

// A Value is what the file, the command line or a run-time command assigns.
type Value struct {
	Kind Kind
	Num  int    // of a Number
	Text string // of a Text or a Word
}

// Kind tells values apart as the lexer does.
type Kind uint8

// The kinds.
const (
	None   Kind = iota // nothing: unset
	Number             // 8, -1, 0x10
	Text               // "quoted"
	Word               // a bare word: yes, LOG_DAEMON, udp, 192.0.2.1, [::1], host.example.org
)

// Num makes a number.
func Num(n int) Value { return Value{Kind: Number, Num: n} }

// Str makes a quoted string.
func Str(s string) Value { return Value{Kind: Text, Text: s} }

// Bare makes a bare word.
func Bare(s string) Value { return Value{Kind: Word, Text: s} }

// String prints the value as one would write it in the file.
func (v Value) String() string {
	switch v.Kind {
	case Number:
		return strconv.Itoa(v.Num)
	case Text:
		return strconv.Quote(clip(v.Text))
	case Word:
		return clip(v.Text)
	}
	return "nothing"
}

// ParseValue reads a value from the command line or a run-time command: a number if it is written as one
// (decimal, 0x hexadecimal, 0 octal, binary with a b behind, an optional minus), else a bare word.
func ParseValue(s string) Value {
	if n, ok := ParseNumber(s); ok {
		return Num(n)
	}
	return Bare(s)
}

// ParseNumber reads a number as the configuration language writes it. It must fit into 32 bits; what has
// the highest of 32 bits set, as 0xffffffff does, is negative only if it is written in hexadecimal,
// octal or binary.
func ParseNumber(s string) (n int, ok bool) {
	digits, negative := s, false
	if len(s) > 1 && s[0] == '-' {
		digits, negative = s[1:], true
	}
	digits, base := splitBase(digits)
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, false
	}
	u, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0, false
	}
	if base != 10 && u > math.MaxInt32 && !negative {
		return int(int32(uint32(u))), true
	}
	n = int(u)
	if negative {
		n = -n
	}
	return n, n >= math.MinInt32 && n <= math.MaxInt32
}

func splitBase(s string) (digits string, base int) {
	last := len(s) - 1
	switch {
	case len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'):
		return s[2:], 16
	case last > 0 && s[last] == 'b':
		return s[:last], 2
	case len(s) > 1 && s[0] == '0':
		return s[1:], 8
	}
	return s, 10
}

// clip keeps what goes into a message short, whatever came in.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}

// Parse reads the argument of the parameter's command line option. Where the parameter holds a string it is
// taken as it is, so that -u 1000 is the user with that number.
func (p *Param) Parse(s string) Value {
	if p.Type.Numeric() {
		return ParseValue(s)
	}
	return Str(s)
}
