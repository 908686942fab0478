package format

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"goser/cfg/syntax"
)

// mutations damage a text as people and tools do: each returns it changed at or
// about position at.
var mutations = []func(r *rand.Rand, s string, at int) string{
	func(_ *rand.Rand, s string, at int) string { return s[:at] + "\n" + s[at:] },
	func(_ *rand.Rand, s string, at int) string { return s[:at] + "\r\n" + s[at:] },
	func(_ *rand.Rand, s string, at int) string { return s[:at] + "\t" + s[at:] },
	func(_ *rand.Rand, s string, at int) string { return s[:at] + "\\\n" + s[at:] },
	func(_ *rand.Rand, s string, at int) string { return s[:at] + " # x\n" + s[at:] },
	func(_ *rand.Rand, s string, at int) string { return s[:at] + "/* x\n\ty */" + s[at:] },
	func(_ *rand.Rand, s string, at int) string { return strings.ReplaceAll(s, "\n", "\r\n") },
	func(_ *rand.Rand, s string, at int) string { return strings.ReplaceAll(s, "\t", "  ") },
	func(_ *rand.Rand, s string, at int) string { return s[:at] },
	func(_ *rand.Rand, s string, at int) string { return strings.TrimRight(s, "\n") },
	func(_ *rand.Rand, s string, at int) string { return "\xEF\xBB\xBF" + s },
	func(r *rand.Rand, s string, at int) string { return s[:at] + s[min(len(s), at+1+r.IntN(30)):] },
	func(r *rand.Rand, s string, at int) string {
		end := min(len(s), at+1+r.IntN(60))
		return s[:end] + s[at:end] + s[end:]
	},
	func(r *rand.Rand, s string, at int) string {
		bits := []string{"{", "}", "(", ")", ";", "\"", "'", "$", "!", "-", "&&", "[", "]", "else", "if", "=", "@", "#", "//", "/*", "*/", "route", "case 1:", "$var(x)", "uri:host", "\x00", "\xff"}
		return s[:at] + bits[r.IntN(len(bits))] + s[at:]
	},
	func(r *rand.Rand, s string, at int) string { // a conditional in the middle of something
		lines := strings.SplitAfter(s, "\n")
		i := r.IntN(len(lines))
		j := i + r.IntN(len(lines)-i)
		return strings.Join(lines[:i], "") + "#!ifdef MUTATED\n" + strings.Join(lines[i:j], "") + "#!else\n" + strings.Join(lines[j:min(j+2, len(lines))], "") +
			"#!endif\n" + strings.Join(lines[min(j+2, len(lines)):], "")
	},
	func(r *rand.Rand, s string, at int) string { // statements in one line
		i := strings.IndexByte(s[at:], '\n')
		if i < 0 {
			return s
		}
		return s[:at+i] + " " + s[at+i+1:]
	},
}

// TestMutations: whatever has happened to a text, it is laid out once and for all,
// or refused with a place; it means the same with whatever is defined.
func TestMutations(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	texts := corpus(t)
	trials := 1000
	if testing.Short() {
		trials = 200
	}
	formatted := 0
	for range trials {
		s := texts[r.IntN(len(texts))]
		for range 1 + r.IntN(3) {
			if s == "" {
				break
			}
			s = mutations[r.IntN(len(mutations))](r, s, r.IntN(len(s)))
		}
		if meansTheSame(t, r, s) {
			formatted++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if formatted < trials/3 {
		t.Errorf("only %d of %d could be laid out (seed %d)", formatted, trials, seed)
	}
}

// meansTheSame lays a text out and compares both with several sets of defines. It
// tells whether the text could be laid out.
func meansTheSame(t *testing.T, r *rand.Rand, s string) bool {
	t.Helper()
	out, err := Source("f", []byte(s), options)
	if err != nil {
		var placed *syntax.Error
		if errors.Is(err, ErrChanged) || !errors.As(err, &placed) {
			t.Errorf("%v\n%s", err, s)
		}
		return false
	}
	twice, err := Source("f", out, options)
	if err != nil || !bytes.Equal(out, twice) {
		t.Errorf("not the same again: %v\n%s\n----\n%s\n----\n%s", err, s, out, twice)
		return true
	}
	lex, _ := syntax.Scan("f", []byte(s))
	names, _ := conditions(lex)
	sets := [][]string{nil, names}
	if n := min(len(names), maxSets); n > 0 {
		sets = append(sets, names[r.IntN(n):][:1])
	}
	for _, set := range sets {
		opt := options
		opt.Defines = set
		was, wasDiag := syntax.Parse("f", []byte(s), opt)
		is, isDiag := syntax.Parse("f", out, opt)
		if wasDiag.Failed() != isDiag.Failed() || !wasDiag.Failed() && !syntax.Equal(was, is) {
			t.Errorf("with %v: %d and %d errors\n%s\n----\n%s", opt.Defines, wasDiag.Errors(), isDiag.Errors(), s, out)
			return true
		}
	}
	return true
}
