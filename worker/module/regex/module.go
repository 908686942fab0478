// Package regex is the module that matches texts with Perl's expressions. See
// README.md for the operator's view.
//
// The engine is Go's: its time is linear in the text, so that nothing a stranger
// sends can hang it. What it cannot express (look-around, back-references, atomic
// groups, possessive quantifiers) is an error: at start for what is constant.
package regex

import (
	_ "embed"
	"fmt"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/worker/module"
)

//go:embed README.md
var readme string

// Parameters.
var (
	file                        string
	maxGroups                   int32 = 20
	groupMaxSize                int32 = 8192
	caseless, multiline, dotAll int32
)

func init() {
	text := check.ArgSpec{Kind: check.ArgFormat}
	module.Register(&module.Module{
		Name: "regex", Doc: readme, Start: start,
		Params: []module.Param{
			{Name: "file", Str: &file, Help: "file of the groups of pcre_match_group"},
			{Name: "max_groups", Int: &maxGroups, Help: "groups that the file may have (20)"},
			{Name: "group_max_size", Int: &groupMaxSize, Help: "bytes of a group (8192)"},
			{Name: "pcre_caseless", Int: &caseless, Help: "1: groups ignore case (0)"},
			{Name: "pcre_multiline", Int: &multiline, Help: "1: ^ and $ match at lines (0)"},
			{Name: "pcre_dotall", Int: &dotAll, Help: "1: . matches line ends (0)"},
			{Name: "pcre_extended", Kind: check.ParamInt, Set: onlyOff, Help: "only 0: the engine knows no blanks and comments in expressions"},
		},
		Funcs: []module.Func{
			{Name: "pcre_match", In: check.AnyRoute, Args: []check.ArgSpec{text, text}, MinArgs: module.AllArgs, Fixup: fixMatch, Do: match, Help: "does a text match an expression"},
			{Name: "pcre_match_group", In: check.AnyRoute, Args: []check.ArgSpec{text, {Kind: check.ArgIntVar}}, MinArgs: 1, Fixup: fixGroup, Do: matchGroup, Help: "does a text match one of a group of expressions"},
		},
	})
}

func onlyOff(v module.Value) error {
	if v.AsInt() != 0 {
		return fmt.Errorf("pcre_extended is %d: only 0 is available", v.AsInt())
	}
	return nil
}

// start reads the groups also where no call made it before.
func start(module.Env) error { return load() }

// fixMatch compiles a constant expression.
func fixMatch(a []check.Arg) (any, error) {
	if !a[1].Const {
		return (*ere.Regexp)(nil), nil
	}
	re, err := compile(a[1].Str)
	if err != nil {
		return nil, &module.ArgError{Arg: 1, Err: err}
	}
	return re, nil
}

func compile(s string) (*ere.Regexp, error) {
	re, err := ere.FromGo(s, 0, false)
	if err != nil {
		return nil, fmt.Errorf("%w (look-around and back-references cannot be expressed: the engine's time is linear)", err)
	}
	return re, nil
}

// match returns -4 for what is no expression, as 5.6.3 does. A variable in quotes that is undefined is the text "<null>".
func match(c *module.Ctx, a *module.Args) int {
	re := a.Fixed.(*ere.Regexp)
	if re == nil {
		var err error
		if re, err = patterns.Get(a.Printed(c, 1)); err != nil {
			return c.Fail(-4, "it is no regular expression that can be used")
		}
	}
	ok, err := re.Match(a.Printed(c, 0))
	if err != nil {
		return c.Fail(-4, err.Error())
	}
	return truth(ok)
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}

// patterns are the expressions that variables brought.
var patterns = ere.Cache{Compile: func(pattern string, most int) (*ere.Regexp, error) {
	return ere.FromGo(pattern, most, false)
}}
