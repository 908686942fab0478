package rr

import (
	"net/netip"
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// lineStart is what stands before the host. false: there is no scheme to take.
func lineStart(c *module.Ctx) (string, bool) {
	u, err := c.ParsedURI()
	if err != nil {
		return "", false
	}
	scheme := "Record-Route: <sip:"
	if u.Scheme == sip.SchemeSIPS && ignoreSIPS == 0 {
		scheme = "Record-Route: <sips:"
	}
	user := userPart(c, u)
	if user == "" {
		return scheme, true
	}
	return c.Concat(scheme, user, "@"), true
}

// userPart is what add_username and custom_user_avp ask for.
func userPart(c *module.Ctx, u *sip.URI) string {
	if addUsername == 0 {
		return ""
	}
	user := u.User
	if userAVP != "" {
		if avp := c.AVPs.Get(userAVP, 0); avp != nil {
			user = c.Text(avp.Value)
		}
	}
	return escaped(c, user, "-_.!~*'()&=+$,;?/%")
}

func lr() string {
	if fullLR != 0 {
		return ";lr=on"
	}
	return ";lr"
}

// fromTag is ;ftag=, by which the direction of later requests is known.
func fromTag(c *module.Ctx) string {
	if appendTag == 0 {
		return ""
	}
	from, err := c.SIP.From()
	if err != nil || from.Tag == "" {
		return ""
	}
	return c.Concat(";ftag=", escaped(c, from.Tag, "-.!%*_+`'~"))
}

// rrParams gives a text its first semicolon. false: it cannot stand in a URI.
func rrParams(c *module.Ctx, s string) (string, bool) {
	if s == "" {
		return "", true
	}
	if !clean(s) {
		return "", false
	}
	if s[0] != ';' {
		return c.Concat(";", s), true
	}
	return s, true
}

// clean tells whether a text of the script can stand between the brackets.
func clean(s string) bool {
	if len(s) > maxParams {
		return false
	}
	for i := range len(s) {
		if b := s[i]; b <= ' ' || b >= 0x7f || strings.IndexByte(`<>",?`, b) >= 0 {
			return false
		}
	}
	return true
}

// escaped writes all but letters, digits and the others as %HH, so that what a
// stranger chose cannot end the URI.
func escaped(c *module.Ctx, s, others string) string {
	if isClean(s, others) {
		return s
	}
	const hex = "0123456789ABCDEF"
	return c.Build(3*len(s), func(dst []byte) []byte {
		for i := range len(s) {
			if b := s[i]; plain(b, others) {
				dst = append(dst, b)
			} else {
				dst = append(dst, '%', hex[b>>4], hex[b&15])
			}
		}
		return dst
	})
}

func isClean(s, others string) bool {
	for i := range len(s) {
		if !plain(s[i], others) {
			return false
		}
	}
	return true
}

func plain(b byte, others string) bool {
	return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9' || strings.IndexByte(others, b) >= 0
}

const defaultPort = 5060

// socketHost is host[:port][;transport=...] of the socket that the request came
// in by: what its listen line advertises, else the address.
func socketHost(c *module.Ctx) string {
	s := c.Recv.Socket
	if s != nil && s.Advertised {
		return c.Concat(strings.TrimSuffix(s.SentBy, ":5060"), transport(c.Recv.Proto))
	}
	at := c.Recv.Dst
	if s != nil && !s.Addr.Addr().IsUnspecified() {
		at = s.Addr
	}
	return c.Build(96, func(dst []byte) []byte {
		return append(appendHost(dst, at), transport(c.Recv.Proto)...)
	})
}

func appendHost(dst []byte, at netip.AddrPort) []byte {
	if ip := at.Addr().Unmap(); ip.Is6() {
		dst = append(ip.AppendTo(append(dst, '[')), ']')
	} else {
		dst = ip.AppendTo(dst)
	}
	if at.Port() != defaultPort {
		dst = strconv.AppendUint(append(dst, ':'), uint64(at.Port()), 10)
	}
	return dst
}

func transport(p module.Proto) string {
	switch p {
	case check.ProtoTCP:
		return ";transport=tcp"
	case check.ProtoTLS:
		return ";transport=tls"
	case check.ProtoSCTP:
		return ";transport=sctp"
	}
	return ""
}
