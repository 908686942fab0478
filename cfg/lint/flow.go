package lint

import (
	"slices"
	"strconv"

	"goser/cfg/check"
)

// paths says how the paths through statements end that nobody has answered.
type paths struct {
	falls   bool // at the end of the statements
	returns bool // with return
	breaks  bool // with break
}

func (p paths) or(q paths) paths {
	return paths{p.falls || q.falls, p.returns || q.returns, p.breaks || q.breaks}
}

// flow follows the paths through the program.
type flow struct {
	answering map[string]bool // functions that answer the request; nil: nothing counts but the end of the script
	routes    map[*check.Route]paths
	busy      map[*check.Route]bool
}

func newFlow(answering map[string]bool) *flow {
	return &flow{answering: answering, routes: map[*check.Route]paths{}, busy: map[*check.Route]bool{}}
}

// unanswered reports a main route at whose end a request may not have been
// answered. exit, drop and return, when they are written down, are taken as
// meant: an ACK, for one, is never answered.
func (l *linter) unanswered() {
	main := l.prog.Main
	if main == nil || len(main.Body) == 0 {
		return
	}
	f := newFlow(answering)
	last, body := main.Body[len(main.Body)-1], main.Body
	if last.Kind == check.StmtReturn { // as good as the end
		body = body[:len(body)-1]
	}
	if f.block(body).falls {
		l.warn(main.Pos, "answer or forward it; write exit; where silence is meant",
			"a request can pass through to the end (line %d): nothing answers it or sends it on", last.Pos.Line)
	}
}

func (f *flow) block(b check.Block) paths {
	out := paths{falls: true}
	for _, s := range b {
		p := f.stmt(s)
		out.falls = p.falls
		out.returns = out.returns || p.returns
		out.breaks = out.breaks || p.breaks
		if !p.falls {
			break
		}
	}
	return out
}

func (f *flow) stmt(s *check.Stmt) paths {
	if f.answers(s.X) {
		return paths{}
	}
	switch s.Kind {
	case check.StmtReturn:
		return paths{returns: s.X == nil || s.X.Op != check.OpInt || s.X.Int != 0}
	case check.StmtExit, check.StmtDrop:
		return paths{}
	case check.StmtBreak:
		return paths{breaks: true}
	case check.StmtIf:
		return f.block(s.Then).or(f.block(s.Else))
	case check.StmtWhile:
		p := f.block(s.Then)
		return paths{falls: true, returns: p.returns}
	case check.StmtBlock:
		return f.block(s.Then)
	case check.StmtSwitch:
		return f.cases(s.Switch)
	}
	return paths{falls: true}
}

// cases follows a switch: bodies fall through, a missing default passes by.
func (f *flow) cases(s *check.Switch) paths {
	out := paths{falls: s.Default < 0}
	for i := range s.Cases {
		p := f.block(s.Cases[i].Body)
		out.returns = out.returns || p.returns
		out.falls = out.falls || p.breaks || p.falls && i == len(s.Cases)-1
	}
	return out
}

// answers tells whether every evaluation of an expression answers the request,
// or ends the script.
func (f *flow) answers(x *check.Expr) bool {
	if f.answering == nil {
		return x != nil && x.Op == check.OpRoute && x.Route != nil && f.ends(x.Route)
	}
	found := false
	visitor{expr: func(x *check.Expr) {
		switch {
		case x.Wrong != nil: // nobody knows what it does, of most
			found = found || !quiet[x.Wrong.Name]
		case x.Op == check.OpCall && f.answering[x.Call.Name]:
			found = true
		case x.Op == check.OpRoute && x.Route == nil: // any route
			found = true
		case x.Op == check.OpRoute:
			found = found || f.ends(x.Route)
		}
	}}.expression(x)
	return found
}

// ends tells whether nobody comes back from a route.
func (f *flow) ends(r *check.Route) bool {
	p := f.route(r)
	return !p.falls && !p.returns
}

func (f *flow) route(r *check.Route) paths {
	if p, ok := f.routes[r]; ok {
		return p
	}
	if f.busy[r] {
		return paths{falls: true}
	}
	f.busy[r] = true
	p := f.block(r.Body)
	p.returns = p.returns || p.breaks // outside of switch and while
	delete(f.busy, r)
	f.routes[r] = p
	return p
}

