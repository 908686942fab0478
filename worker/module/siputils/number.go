package siputils

import (
	"strings"

	"goser/sip"
	"goser/worker/module"
)

// The return codes of the checks of characters are those of 5.6.3: -2 for an
// empty text, and -2 or -3 for a wrong character.

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isTelNumber(c *module.Ctx, a *module.Args) int {
	if digits(strings.TrimPrefix(a.Str(c, 0), "+")) {
		return 1
	}
	return -2
}

func isNumeric(c *module.Ctx, a *module.Args) int {
	if digits(a.Str(c, 0)) {
		return 1
	}
	return -2
}

func isAlphanum(c *module.Ctx, a *module.Args) int { return alphanum(a.Str(c, 0), "") }

func isAlphanumEx(c *module.Ctx, a *module.Args) int { return alphanum(a.Str(c, 0), a.Str(c, 1)) }

func alphanum(s, more string) int {
	if s == "" {
		return -2
	}
	for i := range len(s) {
		b := s[i]
		if !('0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || strings.IndexByte(more, b) >= 0) {
			return -3
		}
	}
	return 1
}

// e164 is a plus and two to fifteen digits (ITU-T E.164 §6.2.1).
func e164(s string) bool {
	return len(s) >= 3 && len(s) <= 16 && s[0] == '+' && digits(s[1:])
}

func isE164(c *module.Ctx, a *module.Args) int { return truth(e164(a.Str(c, 0))) }

func isURIUserE164(c *module.Ctx, a *module.Args) int {
	var u sip.URI
	return truth(sip.ParseURI(a.Str(c, 0), &u) == nil && u.Scheme != sip.SchemeTel && e164(u.User))
}
