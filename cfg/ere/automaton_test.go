package ere

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// FuzzAutomaton holds the automaton against package regexp.
func FuzzAutomaton(f *testing.F) {
	for _, m := range matches {
		f.Add(m.pattern, m.text)
	}
	for _, m := range [][2]string{
		{`(?m)^x.*y$`, "a\nxzy\nb"},
		{`\Ba\b|\bc\B`, "ca a"},
		{`(?i)kelvin|ſ`, "KELVIN S"},
		{`[^a-z\x{80}-\x{7ff}]`, "aé\xff"},
		{`(?m)\A^a$\z`, "a\n"},
		{`(a|b)*a(a|b){12}c`, "abbababaabbbabababbabaabababc"},
	} {
		f.Add(m[0], m[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 || len(text) > 2000 {
			return
		}
		want, err := regexp.Compile(pattern)
		if err != nil {
			return
		}
		got, err := FromGo(pattern, 20_000, false)
		if err != nil {
			return
		}
		for range 2 { // built, and known
			if ok := got.MatchString(text); ok != want.MatchString(text) {
				t.Fatalf("%q on %q: %v", pattern, text, ok)
			}
		}
	})
}

// Random expressions of few characters meet each other's texts.
func TestAutomaton(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	atoms := []string{"a", "b", "[ab]", "[^a]", ".", "(?i:k)", `\b`, `\B`, "^", "$", `\A`, `\z`, "\n", "_", "é", "(a|b)", "(ab)?", "()", "(?m:^)", "(?m:$)"}
	known := 0
	for range 3000 {
		var p strings.Builder
		for range 1 + rnd.IntN(5) {
			p.WriteString(atoms[rnd.IntN(len(atoms))])
			p.WriteString([]string{"", "", "*", "+", "|", "{2,3}"}[rnd.IntN(6)])
		}
		want, err := regexp.Compile(p.String())
		if err != nil {
			continue
		}
		got, err := FromGo(p.String(), 0, false)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			var s strings.Builder
			for range rnd.IntN(8) {
				s.WriteString([]string{"a", "b", "K", "\u212a", "\n", "_", "é", " ", "\xff"}[rnd.IntN(9)])
			}
			ok := got.MatchString(s.String())
			if ok != want.MatchString(s.String()) {
				t.Fatalf("%q on %q: %v", p.String(), s.String(), ok)
			}
			if _, k := got.auto.match(s.String()); k {
				known++
			}
		}
	}
	if known < 50_000 {
		t.Errorf("the automaton answered %d times only", known)
	}
}

// An expression with more states than there is room for is still answered right, and its automaton stays small.
func TestAutomatonIsBounded(t *testing.T) {
	const pattern = "(a|b)*a(a|b){14}c"
	re, err := Compile(pattern, false)
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(pattern)
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		text := make([]byte, 20_000)
		for i := range text {
			text[i] = "ab"[rnd.IntN(2)]
		}
		text[len(text)-1-rnd.IntN(3)] = 'c'
		if got := re.MatchString(string(text)); got != want.Match(text) {
			t.Fatalf("%v for %q", got, text[len(text)-40:])
		}
		if n := len(re.auto.next); n > maxTable {
			t.Fatalf("%d edges", n)
		}
	}
	if re.auto.width != 0 {
		t.Error("the automaton is tried again and again")
	}
}

// What a stranger may have written is refused when it becomes too large, or is too much work.
func TestComputed(t *testing.T) {
	var c Cache
	for _, p := range []string{strings.Repeat("a{1000}", 140), strings.Repeat("(a?){1000}", 100), "(((a{9}){9}){9}){2}", strings.Repeat("x", MaxComputed+1), "(a"} {
		if _, err := c.Get(p); err == nil {
			t.Errorf("%.20q is taken", p)
		}
	}
	re, err := c.Get(`(a|b)*a(a|b){200}c`)
	if err != nil {
		t.Fatal(err)
	}
	rnd, text := rand.New(rand.NewPCG(7, 8)), make([]byte, 60_000)
	for i := range text {
		text[i] = "ab"[rnd.IntN(2)]
	}
	if ok, err := re.Match(string(text)); ok || err == nil {
		t.Errorf("%v, %v: want a refusal", ok, err)
	}
	if ok, err := re.Match("xa" + strings.Repeat("b", 200) + "c"); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	for range 1000 {
		if _, err := c.Get(string(text[:1+rnd.IntN(20)]) + "{900}"); err != nil {
			t.Fatal(err)
		}
	}
	if c.steps > maxKept+MaxComputedSteps || c.Len() > maxCached {
		t.Errorf("%d expressions of %d steps are kept", c.Len(), c.steps)
	}
}

var benchTexts = map[string]string{
	"short": "friendly-ua/1.2", "long": strings.Repeat("X-Filler: what is long and of no meaning; ", 20),
}

func BenchmarkMatch(b *testing.B) {
	for name, text := range benchTexts {
		for _, p := range []string{"foo", ".*foo.*bar", "friendly-scanner|sipvicious|sipcli|VaxSIPUserAgent", "^[0-9]+$"} {
			re, err := Compile(p, true)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(name+"/automaton/"+p, func(b *testing.B) {
				for b.Loop() {
					re.MatchString(text)
				}
			})
			b.Run(name+"/regexp/"+p, func(b *testing.B) {
				for b.Loop() {
					re.places.MatchString(text)
				}
			})
		}
	}
}
