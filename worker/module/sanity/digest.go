package sanity

import (
	"strings"

	"goser/sip"
)

// credential is what a digest must hold (RFC 3261 §22.4).
type credential struct {
	user, nonce, response string
	has                   uint8
	ok                    bool // it is a list of name=value
}

const (
	hasUser = 1 << iota
	hasRealm
	hasNonce
	hasURI
	hasResponse
)

func parseDigest(s string) (d credential) {
	for s = strings.TrimSpace(s); s != ""; {
		name, rest, ok := strings.Cut(s, "=")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t,\"") {
			d.ok = false
			return d
		}
		var val string
		if val, s, ok = digestValue(strings.TrimLeft(rest, " \t\r\n")); !ok {
			d.ok = false
			return d
		}
		d.set(name, val)
		d.ok = true
	}
	return d
}

// digestValue cuts the value and its comma off.
func digestValue(s string) (val, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		val, rest, _ = strings.Cut(s, ",")
		return strings.TrimSpace(val), strings.TrimSpace(rest), true
	}
	i := 1
	for i < len(s) && s[i] != '"' {
		if s[i] == '\\' {
			i++
		}
		i++
	}
	if i >= len(s) {
		return "", "", false
	}
	rest = strings.TrimSpace(s[i+1:])
	if rest != "" && rest[0] != ',' {
		return "", "", false
	}
	return s[1:i], strings.TrimSpace(strings.TrimPrefix(rest, ",")), true
}

func (d *credential) set(name, val string) {
	for _, f := range [...]struct {
		name string
		to   *string
		bit  uint8
	}{{"username", &d.user, hasUser}, {"realm", nil, hasRealm}, {"nonce", &d.nonce, hasNonce}, {"uri", nil, hasURI}, {"response", &d.response, hasResponse}} {
		if !sip.EqualFold(f.name, name) {
			continue
		}
		if d.has |= f.bit; f.to != nil {
			*f.to = val
		}
	}
}
