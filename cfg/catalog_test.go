package cfg_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"goser/cfg/check"
)

// fakeCatalog is a small world of modules for tests.
type fakeCatalog struct{}

const req = check.OnRequest | check.OnFailure

type fakeFunc struct {
	module, name string
	min, max     int
	routes       check.RouteMask
	args         string // one letter for each argument
}

var fakeFuncs = []fakeFunc{
	{"core", "forward", 0, 2, check.OnRequest, "hp"},
	{"core", "forward_udp", 1, 2, check.OnRequest, "hp"},
	{"core", "send", 1, 2, check.AnyRoute, "hp"},
	{"core", "send_tcp", 1, 2, check.AnyRoute, "hp"},
	{"core", "exec", 1, 1, check.AnyRoute, "s"},
	{"core", "is_request", 0, 0, check.AnyRoute, ""},
	{"core", "t_is_branch_route", 0, 0, check.AnyRoute, ""},
	{"core", "record_route", 0, 0, check.OnRequest | check.OnBranch, ""},
	{"core", "log", 1, 1, check.AnyRoute, "s"},
	{"core", "log", 2, 2, check.AnyRoute, "is"},
	{"core", "setflag", 1, 1, check.AnyRoute, "f"},
	{"core", "resetflag", 1, 1, check.AnyRoute, "f"},
	{"core", "isflagset", 1, 1, check.AnyRoute, "f"},
	{"core", "setavpflag", 2, 2, check.AnyRoute, "aF"},
	{"core", "rewritehost", 1, 1, req, "s"},
	{"core", "sethost", 1, 1, req, "s"},
	{"core", "rewriteuri", 1, 1, req, "s"},
	{"core", "strip", 1, 1, req, "i"},
	{"core", "prefix", 1, 1, req, "s"},
	{"core", "append_branch", 0, 2, req, "ss"},
	{"core", "force_rport", 0, 0, check.AnyRoute, ""},
	{"core", "add_local_rport", 0, 0, req, ""},
	{"core", "revert_uri", 0, 0, req, ""},
	{"core", "force_send_socket", 1, 1, req, "k"},
	{"core", "set_advertised_address", 1, 1, req, "h"},
	{"core", "set_advertised_port", 1, 1, req, "p"},
	{"core", "udp_mtu_try_proto", 1, 1, req, "P"},
	{"core", "set_forward_no_connect", 0, 0, check.AnyRoute, ""},
	{"core", "set_reply_no_connect", 0, 0, check.AnyRoute, ""},
	{"core", "set_reply_close", 0, 0, check.AnyRoute, ""},
	{"sl", "sl_send_reply", 2, 2, check.OnRequest, "iS"},
	{"cpl", "cpl_run_script", 1, 3, check.OnRequest, "SSS"},
	{"sl", "sl_reply_error", 0, 0, check.OnRequest, ""},
	{"tm", "t_relay", 0, 2, req, "SS"},
	{"tm", "t_on_failure", 1, 1, req | check.OnBranch, "1"},
	{"tm", "t_on_branch", 1, 1, req, "2"},
	{"tm", "t_on_reply", 1, 1, req, "3"},
	{"tm", "t_check_trans", 0, 0, check.AnyRoute, ""},
	{"tm", "t_set_fr", 1, 2, check.AnyRoute, "II"},
	{"tm", "t_check_status", 1, 1, check.OnFailure | check.OnReply, "r"},
	{"xlog", "xlog", 1, 2, check.AnyRoute, "SS"},
	{"maxfwd", "mf_process_maxfwd_header", 1, 1, check.OnRequest, "I"},
	{"textops", "search", 1, 1, check.AnyRoute, "R"},
	{"textops", "is_method", 1, 1, check.AnyRoute, "s"},
	{"textops", "append_hf", 1, 2, check.AnyRoute, "Ss"},
	{"siputils", "has_totag", 0, 0, check.AnyRoute, ""},
	{"registrar", "lookup", 1, 2, req, "sS"},
	{"pv", "pv_isset", 1, 1, check.AnyRoute, "v"},
	{"pv", "pv_unset", 1, 1, check.AnyRoute, "w"},
}

