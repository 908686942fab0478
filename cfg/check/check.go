package check

import (
	"fmt"
	"slices"
	"strings"

	"goser/cfg/param"
	"goser/cfg/syntax"
)

// Check resolves a tree into a Program and adds what it finds wrong to diag.
// The Program is complete only if diag has not failed.
func Check(tree *syntax.Tree, cat Catalog, diag *syntax.Diagnostics) *Program {
	c := &checker{
		cat: cat, diag: diag, loaded: Loaded{}, flagAt: map[string]int{}, full: map[string]bool{},
		prog: &Program{Files: tree.Files, Values: param.NewValues(), index: map[routeKey]*Route{}},
	}
	c.prog.Mentions = tree.Files.LeftOut()
	for _, it := range tree.Items {
		c.item(it)
	}
	c.prog.Empty = len(tree.Items) == 0
	c.declareRoutes(tree)
	c.routeBodies(tree)
	c.unusedRoutes()
	c.idleEvents(tree)
	c.logPrefix(tree)
	c.morePlaces()
	diag.Sort()
	return c.prog
}

// checker carries what is known while a tree is resolved.
type checker struct {
	cat    Catalog
	diag   *syntax.Diagnostics
	prog   *Program
	loaded Loaded
	absent []string // modules that do not exist: what follows from that is not said
	alien  bool     // one of them is a module that not even the original has
	flagAt map[string]int
	full   map[string]bool // limits that were reported

	told  map[string]*told // by cause
	order []string         // of these causes

	workers int32       // socket_workers, for the next listen
	late    syntax.Span // the first modparam or route block

	// while in a route body
	route *Route
	mode  syntax.Mode

	inText bool // in the variables of a string, which no attribute can be meant by
}

