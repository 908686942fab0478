package textops

import (
	"strings"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/sip"
	"goser/worker/module"
)

// part is a piece of the message: where it begins and ends in Raw.
type part func(m *sip.Msg) (start, end int)

func wholeMessage(m *sip.Msg) (int, int) { return 0, m.BodyStart() + len(m.Body) }
func messageBody(m *sip.Msg) (int, int)  { return m.BodyStart(), m.BodyStart() + len(m.Body) }
func headerPart(m *sip.Msg) (int, int)   { return m.HeadersStart(), m.HeadersEnd() }

// editable is the part without the first line: that is rewritten through the
// R-URI, not by edits.
func editable(of part) part {
	return func(m *sip.Msg) (int, int) {
		start, end := of(m)
		return max(start, m.HeadersStart()), end
	}
}

func search(of part) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		start, end := of(&c.SIP)
		return truth(start < end && a.Fixed.(*ere.Regexp).MatchString(c.SIP.Raw[start:end]))
	}
}

// fixSearchString compiles a constant expression.
func fixSearchString(a []check.Arg) (any, error) {
	if !a[1].Const {
		return (*ere.Regexp)(nil), nil
	}
	return fixRegexp(1)(a)
}

// searchString returns -2 for no text and for what is no expression, 2 for an empty one, as 5.6.3 does.
func searchString(c *module.Ctx, a *module.Args) int {
	if a.Str(c, 1) == "" {
		return 2
	}
	re := a.Fixed.(*ere.Regexp)
	if a.Str(c, 0) == "" {
		return -2
	}
	if re == nil {
		if re = pattern(a.Str(c, 1)); re == nil {
			return c.Fail(-2, errPattern)
		}
	}
	return truth(re.MatchString(a.Str(c, 0)))
}

// headerSearch is search_hf's expression and which headers it looks at.
type headerSearch struct {
	re    *ere.Regexp
	which byte // a any, f first, l last
}

func fixHeaderSearch(a []check.Arg) (any, error) {
	re, err := module.CompileLines(a[1].Str, true, true, 0)
	if err != nil {
		return nil, err
	}
	return &headerSearch{re, which(a)}, nil
}

// which reads the flags in argument 2: the first letter counts, and all but f and l mean any, as in 5.6.3.
func which(a []check.Arg) byte {
	if len(a) > 2 && a[2].Str != "" && (a[2].Str[0] == 'f' || a[2].Str[0] == 'l') {
		return a[2].Str[0]
	}
	return 'a'
}

func searchHeader(c *module.Ctx, a *module.Args) int {
	s := a.Fixed.(*headerSearch)
	for h := range headers(&c.SIP, a.Str(c, 0), s.which) {
		if s.re.MatchString(h.Body) {
			return 1
		}
	}
	return -1
}

// headers are those of a name: any, the first, or the last.
func headers(m *sip.Msg, name string, which byte) func(yield func(h *sip.Header) bool) {
	return func(yield func(h *sip.Header) bool) {
		h := m.ByName(name)
		if which == 'l' {
			h = lastNamed(m, name)
		}
		for h != nil && yield(h) && which == 'a' {
			h = m.NextByName(h)
		}
	}
}

// searchAppend inserts behind the first match.
func searchAppend(of part) func(c *module.Ctx, a *module.Args) int {
	of = editable(of)
	return func(c *module.Ctx, a *module.Args) int {
		start, end := of(&c.SIP)
		at := a.Fixed.(*ere.Regexp).FindStringIndex(c.SIP.Raw[start:end])
		if at == nil || start == end || !fits(c, a, 1, start+at[1]) {
			return -1
		}
		c.Edits.InsertAfter(start+at[1], a.Str(c, 1))
		return 1
	}
}

// fits tells whether the text of argument i may stand at an offset: among the
// headers it may hold just the line ends that its author wrote.
func fits(c *module.Ctx, a *module.Args, i, at int) bool {
	return at >= c.SIP.BodyStart() || module.Honest(a.Str(c, i), module.LiteralBreaks(a.Spec(i)))
}

// replaceFirst replaces the first match; one that is empty is where the text is inserted.
func replaceFirst(of part) func(c *module.Ctx, a *module.Args) int {
	of = editable(of)
	return func(c *module.Ctx, a *module.Args) int {
		start, end := of(&c.SIP)
		if start == end {
			return -1
		}
		at := a.Fixed.(*ere.Regexp).FindStringIndex(c.SIP.Raw[start:end])
		switch {
		case at == nil || !fits(c, a, 1, start+at[0]):
			return -1
		case at[0] == at[1]:
			c.Edits.InsertAfter(start+at[0], a.Str(c, 1))
		default:
			c.Edits.Replace(start+at[0], start+at[1], a.Str(c, 1))
		}
		return 1
	}
}

// replaceAll replaces all matches up to the first that is empty: that one ends it with -1, as in 5.6.3.
func replaceAll(of part) func(c *module.Ctx, a *module.Args) int {
	of = editable(of)
	return func(c *module.Ctx, a *module.Args) int {
		start, end := of(&c.SIP)
		re := a.Fixed.(*ere.Regexp)
		rc, next, empty := -1, 0, re.MatchString("")
		for _, at := range re.FindAllStringIndex(c.SIP.Raw[start:end], -1) {
			if at[0] == at[1] || empty && at[0] != next {
				return -1
			}
			if next = at[1]; fits(c, a, 1, start+at[0]) {
				c.Edits.Replace(start+at[0], start+at[1], a.Str(c, 1))
				rc = 1
			}
		}
		if empty && next < end-start {
			return -1
		}
		return rc
	}
}

// fixStrMode reads the mode of replace_str: f the first, anything else all, as in 5.6.3.
func fixStrMode(a []check.Arg) (any, error) {
	if a[2].Str != "" && a[2].Str[0]|0x20 == 'f' {
		return 1, nil
	}
	return -1, nil
}

// replaceString works without expressions. Like 5.6.3 it is content when there
// was nothing to replace, but not without a body to look at.
func replaceString(of part) func(c *module.Ctx, a *module.Args) int {
	of = editable(of)
	return func(c *module.Ctx, a *module.Args) int {
		start, end := of(&c.SIP)
		find := a.Str(c, 0)
		if find == "" || start == end || !fits(c, a, 1, start) {
			return -1
		}
		for n := a.Fixed.(int); n != 0; n-- {
			i := strings.Index(c.SIP.Raw[start:end], find)
			if i < 0 {
				break
			}
			c.Edits.Replace(start+i, start+i+len(find), a.Str(c, 1))
			start += i + len(find)
		}
		return 1
	}
}
