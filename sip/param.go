package sip

// Parameters of headers: *( SEMI name [ EQUAL value ] ), with space wherever RFC 3261 §25.1 allows
// it and values that may be quoted.

const (
	errParamName  = SyntaxError("a parameter without a name: expected NAME or NAME=VALUE after ';'")
	errParamQuote = SyntaxError("unterminated quoted string in a parameter: a closing '\"' is missing")
	errParamEnd   = SyntaxError("unexpected character behind a parameter: expected ';'")
)

// Span is a piece of Msg.Raw; zero when there is no such piece.
type Span struct{ Start, End int }

// param is one parameter; its span begins with the semicolon.
type param struct {
	name, value string
	at          Span
}

// nextParam parses the parameter whose semicolon is at s[i].
func nextParam(s string, i, end int, p *param) error {
	p.at.Start, p.value = i, ""
	i = skip(s, i+1, end, clSpace)
	j := skip(s, i, end, clToken)
	if i == j {
		return errParamName
	}
	p.name, p.at.End = s[i:j], j
	i = skip(s, j, end, clSpace)
	if i == end || s[i] != '=' {
		return nil
	}
	i = skip(s, i+1, end, clSpace)
	if i < end && s[i] == '"' {
		if j = skipQuoted(s, i, end); j < 0 {
			return errParamQuote
		}
	} else {
		j = skipMany(s, i, end, clParam)
	}
	p.value, p.at.End = s[i:j], max(j, p.at.End)
	return nil
}

// Param looks a header's parameter up by name, without case. The value is as written, quotes
// included; Unquote takes them off.
func Param(params, name string) (value string, ok bool) {
	for p := range paramSeq(params) {
		if EqualFold(p.name, name) {
			return p.value, true
		}
	}
	return "", false
}

// EachParam calls yield for every parameter until it returns false.
func EachParam(params string, yield func(name, value string) bool) {
	for p := range paramSeq(params) {
		if !yield(p.name, p.value) {
			return
		}
	}
}

// paramSeq runs over the parameters up to the first malformed one. The leading semicolon may be
// missing.
func paramSeq(params string) func(yield func(param) bool) {
	return func(yield func(param) bool) {
		var p param
		i := skip(params, 0, len(params), clSpace)
		bare := i < len(params) && params[i] != ';'
		if bare {
			i--
		}
		for ; i < len(params) && (bare || params[i] == ';'); bare = false {
			if nextParam(params, i, len(params), &p) != nil || !yield(p) {
				return
			}
			i = skip(params, p.at.End, len(params), clSpace)
		}
	}
}

// AppendUnquoted appends s without its quotes and escapes; what is not quoted stays as it is.
func AppendUnquoted(dst []byte, s string) []byte {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return append(dst, s...)
	}
	s = s[1 : len(s)-1]
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		dst = append(dst, s[i])
	}
	return dst
}
