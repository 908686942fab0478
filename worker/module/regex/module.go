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
	"regexp"
	"strings"

	"goser/cfg/check"
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
		return (*regexp.Regexp)(nil), nil
	}
	re, err := compile(a[1].Str)
	if err != nil {
		return nil, &module.ArgError{Arg: 1, Err: err}
	}
	return re, nil
}

func compile(s string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("%w (look-around and back-references cannot be expressed: the engine's time is linear)", err)
	}
	return re, nil
}

// match returns -4 for what is no expression, as 5.6.3 does.
func match(c *module.Ctx, a *module.Args) int {
	re := a.Fixed.(*regexp.Regexp)
	if re == nil {
		if re = cached(a.Str(c, 1)); re == nil {
			return c.Fail(-4, "it is no regular expression that can be used")
		}
	}
	return truth(re.MatchString(a.Str(c, 0)))
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}

// Bounds on expressions that variables bring.
const (
	maxPattern  = 1024
	maxPatterns = 256
)

var patterns = map[string]*regexp.Regexp{}

func cached(s string) *regexp.Regexp {
	re, ok := patterns[s]
	if ok || len(s) > maxPattern {
		return re
	}
	s = strings.Clone(s)
	re, _ = regexp.Compile(s)
	if len(patterns) >= maxPatterns {
		clear(patterns)
	}
	patterns[s] = re
	return re
}
