package textopsx

import (
	"strings"

	"goser/sip"
	"goser/worker/module"
)

// param is one name=value: with its separator from at to end.
type param struct {
	at, end   int
	start     int // of the name
	value, to int // of the value; value is 0 if there is no =
}

// findParam looks for a parameter behind the first separator of s[i:end]; for
// sep ',' the first one stands behind a word, as in Authorization.
func findParam(s string, i, end int, sep byte, name string) (param, bool) {
	at := scan(s, i, end, sep)
	if sep == ',' {
		at = i
		for at < end && strings.IndexByte(" \t\r\n", s[at]) < 0 {
			at++ // the scheme
		}
	}
	for at < end {
		next := scan(s, at+1, end, sep)
		p := param{at: at, end: next}
		start, stop := blanks(s, at+1, next)
		p.start = start
		key, eq := s[start:stop], strings.IndexByte(s[start:stop], '=')
		if eq >= 0 {
			key = strings.TrimRight(key[:eq], " \t")
			p.value, p.to = start+eq+1, stop
		}
		if sip.EqualFold(key, name) {
			return p, true
		}
		at = next
	}
	return param{}, false
}

// setParam replaces a parameter's value or adds the parameter. Without a value it has no equal sign.
func setParam(c *module.Ctx, i, end int, sep byte, name, s string) {
	p, ok := findParam(c.SIP.Raw, i, end, sep, name)
	switch {
	case s == "" && ok && p.value > 0:
		c.Edits.Delete(p.start+len(name), p.to)
	case s == "" && ok:
	case s == "":
		c.Edits.InsertAfter(end, c.Concat(string(rune(sep)), name))
	case ok && p.value > 0:
		c.Edits.Replace(p.value, p.to, s)
	case ok:
		c.Edits.Replace(p.start, p.start+len(name), c.Concat(name, "=", s))
	default:
		c.Edits.InsertAfter(end, c.Concat(string(rune(sep)), name, "=", s))
	}
}

// headersOf calls do for the headers that t means, by index among those of the name; those with parameters after
// commas have one value each.
func (t *target) headersOf(c *module.Ctx, do func(h *sip.Header) bool) (ok bool) {
	at, want := 0, max(t.index-1, 0)
	if t.index < 0 {
		want = t.index
		for h := c.SIP.ByName(t.name); h != nil; h = c.SIP.NextByName(h) {
			want++
		}
	}
	for h := c.SIP.ByName(t.name); h != nil; h = c.SIP.NextByName(h) {
		if t.all || at == want {
			ok = do(h) || ok
		}
		at++
	}
	return ok
}

// removeParam2 takes name=value out with the comma behind it, the last one with
// the comma before it; without a name the whole header.
func removeParam2(c *module.Ctx, a *module.Args) int {
	t := a.Fixed.(*target)
	return truth(t.headersOf(c, func(h *sip.Header) bool {
		if t.param == "" {
			c.Edits.DeleteHeader(h)
			return true
		}
		p, ok := findParam(c.SIP.Raw, h.BodyStart, h.BodyEnd(), ',', t.param)
		switch {
		case !ok:
		case p.end < h.BodyEnd() && c.SIP.Raw[p.at] == ',':
			c.Edits.Delete(p.at+1, p.end+1)
		case p.end < h.BodyEnd():
			c.Edits.Delete(p.start, p.end+1)
		case c.SIP.Raw[p.at] == ',':
			c.Edits.Delete(p.at, p.end)
		default:
			c.Edits.Delete(p.start, p.end)
		}
		return ok
	}))
}

// assignParam2 sets a parameter, without a name the whole value.
func assignParam2(c *module.Ctx, a *module.Args) int {
	t, s := a.Fixed.(*target), a.Str(c, 1)
	if strings.ContainsAny(s, "\r\n\x00") {
		return c.Fail(-1, errLineEnd)
	}
	return truth(t.headersOf(c, func(h *sip.Header) bool {
		if t.param == "" {
			c.Edits.Replace(h.BodyStart, h.BodyEnd(), s)
		} else {
			setParam(c, h.BodyStart, h.BodyEnd(), ',', t.param, s)
		}
		return true
	}))
}
