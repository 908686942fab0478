// Package param is the one table of core parameters: what stands to the left of an equals sign at the top
// level of a configuration file, in any of its spellings, with its type, range, default, run-time name,
// command line option and help. The parser, the check of a configuration, the control client's help and
// docs/parameters.md all read it, so they cannot disagree.
//
// A program keeps the values in a Values:
//
//	v := param.NewValues()
//	n := param.Get(param.Children)
//	err := v.Override(n, n.Parse("4"))    // the command line: -n 4
//	p := param.Lookup("children")         // nil: the error is param.Unknown("children")
//	err = param.Set(v, p, param.Num(16))  // the file; -n 4 still stands
//	v.Finish()
//	for range v.Int(param.Children) {}
//
// Assignments to a parameter whose row says Acts: false are accepted and do nothing yet; Pending lists
// them and the server warns about those in use. Legacy parameters never will do anything.
//
// What can go wrong: a value of the wrong type or out of a strict range is an *Error, which says what would
// be right; a name nobody knows is the error Unknown returns, with the most similar name. Values that depend
// on each other are settled by Finish, which leaves a Warning wherever it changes what was asked for.
package param
