package textops

import (
	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/worker/module"
)

// fixRegexp compiles argument i.
func fixRegexp(i int) func(a []check.Arg) (any, error) {
	return func(a []check.Arg) (any, error) { return module.CompileLines(a[i].Str, true, true, 0) }
}

// fixWhole compiles argument 0 to see the text as one: ^ and $ are its ends, a dot matches line ends.
func fixWhole(a []check.Arg) (any, error) { return module.CompileLines(a[0].Str, true, false, 0) }

func fixTwoRegexps(a []check.Arg) (any, error) {
	var res [2]*ere.Regexp
	for i := range res {
		var err error
		if res[i], err = module.CompileLines(a[i].Str, true, true, 0); err != nil {
			return nil, err
		}
	}
	return res, nil
}
