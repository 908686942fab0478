package textops

import (
	"strings"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/worker/module"
)

// patterns are the expressions that variables brought.
var patterns = ere.Cache{Compile: func(pattern string, most int) (*ere.Regexp, error) {
	return module.CompileLines(pattern, true, true, most)
}}

// pattern is nil for what is no expression.
func pattern(s string) *ere.Regexp {
	re, _ := patterns.Get(s)
	return re
}

const errPattern = "it is no regular expression"

func isPresentRePV(c *module.Ctx, a *module.Args) int {
	re := pattern(a.Str(c, 0))
	if re == nil {
		return c.Fail(-1, errPattern)
	}
	for i := range c.SIP.Headers {
		if re.MatchString(c.SIP.Headers[i].Name) {
			return 1
		}
	}
	return -1
}

func removeHeaderRePV(c *module.Ctx, a *module.Args) int {
	re := pattern(a.Str(c, 0))
	if re == nil {
		return c.Fail(-1, errPattern)
	}
	return removeMatching(c, re.MatchString)
}

func removeHeaderExpPV(c *module.Ctx, a *module.Args) int {
	match, skip := pattern(a.Str(c, 0)), pattern(a.Str(c, 1))
	if match == nil || skip == nil {
		return c.Fail(-1, errPattern)
	}
	return removeButKeep(c, match, skip)
}

// fixSubstring wants the group to be one of those asked for.
func fixSubstring(a []check.Arg) (any, error) {
	re, err := module.CompileLines(a[1].Str, true, true, 0)
	if err != nil {
		return nil, &module.ArgError{Arg: 1, Err: err}
	}
	return re, nil
}

// substring is regex_substring(text, expression, group, groups, variable); group 0, the whole match, counts as one of
// the groups. -2: no match.
func substring(c *module.Ctx, a *module.Args) int {
	s, group, groups := a.Str(c, 0), int(a.Int(2, 0)), int(a.Int(3, 0))
	if group < 0 || group >= groups {
		return c.Fail(-1, "the group is not among those asked for")
	}
	loc := a.Fixed.(*ere.Regexp).FindStringSubmatchIndex(s)
	switch {
	case loc == nil:
		return -2
	case 2*group >= len(loc) || loc[2*group] < 0:
		return -1
	}
	return truth(a.Var(4).Set(c, module.StrValue(s[loc[2*group]:loc[2*group+1]])) == nil)
}

// isAudioOnHold looks at the first audio stream of an SDP body (RFC 3264 §8.4): it
// goes to the address 0.0.0.0 (1), or is sent only or not at all (2).
func isAudioOnHold(c *module.Ctx, _ *module.Args) int {
	var session, audio hold
	here, media := &session, false
	for body := c.SIP.Body; body != ""; {
		var line string
		line, body, _ = strings.Cut(body, "\n")
		line = strings.TrimRight(line, "\r")
		switch {
		case strings.HasPrefix(line, "m="):
			if media {
				return audio.held(&session)
			}
			media = strings.HasPrefix(line, "m=audio")
			here = &hold{}
			if media {
				here = &audio
			}
		case strings.HasPrefix(line, "c="):
			here.zero = 1
			if strings.HasSuffix(strings.TrimSpace(line), " 0.0.0.0") {
				here.zero = 2
			}
		case line == "a=sendonly" || line == "a=inactive":
			here.direction = 2
		case line == "a=sendrecv" || line == "a=recvonly":
			here.direction = 1
		}
	}
	if !media {
		return -1
	}
	return audio.held(&session)
}

// hold is what one part of the description says: 0 nothing, 1 no, 2 yes.
type hold struct{ zero, direction uint8 }

func (h *hold) held(session *hold) int {
	zero, direction := h.zero, h.direction
	if zero == 0 {
		zero = session.zero
	}
	if direction == 0 {
		direction = session.direction
	}
	switch {
	case zero == 2:
		return 1
	case direction == 2:
		return 2
	}
	return -1
}

// removeHeaderMatch is remove_hf_match(name, operator, text); -2 if there was
// nothing to remove.
func removeHeaderMatch(c *module.Ctx, a *module.Args) int {
	name, operator, want := a.Str(c, 0), a.Str(c, 1), a.Str(c, 2)
	var match func(body string) bool
	switch lower(c, operator) {
	case "eq":
		match = func(body string) bool { return body == want }
	case "ne":
		match = func(body string) bool { return body != want }
	case "in":
		match = func(body string) bool { return want != "" && strings.Contains(body, want) }
	case "re":
		re := pattern(want)
		if re == nil {
			return c.Fail(-1, errPattern)
		}
		match = re.MatchString
	default:
		return c.Fail(-1, "the operator is none of eq, ne, in and re")
	}
	rc := -2
	for h := c.SIP.ByName(name); h != nil; h = c.SIP.NextByName(h) {
		if match(h.Body) {
			c.Edits.DeleteHeader(h)
			rc = 1
		}
	}
	return rc
}
