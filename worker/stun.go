package worker

import (
	"goser/worker/module"
	"goser/worker/stun"
)

// stun answers a binding request from the socket it came to. A source may be forged, so an answer is no
// larger than reply_amplification allows and there are no more than stun_rate_limit in a second.
func (w *Worker) stun(c *module.Ctx, data []byte) {
	out, err := stun.Answer(w.out.Begin(), data, c.Recv.Src, w.conf.stunAnswer, w.conf.amplification*len(data))
	if err != nil {
		w.count.stunRefused.Inc()
		return
	}
	if ok, _ := w.stunRate.Allow(w.now); !ok {
		w.count.stunRefused.Inc()
		return
	}
	if w.enqueue(c.Recv.Socket, c.Recv.Dst.Addr(), c.Recv.Src, out) == nil {
		w.count.stunAnswered.Inc()
	}
}
