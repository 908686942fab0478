// Package corex is the module that extends the core: datagrams beside the message,
// sockets, addresses, files. See README.md for the operator's view.
package corex

import (
	_ "embed"

	"goser/cfg/check"
	"goser/worker/module"
)

//go:embed README.md
var readme string

func init() {
	module.Register(&module.Module{
		Name: "corex", Doc: readme, Params: params(), Funcs: functions(), Start: start,
		Events: []module.Event{
			{Name: replyOut, Help: "a reply is about to leave"},
			{Name: networkMsg, Switch: "nio_intercept", Help: "something was received or is about to leave"},
		},
		Core: []string{"append_branch"},
		Vars: []module.Var{{
			Name: "cfg", Type: check.TypeAny, Inner: check.InnerText, Names: []string{"line", "name", "route"},
			Help: "where in the configuration this stands", Get: place,
		}, listening},
		Trans: []module.Trans{
			sockTrans("host", "host of a socket's address", func(_ *module.Ctx, p *sockParts) string { return p.host }),
			sockTrans("port", "port of it", func(_ *module.Ctx, p *sockParts) string { return p.port }),
			sockTrans("proto", "transport of it, as written", func(_ *module.Ctx, p *sockParts) string { return p.proto }),
			sockTrans("touri", "a URI that means it", sockURI),
		},
	})
}

func params() []module.Param {
	return []module.Param{
		{Name: "alias_subdomains", Kind: check.ParamStr | check.ParamFunc, Set: addSubdomain, Help: "[proto:]domain[:port] that is this server with all below it; repeatable"},
		{Name: "evcb_reply_out", Kind: check.ParamStr, Set: setReplyFunction, Help: "accepted without effect: there are no functions of other languages"},
		{Name: "nio_intercept", Kind: check.ParamInt, Set: setIntercept, Help: "1: event_route[network:msg] sees each datagram that is or was a message"},
		{Name: "nio_min_msg_len", Kind: check.ParamInt, Int: &network.minLen, Help: "shorter datagrams pass it by, bytes"},
		{Name: "nio_msg_avp", Kind: check.ParamStr, Set: setNetworkAVP, Help: "the AVP in which it leaves what goes on instead, as in $avp(msg)"},
	}
}

var (
	text   = check.ArgSpec{Kind: check.ArgFormat}
	number = check.ArgSpec{Kind: check.ArgIntVar}
)

// fn declares a function whose last optional arguments may be left out.
func fn(name, help string, in check.RouteMask, optional int, do func(c *module.Ctx, a *module.Args) int, args ...check.ArgSpec) module.Func {
	return module.Func{Name: name, Help: help, In: in, Args: args, MinArgs: len(args) - optional, Do: do}
}

func waits(f module.Func) module.Func {
	f.Waits = true
	return f
}

func missing(name, why string, args ...check.ArgSpec) module.Func {
	return module.Func{Name: name, In: check.AnyRoute, Args: args, Missing: why, Help: "not available yet"}
}

func functions() []module.Func {
	const any, request = check.AnyRoute, check.OnRequest | check.OnFailure
	iflag := func(f module.Func) module.Func { f.Fixup = fixInternal; return f }
	return []module.Func{
		waits(fn("send_udp", "sends the request as it came, over UDP", request, 1, sendUDP, text)),
		missing("send_tcp", "TCP is not there yet", text),
		waits(fn("send_data", "sends a text to a URI", any, 0, sendData, text, text)),
		waits(fn("sendx", "sends a text to a URI from a socket", any, 0, sendX, text, text, text)),
		waits(fn("forward_reply", "sends the reply on statelessly", check.OnCoreReply, 0, forwardReply)),

		fn("is_incoming", "is the message a datagram that event_route[network:msg] sees", any, 0, isIncoming),
		fn("is_faked_msg", "is there no message: an event of the server's own runs", any, 0, isFaked),
		iflag(fn("msg_iflag_set", "sets an internal flag", any, 0, setInternal, text)),
		iflag(fn("msg_iflag_reset", "clears an internal flag", any, 0, resetInternal, text)),
		iflag(fn("msg_iflag_is_set", "tests an internal flag", any, 0, internalSet, text)),
		fn("setxflag", "sets an extended message flag", any, 0, setX, number),
		fn("resetxflag", "clears an extended message flag", any, 0, resetX, number),
		fn("isxflagset", "tests an extended message flag", any, 0, isX, number),

		fn("set_send_socket", "the request leaves by this socket", any, 0, setSendSocket, text),
		fn("set_send_socket_name", "the same by the socket's name", any, 0, setSendSocketName, text),
		fn("set_recv_socket", "the message shall have come in by this socket", any, 0, setRecvSocket, text),
		fn("set_recv_socket_name", "the same by the socket's name", any, 0, setRecvSocketName, text),
		fn("is_socket_name", "is there a socket of this name", any, 0, isSocketName, text),
		fn("set_source_address", "the message shall have come from this address", any, 0, setSource, text),

		fn("via_add_srvid", "adds srvid=server_id to our Via, or does not", any, 0, viaOption(module.ViaServerID), number),
		fn("via_add_xavp_params", "adds the fields of the $xavp that xavp_via_params names to our Via, or does not", any, 0, viaOption(module.ViaXAVPParams), number),
		fn("via_use_xavp_fields", "takes address and port of our Via from the $xavp that xavp_via_fields names, or does not", any, 0, viaOption(module.ViaXAVPFields), number),

		waits(fn("file_read", "reads a file into a variable", any, 0, fileRead, text, check.ArgSpec{Kind: check.ArgWritable})),
		waits(fn("file_write", "writes a text into a file", any, 0, fileWrite, text, text)),
	}
}

func truth(ok bool) int {
	if ok {
		return 1
	}
	return -1
}

func isFaked(c *module.Ctx, _ *module.Args) int { return truth(c.Faked) }
