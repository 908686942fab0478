package lint

import (
	"strings"

	"goser/cfg/check"
	"goser/cfg/syntax"
)

// unusedRoutes reports blocks that nothing arms. What a module parameter names
// is used, and with computed names anything may be.
func (l *linter) unusedRoutes() {
	if l.prog.Dynamic {
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

// contexts are the blocks in whose place a request route may run.
var contexts = []struct {
	kind check.RouteKind
	mask check.RouteMask
}{
	{check.FailureRoute, check.OnFailure},
	{check.BranchRoute, check.OnBranch},
	{check.ReplyRoute, check.OnReply | check.OnCoreReply},
	{check.SendRoute, check.OnSend},
}

// context reports functions that cannot work where their route is called from.
// The check of the program only asks whether a route may hold them at all.
func (l *linter) context() {
	for _, ctx := range contexts {
		told := map[*check.Expr]bool{}
		for _, r := range l.prog.Routes {
			if r.Kind != ctx.kind {
				continue
			}
			mask := ctx.mask
			if r.Kind == check.ReplyRoute {
				if mask = check.OnReply; r.Name == "0" {
					mask = check.OnCoreReply
				}
			}
			l.contextOf(r, r, mask, told, map[*check.Route]bool{})
		}
	}
}

func (l *linter) contextOf(top, r *check.Route, mask check.RouteMask, told map[*check.Expr]bool, seen map[*check.Route]bool) {
	for to := range calls(r) {
		if seen[to] {
			continue
		}
		seen[to] = true
		visitor{expr: func(x *check.Expr) {
			if x.Op == check.OpCall && x.Call.Func.Routes&mask == 0 && !told[x] {
				told[x] = true
				l.warn(x.Pos, "it fails there; ask in the route where it is called from, or move it",
					"%s does not work in %s, which calls route[%s]", x.Call.Name, blockName(top), to.Name)
			}
		}}.block(to.Body)
		l.contextOf(top, to, mask, told, seen)
	}
}

func blockName(r *check.Route) string {
	if r.Name == "0" {
		return r.Kind.String()
	}
	return r.Kind.String() + "[" + r.Name + "]"
}

// waits reports functions that can take long. The server goes on meanwhile, the
// message does not, and so many can wait at a time (max_waiting).
func (l *linter) waits() {
	l.each(visitor{expr: func(x *check.Expr) {
		if x.Op == check.OpCall && x.Call.Func.Waits && !answering[x.Call.Name] {
			l.warn(x.Pos, "the message waits, others go on; at most max_waiting messages of a process wait at a time", "%s may wait for long", x.Call.Name)
		}
	}})
}

// unusedFlags reports flags that no function is given.
func (l *linter) unusedFlags() {
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
	inParams := func(name string) bool {
		for _, p := range l.prog.ModParams {
			if p.IsStr && strings.Contains(p.Str, name) {
				return true
			}
		}
		return false
	}
	for _, it := range l.tree.Items {
		f, ok := it.(*syntax.FlagsItem)
		if !ok || f.AVP {
			continue
		}
		for _, d := range f.Names {
			for n, name := range l.prog.Flags {
				if name == d.Name.Str && !used[int32(n)] && !l.numberInParams(int32(n)) && !inParams(name) {
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
