package moduletest

import (
	"testing"

	"goser/cfg/check"
	"goser/worker/module"
)

// Call runs one of the functions as the engine does. The texts are constants.
func Call(t testing.TB, c *module.Ctx, functions []module.Func, name string, texts ...string) int {
	t.Helper()
	for _, f := range functions {
		if f.Name != name {
			continue
		}
		spec, a := make([]check.Arg, len(texts)), new(module.Args)
		for i, s := range texts {
			spec[i] = check.Arg{Const: true, Str: s}
		}
		var fixed any
		if f.Fixup != nil {
			var err error
			if fixed, err = f.Fixup(spec); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		a.Init(spec, nil, fixed)
		for i, s := range texts {
			a.Set(i, module.StrValue(s))
		}
		return f.Do(c, a)
	}
	t.Fatalf("no function %s", name)
	return 0
}
