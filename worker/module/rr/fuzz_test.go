package rr

import (
	"testing"

	"goser/sip"
	"goser/worker/module/moduletest"
)

// What is written into a Record-Route, from a stranger's tag or a script's text,
// stays between its brackets, and the tag is known again.
func FuzzText(f *testing.F) {
	for _, s := range []string{"abc", "a;b", "a>b, <sip:x>", "%", "%41", "", "\x00\r\n", ";ftag=x"} {
		f.Add(s)
	}
	e := moduletest.New(f)
	c := e.Request(moduletest.Options)
	const others = "-.!%*_+`'~"
	f.Fuzz(func(t *testing.T, s string) {
		if 3*len(s) > maxParams {
			return
		}
		c.Reset()
		tag := escaped(c, s, others)
		if !clean(tag) || !isClean(tag, others) {
			t.Errorf("%q is escaped to %q", s, tag)
		}
		if plain, ok := sip.AppendUnescaped(nil, tag); !isClean(s, others) && (!ok || string(plain) != s) && !containsPercent(s) {
			t.Errorf("%q is escaped to %q, which is %q", s, tag, plain)
		}
		p, ok := rrParams(c, s)
		if ok && p != "" && (p[0] != ';' || !clean(p[1:])) {
			t.Errorf("parameters %q become %q", s, p)
		}
		if !ok {
			return
		}
		var u sip.URI
		if err := sip.ParseURI("sip:h"+p, &u); err == nil && len(params(c, &u)) > len(p)+1 {
			t.Errorf("parameters %q are read as %q", p, params(c, &u))
		}
	})
}

// containsPercent: a percent sign is left alone, for it may be an escape.
func containsPercent(s string) bool {
	for i := range len(s) {
		if s[i] == '%' {
			return true
		}
	}
	return false
}
