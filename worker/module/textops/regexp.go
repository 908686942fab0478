package textops

import (
	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/worker/module"
)

// wholePatterns are the expressions of replace_body_atonce that variables brought.
var wholePatterns ere.Cache

// compileArg compiles an argument: one that a script computes is bounded, and kept.
func compileArg(a *check.Arg) (*ere.Regexp, error) {
	if !a.Const {
		return patterns.Get(a.Str)
	}
	return module.CompileLines(a.Str, true, true, 0)
}

// fixRegexp compiles argument i.
func fixRegexp(i int) func(a []check.Arg) (any, error) {
	return func(a []check.Arg) (any, error) { return compileArg(&a[i]) }
}

// fixWhole compiles argument 0 to see the text as one: ^ and $ are its ends, a dot matches line ends.
func fixWhole(a []check.Arg) (any, error) {
	if !a[0].Const {
		return wholePatterns.Get(a[0].Str)
	}
	return module.CompileLines(a[0].Str, true, false, 0)
}

func fixTwoRegexps(a []check.Arg) (any, error) {
	var res [2]*ere.Regexp
	for i := range res {
		var err error
		if res[i], err = compileArg(&a[i]); err != nil {
			return nil, err
		}
	}
	return res, nil
}
