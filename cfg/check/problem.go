package check

import (
	"errors"
	"fmt"

	"goser/cfg/syntax"
)

// Problem is an error with its place in the configuration, found by those who
// get a Program ready to run: a parameter a module refuses, an argument that a
// function cannot prepare.
type Problem struct {
	At  syntax.Span
	Err error
	p   *Program
}

// Problemf makes a Problem at a place in p.
func (p *Program) Problemf(at syntax.Span, format string, args ...any) *Problem {
	return &Problem{At: at, Err: fmt.Errorf(format, args...), p: p}
}

func (e *Problem) Error() string { return e.p.Where(e.At) + ": " + e.Err.Error() }

func (e *Problem) Unwrap() error { return e.Err }

// ErrReported stands for what is wrong and has been reported already, with the
// other errors of the file.
var ErrReported = errors.New("reported already")

// Report adds err to diag: each Problem in it, however joined, with its place.
// It returns what has none.
func Report(diag *syntax.Diagnostics, err error) (rest error) {
	if err == nil || errors.Is(err, ErrReported) && !isJoined(err) {
		return nil
	}
	var problem *Problem
	switch e := err.(type) {
	case *Problem:
		problem = e
	case interface{ Unwrap() []error }:
		var others []error
		for _, one := range e.Unwrap() {
			others = append(others, Report(diag, one))
		}
		return errors.Join(others...)
	default:
		return err
	}
	diag.Add(&syntax.Error{At: problem.At, Kind: syntax.KindType, Msg: problem.Err.Error()})
	return nil
}

func isJoined(err error) bool {
	_, ok := err.(interface{ Unwrap() []error })
	return ok
}
