// Package kex is the module with what OpenSER's core had and SER's had not: script
// flags, texts in variables, the log level. See README.md for the operator's view.
package kex

import (
	_ "embed"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

//go:embed README.md
var readme string

func init() {
	module.Register(&module.Module{
		Name: "kex", Doc: readme, Funcs: functions(), Start: start,
		Core: []string{"setbflag", "resetbflag", "isbflagset", "setdsturi", "resetdsturi", "isdsturiset"},
		Vars: []module.Var{{
			Name: "sruid", Type: check.TypeStr, Help: "an identifier that no other call gets",
			Get: func(c *module.Ctx, _ *module.Ref) module.Value { return module.StrValue(uniqueID(c)) },
		}},
	})
}

func functions() []module.Func {
	text, number := check.ArgSpec{Kind: check.ArgFormat}, check.ArgSpec{Kind: check.ArgIntVar}
	fn := func(name, help string, do func(c *module.Ctx, a *module.Args) int, args ...check.ArgSpec) module.Func {
		return module.Func{Name: name, Help: help, In: check.AnyRoute, Args: args, MinArgs: module.AllArgs, Do: do}
	}
	flag := func(do func(c *module.Ctx, bit uint32) bool) func(c *module.Ctx, a *module.Args) int {
		return func(c *module.Ctx, a *module.Args) int {
			n, ok := a.Number(0)
			return truth(ok && n >= 0 && n <= 31 && do(c, 1<<uint32(n)))
		}
	}
	return []module.Func{
		fn("setsflag", "sets a script flag", flag(func(c *module.Ctx, bit uint32) bool { c.ScriptFlags |= bit; return true }), number),
		fn("resetsflag", "clears a script flag", flag(func(c *module.Ctx, bit uint32) bool { c.ScriptFlags &^= bit; return true }), number),
		fn("issflagset", "tests a script flag", flag(func(c *module.Ctx, bit uint32) bool { return c.ScriptFlags&bit != 0 }), number),
		fn("is_myself", "is a URI, or a host, this server", isMyself, text),
		fn("is_myhost", "is a host this server, whatever the port", isMyhost, text),
		fn("setdebug", "changes the log level of this process", setDebug, number),
		fn("resetdebug", "brings back the log level of the parameter debug", resetDebug),
		{
			Name: "pv_printf", Aliases: []string{"avp_printf"}, Help: "writes a text into a variable", In: check.AnyRoute,
			Args: []check.ArgSpec{{Kind: check.ArgWritable}, text}, MinArgs: module.AllArgs, Do: printf,
		},
	}
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}

// isMyself compares host, port and transport of a URI, a missing port being any;
// what is no URI is a host.
func isMyself(c *module.Ctx, a *module.Args) int {
	s := a.Str(c, 0)
	if !isSIP(s) {
		return truth(s != "" && c.Env.Myself(s, module.AnyPort, check.ProtoAny))
	}
	u, err := c.TempURI(s)
	if err != nil {
		return -1
	}
	return truth(c.Env.Myself(u.Host, portOf(u), protoOf(u)))
}

func isMyhost(c *module.Ctx, a *module.Args) int {
	s := a.Str(c, 0)
	if isSIP(s) {
		u, err := c.TempURI(s)
		if err != nil {
			return -1
		}
		s = u.Host
	}
	return truth(s != "" && c.Env.Myself(s, module.AnyPort, check.ProtoAny))
}

func isSIP(s string) bool {
	scheme, _, ok := strings.Cut(s, ":")
	return ok && (sip.EqualFold(scheme, "sip") || sip.EqualFold(scheme, "sips"))
}

func portOf(u *sip.URI) int {
	if u.Port == 0 {
		return module.AnyPort
	}
	return u.Port
}

func protoOf(u *sip.URI) module.Proto {
	switch t := u.Transport(); {
	case t == "":
		return check.ProtoAny
	case sip.EqualFold(t, "tcp"):
		return check.ProtoTCP
	case sip.EqualFold(t, "tls"):
		return check.ProtoTLS
	case sip.EqualFold(t, "sctp"):
		return check.ProtoSCTP
	}
	return check.ProtoUDP
}

func setDebug(c *module.Ctx, a *module.Args) int {
	n, ok := a.Number(0)
	if ok {
		c.Env.SetDebug(int(n))
	}
	return truth(ok)
}

func resetDebug(c *module.Ctx, _ *module.Args) int {
	c.Env.ResetDebug()
	return 1
}

func printf(c *module.Ctx, a *module.Args) int {
	return truth(a.Var(0).Set(c, module.StrValue(a.Printed(c, 1))) == nil)
}

// made counts the identifiers of this process; started and pid tell it from others.
var (
	made    uint64
	started int64
	pid     int
)

func start(e module.Env) error {
	started, pid = e.Now().Unix(), e.Process().Pid
	return nil
}

func uniqueID(c *module.Ctx) string {
	made++
	return c.Build(48, func(dst []byte) []byte {
		dst = hex(append(dst, "srid-"...), uint64(started))
		dst = hex(append(dst, '-'), uint64(pid))
		return hex(append(dst, '-'), made)
	})
}

func hex(dst []byte, n uint64) []byte {
	const digits = "0123456789abcdef"
	shift := 60
	for shift > 0 && n>>shift == 0 {
		shift -= 4
	}
	for ; shift >= 0; shift -= 4 {
		dst = append(dst, digits[n>>shift&15])
	}
	return dst
}
