// Package siputils is the module with small questions about SIP messages and
// URIs. See README.md for the operator's view.
package siputils

import (
	_ "embed"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

// What options_reply says of us.
var (
	optionsAccept   = "*/*"
	optionsEncoding = ""
	optionsLanguage = "en"
	optionsSupport  = ""
)

var (
	text     = check.ArgSpec{Kind: check.ArgFormat}
	number   = check.ArgSpec{Kind: check.ArgIntVar}
	writable = check.ArgSpec{Kind: check.ArgWritable}
)

func init() {
	module.Register(&module.Module{
		Name: "siputils", Aliases: []string{"uri", "options"},
		Doc: readme,
		Params: []module.Param{
			{Name: "options_accept", Kind: check.ParamStr, Str: &optionsAccept, Help: "Accept of options_reply (*/*)"},
			{Name: "options_accept_encoding", Kind: check.ParamStr, Str: &optionsEncoding, Help: "Accept-Encoding of options_reply (empty)"},
			{Name: "options_accept_language", Kind: check.ParamStr, Str: &optionsLanguage, Help: "Accept-Language of options_reply (en)"},
			{Name: "contact_flds_separator", Kind: check.ParamStr, Set: setSeparator, Help: "between the fields of an encoded contact (*)"},
			{Name: "rpid_avp", Kind: check.ParamStr, Set: setRPIDAVP, Help: "the AVP of append_rpid_hf ($avp(rpid))"},
			{Name: "rpid_prefix", Kind: check.ParamStr, Str: &rpidPrefix, Help: "before it in Remote-Party-ID (empty)"},
			{Name: "rpid_suffix", Kind: check.ParamStr, Str: &rpidSuffix, Help: "behind it (;party=calling;id-type=subscriber;screen=yes)"},
			{Name: "options_support", Kind: check.ParamStr, Str: &optionsSupport, Help: "Supported of options_reply (empty)"},
		},
		Funcs: functions(),
		Vars: []module.Var{{
			Name: "pcv", Type: check.TypeStr, Inner: check.InnerText, Names: []string{"all", "value", "genaddr", "orig", "term"},
			Get: chargingVar, Prepare: prepareCharging, Help: "P-Charging-Vector: all, value, genaddr, orig, term",
		}},
	})
}

func fn(name, help string, optional int, do func(c *module.Ctx, a *module.Args) int, args ...check.ArgSpec) module.Func {
	return module.Func{Name: name, Help: help, In: check.AnyRoute, Args: args, MinArgs: len(args) - optional, Do: do}
}

func functions() []module.Func {
	fs := []module.Func{
		fn("has_totag", "has To a tag", 0, hasToTag),
		fn("is_request", "is this a request", 0, isRequest),
		fn("is_reply", "is this a reply", 0, isReply),
		fn("is_first_hop", "does the message come straight from its sender", 1, isFirstHop, number),
		fn("options_reply", "answers an OPTIONS to the server", 0, optionsReply),
		fn("is_uri", "is it a URI", 0, isURI, text),
		fn("is_tel_number", "digits, a + before them allowed", 0, isTelNumber, text),
		fn("is_numeric", "digits", 0, isNumeric, text),
		fn("is_alphanum", "letters and digits", 0, isAlphanum, text),
		fn("is_alphanumex", "letters, digits, and some more", 0, isAlphanumEx, text, text),
		fn("is_e164", "+ and 2 to 15 digits", 0, isE164, text),
		fn("is_uri_user_e164", "+ and 2 to 15 digits as the user of a URI", 0, isURIUserE164, text),
		fn("uri_param", "has the R-URI a parameter [with a value]", 1, uriParam, text, text),
		fn("uri_param_any", "has the R-URI a parameter, with a value or without", 0, uriParamAny, text),
		fn("get_uri_param", "reads a parameter of the R-URI into a variable", 0, getURIParam, text, writable),
		fn("add_uri_param", "adds a parameter to the R-URI", 0, addURIParam, text),
		fn("uri_param_rm", "removes a parameter of the R-URI", 0, removeURIParam, text),
		fn("tel2sip", "makes a SIP URI of a tel URI", 0, tel2sip, text, text, writable),
		fn("set_uri_user", "changes the user of the URI in a variable", 0, setURIUser, writable, text),
		fn("set_uri_host", "changes the host of the URI in a variable", 0, setURIHost, writable, text),
		fn("cmp_uri", "are two URIs the same", 0, compareURI, text, text),
		fn("cmp_aor", "are two addresses of record the same", 0, compareAOR, text, text),
		fn("cmp_hdr_name", "do two names mean the same header", 0, compareHeaderName, text, text),
		fn("is_supported", "does Supported hold an option tag", 0, isSupported, text),
	}
	fixed := check.ArgSpec{Kind: check.ArgStrVar}
	with := func(fix func(a []check.Arg) (any, error), f module.Func) module.Func { f.Fixup = fix; return f }
	fs = append(fs,
		fn("is_gruu", "is the R-URI, or a URI, a GRUU", 1, isGRUU, text),
		fn("hdr_date_check", "is Date not further from now than some seconds", 0, dateCheck, number),
		with(fixEncode, fn("encode_contact", "hides the addresses in Contact", 0, encodeContact, fixed, fixed)),
		fn("decode_contact", "brings the address hidden in the R-URI back", 0, decodeContact),
		fn("decode_contact_header", "brings the addresses hidden in Contact back", 0, decodeContactHeader),
		with(fixParamName, fn("contact_param_encode", "hides the URIs of Contact in a parameter", 0, contactParamEncode, text, text)),
		with(fixParamName, fn("contact_param_decode", "brings them back", 0, contactParamDecode, text)),
		with(fixParamName, fn("contact_param_decode_ruri", "brings the one in the R-URI back", 0, contactParamDecodeRURI, text)),
		with(fixParamName, fn("contact_param_rm", "removes a parameter of the URIs of Contact", 0, contactParamRemove, text)),
		fn("append_rpid_hf", "adds Remote-Party-ID", 2, appendRPID, text, text),
		fn("is_rpid_user_e164", "is the user in rpid_avp + and 2 to 15 digits", 0, isRPIDE164),
		fn("is_user", "is this the user whose credentials were found good", 0, isUser, text),
		with(fixCharging, fn("sip_p_charging_vector", "makes (g), replaces (f) or removes (r) P-Charging-Vector", 0, chargingVector, fixed)),
	)
	return fs
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}
