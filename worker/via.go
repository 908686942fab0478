package worker

import (
	"crypto/md5"
	"encoding/binary"
	"net/netip"
	"strconv"

	"goser/sip"
	"goser/worker/module"
)

const cookie = "z9hG4bK"

// loopMark identifies where a request is about to go: it comes back the same
// only when the request has looped (RFC 3261 §16.6 step 8). The method is not
// in it: CANCEL and ACK must get the branch of their INVITE.
func (w *Worker) loopMark(c *module.Ctx, to netip.AddrPort) string {
	h := newHash(w.secret)
	h.str(c.RequestURI())
	h.str(c.SIP.CallID())
	a := to.Addr().As16()
	h.num(binary.LittleEndian.Uint64(a[:8]))
	h.num(binary.LittleEndian.Uint64(a[8:]))
	h.num(uint64(to.Port()))
	return c.Build(16, func(dst []byte) []byte { return h.hex(dst)[:len(dst)+8] })
}

// looped tells whether one of the Vias is ours with the same mark.
func (w *Worker) looped(c *module.Ctx, mark string) bool {
	vias, _ := c.SIP.Vias()
	for i := range vias {
		b := vias[i].Branch
		if len(b) > len(cookie)+len(mark) && b[len(b)-len(mark):] == mark &&
			w.mine.is(vias[i].Host, vias[i].Port, 0) {
			return true
		}
	}
	return false
}

// via builds our own Via.
//
// The branch of a stateless proxy must be the same for a retransmission (RFC
// 3261 §16.11): a keyed hash of the received branch and the transaction's ids.
// With syn_branch=0 it is an md5 over what the ids are made of, without a key,
// so that it survives a restart. KAMAILIO: 3.x wrote the constant "0" with
// syn_branch=1, which made every neighbour fall back to RFC 2543 matching.
func (w *Worker) via(c *module.Ctx, s *module.Socket, src netip.Addr, mark string) sip.OwnVia {
	var text string
	if !w.conf.synBranch {
		text = transactionText(c)
	}
	v := sip.OwnVia{
		Transport: "UDP",
		SentBy:    w.sentBy(c, s, src),
		Socket:    module.RecordSocket(s),
		Branch: c.Build(64, func(dst []byte) []byte {
			dst = append(dst, cookie...)
			if w.conf.synBranch {
				dst = w.quickBranch(dst, c)
			} else {
				dst = md5Branch(dst, text)
			}
			return append(append(dst, '.'), mark...)
		}),
	}
	c.FinishVia(&v)
	return v
}

func (w *Worker) quickBranch(dst []byte, c *module.Ctx) []byte {
	h := newHash(w.secret)
	if v, err := c.SIP.Via(0); err == nil {
		h.str(v.Branch)
		h.str(v.Host)
		h.num(uint64(v.Port))
	}
	h.str(c.SIP.CallID())
	if q, err := c.SIP.CSeq(); err == nil {
		h.num(uint64(q.Number))
	}
	if f, err := c.SIP.From(); err == nil {
		h.str(f.Tag)
	}
	h.str(c.SIP.RURI)
	return h.hex(dst)
}

// transactionText is what identifies a transaction (RFC 3261 §16.11).
func transactionText(c *module.Ctx) string {
	return c.Build(512, func(b []byte) []byte {
		for _, t := range [...]sip.HeaderType{sip.HdrFrom, sip.HdrCallID} {
			if h := c.SIP.First(t); h != nil {
				b = append(append(b, h.Body...), '\n')
			}
		}
		if q, err := c.SIP.CSeq(); err == nil {
			b = strconv.AppendUint(b, uint64(q.Number), 10)
		}
		if v, err := c.SIP.Via(0); err == nil {
			b = append(b, v.Branch...)
		}
		return append(b, c.SIP.RURI...)
	})
}

func md5Branch(dst []byte, text string) []byte {
	const digits = "0123456789abcdef"
	for _, x := range md5.Sum([]byte(text)) {
		dst = append(dst, digits[x>>4], digits[x&15])
	}
	return dst
}

// sentBy is host[:port] for Via: what the script or the configuration
// advertises, else the socket's address.
func (w *Worker) sentBy(c *module.Ctx, s *module.Socket, src netip.Addr) string {
	host, port := c.AdvertisedAddr, c.AdvertisedPort
	if host == "" {
		host = w.conf.advAddr
	}
	if port == 0 {
		port = w.conf.advPort
	}
	if host == "" && port == 0 && s.SentBy != "" {
		return s.SentBy
	}
	return c.Build(64, func(dst []byte) []byte { return appendSentBy(dst, host, port, s, src) })
}

func appendSentBy(dst []byte, host string, port int, s *module.Socket, src netip.Addr) []byte {
	switch {
	case host != "":
		dst = append(dst, host...)
	case src.Is6():
		dst = append(src.AppendTo(append(dst, '[')), ']')
	default:
		dst = src.AppendTo(dst)
	}
	if port == 0 {
		if port = int(s.Addr.Port()); port == defaultPort {
			return dst
		}
	}
	return strconv.AppendInt(append(dst, ':'), int64(port), 10)
}
