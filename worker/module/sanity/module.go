// Package sanity is the module that checks whether requests are what they should
// be, and refuses those that are not. See README.md for the operator's view.
package sanity

import (
	_ "embed"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

// Parameters.
var (
	defaultChecks int32 = checkVersion | checkScheme | checkHeaders | checkCSeqMethod | checkCSeqNumber |
		checkLength | checkExpires | checkProxyRequire | checkDigest
	uriChecks int32 = uriRequest | uriFrom | uriTo
	autodrop  int32 = 1
	noreply   int32
	supported []string // option tags of proxy_require
)

func init() {
	number := check.ArgSpec{Kind: check.ArgIntVar}
	module.Register(&module.Module{
		Name: "sanity", Doc: readme, Start: start,
		Params: []module.Param{
			{Name: "default_checks", Int: &defaultChecks, Help: "checks of sanity_check() (3047)"},
			{Name: "uri_checks", Int: &uriChecks, Help: "URIs that are looked at, 1 R-URI, 2 From, 4 To, 8 Contact (7)"},
			{Name: "proxy_require", Kind: check.ParamStr, Set: setSupported, Help: "option tags that Proxy-Require may hold, separated by commas"},
			{Name: "autodrop", Kind: check.ParamInt, Set: module.Switch(&autodrop), Help: "1: a bad message ends the script; 0: sanity_check returns -1 (1)"},
			{Name: "noreply", Kind: check.ParamInt, Set: module.Switch(&noreply), Help: "1: no answer; sanity_reply() gives it (0)"},
		},
		Funcs: []module.Func{
			{
				Name: "sanity_check", In: check.OnRequest | check.OnFailure | check.OnReply | check.OnCoreReply, Args: []check.ArgSpec{number, number},
				Do: sanityCheck, Help: "is the message what it should be",
			},
			{Name: "sanity_reply", In: check.OnRequest | check.OnFailure, Do: sanityReply, Help: "answers what the last sanity_check found"},
		},
	})
}

// start leaves to the script what it can decide here: schemes and extensions.
func start(module.Env) error {
	module.Policy.AnyScheme, module.Policy.AnyExtension = true, true
	return nil
}

func setSupported(v module.Value) error {
	supported = nil
	for _, s := range strings.Split(v.Str, ",") {
		if s = strings.TrimSpace(s); s != "" {
			supported = append(supported, s)
		}
	}
	return nil
}
