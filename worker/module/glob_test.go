package module

import "testing"

// The answers of Kamailio 5.6.3, that is of fnmatch(3).
func TestFnmatch(t *testing.T) {
	for _, tc := range []struct {
		pattern, s string
		fold, want bool
	}{
		{"b?b", "bob", false, true},
		{"b*", "bob", false, true},
		{"B*", "bob", false, false},
		{"B*", "bob", true, true},
		{"[a-c]lice", "alice", false, true},
		{"[!a-c]lice", "alice", false, false},
		{"[^a-c]lice", "alice", false, false},
		{"[!a-c]lice", "xlice", false, true},
		{"a*b", "a/b", false, true},
		{"a?b", "a/b", false, true},
		{"*x", ".x", false, true},
		{`a\*b`, "a*b", false, true},
		{`a\*b`, "aXb", false, false},
		{"*", "", false, true},
		{"", "", false, true},
		{"", "a", false, false},
		{"a[]]", "a]", false, true},
		{"a[", "a[", false, true},
		{"[[:digit:]]", "5", false, true},
		{"[[:digit:]]", "x", false, false},
		{"a**c", "abc", false, true},
		{"[a-c]LICE", "Alice", true, true},
		{"a*b*c*d", "aXbXcXd", false, true},
		{"a*b*c*d", "aXbXcX", false, false},
		{`[\]]`, "]", false, true},
		{"[a-]", "-", false, true},
		{"?", "", false, false},
	} {
		if got := Fnmatch(tc.pattern, tc.s, tc.fold); got != tc.want {
			t.Errorf("Fnmatch(%q, %q, %v) = %v", tc.pattern, tc.s, tc.fold, got)
		}
	}
}

func FuzzFnmatch(f *testing.F) {
	f.Add("a[[:alpha:]-z]*\\", "abc")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		Fnmatch(pattern, s, true)
		if !Fnmatch("*"+s2pattern(s)+"*", "x"+s, false) {
			t.Errorf("%q does not match itself", s)
		}
	})
}

func s2pattern(s string) string {
	var out []byte
	for i := range len(s) {
		out = append(out, '\\', s[i])
	}
	return string(out)
}
