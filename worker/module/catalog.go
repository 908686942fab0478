package module

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"goser/cfg/check"
)

// Core is the name of the module that is always loaded: the core's functions.
const Core = "core"

// Catalog is what package cfg knows of the registered modules.
type Catalog struct{}

// NewCatalog returns the catalog of everything that is registered.
func NewCatalog() *Catalog { return &Catalog{} }

var _ check.Catalog = (*Catalog)(nil)

// Module finds a module by the base name of a path. Old names are known too.
func (*Catalog) Module(p string) (string, bool) {
	name := strings.TrimSuffix(path.Base(p), ".so")
	if m := registry[name]; m != nil && name != Core {
		return name, true
	}
	for _, m := range registry {
		for _, a := range m.Aliases {
			if a == name {
				return m.Name, true
			}
		}
	}
	if now := oldModules[name]; now != "" {
		return now, registry[now] != nil
	}
	return name, false
}

// oldModules are names that modules had in SER, OpenSER or early Kamailio.
var oldModules = map[string]string{
	"mysql": "db_mysql", "postgres": "db_postgres", "dbtext": "db_text", "flatstore": "db_flatstore",
	"tm_mod": "tm", "uri": "siputils", "options": "siputils", "userblacklist": "userblocklist",
	"dst_blacklist": "dst_blocklist", "blst": "dst_blocklist",
}

// Param describes a module's parameter.
func (*Catalog) Param(module, name string) (check.ParamInfo, bool) {
	if m := registry[module]; m != nil {
		for i := range m.Params {
			if p := &m.Params[i]; p.is(name) {
				return check.ParamInfo{Kind: p.kind(), Regex: p.Regex, Ref: p}, true
			}
		}
	}
	return check.ParamInfo{}, false
}

func (p *Param) is(name string) bool { return p.Name == name || contains(p.Aliases, name) }

// kind follows from where the value goes, if it is not said.
func (p *Param) kind() check.ParamKind {
	switch {
	case p.Kind != 0:
		return p.Kind
	case p.Int != nil:
		return check.ParamInt
	case p.Str != nil:
		return check.ParamStr
	}
	return check.ParamFunc | check.ParamInt | check.ParamStr
}

// Func finds a function among the loaded modules. Failing that it says which
// module has it, or what is known of it.
func (*Catalog) Func(name string, nargs int, loaded check.Loaded) (check.FuncInfo, check.FuncStatus) {
	best, status := check.FuncInfo{Name: name}, check.FuncUnknown
	for _, m := range All() {
		use := m.Name == Core || loaded[m.Name]
		for i := range m.Funcs {
			f := &m.Funcs[i]
			if f.Name != name && !contains(f.Aliases, name) {
				continue
			}
			info := f.info(m.Name, nargs)
			if m.Name == Core {
				info.Module = ownerOf(f.Name, loaded)
			}
			switch {
			case use && f.Missing != "":
				best, status = info, check.FuncUnsupported
			case use && nargs >= info.Min && nargs <= info.Max:
				if m.Name != Core {
					return info, check.FuncOK
				}
				best, status = info, check.FuncOK // a loaded module's own comes first
			case status == check.FuncOK:
			case use:
				best, status = widen(best, status, info), check.FuncWrongArity
			case status == check.FuncUnknown:
				best, status = info, check.FuncNotLoaded
			}
		}
	}
	if status == check.FuncUnknown {
		if best.Module = ownerElsewhere(name, loaded); best.Module == "" {
			return best, status
		}
		if registry[best.Module] == nil {
			return best, check.FuncNotLoaded
		}
		best.Note = "module " + best.Module + " does not have it yet"
		return best, check.FuncUnsupported
	}
	return best, status
}

// ownerOf is the loaded module that has a core function in the original, else the
// core.
func ownerOf(name string, loaded check.Loaded) string {
	for in := range loaded {
		if m := registry[in]; m != nil && contains(m.Core, name) {
			return in
		}
	}
	return Core
}

// widen joins the arities of functions of one name.
func widen(best check.FuncInfo, status check.FuncStatus, f check.FuncInfo) check.FuncInfo {
	if status == check.FuncWrongArity {
		f.Min, f.Max = min(f.Min, best.Min), max(f.Max, best.Max)
	}
	return f
}

func (f *Func) info(module string, nargs int) check.FuncInfo {
	least := f.MinArgs
	if least < 0 {
		least = len(f.Args)
	}
	in := f.In
	if in == 0 {
		in = check.AnyRoute
	}
	return check.FuncInfo{
		Module: module, Name: f.Name, Args: f.Args[:min(max(nargs, 0), len(f.Args))],
		Routes: in, Min: least, Max: len(f.Args), Note: f.Missing, Waits: f.Waits, Ref: f,
	}
}

// Var finds a variable among the loaded modules and prepares it.
func (*Catalog) Var(name, inner string, hasInner bool, loaded check.Loaded) (check.VarInfo, error) {
	unknown := &check.UnknownName{Name: "$" + name}
	for _, m := range All() {
		for i := range m.Vars {
			v := &m.Vars[i]
			if v.Name != name && !contains(v.Aliases, name) {
				continue
			}
			if m.Name == Core || loaded[m.Name] {
				return v.bind(inner, hasInner)
			}
			unknown.Module = m.Name
		}
	}
	if unknown.Module == "" {
		unknown.Module = ownerElsewhere("$"+name, loaded)
	}
	return check.VarInfo{}, unknown
}

