// Package ere compiles POSIX extended regular expressions, as regcomp(3) with
// REG_EXTENDED takes them, for Go's engine, whose time is linear in the text:
// nothing a stranger sends can hang it.
//
// The match is leftmost-longest. `.` and [^x] match a line end, ^ and $ match
// only at the ends of the text, a backslash inside brackets is an ordinary
// character, as POSIX has it. Beyond POSIX the extensions of the C library are
// taken: \w \W \s \S \b \B \` \' and {,m}.
//
// What the engine cannot express is an error: back-references (\1), \< and \>,
// and repetition counts above 1000. Unlike the C library's "C" locale, `.`
// matches one UTF-8 character, not one byte. A group that could match in
// several ways may report another one of them; the whole match is the same.
package ere

import (
	"fmt"
	"strings"
)

// Limits.
const (
	MaxPattern = 4096 // bytes of an expression
	MaxRepeat  = 1000 // of {n,m}
	MaxDepth   = 200  // nested groups
)

// Error says what is wrong with an expression and where.
type Error struct {
	Offset int // byte in the expression
	Msg    string
	Hint   string // what would be right; may be empty
}

func (e *Error) Error() string { return fmt.Sprintf("%s at character %d", e.Msg, e.Offset+1) }

// Compile translates and compiles an expression.
func Compile(pattern string, ignoreCase bool) (*Regexp, *Error) {
	return compile(pattern, ignoreCase, 0)
}

func compile(pattern string, ignoreCase bool, most int) (*Regexp, *Error) {
	tr, err := Translate(pattern)
	if err != nil {
		return nil, err
	}
	flags := "(?s)"
	if ignoreCase {
		flags = "(?is)"
	}
	re, goErr := FromGo(flags+tr, most, true)
	if goErr != nil {
		return nil, &Error{Msg: "expression is too complex for the engine", Hint: "repetitions multiply: at most 1000 in all, less in computed expressions"}
	}
	return re, nil
}

// Suspicious returns a remark on an expression that compiles but hardly means
// what it says, or "". \d, which POSIX reads as the letter d, is the usual one.
func Suspicious(pattern string) string {
	inBracket := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case inBracket:
			inBracket = c != ']'
		case c == '[':
			inBracket = true
			i += len(bracketHead(pattern[i+1:]))
		case c == '\\' && i+1 < len(pattern):
			i++
			if pattern[i] == 'd' || pattern[i] == 'D' {
				return `\` + pattern[i:i+1] + ` is the letter ` + pattern[i:i+1] + ` in POSIX expressions; digits are [[:digit:]]`
			}
		}
	}
	return ""
}

// bracketHead returns what may start a bracket expression without ending it.
func bracketHead(s string) string {
	n := 0
	if strings.HasPrefix(s, "^") {
		n++
	}
	if strings.HasPrefix(s[n:], "]") {
		n++
	}
	return s[:n]
}
