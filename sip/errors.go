package sip

import "strconv"

// ErrMissing is what a typed accessor returns when the message has no such header.
const ErrMissing = SyntaxError("header is missing")

// SyntaxError says what is wrong with a piece of text. Its values are constants, so that a
// stranger's bad message costs no allocation.
type SyntaxError string

func (e SyntaxError) Error() string { return "sip: " + string(e) }

// ParseError says why a message is refused. It belongs to its Msg and lives as long as it.
type ParseError struct {
	Code   int    // the reply it deserves; 0: drop it in silence
	Reason string // the reply's reason phrase
	Header string // the header at fault; "" when it is the start line or the message as a whole
	Offset int    // where in Msg.Raw
	Msg    string // what is wrong, and what would be right
}

// Error reads "sip: CSeq at offset 87: method differs from the request line's".
func (e *ParseError) Error() string {
	where := e.Header
	if where == "" {
		where = "message"
	}
	return "sip: " + where + " at offset " + strconv.Itoa(e.Offset) + ": " + e.Msg
}

// text is a syntax error without its prefix, for use inside a ParseError.
func text(err error) string {
	if s, ok := err.(SyntaxError); ok {
		return string(s)
	}
	return err.Error()
}
