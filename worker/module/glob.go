package module

import (
	"strings"
)

// Fnmatch tells whether s matches a shell pattern (POSIX fnmatch without flags): *
// any text, ? one byte, [a-z], [!a-z] and [[:digit:]] one of a set, \ takes the next
// byte as it is. fold ignores the case of ASCII letters. It takes at most len(s) *
// len(pattern) steps.
func Fnmatch(pattern, s string, fold bool) bool {
	p, i := 0, 0
	star, mark := -1, 0 // where to go back to: the last * and what it has eaten
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, i
			p++
			continue
		}
		if n := matchOne(pattern[p:], s[i], fold); n > 0 {
			p, i = p+n, i+1
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, i = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchOne is how many bytes of the pattern match c, 0 if they do not.
func matchOne(pattern string, c byte, fold bool) int {
	if pattern == "" {
		return 0
	}
	n, ok := 1, false
	switch b := pattern[0]; {
	case b == '?':
		ok = true
	case b == '[':
		n, ok = matchSet(pattern, c, fold)
	case b == '\\' && len(pattern) > 1:
		n, ok = 2, sameByte(pattern[1], c, fold)
	default:
		ok = sameByte(b, c, fold)
	}
	if !ok {
		return 0
	}
	return n
}

func sameByte(a, b byte, fold bool) bool {
	return a == b || fold && lowerByte(a) == lowerByte(b)
}

func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b | 0x20
	}
	return b
}

// matchSet matches a bracket expression; one that does not end is a bracket.
func matchSet(pattern string, c byte, fold bool) (n int, ok bool) {
	i := 1
	not := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if not {
		i++
	}
	for first := true; i < len(pattern); first = false {
		if pattern[i] == ']' && !first {
			return i + 1, ok != not
		}
		if class, end := setClass(pattern[i:]); end > 0 {
			ok = ok || inClass(class, c)
			i += end
			continue
		}
		low, next := setByte(pattern, i)
		high := low
		if next+1 < len(pattern) && pattern[next] == '-' && pattern[next+1] != ']' {
			high, next = setByte(pattern, next+1)
		}
		ok = ok || low <= c && c <= high || fold && inRangeFold(low, high, c)
		i = next
	}
	return 1, c == '['
}

func inRangeFold(low, high, c byte) bool {
	other := c ^ 0x20
	letter := 'a' <= c|0x20 && c|0x20 <= 'z'
	return letter && low <= other && other <= high
}

// setByte is the byte at i of a set, and where the next begins.
func setByte(pattern string, i int) (b byte, next int) {
	if pattern[i] == '\\' && i+1 < len(pattern) {
		return pattern[i+1], i + 2
	}
	return pattern[i], i + 1
}

// setClass is the name in [:name:] and where it ends, 0 if there is none.
func setClass(s string) (name string, end int) {
	if !strings.HasPrefix(s, "[:") {
		return "", 0
	}
	i := strings.Index(s, ":]")
	if i < 0 {
		return "", 0
	}
	return s[2:i], i + 2
}

func inClass(name string, c byte) bool {
	digit := '0' <= c && c <= '9'
	upper, lower := 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z'
	graph := ' ' < c && c < 0x7f
	switch name {
	case "digit":
		return digit
	case "upper":
		return upper
	case "lower":
		return lower
	case "alpha":
		return upper || lower
	case "alnum":
		return upper || lower || digit
	case "xdigit":
		return digit || 'a' <= c|0x20 && c|0x20 <= 'f'
	case "space":
		return c == ' ' || '\t' <= c && c <= '\r'
	case "blank":
		return c == ' ' || c == '\t'
	case "punct":
		return graph && !(upper || lower || digit)
	case "graph":
		return graph
	case "print":
		return graph || c == ' '
	case "cntrl":
		return c < ' ' || c == 0x7f
	}
	return false
}
