package sip

import "strings"

const (
	errHost = SyntaxError("malformed host: expected a name, an IPv4 address, or an IPv6 address in brackets")
	errPort = SyntaxError("port is not between 1 and 65535")
)

// scanHost returns the position behind the host at s[i].
func scanHost(s string, i, end int) (int, error) {
	if i < end && s[i] == '[' {
		n := strings.IndexByte(s[i:min(end, i+48)], ']')
		if n < 0 || !isIPv6(s[i+1:i+n]) {
			return i, errHost
		}
		return i + n + 1, nil
	}
	if j := skipMany(s, i, end, clHost); j > i {
		return j, nil
	}
	return i, errHost
}

// isIPv6 checks the text form of RFC 4291 §2.2, an IPv4 tail included. (net/netip would allocate
// its error.)
func isIPv6(s string) bool {
	groups, gap := 0, false
	if strings.HasPrefix(s, "::") {
		gap, s = true, s[2:]
	}
	for s != "" {
		n := hexDigits(s)
		if n < len(s) && s[n] == '.' {
			return isIPv4(s) && (gap && groups <= 5 || groups == 6)
		}
		if n == 0 || n > 4 || groups == 8 {
			return false
		}
		groups++
		if s = s[n:]; s == "" {
			break
		}
		if s[0] != ':' || s == ":" {
			return false
		}
		if s = s[1:]; s[0] == ':' {
			if gap {
				return false
			}
			gap, s = true, s[1:]
		}
	}
	return gap && groups < 8 || !gap && groups == 8
}

func hexDigits(s string) int {
	i := 0
	for i < len(s) && unhex(s[i]) < 16 {
		i++
	}
	return i
}

// isIPv4 accepts four decimal octets.
func isIPv4(s string) bool {
	for n := range 4 {
		i := skip(s, 0, min(len(s), 3), clDigit)
		if v, ok := number(s[:i], 255); !ok || v > 255 {
			return false
		}
		if s = s[i:]; n == 3 {
			return s == ""
		}
		if s == "" || s[0] != '.' {
			return false
		}
		s = s[1:]
	}
	return false
}

// unhex is the value of a hexadecimal digit, 16 for any other byte.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}
