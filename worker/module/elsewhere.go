package module

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
)

// originals lists, for each module of the original that has any, its functions, and
// its variables with a $. Kamailio 5.6.3 itself has told which it takes.
//
//go:embed originals.txt
var originals string

// elsewhere says where the original has what a configuration names. It is asked
// only about names that no module of this server has, so it is made when first asked.
var elsewhere = sync.OnceValue(func() (e struct {
	modules map[string]bool
	names   map[string][]string // function or $variable: modules
},
) {
	e.modules, e.names = map[string]bool{}, map[string][]string{}
	for line := range strings.Lines(originals) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		e.modules[f[0]] = true
		for _, name := range f[1:] {
			e.names[name] = append(e.names[name], f[0])
		}
	}
	return e
})

// ownerElsewhere is the module that a function, or a variable with its $, belongs to
// in the original: of several one that the configuration wants loaded, else the one
// with the shortest name, which is the common one (registrar before ims_registrar_scscf).
func ownerElsewhere(name string, loaded map[string]bool) string {
	owner := ""
	for _, m := range elsewhere().names[name] {
		if loaded[m] {
			return m
		}
		if owner == "" || len(m) < len(owner) {
			owner = m
		}
	}
	return owner
}

// Elsewhere tells whether the original has a module that this server has not.
func (*Catalog) Elsewhere(name string) bool {
	return registry[name] == nil && elsewhere().modules[name]
}

// needs says what missing modules wait for: a word and modules in each line.
//
//go:embed needs.txt
var needs string

// Missing is something of the original that this server does not have: a function
// of a module that it has, or a module.
type Missing struct {
	Function string // "" if the whole module is missing
	Module   string
	Why      string // of a function: what it waits for; may be empty
	Needs    string // of a module: a word of needs.txt, or ""
}

// Pending lists the modules of the original that are missing, and the functions
// that a module of ours does not have, by name.
func Pending() []Missing {
	var out []Missing
	have := map[string]bool{}
	for _, m := range All() {
		for i := range m.Funcs {
			f := &m.Funcs[i]
			for _, name := range append([]string{f.Name}, f.Aliases...) {
				have[name] = true
			}
			if f.Missing != "" {
				out = append(out, Missing{Function: f.Name, Module: m.Name, Why: f.Missing})
			}
		}
	}
	for name, in := range elsewhere().names {
		if m := in[0]; registry[m] != nil && !have[name] && name[0] != '$' {
			out = append(out, Missing{Function: name, Module: m})
		}
	}
	need := neededBy()
	for m := range elsewhere().modules {
		if registry[m] == nil {
			out = append(out, Missing{Module: m, Needs: need[m]})
		}
	}
	slices.SortFunc(out, func(a, b Missing) int {
		return cmp.Or(cmp.Compare(a.Function, b.Function), cmp.Compare(a.Module, b.Module))
	})
	return out
}

// neededBy reads needs.txt.
func neededBy() map[string]string {
	need := map[string]string{}
	for line := range strings.Lines(needs) {
		if word, modules, ok := strings.Cut(line, " "); ok && word != "#" {
			for _, m := range strings.Fields(modules) {
				need[m] = word
			}
		}
	}
	return need
}

// Needing lists the modules that needs.txt names.
func Needing() []string { return slices.Sorted(maps.Keys(neededBy())) }
