package script

import (
	"errors"

	"goser/cfg/check"
	"goser/worker/module"
)

// noRoute is the code of a route() whose computed name does not exist: Kamailio's E_SCRIPT.
const noRoute = -10

// raw compiles a call or route(), whose code is wanted as it is; nil if x is
// neither.
func (k *compiler) raw(x *check.Expr) intFn {
	switch x.Op {
	case check.OpCall:
		return k.call(x.Call)
	case check.OpRoute:
		return k.callRoute(x)
	}
	return nil
}

// code compiles a call, route() or block that is an operand. $rc begins at 0 there. The code is 1 or 0, except
// where it is assigned directly.
func (k *compiler) code(x *check.Expr) intFn {
	run := k.raw(x)
	if x.Op == check.OpBlock {
		run = k.blockValue(x)
	}
	if x.Raw {
		return func(f *frame) int32 {
			f.c.RC = 0
			return run(f)
		}
	}
	return func(f *frame) int32 {
		f.c.RC = 0
		return truth(run(f) > 0)
	}
}

// callRoute runs a request route in the caller's context.
func (k *compiler) callRoute(x *check.Expr) intFn {
	if x.Route != nil {
		b := k.e.routes[x.Route]
		return func(f *frame) int32 { return f.route(b) }
	}
	if x.X == nil {
		k.fail(x.Pos, "route %q does not exist", x.Str)
		return broken
	}
	name := k.str(x.X)
	return func(f *frame) int32 {
		s := name(f)
		if f.state != 0 {
			return -1
		}
		r := f.e.prog.Route(check.RequestRoute, s)
		if r == nil {
			f.log(x.Pos, "no such route", "route", s)
			return noRoute
		}
		return f.route(f.e.routes[r])
	}
}

// call compiles a function call to its raw code. A module's function sets $rc
// and ends the script with 0; the core's do neither.
func (k *compiler) call(call *check.Call) intFn {
	fn, ok := call.Func.Ref.(*module.Func)
	if !ok {
		k.fail(call.Pos, "%s: no module offers it", call.Name)
		return broken
	}
	args := k.args(fn, call)
	if args == nil {
		return broken
	}
	invoke, core := k.invoke(fn, call), call.Func.Module == coreName
	if args.late != nil {
		invoke = k.invokeLate(args.late, call, invoke)
	}
	run := func(f *frame) int32 { return invoke(f, &args.fixed) }
	if len(args.live) > 0 {
		run = func(f *frame) int32 {
			ret := int32(-1)
			a := f.c.PushArgs()
			*a = args.fixed
			switch {
			case args.eval(f, a):
				ret = invoke(f, a)
			case f.longText: // the call has failed, with a code
				f.longText, f.state = false, f.state&^stFail
				if !core {
					f.c.RC = ret
				}
			}
			f.c.PopArgs()
			return ret
		}
	}
	if fn.When == nil {
		return run
	}
	when, prepared := fn.When, args.fixed.Fixed
	return func(f *frame) int32 {
		if when(f.c, prepared) {
			return run(f)
		}
		f.c.RC = 1
		return 1
	}
}

// invoke calls a function with its arguments evaluated.
func (k *compiler) invoke(fn *module.Func, call *check.Call) func(f *frame, a *module.Args) int32 {
	do, core := fn.Do, call.Func.Module == coreName
	return func(f *frame, a *module.Args) int32 {
		ret := int32(do(f.c, a))
		if why := f.c.Why(); why != "" {
			f.log(call.Pos, call.Name+": "+why)
		}
		if !core {
			if f.c.RC = ret; ret == 0 {
				f.value = 0
				f.state |= stExit
			}
		}
		return ret
	}
}

// noFixup is the code of a call whose arguments turn out to be none that it can work with, as in 5.6.3.
const noFixup = -5

// invokeLate prepares the call when the values of its arguments are known.
func (k *compiler) invokeLate(late *module.Late, call *check.Call, invoke func(f *frame, a *module.Args) int32) func(f *frame, a *module.Args) int32 {
	return func(f *frame, a *module.Args) int32 {
		fixed, err := late.Fixed(f.c, a)
		if err != nil {
			f.log(call.Pos, call.Name+": "+err.Error())
			f.c.RC = noFixup
			return noFixup
		}
		a.Fixed = fixed
		return invoke(f, a)
	}
}

