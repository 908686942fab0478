package check

import (
	"goser/cfg/param"
	"goser/cfg/syntax"
)

// maxCustomText bounds the text of a variable of the file, bytes.
const maxCustomText = 1024

// customVar declares group.name = value, or a value for an instance of a group.
func (c *checker) customVar(it *syntax.CustomVar) {
	v := CustomVar{
		Group: it.Group.Str, Name: it.Name.Str, Instance: it.Instance, Desc: it.Desc, Pos: it.At,
		Int: it.Value.Int, IsStr: it.Value.Kind == syntax.ValStr,
	}
	if v.IsStr {
		v.Str = it.Value.Str
	}
	if len(v.Str) > maxCustomText {
		c.errorf(it.Value.At, syntax.KindLimit, "", "the text of a variable has at most %d bytes", maxCustomText)
		return
	}
	for i := range c.prog.CustomVars {
		if o := &c.prog.CustomVars[i]; o.Group == v.Group && o.Name == v.Name && o.IsStr != v.IsStr {
			c.errorf(it.Value.At, syntax.KindType, "declared at "+c.prog.Where(o.Pos), "variable %s.%s has values of both kinds, numbers and strings", v.Group, v.Name)
			return
		} else if o.Group == v.Group && o.Name == v.Name && o.Instance == v.Instance {
			c.errorf(it.At, syntax.KindName, "first one at "+c.prog.Where(o.Pos), "variable %s.%s is declared twice", v.Group, v.Name)
			return
		}
	}
	if v.Instance < 0 && param.IsRTGroup(v.Group) {
		hint := "choose another name for the group"
		if p := param.LookupRT(v.Group, v.Name); p != nil {
			hint = "write " + p.Name + " = value, or choose another name"
		}
		c.errorf(it.At, syntax.KindName, hint, "variable %s.%s cannot be declared: the group is that of the core", v.Group, v.Name)
		return
	}
	c.prog.CustomVars = append(c.prog.CustomVars, v)
}

// confGroup reports a group without variables.
func (c *checker) confGroup(x *syntax.Expr) {
	if x.Kind != syntax.String || param.IsRTGroup(x.Str) {
		return
	}
	var names []string
	for _, v := range c.prog.CustomVars {
		if v.Group == x.Str {
			return
		}
		names = append(names, v.Group)
	}
	hint := "declare its variables: " + x.Str + ".name = value"
	if s := syntax.Suggest(x.Str, names); s != "" {
		hint = "did you mean " + s + "?"
	}
	c.errorf(x.At, syntax.KindName, hint, "there is no group %s", x.Str)
}

// confVariable reports @cfg_get of a variable that the file does not declare.
func (c *checker) confVariable(at syntax.Span, group, name string) {
	if param.LookupRT(group, name) != nil {
		return
	}
	var names []string
	for _, v := range c.prog.CustomVars {
		if v.Group == group && v.Name == name {
			return
		}
		names = append(names, v.Group+"."+v.Name)
	}
	for _, p := range param.Runtime() {
		names = append(names, p.RT.Group+"."+p.RT.Name)
	}
	hint := "declare it above: " + group + "." + name + " = value"
	if s := syntax.Suggest(group+"."+name, names); s != "" {
		hint = "did you mean @cfg_get." + s + "?"
	}
	c.errorf(at, syntax.KindName, hint, "variable %s.%s is not declared", group, name)
}
