package pv

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

func appendInt(dst []byte, n int32) []byte { return strconv.AppendInt(dst, int64(n), 10) }

// miscVars: constants, the process, selects.
func miscVars() []module.Var {
	return []module.Var{
		{
			Name: "stat", Type: check.TypeInt, Inner: check.InnerFormat, Get: statistic,
			Help: "value of a counter over all processes, by its name or group.name",
		},
		{
			Name: "null", Type: check.TypeAny, Help: "undefined",
			Get: func(*module.Ctx, *module.Ref) module.Value { return module.Undef },
		},
		number("true", "1", func(*module.Ctx) module.Value { return module.IntValue(1) }),
		number("pp", "process id", func(c *module.Ctx) module.Value { return intValue(c.Env.Process().Pid) }),
		{
			Name: "_s", Type: check.TypeStr, Inner: check.InnerFormat, Help: "text with its variables expanded",
			Get: func(_ *module.Ctx, r *module.Ref) module.Value { return module.StrValue(r.Inner) },
		},
		{
			Name: "sel", Type: check.TypeAny, Inner: check.InnerText, Help: "value of a select: $sel(ruri.user) is @ruri.user",
			Prepare: func(inner string) (any, error) { return prepareSelect(inner) }, Get: fixedGetter,
		},
		fields("version", "num: the version of the language that is spoken here; full: of the program", check.TypeStr, map[string]func(c *module.Ctx) module.Value{
			"num":  func(*module.Ctx) module.Value { return module.StrValue(language) },
			"full": func(*module.Ctx) module.Value { return module.StrValue(fullVersion) },
			"hash": func(*module.Ctx) module.Value { return module.StrValue("unknown") },
		}),
		fields("K", "numbers of address families and transports", check.TypeInt, constants),
	}
}

// language is the version of Kamailio whose files are understood: scripts ask for it to know what they may use.
const language = "5.6.3"

var fullVersion = "ser " + language + " (" + runtime.GOARCH + "/" + runtime.GOOS + ")"

var constants = func() map[string]func(c *module.Ctx) module.Value {
	get := map[string]func(c *module.Ctx) module.Value{}
	for name, n := range map[string]int32{
		"IPv4": 2, "INET": 2, "IPv6": 10, "INET6": 10,
		"UDP": 1, "TCP": 2, "TLS": 3, "SCTP": 4, "WS": 5, "WSS": 6,
	} {
		get[name] = func(*module.Ctx) module.Value { return module.IntValue(n) }
	}
	return get
}()

// prepareSelect finds the select that the text names among those of all
// modules.
func prepareSelect(s string) (func(c *module.Ctx) module.Value, error) {
	parts, err := selectParts(s)
	if err != nil {
		return nil, err
	}
	for _, m := range module.All() {
		for i := range m.Selects {
			if sel := &m.Selects[i]; isNamed(sel, parts[0].Name) {
				get, err := sel.Prepare(parts[1:])
				if err != nil || emptyIsValue(parts) {
					return get, err
				}
				return func(c *module.Ctx) module.Value { return nonEmptyValue(get(c)) }, nil
			}
		}
	}
	return nil, fmt.Errorf("unknown select @%s", s)
}

// emptyIsValue tells whether an empty text of a select is something that stands in the message: the body of a header,
// or the value of a parameter. Elsewhere it is what is not there.
func emptyIsValue(parts []check.SelectPart) bool {
	switch root, n := parts[0].Name, len(parts); {
	case n == 1:
		return root != "dst_uri" && root != "next_hop" && root != "event"
	case root == "msg" || root == "message":
		return true
	default:
		return parts[n-1].IsArg || parts[n-2].Name == "params"
	}
}

// nonEmptyValue makes the empty text undefined.
func nonEmptyValue(v module.Value) module.Value {
	if v.Kind == module.KindStr && v.Str == "" {
		return module.Undef
	}
	return v
}

func isNamed(s *module.Select, name string) bool {
	if strings.EqualFold(s.Root, name) {
		return true
	}
	for _, a := range s.Aliases {
		if strings.EqualFold(a, name) {
			return true
		}
	}
	return false
}

// selectParts takes a.b[1]["x"].c apart.
func selectParts(s string) ([]check.SelectPart, error) {
	var parts []check.SelectPart
	bad := fmt.Errorf("%q is no select: expected a.b[1][\"x\"]", s)
	for rest := strings.TrimPrefix(s, "@"); rest != ""; {
		end := strings.IndexAny(rest, ".[")
		switch {
		case rest[0] == '[':
			i := strings.IndexByte(rest, ']')
			if i < 2 || len(parts) == 0 {
				return nil, bad
			}
			p := check.SelectPart{IsArg: true, Name: strings.Trim(rest[1:i], `"'`)}
			if n, ok := module.ParseInt(rest[1:i]); ok {
				p = check.SelectPart{IsArg: true, IsInt: true, Int: n}
			}
			parts = append(parts, p)
			rest = strings.TrimPrefix(rest[i+1:], ".")
			continue
		case end < 0:
			end = len(rest)
		}
		if end == 0 {
			return nil, bad
		}
		parts = append(parts, check.SelectPart{Name: rest[:end]})
		rest = strings.TrimPrefix(rest[end:], ".")
	}
	if len(parts) == 0 {
		return nil, bad
	}
	return parts, nil
}

// statistic is undef for a counter that there is not.
func statistic(c *module.Ctx, r *module.Ref) module.Value {
	id, ok := c.Env.FindStatistic(r.Inner)
	if !ok {
		return module.Undef
	}
	return module.IntValue(int32(min(max(c.Env.Sum(id), math.MinInt32), math.MaxInt32)))
}