var fakeKinds = map[rune]check.ArgSpec{
	'h': {Kind: check.ArgHost}, 'p': {Kind: check.ArgPort}, 'k': {Kind: check.ArgSocket}, 'P': {Kind: check.ArgProto},
	's': {Kind: check.ArgStr}, 'S': {Kind: check.ArgFormat}, 'i': {Kind: check.ArgInt, Min: 0, Max: 1000},
	'I': {Kind: check.ArgIntVar}, 'f': {Kind: check.ArgFlag}, 'F': {Kind: check.ArgAVPFlag}, 'a': {Kind: check.ArgAVP},
	'R': {Kind: check.ArgRegex}, 'r': {Kind: check.ArgRegexFormat}, 'v': {Kind: check.ArgVar}, 'w': {Kind: check.ArgWritable},
	'1': {Kind: check.ArgFailureRoute}, '2': {Kind: check.ArgBranchRoute}, '3': {Kind: check.ArgReplyRoute},
}

var fakeParams = map[string]map[string]check.ParamInfo{
	"tm":       {"fr_timer": {Kind: check.ParamInt}, "reparse_on_dns_failover": {Kind: check.ParamInt}},
	"usrloc":   {"db_mode": {Kind: check.ParamInt}, "db_url": {Kind: check.ParamStr}},
	"acc":      {"db_url": {Kind: check.ParamStr}, "log_flag": {Kind: check.ParamInt}},
	"auth_db":  {"db_url": {Kind: check.ParamStr}},
	"htable":   {"htable": {Kind: check.ParamStr | check.ParamFunc}},
	"textops":  {"pattern": {Kind: check.ParamStr, Regex: true}},
	"db_mysql": {"ping_interval": {Kind: check.ParamInt}},
}

var fakeModules = strings.Fields("sl tm xlog maxfwd textops siputils registrar pv usrloc acc auth_db htable db_mysql kex corex tmx rr textopsx sanity ctl cfg_rpc counters jsonrpcs avp")

func (fakeCatalog) Module(path string) (string, bool) {
	name := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".so")
	if name == "mysql" {
		name = "db_mysql"
	}
	for _, m := range fakeModules {
		if m == name {
			return name, true
		}
	}
	return "", false
}

func (fakeCatalog) Elsewhere(name string) bool { return name == "cpl" || name == "htable" }

func (fakeCatalog) Event(name string) check.EventInfo {
	module, event, _ := strings.Cut(name, ":")
	switch {
	case name == "corex:reply-out":
		return check.EventInfo{Module: module, Pending: true}
	case slices.Contains(fakeEvents, name) || strings.HasPrefix(name, "tm:branch-failure:") && event != "":
		return check.EventInfo{Module: module, Raised: true}
	case slices.Contains(fakeModules, module) || module == "core" || (fakeCatalog{}).Elsewhere(module):
		return check.EventInfo{Module: module}
	}
	return check.EventInfo{}
}

var fakeEvents = []string{"core:msg-received", "core:pre-routing", "sl:filtered-ack", "tm:local-request", "tm:branch-failure:NAME"}

func (fakeCatalog) Param(module, name string) (check.ParamInfo, bool) {
	p, ok := fakeParams[module][name]
	return p, ok
}

func (fakeCatalog) Func(name string, nargs int, loaded check.Loaded) (check.FuncInfo, check.FuncStatus) {
	status := check.FuncUnknown
	info := check.FuncInfo{Min: 99}
	for _, f := range fakeFuncs {
		if f.name != name {
			continue
		}
		if f.module != "core" && (!loaded[f.module] || fakeCatalog{}.Elsewhere(f.module)) {
			return check.FuncInfo{Module: f.module}, check.FuncNotLoaded
		}
		info.Min, info.Max = min(info.Min, f.min), max(info.Max, f.max)
		status = check.FuncWrongArity
		if nargs >= f.min && nargs <= f.max {
			out := check.FuncInfo{Module: f.module, Name: name, Routes: f.routes, Waits: f.name == "exec", Ref: f.name}
			for _, a := range f.args {
				out.Args = append(out.Args, fakeKinds[a])
			}
			return out, check.FuncOK
		}
	}
	return info, status
}

