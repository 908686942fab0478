package pv

import (
	"strings"

	"goser/sip"
)

// nextParam cuts the first parameter off a list: name, value without quotes,
// and the rest. Separators inside quotes separate nothing.
func nextParam(list string, sep byte) (name, value, rest string, ok bool) {
	list = strings.TrimLeft(list, " \t\r\n")
	if list == "" {
		return "", "", "", false
	}
	end, quote := len(list), byte(0)
scan:
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && quote != 0:
			i++
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == sep && quote == 0:
			end = i
			break scan
		}
	}
	item := list[:end]
	if end < len(list) {
		rest = list[end+1:]
	}
	name, value, _ = strings.Cut(item, "=")
	return strings.TrimSpace(name), unquoted(strings.TrimSpace(value)), rest, true
}

// unquoted takes the quotes off; escapes inside stay.
func unquoted(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// listParam finds a parameter by name, without case; of several the last.
func listParam(list, name string, sep byte) (value string, found bool) {
	for {
		n, v, rest, ok := nextParam(list, sep)
		if !ok {
			return value, found
		}
		if sip.EqualFold(n, name) {
			value, found = v, true
		}
		list = rest
	}
}

// paramAt is the i-th parameter, from the end if i is negative.
func paramAt(list string, i int, sep byte) (name, value string, ok bool) {
	if i < 0 {
		if i += paramCount(list, sep); i < 0 {
			return "", "", false
		}
	}
	for ; ; i-- {
		n, v, rest, ok := nextParam(list, sep)
		if !ok {
			return "", "", false
		}
		if i == 0 {
			return n, v, true
		}
		list = rest
	}
}

func paramCount(list string, sep byte) int {
	for n := 0; ; n++ {
		_, _, rest, ok := nextParam(list, sep)
		if !ok {
			return n
		}
		list = rest
	}
}
