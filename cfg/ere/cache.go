package ere

import (
	"fmt"
	"strings"
)

// Bounds of a Cache: expressions, and the instructions that they have become.
const (
	maxCached = 256
	maxKept   = 20_000
)

// Cache keeps the expressions that scripts compute: one in a variable is mostly the same again. The zero value keeps
// case-insensitive POSIX expressions. It is not safe for concurrent use.
type Cache struct {
	// Compile replaces the way to compile; most is how many steps an expression may become.
	Compile func(pattern string, most int) (*Regexp, error)
	kept    map[string]cached
	steps   int
}

type cached struct {
	re  *Regexp
	err error
}

// Get returns the compiled expression. A pattern of more than MaxComputed bytes, or that becomes more than 1000 steps,
// is an error, as a bad one is.
func (c *Cache) Get(pattern string) (*Regexp, error) {
	if known, ok := c.kept[pattern]; ok {
		return known.re, known.err
	}
	if len(pattern) > MaxComputed {
		return nil, fmt.Errorf("a computed regular expression is longer than %d bytes", MaxComputed)
	}
	if c.kept == nil || len(c.kept) >= maxCached || c.steps > maxKept {
		c.kept, c.steps = make(map[string]cached), 0
	}
	pattern = strings.Clone(pattern) // it may be a view of the message
	k := cached{}
	if c.Compile != nil {
		k.re, k.err = c.Compile(pattern, MaxComputedSteps)
	} else if re, err := compile(pattern, true, MaxComputedSteps); err != nil { // a nil *Error is no nil error
		k.err = err
	} else {
		k.re = re
	}
	if c.kept[pattern] = k; k.re != nil {
		c.steps += len(k.re.prog.Inst)
	}
	return k.re, k.err
}

// Len is how many are kept.
func (c *Cache) Len() int { return len(c.kept) }
