package textops

import (
	"strings"

	"goser/sip"
	"goser/worker/module"
)

// bodyPart is one part of a multipart body (RFC 2046 §5.1.1): offsets into the body.
type bodyPart struct {
	start   int // of the line with the delimiter
	headers int // behind that line
	blank   int // the empty line behind the headers
	content int // behind the empty line
	end     int // of the content; the line end there belongs to the next delimiter
	next    int // of the line with the next delimiter
}

// boundary is that of the message's Content-Type, "" if it is not multipart.
func boundary(m *sip.Msg) string {
	h := m.First(sip.HdrContentType)
	if h == nil {
		return ""
	}
	kind, _, _ := strings.Cut(h.Body, ";")
	params := h.Body[len(kind):]
	if !isMultipart(kind) {
		return ""
	}
	mark, _ := sip.Param(params, "boundary")
	if n := len(mark); n >= 2 && mark[0] == '"' {
		mark = mark[1 : n-1]
	}
	if strings.ContainsAny(mark, `"\\`) {
		return "" // RFC 2046 §5.1.1 allows neither, quoted or not
	}
	return mark
}

func isMultipart(kind string) bool {
	const all = "multipart/"
	kind = strings.TrimSpace(kind)
	return len(kind) >= len(all) && sip.EqualFold(kind[:len(all)], all)
}

// delimiter finds the next line that is a delimiter, from the start of a line on: where
// it begins and what follows it. last says that it closes the body.
func delimiter(body string, from int, mark string) (start, end int, last, ok bool) {
	for from < len(body) {
		line := body[from:]
		end = len(body)
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line, end = line[:i], from+i+1
		}
		if strings.HasPrefix(line, "--") && strings.HasPrefix(line[2:], mark) {
			switch strings.TrimRight(line[2+len(mark):], " \t\r") {
			case "":
				return from, end, false, true
			case "--":
				return from, end, true, true
			}
		}
		from = end
	}
	return 0, 0, false, false
}

// findPart is the first part of a type.
func findPart(body, mark, kind string) (p bodyPart, ok bool) {
	start, end, last, ok := delimiter(body, 0, mark)
	for ok && !last {
		p = bodyPart{start: start, headers: end}
		if start, end, last, ok = delimiter(body, p.headers, mark); !ok {
			return p, false
		}
		p.next = start
		if p.read(body, kind) {
			return p, true
		}
	}
	return p, false
}

// read goes through the headers: is the part of this type? One that names
// none is text/plain (RFC 2046 §5.1).
func (p *bodyPart) read(body, kind string) bool {
	is := "text/plain"
	for at := p.headers; ; {
		i := strings.IndexByte(body[at:p.next], '\n')
		if i < 0 {
			return false
		}
		line := strings.TrimRight(body[at:at+i], "\r")
		p.blank = at
		at += i + 1
		if line == "" {
			p.content = at
			break
		}
		if name, value, _ := strings.Cut(line, ":"); sip.EqualFold(strings.TrimSpace(name), "Content-Type") {
			is, _, _ = strings.Cut(value, ";")
		}
	}
	p.end = p.content + len(strings.TrimSuffix(strings.TrimSuffix(body[p.content:p.next], "\n"), "\r"))
	return sip.EqualFold(strings.TrimSpace(is), kind)
}

// partNamed is the part of the type that the first argument names.
func partNamed(c *module.Ctx, a *module.Args) (bodyPart, bool) {
	mark := boundary(&c.SIP)
	if mark == "" {
		return bodyPart{}, false
	}
	return findPart(c.SIP.Body, mark, a.Str(c, 0))
}

// filterBody leaves the content of one part. Content-Type stays what it is, as
// in Kamailio.
func filterBody(c *module.Ctx, a *module.Args) int {
	p, ok := partNamed(c, a)
	if !ok {
		return -1
	}
	c.Edits.SetBody(c.SIP.Body[p.content:p.end])
	return 1
}

func removeBodyPart(c *module.Ctx, a *module.Args) int {
	p, ok := partNamed(c, a)
	if !ok {
		return -1
	}
	at := c.SIP.BodyStart()
	c.Edits.Delete(at+p.start, at+p.next)
	return 1
}

// getBodyPart writes a part into a variable, raw with its headers. Without them it begins with the empty
// line, as scripts for Kamailio expect it. A body that is not multipart is written whole.
func getBodyPart(raw bool) func(c *module.Ctx, a *module.Args) int {
	return func(c *module.Ctx, a *module.Args) int {
		body, mark := c.SIP.Body, boundary(&c.SIP)
		if body == "" {
			return -1
		}
		if mark != "" {
			p, ok := findPart(body, mark, a.Str(c, 0))
			switch {
			case !ok:
				return -1
			case raw:
				body = body[p.headers:p.next]
			default:
				body = body[p.blank:p.next]
			}
		}
		return truth(a.Var(1).Set(c, module.StrValue(body)) == nil)
	}
}
