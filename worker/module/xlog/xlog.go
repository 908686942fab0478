package xlog

import (
	"fmt"

	"goser/cfg/check"
	"goser/worker/module"
)

// call is one place where the script writes.
type call struct {
	level   int
	dynamic bool // the level is argument at-1
	at      int  // the text's argument
}

// fixup sorts out xlog(text), xlog(level, text) and xlog(facility, level, text).
func fixup(a []check.Arg) (any, error) {
	k := &call{level: defaultLevel, at: len(a) - 1}
	if len(a) == 3 {
		if !a[0].Const {
			return nil, fmt.Errorf("the facility must be a constant")
		}
		if err := checkFacility(a[0].Str); err != nil {
			return nil, err
		}
	}
	if len(a) == 1 {
		return k, nil
	}
	level := &a[len(a)-2]
	if k.dynamic = !level.Const; k.dynamic {
		return k, nil
	}
	var err error
	k.level, err = parseLevel(level.Str)
	return k, err
}

// wanted is asked before anything is evaluated: what is not logged costs
// nothing.
func wanted(c *module.Ctx, fixed any) bool {
	k := fixed.(*call)
	return k.dynamic || logged(c, k.level)
}

func write(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*call)
	level := k.level
	if k.dynamic {
		v := a.Value(k.at - 1)
		n, err := 0, error(nil)
		if v.Kind == module.KindStr {
			if n, err = parseLevel(v.Str); err != nil {
				return -1
			}
		} else {
			n = clampLevel(v.AsInt())
		}
		if level = n; !logged(c, level) {
			return 1
		}
	}
	text := a.Printed(c, k.at)
	if len(text) > int(bufSize)-1 {
		text = text[:bufSize-1]
	}
	c.Env.ScriptLog(level, prefix, text)
	return 1
}
