package worker

import (
	"testing"

	"goser/worker/inflight"
	"goser/worker/module"
)

// benchHandle measures the hallway without the kernel: parse, check, route,
// build, queue.
func benchHandle(b *testing.B, method string, route func(*rig, *module.Ctx)) {
	r := newRig(b, nil)
	r.s.request = func(c *module.Ctx) { route(r, c) }
	r.give(r.request(method, "sip:x@example.org", "", "Max-Forwards: 70", "User-Agent: bench", "Contact: <sip:a@192.0.2.1:5060>"))
	r.w.baton.Lock()
	r.receive()
	s := r.w.pending[0]
	b.ReportAllocs()
	for b.Loop() {
		s.Set(inflight.Running)
		r.f.slot, r.w.turn = s, r.f
		r.w.handle(&r.f.ctx, s)
		s.Set(inflight.Done)
		r.w.out.Discard()
	}
}

func BenchmarkReply(b *testing.B) {
	benchHandle(b, "OPTIONS", func(r *rig, c *module.Ctx) { r.w.Reply(c, 200, "OK") })
}

func BenchmarkForward(b *testing.B) {
	benchHandle(b, "MESSAGE", func(r *rig, c *module.Ctx) {
		r.w.Forward(c, module.Target{Host: "127.0.0.1", IP: r.addr.Addr(), Port: 9})
	})
}