var fakeVars = map[string]check.VarInfo{
	"ru": {Writable: true}, "rd": {Writable: true}, "rU": {Writable: true}, "rp": {Writable: true}, "du": {Writable: true},
	"fs": {Writable: true}, "br": {Writable: true}, "mf": {Writable: true}, "sf": {Writable: true}, "bf": {Writable: true},
	"rm": {}, "fu": {}, "fd": {}, "tu": {}, "si": {}, "sp": {}, "ci": {}, "null": {}, "rc": {}, "?": {}, "retcode": {}, "ruri.user": {},
	"var": {Writable: true, Inner: check.InnerFormat}, "shv": {Writable: true, Inner: check.InnerFormat},
	"avp": {Writable: true, Inner: check.InnerFormat, Indexed: true}, "hdr": {Inner: check.InnerFormat, Indexed: true},
	"sht": {Writable: true, Inner: check.InnerFormat}, "T_req": {Inner: check.InnerVar}, "T_branch_idx": {},
}

func (fakeCatalog) Var(name, inner string, hasInner bool, loaded check.Loaded) (check.VarInfo, error) {
	v, ok := fakeVars[name]
	switch {
	case !ok:
		return v, &check.UnknownName{Name: name}
	case name == "sht" && !loaded["htable"]:
		return v, &check.UnknownName{Name: name, Module: "htable"}
	case v.Inner != check.InnerNone && !hasInner:
		return v, errors.New("a name in parentheses is needed")
	}
	return v, nil
}

func (fakeCatalog) Attr(scope, name string) (check.VarInfo, error) {
	if scope == "" && name != "attr" && name != "v" && name != "len" {
		return check.VarInfo{}, &check.UnknownName{Name: name}
	}
	return check.VarInfo{Writable: scope != "g" && scope != "fd" && scope != "td"}, nil
}

func (fakeCatalog) Select(parts []check.SelectPart, _ check.Loaded) (check.SelectInfo, error) {
	switch parts[0].Name {
	case "ruri", "from", "to", "received", "src", "cfg_get", "msg", "via", "sys":
		return check.SelectInfo{}, nil
	}
	return check.SelectInfo{}, fmt.Errorf("unknown part %s", parts[0].Name)
}

func (fakeCatalog) Transformation(class, name string, nargs int, _ check.Loaded) (check.TransInfo, error) {
	switch class + "." + name {
	case "s.len", "s.int":
		return check.TransInfo{Type: check.TypeInt}, nil
	case "s.substr", "s.select":
		if nargs != 2 {
			return check.TransInfo{}, errors.New("takes 2 arguments")
		}
		fallthrough
	case "s.tolower", "uri.host", "uri.user", "re.subst", "param.value", "nameaddr.uri":
		return check.TransInfo{}, nil
	}
	return check.TransInfo{}, &check.UnknownName{Name: class + "." + name}
}

func (fakeCatalog) Names(kind check.NameKind, module string) []string {
	var out []string
	switch kind {
	case check.EventNames:
		return fakeEvents
	case check.ModuleNames:
		return fakeModules
	case check.FuncNames:
		for _, f := range fakeFuncs {
			out = append(out, f.name)
		}
	case check.VarNames:
		for n := range fakeVars {
			out = append(out, n)
		}
	case check.ParamNames:
		for n := range fakeParams[module] {
			out = append(out, n)
		}
	case check.TransNames:
		return []string{"s.len", "s.int", "s.substr", "s.select", "s.tolower", "uri.host", "uri.user"}
	case check.SelectNames:
		return []string{"ruri", "from", "to", "received", "src", "cfg_get", "msg", "via", "sys"}
	}
	return out
}
