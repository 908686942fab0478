package worker

import (
	"net/netip"

	"goser/worker/module"
)

// SendRaw implements module.Env: the received bytes, in an onsend_route those
// about to leave, go to another place as they are.
func (w *Worker) SendRaw(c *module.Ctx, t module.Target) error {
	h, err := w.nextHop(c, t)
	if err != nil {
		return err
	}
	addrs, err := w.resolve(c, h, t)
	if err != nil {
		return err
	}
	if len(addrs) == 0 {
		return &module.Error{Code: module.ErrBadAddr, Msg: "send: the host has no address"}
	}
	to := netip.AddrPortFrom(addrs[0], uint16(h.port))
	from, src := w.source(c, to)
	if from == nil {
		return &module.Error{Code: module.ErrProto, Msg: "send: no listening socket of the destination's family"}
	}
	data := c.Sent.Data
	if !c.Sent.Valid {
		data = append(w.out.Begin(), c.SIP.Raw...)
	}
	return w.enqueue(from, src, to, data)
}
