package lint

import "goser/cfg/check"

// visitor is called for every statement and expression; either may be nil.
type visitor struct {
	stmt func(s *check.Stmt)
	expr func(x *check.Expr)
	vars func(v *check.Var, assigned bool)
}

func (l *linter) each(v visitor) {
	for _, r := range l.prog.Routes {
		v.block(r.Body)
	}
}

func (v visitor) block(b check.Block) {
	for _, s := range b {
		if v.stmt != nil {
			v.stmt(s)
		}
		v.variable(s.Target, true)
		v.expression(s.X)
		v.block(s.Then)
		v.block(s.Else)
		if s.Switch != nil {
			for i := range s.Switch.Cases {
				v.block(s.Switch.Cases[i].Body)
			}
		}
	}
}

func (v visitor) expression(x *check.Expr) {
	if x == nil {
		return
	}
	if v.expr != nil {
		v.expr(x)
	}
	v.variable(x.Var, x.Op == check.OpAssign)
	v.expression(x.X)
	v.expression(x.Y)
	v.block(x.Block)
	v.arguments(x.Call)
	v.arguments(x.Wrong)
}

func (v visitor) arguments(call *check.Call) {
	if call == nil {
		return
	}
	for i := range call.Args {
		a := &call.Args[i]
		v.expression(a.X)
		v.parts(a.Parts)
		v.variable(a.Var, a.Kind == check.ArgWritable)
	}
}

func (v visitor) parts(parts []check.Part) {
	for _, p := range parts {
		v.variable(p.Var, false)
	}
}

func (v visitor) variable(x *check.Var, assigned bool) {
	if x == nil || v.vars == nil {
		return
	}
	v.vars(x, assigned)
	v.parts(x.Parts)
	v.variable(x.IndexVar, false)
	for _, t := range x.Trans {
		for _, a := range t.Args {
			v.variable(a.Var, false)
		}
	}
}