// unreachable reports statements behind an if, a switch or a block that ends the
// route on every path, and behind the call of a route that always ends the script.
// Those directly behind exit, return, drop and break are found when the program is
// checked; an exit behind such a call is caution.
func (l *linter) unreachable() {
	f := newFlow(nil)
	visit := func(b check.Block) {
		for i, s := range b[:max(len(b)-1, 0)] {
			compound := s.Kind == check.StmtIf || s.Kind == check.StmtBlock || s.Kind == check.StmtSwitch
			switch {
			case (compound || s.Kind == check.StmtExpr) && l.conditional(s, b[i+1]):
			case compound && ends(s):
				l.warn(b[i+1].Pos, "", "this is never reached: the statement before ends the route on every path")
				return
			case s.Kind == check.StmtExpr && f.answers(s.X) && !l.conditionalRoute(s.X.Route) && !ends(b[i+1]) && b[i+1].Kind != check.StmtBreak:
				l.warn(b[i+1].Pos, "", "this is never reached: route[%s] ends the script on every path", s.X.Route.Name)
				return
			}
		}
	}
	for _, r := range l.prog.Routes {
		visit(r.Body)
	}
	l.each(visitor{stmt: func(s *check.Stmt) {
		visit(s.Then)
		visit(s.Else)
		if s.Switch != nil {
			for i := range s.Switch.Cases {
				visit(s.Switch.Cases[i].Body)
			}
		}
	}})
}

// conditional tells whether what is between the begin of a statement and the next one
// depends on defines.
func (l *linter) conditional(s, next *check.Stmt) bool {
	return l.prog.Files.Conditional(s.Pos.File, s.Pos.Line, next.Pos.Line)
}

func (l *linter) conditionalRoute(r *check.Route) bool {
	if len(r.Body) == 0 {
		return false
	}
	return l.prog.Files.Conditional(r.Pos.File, r.Pos.Line, r.Body[len(r.Body)-1].Last)
}

// ends tells whether a statement is never left at its end.
func ends(s *check.Stmt) bool {
	switch s.Kind {
	case check.StmtReturn, check.StmtExit, check.StmtDrop:
		return true
	case check.StmtBlock:
		return blockEnds(s.Then)
	case check.StmtIf:
		return len(s.Else) > 0 && blockEnds(s.Then) && blockEnds(s.Else)
	case check.StmtSwitch:
		if s.Switch.Default < 0 {
			return false
		}
		for i := range s.Switch.Cases {
			if hasBreak(s.Switch.Cases[i].Body) {
				return false
			}
		}
		return blockEnds(s.Switch.Cases[len(s.Switch.Cases)-1].Body)
	}
	return false
}

func blockEnds(b check.Block) bool {
	for _, s := range b {
		if ends(s) {
			return true
		}
	}
	return false
}

// hasBreak tells whether a break in b can leave the switch around it.
func hasBreak(b check.Block) bool {
	for _, s := range b {
		switch s.Kind {
		case check.StmtBreak:
			return true
		case check.StmtIf, check.StmtBlock:
			if hasBreak(s.Then) || hasBreak(s.Else) {
				return true
			}
		}
	}
	return false
}

// strayBreak reports the break statements with nothing around them to leave: the
// first, and where the others are. Old files end all their routes so.
func (l *linter) strayBreak() {
	var found []*check.Stmt
	var look func(b check.Block)
	look = func(b check.Block) {
		for _, s := range b {
			switch s.Kind {
			case check.StmtBreak:
				found = append(found, s)
			case check.StmtIf, check.StmtBlock:
				look(s.Then)
				look(s.Else)
			}
		}
	}
	for _, r := range l.prog.Routes {
		look(r.Body)
	}
	found = slices.DeleteFunc(found, func(s *check.Stmt) bool { return l.silenced(s.Pos, l.rule) })
	if len(found) == 0 {
		return
	}
	hint := "write return; to end the route, exit; to end the script"
	if n := len(found) - 1; n > 0 {
		hint += "; so do " + strconv.Itoa(n) + " more, the next in line " + strconv.Itoa(int(found[1].Pos.Line))
	}
	l.warn(found[0].Pos, hint, "break outside of switch and while ends the route")
}

// empty reports branches in which nothing happens. An if with an else is often
// written so on purpose.
func (l *linter) empty() {
	l.each(visitor{stmt: func(s *check.Stmt) {
		if len(s.Then) == 0 && len(s.Else) == 0 && (s.Kind == check.StmtIf || s.Kind == check.StmtWhile) && s.Pos.Define == 0 && !l.prog.Files.Conditional(s.Pos.File, s.Pos.Line, s.Last) {
			l.warn(s.Pos, "", "nothing happens here, whatever the condition")
		}
	}})
}
