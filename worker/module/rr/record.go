package rr

import (
	"strings"

	"goser/sip"
	"goser/worker/module"
)

const (
	errTwice  = "the request has its Record-Route already"
	errParam  = "the parameter cannot stand in a URI: it has a space, quote, comma, ?, angle bracket or line end, or is longer than 1024 bytes"
	errHost   = "the address cannot stand in a URI: expected host[:port][;parameters]"
	errNotURI = "the Request-URI is malformed"
)

// maxParams bounds the parameters of one Record-Route, in bytes.
const maxParams = 1024

// recordRoute adds the entry for the socket that the request came in by, and,
// when the message is built, one for the socket that it leaves by.
func recordRoute(c *module.Ctx, a *module.Args) int {
	extra, ok := rrParams(c, a.Given(c, 0))
	if !ok {
		return c.Fail(module.ErrUnspec, errParam)
	}
	host := socketHost(c)
	return record(c, host, sip.RecordRoute{
		Socket: module.RecordSocket(c.Recv.Socket), Double: sip.Double(double),
		Params: c.Concat(lr(), fromTag(c), extra, c.RR.Queue),
	})
}

// recordRouteAdvertised: the address is the operator's, whatever the socket.
func recordRouteAdvertised(c *module.Ctx, a *module.Args) int {
	host := a.Str(c, 0)
	if !clean(host) || host == "" {
		return c.Fail(module.ErrUnspec, errHost)
	}
	mode := sip.DoubleTransport
	if double == 0 || strings.IndexByte(host, ';') >= 0 { // it has its transport
		mode = sip.DoubleNever
	} else {
		host = c.Concat(host, transport(c.Recv.Proto))
	}
	return record(c, host, sip.RecordRoute{Double: mode, Params: c.Concat(fromTag(c), c.RR.Queue, lr())})
}

// recordRoutePreset writes the addresses as given. Two make a pair.
//
// KAMAILIO: 5.6.3 does not mark the pair with r2=on, so that the answer of the
// dialog passes through the server twice.
func recordRoutePreset(c *module.Ctx, a *module.Args) int {
	mark := ""
	if a.N > 1 {
		mark = twin
	}
	tail := c.Concat(mark, fromTag(c), c.RR.Queue, lr())
	for i := range a.N {
		if host := a.Str(c, i); !clean(host) || host == "" {
			return c.Fail(module.ErrUnspec, errHost)
		}
	}
	if c.RR.Recorded {
		return c.Fail(module.ErrUnspec, errTwice)
	}
	for i := range a.N {
		c.RR.Recorded = false
		if rc := record(c, a.Str(c, i), sip.RecordRoute{Params: tail}); rc < 0 {
			return rc
		}
	}
	return 1
}

const twin = ";r2=on"

// record makes the edit. Once for a request, and once for each branch.
func record(c *module.Ctx, host string, r sip.RecordRoute) int {
	if c.RR.Recorded {
		return c.Fail(module.ErrUnspec, errTwice)
	}
	before, ok := lineStart(c)
	if !ok {
		return c.Fail(module.ErrUnspec, errNotURI)
	}
	r.Line, r.Host = c.Concat(before, host), len(before)
	id := c.Edits.InsertRecordRoute(c.SIP.HeadersStart(), r)
	s := &c.RR
	i := 0
	if s.Lines[0] != 0 {
		i = 1
	}
	s.Lines[i], s.Recorded, s.Record = id, true, r.Params
	return 1
}

// addParam extends the Record-Route made already; else it waits for it.
func addParam(c *module.Ctx, a *module.Args) int {
	p, ok := rrParams(c, a.Given(c, 0))
	s := &c.RR
	if !ok || len(p)+len(s.Queue)+len(s.Record) > maxParams {
		return c.Fail(module.ErrUnspec, errParam)
	}
	if !s.Recorded {
		s.Queue = c.Concat(s.Queue, p)
		return 1
	}
	s.Record = c.Concat(s.Record, p)
	for _, id := range s.Lines {
		c.Edits.SetRecordParams(id, s.Record)
	}
	return 1
}

// removeRecordRoute takes back what this request got. It has had its
// Record-Route then: another one fails, as it does in 5.6.3.
func removeRecordRoute(c *module.Ctx, _ *module.Args) int {
	for _, id := range c.RR.Lines {
		c.Edits.DropRecordRoute(id)
	}
	c.RR.Lines, c.RR.Record = [2]sip.EditID{}, ""
	return 1
}
