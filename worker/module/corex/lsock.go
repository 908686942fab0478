package corex

import (
	"net/netip"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// listening is $lsock(by/value/field), what is known of a listening socket.
var listening = module.Var{
	Name: "lsock", Type: check.TypeStr, Inner: check.InnerFormat, Get: getListening,
	Help: "field listen, name or advertise of a socket: $lsock(name/x/listen), $lsock(listen/udp:127.0.0.1:5060/name); each word may be shortened",
}

const errLsock = "$lsock: expected (name/NAME/field) or (listen/proto:address:port/field); fields are listen, name, advertise"

// getListening is the empty text for what cannot be read, and undefined for a
// socket that there is not.
func getListening(c *module.Ctx, r *module.Ref) module.Value {
	by, rest, _ := strings.Cut(r.Inner, "/")
	value, field, _ := strings.Cut(rest, "/")
	field = strings.TrimRight(field, " ")
	var is func(s *module.Socket) bool
	switch {
	case shortFor(by, "name"):
		is = func(s *module.Socket) bool { return s == c.SocketCalled(value) }
	case shortFor(by, "listen"):
		is = func(s *module.Socket) bool { return sip.EqualFold(listenText(c, s), value) }
	}
	of := fieldNamed(field)
	if is == nil || of == nil {
		c.Complain(errLsock)
		return module.StrValue("")
	}
	for _, s := range c.Env.Sockets() {
		if is(s) {
			return module.StrValue(of(c, s))
		}
	}
	return module.Undef
}

// shortFor takes a word and what it begins with.
//
// KAMAILIO: 5.6.3 takes one letter for what is looked for, and for the field
// at least two, of which the first counts.
func shortFor(s, word string) bool { return s != "" && strings.HasPrefix(word, s) }

func fieldNamed(s string) func(c *module.Ctx, s *module.Socket) string {
	if s == "" || strings.IndexByte(s, '/') >= 0 {
		return nil
	}
	switch s[0] {
	case 'l':
		return listenText
	case 'n':
		return func(_ *module.Ctx, s *module.Socket) string { return s.Label }
	case 'a':
		return advertiseText
	}
	return nil
}

func listenText(c *module.Ctx, s *module.Socket) string {
	return c.Build(64, func(dst []byte) []byte {
		return netip.AddrPortFrom(s.Addr.Addr(), s.Addr.Port()).AppendTo(append(append(dst, s.Proto.String()...), ':'))
	})
}

func advertiseText(c *module.Ctx, s *module.Socket) string {
	if !s.Advertised {
		return ""
	}
	port := ""
	if i := strings.LastIndexByte(s.SentBy, ':'); i < 0 || strings.HasSuffix(s.SentBy, "]") {
		port = ":5060"
	}
	return c.Concat(s.Proto.String(), ":", s.SentBy, port)
}
