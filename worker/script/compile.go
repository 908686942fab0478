package script

import (
	"goser/cfg/check"
	"goser/cfg/syntax"
	"goser/worker/module"
)

// The closures that expressions become, by the type that is asked of them.
type (
	intFn func(f *frame) int32
	strFn func(f *frame) string
	valFn func(f *frame) module.Value
)

// compiler compiles one route.
type compiler struct {
	e     *Engine
	p     *check.Program
	route *check.Route
	errs  []error
}

// fail notes what is wrong; compiling goes on, so that all of it is found.
func (k *compiler) fail(pos syntax.Span, format string, args ...any) {
	k.errs = append(k.errs, k.p.Problemf(pos, format, args...))
}

// broken is what does not compile; it is never run.
func broken(*frame) int32 { return -1 }

func (k *compiler) block(b check.Block, pos syntax.Span) *block {
	out := &block{pos: pos, stmts: make([]stmt, 0, len(b))}
	for _, s := range b {
		if run := k.stmt(s); run != nil {
			out.stmts = append(out.stmts, stmt{k.watched(run, s.Pos), s.ID})
		}
	}
	return out
}

// stmt compiles one statement; nil if it does nothing.
func (k *compiler) stmt(s *check.Stmt) func(f *frame) int32 {
	switch s.Kind {
	case check.StmtExpr:
		return k.exprStmt(s)
	case check.StmtAssign:
		return k.assign(s.Target, s.X, s.Pos)
	case check.StmtIf:
		return k.ifStmt(s)
	case check.StmtWhile:
		return k.while(s)
	case check.StmtSwitch:
		return k.switchStmt(s)
	case check.StmtBlock:
		b := k.block(s.Then, s.Pos)
		return func(f *frame) int32 { return f.run(b) }
	case check.StmtBreak:
		return func(f *frame) int32 {
			f.state |= stBreak
			f.value = 0
			return 0
		}
	case check.StmtReturn:
		return k.returnStmt(s)
	case check.StmtExit:
		return k.end(s, 1, stExit)
	case check.StmtDrop:
		return k.end(s, 0, stExit|stDrop)
	}
	return nil
}

// exprStmt runs a call, whose raw code is the statement's value, or another
// expression, whose value is dropped.
func (k *compiler) exprStmt(s *check.Stmt) func(f *frame) int32 {
	if run := k.raw(s.X); run != nil {
		return func(f *frame) int32 {
			ret := run(f)
			if ok, _ := f.settle(); !ok {
				return -1
			}
			return ret
		}
	}
	x := k.val(s.X)
	return func(f *frame) int32 {
		x(f)
		if ok, _ := f.settle(); !ok {
			return -1
		}
		return 1
	}
}

func (k *compiler) assign(target *check.Var, x *check.Expr, pos syntax.Span) func(f *frame) int32 {
	to := k.bind(target)
	if to == nil {
		_ = k.val(x)
		return broken
	}
	if !to.Writable() {
		if target.Info.Writable && len(target.Trans) == 0 { // else the checker has said it
			k.fail(pos, "$%s cannot be assigned", target.Name)
		}
		return broken
	}
	v, transformed := k.val(x), x.Op == check.OpVar && x.Var != nil && len(x.Var.Trans) > 0
	return func(f *frame) int32 {
		val := v(f)
		if f.state != 0 {
			if ok, ended := f.settle(); !ok || ended {
				return -1
			}
		}
		if val.IsUndef() && x.Op == check.OpSelect {
			val = module.StrValue("") // KAMAILIO: what a select does not find is assigned as the empty text
		}
		err := to.Set(f.c, val.Plain())
		if err == module.ErrNumber && x.Op == check.OpVar { // KAMAILIO: a variable that holds a number has its text, too
			err = to.Set(f.c, module.StrValue(f.c.Text(val)))
		}
		if err != nil {
			f.log(pos, "assignment failed", "to", "$"+to.Name, "err", err)
			return -1
		}
		if transformed && val.IsUndef() {
			return -1
		}
		return 1
	}
}

func (k *compiler) ifStmt(s *check.Stmt) func(f *frame) int32 {
	cond, then := k.int(s.X), k.block(s.Then, s.Pos)
	var els *block
	if len(s.Else) > 0 {
		els = k.block(s.Else, s.Pos)
	}
	return func(f *frame) int32 {
		yes := cond(f) > 0
		if f.state != 0 {
			ok, ended := f.settle()
			if ended {
				return f.value
			}
			yes = yes && ok
		}
		switch {
		case yes:
			return f.run(then)
		case els != nil:
			return f.run(els)
		}
		return 1
	}
}

func (k *compiler) while(s *check.Stmt) func(f *frame) int32 {
	cond, body := k.int(s.X), k.block(s.Then, s.Pos)
	limit := k.e.opts.MaxWhileLoops
	return func(f *frame) int32 {
		ret := int32(1)
		for n := 0; ; n++ {
			more := cond(f) != 0
			if ok, ended := f.settle(); ended {
				return f.value
			} else if !ok || !more {
				return ret
			}
			if n >= limit {
				f.log(s.Pos, "runaway while: max_while_loops reached", "limit", limit)
				return -1
			}
			if ret = f.run(body); f.state != 0 {
				if f.state == stBreak {
					f.state, ret = 0, 0
				}
				return ret
			}
		}
	}
}

// returnStmt ends the route. return(0) ends the script, as exit does.
func (k *compiler) returnStmt(s *check.Stmt) func(f *frame) int32 {
	return k.flow(s, 1, func(f *frame, v int32) {
		if v == 0 {
			f.state |= stExit
		} else {
			f.state |= stReturn
		}
	})
}

func (k *compiler) end(s *check.Stmt, def int32, state uint8) func(f *frame) int32 {
	return k.flow(s, def, func(f *frame, _ int32) { f.state |= state })
}

// flow evaluates the operand of return, exit and drop; one that fails is -1.
func (k *compiler) flow(s *check.Stmt, def int32, then func(f *frame, v int32)) func(f *frame) int32 {
	x := func(*frame) int32 { return def }
	if s.X != nil {
		x = k.int(s.X)
	}
	return func(f *frame) int32 {
		v := x(f)
		ok, ended := f.settle()
		if ended {
			return f.value
		}
		if !ok {
			v = -1
		}
		f.value = v
		then(f, v)
		return v
	}
}

func (k *compiler) bind(v *check.Var) *module.VarUse {
	u, err := module.BindVar(v)
	if err != nil {
		k.fail(v.Pos, "%w", err)
		return nil
	}
	return u
}
