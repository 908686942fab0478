package pv

import (
	"errors"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// storeVars: what a script keeps. $var lives as long as the process, $avp as
// long as the message.
var storeVars = []module.Var{
	scriptVar("var", "variable of the process; 0 until set", module.IntValue(0)),
	scriptVar("vz", "variable of the process; 0 until set", module.IntValue(0)),
	scriptVar("vn", "variable of the process; undefined until set", module.Undef),
	shvVar,
	{
		Name: "avp", Type: check.TypeAny, Inner: check.InnerFormat, Indexed: true, Get: getAVP, Set: setAVP,
		Prepare: func(inner string) (any, error) {
			if inner == "" {
				return nil, errors.New("an AVP needs a name: $avp(name), $avp(s:name) or $avp(i:5)")
			}
			return &avpName{inner: inner}, nil
		},
		Help: "stack of values of the message: assigning pushes, $null pops, [*] replaces or clears all",
	},
	{
		Name: "cnt", Type: check.TypeInt, Inner: check.InnerText, Help: "number of values of an $avp, $xavp, $xavu or $xavi",
		Prepare: func(inner string) (any, error) { return countable(inner) }, Get: fixedGetter,
	},
}

// slots numbers the script variables. Each has two places in module.Vars: the
// value, and whether it was set.
var (
	slots  = map[string]int{}
	starts = map[int]module.Value{} // modparam varset
)

// A name that only comes up in the text of a message gets no number: nothing can
// be in it.
func slotOf(name string) int {
	n, ok := slots[name]
	switch {
	case ok:
	case module.Transient():
		n = noSlot
	default:
		n = 2 * len(slots)
		slots[name] = n
	}
	return n
}

const noSlot = -1

func scriptVar(name, help string, unset module.Value) module.Var {
	return module.Var{
		Name: name, Type: check.TypeAny, Inner: check.InnerText, Help: help,
		Prepare: func(inner string) (any, error) {
			if inner == "" {
				return nil, fmt.Errorf("a name is missing: $%s(name)", name)
			}
			return slotOf(name + ":" + inner), nil
		},
		Get: func(c *module.Ctx, r *module.Ref) module.Value {
			n := r.Fixed.(int)
			if n == noSlot {
				return unset
			}
			if c.Vars.Get(n+1).Int == 1 {
				return c.Vars.Get(n)
			}
			if v, ok := starts[n]; ok && len(starts) > 0 && c.Vars.Get(n+1).Int == 0 {
				return v
			}
			return unset
		},
		Set: func(c *module.Ctx, r *module.Ref, v module.Value) error {
			n, state := r.Fixed.(int), int32(1)
			if v.IsUndef() {
				state = 2 // reset: not even the value of varset
			}
			setSlotState(c, n, v, state)
			return nil
		},
	}
}

func setSlot(c *module.Ctx, n int, v module.Value) { setSlotState(c, n, v, 1) }

func setSlotState(c *module.Ctx, n int, v module.Value, state int32) {
	c.Vars.Set(n, v)
	c.Vars.Set(n+1, module.IntValue(state))
}

// setVar is modparam("pv", "varset", "name=i:5").
func setVar(v module.Value) error {
	name, val, err := assignment(v.Str)
	if err != nil {
		return err
	}
	starts[slotOf("var:"+name)] = val
	return nil
}

// assignment parses name=i:5 or name=s:text.
func assignment(s string) (name string, v module.Value, err error) {
	name, val, ok := strings.Cut(s, "=")
	switch {
	case !ok || name == "":
	case strings.HasPrefix(val, "i:"):
		if number := val[2:]; number == "" {
			return name, module.IntValue(0), nil
		} else if n, ok := module.ParseInt(number); ok && strings.Trim(number, "+-0123456789") == "" {
			return name, module.IntValue(n), nil
		}
	case strings.HasPrefix(val, "s:"):
		return name, module.StrValue(val[2:]), nil
	}
	return "", v, fmt.Errorf("%q: expected name=i:NUMBER or name=s:TEXT", s)
}

// aliases are further names of AVPs (modparam avp_aliases).
var aliases = map[string]string{}

func setAliases(v module.Value) error {
	if v.Str == "" {
		return nil
	}
	set := map[string]bool{}
	for _, item := range strings.Split(v.Str, ";") {
		name, key, ok := strings.Cut(item, "=")
		name, key = aliasPart(name), aliasPart(key)
		if ok = ok && name != "" && isAVPKey(key); !ok {
			return fmt.Errorf("%q: expected alias=NAME, alias=s:NAME or alias=i:NUMBER, with ; between several", item)
		}
		if set[name] {
			return fmt.Errorf("%q: %s is an alias already", item, name)
		}
		set[name], aliases[name] = true, key
	}
	return nil
}

// aliasPart is what names an AVP in $avp(NAME), or NAME as it stands, without blanks.
func aliasPart(s string) string {
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, "$avp("); ok {
		s = strings.TrimSuffix(inner, ")")
	}
	if rest, ok := strings.CutPrefix(s, "I:"); ok {
		s = "i:" + rest
	}
	return s
}