// callArgs are the arguments of one call: those known at start, and how to get
// the others.
type callArgs struct {
	fixed module.Args
	live  []liveArg
	late  *module.Late // prepares each call; nil: it was prepared at start
}

type liveArg struct {
	i   int
	val valFn
}

// eval evaluates; false if something failed or ended the script on the way.
func (ca *callArgs) eval(f *frame, a *module.Args) bool {
	for i := range ca.live {
		a.Set(ca.live[i].i, ca.live[i].val(f))
		if f.state != 0 {
			return false
		}
	}
	return true
}

// args prepares the arguments; nil if something is wrong with them.
func (k *compiler) args(fn *module.Func, call *check.Call) *callArgs {
	wrong := len(k.errs)
	var prep any
	var err error
	late := module.NewLate(fn.Fixup, call.Args)
	if late == nil {
		prep, err = k.prepare(fn, call)
	}
	if err != nil {
		var at *module.ArgError
		if errors.As(err, &at) && at.Arg < len(call.Args) {
			k.fail(call.Args[at.Arg].Pos, "%s: argument %d: %w", call.Name, at.Arg+1, at.Err)
		} else {
			k.fail(call.Pos, "%s: %w", call.Name, err)
		}
		return nil
	}
	ca := &callArgs{late: late}
	ca.fixed.Init(call.Args, k.argVars(call), prep)
	site := k.p.SiteOf(call.Pos, k.route)
	ca.fixed.Site = &site
	for i := range call.Args {
		a := &call.Args[i]
		if val := k.live(a); val != nil {
			ca.live = append(ca.live, liveArg{i, val})
		} else {
			ca.fixed.Set(i, constant(a))
		}
	}
	if len(k.errs) > wrong {
		return nil
	}
	return ca
}

// prepare lets the function look at the call once.
func (k *compiler) prepare(fn *module.Func, call *check.Call) (fixed any, err error) {
	if fn.Fixup != nil {
		if fixed, err = fn.Fixup(call.Args); err != nil {
			return nil, err
		}
	}
	if fn.Resolve != nil && k.e.opts.Env != nil {
		err = fn.Resolve(k.e.opts.Env, fixed)
	}
	return fixed, err
}

// argVars binds the arguments that are variables.
func (k *compiler) argVars(call *check.Call) []*module.VarUse {
	var vars []*module.VarUse
	for i, a := range call.Args {
		if a.Var == nil {
			continue
		}
		if vars == nil {
			vars = make([]*module.VarUse, len(call.Args))
		}
		vars[i] = k.bind(a.Var)
	}
	return vars
}

// live returns how to evaluate an argument at each call; nil if it is constant
// or for the function itself to interpret.
func (k *compiler) live(a *check.Arg) valFn {
	switch a.Kind {
	case check.ArgVar, check.ArgWritable, check.ArgAVP, check.ArgSocket, check.ArgHost,
		check.ArgRegex, check.ArgFlag, check.ArgAVPFlag, check.ArgProto:
		return nil
	}
	switch {
	case a.Const:
		return nil
	case len(a.Parts) > 0:
		return k.format(a)
	case a.X != nil && a.X.Op != check.OpInt && a.X.Op != check.OpStr:
		return k.val(a.X)
	}
	return nil
}

// format compiles text with variables. One that is too long makes the call fail.
func (k *compiler) format(a *check.Arg) valFn {
	t, err := module.BindFormat(a.Parts)
	if err != nil {
		k.fail(a.Pos, "%w", err)
		return nil
	}
	pos := a.Pos
	return func(f *frame) module.Value {
		v, ok := t.Value(f.c)
		if !ok {
			f.fail(pos, "the text is longer than pv_buffer_size")
			f.longText = true
		}
		return v
	}
}

// constant is the value of an argument that is known at start.
func constant(a *check.Arg) module.Value {
	switch a.Kind {
	case check.ArgInt, check.ArgFlag, check.ArgAVPFlag, check.ArgPort, check.ArgProto, check.ArgIntVar:
		return module.IntValue(a.Int)
	case check.ArgExpr:
		if a.X != nil && a.X.Op == check.OpInt {
			return module.IntValue(a.X.Int)
		}
	}
	return module.StrValue(a.Str)
}
