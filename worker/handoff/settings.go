package handoff

import (
	"errors"
	"fmt"

	"goser/cfg/check"
	"goser/cfg/param"
)

// Settings are the core parameters that a program and a command line make: the
// command line wins. Supervisor and children call it with the same arguments
// and get the same values. The error, if any, joins all that are wrong.
func Settings(prog *check.Program, overrides []Override) (*param.Values, error) {
	v := param.NewValues()
	var errs []error
	for _, o := range overrides {
		p := param.Lookup(o.Name)
		if p == nil {
			errs = append(errs, fmt.Errorf("command line: no core parameter %s", o.Name))
		} else if err := v.Override(p, o.value(p)); err != nil {
			errs = append(errs, fmt.Errorf("command line: %w", err))
		}
	}
	for _, a := range prog.Params {
		p := param.Lookup(a.Name)
		if p == nil || p.Type == param.Statement {
			continue
		}
		if err := param.Set(v, p, value(p, a)); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", prog.Where(a.Pos), err))
		}
	}
	v.Finish()
	return v, errors.Join(errs...)
}

// value gives an assignment the form in which the table takes it: the checker
// has looked at its type already. A word (yes, no, a name) is text that is no
// string.
func value(p *param.Param, a check.ParamValue) param.Value {
	switch {
	case !a.IsStr && a.Str != "":
		return param.Bare(a.Str)
	case !a.IsStr:
		return param.Num(int(a.Int))
	case p.Type == param.String || p.Type == param.Format:
		return param.Str(a.Str)
	}
	return param.Bare(a.Str)
}

// value reads the text of a command line option: what is no number by its
// nature stays text, so that a user may be called 1000.
func (o Override) value(p *param.Param) param.Value {
	switch {
	case p.Type.Numeric():
		return param.ParseValue(o.Value)
	case p.Type == param.IPv4 || p.Type == param.IPv6:
		return param.Bare(o.Value)
	}
	return param.Str(o.Value)
}
