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

// params is a list of parameters for the transformations {param.…}: stricter than nextParam, since one mistake makes all
// of it undefined there.
type params struct {
	text string
	sep  byte
}

// paramState is how cutting off a parameter went.
type paramState byte

const (
	paramFound paramState = iota
	paramLast             // the same, and there are no more
	paramBad
)

// next cuts off a parameter: a name, and behind an equals sign a value in quotes or without.
func (l *params) next(rest string, first bool) (name, value, after string, state paramState) {
	if rest = strings.TrimLeft(rest, listBlanks); rest == "" && !first {
		return "", "", "", paramBad
	}
	i := strings.IndexFunc(rest, func(c rune) bool {
		return c == '=' || c == ',' || c == rune(l.sep) || strings.ContainsRune(listBlanks, c)
	})
	if i < 0 {
		return rest, "", "", paramLast
	}
	name, rest = rest[:i], strings.TrimLeft(rest[i:], listBlanks)
	if rest != "" && rest[0] == '=' && l.sep != '=' {
		var ok bool
		if value, rest, ok = l.value(strings.TrimLeft(rest[1:], listBlanks)); !ok {
			return "", "", "", paramBad
		}
	}
	switch {
	case rest == "":
		return name, value, "", paramLast
	case rest[0] == l.sep:
		return name, value, rest[1:], paramFound
	case rest[0] == ',':
		return name, value, "", paramLast
	}
	return "", "", "", paramBad
}

// value cuts off a value; there must be one, but at the end.
func (l *params) value(s string) (value, rest string, ok bool) {
	if s == "" {
		return "", "", true
	}
	if s[0] == '"' || s[0] == '\'' {
		end := strings.IndexByte(s[1:], s[0])
		if end < 0 {
			return "", "", false
		}
		return s[1 : end+1], strings.TrimLeft(s[end+2:], listBlanks), true
	}
	i := 0
	for i < len(s) && s[i] != l.sep && s[i] != ',' && strings.IndexByte(listBlanks, s[i]) < 0 {
		i++
	}
	return s[:i], strings.TrimLeft(s[i:], listBlanks), i > 0
}

const listBlanks = " \t\r\n"

// each visits the parameters until visit says to stop, and returns how many it has seen; -1: it is not a list.
func (l *params) each(visit func(name, value string) bool) int {
	rest := strings.TrimSuffix(l.text, string(l.sep))
	if first := strings.TrimLeft(rest, listBlanks); rest == "" || len(first) < len(rest) && first != "" && first[0] != l.sep {
		return -1
	}
	for n := 1; ; n++ {
		name, value, after, state := l.next(rest, n == 1)
		switch {
		case state == paramBad:
			return -1
		case !visit(name, value) || state == paramLast:
			return n
		}
		rest = after
	}
}

func (l *params) count() int { return l.each(func(string, string) bool { return true }) }

// named finds a parameter by name, without case; of several the last.
func (l *params) named(name string) (value string, found bool) {
	l.each(func(n, v string) bool {
		if sip.EqualFold(n, name) {
			value, found = v, true
		}
		return true
	})
	return value, found
}

// at is the i-th parameter, from the end if i is negative.
func (l *params) at(i int) (name, value string) {
	if i < 0 {
		if i += l.count(); i < 0 {
			return "", ""
		}
	}
	l.each(func(n, v string) bool {
		if i == 0 {
			name, value = n, v
		}
		i--
		return i >= 0
	})
	return name, value
}
