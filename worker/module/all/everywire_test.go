package all

import (
	"fmt"
	"net/netip"
	"runtime/debug"

	"goser/worker/module"
)

// shown runs one of them on a datagram as event_route[network:msg] sees it: there is no message, and where it leaves
// nobody has sent it to us.
func (e *everything) shown(n int, raw string, way module.Wire) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s\n%v\n%s\nway %d, %d bytes: %.1500q", e.tried[n], r, debug.Stack(), way, len(raw), raw)
		}
	}()
	c := &e.ctx
	c.Reset()
	c.SIP.Opaque(raw)
	e.env.Arrive(c)
	c.Wire, c.Datagram = way, raw
	if way == module.WireOut {
		s := e.env.Listening[0]
		c.Datagram = ""
		c.Recv = module.Received{Dst: s.Addr, Socket: s, Proto: s.Proto, Number: c.Recv.Number}
		c.Sent = module.SentInfo{Valid: true, To: netip.MustParseAddrPort("127.0.0.1:5070"), From: s, Data: []byte(raw)}
	}
	e.engine.Run(c, e.index[n])
	module.Lookup("cfgutils").AfterRequest(c) // gives its locks back
	return nil
}
