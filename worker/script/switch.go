package script

import (
	"goser/cfg/check"
	"goser/cfg/ere"
)

// label is one case: a string, or a regular expression that counts case.
type label struct {
	str string
	re  *ere.Regexp
}

func (l *label) matches(s string) bool {
	if l.re != nil {
		return l.re.MatchString(s)
	}
	return l.str == s
}

// switchStmt compiles a switch. Its cases fall through as in C until something
// breaks; if nothing matches the default runs, and without one nothing.
func (k *compiler) switchStmt(s *check.Stmt) func(f *frame) int32 {
	sw := s.Switch
	if sw == nil {
		return nil
	}
	bodies := make([]*block, len(sw.Cases))
	for i := range sw.Cases {
		bodies[i] = k.block(sw.Cases[i].Body, sw.Cases[i].Pos)
	}
	find := k.chooser(s)
	return func(f *frame) int32 {
		i := find(f)
		ok, ended := f.settle()
		if ended {
			return f.value
		}
		if !ok {
			i = sw.Default
		}
		if i < 0 {
			return 1
		}
		return f.cases(bodies[i:])
	}
}

// cases runs bodies until one breaks, which makes 0 of the value.
func (f *frame) cases(bodies []*block) int32 {
	ret := int32(1)
	for _, b := range bodies {
		if ret = f.run(b); f.state != 0 {
			if f.state == stBreak {
				f.state, ret = 0, 0
			}
			break
		}
	}
	return ret
}

// chooser finds the case for the value at hand.
func (k *compiler) chooser(s *check.Stmt) func(f *frame) int {
	sw := s.Switch
	if !sw.Str {
		x := k.int(s.X)
		return func(f *frame) int {
			if i, ok := sw.Ints[x(f)]; ok {
				return i
			}
			return sw.Default
		}
	}
	x, labels := k.str(s.X), make([]label, len(sw.Cases))
	for i, c := range sw.Cases {
		labels[i] = label{c.Str, c.Re}
	}
	return func(f *frame) int {
		v := x(f)
		for i := range labels {
			if !sw.Cases[i].Default && labels[i].matches(v) {
				return i
			}
		}
		return sw.Default
	}
}
