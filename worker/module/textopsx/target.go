package textopsx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"goser/cfg/check"
)

// target is what Name[index].parameter means.
type target struct {
	name  string
	index int // from 1; negative from the end; 0 the first
	given bool
	all   bool // [*]
	param string
}

// fixTarget reads argument 0: Name, Name[2], Name[-1], Name[*], Name.param.
func fixTarget(a []check.Arg) (any, error) {
	return parseTarget(a[0].Str)
}

func parseTarget(s string) (*target, error) {
	t := &target{}
	rest := s
	if i := strings.IndexAny(s, "[."); i >= 0 {
		t.name, rest = s[:i], s[i:]
	} else {
		t.name, rest = s, ""
	}
	t.name = strings.TrimSpace(t.name)
	if t.name == "" || strings.ContainsAny(t.name, " \t:;,<>\"()") {
		return nil, fmt.Errorf("%q: expected the name of a header, as in Name, Name[1] or Name.param", s)
	}
	if strings.HasPrefix(rest, "[") {
		inner, after, ok := strings.Cut(rest[1:], "]")
		if !ok {
			return nil, fmt.Errorf("%q: the bracket is not closed", s)
		}
		t.given, rest = true, after
		if inner = strings.TrimSpace(inner); inner == "*" {
			t.all = true
		} else if n, err := strconv.Atoi(inner); err == nil {
			t.index = n
		} else {
			return nil, fmt.Errorf("%q: expected a number or * in the brackets", s)
		}
	}
	if rest == "" {
		return t, nil
	}
	if t.param = strings.TrimSpace(strings.TrimPrefix(rest, ".")); rest[0] != '.' || t.param == "" {
		return nil, fmt.Errorf("%q: expected .param behind the name", s)
	}
	return t, nil
}

// fixNoParam wants no parameter, fixName no index either.
func fixNoParam(a []check.Arg) (any, error) {
	t, err := parseTarget(a[0].Str)
	switch {
	case err != nil:
		return nil, err
	case t.param != "":
		return nil, fmt.Errorf("%q: a parameter has no place here", a[0].Str)
	case t.all:
		return nil, fmt.Errorf("%q: one value is meant, not [*]", a[0].Str)
	}
	return t, nil
}

func fixName(a []check.Arg) (any, error) {
	t, err := parseTarget(a[0].Str)
	if err == nil && (t.param != "" || t.given) {
		err = errors.New("the name of a header is expected, without index and parameter")
	}
	return t, err
}

func fixAssign(a []check.Arg) (any, error) {
	t, err := parseTarget(a[0].Str)
	if err == nil && t.all && t.param == "" {
		err = fmt.Errorf("%q: [*] needs a parameter", a[0].Str)
	}
	return t, err
}
