// Package textops is the module that asks about the text of a message and
// changes it. See README.md for the operator's view.
//
// Everything reads the message as it was received and queues edits: what one
// function wrote, no other sees. Line ends never get into a header other than
// those the author of the script wrote; see lines.go.
package textops

import (
	_ "embed"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

func init() {
	module.Register(&module.Module{
		Name:  "textops",
		Doc:   readme,
		Funcs: functions(),
		Trans: []module.Trans{{
			Class: "re", Name: "subst", MinArgs: 1, MaxArgs: 6, Type: check.TypeStr,
			Blanks: 0xff, Do: substTrans, Help: "substitution, /expression/replacement/flags",
		}},
	})
}

var (
	text  = check.ArgSpec{Kind: check.ArgFormat}
	fixed = check.ArgSpec{Kind: check.ArgStrVar}
)

// fn declares a function whose last max-min arguments may be left out.
func fn(name, help string, in check.RouteMask, optional int, fix func(a []check.Arg) (any, error),
	do func(c *module.Ctx, a *module.Args) int, args ...check.ArgSpec,
) module.Func {
	return module.Func{Name: name, Help: help, In: in, Args: args, MinArgs: len(args) - optional, Fixup: fix, Do: do}
}

func functions() []module.Func {
	const any, request = check.AnyRoute, check.AnyRoute &^ (check.OnReply | check.OnCoreReply)
	return []module.Func{
		fn("is_method", "is the method one of these, joined by |", any, 0, fixMethods, isMethod, fixed),
		fn("has_body", "is there a body [of this type]", any, 1, fixType, hasBody, fixed),
		fn("is_privacy", "does Privacy ask for this", any, 0, fixPrivacy, isPrivacy, fixed),

		fn("is_present_hf", "is there such a header", any, 0, nil, isPresent, text),
		fn("is_present_hf_re", "is there a header whose name matches", any, 0, fixRegexp(0), isPresentRe, fixed),
		fn("append_hf", "adds a header [after this one]", any, 1, fixHeader, appendHeader, text, text),
		fn("insert_hf", "adds a header [before this one]", any, 1, fixHeader, insertHeader, text, text),
		fn("append_to_reply", "adds a header to later local replies", request, 0, fixHeader, appendToReply, text),
		fn("append_urihf", "adds a header with the received R-URI between two texts", request, 0, nil, appendURIHeader, fixed, fixed),
		fn("append_time", "adds Date to later local replies", request, 0, nil, appendTime),
		fn("append_time_to_request", "adds Date to the message", any, 0, nil, appendTimeToRequest),
		fn("remove_hf", "removes all headers of a name", any, 0, nil, removeHeader, text),
		fn("remove_hf_re", "removes all headers whose name matches", any, 0, fixRegexp(0), removeHeaderRe, fixed),
		fn("remove_hf_exp", "removes headers whose name matches the first, unless it matches the second", any, 0, fixTwoRegexps, removeHeaderExp, fixed, fixed),
		fn("remove_hf_idx", "removes the n-th header of a name", any, 0, nil, removeHeaderIndex, text, check.ArgSpec{Kind: check.ArgIntVar}),

		fn("search", "does the message match", any, 0, fixRegexp(0), search(wholeMessage), fixed),
		fn("search_body", "does the body match", any, 0, fixRegexp(0), search(messageBody), fixed),
		fn("search_hf", "does a header match", any, 1, fixHeaderSearch, searchHeader, text, fixed, fixed),
		fn("search_append", "inserts behind the first match", any, 0, fixRegexp(0), searchAppend(wholeMessage), fixed, fixed),
		fn("search_append_body", "inserts behind the first match in the body", any, 0, fixRegexp(0), searchAppend(messageBody), fixed, fixed),
		fn("search_str", "does a text match", any, 0, fixSearchString, searchString, text, text),

		fn("replace", "replaces the first match", any, 0, fixRegexp(0), replaceFirst(wholeMessage), fixed, fixed),
		fn("replace_all", "replaces all matches", any, 0, fixRegexp(0), replaceAll(wholeMessage), fixed, fixed),
		fn("replace_hdrs", "replaces the first match in the headers", any, 0, fixRegexp(0), replaceFirst(headerPart), fixed, fixed),
		fn("replace_body", "replaces the first match in the body", any, 0, fixRegexp(0), replaceFirst(messageBody), fixed, fixed),
		fn("replace_body_all", "replaces all matches in the body", any, 0, fixRegexp(0), replaceAll(messageBody), fixed, fixed),
		fn("replace_body_atonce", "replaces all matches in the body, which the expression sees as one line", any, 0, fixWhole, replaceAll(messageBody), fixed, fixed),
		fn("replace_str", "replaces a text", any, 0, fixStrMode, replaceString(wholeMessage), text, text, fixed),
		fn("replace_hdrs_str", "replaces a text in the headers", any, 0, fixStrMode, replaceString(headerPart), text, text, fixed),
		fn("replace_body_str", "replaces a text in the body", any, 0, fixStrMode, replaceString(messageBody), text, text, fixed),

		fn("subst", "substitutes in the headers and the body", any, 0, fixSubst(0), substIn(wholeMessage), fixed),
		fn("subst_body", "substitutes in the body", any, 0, fixSubst(0), substIn(messageBody), fixed),
		fn("subst_hf", "substitutes in a header", any, 1, fixSubstHeader, substHeader, text, fixed, fixed),
		fn("subst_uri", "substitutes in the R-URI", any, 0, fixSubst(0), substURI, fixed),
		fn("subst_user", "substitutes in the user of the R-URI", any, 0, fixSubst(0), substUser, fixed),

		fn("set_body", "sets body and type", any, 0, nil, setBody, text, text),
		fn("set_reply_body", "sets body and type of later local replies", request, 0, nil, setReplyBody, text, text),

		fn("set_body_multipart", "makes a multipart body [of a text[, its type[, the boundary]]]", any, 3, nil, setBodyMultipart, text, text, text),
		fn("append_body_part", "adds a part to a multipart body: text, type[, disposition]", any, 1, nil, appendBodyPart, text, text, text),
		fn("append_body_part_hex", "the same, of hexadecimal digits", any, 1, nil, appendBodyPartHex, text, text, text),
		fn("filter_body", "leaves the content of one part of a multipart body", any, 0, nil, filterBody, fixed),
		fn("remove_body_part", "removes the first part of a type from a multipart body", any, 0, nil, removeBodyPart, text),
		fn("get_body_part", "writes the content of a part into a variable", any, 0, nil, getBodyPart(false), text, check.ArgSpec{Kind: check.ArgWritable}),
		fn("get_body_part_raw", "writes a part with its headers into a variable", any, 0, nil, getBodyPart(true), text, check.ArgSpec{Kind: check.ArgWritable}),
		fn("remove_hf_match", "removes the headers of a name whose body is like a text", any, 0, nil, removeHeaderMatch, text, text, text),

		fn("is_present_hf_pv", "as is_present_hf", any, 0, nil, isPresent, text),
		fn("is_present_hf_re_pv", "as is_present_hf_re; the expression may hold variables", any, 0, nil, isPresentRePV, text),
		fn("remove_hf_pv", "as remove_hf; always 1", any, 0, nil, removeHeaderPV, text),
		fn("remove_hf_re_pv", "as remove_hf_re; the expression may hold variables", any, 0, nil, removeHeaderRePV, text),
		fn("remove_hf_exp_pv", "as remove_hf_exp; the expressions may hold variables", any, 0, nil, removeHeaderExpPV, text, text),
		fn("is_audio_on_hold", "does the SDP body put audio on hold", any, 0, nil, isAudioOnHold),
		fn("regex_substring", "writes a group of a match into a variable", any, 0, fixSubstring, substring, text, fixed,
			check.ArgSpec{Kind: check.ArgIntVar}, check.ArgSpec{Kind: check.ArgIntVar}, check.ArgSpec{Kind: check.ArgWritable}),

		fn("in_list", "is it in a list", any, 0, nil, inList(false), text, text, text),
		fn("in_list_prefix", "does it begin with one of a list", any, 0, nil, inList(true), text, text, text),
		fn("cmp_str", "are two texts equal", any, 0, nil, compare(false), text, text),
		fn("cmp_istr", "are two texts equal, without case", any, 0, nil, compare(true), text, text),
		fn("starts_with", "does a text begin with another", any, 0, nil, startsWith, text, text),
		fn("ends_with", "does a text end with another", any, 0, nil, endsWith, text, text),
		fn("str_find", "does a text hold another", any, 0, nil, strFind(false), text, text),
		fn("str_ifind", "does a text hold another, without case", any, 0, nil, strFind(true), text, text),
	}
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}
