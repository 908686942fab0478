package textopsx

import (
	"strings"

	"goser/sip"
	"goser/worker/module"
)

// errLineEnd is the log's word on a value that would begin a header of its own.
const errLineEnd = "the value holds a line end"

// value is one of the values, separated by commas, of the headers of a name.
type value struct {
	h          *sip.Header
	at         int // behind the comma before it: blanks follow
	start, end int // without blanks
	first      bool
	last       bool // of its header
}

func (v *value) text(c *module.Ctx) string { return c.SIP.Raw[v.start:v.end] }

// values walks all values of a name that are not empty.
func values(m *sip.Msg, name string, yield func(v value) bool) {
	everyValue(m, name, func(v value) bool { return v.start == v.end || yield(v) })
}

// everyValue walks the empty ones between two commas, too.
func everyValue(m *sip.Msg, name string, yield func(v value) bool) {
	for h := m.ByName(name); h != nil; h = m.NextByName(h) {
		end := h.BodyEnd()
		for at := h.BodyStart; at < end; {
			comma := scan(m.Raw, at, end, ',')
			v := value{h: h, at: at, start: at, end: comma, first: at == h.BodyStart, last: comma >= end}
			v.start, v.end = blanks(m.Raw, at, comma)
			at = comma + 1
			if !yield(v) {
				return
			}
		}
	}
}

func blanks(s string, i, j int) (int, int) {
	for i < j && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	for i < j && strings.IndexByte(" \t\r\n", s[j-1]) >= 0 {
		j--
	}
	return i, j
}

// scan finds b between i and end, outside of quotes and angle brackets; end if it
// is not there.
func scan(s string, i, end int, b byte) int {
	for quoted, angle := false, false; i < end; i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case quoted:
		case s[i] == '<':
			angle = true
		case s[i] == '>':
			angle = false
		case s[i] == b && !angle:
			return i
		}
	}
	return end
}

// each calls do for the values that t means; the number of them.
func (t *target) each(c *module.Ctx, do func(v value)) int {
	index, n := t.index, 0
	if index < 0 {
		values(&c.SIP, t.name, func(value) bool { index++; return true })
		index++
		if index <= 0 {
			return 0
		}
	}
	i := 0
	values(&c.SIP, t.name, func(v value) bool {
		if i++; t.all || i == max(index, 1) {
			n++
			do(v)
		}
		return t.all || n == 0
	})
	return n
}

// remove takes a value out with one comma, the header with its last value.
func (v *value) remove(c *module.Ctx) {
	switch {
	case v.first && v.last:
		c.Edits.DeleteHeader(v.h)
	case v.last:
		c.Edits.Delete(v.at-1, v.end)
	default:
		c.Edits.Delete(v.at, scan(c.SIP.Raw, v.at, v.h.BodyEnd(), ',')+1)
	}
}

func valueExists(c *module.Ctx, a *module.Args) int {
	return truth(exists(c, a.Fixed.(*target), strings.TrimSpace(a.Str(c, 1))))
}

func exists(c *module.Ctx, t *target, want string) (found bool) {
	values(&c.SIP, t.name, func(v value) bool {
		found = sip.EqualFold(v.text(c), want)
		return !found
	})
	return found
}

// includeValue adds a value to the first header of the name that has some.
func includeValue(c *module.Ctx, a *module.Args) int {
	t, s := a.Fixed.(*target), a.Str(c, 1)
	if exists(c, t, strings.TrimSpace(s)) {
		return 1
	}
	if strings.ContainsAny(s, "\r\n\x00") {
		return c.Fail(-1, errLineEnd)
	}
	end := 0
	values(&c.SIP, t.name, func(v value) bool {
		end = v.end
		return !v.last
	})
	if end == 0 {
		return addHeader(c, c.SIP.HeadersEnd(), t.name, s)
	}
	c.Edits.InsertAfter(end, c.Concat(",", s))
	return 1
}

// excludeValue succeeds also if there is nothing to remove.
func excludeValue(c *module.Ctx, a *module.Args) int {
	want := strings.TrimSpace(a.Str(c, 1))
	values(&c.SIP, a.Fixed.(*target).name, func(v value) bool {
		if sip.EqualFold(v.text(c), want) {
			v.remove(c)
		}
		return true
	})
	return 1
}

func addHeader(c *module.Ctx, at int, name, s string) int {
	if strings.ContainsAny(s, "\r\n\x00") {
		return c.Fail(-1, errLineEnd)
	}
	c.Edits.InsertAfter(at, c.Concat(name, ": ", s, "\r\n"))
	return 1
}

// appendValue without an index makes a header; index 0 is behind the last value.
func appendValue(c *module.Ctx, a *module.Args) int {
	t, s := *a.Fixed.(*target), a.Str(c, 1)
	if strings.ContainsAny(s, "\r\n\x00") {
		return c.Fail(-1, errLineEnd)
	}
	if t.given && t.index == 0 {
		t.index = -1
	}
	if t.given && t.each(c, func(v value) { c.Edits.InsertAfter(v.end, c.Concat(",", s)) }) > 0 {
		return 1
	}
	return addHeader(c, c.SIP.HeadersEnd(), t.name, s)
}

// insertValue without an index makes a header above the first of its name; where there is none, below all.
func insertValue(c *module.Ctx, a *module.Args) int {
	t, s := a.Fixed.(*target), a.Str(c, 1)
	if strings.ContainsAny(s, "\r\n\x00") {
		return c.Fail(-1, errLineEnd)
	}
	h, at := c.SIP.ByName(t.name), c.SIP.HeadersEnd()
	if h == nil && t.given && (t.index < 0 || t.index > 1) {
		return -1
	}
	if !t.given || h == nil {
		if h != nil {
			at = h.Start
		}
		return addHeader(c, at, t.name, s)
	}
	return truth(t.each(c, func(v value) {
		at := v.at
		if v.first {
			at = v.start
		}
		c.Edits.InsertBefore(at, c.Concat(s, ","))
	}) > 0)
}

func removeValue(c *module.Ctx, a *module.Args) int {
	t := a.Fixed.(*target)
	if t.param == "" {
		return truth(t.eachOrHeaders(c) > 0)
	}
	found := false
	t.each(c, func(v value) {
		if p, ok := findParam(c.SIP.Raw, v.start, v.end, ';', t.param); ok {
			c.Edits.Delete(p.at, p.end)
			found = true
		}
	})
	return truth(found)
}

// eachOrHeaders removes values; for [*] the headers with them.
func (t *target) eachOrHeaders(c *module.Ctx) (n int) {
	if !t.all {
		return t.each(c, func(v value) { v.remove(c) })
	}
	for h := c.SIP.ByName(t.name); h != nil; h = c.SIP.NextByName(h) {
		c.Edits.DeleteHeader(h)
		n++
	}
	return n
}

func assignValue(c *module.Ctx, a *module.Args) int {
	t, s := a.Fixed.(*target), a.Str(c, 1)
	if strings.ContainsAny(s, "\r\n\x00") {
		return c.Fail(-1, errLineEnd)
	}
	return truth(t.each(c, func(v value) {
		if t.param == "" {
			c.Edits.Replace(v.start, v.end, s)
			return
		}
		setParam(c, v.start, v.end, ';', t.param, s)
	}) > 0)
}