// isAVPKey tells whether an AVP can be called so: NAME, s:NAME or i:NUMBER.
func isAVPKey(s string) bool {
	if number, ok := strings.CutPrefix(s, "i:"); ok {
		return number != "" && strings.Trim(number, "0123456789") == ""
	}
	return strings.TrimPrefix(s, "s:") != ""
}

// avpKey is the name under which module.AVPList keeps an AVP: s:name or i:5.
func avpKey(name string) string {
	if len(aliases) > 0 {
		if a, ok := aliases[name]; ok {
			name = a
		}
	}
	if strings.HasPrefix(name, "s:") {
		return name
	}
	if strings.HasPrefix(name, "i:") {
		if _, ok := module.ParseInt(name[2:]); ok {
			return name
		}
	}
	return "s:" + name
}

// avpName is a constant name. Its key is known when the module's parameters are, which is after the script was read.
type avpName struct{ inner, key string }

// keyOf is the key of a use; a computed name is looked up at run time.
func keyOf(c *module.Ctx, r *module.Ref) string {
	if n, ok := r.Fixed.(*avpName); ok {
		if n.key == "" {
			n.key = avpKey(n.inner)
		}
		return n.key
	}
	if _, alias := aliases[r.Inner]; alias || strings.HasPrefix(r.Inner, "s:") || strings.HasPrefix(r.Inner, "i:") {
		return avpKey(r.Inner)
	}
	return c.Concat("s:", r.Inner)
}

func getAVP(c *module.Ctx, r *module.Ref) module.Value {
	key := keyOf(c, r)
	if r.All {
		return joinAVPs(c, key)
	}
	if r.Index < 0 {
		return module.Undef
	}
	if a := c.AVPs.Get(key, r.Index); a != nil {
		return a.Value
	}
	return module.Undef
}

func joinAVPs(c *module.Ctx, key string) module.Value {
	n := c.AVPs.Count(key)
	if n == 0 {
		return module.Undef
	}
	return module.StrValue(c.Build(32*n, func(dst []byte) []byte {
		start := len(dst)
		for i := range n {
			if len(dst) > start { // KAMAILIO: nothing for the empty ones in front
				dst = append(dst, ", "...)
			}
			v := c.AVPs.Get(key, i).Value
			if v.Kind == module.KindInt {
				dst = appendInt(dst, v.Int)
			} else {
				dst = append(dst, v.Str...)
			}
		}
		return dst
	}))
}

// setAVP pushes; $null takes the newest away. With [*] all old ones go first.
func setAVP(c *module.Ctx, r *module.Ref, v module.Value) error {
	key := keyOf(c, r)
	if v.IsUndef() {
		if r.All {
			c.AVPs.Clear(key)
		} else {
			c.AVPs.Pop(key)
		}
		return nil
	}
	if v.Kind == module.KindStr {
		v.Str = c.Keep(v.Str)
	}
	if r.All {
		c.AVPs.Clear(key)
	}
	if !c.AVPs.Push(key, v) {
		return errors.New("the message has too many AVPs")
	}
	return nil
}
