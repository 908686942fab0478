package sip

import (
	"strings"
	"testing"
)

// TestKnownName: the quick way to a header's type and the slow one agree, for all names with any one
// byte changed; and the quick way knows all names but one of those that are short enough.
func TestKnownName(t *testing.T) {
	const rest = ": a value that is long enough"
	slow := 0
	for h := HdrVia; h < numHeaderTypes; h++ {
		name := h.String()
		for _, s := range []string{name, strings.ToUpper(name), strings.ToLower(name)} {
			got, n := knownName(s + rest)
			if len(s) < 16 && got == HdrOther {
				slow++
			} else if len(s) < 16 && (got != h || n != len(s)) {
				t.Errorf("%s: %v, %d bytes", s, got, n)
			}
		}
		for i := range len(name) {
			for c := range 256 {
				if c == ':' {
					continue
				}
				s := name[:i] + string([]byte{byte(c)}) + name[i+1:]
				if got, n := knownName(s + rest); got != HdrOther && (got != ParseHeaderType(s) || n != len(s)) {
					t.Errorf("%q: %v, %d bytes", s, got, n)
				}
			}
		}
	}
	if slow > 3 {
		t.Errorf("%d spellings of short names are not known at a glance", slow)
	}
}

// TestLineBreak looks for every byte at every place around the eight that are looked at together.
func TestLineBreak(t *testing.T) {
	for c := range 256 {
		for _, fill := range []string{"a", "\xff", "\t", "\x80", "\x10"} {
			for i := range 20 {
				s := strings.Repeat(fill, i) + string([]byte{byte(c)}) + "\rxxxxxxxx"
				want := i + 1
				if c == '\r' || c == '\n' {
					want = i
				}
				if got := lineBreak(s, 0); got != want {
					t.Fatalf("%q: %d, want %d", s, got, want)
				}
				if got := lineBreak(s[:i], 0); got != i {
					t.Fatalf("%q: %d, want %d", s[:i], got, i)
				}
			}
		}
	}
}
