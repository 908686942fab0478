package module

import (
	"strconv"
	"unsafe"
)

// Bounds on what one message may build, in bytes. A script that builds more
// gets ErrRoom; the buffer that is kept for the next message is smaller.
const (
	scratchMax  = 8 << 20
	scratchKeep = 64 << 10
)

// Room tells whether n more bytes may be built for this message. Functions
// that build from a script's values ask before they build much.
func (c *Ctx) Room(n int) bool { return n <= scratchMax-c.built-len(c.scratch) }

func (c *Ctx) resetScratch() {
	c.scratch = c.scratch[:0]
	if cap(c.scratch) > scratchKeep {
		c.scratch = nil
	}
	clear(c.texts[:cap(c.texts)])
	c.texts, c.depth, c.built = c.texts[:0], 0, 0
}

// Keep copies s so that it lives as long as the message.
func (c *Ctx) Keep(s string) string {
	if s == "" {
		return ""
	}
	return c.view(c.reserve(len(s)), s)
}

// Concat joins strings in the message's scratch buffer.
func (c *Ctx) Concat(parts ...string) string {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if n == 0 {
		return ""
	}
	start := c.reserve(n)
	for _, p := range parts {
		c.scratch = append(c.scratch, p...)
	}
	return view(c.scratch[start:])
}

// Itoa writes a number into the scratch buffer.
func (c *Ctx) Itoa(n int64) string {
	if n >= 0 && n < int64(len(small)) {
		return small[n]
	}
	start := c.reserve(20)
	c.scratch = strconv.AppendInt(c.scratch, n, 10)
	return view(c.scratch[start:])
}

// Build calls f with a buffer to append to and returns what f built.
// Strings made from scratch before stay valid.
func (c *Ctx) Build(room int, f func(dst []byte) []byte) string {
	start := c.reserve(room)
	out := f(c.scratch[start:start:cap(c.scratch)])
	if len(out) == 0 {
		return ""
	}
	if &out[0] == &c.scratch[:start+1][start] {
		c.scratch = c.scratch[:start+len(out)]
	}
	return view(out)
}

// reserve makes room for n more bytes. A buffer that is full is left to the
// strings that view it and a new one begun: views never move.
func (c *Ctx) reserve(n int) int {
	if cap(c.scratch)-len(c.scratch) < n {
		c.built += len(c.scratch)
		c.scratch = make([]byte, 0, max(4096, 2*n, min(2*cap(c.scratch), scratchKeep)))
	}
	return len(c.scratch)
}

func (c *Ctx) view(start int, s string) string {
	c.scratch = append(c.scratch, s...)
	return view(c.scratch[start:])
}

func view(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b))
}

var small = func() (t [1000]string) {
	for i := range t {
		t[i] = strconv.Itoa(i)
	}
	return
}()
