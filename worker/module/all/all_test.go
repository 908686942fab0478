package all

import (
	"regexp"
	"strings"
	"testing"

	"goser/worker/module"
	_ "goser/worker/script" // registers the core
)

// Everything that a script can name is documented in its module's README.
func TestDocumented(t *testing.T) {
	for _, m := range module.All() {
		t.Run(m.Name, func(t *testing.T) {
			if len(m.Doc) < 200 {
				t.Fatalf("the README has %d bytes", len(m.Doc))
			}
			for _, name := range names(m) {
				if !mentions(m.Doc, name) {
					t.Errorf("the README does not mention %s", name)
				}
			}
		})
	}
}

// names lists what a module offers, as its README writes it.
func names(m *module.Module) []string {
	var all []string
	add := func(prefix, name string, aliases []string) {
		for _, n := range append([]string{name}, aliases...) {
			all = append(all, prefix+n)
		}
	}
	for _, p := range m.Params {
		add("", p.Name, p.Aliases)
	}
	for _, f := range m.Funcs {
		add("", f.Name, f.Aliases)
	}
	for _, v := range m.Vars {
		add("$", v.Name, v.Aliases)
	}
	for _, s := range m.Selects {
		add("@", s.Root, s.Aliases)
	}
	for _, x := range m.Trans {
		add("", x.Class+"."+x.Name, nil)
	}
	for _, r := range m.RPC {
		add("", r.Name, nil)
	}
	for _, e := range m.Events {
		add("event_route[", e.Shown(), nil)
	}
	for _, c := range m.Counters {
		// Those of a series, one for each status, may be described together.
		if _, name, _ := strings.Cut(c.Name, "."); !strings.ContainsAny(name, "0123456789") {
			add("", name, nil)
		}
	}
	return all
}

// mentions looks for a whole word.
func mentions(doc, name string) bool {
	re := regexp.MustCompile(`(^|[^A-Za-z0-9_$@.])` + regexp.QuoteMeta(name) + `([^A-Za-z0-9_]|$)`)
	return re.MatchString(doc)
}

// Every module is complete: functions do something, texts help.
func TestComplete(t *testing.T) {
	for _, m := range module.All() {
		for _, f := range m.Funcs {
			if (f.Do == nil || f.Help == "") && f.Missing == "" || f.MinArgs > len(f.Args) {
				t.Errorf("%s.%s: Do %v, Help %q, MinArgs %d of %d", m.Name, f.Name, f.Do != nil, f.Help, f.MinArgs, len(f.Args))
			}
		}
		for _, v := range m.Vars {
			if v.Get == nil || v.Help == "" {
				t.Errorf("%s.$%s: Get %v, Help %q", m.Name, v.Name, v.Get != nil, v.Help)
			}
		}
		for _, p := range m.Params {
			ways := 0
			for _, set := range []bool{p.Int != nil, p.Str != nil, p.Set != nil} {
				if set {
					ways++
				}
			}
			if ways != 1 || p.Help == "" {
				t.Errorf("%s: parameter %s: %d places for the value, Help %q", m.Name, p.Name, ways, p.Help)
			}
		}
		for _, c := range m.Counters {
			if c.ID == nil || c.Help == "" || !strings.Contains(c.Name, ".") {
				t.Errorf("%s: counter %s is not complete", m.Name, c.Name)
			}
		}
	}
}
