// Package rr is the module for Record-Route and Route: RFC 3261 §16.4, §16.6
// step 4 and 6, §16.12, and RFC 5658 (two entries where the way changes the
// socket). See README.md for the operator's view.
//
// What it knows of a message is in Ctx.RR. A Record-Route is an edit that is
// completed when the message is built (sip.RecordRoute), because only then is
// it known by which socket the message leaves.
package rr

import (
	_ "embed"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/worker/module"
)

//go:embed README.md
var readme string

// The parameters.
var (
	fullLR       int32
	appendTag    int32 = 1
	double       int32 = 1
	addUsername  int32
	mismatchWarn int32 = 1
	forceSend    int32
	ignoreSIPS   int32
	ignoreUser   string
	userAVP      string // full name of the AVP, "" for none

	unused    string
	unusedInt int32
)

var (
	text      = check.ArgSpec{Kind: check.ArgFormat}
	fixed     = check.ArgSpec{Kind: check.ArgStr}
	number    = check.ArgSpec{Kind: check.ArgIntVar, Min: 0, Max: 1}
	outgoing  = check.OnRequest | check.OnBranch | check.OnFailure
	notBranch = check.OnRequest | check.OnFailure
	routing   = check.OnRequest | check.OnBranchFailure
)

func init() {
	module.Register(&module.Module{Name: "rr", Doc: readme, Params: parameters(), Funcs: functions(), Vars: vars()})
}

func parameters() []module.Param {
	flag := func(name string, p *int32, help string) module.Param {
		return module.Param{Name: name, Kind: check.ParamInt, Int: p, Help: help}
	}
	ps := []module.Param{
		flag("enable_full_lr", &fullLR, "write ;lr=on instead of ;lr (0)"),
		flag("append_fromtag", &appendTag, "write ;ftag= with the From tag (1)"),
		flag("enable_double_rr", &double, "0 one entry, 1 two where the socket changes, 2 always two (1)"),
		flag("add_username", &addUsername, "write the user of the Request-URI (0)"),
		flag("enable_socket_mismatch_warning", &mismatchWarn, "warn when the second of two entries names no socket (1)"),
		flag("force_send_socket", &forceSend, "send by the socket that our Route names (0)"),
		flag("ignore_sips", &ignoreSIPS, "write sip: even for sips: requests (0)"),
		flag("sockname_mode", &unusedInt, "accepted; sockets have no names here"),
		{Name: "ignore_user", Kind: check.ParamStr, Str: &ignoreUser, Help: "a Route with this user is never ours (unset)"},
		{Name: "custom_user_avp", Kind: check.ParamStr, Set: setUserAVP, Help: "AVP whose value add_username takes first (unset)"},
	}
	for _, name := range []string{"cookie_filter", "cookie_secret", "user_part_avp", "next_route_avp"} {
		ps = append(ps, module.Param{Name: name, Kind: check.ParamStr, Str: &unused, Help: "accepted; SER's cookies are not written"})
	}
	return ps
}

func setUserAVP(v module.Value) error {
	name, ok := strings.CutPrefix(strings.TrimSpace(v.Str), "$avp(")
	name, closed := strings.CutSuffix(name, ")")
	if !ok || !closed || name == "" || strings.ContainsAny(name, "$()[]{}") {
		return fmt.Errorf("%q is not an AVP: expected $avp(name)", v.Str)
	}
	userAVP = module.AVPName(name)
	return nil
}

func functions() []module.Func {
	return []module.Func{
		{
			Name: "record_route", In: outgoing, Args: []check.ArgSpec{text}, Do: recordRoute,
			Help: "adds a Record-Route that names this server, [with further parameters]",
		},
		{
			Name: "record_route_preset", In: outgoing, Args: []check.ArgSpec{text, text}, MinArgs: 1, Do: recordRoutePreset,
			Help: "adds one or two Record-Route entries with the given addresses",
		},
		{
			Name: "record_route_advertised_address", In: outgoing, Args: []check.ArgSpec{text}, MinArgs: module.AllArgs,
			Do: recordRouteAdvertised, Help: "adds a Record-Route with the given address instead of the socket's",
		},
		{
			Name: "add_rr_param", In: outgoing, Args: []check.ArgSpec{text}, MinArgs: module.AllArgs, Do: addParam,
			Help: "adds a parameter to the Record-Route, made already or not yet",
		},
		{Name: "remove_record_route", In: notBranch, Do: removeRecordRoute, Help: "takes the Record-Route back"},
		{Name: "loose_route", In: routing, Do: looseRoute, Help: "follows the Route set"},
		{
			Name: "loose_route_mode", In: routing, Args: []check.ArgSpec{number}, MinArgs: module.AllArgs, Do: looseRouteMode,
			Help: "as loose_route; with 1 a Request-URI that is ours is not taken for a strict router's doing",
		},
		{
			Name: "loose_route_preloaded", In: routing, Do: looseRoutePreloaded,
			Help: "as loose_route; true only for a preloaded Route set that ended here",
		},
		{Name: "rr_next_hop_route", In: check.AnyRoute, Do: nextHop, Help: "puts the address of the next Route into $du"},
		{
			Name: "check_route_param", In: check.AnyRoute, Args: []check.ArgSpec{fixed}, MinArgs: module.AllArgs, Fixup: fixRegexp,
			Do: checkParam, Help: "do the parameters of our Route match",
		},
		{
			Name: "is_direction", In: check.AnyRoute, Args: []check.ArgSpec{fixed}, MinArgs: module.AllArgs, Fixup: fixDirection,
			Do: isDirection, Help: "does the request go upstream or downstream",
		},
	}
}

func fixRegexp(a []check.Arg) (any, error) {
	re, err := ere.Compile(a[0].Str, true)
	if err != nil {
		return nil, &module.ArgError{Arg: 0, Err: fmt.Errorf("bad expression %q: %w", a[0].Str, err)}
	}
	return re, nil
}

func fixDirection(a []check.Arg) (any, error) {
	switch strings.ToLower(a[0].Str) {
	case "upstream":
		return true, nil
	case "downstream":
		return false, nil
	}
	return nil, &module.ArgError{Arg: 0, Err: fmt.Errorf("%q: expected upstream or downstream", a[0].Str)}
}
