package pv

import (
	"testing"

	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func TestTreePathsThatAreWrong(t *testing.T) {
	for _, s := range []string{"", "[1]", "a[", "a[]", "a[x]", "a[1", "a=>", "=>b", "a=>b=>c", "a=>b[", "a[1]x"} {
		if p, err := parseTreePath(s); err == nil {
			t.Errorf("$xavp(%s) is taken for %+v", s, p)
		}
	}
}

// FuzzTreePath: what a variable's name holds may come from a message.
func FuzzTreePath(f *testing.F) {
	for _, s := range []string{"a", "a[0]=>b[-1]", "a[*]=>b", " a [ 1 ] => b ", "a[99999999999]"} {
		f.Add(s)
	}
	e := moduletest.New(f)
	c := e.Request(moduletest.Options)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parseTreePath(s)
		if err != nil {
			return
		}
		if p.root.name == "" || p.deep && p.kid.name == "" {
			t.Errorf("%q: a name is empty", s)
		}
		c.AVPs.Reset()
		for k := module.XAVP; k <= module.XAVI; k++ {
			_ = setTree(c, k, p, module.IntValue(1))
			getTree(c, k, p)
			_ = setTree(c, k, p, module.Undef)
			if v := getTree(c, k, p); v.Kind == module.KindInt && !p.root.all && !p.kid.all {
				t.Errorf("%q: %v after it was removed", s, v)
			}
		}
	})
}

func TestTreesDoNotAllocate(t *testing.T) {
	e := moduletest.New(t)
	c := e.Request(readFile(t, "invite.sip"))
	p, err := parseTreePath("a[0]=>b")
	if err != nil {
		t.Fatal(err)
	}
	first, _ := parseTreePath("a=>b")
	if n := testing.AllocsPerRun(100, func() {
		c.AVPs.Reset()
		_ = setTree(c, module.XAVP, first, module.IntValue(1))
		_ = setTree(c, module.XAVP, p, module.IntValue(2))
		getTree(c, module.XAVP, p)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
