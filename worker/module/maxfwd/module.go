// Package maxfwd is the module that counts hops: Max-Forwards, RFC 3261
// §16.3 item 3 and §16.6 item 3. See README.md for the operator's view.
package maxfwd

import (
	_ "embed"
	"fmt"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

// limit is what a received count is cut to before one is taken away.
var limit = defaultLimit

const defaultLimit = int32(70) // RFC 3261 §8.1.1.6

var hops = check.ArgSpec{Kind: check.ArgIntVar, Min: 0, Max: 255}

func init() {
	module.Register(&module.Module{
		Name: "maxfwd",
		Doc:  readme,
		Params: []module.Param{{
			Name: "max_limit", Kind: check.ParamInt, Set: setLimit,
			Help: "highest count that leaves the server, 1 to 255 (70)",
		}},
		Funcs: []module.Func{{
			Name:    "mf_process_maxfwd_header",
			Aliases: []string{"maxfwd_process", "process_maxfwd", "process_maxfwd_header"},
			In:      check.AnyRoute, Args: []check.ArgSpec{hops}, MinArgs: module.AllArgs, Do: process,
			Help: "counts this hop: 1 taken away, 2 header added, -1 it was 0, -2 malformed",
		}, {
			Name:    "is_maxfwd_lt",
			Aliases: []string{"mf_lowlimit", "maxfwd_at_least"},
			In:      check.AnyRoute, Args: []check.ArgSpec{hops}, MinArgs: module.AllArgs, Do: isLess,
			Help: "is the count below the given one: 1, -1, -2 no header, -3 malformed",
		}},
	})
}

func setLimit(v module.Value) error {
	n := v.AsInt()
	if n < 1 || n > 255 {
		return fmt.Errorf("max_limit is %d: expected 1 to 255", n)
	}
	limit = n
	return nil
}
