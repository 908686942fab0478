package ere

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What glibc's regcomp(REG_EXTENDED) and regexec say, asked by running them.
// want is the byte range of the whole match; nil is no match.
var matches = []struct {
	pattern, text string
	want          []int
}{
	{"a)", "a)", []int{0, 2}},
	{"()", "x", []int{0, 0}},
	{"a|", "a", []int{0, 1}},
	{"|a", "a", []int{0, 1}},
	{"a||b", "b", []int{0, 1}},
	{"a**", "aa", []int{0, 2}},
	{"a+?", "aa", []int{0, 2}},
	{"a{2}{3}", "aaaaaa", []int{0, 6}},
	{`\d`, "d", []int{0, 1}},
	{`[0-9\.]`, `\`, []int{0, 1}},
	{`\w+`, "ab_", []int{0, 3}},
	{`\bx\b`, "a x", []int{2, 3}},
	{"[]a]", "]", []int{0, 1}},
	{"[^]a]", "b", []int{0, 1}},
	{"[[:digit:]]+", "12", []int{0, 2}},
	{"[:digit:]", "d", []int{0, 1}},
	{"[[=a=]]", "a", []int{0, 1}},
	{"[[.a.]]", "a", []int{0, 1}},
	{"[a-]", "-", []int{0, 1}},
	{"[--/]", ".", []int{0, 1}},
	{"a{,2}", "aa", []int{0, 2}},
	{"a{0}", "a", []int{0, 0}},
	{"x*", "aaa", []int{0, 0}},
	{"(a|ab)(c|bcd)(d*)", "abcd", []int{0, 4}},
	{`\/`, "/", []int{0, 1}},
	{`\.`, ".", []int{0, 1}},
	{"a$b", "a$b", nil},
	{"^a^b", "ab", nil},
	{"(^a)", "a", []int{0, 1}},
	{`\n`, "n", []int{0, 1}},
	{".", "\n", []int{0, 1}},
	{"^$", "", []int{0, 0}},
	{"a$", "a\n", nil},
	{`\{`, "{", []int{0, 1}},
	{"]", "]", []int{0, 1}},
	{"}", "}", []int{0, 1}},
	{"\\`a", "a", []int{0, 1}},
	{`a\'`, "a", []int{0, 1}},
	{`[\]]`, "]", nil},
	{`[\]]`, `\]`, []int{0, 2}},
	{"(a*)*", "aab", []int{0, 2}},
	{"(a*)+", "b", []int{0, 0}},
	{"^1[0-9]{2}$", "180", []int{0, 3}},
	{`10\.10\.10].10`, "10.10.10].10", []int{0, 12}},
	{"sip:(.*)@", "<sip:a@b@c>", []int{1, 9}},
}

func TestMatchesLikeRegexec(t *testing.T) {
	for _, c := range matches {
		re, err := Compile(c.pattern, false)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if d := cmp.Diff(c.want, re.FindStringIndex(c.text)); d != "" {
			t.Errorf("%q on %q: %s", c.pattern, c.text, d)
		}
	}
}

// Patterns regcomp refuses, and those we cannot express; offset of the culprit.
var refused = []struct {
	pattern string
	offset  int
	msg     string
}{
	{"^+49", 1, "nothing before +"},
	{"^*49", 1, "nothing before *"},
	{"*a", 0, "nothing before *"},
	{"+a", 0, "nothing before +"},
	{"a|*b", 2, "nothing before *"},
	{"(*a)", 1, "nothing before *"},
	{"$*", 1, "nothing before *"},
	{"{1}", 0, "nothing before {1}"},
	{"a{", 1, "unmatched {"},
	{"a{1,2", 1, "unmatched {"},
	{"a{x}", 1, "bad repetition {x}"},
	{"a{2,1}", 1, "bad repetition {2,1}"},
	{"(a", 0, "unmatched ("},
	{"(a)(b", 3, "unmatched ("},
	{"[a", 0, "unmatched ["},
	{"x[z-a]", 2, "range ends"},
	{"[a-c-e]", 4, "cannot end a range"},
	{"[[:foo:]]", 1, "unknown character class [:foo:]"},
	{"[[.hyphen.]]", 1, "only single characters"},
	{`a\`, 1, "trailing backslash"},
	{"a{40000}", 1, "above 1000"},
	{`(a)\1`, 3, "back-references"},
	{`\<a`, 0, "cannot be expressed"},
	{strings.Repeat("(", 201), 200, "too deep"},
	{"((((a{1000}){1000}){1000}){1000})", 0, "too complex"},
	{"a\xff", 0, "UTF-8"},
	{strings.Repeat("a", 4097), 4096, "longer than 4096"},
}

func TestRefuses(t *testing.T) {
	for _, c := range refused {
		_, err := Compile(c.pattern, false)
		if err == nil {
			t.Errorf("%q: accepted", c.pattern)
		} else if err.Offset != c.offset || !strings.Contains(err.Msg, c.msg) {
			t.Errorf("%q: got %q at %d, want %q at %d", c.pattern, err.Msg, err.Offset, c.msg, c.offset)
		}
	}
}

func TestIgnoreCase(t *testing.T) {
	for _, c := range []struct {
		pattern string
		icase   bool
		want    bool
	}{{"invite", true, true}, {"invite", false, false}, {"[[:lower:]]+", true, true}, {"[a-z]+", false, false}} {
		re, err := Compile("^"+c.pattern+"$", c.icase)
		if err != nil {
			t.Fatal(err)
		}
		if got := re.MatchString("INVITE"); got != c.want {
			t.Errorf("%q icase=%v: %v", c.pattern, c.icase, got)
		}
	}
}

func TestSuspicious(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    bool
	}{{`^\d+$`, true}, {`[\d]`, false}, {`[^]\d]`, false}, {`[[:digit:]]`, false}, {`\\d`, false}} {
		if got := Suspicious(c.pattern) != ""; got != c.want {
			t.Errorf("%q: %v", c.pattern, got)
		}
	}
}

func FuzzERE(f *testing.F) {
	for _, c := range matches {
		f.Add(c.pattern, c.text)
	}
	for _, c := range refused {
		f.Add(c.pattern, "a")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		re, err := Compile(pattern, true)
		if err != nil {
			if err.Offset < 0 || err.Offset > len(pattern) || err.Msg == "" {
				t.Fatalf("%q: offset %d of %d, %q", pattern, err.Offset, len(pattern), err.Msg)
			}
			return
		}
		if m := re.FindStringIndex(text); m != nil && m[1] > len(text) {
			t.Fatal(m)
		}
		_ = Suspicious(pattern)
	})
}
