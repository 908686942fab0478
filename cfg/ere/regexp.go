package ere

import (
	"fmt"
	"regexp"
	"regexp/syntax"
)

// Regexp is a compiled expression. A question whether it matches is answered by an automaton that is built as texts
// need it, with one step for each character; package regexp, an order of magnitude slower, finds the places, and
// answers where the automaton would grow too large.
//
// It is not safe for concurrent use: a process runs one script at a time.
type Regexp struct {
	places  *regexp.Regexp
	auto    *automaton // nil: not made for this expression
	prog    *syntax.Prog
	bounded bool
}

// Bounds on expressions that a script computes, which may hold what a stranger sent.
const (
	MaxComputed      = 1024    // bytes
	MaxComputedSteps = 1000    // instructions that it becomes
	maxWork          = 4 << 20 // instructions times bytes of text, where the automaton is no help
)

// FromGo compiles an expression in Go's own syntax. With most above 0 it is one that a script computes, and an error if
// it becomes more than so many instructions. longest prefers the longest of the leftmost matches.
func FromGo(expr string, most int, longest bool) (*Regexp, error) {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	if most > 0 && steps(parsed) > most {
		return nil, fmt.Errorf("it becomes more than %d steps: a repetition {n} writes what it repeats n times", most)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	places, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	if longest {
		places.Longest()
	}
	return &Regexp{places: places, prog: prog, bounded: most > 0}, nil
}

// steps is about how many instructions an expression becomes, found without making them.
func steps(re *syntax.Regexp) int {
	const enough = 1 << 20
	n := 1
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpConcat, syntax.OpRepeat:
		n = 0
	}
	for _, sub := range re.Sub {
		n = min(n+steps(sub), enough)
	}
	if re.Op == syntax.OpRepeat {
		n = min(n*max(1, re.Min, re.Max), enough)
	}
	return n
}

// String is the expression in Go's syntax.
func (r *Regexp) String() string { return r.places.String() }

// MatchString reports whether the text holds a match. A computed expression that is too much work does not match; see Match.
func (r *Regexp) MatchString(s string) bool {
	ok, _ := r.Match(s)
	return ok
}

// Match reports whether the text holds a match. The error, of computed expressions only, is that to find out would take
// too long.
func (r *Regexp) Match(s string) (bool, error) {
	if r.auto == nil {
		r.auto = newAutomaton(r.prog)
	}
	if ok, known := r.auto.match(s); known {
		return ok, nil
	}
	if r.bounded && len(s)*len(r.prog.Inst) > maxWork {
		return false, fmt.Errorf("a computed regular expression of %d steps on %d bytes is too much work", len(r.prog.Inst), len(s))
	}
	return r.places.MatchString(s), nil
}

// FindStringIndex is where the leftmost match is, nil if there is none.
func (r *Regexp) FindStringIndex(s string) []int {
	if !r.MatchString(s) {
		return nil
	}
	return r.places.FindStringIndex(s)
}

// FindStringSubmatchIndex is where it and its groups are.
func (r *Regexp) FindStringSubmatchIndex(s string) []int {
	if !r.MatchString(s) {
		return nil
	}
	return r.places.FindStringSubmatchIndex(s)
}

// FindAllStringIndex is where the first n matches are; all of them if n is negative.
func (r *Regexp) FindAllStringIndex(s string, n int) [][]int {
	if !r.MatchString(s) {
		return nil
	}
	return r.places.FindAllStringIndex(s, n)
}

// FindAllStringSubmatchIndex is where they and their groups are.
func (r *Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	if !r.MatchString(s) {
		return nil
	}
	return r.places.FindAllStringSubmatchIndex(s, n)
}

// NumSubexp is the number of groups.
func (r *Regexp) NumSubexp() int { return r.places.NumSubexp() }
