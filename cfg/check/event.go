package check

import (
	"slices"
	"strings"

	"goser/cfg/param"
	"goser/cfg/syntax"
)

// EventInfo says who raises an event.
type EventInfo struct {
	Module  string // "" if no module is known by that name
	Raised  bool   // by Module, when it is loaded
	Pending bool   // the original raises it, this server does not yet
	Switch  string // parameter of Module that must not be 0 for it; "" none
}

// idleEvents warns of each event_route that can never run.
func (c *checker) idleEvents(tree *syntax.Tree) {
	if c.diag.Broken() {
		return
	}
	for _, it := range tree.Items {
		item, ok := it.(*syntax.RouteItem)
		if !ok || routeKinds[item.Keyword] != EventRoute {
			continue
		}
		r := c.prog.Route(EventRoute, item.Name)
		if r == nil || r.Used {
			continue
		}
		if why, hint := c.idleEvent(r.Name); why != "" {
			c.warnf(item.NameAt, hint, "%s never runs: %s", "event_route["+r.Name+"]", why)
		}
	}
}

// idleEvent says why an event is never raised, and what would be right.
func (c *checker) idleEvent(name string) (why, hint string) {
	e := c.cat.Event(name)
	switch {
	case e.Module != "" && slices.Contains(c.absent, e.Module): // that it does not exist has been said
		return "", ""
	case e.Module == "" && len(c.absent) > 0, c.prog.Fragment() && len(c.loaded) == 0: // a module that is not there may raise it, another file load one
		return "", ""
	case e.Raised && e.Module != "core" && !c.loaded[e.Module]:
		return "module " + e.Module + " is not loaded", `add loadmodule "` + e.Module + `.so"`
	case name == "core:msg-received" && c.prog.Values.Int(param.ReceivedRouteMode) == 0:
		return "received_route_mode is 0", "add received_route_mode=1"
	case e.Raised && e.Switch != "" && !c.switchedOn(e.Module, e.Switch):
		return e.Switch + " of module " + e.Module + " is 0", `add modparam("` + e.Module + `", "` + e.Switch + `", 1)`
	case e.Raised:
		return "", ""
	case e.Pending:
		return "this server does not raise that event yet", ""
	case e.Module != "" && c.cat.Elsewhere(e.Module):
		return "this server does not have module " + e.Module + " yet", ""
	}
	events := c.cat.Names(EventNames, "")
	if near := syntax.Suggest(name, events); near != "" {
		hint = "did you mean event_route[" + near + "]?"
	} else if e.Module != "" {
		hint = c.eventsOf(e.Module, events)
	}
	return "nothing raises that event", hint
}

// switchedOn tells whether a number parameter of a module is set to another value than 0.
func (c *checker) switchedOn(module, name string) (on bool) {
	for i := range c.prog.ModParams {
		if p := &c.prog.ModParams[i]; p.Module == module && p.Name == name {
			on = p.Int != 0
		}
	}
	return on
}

// eventsOf lists what a module raises.
func (c *checker) eventsOf(module string, events []string) string {
	var own []string
	for _, name := range events {
		if strings.HasPrefix(name, module+":") {
			own = append(own, name)
		}
	}
	if own == nil {
		return "module " + module + " raises no events"
	}
	return "those of " + module + " are " + strings.Join(own, ", ")
}
