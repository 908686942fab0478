package lint

import (
	"strings"

	"goser/cfg/check"
	"goser/cfg/syntax"
)

// unusedRoutes reports blocks that nothing arms. What a module parameter names
// is used, and with computed names anything may be.
func (l *linter) unusedRoutes() {
	if l.prog.Dynamic || l.prog.Fragment() {
		return
	}
	how := map[check.RouteKind]string{check.FailureRoute: "t_on_failure", check.BranchRoute: "t_on_branch", check.ReplyRoute: "t_on_reply"}
	for _, r := range l.prog.Routes {
		if fn := how[r.Kind]; fn != "" && r.Name != "0" && !r.Used && !l.prog.NamedInParams(r.Name) {
			l.warn(r.Pos, "arm it with "+fn+`("`+r.Name+`")`, "%s[%s] is never armed", r.Kind, r.Name)
		}
	}
}

// calls returns the routes that a block calls, each with one of its calls.
func calls(r *check.Route) map[*check.Route]*check.Expr {
	m := map[*check.Route]*check.Expr{}
	visitor{expr: func(x *check.Expr) {
		if x.Op == check.OpRoute && x.Route != nil && m[x.Route] == nil {
			m[x.Route] = x
		}
	}}.block(r.Body)
	return m
}

// recursion reports routes that can come back to themselves.
func (l *linter) recursion() {
	for _, r := range l.prog.Routes {
		for to, x := range calls(r) {
			if to == r {
				l.warn(x.Pos, "at most 100 levels deep; write while", "route[%s] calls itself", r.Name)
			} else if to.Index > r.Index && reaches(to, r, map[*check.Route]bool{}) {
				l.warn(x.Pos, "at most 100 levels deep", "route[%s] and route[%s] call each other", r.Name, to.Name)
			}
		}
	}
}

func reaches(from, to *check.Route, seen map[*check.Route]bool) bool {
	if seen[from] {
		return false
	}
	seen[from] = true
	for next := range calls(from) {
		if next == to || reaches(next, to, seen) {
			return true
		}
	}
	return false
}

// unusedFlags reports flags that no function is given.
func (l *linter) unusedFlags() {
	if l.prog.Fragment() {
		return
	}
	used := map[int32]bool{}
	l.each(visitor{expr: func(x *check.Expr) {
		if x.Op != check.OpCall {
			return
		}
		for _, a := range x.Call.Args {
			if a.Kind == check.ArgFlag {
				used[a.Int] = true
			}
		}
	}})
	for _, it := range l.tree.Items {
		f, ok := it.(*syntax.FlagsItem)
		if !ok || f.AVP {
			continue
		}
		for _, d := range f.Names {
			for n, name := range l.prog.Flags {
				if name == d.Name.Str && !used[int32(n)] && !l.numberInParams(int32(n)) && !l.prog.NamedInParams(name) {
					l.warn(d.Name.At, "", "flag %s is never used", name)
				}
			}
		}
	}
}

// numberInParams tells whether a module is given a flag by its number.
func (l *linter) numberInParams(n int32) bool {
	for _, p := range l.prog.ModParams {
		if !p.IsStr && p.Int == n && strings.Contains(p.Name, "flag") {
			return true
		}
	}
	return false
}
