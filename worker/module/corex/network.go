package corex

import (
	"errors"
	"strings"
	"unsafe"

	"goser/cfg/check"
	"goser/worker/module"
)

// event_route[network:msg] sees each datagram as it is on the wire and may put another in its place,
// event_route[corex:reply-out] each reply that is about to leave.
const (
	networkMsg = "network:msg"
	replyOut   = "corex:reply-out"
)

var network struct {
	on       bool   // nio_intercept
	minLen   int32  // nio_min_msg_len, bytes
	avp      string // nio_msg_avp: full name of the AVP that the route sets; "" none
	function string // evcb_reply_out
	route    int    // number of the block
	out      int    // of that of replies
	in       bool   // the last one shown had come in
}

var errNoNetworkRoute = errors.New("there is no event_route[network:msg] to run")

func setIntercept(v module.Value) error {
	network.on = v.AsInt() != 0
	if network.on && !module.HasRoute(check.EventRoute, networkMsg) {
		return errNoNetworkRoute
	}
	return nil
}

func setNetworkAVP(v module.Value) (err error) {
	network.avp = ""
	if s := strings.TrimSpace(v.Str); s != "" {
		network.avp, err = module.ParseAVP(s)
	}
	return err
}

// setReplyFunction takes the name of a function of another language.
func setReplyFunction(v module.Value) error {
	network.function = v.Str
	return nil
}

// startNetwork lets the routes see what comes and goes.
func startNetwork(e module.Env) {
	network.route, network.out = -1, -1
	if module.HasRoute(check.EventRoute, replyOut) {
		module.Interceptors.Out = showReply
	}
	if network.function != "" && e.Process().Index <= 1 {
		e.Log().Warn("corex: evcb_reply_out has no effect: there are no functions of other languages here; use event_route[corex:reply-out]")
	}
	if !network.on {
		return
	}
	module.Interceptors.In = showDatagram
	if module.Interceptors.Out == nil {
		module.Interceptors.Out = showDatagram
	}
	if network.avp == "" && e.Process().Index <= 1 {
		e.Log().Warn("corex: nio_msg_avp is not set: event_route[network:msg] can look at datagrams and drop them, not change them")
	}
}

// showDatagram runs the route.
//
// KAMAILIO: 5.6.3 takes whatever the AVP holds, so that a value that was set for what came in leaves in place of the
// reply to it; here one counts that this very run has set. drop is of no effect there, here it discards.
func showDatagram(c *module.Ctx) (string, bool) {
	if len(c.SIP.Raw) < int(network.minLen) {
		return c.SIP.Raw, true
	}
	if network.route < 0 {
		network.route = c.Runner.Find(check.EventRoute, networkMsg)
	}
	network.in = c.Wire == module.WireIn
	was := newestAVP(c)
	if _, dropped := c.Runner.Run(c, network.route); dropped {
		return "", false
	}
	if is := newestAVP(c); is.text && is != was {
		return c.AVPs.Get(network.avp, 0).Value.Str, true
	}
	return c.SIP.Raw, true
}

// showReply runs the route of replies on one that is about to leave, as a message, and then that of datagrams.
//
// KAMAILIO: 5.6.3 looks for the block and does not run it.
func showReply(c *module.Ctx) (string, bool) {
	if raw := c.SIP.Raw; strings.HasPrefix(raw, "SIP/2.0 ") && c.SIP.Parse(raw) == nil {
		if network.out < 0 {
			network.out = c.Runner.Find(check.EventRoute, replyOut)
		}
		sent := c.Sent
		c.Wire = module.NoWire
		_, dropped := c.Runner.Run(c, network.out)
		if dropped {
			return "", false
		}
		c.Forget()
		c.SIP.Opaque(raw)
		c.Sent, c.Wire = sent, module.WireOut
	}
	if !network.on {
		return c.SIP.Raw, true
	}
	return showDatagram(c)
}

// avpState tells one value of the AVP from another.
type avpState struct {
	n    int
	data *byte
	len  int
	text bool
}

func newestAVP(c *module.Ctx) (s avpState) {
	if network.avp == "" {
		return s
	}
	a := c.AVPs.Get(network.avp, 0)
	if a == nil {
		return s
	}
	v := &a.Value
	return avpState{c.AVPs.Count(network.avp), unsafe.StringData(v.Str), len(v.Str), v.Kind == module.KindStr}
}

// isIncoming tells elsewhere than in the event which way the last datagram went, as in 5.6.3.
func isIncoming(c *module.Ctx, _ *module.Args) int {
	if c.Wire != module.NoWire {
		return truth(c.Wire == module.WireIn)
	}
	return truth(network.in)
}
