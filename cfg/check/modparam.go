package check

import (
	"slices"
	"strings"

	"goser/cfg/ere"
	"goser/cfg/syntax"
)

// modParam resolves modparam("regex", "name", value) against the modules
// loaded so far. The expression is anchored by gluing ^ and $ on, without a
// group, as the original does.
func (c *checker) modParam(it *syntax.ModParam) {
	re, err := ere.Compile("^"+it.Module.Str+"$", true)
	if err != nil {
		c.errorf(it.Module.At, syntax.KindRegex, err.Hint, "bad module expression: %s", err.Msg)
		return
	}
	matched := false
	for _, m := range c.prog.Modules {
		if re.MatchString(m.Name) || re.MatchString(moduleBase(m.Path)) {
			matched = true
			c.moduleParam(m.Name, it)
		}
	}
	if matched {
		return
	}
	c.prog.Mentions = append(c.prog.Mentions, it.Value.Str)
	if !slices.ContainsFunc(c.absent, re.MatchString) {
		c.noModule(it)
	}
}

func (c *checker) noModule(it *syntax.ModParam) {
	name := it.Module.Str
	hint := `load it first: loadmodule "` + name + `.so"`
	if strings.ContainsAny(name, "|*.[(") {
		hint = "the expression is compared with the names of modules loaded above"
	} else if _, ok := c.cat.Module(name); !ok {
		hint = c.didYouMean(name, ModuleNames, "", "", "loadmodule stands above the modparams of a module")
	}
	if !c.swallowed(wasLoaded(name)...) {
		c.onceError("modparam "+name, it.Module.At, syntax.KindName, hint, "no loaded module matches %q", name)
	}
}

func (c *checker) moduleParam(module string, it *syntax.ModParam) {
	info, ok := c.cat.Param(module, it.Name.Str)
	if !ok {
		hint := c.didYouMean(it.Name.Str, ParamNames, module, "", "")
		c.errorf(it.Name.At, syntax.KindName, hint, "module %s has no parameter %s", module, it.Name.Str)
		return
	}
	mp := ModParam{
		Module: module, Name: it.Name.Str, Info: info, Pos: it.At, ValuePos: it.Value.At,
		Int: it.Value.Int, Str: it.Value.Str, IsStr: it.Value.Kind == syntax.ValStr,
	}
	switch {
	case mp.IsStr && info.Kind&ParamStr == 0:
		hint := "write a number, without quotes"
		if _, ok := number(mp.Str); ok {
			hint = "write " + strings.TrimSpace(mp.Str) + ", without quotes"
		}
		c.errorf(it.Value.At, syntax.KindType, hint, "parameter %s of module %s takes a number", mp.Name, module)
		return
	case !mp.IsStr && info.Kind&ParamInt == 0:
		c.errorf(it.Value.At, syntax.KindType, `write "`+it.Value.Str+`"`, "parameter %s of module %s takes a string", mp.Name, module)
		return
	}
	if info.Regex && mp.IsStr {
		re, err := ere.Compile(mp.Str, true)
		if err != nil {
			c.badRegex(it.Value.At, mp.Str, err)
			return
		}
		mp.Re = re
	}
	c.prog.ModParams = append(c.prog.ModParams, mp)
}

// badRegex points at the culprit inside an expression.
func (c *checker) badRegex(at syntax.Span, text string, err *ere.Error) {
	if c.verbatim(at, text) {
		at = syntax.SubSpan(at, len(text)+2, err.Offset+1, 1)
	}
	c.errorf(at, syntax.KindRegex, err.Hint, "bad regular expression: %s", err.Msg)
}

// source returns the text of a span as it stands in the file, "" if it runs
// over several lines or comes out of a define.
func (c *checker) source(at syntax.Span) string {
	line := c.prog.Files.Text(at.File, at.Line)
	from, to := int(at.Col)-1, int(at.EndCol)
	if at.Line != at.EndLine || at.Define != 0 || from < 0 || from > to || to > len(line) {
		return ""
	}
	return line[from:to]
}

// verbatim tells whether a quoted text stands in the source as it is meant,
// without escapes or substitutions.
func (c *checker) verbatim(at syntax.Span, text string) bool {
	src := c.source(at)
	return len(src) == len(text)+2 && src[1:len(src)-1] == text
}
