package textops

import (
	"strings"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/sip"
	"goser/worker/module"
)

// fixHeader checks a header in argument 0.
func fixHeader(a []check.Arg) (any, error) {
	literal, err := module.FixHeader(&a[0])
	if err != nil {
		return nil, err
	}
	return literal, nil
}

func isPresent(c *module.Ctx, a *module.Args) int {
	return truth(c.SIP.ByName(a.Str(c, 0)) != nil)
}

func isPresentRe(c *module.Ctx, a *module.Args) int {
	re := a.Fixed.(*ere.Regexp)
	for i := range c.SIP.Headers {
		if re.MatchString(c.SIP.Headers[i].Name) {
			return 1
		}
	}
	return -1
}

// appendHeader adds behind the last header, or behind the last one of a name.
func appendHeader(c *module.Ctx, a *module.Args) int {
	lines, ok := c.Header(a.Str(c, 0), a.Fixed.(int))
	if !ok {
		return c.Fail(module.ErrUnspec, module.ErrHeader)
	}
	at := c.SIP.HeadersEnd()
	if a.N > 1 {
		if h := lastNamed(&c.SIP, a.Str(c, 1)); h != nil {
			at = h.End
		}
	}
	c.Edits.InsertAfter(at, lines)
	return 1
}

func lastNamed(m *sip.Msg, name string) *sip.Header {
	var last *sip.Header
	for h := m.ByName(name); h != nil; h = m.NextByName(h) {
		last = h
	}
	return last
}

// insertHeader adds above all headers, or before the first one of a name.
// Several at one place stand in the order of the calls.
func insertHeader(c *module.Ctx, a *module.Args) int {
	lines, ok := c.Header(a.Str(c, 0), a.Fixed.(int))
	if !ok {
		return c.Fail(module.ErrUnspec, module.ErrHeader)
	}
	at := c.SIP.HeadersStart()
	if a.N > 1 {
		if h := c.SIP.ByName(a.Str(c, 1)); h != nil {
			at = h.Start
		}
	}
	c.Edits.InsertAfter(at, lines)
	return 1
}

// maxReplyHeaders bounds what append_to_reply collects for one message.
const maxReplyHeaders = 64

func appendToReply(c *module.Ctx, a *module.Args) int {
	lines, ok := c.Header(a.Str(c, 0), a.Fixed.(int))
	if !ok {
		return c.Fail(module.ErrUnspec, module.ErrHeader)
	}
	if len(c.ReplyHeaders) >= maxReplyHeaders {
		return c.Fail(module.ErrUnspec, "the message has too many reply headers")
	}
	c.ReplyHeaders = append(c.ReplyHeaders, lines)
	return 1
}

// appendURIHeader adds the R-URI that was received, and escapes what in it could end the line.
func appendURIHeader(c *module.Ctx, a *module.Args) int {
	const hex = "0123456789ABCDEF"
	prefix, uri, suffix := a.Str(c, 0), c.SIP.RURI, a.Str(c, 1)
	if !c.SIP.IsRequest {
		return -1
	}
	line := c.Build(len(prefix)+3*len(uri)+len(suffix)+2, func(dst []byte) []byte {
		dst = append(dst, prefix...)
		for i := range len(uri) {
			if b := uri[i]; b <= ' ' || b == 0x7f {
				dst = append(dst, '%', hex[b>>4], hex[b&15])
			} else {
				dst = append(dst, b)
			}
		}
		dst = append(dst, suffix...)
		if !strings.HasSuffix(suffix, "\n") {
			dst = append(dst, "\r\n"...)
		}
		return dst
	})
	if _, ok := module.HeaderLines(line); !ok {
		return -1
	}
	c.Edits.InsertAfter(c.SIP.HeadersEnd(), line)
	return 1
}

// date is the Date header, RFC 3261 §20.17.
func date(c *module.Ctx) string {
	return c.Build(48, func(dst []byte) []byte {
		return c.Env.Now().UTC().AppendFormat(dst, "Date: Mon, 02 Jan 2006 15:04:05 GMT\r\n")
	})
}

func appendTime(c *module.Ctx, _ *module.Args) int {
	if len(c.ReplyHeaders) >= maxReplyHeaders {
		return -1
	}
	c.ReplyHeaders = append(c.ReplyHeaders, date(c))
	return 1
}

// appendTimeToRequest puts Date below the first Via.
func appendTimeToRequest(c *module.Ctx, _ *module.Args) int {
	at := c.SIP.HeadersEnd()
	if h := c.SIP.First(sip.HdrVia); h != nil {
		at = h.End
	}
	c.Edits.InsertAfter(at, date(c))
	return 1
}

func removeHeader(c *module.Ctx, a *module.Args) int {
	rc := -1
	for h := c.SIP.ByName(a.Str(c, 0)); h != nil; h = c.SIP.NextByName(h) {
		c.Edits.DeleteHeader(h)
		rc = 1
	}
	return rc
}

func removeMatching(c *module.Ctx, match func(name string) bool) int {
	rc := -1
	for i := range c.SIP.Headers {
		if h := &c.SIP.Headers[i]; match(h.Name) {
			c.Edits.DeleteHeader(h)
			rc = 1
		}
	}
	return rc
}

func removeHeaderRe(c *module.Ctx, a *module.Args) int {
	return removeMatching(c, a.Fixed.(*ere.Regexp).MatchString)
}

// removeHeaderExp keeps what matches the second expression, too.
func removeHeaderExp(c *module.Ctx, a *module.Args) int {
	res := a.Fixed.([2]*ere.Regexp)
	return removeButKeep(c, res[0], res[1])
}

func removeButKeep(c *module.Ctx, match, skip *ere.Regexp) int {
	return removeMatching(c, func(name string) bool { return match.MatchString(name) && !skip.MatchString(name) })
}

// removeHeaderPV returns 1 also when there was nothing to remove, as 5.6.3 does.
func removeHeaderPV(c *module.Ctx, a *module.Args) int {
	if a.Given(c, 0) == "" {
		return -1
	}
	removeHeader(c, a)
	return 1
}

// removeHeaderIndex counts from 0; negative from the end. The codes of 5.6.3: 1, also when there are fewer from the
// end; 2 when there are fewer from the top.
func removeHeaderIndex(c *module.Ctx, a *module.Args) int {
	name, i := a.Str(c, 0), int(a.Int(1, 0))
	if i < 0 {
		for h := c.SIP.ByName(name); h != nil; h = c.SIP.NextByName(h) {
			i++
		}
		if i < 0 {
			return 1
		}
	}
	for h := c.SIP.ByName(name); h != nil; h = c.SIP.NextByName(h) {
		if i == 0 {
			c.Edits.DeleteHeader(h)
			return 1
		}
		i--
	}
	return 2
}
