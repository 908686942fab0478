package tm

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

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
		return c.Fail(module.ErrScript, "t_forward_nonack: there is no transaction: call t_newtran first")
	}
	g := goalIn(a)
	return s.relayDone(c, s.relay(c, g.to, g.flags|relayNoReply|relayNo100))
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
	return s.relayDone(c, s.relay(c, to, relayNo100|relayNoReply))
}
