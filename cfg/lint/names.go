package lint

import (
	"maps"
	"slices"

	"goser/cfg/check"
	"goser/cfg/syntax"
)

// use is where a script variable is first read and first set.
type use struct{ read, set *check.Var }

// variables reports $var(x) that only one side knows: it is most often a typing
// mistake. What modparam varset sets is set.
func (l *linter) variables() {
	if l.prog.Fragment() {
		return
	}
	uses := map[string]*use{}
	computed := false
	l.each(visitor{vars: func(v *check.Var, assigned bool) {
		if v.Name != "var" && v.Name != "vn" && v.Name != "vz" || v.Attr {
			return
		}
		if len(v.Parts) > 0 {
			computed = true
			return
		}
		u := uses[v.Name+":"+v.Inner]
		if u == nil {
			u = &use{}
			uses[v.Name+":"+v.Inner] = u
		}
		if assigned && u.set == nil {
			u.set = v
		} else if !assigned && u.read == nil {
			u.read = v
		}
	}})
	if computed {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(uses)) {
		switch u := uses[key]; {
		case u.set == nil && !l.prog.NamedInParams(u.read.Inner):
			l.warn(u.read.Pos, "", "$%s(%s) is read and never set", u.read.Name, u.read.Inner)
		case u.read == nil && !l.prog.NamedInParams(u.set.Inner):
			l.warn(u.set.Pos, "", "$%s(%s) is set and never read", u.set.Name, u.set.Inner)
		}
	}
}

// duplicates reports parameters whose first value never counts.
func (l *linter) duplicates() {
	type key struct{ module, name string }
	last := map[key]syntax.Span{}
	for _, p := range l.prog.ModParams {
		if p.Info.Kind&check.ParamFunc != 0 {
			continue // each call of a setter counts
		}
		k := key{p.Module, p.Name}
		if at, ok := last[k]; ok && !l.overridden(at, p.Pos) {
			l.warn(p.Pos, "first at "+l.prog.Where(at), "parameter %s of module %s is set again", p.Name, p.Module)
		}
		last[k] = p.Pos
	}
	for _, p := range l.prog.Params {
		k := key{"", p.Name}
		if at, ok := last[k]; ok && !l.overridden(at, p.Pos) {
			l.warn(p.Pos, "first at "+l.prog.Where(at), "parameter %s is set again", p.Name)
		}
		last[k] = p.Pos
	}
}

// overridden tells whether one place is in another file or beside a conditional:
// then the second value is meant to replace the first.
func (l *linter) overridden(first, second syntax.Span) bool {
	return first.File != second.File || l.prog.Files.Conditional(first.File, first.Line, second.Line)
}
