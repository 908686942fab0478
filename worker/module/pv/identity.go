package pv

import (
	"goser/sip"
	"goser/worker/module"
)

// identityVars: headers that name somebody.
var identityVars = []module.Var{
	text("ai", "P-Asserted-Identity URI", addr(sip.HdrPAssertedIdentity, addrURI)),
	text("pu", "P-Preferred-Identity URI", addr(sip.HdrPPreferredIdentity, addrURI)),
	text("pn", "P-Preferred-Identity display name", addr(sip.HdrPPreferredIdentity, func(a *sip.NameAddr) string { return a.Display })),
	text("pU", "P-Preferred-Identity user", addr(sip.HdrPPreferredIdentity, func(a *sip.NameAddr) string {
		var u sip.URI
		_ = sip.ParseURI(a.URI, &u)
		return u.User
	})),
	text("pd", "P-Preferred-Identity host", addr(sip.HdrPPreferredIdentity, func(a *sip.NameAddr) string {
		var u sip.URI
		_ = sip.ParseURI(a.URI, &u)
		return u.Host
	})),
	text("re", "Remote-Party-ID URI", addr(sip.HdrRemotePartyID, addrURI)),
	text("rt", "Refer-To URI", addr(sip.HdrReferTo, addrURI)),
	text("di", "Diversion URI", addr(sip.HdrDiversion, addrURI)),
	text("dir", "Diversion reason", addr(sip.HdrDiversion, addrParam("reason"))),
	text("dip", "Diversion privacy", addr(sip.HdrDiversion, addrParam("privacy"))),
	text("dic", "Diversion counter", addr(sip.HdrDiversion, addrParam("counter"))),
}

func addrURI(a *sip.NameAddr) string { return a.URI }

func addrParam(name string) func(a *sip.NameAddr) string {
	return func(a *sip.NameAddr) string {
		v, _ := a.Param(name)
		return v
	}
}

// addr reads a piece of the first value of a header.
func addr(t sip.HeaderType, get func(a *sip.NameAddr) string) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value {
		var a sip.NameAddr
		it := c.SIP.Values(t)
		if !it.Next() || it.Addr(&a) != nil {
			return module.Undef
		}
		return nonEmpty(get(&a))
	}
}
