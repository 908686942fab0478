package avpops

import (
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// source is "$avp(x)/flags".
type source struct {
	avp   string // full name
	flags string
}

func (s *source) has(flag byte) bool { return strings.IndexByte(s.flags, flag) >= 0 }

// parseSource reads an AVP and its flags, which are some of allowed.
func parseSource(s, allowed string) (source, error) {
	name, flags := cutFlags(s)
	avp, err := module.ParseAVP(strings.TrimSpace(name))
	if err != nil {
		return source{}, err
	}
	return source{avp, flags}, checkFlags(flags, allowed)
}

// cutFlags cuts at the slash behind the AVP.
func cutFlags(s string) (name, flags string) {
	name, flags, _ = strings.Cut(s, "/")
	return strings.TrimSpace(name), strings.TrimSpace(flags)
}

func checkFlags(flags, allowed string) error {
	for i := range len(flags) {
		if strings.IndexByte(allowed, flags[i]) < 0 {
			return fmt.Errorf("unknown flag %q: expected some of %s", flags[i:i+1], allowed)
		}
	}
	return nil
}

// at points at an argument.
func at(i int, err error) error {
	if err == nil {
		return nil
	}
	return &module.ArgError{Arg: i, Err: err}
}

func fixSource(a []check.Arg) (any, error) {
	s, err := parseSource(a[0].Str, "gnse")
	return &s, at(0, err)
}

// isSet asks for any value, or for a number (n), a text (s), an empty text (e).
func isSet(c *module.Ctx, a *module.Args) int {
	s := a.Fixed.(*source)
	v := c.AVPs.Get(s.avp, 0)
	switch {
	case v == nil:
		return -1
	case s.has('n'):
		return truth(v.Value.Kind == module.KindInt)
	case s.has('e'):
		return truth(v.Value.Kind == module.KindStr && v.Value.Str == "")
	case s.has('s'):
		return truth(v.Value.Kind == module.KindStr)
	}
	return 1
}

// fixDelete knows letters beside AVPs: s all whose name is a text, i all whose name is a number, a both. Digits behind
// them say nothing, as in 5.6.3.
func fixDelete(a []check.Arg) (any, error) {
	name, flags := cutFlags(a[0].Str)
	switch strings.ToLower(strings.TrimRight(name, "0123456789")) {
	case "a":
		return []string{"s:", "i:"}, at(0, checkFlags(flags, "gG"))
	case "i":
		return []string{"i:"}, at(0, checkFlags(flags, "gG"))
	case "s":
		return []string{"s:"}, at(0, checkFlags(flags, "gG"))
	}
	return fixSource(a)
}

// remove deletes the newest value, with g all of them.
func remove(c *module.Ctx, a *module.Args) int {
	if prefixes, ok := a.Fixed.([]string); ok {
		n := 0
		for _, p := range prefixes {
			n += c.AVPs.ClearPrefix(p)
		}
		return truth(n > 0)
	}
	s := a.Fixed.(*source)
	if s.has('g') {
		return truth(c.AVPs.Clear(s.avp) > 0)
	}
	return truth(c.AVPs.Pop(s.avp))
}

// copying is avp_copy's two arguments.
type copying struct {
	from string
	to   source
}

func fixCopy(a []check.Arg) (any, error) {
	from, err := parseSource(a[0].Str, "")
	if err != nil {
		return nil, at(0, err)
	}
	to, err := parseSource(a[1].Str, "gdns")
	return &copying{from.avp, to}, at(1, err)
}

// copyTo copies the newest value, with g all; d deletes what was copied, n and s
// make numbers and texts of them. The newest is pushed first, so several come out
// in the other order.
//
// KAMAILIO: 5.6.3 turns the order round, too.
func copyTo(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*copying)
	n := c.AVPs.Count(k.from)
	if n == 0 {
		return -1
	}
	if v := c.AVPs.Get(k.from, 0).Value; k.to.has('n') && !k.to.has('g') && v.Kind == module.KindStr && v.Str != "" {
		if _, ok := module.ParseInt(v.Str); !ok {
			return -1
		}
	}
	if !k.to.has('g') {
		n = 1
	}
	for i := range n {
		j := i
		if k.from == k.to.avp {
			j = 2 * i // each push moves the values by one
		}
		if !c.AVPs.Push(k.to.avp, converted(c, c.AVPs.Get(k.from, j).Value, &k.to)) {
			return c.Fail(-1, module.ErrTooManyAVPs.Error())
		}
	}
	switch {
	case !k.to.has('d') || k.from == k.to.avp:
	case k.to.has('g'):
		c.AVPs.Clear(k.from)
	default:
		c.AVPs.Pop(k.from)
	}
	return 1
}

func converted(c *module.Ctx, v module.Value, to *source) module.Value {
	switch {
	case to.has('n') && v.Kind == module.KindStr:
		return module.IntValue(v.AsInt())
	case to.has('s') && v.Kind == module.KindInt:
		return module.StrValue(c.Keep(c.Itoa(int64(v.Int))))
	}
	return v
}

// printAll writes at the level INFO, newest first.
func printAll(c *module.Ctx, _ *module.Args) int {
	c.AVPs.Each(func(name string, v module.Value) {
		c.Env.ScriptLog(2, "avpops: ", c.Concat(name, " = ", c.Text(v)))
	})
	return 1
}
