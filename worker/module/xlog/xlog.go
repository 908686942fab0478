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
	place   bool // file and line stand before the text
	filter  bool // methods_filter decides
	prefix  *module.Format
}

// newCall begins a call; the prefix is parsed here, where its variables are known.
func newCall(level, at int) (*call, error) {
	k := &call{level: level, at: at}
	if prefixMode == 0 {
		return k, nil
	}
	var err error
	if k.prefix, err = module.ParseFormat(prefix); err != nil {
		return nil, fmt.Errorf("modparam prefix: %w", err)
	}
	return k, nil
}

// fixedAt is for functions that take nothing but the text.
func fixedAt(level int, place bool) func(a []check.Arg) (any, error) {
	return func([]check.Arg) (any, error) {
		k, err := newCall(level, 0)
		if err != nil {
			return nil, err
		}
		k.place = place
		return k, nil
	}
}

// fixup sorts out xlog(text), xlog(level, text) and xlog(facility, level, text).
func fixup(a []check.Arg) (any, error) { return anyLevel(a) }

func fixupPlace(a []check.Arg) (any, error) {
	k, err := anyLevel(a)
	if err == nil {
		k.place = true
	}
	return k, err
}

func fixupFiltered(a []check.Arg) (any, error) {
	k, err := anyLevel(a)
	if err == nil {
		k.filter = true
	}
	return k, err
}

func anyLevel(a []check.Arg) (*call, error) {
	k, err := newCall(defaultLevel, len(a)-1)
	if err != nil {
		return nil, err
	}
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
	k.level, err = parseLevel(level.Str)
	return k, err
}

// wanted is asked before anything is evaluated: what is not logged costs
// nothing.
func wanted(c *module.Ctx, fixed any) bool {
	k := fixed.(*call)
	return !(k.filter && filtered(c)) && (k.dynamic || logged(c, k.level))
}

// filtered tells whether methods_filter holds the method of c, in a reply that of
// CSeq.
func filtered(c *module.Ctx) bool {
	method := c.SIP.Method
	if !c.SIP.IsRequest {
		if q, err := c.SIP.CSeq(); err == nil {
			method = q.Method
		}
	}
	return uint32(method)&uint32(methodsFilter) != 0
}

func write(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*call)
	level := k.level
	if k.dynamic {
		v := a.Value(k.at - 1)
		n, err := 0, error(nil)
		switch v.Kind {
		case module.KindUndef:
			return -1
		case module.KindStr:
			if n, err = parseLevel(v.Str); err != nil {
				return -1
			}
		default:
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
	if k.place {
		text = c.Concat(where(c, a.Site), text)
	}
	before := prefix
	if k.prefix != nil {
		before, _ = k.prefix.Text(c)
	}
	c.Env.ScriptLog(level, before, text)
	return 1
}

// where is the place of a call: its line, with long_format the file, too.
func where(c *module.Ctx, s *check.Site) string {
	line := c.Itoa(int64(s.Line))
	if longFormat != 0 {
		return c.Concat(s.File, ":", line, ":")
	}
	return c.Concat(line, ":")
}
