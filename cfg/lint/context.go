package lint

import "goser/cfg/check"

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
	var next []*check.Route
	unasked(r.Body, func(x *check.Expr) {
		if x.Op == check.OpRoute && x.Route != nil && !seen[x.Route] {
			seen[x.Route] = true
			next = append(next, x.Route)
		}
	})
	for _, to := range next {
		unasked(to.Body, func(x *check.Expr) {
			if x.Op == check.OpCall && x.Call.Func.Routes&mask == 0 && !told[x] {
				told[x] = true
				l.warn(x.Pos, "it fails there; ask in the route where it is called from, or move it",
					"%s does not work in %s, which calls route[%s]", x.Call.Name, blockName(top), to.Name)
			}
		})
		l.contextOf(top, to, mask, told, seen)
	}
}

// unasked calls f for the expressions of a block that run wherever it is called
// from: what an if decides by the kind of the message or of the block is left out.
func unasked(b check.Block, f func(x *check.Expr)) {
	for _, s := range b {
		if asksWhere(s.X) {
			if s.Kind == check.StmtIf && (leaves(s.Then) || leaves(s.Else)) {
				return // the rest runs in one case only
			}
			continue
		}
		visitor{expr: f}.expression(s.X)
		unasked(s.Then, f)
		unasked(s.Else, f)
		if s.Switch != nil {
			for i := range s.Switch.Cases {
				unasked(s.Switch.Cases[i].Body, f)
			}
		}
	}
}

// telling are functions and variables by which a route finds out where it runs.
var telling = set(`is_request is_reply t_is_request_route t_is_branch_route t_is_failure_route t_is_reply_route
	t_is_canceled t_check_status t_any_timeout t_any_replied t_branch_timeout t_branch_replied mt rs rr T_branch_idx rt`)

// asksWhere tells whether an expression depends on the kind of message or block.
func asksWhere(x *check.Expr) bool {
	found := false
	visitor{
		expr: func(x *check.Expr) { found = found || x.Op == check.OpCall && telling[x.Call.Name] || isStatus(x) },
		vars: func(v *check.Var, _ bool) { found = found || telling[v.Name] },
	}.expression(x)
	return found
}

// isStatus finds the keywords status and uri, which are the same to the check.
func isStatus(x *check.Expr) bool {
	switch x.Op {
	case check.OpKeyStr, check.OpKeyStrEq, check.OpKeyStrNe, check.OpKeyMatch:
		return x.Key == check.KeyURI
	}
	return false
}

// leaves tells whether a block can be left before its end.
func leaves(b check.Block) bool {
	found := false
	visitor{stmt: func(s *check.Stmt) {
		found = found || s.Kind == check.StmtReturn || s.Kind == check.StmtExit || s.Kind == check.StmtDrop || s.Kind == check.StmtBreak
	}}.block(b)
	return found
}

func blockName(r *check.Route) string {
	if r.Name == "0" {
		return r.Kind.String()
	}
	return r.Kind.String() + "[" + r.Name + "]"
}
