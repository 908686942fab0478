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
	longFormat    int32
	prefixMode    int32
)

const (
	defaultBufSize = 4096
	defaultPrefix  = "<script>: "
)

func init() {
	fs := []module.Func{
		{
			Name: "xlog", In: check.AnyRoute, Args: []check.ArgSpec{format, format, format}, MinArgs: 1,
			Fixup: fixup, When: wanted, Do: write, Help: "writes a text: ([[facility,] level,] text)",
		},
		{
			Name: "xlogl", In: check.AnyRoute, Args: []check.ArgSpec{format, format, format}, MinArgs: 1,
			Fixup: fixupPlace, When: wanted, Do: write, Help: "as xlog, with the line of the call before the text",
		},
		{
			Name: "xlogm", In: check.AnyRoute, Args: []check.ArgSpec{format, format}, MinArgs: 2,
			Fixup: fixupFiltered, When: wanted, Do: write, Help: "as xlog(level, text), unless methods_filter holds the method",
		},
		{
			Name: "xdbgl", In: check.AnyRoute, Args: []check.ArgSpec{format}, MinArgs: 1,
			Fixup: fixedAt(3, true), When: wanted, Do: write, Help: "as xdbg, with the line of the call before the text",
		},
	}
	for name, level := range fixedLevels {
		fs = append(fs, module.Func{
			Name: name, In: check.AnyRoute, Args: []check.ArgSpec{format}, MinArgs: 1, When: wanted, Do: write,
			Fixup: fixedAt(level, false), Help: "writes a text at the level of its name",
		})
	}
	module.Register(&module.Module{
		Name: "xlog",
		Doc:  readme,
		Params: []module.Param{
			{Name: "buf_size", Kind: check.ParamInt, Set: setBufSize, Help: "longest text and its end, bytes (4096)"},
			{Name: "prefix", Kind: check.ParamStr, Str: &prefix, Help: "stands before each text"},
			{Name: "methods_filter", Kind: check.ParamInt, Int: &methodsFilter, Help: "methods that xlogm leaves out, the sum of their bits (-1: all)"},
			{Name: "log_facility", Kind: check.ParamStr, Set: setFacility, Help: "accepted; the server's facility is used"},
			{Name: "force_color", Kind: check.ParamInt, Int: &forceColor, Help: "accepted; lines hold no colours"},
			{Name: "long_format", Kind: check.ParamInt, Set: module.Switch(&longFormat), Help: "1: xlogl and xdbgl write the file, too (0)"},
			{Name: "prefix_mode", Kind: check.ParamInt, Set: module.Switch(&prefixMode), Help: "1: the prefix holds variables (0)"},
			{Name: "log_colors", Kind: check.ParamStr | check.ParamFunc, Set: setColors, Help: `"LEVEL=fb;...", two letters for each level: accepted; lines hold no colours`},
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
