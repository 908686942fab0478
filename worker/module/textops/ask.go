package textops

import (
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// methods is what is_method compares with.
type methods struct {
	set  sip.Method
	name string // a method that has no bit of its own
}

// fixMethods reads INVITE|ACK. A method that is not known may stand alone.
func fixMethods(a []check.Arg) (any, error) {
	names := strings.Split(a[0].Str, "|")
	m := &methods{}
	for _, name := range names {
		name = strings.TrimSpace(name)
		known := sip.ParseMethod(strings.ToUpper(name))
		switch {
		case name == "":
			return nil, fmt.Errorf("%q: expected a method, or several joined by |", a[0].Str)
		case known != sip.MethodOther:
			m.set |= known
		case len(names) > 1:
			return nil, fmt.Errorf("unknown method %q in a list: only known ones can be joined by |", name)
		default:
			m.name = name
		}
	}
	return m, nil
}

// isMethod asks about the method, in a reply about that of CSeq.
func isMethod(c *module.Ctx, a *module.Args) int {
	m := a.Fixed.(*methods)
	method, name := c.SIP.Method, c.SIP.MethodName
	if !c.SIP.IsRequest {
		q, err := c.SIP.CSeq()
		if err != nil {
			return -1
		}
		method, name = q.Method, q.MethodName
	}
	return truth(method&m.set != 0 || m.name != "" && sip.EqualFold(name, m.name))
}

// fixType wants type/subtype.
func fixType(a []check.Arg) (any, error) {
	if len(a) == 0 || a[0].Str == "" {
		return nil, nil
	}
	kind, sub, ok := strings.Cut(a[0].Str, "/")
	if !ok || kind == "" || sub == "" {
		return nil, fmt.Errorf("%q is no content type: expected type/subtype", a[0].Str)
	}
	return nil, nil
}

func hasBody(c *module.Ctx, a *module.Args) int {
	if c.SIP.Body == "" {
		return -1
	}
	if a.N == 0 || a.Str(c, 0) == "" {
		return 1
	}
	h := c.SIP.First(sip.HdrContentType)
	if h == nil {
		return -1
	}
	return truth(sip.EqualFold(mediaType(h.Body), mediaType(a.Str(c, 0))))
}

// mediaType is a content type without its parameters.
func mediaType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	return strings.TrimSpace(s)
}

func fixPrivacy(a []check.Arg) (any, error) {
	switch strings.ToLower(a[0].Str) {
	case "user", "header", "session", "none", "critical", "id", "history":
		return nil, nil
	}
	return nil, fmt.Errorf("unknown privacy %q: expected user, header, session, none, critical, id or history", a[0].Str)
}

// isPrivacy looks through the values of Privacy (RFC 3323 §4.2).
func isPrivacy(c *module.Ctx, a *module.Args) int {
	for h := c.SIP.First(sip.HdrPrivacy); h != nil; h = c.SIP.Next(h) {
		for list := h.Body; list != ""; {
			i := strings.IndexAny(list, ";,")
			item := list
			if i < 0 {
				list = ""
			} else {
				item, list = list[:i], list[i+1:]
			}
			if sip.EqualFold(strings.TrimSpace(item), a.Str(c, 0)) {
				return 1
			}
		}
	}
	return -1
}

// inList is in_list(subject, list, separator): exact, or by prefix.
func inList(prefix bool) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		subject, list, sep := a.Str(c, 0), a.Str(c, 1), a.Str(c, 2)
		if subject == "" || list == "" || sep == "" {
			return -1
		}
		for more := true; more; {
			var item string
			item, list, more = strings.Cut(list, sep[:1])
			if item = strings.TrimSpace(item); item == subject || prefix && item != "" && strings.HasPrefix(subject, item) {
				return 1
			}
		}
		return -1
	}
}

// order is what 5.6.3 returns for texts that differ: -1 if the first is the
// greater, -2 if it is the smaller.
func order(x, y string) int {
	if x < y {
		return -2
	}
	return -1
}

func compare(fold bool) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		x, y := a.Str(c, 0), a.Str(c, 1)
		switch {
		case x == y || fold && sip.EqualFold(x, y):
			return 1
		case fold:
			return order(lower(c, x), lower(c, y))
		}
		return order(x, y)
	}
}

func startsWith(c *module.Ctx, a *module.Args) int {
	s, head := a.Str(c, 0), a.Str(c, 1)
	switch {
	case strings.HasPrefix(s, head):
		return 1
	case len(s) < len(head):
		return -1
	}
	return order(s[:len(head)], head)
}

func endsWith(c *module.Ctx, a *module.Args) int {
	s, tail := a.Str(c, 0), a.Str(c, 1)
	switch {
	case strings.HasSuffix(s, tail):
		return 1
	case len(s) < len(tail):
		return -1
	}
	return order(s[len(s)-len(tail):], tail)
}

// strFind yields the position plus one, or -1. KAMAILIO: an empty text is found behind the end, with case that is; without
// case at the beginning.
func strFind(fold bool) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		s, find := a.Str(c, 0), a.Str(c, 1)
		if fold {
			s, find = lower(c, s), lower(c, find)
		}
		switch i := strings.Index(s, find); {
		case i < 0:
			return -1
		case find == "" && !fold:
			return len(s) + 1
		default:
			return i + 1
		}
	}
}

func lower(c *module.Ctx, s string) string {
	return c.Build(len(s), func(dst []byte) []byte {
		for i := range len(s) {
			b := s[i]
			if 'A' <= b && b <= 'Z' {
				b += 'a' - 'A'
			}
			dst = append(dst, b)
		}
		return dst
	})
}
