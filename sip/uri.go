package sip

import (
	"strconv"
	"strings"
)

// Scheme is what a URI begins with, as far as a SIP server cares.
type Scheme uint8

// The schemes; all but three are opaque.
const (
	SchemeOther Scheme = iota
	SchemeSIP
	SchemeSIPS
	SchemeTel
	SchemeURN
)

// String is the scheme's name, "" for SchemeOther (see URI.SchemeName).
func (s Scheme) String() string {
	return [...]string{"", "sip", "sips", "tel", "urn"}[s]
}

// URI is a SIP, SIPS (RFC 3261 §19.1), tel (RFC 3966), urn (RFC 5031) or other URI, in pieces.
type URI struct {
	Scheme     Scheme
	SchemeName string // as written
	User       string // escapes inside; the number of a tel URI; "service" of urn:service:sos
	Password   string
	Host       string // an IPv6 reference keeps its brackets; "sos" of urn:service:sos
	Port       int    // 0 when absent
	Params     string // without the first semicolon
	Headers    string // without the question mark
	Opaque     string // what follows the colon of urn and other schemes
}

const (
	errURIScheme = SyntaxError("URI without scheme: expected sip:, sips:, tel: or another")
	errURIChar   = SyntaxError("URI with a space, quote, angle bracket or control character: escape it as %HH")
	errURIUser   = SyntaxError("URI with an empty user part")
	errURINumber = SyntaxError("tel URI without a number")
	errURNEmpty  = SyntaxError("urn without a name: expected urn:service:sos or another")
	errURIEnd    = SyntaxError("unexpected character behind the host: expected ':', ';' or '?'")
)

// ParseURI fills u from s. What it filled before an error stays.
func ParseURI(s string, u *URI) error {
	*u = URI{}
	if has(s, clBadURI) {
		return errURIChar
	}
	colon := schemeEnd(s)
	if colon < 0 {
		return errURIScheme
	}
	u.SchemeName = s[:colon]
	rest := s[colon+1:]
	switch {
	case EqualFold(u.SchemeName, "sip"):
		u.Scheme = SchemeSIP
	case EqualFold(u.SchemeName, "sips"):
		u.Scheme = SchemeSIPS
	case EqualFold(u.SchemeName, "tel"):
		u.Scheme = SchemeTel
		return u.tel(rest)
	case EqualFold(u.SchemeName, "urn"):
		u.Scheme = SchemeURN
		return u.urn(rest)
	default:
		u.Opaque = rest
		return nil
	}
	return u.hierarchical(rest)
}

// schemeEnd is the position of the colon behind the scheme, -1 when s has none (RFC 3986 §3.1).
func schemeEnd(s string) int {
	if strings.HasPrefix(s, "sip:") {
		return len("sip")
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ':' && i > 0:
			return i
		case unhexAlpha(c), i > 0 && (class[c]&clDigit != 0 || c == '+' || c == '-' || c == '.'):
		default:
			return -1
		}
	}
	return -1
}

func unhexAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func (u *URI) tel(s string) error {
	u.User, u.Params, _ = strings.Cut(s, ";")
	if u.User == "" {
		return errURINumber
	}
	return nil
}

// urn names a service, an emergency call most of all (RFC 5031 §4): its two
// parts are what scripts know as user and host.
func (u *URI) urn(s string) error {
	if s == "" {
		return errURNEmpty
	}
	u.Opaque = s
	nid, rest, ok := strings.Cut(s, ":")
	if u.User, u.Host = nid, rest; !ok {
		u.User, u.Host = "", nid
	}
	return nil
}

// hierarchical parses what follows sip: or sips:. The user part may hold ; ? & and / unescaped
// (RFC 4475 §3.1.1.2), but '@' only delimits.
func (u *URI) hierarchical(s string) error {
	if at := strings.IndexByte(s, '@'); at >= 0 {
		u.User, u.Password, _ = strings.Cut(s[:at], ":")
		if u.User == "" {
			return errURIUser
		}
		s = s[at+1:]
	}
	end, err := scanHost(s, 0, len(s))
	if err != nil {
		return err
	}
	u.Host, s = s[:end], s[end:]
	if s != "" && s[0] == ':' {
		end = skip(s, 1, len(s), clDigit)
		n, ok := number(s[1:end], 65535)
		if !ok || n == 0 {
			return errPort
		}
		u.Port, s = int(n), s[end:]
	}
	return u.tail(s)
}

func (u *URI) tail(s string) error {
	if s != "" && s[0] == ';' {
		u.Params = s[1:]
		q := strings.IndexByte(s, '?')
		if q < 0 {
			return nil
		}
		u.Params, s = s[1:q], s[q:]
	}
	switch {
	case s == "":
		return nil
	case s[0] == '?':
		u.Headers = s[1:]
		return nil
	}
	return errURIEnd
}

// Append appends the URI made of the pieces; it is how a changed one gets back into text.
func (u *URI) Append(dst []byte) []byte {
	name := u.SchemeName
	if name == "" {
		name = u.Scheme.String()
	}
	dst = append(append(dst, name...), ':')
	if u.Scheme == SchemeURN {
		return append(dst, u.Opaque...)
	}
	dst = append(append(dst, u.Opaque...), u.User...)
	if u.Password != "" {
		dst = append(append(dst, ':'), u.Password...)
	}
	if u.User != "" && u.Scheme != SchemeTel {
		dst = append(dst, '@')
	}
	dst = append(dst, u.Host...)
	if u.Port != 0 {
		dst = strconv.AppendInt(append(dst, ':'), int64(u.Port), 10)
	}
	if u.Params != "" {
		dst = append(append(dst, ';'), u.Params...)
	}
	if u.Headers != "" {
		dst = append(append(dst, '?'), u.Headers...)
	}
	return dst
}

// IsIPv6 says whether the host is an IPv6 reference.
func (u *URI) IsIPv6() bool { return u.Host != "" && u.Host[0] == '[' }

// Transport is the transport parameter as written, "" when absent.
func (u *URI) Transport() string {
	t, _ := u.Param("transport")
	return t
}

// Param looks a URI parameter up by name, without case; the value is as written.
func (u *URI) Param(name string) (value string, ok bool) {
	return pair(u.Params, ';', name)
}

// Header looks up a header that the URI carries.
func (u *URI) Header(name string) (value string, ok bool) {
	return pair(u.Headers, '&', name)
}

// pair finds NAME or NAME=VALUE in a list.
func pair(list string, sep byte, name string) (string, bool) {
	for list != "" {
		var item string
		item, list = cutByte(list, sep)
		if k, v, _ := strings.Cut(item, "="); EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

func cutByte(s string, sep byte) (before, after string) {
	if i := strings.IndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// AppendUnescaped appends s with each %HH replaced by its byte; false when an escape is malformed
// (the rest is then appended as it stands).
func AppendUnescaped(dst []byte, s string) ([]byte, bool) {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			dst = append(dst, s[i])
			continue
		}
		if i+2 >= len(s) || unhex(s[i+1]) > 15 || unhex(s[i+2]) > 15 {
			return append(dst, s[i:]...), false
		}
		dst = append(dst, unhex(s[i+1])<<4|unhex(s[i+2]))
		i += 2
	}
	return dst, true
}
