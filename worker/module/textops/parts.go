package textops

import (
	"strings"

	"goser/sip"
	"goser/worker/module"
)

const (
	defaultBoundary = "unique-boundary-"
	triedBoundaries = 9

	errNoBody     = "there is no body to make a part of"
	errNoType     = "the body has no Content-Type, and the part would have none"
	errType       = "the type is not of the form type/subtype"
	errBoundary   = "a boundary is 1 to 70 letters, digits and '()+_,-./:=? or blanks, the last one no blank (RFC 2046 §5.1.1)"
	errHeld       = "the text holds a line that begins with the boundary"
	errDisp       = "a disposition is one line"
	errNoParts    = "the body is not multipart, or its Content-Type has no boundary"
	errNoDelim    = "the body does not hold the boundary of its Content-Type"
	errHex        = "the text is not pairs of hexadecimal digits"
	errEmptyPart  = "the text is empty"
	errPartTooBig = "the body would be too large"
)

// setBodyMultipart makes a multipart body of a text, or of the message's own body, which becomes the first part.
func setBodyMultipart(c *module.Ctx, a *module.Args) int {
	text, kind, mark := "", "", ""
	if a.N > 0 {
		text = a.Str(c, 0)
	}
	if a.N > 1 {
		kind = a.Str(c, 1)
	}
	if a.N > 2 {
		mark = a.Str(c, 2)
	}
	if text == "" {
		h := c.SIP.First(sip.HdrContentType)
		switch text = c.SIP.Body; {
		case text == "":
			return c.Fail(-1, errNoBody)
		case h == nil:
			return c.Fail(-1, errNoType)
		case isMultipart(h.Body):
			return 1
		}
		kind = h.Body
	} else if kind == "" {
		kind = "text/plain"
	}
	if !isType(kind) {
		return c.Fail(-1, errType)
	}
	mark, why := freshBoundary(c, mark, text)
	if why != "" {
		return c.Fail(-1, why)
	}
	if !c.Room(len(text) + len(kind) + 4*len(mark) + 256) {
		return c.Fail(-1, errPartTooBig)
	}
	version := "Mime-Version: 1.0\r\n"
	if c.SIP.ByName("Mime-Version") != nil {
		version = ""
	}
	c.Edits.SetContentType(&c.SIP, c.Concat("Content-Type: multipart/mixed;boundary=\"", mark, "\"\r\n", version))
	c.Edits.SetBody(c.Concat("--", mark, "\r\nContent-Type: ", kind, "\r\n\r\n", text, "\r\n--", mark, "--\r\n"))
	return 1
}

// freshBoundary checks the boundary that the script wants, or finds one that the text does not hold.
func freshBoundary(c *module.Ctx, mark, text string) (fresh, why string) {
	if mark != "" {
		switch {
		case !isBoundary(mark):
			return "", errBoundary
		case holds(text, mark):
			return "", errHeld
		}
		return mark, ""
	}
	for n := int64(1); n <= triedBoundaries; n++ {
		if mark = c.Concat(defaultBoundary, c.Itoa(n)); !holds(text, mark) {
			return mark, ""
		}
	}
	return "", errHeld
}

// isBoundary follows RFC 2046 §5.1.1.
func isBoundary(s string) bool {
	if s == "" || len(s) > 70 || s[len(s)-1] == ' ' {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case '0' <= b && b <= '9', 'a' <= b|0x20 && b|0x20 <= 'z', strings.IndexByte("'()+_,-./:=? ", b) >= 0:
		default:
			return false
		}
	}
	return true
}

// holds asks whether a line of the text would be taken for a delimiter.
func holds(text, mark string) bool {
	for ; text != ""; _, text, _ = strings.Cut(text, "\n") {
		if strings.HasPrefix(text, "--") && strings.HasPrefix(text[2:], mark) {
			return true
		}
	}
	return false
}

