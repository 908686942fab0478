package module

import (
	"strings"

	"goser/cfg/check"
)

// Event declares an event: the module runs the event_route of that name.
type Event struct {
	Name    string // "module:event"; with a : at its end it stands for each name that begins so
	Pending bool   // the original raises it, the module does not yet
	Switch  string // parameter of the module that must not be 0 for it; "" none
	Help    string
}

func (e *Event) is(name string) bool {
	if strings.HasSuffix(e.Name, ":") {
		return len(name) > len(e.Name) && strings.HasPrefix(name, e.Name)
	}
	return e.Name == name
}

// Shown is the name as one writes it.
func (e *Event) Shown() string {
	if strings.HasSuffix(e.Name, ":") {
		return e.Name + "NAME"
	}
	return e.Name
}

// Event finds who raises an event. A module may be known by its name alone.
func (cat *Catalog) Event(name string) check.EventInfo {
	for _, m := range All() {
		for i := range m.Events {
			if e := &m.Events[i]; e.is(name) {
				return check.EventInfo{Module: m.Name, Raised: !e.Pending, Pending: e.Pending, Switch: e.Switch}
			}
		}
	}
	owner, _, _ := strings.Cut(name, ":")
	if registry[owner] == nil && !cat.Elsewhere(owner) {
		return check.EventInfo{}
	}
	return check.EventInfo{Module: owner}
}
