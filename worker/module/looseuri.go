package module

import (
	"fmt"
	"strings"

	"goser/sip"
)

// LooseURI parses a URI of a scheme that is known; its port may be 0, or missing behind the colon.
func LooseURI(s string, u *sip.URI) bool {
	if sip.ParseURI(s, u) == nil {
		return u.Scheme != sip.SchemeOther
	}
	from := strings.IndexByte(s, '@') + 1
	if from == 0 {
		from = strings.IndexByte(s, ':') + 1
	}
	from += strings.IndexByte(s[from:], ']') + 1
	i := strings.IndexByte(s[from:], ':') + from
	if i < from {
		return false
	}
	rest := strings.TrimLeft(s[i+1:], "0")
	return (rest == "" || rest[0] == ';' || rest[0] == '?') && sip.ParseURI(s[:i]+rest, u) == nil
}

// PortText is the port of a URI that LooseURI has parsed, as written, "" if there is none.
func PortText(s string, u *sip.URI) string {
	if u.Host == "" {
		return ""
	}
	from := strings.IndexByte(s, '@') + 1
	if from == 0 {
		from = strings.IndexByte(s, ':') + 1
	}
	i := strings.Index(s[from:], u.Host)
	if i < 0 {
		return ""
	}
	rest, ok := strings.CutPrefix(s[from+i+len(u.Host):], ":")
	if !ok {
		return ""
	}
	end := 0
	for end < len(rest) && '0' <= rest[end] && rest[end] <= '9' {
		end++
	}
	return rest[:end]
}

// CheckURIPart refuses what would end a URI, or the line it stands in.
func CheckURIPart(s string) error {
	if i := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`<>"@`, r) }); i >= 0 {
		return fmt.Errorf("character %q cannot stand in a URI: escape it as %%%02X", s[i], s[i])
	}
	return nil
}
