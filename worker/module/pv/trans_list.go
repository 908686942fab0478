package pv

import (
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// paramTrans work on lists of parameters, "a=1;b=2"; the last argument is
// another separator.
func paramTrans() []module.Trans {
	sep := func(c *module.Ctx, a []module.Value, i int) byte {
		if i >= len(a) {
			return ';'
		}
		return separator(c, a[i:])[0]
	}
	return []module.Trans{
		trans("param", "value", 1, 3, check.TypeStr, "value of a parameter", func(c *module.Ctx, s string, a []module.Value) module.Value {
			v, _ := listParam(s, c.Text(a[0]), sep(c, a, 1))
			return module.StrValue(v)
		}),
		trans("param", "in", 1, 3, check.TypeInt, "1 if there is a parameter of that name, else 0", func(c *module.Ctx, s string, a []module.Value) module.Value {
			if _, ok := listParam(s, c.Text(a[0]), sep(c, a, 1)); ok {
				return module.IntValue(1)
			}
			return module.IntValue(0)
		}),
		trans("param", "valueat", 1, 3, check.TypeStr, "value by index", func(c *module.Ctx, s string, a []module.Value) module.Value {
			_, v, _ := paramAt(s, int(a[0].AsInt()), sep(c, a, 1))
			return module.StrValue(v)
		}),
		trans("param", "name", 1, 3, check.TypeStr, "name by index", func(c *module.Ctx, s string, a []module.Value) module.Value {
			n, _, _ := paramAt(s, int(a[0].AsInt()), sep(c, a, 1))
			return module.StrValue(n)
		}),
		trans("param", "count", 0, 2, check.TypeInt, "how many", func(c *module.Ctx, s string, a []module.Value) module.Value {
			if s == "" {
				return module.Undef
			}
			return intValue(paramCount(s, sep(c, a, 0)))
		}),
	}
}

// addressTrans work on name-addr, {nameaddr.…}, and on the body of a To-like
// header, {tobody.…}. What cannot be parsed is undefined.
func addressTrans() []module.Trans {
	field := func(class, name string, get func(a *sip.NameAddr) string) module.Trans {
		return trans(class, name, 0, 0, check.TypeStr, name+" of an address", func(_ *module.Ctx, s string, _ []module.Value) module.Value {
			var a sip.NameAddr
			if sip.ParseNameAddr(firstValue(s), &a) != nil {
				return module.Undef
			}
			return module.StrValue(get(&a))
		})
	}
	uri := func(get func(u *sip.URI) string) func(a *sip.NameAddr) string {
		return func(a *sip.NameAddr) string {
			var u sip.URI
			if sip.ParseURI(a.URI, &u) != nil {
				return ""
			}
			return get(&u)
		}
	}
	return []module.Trans{
		field("tobody", "uri", addrURI),
		trans("tobody", "tag", 0, 0, check.TypeStr, "tag of an address", func(_ *module.Ctx, s string, _ []module.Value) module.Value {
			var a sip.NameAddr
			if sip.ParseNameAddr(firstValue(s), &a) != nil {
				return module.Undef
			}
			return nonEmpty(a.Tag)
		}),
		field("tobody", "display", func(a *sip.NameAddr) string { return a.Display }),
		field("tobody", "params", func(a *sip.NameAddr) string { return strings.TrimPrefix(a.Params, ";") }),
		field("tobody", "user", uri(func(u *sip.URI) string { return u.User })),
		field("tobody", "host", uri(func(u *sip.URI) string { return u.Host })),
		field("nameaddr", "name", func(a *sip.NameAddr) string { return a.Display }),
		textTrans("nameaddr", "uri", "URI of an address", func(_ *module.Ctx, s string) string {
			uri, _ := bareAddress(s)
			return uri
		}),
		trans("nameaddr", "len", 0, 0, check.TypeInt, "length of an address", func(_ *module.Ctx, s string, _ []module.Value) module.Value {
			_, n := bareAddress(s)
			return intValue(n)
		}),
	}
}

// bareAddress is the URI of the first address in s and how long that is. A URI
// without brackets keeps its parameters here.
func bareAddress(s string) (uri string, n int) {
	v := firstValue(s)
	var a sip.NameAddr
	if sip.ParseNameAddr(v, &a) != nil {
		return s, len(s)
	}
	if !a.Bracketed {
		return v, len(v)
	}
	return a.URI, strings.IndexByte(v[a.URIStart:], '>') + a.URIStart + 1
}

// firstValue ends s before its first comma outside quotes and brackets.
func firstValue(s string) string {
	quoted, bracket := false, false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = !quoted && !bracket
		case '<':
			bracket = bracket || !quoted
		case '>':
			bracket = bracket && quoted
		case ',':
			if !quoted && !bracket {
				return strings.TrimSpace(s[:i])
			}
		}
	}
	return strings.TrimSpace(s)
}

// lineTrans work on the lines of a text.
func lineTrans() []module.Trans {
	return []module.Trans{
		trans("line", "count", 0, 0, check.TypeInt, "number of lines", func(_ *module.Ctx, s string, _ []module.Value) module.Value {
			return intValue(lineCount(s))
		}),
		trans("line", "at", 1, 1, check.TypeStr, "line by index", func(_ *module.Ctx, s string, a []module.Value) module.Value {
			i := int(a[0].AsInt())
			if i < 0 {
				i += lineCount(s)
			}
			return module.StrValue(findLine(s, func(string) bool { i--; return i == -1 }))
		}),
		trans("line", "sw", 1, 6, check.TypeStr, "first line that starts with a text", func(c *module.Ctx, s string, a []module.Value) module.Value {
			prefix := joined(c, a)
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
