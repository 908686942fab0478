package pv

import (
	"fmt"
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// destVars: where the request goes, and from which socket.
var destVars = []module.Var{
	{
		Name: "du", Aliases: []string{"duri"}, Type: check.TypeStr, Help: "next hop URI",
		Get: func(c *module.Ctx, _ *module.Ref) module.Value { return nonEmpty(c.Dest.Next) },
		Set: func(c *module.Ctx, _ *module.Ref, v module.Value) error {
			if v.Kind == module.KindInt {
				return module.ErrNumber
			}
			c.Dest.Next = c.Keep(c.Text(v))
			return nil
		},
	},
	text("dd", "host of the next hop URI", partOf(nextURI, uriHost)),
	text("dp", "port of the next hop URI", partOf(nextURI, uriPort)),
	text("dP", "transport of the next hop URI", partOf(nextURI, uriTransport)),
	nextHop,
	text("ds", "all destinations, as a Contact line", destinationSet),
	{
		Name: "fs", Type: check.TypeStr, Help: "socket to send from, proto:ip:port",
		Get: func(c *module.Ctx, _ *module.Ref) module.Value {
			if c.Dest.Socket == nil {
				return module.Undef
			}
			return module.StrValue(socketText(c, c.Dest.Socket))
		}, Set: setSocket,
	},
	{
		Name: "fsn", Type: check.TypeStr, Help: "name of the socket to send from",
		Get: func(c *module.Ctx, _ *module.Ref) module.Value {
			if c.Dest.Socket == nil {
				return module.Undef
			}
			return nonEmpty(c.Dest.Socket.Label)
		}, Set: setSocketByName,
	},
	number("fsp", "port of the socket to send from, 0 if none is set", func(c *module.Ctx) module.Value {
		if c.Dest.Socket == nil {
			return module.IntValue(0)
		}
		return intValue(c.Dest.Socket.Addr.Port())
	}),
}

func socketText(c *module.Ctx, s *module.Socket) string {
	return endpoint(c, protoName(s.Proto), ":", s.Addr, "")
}

// setSocket finds the listening socket that the text names.
func setSocket(c *module.Ctx, _ *module.Ref, v module.Value) error {
	if v.IsUndef() {
		c.Dest.Socket = nil
		return nil
	}
	s := c.Text(v)
	proto, host, port, err := splitSocket(s)
	if err != nil {
		return err
	}
	sock := c.Env.FindSocket(proto, host, port)
	if sock == nil {
		return fmt.Errorf("no listening socket matches %q", s)
	}
	c.Dest.Socket = sock
	return nil
}

func setSocketByName(c *module.Ctx, _ *module.Ref, v module.Value) error {
	if v.IsUndef() {
		c.Dest.Socket = nil
		return nil
	}
	name := c.Text(v)
	s := c.SocketCalled(name)
	if s == nil {
		return fmt.Errorf("no listening socket is called %q", name)
	}
	c.Dest.Socket = s
	return nil
}

// splitSocket takes [proto:]host[:port] apart.
func splitSocket(s string) (proto module.Proto, host string, port int, err error) {
	host = s
	for p := check.ProtoUDP; p <= check.ProtoSCTP; p++ {
		if n := len(protoName(p)); len(s) > n && s[n] == ':' && strings.EqualFold(s[:n], protoName(p)) {
			proto, host = p, s[n+1:]
		}
	}
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		if port, err = strconv.Atoi(host[i+1:]); err != nil || port < 1 || port > 65535 {
			return 0, "", 0, fmt.Errorf("%q is no socket: expected proto:ip:port", s)
		}
		host = host[:i]
	}
	if host == "" {
		return 0, "", 0, fmt.Errorf("%q is no socket: expected proto:ip:port", s)
	}
	return proto, host, port, nil
}

// destinationSet is $ds: the R-URI if it was changed, and the branches.
func destinationSet(c *module.Ctx) module.Value {
	d := &c.Dest
	if d.URI == "" && d.N == 0 {
		return module.Undef
	}
	s, sep := "Contact: ", ""
	if d.URI != "" {
		s, sep = c.Concat(s, "<", d.URI, ">"), ", "
	}
	for i := range d.N {
		s = c.Concat(s, sep, "<", d.Branches[i].URI, ">", qText(c, d.Branches[i].Q))
		sep = ", "
	}
	return module.StrValue(s)
}

// qText is ";q=0.5" for 500 thousandths, "" for none.
func qText(c *module.Ctx, q int16) string {
	if q < 0 {
		return ""
	}
	return c.Build(8, func(dst []byte) []byte {
		return strconv.AppendFloat(append(dst, ";q="...), float64(q)/1000, 'f', -1, 64)
	})
}
