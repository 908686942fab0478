package check

import (
	"slices"
	"strconv"
	"strings"

	"goser/cfg/syntax"
)

var routeKinds = map[string]RouteKind{
	"route": RequestRoute, "request_route": RequestRoute, "failure_route": FailureRoute,
	"branch_route": BranchRoute, "onreply_route": ReplyRoute, "reply_route": ReplyRoute,
	"onsend_route": SendRoute, "event_route": EventRoute,
}

var kindWords = [...]string{"route", "failure_route", "branch_route", "onreply_route", "onsend_route", "event_route"}

// String names the kind as the language does.
func (k RouteKind) String() string { return kindWords[k] }

// declareRoutes makes the Route of every block, so that bodies can refer to
// later ones.
func (c *checker) declareRoutes(tree *syntax.Tree) {
	for _, it := range tree.Items {
		if r, ok := it.(*syntax.RouteItem); ok {
			c.declareRoute(r)
		}
	}
	p := c.prog
	p.Main, p.Reply, p.Send = p.Route(RequestRoute, "0"), p.Route(ReplyRoute, "0"), p.Route(SendRoute, "0")
	p.Failure, p.Branch = p.Route(FailureRoute, "0"), p.Route(BranchRoute, "0")
}

func (c *checker) declareRoute(it *syntax.RouteItem) {
	kind := routeKinds[it.Keyword]
	switch {
	case it.Name != "0" && (it.Keyword == "request_route" || it.Keyword == "reply_route"):
		c.errorf(it.NameAt, syntax.KindSyntax, "write "+kind.String()+"["+it.Name+"] { ... }", "%s takes no name", it.Keyword)
		return
	case kind == EventRoute && !strings.Contains(it.Name, ":"):
		what := strconv.Quote(it.Name) + " is not the name of an event"
		if it.NameAt == it.At {
			what = "event_route needs the name of its event"
		}
		c.errorf(it.NameAt, syntax.KindName, "write event_route[module:event]", "%s", what)
		return
	}
	key := routeKey{kind, it.Name}
	if old := c.prog.index[key]; old != nil {
		if it.Name != "0" {
			c.errorf(it.NameAt, syntax.KindName, "first one at "+c.prog.Where(old.Pos), "duplicate %s[%s]", kind, it.Name)
		} else {
			c.warnf(it.NameAt, "first one at "+c.prog.Where(old.Pos), "one more %s: its statements run behind those of the first", it.Keyword)
		}
		return
	}
	r := &Route{Kind: kind, Name: it.Name, Index: len(c.prog.Routes), Pos: it.At}
	c.prog.index[key] = r
	c.prog.Routes = append(c.prog.Routes, r)
}

// routeBodies resolves all bodies, in source order, so that statement numbers
// follow the source.
func (c *checker) routeBodies(tree *syntax.Tree) {
	for _, it := range tree.Items {
		r, ok := it.(*syntax.RouteItem)
		if !ok {
			continue
		}
		c.route = c.prog.index[routeKey{routeKinds[r.Keyword], r.Name}]
		if c.route == nil { // it was wrong; its statements are checked all the same
			c.route = &Route{Kind: routeKinds[r.Keyword], Name: r.Name}
		}
		c.route.Body = append(c.route.Body, c.block(r.Body)...)
	}
}

// places tells which route kinds a function must be allowed in to be called
// from the current block; one of them is enough.
func (c *checker) places() RouteMask {
	switch c.route.Kind {
	case FailureRoute:
		return OnFailure
	case BranchRoute:
		return OnBranch
	case ReplyRoute:
		if c.route.Name == "0" {
			return OnCoreReply
		}
		return OnReply
	case SendRoute:
		return OnSend
	case EventRoute:
		if strings.HasPrefix(c.route.Name, "tm:branch-failure") {
			return OnBranchFailure | OnFailure | OnEvent
		}
		return OnEvent | OnRequest
	}
	return OnRequest
}

// placeWords lists the kinds of a mask for messages.
func placeWords(m RouteMask) string {
	var out []string
	for _, w := range []struct {
		bit  RouteMask
		name string
	}{
		{OnRequest, "route"},
		{OnFailure, "failure_route"},
		{OnBranch, "branch_route"},
		{OnReply, "onreply_route[NAME]"},
		{OnCoreReply, "onreply_route"},
		{OnSend, "onsend_route"},
		{OnEvent, "event_route"},
	} {
		if m&w.bit != 0 {
			out = append(out, w.name)
		}
	}
	return strings.Join(out, ", ")
}

// here names the current block for messages.
func (c *checker) here() string {
	if c.route.Name == "0" {
		return c.route.Kind.String()
	}
	return c.route.Kind.String() + "[" + c.route.Name + "]"
}

// otherKind finds a block with this name that is of another kind.
func (c *checker) otherKind(kind RouteKind, name string) *Route {
	for _, r := range c.prog.Routes {
		if r.Name == name && name != "0" && r.Kind != kind {
			return r
		}
	}
	return nil
}

// findRoute looks a block up by name; a missing one is reported.
func (c *checker) findRoute(kind RouteKind, name string, at syntax.Span) *Route {
	r := c.prog.Route(kind, name)
	if r != nil {
		r.Used = true
		return r
	}
	c.prog.Dynamic = true // which one is meant is not known
	if c.swallowed("["+name+"]", `["`+name+`"]`) {
		return nil
	}
	var names []string
	for _, r := range c.prog.Routes {
		if r.Kind == kind && r.Name != "0" {
			names = append(names, r.Name)
		}
	}
	hint := "write " + kind.String() + "[" + name + "] { ... }"
	if s := syntax.Suggest(name, names); s != "" {
		hint = "did you mean " + s + "?"
	} else if other := c.otherKind(kind, name); other != nil {
		hint = "there is " + other.Kind.String() + "[" + name + "] at " + c.prog.Where(other.Pos)
	}
	c.onceError(kind.String()+"["+name, at, syntax.KindName, hint, "there is no %s[%s]", kind, name)
	return nil
}

// unusedRoutes warns of request routes nothing calls, unless names are
// computed or stand in a module parameter.
func (c *checker) unusedRoutes() {
	if c.prog.Fragment() || c.prog.Dynamic || c.diag.Broken() {
		return
	}
	for _, r := range c.prog.Routes {
		if r.Kind == RequestRoute && r.Name != "0" && !r.Used && !c.prog.NamedInParams(r.Name) {
			c.warnf(r.Pos, "call it with route("+r.Name+")", "route[%s] is never called", r.Name)
		}
	}
}

// Fragment tells whether a program has no main route: it may be a file that others
// include, or its routes are those of another language.
func (p *Program) Fragment() bool { return p.Main == nil }

// NamedInParams tells whether a module parameter holds a name: it may be that of
// a block, which the module runs by itself. So may what stands in Mentions.
func (p *Program) NamedInParams(name string) bool {
	holds := func(s string) bool { return strings.Contains(s, name) }
	return slices.ContainsFunc(p.ModParams, func(m ModParam) bool { return holds(m.Str) }) || slices.ContainsFunc(p.Mentions, holds)
}
