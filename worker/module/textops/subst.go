package textops

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// substitution is /expression/replacement/flags, ready to run.
type substitution struct {
	re    *regexp.Regexp
	repl  []replPart
	all   bool
	which byte // subst_hf: which headers
}

// replPart is text, a group, or a variable.
type replPart struct {
	text  string
	group int // -1: none
	v     *module.VarUse
}

// parseSubst reads the three parts; the first character separates them, and a
// backslash before it makes it an ordinary one.
func parseSubst(s string) (*substitution, error) {
	if len(s) < 3 {
		return nil, fmt.Errorf("%q is no substitution: expected /expression/replacement/flags", s)
	}
	sep := s[0]
	pattern, rest, ok1 := cutUnescaped(s[1:], sep)
	repl, flags, ok2 := cutUnescaped(rest, sep)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("%q lacks a %q: expected /expression/replacement/flags", s, sep)
	}
	x := &substitution{which: 'a'}
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
	if x.re, err = compile(pattern, fold, lines); err != nil {
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

func (x *substitution) parseReplacement(s string) error {
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
func variable(s string) (int, *module.VarUse, error) {
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
	info, err := new(module.Catalog).Var(name, inner, has, loaded())
	if err != nil {
		return 0, nil, err
	}
	v, err := module.BindVar(&check.Var{Name: name, Inner: inner, HasInner: has, Info: info})
	return n, v, err
}

// loaded is every module there is: the replacement is read where it is not
// known which ones the script has loaded.
func loaded() check.Loaded {
	l := check.Loaded{}
	for _, m := range module.All() {
		l[m.Name] = true
	}
	return l
}

// expand appends what the match at loc in s is replaced with. dirty says that
// a variable brought a line end.
func (x *substitution) expand(c *module.Ctx, dst []byte, s string, loc []int) (out []byte, dirty bool) {
	for _, p := range x.repl {
		switch {
		case p.v != nil:
			val := c.Printed(p.v.Get(c))
			dirty = dirty || module.Breaks(val) > 0
			dst = append(dst, val...)
		case p.group < 0:
			dst = append(dst, p.text...)
		case 2*p.group < len(loc) && loc[2*p.group] >= 0:
			dst = append(dst, s[loc[2*p.group]:loc[2*p.group+1]]...)
		}
	}
	return dst, dirty
}

// matches are the places to substitute. An empty match ends them, as the
// original has it.
func (x *substitution) matches(s string) [][]int {
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

// run substitutes in a text; false if nothing matched.
func (x *substitution) run(c *module.Ctx, s string) (string, bool) {
	found := x.matches(s)
	if len(found) == 0 || !c.Room(2*len(s)) {
		return s, false
	}
	return c.Keep(string(x.apply(c, s, found))), true
}

func (x *substitution) apply(c *module.Ctx, s string, found [][]int) []byte {
	var dst []byte
	pos := 0
	for _, loc := range found {
		dst = append(dst, s[pos:loc[0]]...)
		dst, _ = x.expand(c, dst, s, loc)
		pos = loc[1]
	}
	return append(dst, s[pos:]...)
}

// edit substitutes in Raw[start:end) by edits. In a header a variable may not
// bring line ends.
func (x *substitution) edit(c *module.Ctx, start, end int) int {
	s, rc := c.SIP.Raw[start:end], -1
	for _, loc := range x.matches(s) {
		text, dirty := x.expand(c, nil, s, loc)
		if dirty && start+loc[0] < c.SIP.BodyStart() || !c.Room(len(text)) {
			continue
		}
		c.Edits.Replace(start+loc[0], start+loc[1], c.Keep(string(text)))
		rc = 1
	}
	return rc
}

func fixSubst(i int) func(a []check.Arg) (any, error) {
	return func(a []check.Arg) (any, error) { return parseSubst(a[i].Str) }
}

func fixSubstHeader(a []check.Arg) (any, error) {
	x, err := parseSubst(a[1].Str)
	if err != nil {
		return nil, err
	}
	x.which, err = fixWhich(a)
	return x, err
}

func substIn(of part) func(c *module.Ctx, a *module.Args) int {
	of = editable(of)
	return func(c *module.Ctx, a *module.Args) int {
		start, end := of(&c.SIP)
		return a.Fixed.(*substitution).edit(c, start, end)
	}
}

func substHeader(c *module.Ctx, a *module.Args) int {
	x, rc := a.Fixed.(*substitution), -1
	for h := range headers(&c.SIP, a.Str(c, 0), x.which) {
		if x.edit(c, h.BodyStart, h.BodyEnd()) == 1 {
			rc = 1
		}
	}
	return rc
}

// maxURI bounds a R-URI that a script builds.
const maxURI = 1024

func substURI(c *module.Ctx, a *module.Args) int {
	s, ok := a.Fixed.(*substitution).run(c, c.RequestURI())
	if !ok || s == "" || len(s) > maxURI || !c.SIP.IsRequest {
		return -1
	}
	c.Dest.URI = s
	return 1
}

// substUser works on the user part of the R-URI alone.
func substUser(c *module.Ctx, a *module.Args) int {
	u, err := c.ParsedURI()
	if err != nil || u.User == "" || u.Scheme == sip.SchemeOther {
		return -1
	}
	uri := c.RequestURI()
	at := len(u.SchemeName) + 1
	user, ok := a.Fixed.(*substitution).run(c, u.User)
	tail := uri[at+len(u.User):]
	if !ok || at+len(user)+len(tail) > maxURI {
		return -1
	}
	if user == "" { // without a user there is no @ and no password
		if _, tail, ok = strings.Cut(tail, "@"); !ok {
			return -1
		}
	}
	c.Dest.URI = c.Concat(uri[:at], user, tail)
	return 1
}

// substCache keeps the substitutions of {re.subst,…}: they are constants of
// the configuration, so that few are ever made.
var substCache sync.Map

// substTrans is {re.subst,/expression/replacement/flags}. The commas in it
// come as borders of arguments.
func substTrans(c *module.Ctx, in module.Value, args []module.Value) module.Value {
	s := c.Text(args[0])
	for _, v := range args[1:] {
		s = c.Concat(s, ",", c.Text(v))
	}
	x := cachedSubst(s)
	if x == nil {
		return module.StrValue("")
	}
	out, _ := x.run(c, c.Text(in))
	return module.StrValue(out)
}

// maxCached bounds the cache: with variables in the expression there is no
// other end to it.
const maxCached = 1000

var cached int

func cachedSubst(s string) *substitution {
	if v, ok := substCache.Load(s); ok {
		return v.(*substitution)
	}
	x, err := parseSubst(s)
	if err != nil {
		x = nil
	}
	if cached < maxCached {
		cached++
		substCache.Store(strings.Clone(s), x)
	}
	return x
}
