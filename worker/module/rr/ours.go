package rr

import (
	"time"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// ours tells whether a URI names this server. A GRUU (RFC 5627) names somebody
// behind it.
func ours(c *module.Ctx, u *sip.URI) bool {
	if u.Scheme != sip.SchemeSIP && u.Scheme != sip.SchemeSIPS || ignoreUser != "" && u.User == ignoreUser {
		return false
	}
	if _, gruu := u.Param("gr"); gruu {
		return false
	}
	return c.Env.Myself(u.Host, u.Port, check.ProtoAny)
}

// find is the socket that the value at hand names, nil if there is none.
func (r *walk) find() *module.Socket {
	port := r.uri.Port
	if port == 0 {
		port = defaultPort
	}
	return r.c.Env.FindSocket(protoOf(&r.uri), r.uri.Host, port)
}

func protoOf(u *sip.URI) module.Proto {
	t := u.Transport()
	switch {
	case sip.EqualFold(t, "tcp"):
		return check.ProtoTCP
	case sip.EqualFold(t, "tls"), t == "" && u.Scheme == sip.SchemeSIPS:
		return check.ProtoTLS
	case sip.EqualFold(t, "sctp"):
		return check.ProtoSCTP
	}
	return check.ProtoUDP
}

// force sends by the socket that the second entry of a pair names: the request
// came in by the other one.
func (r *walk) force() {
	s := r.find()
	if s != nil {
		r.socket = s
		return
	}
	warn(r.c, r.addr.URI)
}

// warned is when the last warning was written: whoever sends such a Route could
// otherwise fill the log.
var warned time.Time

func warn(c *module.Ctx, uri string) {
	now := c.Env.Now()
	if mismatchWarn == 0 || now.Sub(warned) < time.Second {
		return
	}
	warned = now
	c.Env.Log().Warn("rr: the second of two Route entries names no socket of ours", "uri", uri)
}
