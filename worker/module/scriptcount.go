package module

import (
	"fmt"
	"strings"
)

// ScriptCounters are counters that a script declares with a module's parameters.
// They live in the arena with all others, a number in each process's own row.
type ScriptCounters struct {
	ids   map[string]*Counter
	fixed map[string]bool // never reset
}

// Declare adds the counter "group.name" to those of a module. It is for
// Param.Set: counters are made after the parameters.
func (s *ScriptCounters) Declare(m *Module, name, help string, noReset bool) error {
	if group, short, ok := strings.Cut(name, "."); !ok || group == "" || short == "" || strings.ContainsAny(name, " \t\r\n") || len(name) > 60 {
		return fmt.Errorf("%q: a counter is called group.name, 60 bytes at most", name)
	}
	if s.ids == nil {
		s.ids, s.fixed = map[string]*Counter{}, map[string]bool{}
	}
	if s.ids[name] == nil {
		s.ids[name] = new(Counter)
		m.Counters = append(m.Counters, CounterDecl{Name: name, Help: help, ID: s.ids[name]})
	}
	s.fixed[name] = noReset
	return nil
}

// Find is a counter that was declared.
func (s *ScriptCounters) Find(name string) (id Counter, resets, ok bool) {
	if p := s.ids[name]; p != nil {
		return *p, !s.fixed[name], true
	}
	return 0, false, false
}

// Names are those that were declared.
func (s *ScriptCounters) Names() string {
	var names []string
	for n := range s.ids {
		names = append(names, n)
	}
	return strings.Join(names, " ")
}
