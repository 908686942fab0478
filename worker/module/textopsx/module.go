// Package textopsx is the module that changes messages in ways textops does not:
// it carries edits out at once, changes the status of replies, and works on the
// values of headers. See README.md for the operator's view.
package textopsx

import (
	_ "embed"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

func init() {
	module.Register(&module.Module{Name: "textopsx", Doc: readme, Funcs: functions(), Vars: variables(), Selects: selects()})
}

var (
	text   = check.ArgSpec{Kind: check.ArgFormat}
	fixed  = check.ArgSpec{Kind: check.ArgStrVar}
	number = check.ArgSpec{Kind: check.ArgIntVar}
)

// fn declares a function whose last optional arguments may be left out.
func fn(name, help string, in check.RouteMask, optional int, fix func(a []check.Arg) (any, error),
	do func(c *module.Ctx, a *module.Args) int, args ...check.ArgSpec,
) module.Func {
	return module.Func{Name: name, Help: help, In: in, Args: args, MinArgs: len(args) - optional, Fixup: fix, Do: do}
}

func functions() []module.Func {
	const any, reply = check.AnyRoute, check.OnReply | check.OnCoreReply
	return []module.Func{
		fn("msg_apply_changes", "carries all changes out: they can be read from now on", check.OnRequest|reply|check.OnEvent, 0, nil, applyChanges),
		fn("msg_set_buffer", "puts another message in the place of this one", check.OnRequest|reply|check.OnBranchFailure, 0, nil, setBuffer, text),
		fn("change_reply_status", "gives a reply another status and reason", reply, 0, nil, changeStatus, number, text),
		fn("change_reply_status_code", "gives a reply another status", reply, 0, nil, changeStatus, number),
		fn("remove_body", "removes the body", any, 0, nil, removeBody),
		fn("keep_hf", "removes all headers but the necessary ones [and those whose name matches]", any, 1, fixKeep, keepHeaders, fixed),
		fn("fnmatch", "does a text match a shell pattern", any, 1, nil, fnmatch, text, text, text),

		fn("hf_value_exists", "has a header this value", any, 0, fixName, valueExists, fixed, text),
		fn("include_hf_value", "adds a value to a header unless it is there", any, 0, fixName, includeValue, fixed, text),
		fn("exclude_hf_value", "removes a value from a header", any, 0, fixName, excludeValue, fixed, text),
		fn("append_hf_value", "adds a value behind another, or as a header of its own", any, 0, fixNoParam, appendValue, fixed, text),
		fn("insert_hf_value", "adds a value before another, or as a header of its own", any, 0, fixNoParam, insertValue, fixed, text),
		fn("remove_hf_value", "removes a value, or a parameter of it", any, 0, fixTarget, removeValue, fixed),
		fn("assign_hf_value", "replaces a value, or a parameter of it", any, 0, fixAssign, assignValue, fixed, text),
		fn("remove_hf_value2", "removes a parameter of a header like Authorization, or the header", any, 0, fixTarget, removeParam2, fixed),
		fn("assign_hf_value2", "sets a parameter of a header like Authorization, or its whole value", any, 0, fixAssign, assignParam2, fixed, text),

		fn("hf_iterator_start", "begins to walk through the headers", any, 0, nil, headerStart, text),
		fn("hf_iterator_next", "goes to the next header", any, 0, nil, headerNext, text),
		fn("hf_iterator_prev", "goes back to the header before", any, 0, nil, headerPrev, text),
		fn("hf_iterator_end", "ends the walk", any, 0, nil, headerEnd, text),
		fn("hf_iterator_rm", "removes the header", any, 0, nil, headerRemove, text),
		fn("hf_iterator_append", "adds a header behind this one", any, 0, fixHeader, headerInsert(true), text, text),
		fn("hf_iterator_insert", "adds a header before this one", any, 0, fixHeader, headerInsert(false), text, text),
		fn("bl_iterator_start", "begins to walk through the lines of the body", any, 0, nil, lineStart, text),
		fn("bl_iterator_next", "goes to the next line", any, 0, nil, lineNext, text),
		fn("bl_iterator_end", "ends the walk", any, 0, nil, lineEnd, text),
		fn("bl_iterator_rm", "removes the line", any, 0, nil, lineRemove, text),
		fn("bl_iterator_append", "adds text behind this line", any, 0, nil, lineInsert(true), text, text),
		fn("bl_iterator_insert", "adds text before this line", any, 0, nil, lineInsert(false), text, text),
	}
}

func variables() []module.Var {
	return []module.Var{
		{Name: "hfitname", Type: check.TypeStr, Inner: check.InnerText, Get: headerName, Help: "name of the header an iterator is at"},
		{Name: "hfitbody", Type: check.TypeStr, Inner: check.InnerText, Get: headerBody, Help: "body of the header an iterator is at"},
		{Name: "blitval", Type: check.TypeStr, Inner: check.InnerText, Get: lineText, Help: "the line an iterator is at, with its end"},
	}
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}
