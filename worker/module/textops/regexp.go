package textops

import (
	"regexp"

	"goser/cfg/check"
	"goser/worker/module"
)

// fixRegexp compiles argument i.
func fixRegexp(i int) func(a []check.Arg) (any, error) {
	return func(a []check.Arg) (any, error) { return module.CompileLines(a[i].Str, true, true) }
}

func fixTwoRegexps(a []check.Arg) (any, error) {
	var res [2]*regexp.Regexp
	for i := range res {
		var err error
		if res[i], err = module.CompileLines(a[i].Str, true, true); err != nil {
			return nil, err
		}
	}
	return res, nil
}
