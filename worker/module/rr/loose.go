package rr

import (
	"goser/sip"
	"goser/worker/module"
)

// What loose_route returns.
const (
	routed    = 1
	noRoute   = -1 // nothing to follow; nothing was changed
	preloaded = -3 // a Route set without a dialog, which ends here
)

const (
	errRoute = "a Route header is malformed: expected <sip:host;lr>"
	errLast  = "the Request-URI is ours, but no Route is left to take its place (RFC 3261 §16.4)"
)

func looseRoute(c *module.Ctx, _ *module.Args) int { return follow(c, true) }

func looseRouteMode(c *module.Ctx, a *module.Args) int { return follow(c, a.Int(0, 0) == 0) }

func looseRoutePreloaded(c *module.Ctx, _ *module.Args) int {
	if follow(c, true) == preloaded {
		return 1
	}
	return -1
}

// follow routes once: called again it says the same and changes nothing.
func follow(c *module.Ctx, strict bool) int {
	if c.RR.Result != 0 {
		return int(c.RR.Result)
	}
	r := walk{c: c, it: c.SIP.Routes()}
	if !r.next() {
		return r.nothing()
	}
	rc := 0
	if strict && r.fromStrictRouter() {
		rc = r.restore()
	} else {
		rc = r.loose()
	}
	if rc != noRoute {
		c.RR.Result = int8(rc)
	}
	return rc
}

// walk goes over the Route values. Nothing is changed before all is known.
type walk struct {
	c    *module.Ctx
	it   sip.ValueIter
	addr sip.NameAddr
	uri  sip.URI
	gone int  // values at the front that are to be removed
	bad  bool // the value is malformed

	socket *module.Socket
}

// next reads the next value; false when there is none, or a malformed one.
func (r *walk) next() bool {
	if !r.it.Next() {
		return false
	}
	r.bad = r.it.Addr(&r.addr) != nil || !r.addr.Bracketed || sip.ParseURI(r.addr.URI, &r.uri) != nil
	return !r.bad
}

func (r *walk) nothing() int {
	if r.bad {
		return r.c.Fail(noRoute, errRoute)
	}
	return noRoute
}

// fromStrictRouter: in a dialog, and the Request-URI is one that we put into a
// Record-Route (RFC 3261 §16.4).
func (r *walk) fromStrictRouter() bool {
	to, err := r.c.SIP.To()
	if err != nil || to.Tag == "" {
		return false
	}
	u, err := r.c.ParsedURI()
	return err == nil && ours(r.c, u)
}

// loose removes our own entry, or both, and finds the next hop.
func (r *walk) loose() int {
	c := r.c
	own := ""
	if ours(c, &r.uri) {
		own = params(c, &r.uri)
		if !r.dropOwn() {
			if r.bad {
				return r.nothing()
			}
			return r.exhausted(own)
		}
	}
	if !isLoose(&r.uri) {
		if !r.toStrictRouter() {
			return c.Fail(noRoute, errNotURI)
		}
	} else {
		c.Dest.Next = r.addr.URI
	}
	r.commit(own, false)
	return routed
}

// dropOwn goes on to the first value that is not ours; false: there is none.
func (r *walk) dropOwn() bool {
	_, pair := r.uri.Param("r2")
	r.gone++
	if forceSend != 0 {
		r.socket = r.find()
	}
	if !r.next() {
		return false
	}
	if !pair || double == 0 || !r.isTwin() {
		return true
	}
	r.force()
	r.gone++
	return r.next()
}

// isTwin: the second entry of a pair is marked, or ours at least: behind an
// address translator it may name an address that we do not know as ours.
//
// KAMAILIO: 5.6.3 removes whatever stands behind an entry with r2, and so loses
// a hop when that is somebody else's.
func (r *walk) isTwin() bool {
	_, marked := r.uri.Param("r2")
	return marked || ours(r.c, &r.uri)
}

func (r *walk) exhausted(own string) int {
	r.commit(own, false)
	if to, err := r.c.SIP.To(); err != nil || to.Tag == "" {
		return preloaded
	}
	return routed
}

// toStrictRouter: the next hop wants its own URI in the request line, and the
// Request-URI as the last Route (RFC 3261 §16.6 step 6).
func (r *walk) toStrictRouter() bool {
	c := r.c
	old := c.RequestURI()
	for i := range len(old) {
		if b := old[i]; b <= ' ' || b == '<' || b == '>' || b == 0x7f {
			return false
		}
	}
	c.Edits.InsertAfter(c.SIP.HeadersEnd(), c.Concat("Route: <", old, ">\r\n"))
	c.SetURI(r.addr.URI)
	r.gone++
	return true
}

// restore undoes what a strict router did: the target is the last Route (RFC
// 3261 §16.4).
func (r *walk) restore() int {
	c := r.c
	u, err := c.ParsedURI()
	if err != nil {
		return c.Fail(noRoute, errNotURI)
	}
	own := c.Keep(u.Params)
	if _, pair := u.Param("r2"); pair && double != 0 && ours(c, &r.uri) {
		r.force()
		r.gone++
		if !r.next() {
			if r.bad {
				return r.nothing()
			}
			return c.Fail(noRoute, errLast)
		}
	}
	if !isLoose(&r.uri) {
		r.gone++
		c.SetURI(r.addr.URI)
		r.commit(own, false)
		return routed
	}
	hop := r.addr.URI
	for r.next() {
	}
	if r.bad {
		return r.nothing()
	}
	c.Dest.Next = hop
	c.SetURI(r.addr.URI)
	r.commit(own, true)
	return routed
}

// commit writes what was decided.
func (r *walk) commit(own string, last bool) {
	r.c.RR.Params = own
	if r.socket != nil {
		r.c.Dest.Socket = r.socket
	}
	cutRoutes(r.c, r.gone, last)
}

func isLoose(u *sip.URI) bool {
	_, ok := u.Param("lr")
	return ok
}

// nextHop puts into $du where the request goes when all is followed that
// loose_route has not removed.
func nextHop(c *module.Ctx, _ *module.Args) int {
	if c.RR.Result != routed {
		return -1
	}
	r := walk{c: c, it: c.SIP.Routes()}
	for range c.RR.Gone {
		r.it.Next()
	}
	if !r.next() || !isLoose(&r.uri) {
		return -1
	}
	c.Dest.Next = r.addr.URI
	return 1
}
