package ere

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// automaton answers whether a text holds a match of a program of package regexp/syntax. A state is the set of
// instructions that the text read so far may have led to; the states are made when a text first leads to them, and
// forgotten when they have become too many.
//
// What stands before a character is asked when the character is known: so $ and \b, which look at it, are edges of
// the set like any other.
type automaton struct {
	prog     *syntax.Prog
	letters  alphabet
	width    int  // of a row: an edge for each class, one for the end of the text, and one that is never known
	anchored bool // a match begins with the text
	lines    bool // the set depends on what the last character was
	words    bool

	next   []uint16 // a row for each state; a state's number is where its row begins
	states []state
	byKey  map[string]uint16

	set, to sparse
	stack   []uint32
	key     []byte
	given   int // texts given up
}

// state is a set of instructions and what was read just before.
type state struct {
	insts  []uint32
	before syntax.EmptyOp // of EmptyBeginText, EmptyBeginLine
	word   bool           // the last character was one of a word
}

// What an edge leads to beside states.
const (
	unknown uint16 = iota
	dead           // nothing can match any more
	matched
	firstState
)

// Bounds of an automaton. When it has grown to maxTable it begins anew; a text that makes it do so again and again
// is left to package regexp.
const (
	maxTable  = 16 << 10 // edges
	maxRenews = 3        // for one text
	maxGiven  = 8        // texts that were given up
)

func newAutomaton(prog *syntax.Prog) *automaton {
	a := &automaton{prog: prog}
	points := []rune{0, utf8.RuneSelf, utf8.MaxRune + 1}
	for i := range prog.Inst {
		switch in := &prog.Inst[i]; in.Op {
		case syntax.InstRune, syntax.InstRune1:
			points = appendPoints(points, in)
		case syntax.InstRuneAnyNotNL:
			points = append(points, '\n', '\n'+1)
		case syntax.InstEmptyWidth:
			switch op := syntax.EmptyOp(in.Arg); {
			case op&(syntax.EmptyBeginLine|syntax.EmptyEndLine) != 0:
				a.lines = true
				points = append(points, '\n', '\n'+1)
			case op&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0:
				a.words = true
				points = append(points, '0', '9'+1, 'A', 'Z'+1, '_', '_'+1, 'a', 'z'+1)
			}
		}
	}
	if !a.letters.divide(points) {
		return a // too many kinds of characters: match knows nothing
	}
	a.width = len(a.letters.first) + 2
	a.anchored = prog.StartCond()&syntax.EmptyBeginText != 0
	a.set.grow(len(prog.Inst))
	a.to.grow(len(prog.Inst))
	a.renew()
	return a
}

// appendPoints adds where the characters that an instruction takes begin and end.
func appendPoints(points []rune, in *syntax.Inst) []rune {
	if len(in.Rune) == 1 {
		r := in.Rune[0]
		points = append(points, r, r+1)
		if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				points = append(points, f, f+1)
			}
		}
		return points
	}
	for i := 0; i+1 < len(in.Rune); i += 2 {
		points = append(points, in.Rune[i], in.Rune[i+1]+1)
	}
	return points
}

// renew forgets all states but the first.
func (a *automaton) renew() {
	a.states, a.next = a.states[:0], append(a.next[:0], make([]uint16, firstState)...)
	a.byKey = map[string]uint16{}
	a.set.clear()
	a.set.add(uint32(a.prog.Start))
	a.number(syntax.EmptyBeginText|syntax.EmptyBeginLine, false)
}

// match reports whether s holds a match; known is false when it would take too many states.
func (a *automaton) match(s string) (ok, known bool) {
	if a.width == 0 {
		return false, false
	}
	at, renewed := firstState, 0
	for i := 0; i <= len(s); {
		var to uint16
		if i, at, to = a.run(s, i, at); to == unknown {
			class, r, size := a.read(s, i)
			if to = a.next[int(at)+class]; to == unknown {
				if len(a.next)+a.width > maxTable {
					if renewed++; renewed > maxRenews {
						a.giveUp()
						return false, false
					}
					at = a.keep(at)
				}
				to = a.step(at, r)
				a.next[int(at)+class] = to
			}
			i += size
		}
		if to < firstState {
			return to == matched, true
		}
		at = to
	}
	return false, true
}

// run goes on from position i and state at as long as the characters are ASCII and their edges known: where most of the
// time goes. It returns how far it came and, at the end of the way, what the last edge led to: unknown when the next
// character is another's work.
func (a *automaton) run(s string, i int, at uint16) (int, uint16, uint16) {
	bytes := &a.letters.bytes
	for i < len(s) {
		row := a.next[at : int(at)+a.width]
		for row[bytes[s[i]]] == at { // apart, because no step waits for the one before
			if i++; i == len(s) {
				return i, at, unknown
			}
		}
		to := row[bytes[s[i]]]
		if to == unknown {
			break
		}
		i++
		if to < firstState {
			return i, at, to
		}
		at = to
	}
	return i, at, unknown
}

