package siputils

import (
	"goser/sip"
	"goser/worker/module"
)

// compareURI follows RFC 3261 §19.1.4: 1 the same, -1 not, -2 one is no URI.
//
// KAMAILIO: 5.6.3 overlooks a transport parameter or headers that only one of
// the two has, and does not see that %62 is b.
func compareURI(c *module.Ctx, a *module.Args) int {
	var x, y sip.URI
	if sip.ParseURI(a.Str(c, 0), &x) != nil || sip.ParseURI(a.Str(c, 1), &y) != nil {
		return -2
	}
	return truth(x.Equal(&y))
}

// compareAOR compares user, host and port; sip: and sips: are the same here.
func compareAOR(c *module.Ctx, a *module.Args) int {
	var x, y sip.URI
	if sip.ParseURI(a.Str(c, 0), &x) != nil || sip.ParseURI(a.Str(c, 1), &y) != nil {
		return -2
	}
	return truth(x.User == y.User && sip.EqualFold(x.Host, y.Host) && port(&x) == port(&y) &&
		(x.Scheme == sip.SchemeTel) == (y.Scheme == sip.SchemeTel) && x.Opaque == y.Opaque)
}

func port(u *sip.URI) int {
	if u.Port == 0 {
		return 5060
	}
	return u.Port
}
