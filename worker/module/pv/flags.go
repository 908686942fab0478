package pv

import (
	"errors"
	"strconv"

	"goser/cfg/check"
	"goser/worker/module"
)

// flagVars: message, branch and script flags; decimal, hexadecimal, by bit.
func flagVars() []module.Var {
	vs := flagFamily("m", "message", func(c *module.Ctx) *uint32 { return &c.Flags })
	vs = append(vs, flagFamily("b", "branch", func(c *module.Ctx) *uint32 { return &c.Dest.Flags })...)
	return append(vs, flagFamily("s", "script", func(c *module.Ctx) *uint32 { return &c.ScriptFlags })...)
}

var errNoNumber = errors.New("flags are set with a number")

func flagFamily(letter, word string, of func(c *module.Ctx) *uint32) []module.Var {
	set := func(c *module.Ctx, _ *module.Ref, v module.Value) error {
		if v.Kind == module.KindStr {
			return errNoNumber
		}
		*of(c) = uint32(v.AsInt())
		return nil
	}
	return []module.Var{{
		Name: letter + "f", Type: check.TypeInt, Set: set, Help: word + " flags",
		Get: func(c *module.Ctx, _ *module.Ref) module.Value { return module.UintValue(c, *of(c)) },
	}, {
		Name: letter + "F", Type: check.TypeStr, Set: set, Help: word + " flags, eight hexadecimal digits",
		Get: func(c *module.Ctx, _ *module.Ref) module.Value { return module.StrValue(hex8(c, *of(c))) },
	}, {
		Name: upper(letter) + "f", Type: check.TypeInt, Inner: check.InnerFormat, Help: "one bit of the " + word + " flags",
		Get: func(c *module.Ctx, r *module.Ref) module.Value {
			n, ok := flagNumber(r.Inner)
			if !ok {
				return module.Undef
			}
			return intValue(*of(c) >> n & 1)
		},
		Set: func(c *module.Ctx, r *module.Ref, v module.Value) error {
			n, ok := flagNumber(r.Inner)
			switch {
			case !ok:
				return errors.New("a flag's number is 0 to 31")
			case v.Kind == module.KindStr:
				return errNoNumber
			case v.AsInt() != 0:
				*of(c) |= 1 << n
			default:
				*of(c) &^= 1 << n
			}
			return nil
		},
	}}
}

func upper(letter string) string { return string(letter[0] - 'a' + 'A') }

func flagNumber(s string) (uint, bool) {
	n, ok := module.ParseInt(s)
	return uint(n), ok && 0 <= n && n < 32
}

func hex8(c *module.Ctx, n uint32) string {
	return c.Build(16, func(dst []byte) []byte {
		const ninth = 1 << 32 // keeps the leading zeros
		from := len(dst)
		dst = strconv.AppendUint(dst, ninth|uint64(n), 16)
		copy(dst[from:], dst[from+1:])
		return dst[:len(dst)-1]
	})
}
