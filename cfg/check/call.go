package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"goser/cfg/syntax"
)

// call resolves a function call. route(X) is part of the language, the rest
// comes out of the catalog.
func (c *checker) call(x *syntax.Expr) *Expr {
	if x.Str == "route" {
		return c.routeCall(x)
	}
	if len(x.Args) > syntax.MaxArgs {
		c.errorf(x.Args[syntax.MaxArgs].At, syntax.KindLimit, "", "too many arguments for %s: at most %d", x.Str, syntax.MaxArgs)
		return c.wrong(x)
	}
	info, status := c.cat.Func(x.Str, len(x.Args), c.loaded)
	if status != FuncOK {
		c.badFunc(x, info, status)
		return c.argsOnly(x)
	}
	before := c.diag.Errors()
	if at := c.places(); info.Routes&at == 0 {
		c.errorf(x.At, syntax.KindPlace, "allowed in "+placeWords(info.Routes), "%s cannot be used in %s", x.Str, c.here())
	}
	call := &Call{Func: info, Name: x.Str, Pos: x.At}
	mode := c.mode
	for i, a := range x.Args {
		spec := ArgSpec{}
		if i < len(info.Args) {
			spec = info.Args[i]
		}
		c.mode = mode
		call.Args = append(call.Args, c.arg(x.Str, i, a, spec))
	}
	if info.Name == "cfg_select" || info.Name == "cfg_reset" {
		c.confGroup(x.Args[0])
	}
	if c.diag.Errors() > before { // nothing more is to be found in this call
		c.mention(x.Args...)
		return wrongCall(x, call.Args)
	}
	return &Expr{Op: OpCall, Type: TypeInt, Call: call, Pos: x.At}
}

// argsOnly looks at the arguments of a call that is wrong itself: what is
// unknown in them is another cause, but not what a function would demand.
func (c *checker) argsOnly(x *syntax.Expr) *Expr {
	var args []Arg
	for _, a := range x.Args {
		switch a.Kind {
		case syntax.Variable, syntax.SelectEx, syntax.Binary, syntax.Unary, syntax.CallEx:
			args = append(args, Arg{Kind: ArgWritable, X: c.expr(a), Pos: a.At})
		}
	}
	c.mention(x.Args...)
	return wrongCall(x, args)
}

// mention notes the texts that are given to something unknown.
func (c *checker) mention(args ...*syntax.Expr) {
	for _, a := range args {
		switch {
		case a.Kind == syntax.Wrong:
			for line := a.At.Line; line <= a.At.EndLine; line++ {
				c.prog.Mentions = append(c.prog.Mentions, c.prog.Files.Text(a.At.File, line))
			}
		case a.Var != nil:
			c.mentionVar(a.Var)
		case a.Str != "":
			c.prog.Mentions = append(c.prog.Mentions, a.Str)
		}
		c.mention(a.Args...)
		for _, part := range []*syntax.Expr{a.X, a.Y} {
			if part != nil {
				c.mention(part)
			}
		}
	}
}

// mentionVar notes what stands in a variable that is unknown, or that something
// unknown gets.
func (c *checker) mentionVar(v *syntax.VarRef) {
	c.prog.Mentions = append(c.prog.Mentions, v.Inner, v.Index)
	for _, t := range v.Trans {
		for _, a := range t.Args {
			c.prog.Mentions = append(c.prog.Mentions, a.Text)
		}
	}
}

func (c *checker) badFunc(x *syntax.Expr, info FuncInfo, status FuncStatus) {
	if info.Module != "" && slices.Contains(c.absent, info.Module) {
		return // that the module does not exist has been said
	}
	at := x.At
	if at.Define == 0 && at.EndLine >= at.Line {
		at.EndLine, at.EndCol = at.Line, at.Col+int32(len(x.Str))-1
	}
	switch status {
	case FuncNotLoaded:
		c.notLoaded(info.Module, at, "function "+x.Str)
	case FuncWrongArity:
		c.errorf(at, syntax.KindType, "it takes "+arity(info.Min, info.Max), "%s cannot take %s", x.Str, plural(len(x.Args), "argument"))
	case FuncUnsupported:
		c.errorf(at, syntax.KindName, info.Note, "function %s is not supported", x.Str)
	default:
		hint := "no module has it"
		if syntax.IsKeyword(x.Str) {
			hint = "it is compared, not called: " + x.Str + " == value"
		}
		meant := c.didYouMean(x.Str, FuncNames, "", "", "")
		if c.alien && meant == "" && !syntax.IsKeyword(x.Str) {
			return // it may be one of the module that does not exist
		}
		c.onceError("function "+x.Str, at, syntax.KindName, cmp.Or(meant, hint), "unknown function %s", x.Str)
	}
}

func arity(lo, hi int) string {
	switch {
	case hi <= 0:
		return "none"
	case lo == hi:
		return plural(lo, "argument")
	}
	return fmt.Sprintf("%d to %d arguments", lo, hi)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// routeCall resolves route(NAME), route(3), route("name") and route(expr).
func (c *checker) routeCall(x *syntax.Expr) *Expr {
	out := &Expr{Op: OpRoute, Type: TypeInt, Pos: x.At}
	if len(x.Args) != 1 {
		c.errorf(x.At, syntax.KindType, "write route(NAME)", "route cannot take %s", plural(len(x.Args), "argument"))
		return c.wrong(x)
	}
	a := x.Args[0]
	name, ok := "", true
	switch a.Kind {
	case syntax.NameEx:
		name = a.Str
	default:
		v := c.expr(a)
		if ok = isConst(v); ok {
			name = text(v)
		}
		out.X = v
	}
	if !ok {
		c.prog.Dynamic = true
		return out
	}
	out.X = nil
	out.Str = name
	if out.Route = c.findRoute(RequestRoute, name, a.At); out.Route == nil {
		return c.wrong(x)
	}
	return out
}
