package check

import (
	"errors"

	"goser/cfg/param"
	"goser/cfg/syntax"
)

// ParseText cuts a text with variables up, outside of any script: the value of a
// module's parameter, or a piece of a constant argument. The error says what is
// wrong and what would be right.
func ParseText(cat Catalog, loaded Loaded, s string) ([]Part, error) {
	c := &checker{
		cat: cat, diag: &syntax.Diagnostics{Files: &syntax.FileSet{}}, loaded: loaded,
		prog: &Program{Files: &syntax.FileSet{}, Values: param.NewValues(), index: map[routeKey]*Route{}},
	}
	parts, ok := c.format(s, syntax.Span{}, false, 0)
	if ok && !c.diag.Failed() {
		return parts, nil
	}
	for _, e := range c.diag.List {
		if e.Severity != syntax.SevError {
			continue
		}
		if e.Hint != "" {
			return nil, errors.New(e.Msg + "; " + e.Hint)
		}
		return nil, errors.New(e.Msg)
	}
	return nil, errors.New("malformed text")
}
