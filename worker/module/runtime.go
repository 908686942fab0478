package module

import (
	"goser/cfg/param"
	"goser/shm/conf"
)

// RuntimeVars are the configuration's runtime variables; nil in a process that
// has none yet. The worker sets it before the script is compiled.
var RuntimeVars *conf.Table

// Instances are the instances of groups of runtime variables that a message has
// chosen. The zero value has chosen none.
type Instances struct {
	rows [8]struct {
		group    string
		instance int32
	}
	n int
}

// Select chooses an instance of a group; false if too many groups have one.
func (s *Instances) Select(group string, instance int32) bool {
	for i := range s.rows[:s.n] {
		if s.rows[i].group == group {
			s.rows[i].instance = instance
			return true
		}
	}
	if s.n == len(s.rows) {
		return false
	}
	s.rows[s.n].group, s.rows[s.n].instance = group, instance
	s.n++
	return true
}

// Of returns the instance of a group, -1 for the group itself.
func (s *Instances) Of(group string) int32 {
	for i := range s.rows[:s.n] {
		if s.rows[i].group == group {
			return s.rows[i].instance
		}
	}
	return -1
}

// CoreParam is what a core parameter has at run time; nil in a process that has no configuration.
var CoreParam func(id param.ID) int32
