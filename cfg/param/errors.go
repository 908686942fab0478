package param

import (
	"fmt"
	"strings"
)

// An Error says what is wrong with an assignment and what would be right.
type Error struct {
	Name    string // of the parameter
	Problem string // "number expected, got ..."
	Hint    string // what would be right; may be empty
}

func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Name + ": " + e.Problem
	}
	return e.Name + ": " + e.Problem + "; " + e.Hint
}

func (p *Param) expected(want string, got Value, hint string) error {
	return &Error{p.Name, fmt.Sprintf("%s expected, got %s", want, got.quoted()), hint}
}

// quoted prints a value for an error message, where bare words need marks around them.
func (v Value) quoted() string {
	if v.Kind == Word {
		return Str(v.Text).String()
	}
	return v.String()
}

// bare prints a value without quotes.
func (v Value) bare() string {
	if v.Kind == Number {
		return v.String()
	}
	return v.Text
}

// Unknown is the error for a name that Lookup does not find.
func Unknown(name string) error { return unknown(name) }

func unknown(name string) error {
	e := &Error{Name: clip(name), Problem: "unknown core parameter"}
	switch s := Suggest(name); {
	case s != "":
		e.Hint = "did you mean " + s + "?"
	case strings.Contains(name, "."):
		e.Hint = `declare a variable of your own as group.name = value`
	}
	return e
}
