package corex

import (
	"errors"
	"net/netip"

	"goser/cfg/check"
	"goser/worker/module"
)

var errNoURI = errors.New("there is no URI to send to")

// sendUDP sends the received bytes to an address, or to the request's next hop.
func sendUDP(c *module.Ctx, a *module.Args) int {
	var to module.Target
	if s := a.Str(c, 0); s != "" {
		addr, why := check.ParseAddr(s)
		if why != "" {
			return c.Fail(-1, why)
		}
		to = module.Target{Host: addr.Host, IP: addr.IP, Port: int(addr.Port), Proto: check.ProtoUDP}
	}
	return done(c, c.Env.SendRaw(c, to))
}

// done is what the script gets for an error.
func done(c *module.Ctx, err error) int {
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	return 1
}

func sendData(c *module.Ctx, a *module.Args) int { return sendText(c, a.Str(c, 0), nil, a.Str(c, 1)) }

// sendX leaves by another socket when there is none of that address, as 5.6.3 does.
func sendX(c *module.Ctx, a *module.Args) int {
	from, why := findSocket(c, a.Str(c, 1))
	if from == nil {
		c.Complain(why)
	}
	return sendText(c, a.Str(c, 0), from, a.Str(c, 2))
}

func sendText(c *module.Ctx, uri string, from *module.Socket, data string) int {
	to, err := destination(c, uri)
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	return done(c, c.Env.Send(from, to, []byte(data)))
}

// destination is the first address that a URI means, as if it were $du.
func destination(c *module.Ctx, uri string) (netip.AddrPort, error) {
	if uri == "" {
		return netip.AddrPort{}, errNoURI
	}
	next := c.Dest.Next
	c.Dest.Next = uri
	addrs, port, err := c.Env.Resolve(c, module.Target{})
	c.Dest.Next = next
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0], uint16(port)), nil
}

func forwardReply(c *module.Ctx, _ *module.Args) int { return done(c, c.Env.ForwardReply(c)) }