func (c *checker) errorf(at syntax.Span, kind syntax.ErrKind, hint, format string, args ...any) {
	c.diag.Add(&syntax.Error{At: at, Kind: kind, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

func (c *checker) warnf(at syntax.Span, hint, format string, args ...any) {
	c.diag.Add(&syntax.Error{At: at, Severity: syntax.SevWarning, Kind: syntax.KindSuspect, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// didYouMean makes a hint out of the nearest name, or falls back.
func (c *checker) didYouMean(name string, kind NameKind, module, prefix, otherwise string) string {
	if s := syntax.Suggest(name, c.cat.Names(kind, module)); s != "" {
		return "did you mean " + prefix + s + "?"
	}
	return otherwise
}

func (c *checker) item(it syntax.Item) {
	switch it := it.(type) {
	case *syntax.ParamItem:
		c.param(it)
	case *syntax.AddrItem:
		for _, a := range it.Addrs {
			addr := c.addr(a)
			if it.Name.Str == "alias" {
				c.prog.Aliases = append(c.prog.Aliases, addr)
			} else {
				addr.Workers, c.workers = c.workers, 0
				c.prog.Listen = append(c.prog.Listen, addr)
			}
		}
	case *syntax.FlagsItem:
		c.flags(it)
	case *syntax.LoadModule:
		c.loadModule(it)
	case *syntax.LoadPath:
		c.prog.LoadPath = it.Path.Str
	case *syntax.ModParam:
		c.isLate(it.At)
		c.modParam(it)
	case *syntax.CustomVar:
		c.customVar(it)
	case *syntax.RouteItem:
		c.isLate(it.At)
	}
}

// logPrefix resolves the variables of log_prefix, once all modules are known.
func (c *checker) logPrefix(tree *syntax.Tree) {
	for _, it := range tree.Items {
		if p, ok := it.(*syntax.ParamItem); ok && p.Value.Kind == syntax.ValStr {
			if row := param.Lookup(p.Name.Str); row != nil && row.ID == param.LogPrefix {
				c.prog.LogPrefix, _ = c.format(p.Value.Str, p.Value.At, true, 0)
			}
		}
	}
}

// isLate notes where parameters that size shared memory come too late.
func (c *checker) isLate(at syntax.Span) {
	if c.late.IsZero() {
		c.late = at
	}
}

// param assigns a core parameter.
func (c *checker) param(it *syntax.ParamItem) {
	p := param.Lookup(it.Name.Str)
	switch {
	case p == nil:
		c.errorf(it.Name.At, syntax.KindName, suggestParam(it.Name.Str), "unknown parameter %s", it.Name.Str)
		return
	case p.Type == param.Statement:
		c.errorf(it.Name.At, syntax.KindSyntax, "see the description of "+p.Name, "%s is a statement, not a parameter with a value", it.Name.Str)
		return
	case p.OrderBeforeModparam && !c.late.IsZero():
		c.errorf(it.Name.At, syntax.KindPlace, "move it above "+c.prog.Where(c.late), "%s must stand before the first modparam and the first route block", it.Name.Str)
		return
	}
	pv := ParamValue{Name: p.Name, Pos: it.Name.At.To(it.Value.At)}
	val := param.Bare(it.Value.Str)
	switch it.Value.Kind {
	case syntax.ValInt:
		pv.Int, val = int64(it.Value.Int), param.Num(int(it.Value.Int))
	case syntax.ValStr:
		pv.Str, pv.IsStr, val = it.Value.Str, true, param.Str(it.Value.Str)
	default:
		pv.Str = it.Value.Str
	}
	c.setParam(p, it, val)
	if p.ID == param.SocketWorkers {
		c.workers = int32(c.prog.Values.Int(p.ID))
	}
	c.prog.Params = append(c.prog.Params, pv)
}

func (c *checker) setParam(p *param.Param, it *syntax.ParamItem, val param.Value) {
	before := len(c.prog.Values.Warnings())
	if err := param.Set(c.prog.Values, p, val); err != nil {
		msg, hint := err.Error(), ""
		if pe, ok := err.(*param.Error); ok {
			msg, hint = it.Name.Str+": "+pe.Problem, pe.Hint
		}
		c.errorf(it.Value.At, syntax.KindType, hint, "%s", msg)
		return
	}
	for _, w := range c.prog.Values.Warnings()[before:] {
		c.warnf(it.Name.At.To(it.Value.At), "", "%s", w.Text)
	}
}

func suggestParam(name string) string {
	names := []string{"listen", "alias", "loadmodule", "modparam", "route"}
	for _, p := range param.All() {
		if !p.RTOnly {
			names = append(append(names, p.Name), p.Aliases...)
		}
	}
	if s := syntax.Suggest(name, names); s != "" {
		return "did you mean " + s + "?"
	}
	return "the parameters are listed in docs/parameters.md; custom ones are written group.name = value"
}

func (c *checker) flags(it *syntax.FlagsItem) {
	for _, d := range it.Names {
		if it.AVP {
			c.avpFlag(d)
		} else {
			c.flag(d)
		}
	}
}

func (c *checker) avpFlag(d syntax.FlagDecl) {
	switch {
	case slices.Contains(c.prog.AVPFlags, d.Name.Str):
		c.errorf(d.Name.At, syntax.KindName, "", "AVP flag %s is declared twice", d.Name.Str)
	case len(c.prog.AVPFlags) >= 18:
		c.tooMany("AVP flags", 18, d.Name.At)
	default:
		c.prog.AVPFlags = append(c.prog.AVPFlags, d.Name.Str)
	}
}

// tooMany reports the first declaration beyond a limit.
func (c *checker) tooMany(what string, most int, at syntax.Span) {
	if !c.full[what] {
		c.errorf(at, syntax.KindLimit, "", "too many %s: at most %d", what, most)
	}
	c.full[what] = true
}

func (c *checker) flag(d syntax.FlagDecl) {
	if _, dup := c.flagAt[d.Name.Str]; dup {
		c.errorf(d.Name.At, syntax.KindName, "", "flag %s is declared twice", d.Name.Str)
		return
	}
	pos := int(d.Pos)
	if pos < 0 {
		if pos = slices.Index(c.prog.Flags[:], ""); pos < 0 {
			c.tooMany("flags", 32, d.Name.At)
			return
		}
	}
	if pos > 31 {
		c.errorf(d.Name.At, syntax.KindType, "numbers are 0 to 31", "flag number %d is out of range", pos)
		return
	}
	if old := c.prog.Flags[pos]; old != "" {
		c.warnf(d.Name.At, "", "flag number %d has a name already: %s", pos, old)
	} else {
		c.prog.Flags[pos] = d.Name.Str
	}
	c.flagAt[d.Name.Str] = pos
}

func (c *checker) loadModule(it *syntax.LoadModule) {
	name, ok := c.cat.Module(it.Path.Str)
	switch base := moduleBase(it.Path.Str); {
	case !ok:
		c.noSuchModule(it, base, name)
		return
	case c.loaded[name]:
		c.warnf(it.Path.At, "", "module %s is loaded already", name)
		return
	}
	c.loaded[name] = true
	c.prog.Modules = append(c.prog.Modules, Module{Name: name, Path: it.Path.Str, Pos: it.At})
}

// noSuchModule says that a module is missing. Its functions and variables are
// then no further mistakes; nobody knows which those of an unknown one are.
func (c *checker) noSuchModule(it *syntax.LoadModule, base, name string) {
	c.absent = append(c.absent, base, name)
	c.loaded[base], c.loaded[name] = true, true
	if c.cat.Elsewhere(base) || c.cat.Elsewhere(name) {
		c.errorf(it.Path.At, syntax.KindMissing, "the original has it, this server does not have it yet", "there is no module %s", base)
		return
	}
	c.alien = true
	hint := ""
	if meant := syntax.Suggest(base, c.cat.Names(ModuleNames, "")); meant != "" {
		hint = "did you mean " + meant + "?"
		c.absent = append(c.absent, meant)
	}
	c.errorf(it.Path.At, syntax.KindName, hint, "there is no module %s", base)
}

// moduleBase returns the bare name in a module path.
func moduleBase(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		path = path[i+1:]
	}
	return strings.TrimSuffix(path, ".so")
}
