package module

import (
	"fmt"
	"strings"

	"goser/cfg/ere"
)

// CompileLines makes a POSIX extended expression that works by lines: `.` and [^x]
// stop at a line end, ^ and $ match at each. With most above 0 it is one that a script computes, see [ere.FromGo].
func CompileLines(pattern string, ignoreCase, lines bool, most int) (*ere.Regexp, error) {
	if transient && most == 0 {
		most = ere.MaxComputedSteps
	}
	tr, err := ere.Translate(pattern)
	if err != nil {
		return nil, fmt.Errorf("bad expression %q: %w", pattern, err)
	}
	flags, form := "(?m)", byLines
	if !lines {
		flags, form = "(?s)", func(tr string) string { return tr }
	}
	if ignoreCase {
		flags = "(?i)" + flags
	}
	re, goErr := ere.FromGo(flags+form(tr), most, true)
	if goErr != nil {
		return nil, fmt.Errorf("expression %q: %w", pattern, goErr)
	}
	return re, nil
}

// byLines turns what package ere writes for ^, $ and [^x] into their forms by
// line.
func byLines(tr string) string {
	var out strings.Builder
	for i := 0; i < len(tr); i++ {
		switch {
		case tr[i] == '\\' && i+1 < len(tr):
			i++
			switch tr[i] {
			case 'A':
				out.WriteByte('^')
			case 'z':
				out.WriteByte('$')
			default:
				out.WriteString(tr[i-1 : i+1])
			}
		case tr[i] == '[':
			end := bracketEnd(tr, i)
			if strings.HasPrefix(tr[i:], "[^") {
				out.WriteString(`[^\n`)
				out.WriteString(tr[i+2 : end])
			} else {
				out.WriteString(tr[i:end])
			}
			i = end - 1
		default:
			out.WriteByte(tr[i])
		}
	}
	return out.String()
}

// bracketEnd is the position behind the bracket expression at i.
func bracketEnd(tr string, i int) int {
	for i++; i < len(tr); i++ {
		switch {
		case tr[i] == '\\':
			i++
		case strings.HasPrefix(tr[i:], "[:"):
			if n := strings.Index(tr[i:], ":]"); n > 0 {
				i += n + 1
			}
		case tr[i] == ']':
			return i + 1
		}
	}
	return len(tr)
}
