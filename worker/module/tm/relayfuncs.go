package tm

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// relayFuncs are t_relay and its kin.
func relayFuncs() []module.Func {
	hostPort := arg(check.ArgHost, check.ArgPort)
	fn := func(name string, in check.RouteMask, args []check.ArgSpec, least int, fix func([]check.Arg) (any, error), f func(s *state, c *module.Ctx, a *module.Args) int, help string) module.Func {
		return module.Func{Name: name, In: in, Args: args, MinArgs: least, Fixup: fix, Waits: true, Do: do(f), Help: help}
	}
	fs := []module.Func{
		fn("t_relay", inRelay, hostPort, 0, goalOf(check.ProtoAny), relayTo, "forwards the request within its transaction, which it makes if need be"),
		fn("t_relay_to", inRelay, arg(check.ArgStr, check.ArgStr), 0, proxyArg, relayProxy, "the same to proto:host:port and with flags: 1 no 100, 2 no reply on failure, 4 no failover"),
		fn("t_relay_to_avp", inRequest, arg(check.ArgFormat), 1, nil, relayURI, "the same to the URI given"),
		fn("t_forward_nonack", inRequest, hostPort, 2, goalOf(check.ProtoAny), forwardOnly, "forwards after t_newtran"),
		fn("t_forward_nonack_to", inRequest, arg(check.ArgStr), 1, proxyArg, forwardOnly, "the same to proto:host:port"),
		fn("t_forward_nonack_uri", inRequest, nil, 0, nil, forwardOnly, "the same to the R-URI"),
		fn("t_replicate", inRequest, arg(check.ArgFormat), 0, nil, replicate, "forwards a copy, to the URI given if any; its replies go nowhere"),
		fn("t_replicate", inRequest, hostPort, 2, goalOf(check.ProtoAny), replicateTo, "the same to a host and port, as in SER"),
		fn("t_replicate_to", inRequest, arg(check.ArgStr, check.ArgStr), 1, proxyArg, replicateTo, "the same to proto:host:port"),
	}
	for _, p := range []struct {
		name  string
		proto check.Proto
	}{{"udp", check.ProtoUDP}, {"tcp", check.ProtoTCP}, {"tls", check.ProtoTLS}, {"sctp", check.ProtoSCTP}} {
		fs = append(fs,
			fn("t_relay_to_"+p.name, inRelay, hostPort, 0, goalOf(p.proto), relayTo, "t_relay by this transport"),
			fn("t_forward_nonack_"+p.name, inRequest, hostPort, 2, goalOf(p.proto), forwardOnly, "t_forward_nonack by this transport"),
			fn("t_replicate_"+p.name, inRequest, hostPort, 2, goalOf(p.proto), replicateTo, "t_replicate by this transport"))
	}
	return fs
}

// goal is where a relay function sends to, and its flags.
type goal struct {
	to    module.Target
	flags int32
}

func goalOf(proto check.Proto) func(a []check.Arg) (any, error) {
	return func(a []check.Arg) (any, error) {
		if proto != check.ProtoAny && proto != check.ProtoUDP {
			return nil, errors.New("only UDP is available yet")
		}
		g := &goal{to: module.Target{Proto: proto}}
		if len(a) > 0 {
			h := &a[0]
			g.to.FromURI, g.to.Host, g.to.IP, g.to.Port = h.FromURI, h.Addr.Host, h.Addr.IP, int(h.Addr.Port)
		}
		if len(a) > 1 {
			if a[1].FromURI {
				g.to.FromURI = true
			} else if g.to.Port = int(a[1].Int); g.to.Port < 1 || g.to.Port > 65535 {
				return nil, &module.ArgError{Arg: 1, Err: fmt.Errorf("%d is not a port: 1 to 65535", a[1].Int)}
			}
		}
		return g, nil
	}
}

