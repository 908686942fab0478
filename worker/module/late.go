package module

import (
	"errors"
	"strings"

	"goser/cfg/check"
)

// Late is a Fixup that has to wait for the values of arguments (check.ArgStrVar given as an expression). What it made of
// a text is kept for the next call with the same.
type Late struct {
	fix  func(a []check.Arg) (any, error)
	spec []check.Arg
	live []int
	made map[string]any // what fix returned; an error stays one
}

// Bounds on what one call keeps, and on a text that a stranger may have chosen.
const (
	maxLateText = 1024
	maxLate     = 32
)

var errLateText = errors.New("the value of an argument is longer than 1024 bytes")

// NewLate returns nil if the Fixup can run at start.
func NewLate(fix func(a []check.Arg) (any, error), spec []check.Arg) *Late {
	l := &Late{fix: fix, spec: append([]check.Arg(nil), spec...), made: map[string]any{}}
	for i := range spec {
		if spec[i].Kind == check.ArgStrVar && !spec[i].Const {
			l.live = append(l.live, i)
		}
	}
	if fix == nil || len(l.live) == 0 {
		return nil
	}
	return l
}

// Fixed is what the Fixup makes of the arguments' values.
func (l *Late) Fixed(c *Ctx, a *Args) (any, error) {
	key := ""
	for _, i := range l.live {
		s := a.Str(c, i)
		if len(s) > maxLateText {
			return nil, errLateText
		}
		if key == "" && len(l.live) == 1 {
			key = s
		} else {
			key = c.Concat(key, s, "\x00")
		}
	}
	fixed, known := l.made[key]
	if !known {
		key = strings.Clone(key)
		for _, i := range l.live {
			l.spec[i].Str = strings.Clone(a.Str(c, i))
		}
		var err error
		transient = true
		if fixed, err = l.fix(l.spec); err != nil {
			fixed = err
		}
		transient = false
		if len(l.made) >= maxLate {
			clear(l.made)
		}
		l.made[key] = fixed
	}
	if err, failed := fixed.(error); failed {
		return nil, err
	}
	return fixed, nil
}
