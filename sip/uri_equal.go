package sip

import "strings"

// maxCompared bounds how many parameters or headers Equal looks at: comparing lists without order
// takes the product of their lengths. URIs with more are equal only when they are identical.
const maxCompared = 64

// Equal compares as RFC 3261 §19.1.4 and RFC 3966 §4 say. Schemes but those are compared as
// RFC 3986 §6.2.1 would: byte by byte, the scheme without case.
func (u *URI) Equal(v *URI) bool {
	if *u == *v {
		return true
	}
	if u.Scheme != v.Scheme || !u.comparable() || !v.comparable() {
		return false
	}
	switch u.Scheme {
	case SchemeOther, SchemeURN:
		return EqualFold(u.SchemeName, v.SchemeName) && u.Opaque == v.Opaque
	case SchemeTel:
		return sameNumber(u.User, v.User) && telCovers(u.Params, v.Params) && telCovers(v.Params, u.Params)
	}
	return equalEscaped(u.User, v.User, false) && equalEscaped(u.Password, v.Password, false) &&
		EqualFold(u.Host, v.Host) && u.Port == v.Port &&
		paramsAgree(u.Params, v.Params) && paramsAgree(v.Params, u.Params) &&
		headersAgree(u.Headers, v.Headers) && headersAgree(v.Headers, u.Headers)
}

func (u *URI) comparable() bool {
	return strings.Count(u.Params, ";") < maxCompared && strings.Count(u.Headers, "&") < maxCompared
}

// paramsAgree: what is in both must match; of what is only in a, these few must not be.
func paramsAgree(a, b string) bool {
	for a != "" {
		var item string
		item, a = cutByte(a, ';')
		name, value, _ := strings.Cut(item, "=")
		other, ok := pair(b, ';', name)
		if ok && !equalEscaped(value, other, true) || !ok && decisive(name) {
			return false
		}
	}
	return true
}

// decisive parameters have a default that is not the same as having none (RFC 3261 §19.1.4).
func decisive(name string) bool {
	for _, d := range [...]string{"transport", "user", "ttl", "method", "maddr"} {
		if EqualFold(name, d) {
			return true
		}
	}
	return false
}

// headersAgree: every header of a is in b.
func headersAgree(a, b string) bool {
	for a != "" {
		var item string
		item, a = cutByte(a, '&')
		name, value, _ := strings.Cut(item, "=")
		if other, ok := pair(b, '&', name); !ok || !equalEscaped(value, other, false) {
			return false
		}
	}
	return true
}

// telCovers: every parameter of a is in b, numbers without separators, all without case.
func telCovers(a, b string) bool {
	for a != "" {
		var item string
		item, a = cutByte(a, ';')
		name, value, _ := strings.Cut(item, "=")
		other, ok := pair(b, ';', name)
		if !ok || !sameNumber(value, other) && !equalEscaped(value, other, true) {
			return false
		}
	}
	return true
}

// sameNumber compares telephone numbers without their visual separators (RFC 3966 §5.1.1).
func sameNumber(a, b string) bool {
	for {
		a, b = strings.TrimLeft(a, "-.()"), strings.TrimLeft(b, "-.()")
		if a == "" || b == "" {
			return a == b
		}
		if lower(a[0]) != lower(b[0]) {
			return false
		}
		a, b = a[1:], b[1:]
	}
}

// equalEscaped compares with %HH standing for its byte, unless that byte is reserved: "%40" is
// not "@" but "%61" is "a".
func equalEscaped(a, b string, fold bool) bool {
	for a != "" && b != "" {
		x, ex, n := unescapeOne(a)
		y, ey, k := unescapeOne(b)
		if fold {
			x, y = lower(x), lower(y)
		}
		if x != y || ex != ey && reserved(x) {
			return false
		}
		a, b = a[n:], b[k:]
	}
	return a == b
}

func unescapeOne(s string) (c byte, escaped bool, n int) {
	if s[0] == '%' && len(s) > 2 && unhex(s[1]) < 16 && unhex(s[2]) < 16 {
		return unhex(s[1])<<4 | unhex(s[2]), true, 3
	}
	return s[0], false, 1
}

// reserved are the delimiters of RFC 3261 §25.1, and the percent sign itself.
func reserved(c byte) bool { return strings.IndexByte(";/?:@&=+$,%", c) >= 0 }
