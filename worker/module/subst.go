package module

import (
	"fmt"
	"strings"
	"sync"

	"goser/cfg/check"
	"goser/cfg/ere"
)

// Subst is /expression/replacement/flags, ready to run.
type Subst struct {
	re   *ere.Regexp
	repl []replPart
	all  bool
}

// replPart is text, a group, or a variable.
type replPart struct {
	text  string
	group int // -1: none
	v     *VarUse
}

// ParseSubst reads the three parts; the first character separates them, and a
// backslash before it makes it an ordinary one.
func ParseSubst(s string) (*Subst, error) {
	if len(s) < 3 {
		return nil, fmt.Errorf("%q is no substitution: expected /expression/replacement/flags", s)
	}
	sep := s[0]
	pattern, rest, ok1 := cutUnescaped(s[1:], sep)
	repl, flags, ok2 := cutUnescaped(rest, sep)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("%q lacks a %q: expected /expression/replacement/flags", s, sep)
	}
	x := &Subst{}
	lines, fold := true, false
	for _, f := range flags {
		switch f {
		case 'i':
			fold = true
		case 'g':
			x.all = true
		case 's':
			lines = false
		default:
			return nil, fmt.Errorf("unknown flag %q in %q: expected i, g or s", f, s)
		}
	}
	var err error
	if x.re, err = CompileLines(pattern, fold, lines, 0); err != nil {
		return nil, err
	}
	return x, x.parseReplacement(repl)
}

// cutUnescaped cuts at the separator; escaped ones lose their backslash.
func cutUnescaped(s string, sep byte) (before, after string, ok bool) {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == sep:
			return out.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s):
			if i++; s[i] != sep {
				out.WriteByte('\\')
			}
			out.WriteByte(s[i])
		default:
			out.WriteByte(s[i])
		}
	}
	return "", "", false
}

func (x *Subst) parseReplacement(s string) error {
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			x.repl = append(x.repl, replPart{text: text.String(), group: -1})
			text.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] < '0' || s[i] > '9' {
				text.WriteString(escaped(s[i]))
				continue
			}
			flush()
			x.repl = append(x.repl, replPart{group: int(s[i] - '0')})
		case s[i] == '$' && i+1 < len(s) && s[i+1] == '$':
			i++
			text.WriteByte('$')
		case s[i] == '$':
			n, v, err := variable(s[i:])
			if err != nil {
				return err
			}
			flush()
			x.repl = append(x.repl, replPart{v: v, group: -1})
			i += n - 1
		default:
			text.WriteByte(s[i])
		}
	}
	flush()
	return nil
}

func escaped(b byte) string {
	switch b {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	}
	return string(b)
}

// variable binds $name or $name(inner) at the start of s and says how long it
// is.
func variable(s string) (int, *VarUse, error) {
	n := 1
	for n < len(s) && (s[n] == '_' || '0' <= s[n] && s[n] <= '9' || 'a' <= s[n]|0x20 && s[n]|0x20 <= 'z') {
		n++
	}
	name, inner, has := s[1:n], "", false
	if n < len(s) && s[n] == '(' {
		end := strings.IndexByte(s[n:], ')')
		if end < 0 {
			return 0, nil, fmt.Errorf("%q lacks a closing parenthesis", s)
		}
		inner, has = s[n+1:n+end], true
		n += end + 1
	}
	if name == "" || strings.Contains(inner, "$") {
		return 0, nil, fmt.Errorf("%q is no variable that a replacement can hold: expected $name, $name(x) or $$", s[:n])
	}
	info, err := new(Catalog).Var(name, inner, has, allModules())
	if err != nil {
		return 0, nil, err
	}
	v, err := BindVar(&check.Var{Name: name, Inner: inner, HasInner: has, Info: info})
	return n, v, err
}

// allModules is every module there is: the replacement is read where it is not
// known which ones the script has loaded.
func allModules() check.Loaded {
	l := check.Loaded{}
	for _, m := range All() {
		l[m.Name] = true
	}
	return l
}

// Expand appends what the match at loc in s is replaced with. dirty says that
// a variable brought a line end.
func (x *Subst) Expand(c *Ctx, dst []byte, s string, loc []int) (out []byte, dirty bool) {
	for _, p := range x.repl {
		switch {
		case p.v != nil:
			val := c.Text(p.v.Get(c)) // undefined is nothing here, not "<null>"
			dirty = dirty || Breaks(val) > 0
			dst = append(dst, val...)
		case p.group < 0:
			dst = append(dst, p.text...)
		case 2*p.group < len(loc) && loc[2*p.group] >= 0:
			dst = append(dst, s[loc[2*p.group]:loc[2*p.group+1]]...)
		}
	}
	return dst, dirty
}

// Matches are the places to substitute. An empty match ends them, as the
// original has it.
func (x *Subst) Matches(s string) [][]int {
	n := 1
	if x.all {
		n = -1
	}
	found := x.re.FindAllStringSubmatchIndex(s, n)
	for i, loc := range found {
		if loc[0] == loc[1] {
			return found[:i]
		}
	}
	return found
}

// Whole substitutes in a text. An empty match anywhere is a failure; changed tells whether there was a match.
func (x *Subst) Whole(c *Ctx, s string) (out string, changed, ok bool) {
	found := x.Matches(s)
	if n := len(found); n == 0 && x.re.MatchString(s) || n > 0 && x.all && x.re.MatchString("") {
		return "", false, false
	}
	if len(found) == 0 {
		return s, false, true
	}
	if !c.Room(2 * len(s)) {
		return "", false, false
	}
	return c.Keep(string(x.apply(c, s, found))), true, true
}

// Run substitutes in a text; false if nothing matched.
func (x *Subst) Run(c *Ctx, s string) (string, bool) {
	found := x.Matches(s)
	if len(found) == 0 || !c.Room(2*len(s)) {
		return s, false
	}
	return c.Keep(string(x.apply(c, s, found))), true
}

func (x *Subst) apply(c *Ctx, s string, found [][]int) []byte {
	var dst []byte
	pos := 0
	for _, loc := range found {
		dst = append(dst, s[pos:loc[0]]...)
		dst, _ = x.Expand(c, dst, s, loc)
		pos = loc[1]
	}
	return append(dst, s[pos:]...)
}

// substCache keeps the substitutions of {re.subst,…}: they are constants of
// the configuration, so that few are ever made.
var substCache sync.Map

// maxCached bounds the cache: with variables in the expression there is no
// other end to it.
const maxCached = 1000

var cached int

// CachedSubst is ParseSubst for texts known at run time only; nil for what is none.
func CachedSubst(s string) *Subst {
	if v, ok := substCache.Load(s); ok {
		return v.(*Subst)
	}
	x, err := ParseSubst(s)
	if err != nil {
		x = nil
	}
	if cached < maxCached {
		cached++
		substCache.Store(strings.Clone(s), x)
	}
	return x
}
