package sip

import "strings"

// NameAddr is what From, To, Contact, Route and their like hold: name-addr or addr-spec, and
// parameters (RFC 3261 §20.10).
type NameAddr struct {
	Display   string // as written, quotes included
	URI       string // as written between the brackets
	Params    string // from the first semicolon on, as written
	Tag       string
	Bracketed bool // the URI stands in angle brackets

	URIStart  int // offset in the text parsed (Msg.Raw for a message's header)
	ParamsEnd int // where another parameter can be added
}

const (
	errAddrEmpty   = SyntaxError("no URI")
	errAddrQuote   = SyntaxError("unterminated quoted string in the display name: a closing '\"' is missing")
	errAddrOpen    = SyntaxError("display name without '<': expected \"name\" <uri>")
	errAddrClose   = SyntaxError("URI without closing '>'")
	errAddrDisplay = SyntaxError("display name with a comma, semicolon, quote or backslash: it must be quoted")
	errAddrEnd     = SyntaxError("unexpected text behind the URI: expected ';'")
)

// ParseNameAddr parses one value, as ValueIter yields it.
func ParseNameAddr(s string, na *NameAddr) error { return parseNameAddr(s, 0, len(s), na) }

// Param looks a parameter up; see the function Param.
func (na *NameAddr) Param(name string) (value string, ok bool) { return Param(na.Params, name) }

func parseNameAddr(s string, i, end int, na *NameAddr) error {
	*na = NameAddr{}
	i, end = trim(s, i, end)
	if i == end {
		return errAddrEmpty
	}
	if s[i] == '"' {
		j := skipQuoted(s, i, end)
		if j < 0 {
			return errAddrQuote
		}
		na.Display = s[i:j]
		if i = skip(s, j, end, clSpace); i == end || s[i] != '<' {
			return errAddrOpen
		}
		return bracketed(s, i, end, na)
	}
	if j := skipMany(s, i, end, clDisplay); j < end && s[j] == '<' {
		a, b := trim(s, i, j)
		na.Display = s[a:b]
		return bracketed(s, j, end, na)
	}
	return bare(s, i, end, na)
}

// bracketed parses from the opening bracket on.
func bracketed(s string, i, end int, na *NameAddr) error {
	n := strings.IndexByte(s[i:end], '>')
	if n < 0 {
		return errAddrClose
	}
	na.URI, na.URIStart, na.Bracketed = s[i+1:i+n], i+1, true
	return addrParams(s, i+n+1, end, na)
}

// bare parses an addr-spec: all behind its first semicolon belongs to the header (RFC 3261 §20).
func bare(s string, i, end int, na *NameAddr) error {
	j := i
	for j < end && class[s[j]]&clBadURI == 0 && s[j] != ';' && s[j] != ',' {
		j++
	}
	if i == j {
		return errAddrEmpty
	}
	na.URI, na.URIStart = s[i:j], i
	if k := skip(s, j, end, clSpace); k < end && s[k] != ';' {
		return errAddrDisplay
	}
	return addrParams(s, j, end, na)
}

func addrParams(s string, i, end int, na *NameAddr) error {
	na.ParamsEnd = i
	if i = skip(s, i, end, clSpace); i == end {
		return nil
	}
	var p param
	for at := i; i < end; i = skip(s, na.ParamsEnd, end, clSpace) {
		if s[i] != ';' {
			return errAddrEnd
		}
		if err := nextParam(s, i, end, &p); err != nil {
			return err
		}
		if len(p.name) == 3 && na.Tag == "" && EqualFold(p.name, "tag") {
			na.Tag = p.value
		}
		na.ParamsEnd = p.at.End
		na.Params = s[at:na.ParamsEnd]
	}
	return nil
}
