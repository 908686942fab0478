package pv

import (
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// paramTrans work on lists of parameters, "a=1;b=2"; the last argument is
// another separator. What is no list is undefined.
func paramTrans() []module.Trans {
	list := func(get func(c *module.Ctx, l *params, a []module.Value) module.Value, sep int) transFunc {
		return func(c *module.Ctx, s string, a []module.Value) module.Value {
			l := params{text: s, sep: ';'}
			if sep < len(a) {
				l.sep = separator(c, a[sep:])[0]
			}
			if l.count() < 0 {
				return module.Undef
			}
			return get(c, &l, a)
		}
	}
	return []module.Trans{
		blanks(6, trans("param", "value", 1, 3, check.TypeStr, "value of a parameter", list(func(c *module.Ctx, l *params, a []module.Value) module.Value {
			v, _ := l.named(c.Text(a[0]))
			return module.StrValue(v)
		}, 1))),
		blanks(6, trans("param", "in", 1, 3, check.TypeInt, "1 if there is a parameter of that name, else 0", list(func(c *module.Ctx, l *params, a []module.Value) module.Value {
			if _, ok := l.named(c.Text(a[0])); ok {
				return module.IntValue(1)
			}
			return module.IntValue(0)
		}, 1))),
		blanks(6, numeric(1, "param", "valueat", 1, 3, check.TypeStr, "value by index", list(func(_ *module.Ctx, l *params, a []module.Value) module.Value {
			_, v := l.at(int(a[0].AsInt()))
			return module.StrValue(v)
		}, 1))),
		blanks(6, numeric(1, "param", "name", 1, 3, check.TypeStr, "name by index", list(func(_ *module.Ctx, l *params, a []module.Value) module.Value {
			n, _ := l.at(int(a[0].AsInt()))
			return module.StrValue(n)
		}, 1))),
		blanks(3, trans("param", "count", 0, 2, check.TypeInt, "how many", list(func(_ *module.Ctx, l *params, _ []module.Value) module.Value {
			return intValue(l.count())
		}, 0))),
	}
}

// addressTrans work on name-addr, {nameaddr.…}, and on the body of a To-like
// header, {tobody.…}. What cannot be parsed is undefined.
func addressTrans() []module.Trans {
	part := func(name string, typ check.Type, get func(name, uri string, n int) module.Value) module.Trans {
		return trans("nameaddr", name, 0, 0, typ, name+" of an address", func(_ *module.Ctx, s string, _ []module.Value) module.Value {
			if name, uri, n, ok := bareAddress(s); ok {
				return get(name, uri, n)
			}
			return module.Undef
		})
	}
	// body is for one address, whose URI is one.
	body := func(name string, get func(c *module.Ctx, a *sip.NameAddr, u *sip.URI) string) module.Trans {
		return trans("tobody", name, 0, 0, check.TypeStr, name+" of an address", func(c *module.Ctx, s string, _ []module.Value) module.Value {
			var a sip.NameAddr
			var u sip.URI
			if sip.ParseNameAddr(s, &a) != nil || !module.LooseURI(a.URI, &u) {
				return module.Undef
			}
			return module.StrValue(get(c, &a, &u))
		})
	}
	return []module.Trans{
		body("uri", func(_ *module.Ctx, a *sip.NameAddr, _ *sip.URI) string { return a.URI }),
		body("tag", func(_ *module.Ctx, a *sip.NameAddr, _ *sip.URI) string { return unquoted(a.Tag) }),
		body("display", func(_ *module.Ctx, a *sip.NameAddr, _ *sip.URI) string { return a.Display }),
		body("params", func(_ *module.Ctx, a *sip.NameAddr, _ *sip.URI) string { return strings.TrimPrefix(a.Params, ";") }),
		body("user", func(c *module.Ctx, _ *sip.NameAddr, u *sip.URI) string { return c.URIUser(u) }),
		body("host", func(_ *module.Ctx, _ *sip.NameAddr, u *sip.URI) string { return u.Host }),
		part("name", check.TypeStr, func(name, _ string, _ int) module.Value { return module.StrValue(name) }),
		part("uri", check.TypeStr, func(_, uri string, _ int) module.Value { return module.StrValue(uri) }),
		part("len", check.TypeInt, func(_, _ string, n int) module.Value { return intValue(n) }),
	}
}

// bareAddress is the display name and the URI of the first address in s, and how long that is. Without brackets
// everything is the URI.
func bareAddress(s string) (name, uri string, n int, ok bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '<' && !quoted:
			end := strings.IndexByte(s[i:], '>')
			if end < 0 {
				return "", "", 0, false
			}
			return strings.TrimSpace(s[:i]), s[i+1 : i+end], i + end + 1, true
		}
	}
	return "", s, len(s), s != ""
}

// lineTrans work on the lines of a text.
func lineTrans() []module.Trans {
	return []module.Trans{
		trans("line", "count", 0, 0, check.TypeStr, "number of lines, as a text", func(c *module.Ctx, s string, _ []module.Value) module.Value {
			if s == "" {
				return module.Undef
			}
			return module.StrValue(c.Itoa(int64(lineCount(s))))
		}),
		numeric(1, "line", "at", 1, 1, check.TypeStr, "line by index", func(_ *module.Ctx, s string, a []module.Value) module.Value {
			if s == "" {
				return module.Undef
			}
			i := int(a[0].AsInt())
			if i < 0 {
				i += lineCount(s)
			}
			return module.StrValue(findLine(s, func(string) bool { i--; return i == -1 }))
		}),
		trans("line", "sw", 1, 6, check.TypeStr, "first line that starts with a text", func(c *module.Ctx, s string, a []module.Value) module.Value {
			prefix := joined(c, a)
			if s == "" || prefix == "" {
				return module.Undef
			}
			return module.StrValue(findLine(s, func(line string) bool { return strings.HasPrefix(line, prefix) }))
		}),
	}
}

func lineCount(s string) int {
	n := strings.Count(s, "\n")
	if s != "" && s[len(s)-1] != '\n' {
		n++
	}
	return n
}

func findLine(s string, is func(line string) bool) string {
	for s != "" {
		var line string
		line, s, _ = strings.Cut(s, "\n")
		if line = strings.TrimSuffix(line, "\r"); is(line) {
			return line
		}
	}
	return ""
}
