package script

import (
	"errors"
	"fmt"

	"goser/cfg/check"
	"goser/worker/module"
)

var sendFuncs = []module.Func{
	{
		Name: "forward", In: notOnSend, Args: args(check.ArgHost, check.ArgPort), Waits: true, Fixup: target(check.ProtoAny), Do: forward,
		Help: "forwards the request statelessly: to $du if set, else to the R-URI, or to the given host and port",
	},
	{
		Name: "forward_udp", In: notOnSend, Args: args(check.ArgHost, check.ArgPort), MinArgs: 1, Waits: true, Fixup: target(check.ProtoUDP), Do: forward,
		Help: "as forward, by UDP",
	},
	{
		Name: "send", In: anywhere, Args: args(check.ArgHost, check.ArgPort), MinArgs: 1, Waits: true, Fixup: target(check.ProtoUDP), Do: send,
		Help: "sends the received bytes unchanged by UDP; in onsend_route the bytes about to leave",
	},
	{
		Name: "force_send_socket", In: notOnSend, Args: args(check.ArgSocket), MinArgs: 1, Fixup: socketArg, Resolve: resolveSocket, Do: forceSendSocket,
		Help: "sends this request from the given listening socket",
	},
	{
		Name: "set_advertised_address", In: notOnSend, Args: args(check.ArgHost), MinArgs: 1, Do: advertiseAddress,
		Help: "the address in Via for this message",
	},
	{
		Name: "set_advertised_port", In: notOnSend, Args: []check.ArgSpec{{Kind: check.ArgInt, Min: 1, Max: 65535}}, MinArgs: 1, Do: advertisePort,
		Help: "the port in Via for this message",
	},
	{
		Name: "add_local_rport", In: notOnSend, Do: addLocalRport,
		Help: "adds ;rport to our Via when the request is forwarded (RFC 3581)",
	},
	{
		Name: "force_rport", Aliases: []string{"add_rport"}, In: notOnSend, Do: forceRport,
		Help: "answers to the source port as if the top Via had rport (RFC 3581)",
	},
	{
		Name: "force_tcp_alias", Aliases: []string{"add_tcp_alias"}, In: notOnSend, Args: args(check.ArgPort), Do: nothing,
		Help: "connections only: no effect on UDP",
	},
	{
		Name: "udp_mtu_try_proto", In: notOnSend, Args: args(check.ArgProto), MinArgs: 1, Do: nothing,
		Help: "transport for requests longer than udp_mtu: no effect before there is another than UDP",
	},
	{Name: "set_forward_no_connect", In: anywhere, Do: nothing, Help: "connections only: no effect on UDP"},
	{Name: "set_forward_close", In: anywhere, Do: nothing, Help: "connections only: no effect on UDP"},
	{Name: "set_reply_no_connect", In: anywhere, Do: nothing, Help: "connections only: no effect on UDP"},
	{Name: "set_reply_close", In: anywhere, Do: nothing, Help: "connections only: no effect on UDP"},
}

// target prepares where forward and send go.
func target(proto module.Proto) func(a []check.Arg) (any, error) {
	return func(a []check.Arg) (any, error) {
		t := &module.Target{Proto: proto}
		if len(a) > 0 {
			h := &a[0]
			t.FromURI, t.Host, t.IP, t.Port = h.FromURI, h.Addr.Host, h.Addr.IP, int(h.Addr.Port)
			if h.Addr.Proto != check.ProtoAny {
				if proto != check.ProtoAny && proto != h.Addr.Proto {
					return nil, &module.ArgError{Arg: 0, Err: errors.New("its transport contradicts the function's")}
				}
				t.Proto = h.Addr.Proto
			}
		}
		if t.Proto != check.ProtoAny && t.Proto != check.ProtoUDP {
			return nil, &module.ArgError{Arg: 0, Err: errors.New("only UDP is available yet")}
		}
		if len(a) > 1 {
			if p := &a[1]; p.FromURI {
				t.FromURI = true
			} else if t.Port = int(p.Int); t.Port < 1 || t.Port > 65535 {
				return nil, &module.ArgError{Arg: 1, Err: fmt.Errorf("%d is not a port: 1 to 65535", p.Int)}
			}
		}
		return t, nil
	}
}

func forward(c *module.Ctx, a *module.Args) int { return result(c, c.Env.Forward(c, *goal(a))) }

func send(c *module.Ctx, a *module.Args) int { return result(c, c.Env.SendRaw(c, *goal(a))) }

func goal(a *module.Args) *module.Target {
	t, ok := a.Fixed.(*module.Target)
	if !ok {
		return new(module.Target)
	}
	return t
}

// result is what the script gets for an error.
func result(c *module.Ctx, err error) int {
	if err == nil {
		return 1
	}
	var e *module.Error
	if errors.As(err, &e) && e.Code < 0 {
		return c.Fail(e.Code, e.Msg)
	}
	return c.Fail(module.ErrUnspec, err.Error())
}

// socket is the argument of force_send_socket.
type socket struct {
	addr check.Addr
	s    *module.Socket
}

func socketArg(a []check.Arg) (any, error) { return &socket{addr: a[0].Addr}, nil }

func resolveSocket(e module.Env, fixed any) error {
	w := fixed.(*socket)
	if w.s = e.FindSocket(w.addr.Proto, w.addr.Host, int(w.addr.Port)); w.s == nil {
		// A socket of another transport at the address: any of ours there will do.
		w.s = e.FindSocket(check.ProtoAny, w.addr.Host, int(w.addr.Port))
	}
	if w.s == nil {
		return fmt.Errorf("the server does not listen on %s:%d: expected an address of a listen parameter", w.addr.Host, w.addr.Port)
	}
	return nil
}

func forceSendSocket(c *module.Ctx, a *module.Args) int {
	w := a.Fixed.(*socket)
	if w.s == nil && resolveSocket(c.Env, w) != nil {
		return c.Fail(module.ErrConfig, "the server does not listen there")
	}
	c.Dest.Socket = w.s
	return 1
}

func advertiseAddress(c *module.Ctx, a *module.Args) int {
	c.AdvertisedAddr = a.Spec(0).Addr.Host
	return 1
}

func advertisePort(c *module.Ctx, a *module.Args) int {
	c.AdvertisedPort = int(a.Int(0, 0))
	return 1
}

func addLocalRport(c *module.Ctx, _ *module.Args) int {
	c.AddLocalRport = true
	return 1
}

func forceRport(c *module.Ctx, _ *module.Args) int {
	c.ForceRport = true
	return 1
}

// nothing is for what only concerns connections.
func nothing(*module.Ctx, *module.Args) int { return 1 }