func (v *Var) bind(inner string, hasInner bool) (check.VarInfo, error) {
	info := check.VarInfo{Type: v.Type, Writable: v.Set != nil, Inner: v.Inner, Indexed: v.Indexed}
	switch {
	case hasInner && v.Inner == check.InnerNone:
		return info, fmt.Errorf("$%s takes nothing in parentheses", v.Name)
	case !hasInner && v.Inner != check.InnerNone && !v.Optional:
		return info, fmt.Errorf("$%s needs a name in parentheses, as in $%s(x)", v.Name, v.Name)
	}
	b := &bound{v: v}
	info.Ref = b
	if strings.Contains(inner, "$") && v.Inner != check.InnerText {
		return info, nil
	}
	if hasInner && v.Names != nil && !contains(v.Names, inner) {
		return info, fmt.Errorf("$%s(%s): expected one of %s", v.Name, inner, strings.Join(v.Names, " "))
	}
	if v.Prepare != nil {
		fixed, err := v.Prepare(inner)
		if err != nil {
			return info, fmt.Errorf("$%s(%s): %w", v.Name, inner, err)
		}
		b.fixed = fixed
	}
	return info, nil
}

// Attr finds a SER attribute.
func (*Catalog) Attr(scope, name string) (check.VarInfo, error) {
	a, err := newAttr(scope, name)
	if err != nil {
		return check.VarInfo{}, err
	}
	return check.VarInfo{Writable: a.set != "", Indexed: true, Ref: a}, nil
}

// Select finds a select by its root and lets its module bind the rest.
func (*Catalog) Select(parts []check.SelectPart, loaded check.Loaded) (check.SelectInfo, error) {
	if len(parts) == 0 || len(parts) > 32 {
		return check.SelectInfo{}, fmt.Errorf("a select has 1 to 32 parts, not %d", len(parts))
	}
	root := strings.ToLower(parts[0].Name)
	unknown := &check.UnknownName{Name: "@" + root}
	for _, m := range All() {
		for i := range m.Selects {
			s := &m.Selects[i]
			if s.Root != root && !contains(s.Aliases, root) {
				continue
			}
			if m.Name != Core && !loaded[m.Name] {
				unknown.Module = m.Name
				continue
			}
			get, err := s.Prepare(parts[1:])
			if err != nil {
				return check.SelectInfo{}, fmt.Errorf("@%s: %w", root, err)
			}
			return check.SelectInfo{Ref: get}, nil
		}
	}
	return check.SelectInfo{}, unknown
}

// Transformation finds {class.name,...}; case does not count.
func (*Catalog) Transformation(class, name string, nargs int, loaded check.Loaded) (check.TransInfo, error) {
	unknown := &check.UnknownName{Name: "{" + class + "." + name + "}"}
	for _, m := range All() {
		for i := range m.Trans {
			t := &m.Trans[i]
			if !strings.EqualFold(t.Class, class) || !strings.EqualFold(t.Name, name) {
				continue
			}
			switch {
			case m.Name != Core && !loaded[m.Name]:
				unknown.Module = m.Name
			case nargs < t.MinArgs || nargs > t.MaxArgs:
				return check.TransInfo{}, fmt.Errorf("{%s.%s} takes %s, not %d", t.Class, t.Name, arity(t.MinArgs, t.MaxArgs), nargs)
			default:
				return check.TransInfo{Type: t.Type, Ref: t}, nil
			}
		}
	}
	return check.TransInfo{}, unknown
}

func arity(least, most int) string {
	switch {
	case least != most:
		return fmt.Sprintf("%d to %d arguments", least, most)
	case least == 1:
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", least)
}

// Names lists names for "did you mean".
func (*Catalog) Names(kind check.NameKind, module string) []string {
	var names []string
	add := func(name string, aliases []string) { names = append(append(names, name), aliases...) }
	for _, m := range All() {
		switch kind {
		case check.ModuleNames:
			if m.Name != Core {
				add(m.Name, m.Aliases)
			}
		case check.FuncNames:
			for _, f := range m.Funcs {
				add(f.Name, f.Aliases)
			}
		case check.VarNames:
			for _, v := range m.Vars {
				add(v.Name, v.Aliases)
			}
		case check.ParamNames:
			for _, p := range m.Params {
				if m.Name == module {
					add(p.Name, p.Aliases)
				}
			}
		case check.TransNames:
			for _, t := range m.Trans {
				add(t.Class+"."+t.Name, nil)
			}
		case check.EventNames:
			for i := range m.Events {
				if e := &m.Events[i]; !e.Pending {
					names = append(names, e.Shown())
				}
			}
		case check.SelectNames:
			for _, s := range m.Selects {
				add(s.Root, s.Aliases)
			}
		}
	}
	sort.Strings(names)
	return names
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