// proxyArg reads "proto:host:port" and flags; one number alone is flags.
func proxyArg(a []check.Arg) (any, error) {
	g := &goal{}
	for i := range a {
		if n, err := strconv.ParseInt(a[i].Str, 0, 32); err == nil {
			if n < 0 || n > 7 {
				return nil, &module.ArgError{Arg: i, Err: fmt.Errorf("flags are %d: want a sum of 1, 2 and 4", n)}
			}
			g.flags = int32(n)
			continue
		}
		to, err := parseProxy(a[i].Str)
		if err != nil {
			return nil, &module.ArgError{Arg: i, Err: err}
		}
		g.to = to
	}
	return g, nil
}

// parseProxy reads [proto:]host[:port].
func parseProxy(text string) (t module.Target, err error) {
	s := text
	if p, rest, ok := strings.Cut(s, ":"); ok {
		switch strings.ToLower(p) {
		case "udp":
			t.Proto, s = check.ProtoUDP, rest
		case "tcp", "tls", "sctp":
			return t, errors.New("only UDP is available yet")
		}
	}
	t.Host = s
	if i := strings.LastIndexByte(s, ':'); i >= 0 && i > strings.LastIndexByte(s, ']') {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n < 1 || n > 65535 {
			return t, errors.New("expected proto:host:port, the port from 1 to 65535")
		}
		t.Host, t.Port = s[:i], n
	}
	if t.Host = strings.Trim(t.Host, "[]"); t.Host == "" {
		return t, errors.New("expected proto:host:port")
	}
	t.IP, _ = netip.ParseAddr(t.Host)
	return t, nil
}

func goalIn(a *module.Args) goal {
	if g, ok := a.Fixed.(*goal); ok {
		return *g
	}
	return goal{}
}

func relayTo(s *state, c *module.Ctx, a *module.Args) int {
	g := goalIn(a)
	return s.relayDone(c, s.relay(c, g.to, g.flags))
}

func relayProxy(s *state, c *module.Ctx, a *module.Args) int { return relayTo(s, c, a) }

// relayDone notes that there is nothing left to do when the script ends.
func (s *state) relayDone(c *module.Ctx, r int) int {
	if r > 0 {
		c.Tx.Flags |= txDone
		c.Tx.SentURI, c.Tx.SentNext = c.Dest.URI, c.Dest.Next
	}
	return r
}

func relayURI(s *state, c *module.Ctx, a *module.Args) int {
	uri := a.Str(c, 0)
	if uri == "" {
		return c.Fail(-1, "t_relay_to_avp: there is no URI")
	}
	next := c.Dest.Next
	c.Dest.Next = c.Keep(uri)
	r := s.relay(c, module.Target{}, 0)
	c.Dest.Next = next
	return s.relayDone(c, r)
}

// forwardOnly is t_forward_nonack: t_newtran came before, and a failure is the
// script's to answer.
func forwardOnly(s *state, c *module.Ctx, a *module.Args) int {
	if c.Tx.Off == 0 {
		return c.Fail(-1, "t_forward_nonack: there is no transaction: call t_newtran first")
	}
	g := goalIn(a)
	r := s.relay(c, g.to, g.flags|relayQuiet|relayNo100)
	if r == errBadRURI {
		r = -1
	}
	return s.relayDone(c, r)
}

func replicate(s *state, c *module.Ctx, a *module.Args) int {
	next := c.Dest.Next
	if uri := a.Str(c, 0); uri != "" {
		c.Dest.Next = uri
	}
	r := s.replicate(c, module.Target{})
	c.Dest.Next = next
	return r
}

func replicateTo(s *state, c *module.Ctx, a *module.Args) int { return s.replicate(c, goalIn(a).to) }

// replicate forwards the request in a transaction whose replies go nowhere.
func (s *state) replicate(c *module.Ctx, to module.Target) int {
	if c.Tx.Off != 0 {
		return c.Fail(module.ErrScript, "t_replicate: the request has a transaction already")
	}
	c.Tx.Flags |= flNoReply
	return s.relayDone(c, s.relay(c, to, relayNo100|relayQuiet))
}
