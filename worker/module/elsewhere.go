package module

import (
	_ "embed"
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

// Pending lists the modules of the original that are missing, and the functions
// that a module of ours does not have.
func Pending() []string {
	var out []string
	have := map[string]bool{}
	for _, m := range All() {
		for i := range m.Funcs {
			f := &m.Funcs[i]
			for _, name := range append([]string{f.Name}, f.Aliases...) {
				have[name] = true
			}
			if f.Missing != "" {
				out = append(out, "function "+f.Name+" of module "+m.Name+": "+f.Missing)
			}
		}
	}
	for name, in := range elsewhere().names {
		if m := in[0]; registry[m] != nil && !have[name] && name[0] != '$' {
			out = append(out, "function "+name+" of module "+m)
		}
	}
	for m := range elsewhere().modules {
		if registry[m] == nil {
			out = append(out, "module "+m)
		}
	}
	slices.Sort(out)
	return out
}
