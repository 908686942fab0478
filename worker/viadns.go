package worker

import (
	"slices"

	"goser/sip"
	"goser/worker/module"
)

// knowVia asks the name server whether the name in the top Via is one of the source's: then it needs no
// received parameter (dns, rev_dns). While half of the places for waiting messages are taken it does not
// ask: a received too many harms nobody.
func (w *Worker) knowVia(c *module.Ctx) {
	via, _ := c.SIP.Via(0)
	host := bareHost(via.Host)
	if _, literal := parseIP(host); literal || host == "" {
		return
	}
	free := func() bool { return 2*w.waiting < w.conf.maxWaiting }
	if w.conf.viaDNS && free() {
		addrs, err := w.Lookup(c, host)
		c.ViaKnown = err == nil && slices.Contains(addrs, c.Recv.Src.Addr().Unmap())
	}
	if w.conf.viaRevDNS && !c.ViaKnown && free() {
		c.ViaKnown = slices.ContainsFunc(w.ReverseLookup(c, c.Recv.Src.Addr()), func(n string) bool { return sip.EqualFold(n, host) })
	}
}