// read is the character at i, or the end of the text, which is the last class.
func (a *automaton) read(s string, i int) (class int, r rune, size int) {
	if i == len(s) {
		return a.width - 2, -1, 1
	}
	r, size = utf8.DecodeRuneInString(s[i:])
	return a.letters.of(r), r, size
}

// giveUp is called when a text wants too many states. An expression that does so again and again is no longer tried.
func (a *automaton) giveUp() {
	if a.given++; a.given > maxGiven {
		*a = automaton{}
		return
	}
	a.renew()
}

// keep forgets all states but the first and one, and returns its new number.
func (a *automaton) keep(at uint16) uint16 {
	old := a.state(at)
	a.renew()
	a.set.clear()
	for _, pc := range old.insts {
		a.set.add(pc)
	}
	return a.number(old.before, old.word)
}

func (a *automaton) state(at uint16) state { return a.states[int(at-firstState)/a.width] }

// step is where a character leads to from a state; -1 is the end of the text.
func (a *automaton) step(at uint16, r rune) uint16 {
	from := a.state(at)
	flags := from.before
	word := r >= 0 && syntax.IsWordChar(r)
	if r < 0 {
		flags |= syntax.EmptyEndText
	}
	if r < 0 || r == '\n' {
		flags |= syntax.EmptyEndLine
	}
	if from.word != word {
		flags |= syntax.EmptyWordBoundary
	} else {
		flags |= syntax.EmptyNoWordBoundary
	}
	if a.reach(from.insts, flags) {
		return matched
	}
	if r < 0 {
		return dead
	}
	a.to.clear()
	for _, pc := range a.set.list {
		if in := &a.prog.Inst[pc]; takes(in, r) {
			a.to.add(in.Out)
		}
	}
	if !a.anchored {
		a.to.add(uint32(a.prog.Start))
	}
	if len(a.to.list) == 0 {
		return dead
	}
	a.set, a.to = a.to, a.set
	before := syntax.EmptyOp(0)
	if a.lines && r == '\n' {
		before = syntax.EmptyBeginLine
	}
	return a.number(before, a.words && word)
}

func takes(in *syntax.Inst, r rune) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1:
		return in.MatchRune(r)
	case syntax.InstRuneAny:
		return true
	case syntax.InstRuneAnyNotNL:
		return r != '\n'
	}
	return false
}

// reach fills a.set with what some instructions lead to without a character, and tells whether that is a match.
func (a *automaton) reach(insts []uint32, flags syntax.EmptyOp) bool {
	a.set.clear()
	a.stack = append(a.stack[:0], insts...)
	for len(a.stack) > 0 {
		pc := a.stack[len(a.stack)-1]
		a.stack = a.stack[:len(a.stack)-1]
		if a.set.has(pc) {
			continue
		}
		a.set.add(pc)
		switch in := &a.prog.Inst[pc]; in.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstAlt, syntax.InstAltMatch:
			a.stack = append(a.stack, in.Out, in.Arg)
		case syntax.InstNop, syntax.InstCapture:
			a.stack = append(a.stack, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^flags == 0 {
				a.stack = append(a.stack, in.Out)
			}
		}
	}
	return false
}

// number is the number of the state whose instructions are a.set: a new one if there was none.
func (a *automaton) number(before syntax.EmptyOp, word bool) uint16 {
	slices.Sort(a.set.list)
	a.key = append(a.key[:0], byte(before), 0)
	if word {
		a.key[1] = 1
	}
	for _, pc := range a.set.list {
		a.key = binary.LittleEndian.AppendUint32(a.key, pc)
	}
	if n, ok := a.byKey[string(a.key)]; ok {
		return n
	}
	n := uint16(len(a.next))
	a.byKey[string(a.key)] = n
	a.states = append(a.states, state{insts: slices.Clone(a.set.list), before: before, word: word})
	a.next = append(a.next, make([]uint16, a.width)...)
	return n
}

// sparse is a set of instructions.
type sparse struct {
	list []uint32
	in   []bool
}

func (s *sparse) grow(n int)         { s.in = make([]bool, n) }
func (s *sparse) has(pc uint32) bool { return s.in[pc] }
func (s *sparse) add(pc uint32) {
	if !s.in[pc] {
		s.in[pc] = true
		s.list = append(s.list, pc)
	}
}

func (s *sparse) clear() {
	for _, pc := range s.list {
		s.in[pc] = false
	}
	s.list = s.list[:0]
}

// alphabet is the kinds of characters that a program tells apart.
type alphabet struct {
	first []rune     // of each class, ascending
	bytes [256]uint8 // the class of an ASCII character; of other bytes the edge that is never known
}

// divide makes the classes between some points; false if they are too many.
func (c *alphabet) divide(points []rune) bool {
	slices.Sort(points)
	points = slices.Compact(points)
	c.first = points[:len(points)-1]
	if len(c.first) > 254 {
		return false
	}
	for b := range c.bytes {
		c.bytes[b] = uint8(len(c.first) + 1)
		if b < utf8.RuneSelf {
			c.bytes[b] = uint8(c.of(rune(b)))
		}
	}
	return true
}

func (c *alphabet) of(r rune) int {
	i, found := slices.BinarySearch(c.first, r)
	if !found {
		i--
	}
	return i
}
