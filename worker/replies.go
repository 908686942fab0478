package worker

import (
	"net/netip"

	"goser/sip"
	"goser/worker/module"
)

// reply takes a reply through the script and on to the next Via (RFC 3261
// §16.7, §16.11, §18.1.2).
func (w *Worker) reply(c *module.Ctx) {
	w.count.replies.Inc()
	top, err := c.SIP.Via(0)
	if err != nil {
		w.count.bad.Inc()
		return
	}
	if !w.runner.Reply(c) {
		w.count.dropped.Inc()
		return
	}
	if w.conf.checkVia && !w.mine.is(top.Host, top.Port, 0) && !w.advertised(top) {
		w.count.dropped.Inc()
		return
	}
	for _, h := range w.hooks.OnReply {
		if !h(c) {
			return
		}
	}
	if err := w.forwardReply(c); err != nil {
		w.count.dropped.Inc()
		if err == errDropped {
			return
		}
		w.complain(c.Recv.Time, "a reply is not sent on", "src", c.Recv.Src, "err", err)
	}
}

func (w *Worker) advertised(v *sip.Via) bool {
	return w.conf.advAddr != "" && sip.EqualFold(bareHost(v.Host), bareHost(w.conf.advAddr))
}

// errDropped is what the script wanted: nothing to complain about.
var errDropped error = &module.Error{Code: module.ErrAdmin, Msg: "dropped by onsend_route"}

// forwardReply strips the top Via and sends the reply where the next points.
func (w *Worker) forwardReply(c *module.Ctx) error {
	vias, err := c.SIP.Vias()
	if err != nil && len(vias) < 2 {
		return &module.Error{Code: module.ErrBadVia, Msg: "its Via is malformed: " + err.Error()}
	}
	if len(vias) < 2 {
		return &module.Error{Code: module.ErrBadVia, Msg: "it has no second Via: it was meant for us"}
	}
	own := 0
	for i := range vias {
		if w.mine.is(vias[i].Host, vias[i].Port, 0) {
			own++
		}
	}
	if own > w.conf.selfVias {
		return &module.Error{Code: module.ErrLoop, Msg: "more of its Vias are ours than max_self_vias"}
	}
	if !sip.EqualFold(vias[1].Transport, "UDP") {
		return &module.Error{Code: module.ErrProto, Msg: "its next Via is not UDP, the only transport there is yet"}
	}
	to, err := w.replyHop(c)
	if err != nil {
		return err
	}
	from := w.mine.pick(w.replySocket(c), to.Addr())
	if from == nil {
		return &module.Error{Code: module.ErrProto, Msg: "no listening socket of the destination's family"}
	}
	data := sip.AppendReplyForward(w.out.Begin(), &c.SIP, &c.Edits)
	if w.conf.sendReplies {
		c.Sent = module.SentInfo{Valid: true, To: to, From: from, Data: data}
		if !w.runner.Send(c) {
			return errDropped
		}
		if w.out.Moved(data) { // the route has sent something of its own
			data = sip.AppendReplyForward(w.out.Begin(), &c.SIP, &c.Edits)
		}
	}
	if err := w.queue(from, c.Recv.Dst.Addr(), to, data); err != nil {
		return err
	}
	w.count.forwardedReplies.Inc()
	return nil
}

// replyHop is where the second Via points: received and rport if they are
// there, else sent-by.
func (w *Worker) replyHop(c *module.Ctx) (netip.AddrPort, error) {
	next, err := c.SIP.Via(1)
	if err != nil {
		return netip.AddrPort{}, err
	}
	host, port := next.ReplyTo()
	addrs, err := w.resolve(c, hop{host: bareHost(host)}, module.Target{})
	if err != nil {
		return netip.AddrPort{}, err
	}
	if len(addrs) == 0 {
		return netip.AddrPort{}, &module.Error{Code: module.ErrBadAddr, Msg: "its next Via does not resolve"}
	}
	return netip.AddrPortFrom(addrs[0], uint16(port)), nil
}
