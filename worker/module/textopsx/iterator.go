package textopsx

import (
	"strings"
	"unsafe"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// maxIterators bounds the iterators of one kind that a message can have.
const maxIterators = 16

// iterator is where a script is in a message. Those of a message that is done are
// used again.
type iterator struct {
	c      *module.Ctx // compared, never used
	number uint64      // Recv.Number
	raw    uintptr     // the message it walks through: another one ends it
	name   string
	at     int // header, or begin of the line; -1 before the first
	end    int // of the line
	valid  bool
}

type iterators struct{ list []iterator }

var headerIters, lineIters iterators

// find is the iterator of a name.
func (s *iterators) find(c *module.Ctx, name string) *iterator {
	for i := range s.list {
		it := &s.list[i]
		if it.c == c && it.number == c.Recv.Number && it.name == name {
			return it
		}
	}
	return nil
}

// start makes or resets one; nil if the message has too many.
func (s *iterators) start(c *module.Ctx, name string) *iterator {
	it, mine := s.find(c, name), 0
	for i := range s.list {
		x := &s.list[i]
		switch {
		case x.c == c && x.number == c.Recv.Number:
			mine++
		case it == nil && (x.c == nil || x.c == c):
			it = x
		}
	}
	if it == nil && mine >= maxIterators {
		return nil
	}
	if it == nil {
		s.list = append(s.list, iterator{})
		it = &s.list[len(s.list)-1]
	}
	if it.name != name {
		it.name = strings.Clone(name)
	}
	it.c, it.number, it.raw, it.at, it.end, it.valid = c, c.Recv.Number, place(c), -1, -1, true
	return it
}

// place tells messages apart; what msg_apply_changes makes lies elsewhere.
func place(c *module.Ctx) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(c.SIP.Raw))) }

// end gives the iterator back; -1 if there is none of that name.
func (s *iterators) end(c *module.Ctx, name string) int {
	it := s.find(c, name)
	if it == nil {
		return -1
	}
	*it = iterator{name: it.name}
	return 1
}

// open is an iterator that still walks through the message as it is.
func (s *iterators) open(c *module.Ctx, name string) *iterator {
	it := s.find(c, name)
	if it == nil || !it.valid || it.raw != place(c) {
		return nil
	}
	return it
}

const errTooManyIterators = "the message has too many iterators"

func headerStart(c *module.Ctx, a *module.Args) int {
	if headerIters.start(c, a.Str(c, 0)) == nil {
		return c.Fail(-1, errTooManyIterators)
	}
	return 1
}

// headerNext leaves the headers at the end; then it has none.
func headerNext(c *module.Ctx, a *module.Args) int {
	it := headerIters.open(c, a.Str(c, 0))
	if it == nil {
		return -1
	}
	it.at++
	it.valid = it.at < len(c.SIP.Headers)
	return truth(it.valid)
}

// headerPrev stops before the first header, where the walk may go on from. As in 5.6.3 it has succeeded then, too.
func headerPrev(c *module.Ctx, a *module.Args) int {
	it := headerIters.open(c, a.Str(c, 0))
	if it == nil {
		return -1
	}
	it.at = max(it.at-1, -1)
	return 1
}

func headerEnd(c *module.Ctx, a *module.Args) int { return headerIters.end(c, a.Str(c, 0)) }

// header is the one the iterator is at, nil if there is none.
func header(c *module.Ctx, name string) *sip.Header {
	it := headerIters.open(c, name)
	if it == nil || it.at < 0 || it.at >= len(c.SIP.Headers) {
		return nil
	}
	return &c.SIP.Headers[it.at]
}

func headerRemove(c *module.Ctx, a *module.Args) int {
	h := header(c, a.Str(c, 0))
	if h == nil {
		return -1
	}
	c.Edits.DeleteHeader(h)
	return 1
}

// fixHeader checks a header in argument 1.
func fixHeader(a []check.Arg) (any, error) {
	literal, err := module.FixHeader(&a[1])
	if err != nil {
		return nil, err
	}
	return literal, nil
}

func headerInsert(behind bool) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		h := header(c, a.Str(c, 0))
		lines, ok := c.Header(a.Str(c, 1), a.Fixed.(int))
		if h == nil {
			return -1
		}
		if !ok {
			return c.Fail(-1, module.ErrHeader)
		}
		if behind {
			c.Edits.InsertAfter(h.End, lines)
		} else {
			c.Edits.InsertBefore(h.Start, lines)
		}
		return 1
	}
}

func headerName(c *module.Ctx, r *module.Ref) module.Value {
	h := header(c, r.Inner)
	if h == nil {
		return module.Undef
	}
	return module.StrValue(h.Name)
}

func headerBody(c *module.Ctx, r *module.Ref) module.Value {
	h := header(c, r.Inner)
	if h == nil {
		return module.Undef
	}
	return module.StrValue(h.Body)
}

func lineStart(c *module.Ctx, a *module.Args) int {
	it := lineIters.start(c, a.Str(c, 0))
	if it == nil {
		return c.Fail(-1, errTooManyIterators)
	}
	it.end = c.SIP.BodyStart()
	return 1
}

func lineNext(c *module.Ctx, a *module.Args) int {
	it := lineIters.open(c, a.Str(c, 0))
	if it == nil {
		return -1
	}
	end := c.SIP.BodyStart() + len(c.SIP.Body)
	if it.at = it.end; it.at >= end {
		it.valid = false
		return -1
	}
	if n := strings.IndexByte(c.SIP.Raw[it.at:end], '\n'); n >= 0 {
		end = it.at + n + 1
	}
	it.end = end
	return 1
}

func lineEnd(c *module.Ctx, a *module.Args) int { return lineIters.end(c, a.Str(c, 0)) }

// line is the iterator if it is at a line.
func line(c *module.Ctx, name string) *iterator {
	if it := lineIters.open(c, name); it != nil && it.at >= 0 {
		return it
	}
	return nil
}

func lineRemove(c *module.Ctx, a *module.Args) int {
	it := line(c, a.Str(c, 0))
	if it == nil {
		return -1
	}
	c.Edits.Delete(it.at, it.end)
	return 1
}

func lineInsert(behind bool) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		it := line(c, a.Str(c, 0))
		if it == nil {
			return -1
		}
		if behind {
			c.Edits.InsertAfter(it.end, a.Str(c, 1))
		} else {
			c.Edits.InsertBefore(it.at, a.Str(c, 1))
		}
		return 1
	}
}

func lineText(c *module.Ctx, r *module.Ref) module.Value {
	it := line(c, r.Inner)
	if it == nil {
		return module.Undef
	}
	return module.StrValue(c.SIP.Raw[it.at:it.end])
}
