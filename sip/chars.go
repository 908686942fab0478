package sip

import "math/bits"

// What a byte may be part of; see class.
const (
	clToken = 1 << iota // token, RFC 3261 §25.1
	clSpace             // SP, HTAB, CR, LF: once lines are split, CR and LF only occur in folds
	clDigit
	clHost    // hostname; the underscore is wrong but common
	clParam   // what a parameter's value may hold unquoted; generous, but never a delimiter
	clBadURI  // never in a URI: controls, space, quote, angle brackets
	clDisplay // unquoted display name: token, space, and what cannot be mistaken for structure
	clListed  // all but what ends a value in a list (comma) or hides a comma (quote, '<')
)

var class = makeClasses()

func makeClasses() (t [256]byte) {
	mark := func(chars string, c byte) {
		for i := range len(chars) {
			t[chars[i]] |= c
		}
	}
	const alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	mark(alnum+"-.!%*_+`'~", clToken)
	mark(" \t\r\n", clSpace)
	mark("0123456789", clDigit)
	mark(alnum+"-._", clHost)
	for c := range 256 {
		if c != ',' && c != '"' && c != '<' {
			t[c] |= clListed
		}
		switch {
		case c <= 0x20, c == 0x7f, c == '"', c == '<', c == '>':
			t[c] |= clBadURI
		case c == '(', c == ')':
			t[c] |= clDisplay // in Via they begin and end a comment
		case c != ',' && c != ';' && c != '\\':
			t[c] |= clParam | clDisplay
		}
	}
	mark(" \t\r\n", clDisplay)
	return t
}

// IsToken tells whether s is a token (RFC 3261 §25.1).
func IsToken(s string) bool { return isToken(s) }

func isToken(s string) bool {
	for i := range len(s) {
		if class[s[i]]&clToken == 0 {
			return false
		}
	}
	return s != ""
}

// has says whether any byte of s is of class c.
func has(s string, c byte) bool {
	for len(s) >= 4 {
		if (class[s[0]]|class[s[1]]|class[s[2]]|class[s[3]])&c != 0 {
			return true
		}
		s = s[4:]
	}
	for i := range len(s) {
		if class[s[i]]&c != 0 {
			return true
		}
	}
	return false
}

// skipMany is skip where many bytes of class c are to be expected: four at a time.
func skipMany(s string, i, end int, c byte) int {
	s = s[:end]
	for i >= 0 && i <= len(s)-4 && class[s[i]]&class[s[i+1]]&class[s[i+2]]&class[s[i+3]]&c != 0 {
		i += 4
	}
	for uint(i) < uint(len(s)) && class[s[i]]&c != 0 {
		i++
	}
	return i
}

// skip returns the first position from i on, before end, whose byte is not of class c.
func skip(s string, i, end int, c byte) int {
	s = s[:end]
	for uint(i) < uint(len(s)) && class[s[i]]&c != 0 { // uint: it is the check of bounds at once
		i++
	}
	return i
}

// eachByte times a byte has it in all eight bytes of a word.
const eachByte = 0x0101010101010101

// lineBreak returns the position of the first CR or LF from i on, len(s) when there is none. It
// looks at eight bytes at a time: subtracting 0x10 from each leaves the top bit set in those that
// were below, and in those that had it before, which ^x takes out. (A borrow can spoil only what
// stands behind the first found.)
func lineBreak(s string, i int) int {
	for i <= len(s)-8 {
		x := eight(s[i:])
		low := (x - 0x10*eachByte) &^ x & (0x80 * eachByte)
		if low == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(low) / 8
		if s[i] == '\r' || s[i] == '\n' {
			return i
		}
		i++
	}
	for i < len(s) && s[i] != '\r' && s[i] != '\n' {
		i++
	}
	return i
}

// eight is the first eight bytes of s, the first the lowest: one load.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// trim narrows [i, end) by the space at both ends.
func trim(s string, i, end int) (int, int) {
	i = skip(s, i, end, clSpace)
	for end > i && class[s[end-1]]&clSpace != 0 {
		end--
	}
	return i, end
}

// hasControl says whether s has a control character or a space.
func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// EqualFold compares as SIP does: ASCII letters without case, all else byte by byte.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// skipQuoted expects s[i] to be the opening quote and returns the position after the closing one,
// or -1 when there is none before end. A backslash escapes any byte but CR and LF (RFC 3261
// §25.1), even the NUL of RFC 4475 §3.1.1.2.
func skipQuoted(s string, i, end int) int {
	for i++; i < end; i++ {
		switch s[i] {
		case '"':
			return i + 1
		case '\\':
			i++
			if i < end && (s[i] == '\r' || s[i] == '\n') {
				return -1
			}
		}
	}
	return -1
}

// number reads digits only; ok is false when there are none, others, or more than top.
func number(s string, top uint64) (n uint64, ok bool) {
	if s == "" {
		return 0, false
	}
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		if n = n*10 + uint64(d); n > top {
			return 0, false
		}
	}
	return n, true
}

// zeros marks the zero bytes of x by their top bit. Above the lowest of them marks may be wrong.
func zeros(x uint64) uint64 { return (x - eachByte) &^ x & (0x80 * eachByte) }
