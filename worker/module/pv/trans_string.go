package pv

import (
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

type transFunc = func(c *module.Ctx, in string, args []module.Value) module.Value

var empty = module.StrValue("")

// trans makes a transformation of texts; a number comes as its digits.
func trans(class, name string, lo, hi int, typ check.Type, help string, do transFunc) module.Trans {
	return module.Trans{
		Class: class, Name: name, MinArgs: lo, MaxArgs: hi, Type: typ, Help: help,
		Do: func(c *module.Ctx, in module.Value, args []module.Value) module.Value { return do(c, c.Text(in), args) },
	}
}

// numeric is trans with arguments of which some, by the bits of numbers, must be numbers.
func numeric(numbers uint8, class, name string, lo, hi int, typ check.Type, help string, do transFunc) module.Trans {
	t := trans(class, name, lo, hi, typ, help, do)
	t.Numbers = numbers
	return t
}

// blanks marks the arguments that may begin with a blank.
func blanks(args uint8, t module.Trans) module.Trans {
	t.Blanks = args
	return t
}

// textTrans is one without arguments from text to text.
func textTrans(class, name, help string, do func(c *module.Ctx, s string) string) module.Trans {
	return trans(class, name, 0, 0, check.TypeStr, help, func(c *module.Ctx, s string, _ []module.Value) module.Value {
		return module.StrValue(do(c, s))
	})
}

// stringTrans are the {s.…} that cut and compare.
func stringTrans() []module.Trans {
	const str, num = check.TypeStr, check.TypeInt
	ts := []module.Trans{
		trans("s", "len", 0, 0, num, "length", func(_ *module.Ctx, s string, _ []module.Value) module.Value { return intValue(len(s)) }),
		trans("s", "int", 0, 0, check.TypeAny, "as a number", func(_ *module.Ctx, s string, _ []module.Value) module.Value {
			switch s {
			case "":
				return module.Blank
			case "-", "+":
				return module.IntValue(0)
			}
			if n, ok := module.ParseInt(s); ok && strings.Trim(s, "+-0123456789") == "" {
				return module.Value{Kind: module.KindInt, Int: n, Str: s} // 007 is 7, and printed as 007 until it is stored
			}
			return module.Undef
		}),
		textTrans("s", "numeric", "its digits", func(c *module.Ctx, s string) string {
			return keep(c, s, func(b byte) bool { return '0' <= b && b <= '9' })
		}),
		textTrans("s", "rmws", "without blanks", func(c *module.Ctx, s string) string {
			return keep(c, s, func(b byte) bool { return !isBlank(b) })
		}),
		textTrans("s", "tolower", "in lower case", lower),
		textTrans("s", "toupper", "in upper case", func(c *module.Ctx, s string) string { return changeCase(c, s, 'a', 'z') }),
		textTrans("s", "trim", "without blanks at the ends", func(_ *module.Ctx, s string) string { return strings.Trim(s, blankChars) }),
		textTrans("s", "ltrim", "without leading blanks", func(_ *module.Ctx, s string) string { return strings.TrimLeft(s, blankChars) }),
		textTrans("s", "rtrim", "without trailing blanks", func(_ *module.Ctx, s string) string { return strings.TrimRight(s, blankChars) }),
		peeler("unquote", "without its quotes; a single digit stays a number", `""`, `''`),
		peeler("unbracket", "without its brackets; a single digit stays a number", "<>", "[]", "()", "{}"),
		numeric(3, "s", "substr", 2, 2, str, "offset, length", substr),
		blanks(6, numeric(1, "s", "select", 1, 3, str, "index, separator", selectField)),
		numeric(1, "s", "strip", 1, 1, str, "without the first n", func(_ *module.Ctx, s string, a []module.Value) module.Value {
			return module.StrValue(s[clampLen(a[0].AsInt(), s):])
		}),
		numeric(1, "s", "striptail", 1, 1, str, "without the last n", func(_ *module.Ctx, s string, a []module.Value) module.Value {
			return module.StrValue(s[:len(s)-clampLen(a[0].AsInt(), s)])
		}),
		trans("s", "replace", 2, 2, str, "text, with", replace),
		trans("s", "rm", 1, 1, str, "without a text", func(c *module.Ctx, s string, a []module.Value) module.Value {
			return replace(c, s, []module.Value{a[0], empty})
		}),
		trans("s", "count", 1, 1, num, "how often a character occurs", func(c *module.Ctx, s string, a []module.Value) module.Value {
			if c.Text(a[0]) == "" {
				return module.IntValue(0)
			}
			return intValue(strings.Count(s, separator(c, a)))
		}),
		numeric(1, "s", "prefixes", 0, 1, str, "all its prefixes", func(c *module.Ctx, s string, a []module.Value) module.Value { return prefixes(c, s, a, "") }),
		numeric(1, "s", "prefixes.quoted", 0, 1, str, "all its prefixes, quoted", func(c *module.Ctx, s string, a []module.Value) module.Value { return prefixes(c, s, a, "'") }),
		{Class: "s", Name: "ftime", MinArgs: 1, MaxArgs: 6, Type: str, Help: "Unix seconds, formatted", Do: ftime},
	}
	return append(ts, splitTrans()...)
}

const blankChars = " \t\r\n"

// splitTrans cut at a character.
func splitTrans() []module.Trans {
	cut := func(name, help string, do func(s string, i int) string, find func(s, sep string) int) module.Trans {
		return trans("s", name, 1, 2, check.TypeStr, help, func(c *module.Ctx, s string, a []module.Value) module.Value {
			if len(a) == 1 && c.Text(a[0]) == "" {
				return module.StrValue(do(s, -1))
			}
			return module.StrValue(do(s, find(s, separator(c, a))))
		})
	}
	before := func(s string, i int) string {
		if i < 0 {
			return s
		}
		return s[:i]
	}
	after := func(s string, i int) string {
		if i < 0 {
			return ""
		}
		return s[i+1:]
	}
	return []module.Trans{
		cut("before", "what stands before the first c", before, strings.Index),
		cut("after", "what stands after the first c", after, strings.Index),
		cut("rbefore", "what stands before the last c", before, strings.LastIndex),
		cut("rafter", "what stands after the last c", after, strings.LastIndex),
		cut("stripto", "from the first c on", func(s string, i int) string {
			if i < 0 {
				return ""
			}
			return s[i:]
		}, strings.Index),
	}
}

// separator is the first character of an argument; the comma that separates
// arguments may be meant itself.
func separator(c *module.Ctx, args []module.Value) string {
	s := ""
	if len(args) > 0 {
		s = c.Text(args[0])
	}
	switch {
	case s == "":
		return ","
	case s[0] != '\\' || len(s) == 1:
		return s[:1]
	}
	switch s[1] {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	}
	return s[1:2]
}

func keep(c *module.Ctx, s string, want func(b byte) bool) string {
	return c.Build(len(s), func(dst []byte) []byte {
		for i := range len(s) {
			if want(s[i]) {
				dst = append(dst, s[i])
			}
		}
		return dst
	})
}

func lower(c *module.Ctx, s string) string { return changeCase(c, s, 'A', 'Z') }

// changeCase flips ASCII letters between lo and hi.
func changeCase(c *module.Ctx, s string, lo, hi byte) string {
	return c.Build(len(s), func(dst []byte) []byte {
		for i := range len(s) {
			b := s[i]
			if lo <= b && b <= hi {
				b ^= 0x20
			}
			dst = append(dst, b)
		}
		return dst
	})
}

func peeler(name, help string, pairs ...string) module.Trans {
	return module.Trans{Class: "s", Name: name, Type: check.TypeAny, Help: help, Do: func(c *module.Ctx, in module.Value, _ []module.Value) module.Value {
		s := c.Text(in)
		if len(s) < 2 {
			return in
		}
		return module.StrValue(peel(s, pairs...))
	}}
}

func peel(s string, pairs ...string) string {
	for _, p := range pairs {
		if len(s) >= 2 && s[0] == p[0] && s[len(s)-1] == p[1] {
			return s[1 : len(s)-1]
		}
	}
	return s
}

func clampLen(n int32, s string) int { return max(0, min(int(n), len(s))) }

// substr counts a negative offset from the end; length 0 is the rest.
func substr(c *module.Ctx, s string, a []module.Value) module.Value {
	off, n := int(a[0].AsInt()), int(a[1].AsInt())
	if off < 0 {
		off += len(s)
	}
	if off < 0 || off >= len(s) || n < 0 {
		return module.Undef
	}
	if n == 0 || n > len(s)-off {
		n = len(s) - off
	}
	return module.StrValue(s[off : off+n])
}

func selectField(c *module.Ctx, s string, a []module.Value) module.Value {
	sep, i := separator(c, a[1:]), int(a[0].AsInt())
	if i < 0 {
		if i += strings.Count(s, sep) + 1; i < 0 {
			return empty
		}
	}
	for ; ; i-- {
		field, rest, more := strings.Cut(s, sep)
		switch {
		case i == 0:
			return module.StrValue(field)
		case !more:
			return empty
		}
		s = rest
	}
}

func replace(c *module.Ctx, s string, a []module.Value) module.Value {
	old, with := c.Text(a[0]), c.Text(a[1])
	n := strings.Count(s, old)
	if old == "" || n == 0 {
		return module.StrValue(s)
	}
	size := len(s) + n*(len(with)-len(old))
	if !c.Room(size) {
		return empty
	}
	return module.StrValue(c.Build(size, func(dst []byte) []byte {
		for {
			before, after, more := strings.Cut(s, old)
			dst = append(dst, before...)
			if !more {
				return dst
			}
			dst, s = append(dst, with...), after
		}
	}))
}

// maxPrefixes bounds {s.prefixes}, whose result grows with the square.
const maxPrefixes = 256

func prefixes(c *module.Ctx, s string, a []module.Value, quote string) module.Value {
	n := min(len(s), maxPrefixes)
	if len(a) > 0 {
		if want := int(a[0].AsInt()); want > 0 {
			n = min(n, want)
		}
	}
	return module.StrValue(c.Build(n*(n+6)/2+8, func(dst []byte) []byte {
		for i := 1; i <= n; i++ {
			if i > 1 {
				dst = append(dst, ',')
			}
			dst = append(append(append(dst, quote...), s[:i]...), quote...)
		}
		return dst
	}))
}

// ftime reads digits, and counts with 32 bits.
func ftime(c *module.Ctx, in module.Value, a []module.Value) module.Value {
	if in.Kind == module.KindInt {
		return strftime(c, unixTime(in.Int), joined(c, a))
	}
	n, err := strconv.ParseUint("0"+strings.TrimPrefix(c.Text(in), "+"), 10, 32)
	if err != nil {
		return module.Undef
	}
	return strftime(c, unixTime(int32(n)), joined(c, a))
}

// joined puts together an argument that held commas.
func joined(c *module.Ctx, a []module.Value) string {
	s := c.Text(a[0])
	for _, v := range a[1:] {
		s = c.Concat(s, ",", c.Text(v))
	}
	return s
}
