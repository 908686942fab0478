package worker

import (
	"net/netip"
	"strconv"

	"goser/sip"
	"goser/worker/module"
)

// Reply implements module.Env: a stateless reply (RFC 3261 §8.2.6).
func (w *Worker) Reply(c *module.Ctx, code int, reason string) error {
	switch {
	case c.Faked:
		return errFaked
	case !c.SIP.IsRequest:
		return &module.Error{Code: module.ErrScript, Msg: "a reply cannot be answered"}
	case c.SIP.Method == sip.MethodAck:
		return &module.Error{Code: module.ErrScript, Msg: "an ACK is never answered (RFC 3261 §17)"}
	case code < 100 || code > 699:
		return &module.Error{Code: module.ErrScript, Msg: "status " + strconv.Itoa(code) + " is outside 100 to 699"}
	case c.Replied != 0:
		return &module.Error{Code: module.ErrScript, Msg: "the request has its final answer already: " + strconv.Itoa(c.Replied)}
	}
	to, err := w.replyTo(c)
	if err != nil {
		return err
	}
	r := sip.Reply{
		Code: code, Reason: reason, Fix: w.viaFix(c), ServerLine: w.conf.server,
		Headers: c.Concat(c.ReplyHeaders...), Body: c.ReplyBody, ContentType: c.ReplyType,
		RecordRoute: code > 100 && code < 300, // RFC 3261 §12.1.1
	}
	if code > 100 {
		r.ToTag = w.LocalTag(c)
	}
	if w.conf.warning {
		r.Headers = c.Concat(r.Headers, w.warning(c))
	}
	data := w.fitReply(c, &r)
	if data == nil {
		w.count.amplified.Inc()
		return &module.Error{Code: module.ErrSend, Msg: "the reply would be more than reply_amplification times the request"}
	}
	if err := w.queue(w.mine.pick(w.replySocket(c), to.Addr()), c.Recv.Dst.Addr(), to, data); err != nil {
		return err
	}
	if code >= 200 {
		c.Replied = code
	}
	w.count.replied.Inc()
	return nil
}

// fitReply builds the reply; one that is too large to send to somebody who has
// not shown who they are loses what is optional, bit by bit. nil: still too
// large.
func (w *Worker) fitReply(c *module.Ctx, r *sip.Reply) []byte {
	limit := w.conf.amplification * len(c.SIP.Raw)
	data := sip.AppendReply(w.out.Begin(), &c.SIP, r)
	if len(data) <= limit {
		return data
	}
	if w.conf.warning {
		r.Headers = c.Concat(c.ReplyHeaders...)
	}
	r.ServerLine = ""
	if data = sip.AppendReply(w.out.Begin(), &c.SIP, r); len(data) <= limit {
		return data
	}
	r.Reason = ""
	if data = sip.AppendReply(w.out.Begin(), &c.SIP, r); len(data) <= limit {
		return data
	}
	return nil
}

// replySocket is the socket replies leave by: the one the request came in on.
func (w *Worker) replySocket(c *module.Ctx) *module.Socket {
	if c.Dest.Socket != nil {
		return c.Dest.Socket
	}
	return c.Recv.Socket
}

// replyTo is where a local reply goes: the source address with the port of
// the top Via, the source port if rport asks for it (RFC 3261 §18.2.2, RFC
// 3581 §4), or the Via's own host with reply_to_via. maddr is not followed: it
// would let a stranger aim our answers.
func (w *Worker) replyTo(c *module.Ctx) (netip.AddrPort, error) {
	// Parameters that cannot be read leave the sent-by, and a 400 its way.
	via, _ := c.SIP.Via(0)
	if via.Host == "" {
		return netip.AddrPort{}, &module.Error{Code: module.ErrBadVia, Msg: "the request has no usable Via"}
	}
	symmetric := via.HasRport || c.ForceRport || w.conf.forceRport
	port := via.Port
	switch {
	case symmetric:
		port = int(c.Recv.Src.Port())
	case port == 0:
		port = defaultPort
	}
	addr := c.Recv.Src.Addr()
	if w.conf.replyToVia {
		if addrs, err := w.Lookup(c, bareHost(via.Host)); err == nil && len(addrs) > 0 {
			addr = addrs[0]
		}
	}
	return netip.AddrPortFrom(addr, uint16(port)), nil
}

// viaFix is what has to be noted in the top Via of a request.
func (w *Worker) viaFix(c *module.Ctx) sip.ViaFix {
	via, _ := c.SIP.Via(0)
	if via.Host == "" {
		return sip.ViaFix{}
	}
	fix := via.Fix(c.Recv.SrcIP, int(c.Recv.Src.Port()), c.ForceRport || w.conf.forceRport)
	if c.ViaKnown && fix.Rport == 0 && via.Received == "" {
		fix.Received = ""
	}
	return fix
}

func bareHost(h string) string {
	if len(h) > 2 && h[0] == '[' && h[len(h)-1] == ']' {
		return h[1 : len(h)-1]
	}
	return h
}

// LocalTag implements module.Env: a keyed hash of what a retransmission and
// the ACK to a negative reply share with the request (RFC 3261 §8.2.7,
// §17.1.1.3), and of the address that it came from: whoever knows the tag has
// received what was sent there.
func (w *Worker) LocalTag(c *module.Ctx) string {
	var from string
	if f, err := c.SIP.From(); err == nil {
		from = f.Tag
	}
	h := newHash(w.secret)
	if via, err := c.SIP.Via(0); err == nil {
		h.str(via.Branch)
		h.str(via.Host)
	}
	h.str(c.Recv.SrcIP)
	h.str(c.SIP.CallID())
	h.str(from)
	if cseq, err := c.SIP.CSeq(); err == nil {
		h.num(uint64(cseq.Number))
	}
	return c.Build(40, func(dst []byte) []byte {
		dst = h.hex(dst)
		dst = append(dst, '.')
		h.num(1)
		return h.hex(dst)[:len(dst)+8]
	})
}

// warning is the header of sip_warning.
func (w *Worker) warning(c *module.Ctx) string {
	vias, _ := c.SIP.Vias()
	return c.Build(256, func(b []byte) []byte {
		b = append(b, "Warning: 392 "...)
		b = c.Recv.Dst.AppendTo(b)
		b = append(b, ` "Noisy feedback tells: pid=`...)
		b = strconv.AppendInt(b, int64(w.pid), 10)
		b = append(append(b, " req_src_ip="...), c.Recv.SrcIP...)
		b = append(b, " req_src_port="...)
		b = strconv.AppendInt(b, int64(c.Recv.Src.Port()), 10)
		b = append(append(b, " in_uri="...), quotable(c.SIP.RURI)...)
		b = append(append(b, " out_uri="...), quotable(c.RequestURI())...)
		b = append(b, " via_cnt=="...)
		b = strconv.AppendInt(b, int64(len(vias)), 10)
		return append(b, "\"\r\n"...)
	})
}

// quotable leaves out a text that would break out of a quoted string.
func quotable(s string) string {
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' || s[i] < ' ' || s[i] == 0x7f {
			return "-"
		}
	}
	return s
}
