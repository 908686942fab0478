// Package xlog is the module that writes what a script wants to say to the
// server's log. See README.md for the operator's view.
package xlog

import (
	_ "embed"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

// Parameters.
var (
	bufSize       = int32(defaultBufSize)
	prefix        = defaultPrefix
	methodsFilter = int32(-1)
	facility      string
	forceColor    int32
)

const (
	defaultBufSize = 4096
	defaultPrefix  = "<script>: "
)

func init() {
	const needsLine = "the line of the call is not known to modules yet: use xlog"
	fs := []module.Func{
		{
			Name: "xlog", In: check.AnyRoute, Args: []check.ArgSpec{format, format, format}, MinArgs: 1,
			Fixup: fixup, When: wanted, Do: write, Help: "writes a text: ([[facility,] level,] text)",
		},
		{Name: "xlogl", In: check.AnyRoute, Args: []check.ArgSpec{format, format}, Missing: needsLine},
		{Name: "xlogm", In: check.AnyRoute, Args: []check.ArgSpec{format, format}, Missing: needsLine},
		{Name: "xdbgl", In: check.AnyRoute, Args: []check.ArgSpec{format}, Missing: needsLine},
	}
	for name, level := range fixedLevels {
		fs = append(fs, module.Func{
			Name: name, In: check.AnyRoute, Args: []check.ArgSpec{format}, MinArgs: 1, When: wanted, Do: write,
			Fixup: func([]check.Arg) (any, error) { return &call{level: level}, nil },
			Help:  "writes a text at the level of its name",
		})
	}
	module.Register(&module.Module{
		Name: "xlog",
		Doc:  readme,
		Params: []module.Param{
			{Name: "buf_size", Kind: check.ParamInt, Set: setBufSize, Help: "longest text and its end, bytes (4096)"},
			{Name: "prefix", Kind: check.ParamStr, Str: &prefix, Help: "stands before each text"},
			{Name: "methods_filter", Kind: check.ParamInt, Int: &methodsFilter, Help: "accepted; has no effect, as in 5.6"},
			{Name: "log_facility", Kind: check.ParamStr, Set: setFacility, Help: "accepted; the server's facility is used"},
			{Name: "force_color", Kind: check.ParamInt, Int: &forceColor, Help: "accepted; lines hold no colours"},
			{Name: "long_format", Kind: check.ParamInt, Set: onlyZero("long_format"), Help: "only 0 yet"},
			{Name: "prefix_mode", Kind: check.ParamInt, Set: onlyZero("prefix_mode"), Help: "only 0 yet"},
			{Name: "log_colors", Kind: check.ParamStr | check.ParamFunc, Set: func(module.Value) error { return nil }, Help: "accepted; lines hold no colours"},
		},
		Funcs: fs,
		Vars: []module.Var{{
			Name: "C", Type: check.TypeStr, Inner: check.InnerText,
			Help:    "terminal colours: empty, since log lines hold no control characters",
			Prepare: checkColours,
			Get:     func(*module.Ctx, *module.Ref) module.Value { return module.StrValue("") },
		}},
		Start: start,
	})
}

var format = check.ArgSpec{Kind: check.ArgFormat}

func start(e module.Env) error {
	if facility != "" {
		e.Log().Warn("xlog: log_facility has no effect yet, the core parameter of that name decides", "log_facility", facility)
	}
	if methodsFilter != -1 {
		e.Log().Warn("xlog: methods_filter has no effect")
	}
	if forceColor != 0 {
		e.Log().Warn("xlog: force_color has no effect: log lines hold no control characters")
	}
	return nil
}

func setBufSize(v module.Value) error {
	if n := v.AsInt(); n < 16 || n > 1<<20 {
		return fmt.Errorf("buf_size is %d: expected 16 to %d", n, 1<<20)
	}
	bufSize = v.AsInt()
	return nil
}

func setFacility(v module.Value) error {
	if err := checkFacility(v.Str); err != nil {
		return err
	}
	facility = v.Str
	return nil
}

func onlyZero(name string) func(v module.Value) error {
	return func(v module.Value) error {
		if n := v.AsInt(); n != 0 {
			return fmt.Errorf("%s is %d: only 0 is available yet", name, n)
		}
		return nil
	}
}

func checkFacility(s string) error {
	name := strings.TrimPrefix(s, "LOG_")
	for _, f := range []string{
		"AUTH", "AUTHPRIV", "CRON", "DAEMON", "FTP", "KERN", "LPR", "MAIL", "NEWS", "SYSLOG", "USER", "UUCP",
		"LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6", "LOCAL7",
	} {
		if name == f {
			return nil
		}
	}
	return fmt.Errorf("unknown facility %q: expected LOG_DAEMON, LOG_LOCAL0 or another of syslog(3)", s)
}

// checkColours takes two letters: text and background.
func checkColours(inner string) (any, error) {
	if len(inner) != 2 || strings.Trim(inner, "xsrgybpcwSRGYBPCW") != "" {
		return nil, fmt.Errorf("%q are no colours: expected two letters of s r g y b p c w x", inner)
	}
	return nil, nil
}