func appendBodyPart(c *module.Ctx, a *module.Args) int { return appendPart(c, a, a.Str(c, 0)) }

func appendBodyPartHex(c *module.Ctx, a *module.Args) int {
	hex := a.Str(c, 0)
	if !c.Room(len(hex)) {
		return c.Fail(-1, errPartTooBig)
	}
	ok := false
	bytes := c.Build(len(hex)/2+1, func(dst []byte) []byte {
		dst, ok = appendHex(dst, hex)
		return dst
	})
	if !ok {
		return c.Fail(-1, errHex)
	}
	return appendPart(c, a, bytes)
}

// appendHex decodes pairs of digits, between which blanks may stand.
func appendHex(dst []byte, s string) ([]byte, bool) {
	for i := 0; i < len(s); {
		if s[i] == ' ' || s[i] == '\t' {
			i++
			continue
		}
		if i+1 == len(s) {
			return dst, false
		}
		high, low := hexDigit(s[i]), hexDigit(s[i+1])
		if high < 0 || low < 0 {
			return dst, false
		}
		dst = append(dst, byte(high<<4|low))
		i += 2
	}
	return dst, true
}

func hexDigit(b byte) int {
	switch {
	case '0' <= b && b <= '9':
		return int(b - '0')
	case 'a' <= b|0x20 && b|0x20 <= 'f':
		return int(b|0x20-'a') + 10
	}
	return -1
}

// appendPart puts a part in front of the delimiter that closes the received body. One that is missing is added.
func appendPart(c *module.Ctx, a *module.Args, text string) int {
	kind, disposition := a.Str(c, 1), ""
	if a.N > 2 {
		disposition = a.Str(c, 2)
	}
	mark := boundary(&c.SIP)
	switch {
	case text == "":
		return c.Fail(-1, errEmptyPart)
	case !isType(kind):
		return c.Fail(-1, errType)
	case strings.ContainsAny(disposition, "\r\n\x00"):
		return c.Fail(-1, errDisp)
	case mark == "" || c.SIP.Body == "":
		return c.Fail(-1, errNoParts)
	case holds(text, mark):
		return c.Fail(-1, errHeld)
	case !c.Room(len(text) + len(kind) + len(disposition) + 2*len(mark) + 256):
		return c.Fail(-1, errPartTooBig)
	}
	end, ok := partsEnd(c.SIP.Body, mark)
	if !ok {
		return c.Fail(-1, errNoDelim)
	}
	name, lineEnd := "Content-Disposition: ", "\r\n"
	if disposition == "" {
		name, lineEnd = "", ""
	}
	part := c.Concat("--", mark, "\r\nContent-Type: ", kind, "\r\n", name, disposition, lineEnd, "\r\n", text, "\r\n")
	at := c.SIP.BodyStart() + end.at
	if end.cut && !c.Edits.Has(at, "\r\n") {
		c.Edits.InsertAfter(at, "\r\n")
	}
	c.Edits.InsertBefore(at, part)
	if end.open {
		c.Edits.Delete(at, len(c.SIP.Raw))
		if last := c.Concat("--", mark, "--\r\n"); !c.Edits.Has(at, last) {
			c.Edits.Replace(at, at, last)
		}
	}
	return 1
}

// partsAt is where a further part goes.
type partsAt struct {
	at   int
	open bool // nothing closes the body; behind at there is at most a delimiter that begins nothing
	cut  bool // the line before is not ended
}

func partsEnd(body, mark string) (end partsAt, ok bool) {
	next, start := 0, 0
	for {
		begin, behind, last, found := delimiter(body, next, mark)
		switch {
		case last:
			return partsAt{at: begin}, true
		case found:
			start, next, ok = begin, behind, true
		case !ok:
			return partsAt{}, false
		case next == len(body):
			return partsAt{at: start, open: true}, true
		default:
			return partsAt{at: len(body), open: true, cut: body[len(body)-1] != '\n'}, true
		}
	}
}
