package worker

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"goser/worker/inflight"
	"goser/worker/module"
)

// run starts the real loop, until the end of the test.
func (r *rig) run() { go r.w.follow(r.f) }

// end ends the loop, if one runs, before the socket is closed, whose number
// the next test gets.
func (r *rig) end() {
	gone := make(chan struct{})
	r.w.baton.Lock()
	r.w.quit = gone
	runs := r.w.loops > 0
	r.w.baton.Unlock()
	if !runs {
		return
	}
	r.client.WriteToUDPAddrPort([]byte("wake up"), r.addr)
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		r.t.Error("the loop does not end")
	}
}

// A loop that sleeps in the kernel with its place in the scheduler must not
// keep the garbage collector waiting: the runtime's signal gets it out.
func TestSleepingLoopYields(t *testing.T) {
	r := newRig(t, nil)
	r.s.request = func(c *module.Ctx) { r.w.Reply(c, 200, "OK") }
	r.run()
	for range 3 {
		r.give(r.request("OPTIONS", "sip:x@example.org", "")) // busy: the next receive holds its place
		if len(await(r.client, 1)) != 1 {
			t.Fatal("no answer")
		}
		done := make(chan struct{})
		go func() { runtime.GC(); close(done) }()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatal("the world cannot be stopped")
		}
	}
}

// waiting returns once n messages wait.
func (r *rig) waiting(n int) {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		r.w.baton.Lock()
		now := r.w.waiting
		r.w.baton.Unlock()
		if now == n {
			return
		}
	}
	r.t.Fatalf("never %d messages wait", n)
}

// A function that sleeps delays its own message only.
func TestNothingBlocks(t *testing.T) {
	r := newRig(t, func(c *settings) { c.maxWaiting = 2 })
	release := make(chan struct{})
	var waited [3]string
	r.s.request = func(c *module.Ctx) {
		if strings.Contains(c.RequestURI(), "slow") {
			c.Vars.Set(0, module.StrValue(c.RequestURI()))
			if r.w.Wait(c, func() { <-release }) == nil {
				waited[0] = c.Vars.Get(0).Str + " " + c.SIP.RURI
			} else {
				return
			}
		}
		c.Vars.Set(0, module.StrValue("fast"))
		r.w.Reply(c, 200, "OK")
	}
	r.run()
	r.give(r.request("OPTIONS", "sip:slow1@example.org", ""))
	for i := range 50 {
		r.give(r.request("OPTIONS", "sip:fast@example.org", ""))
		if n := len(await(r.client, 1)); n != 1 {
			t.Fatalf("message %d behind one that waits: %d answers", i, n)
		}
	}
	r.give(r.request("OPTIONS", "sip:slow2@example.org", ""))
	r.waiting(2)
	r.give(r.request("OPTIONS", "sip:slow3@example.org", ""))
	if m := await(r.client, 1); len(m) != 1 || !strings.HasPrefix(m[0], "SIP/2.0 503") {
		t.Errorf("one more than max_waiting: %q", m)
	}
	close(release)
	if n := len(await(r.client, 2)); n != 2 {
		t.Errorf("%d of the 2 that waited were answered", n)
	}
	r.waiting(0)
	if a, b, _ := strings.Cut(waited[0], " "); a != b {
		t.Errorf("a script that waited finds $var %q of another message (its own: %q)", a, b)
	}
	r.w.baton.Lock()
	defer r.w.baton.Unlock()
	if r.w.waiting != 0 || r.w.region.Free() != 2+2*4 {
		t.Errorf("%d wait, %d slots are free: a leak", r.w.waiting, r.w.region.Free())
	}
}

// What a dead worker left is finished by the next; what has killed twice is
// kept in a file and dropped.
func TestSuccessor(t *testing.T) {
	r := newRig(t, nil)
	r.s.request = func(c *module.Ctx) { r.w.Reply(c, 200, "OK") }
	for _, u := range []string{"sip:killer@example.org", "sip:innocent@example.org", "sip:once@example.org"} {
		r.give(r.request("OPTIONS", u, ""))
	}
	w := r.w
	r.receive()
	if len(w.pending) != 3 {
		t.Fatalf("%d pending", len(w.pending))
	}
	w.pending[0].Set(inflight.Running)
	w.pending[0].Word = uint32(inflight.Running) | 2<<8 // dies in it for the second time
	w.pending[2].Set(inflight.Running)                  // and another one, for the first time
	w.pending = nil
	w.recoverInflight()
	w.baton.Lock()
	w.drain(r.f)
	w.baton.Unlock()
	if n := len(got(r.client)); n != 2 {
		t.Errorf("%d answers, want those of the innocent and of the one that killed once", n)
	}
	files, _ := os.ReadDir(w.conf.quarantineDir)
	if len(files) != 1 {
		t.Fatalf("%d files in quarantine", len(files))
	}
	data, _ := os.ReadFile(w.conf.quarantineDir + "/" + files[0].Name())
	if !strings.Contains(string(data), "sip:killer@example.org") {
		t.Errorf("quarantined: %q", data)
	}
	if w.region.Free() != w.conf.maxWaiting+2*w.conf.batch {
		t.Error("slots are lost")
	}
}

func TestQuarantineIsBounded(t *testing.T) {
	dir := t.TempDir()
	for range maxQuarantined {
		f, err := os.CreateTemp(dir, "old")
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	if err := writeNew(dir, "one-more", []byte("x")); err == nil {
		t.Error("the quarantine grows without end")
	}
}

// One more than max_waiting is answered with 503 and does not wait.
func TestMaxWaiting(t *testing.T) {
	r := newRig(t, func(s *settings) { s.maxWaiting = 2 })
	release := make(chan struct{})
	r.s.request = func(c *module.Ctx) {
		if r.w.Wait(c, func() { <-release }) == nil {
			_ = r.w.Reply(c, 200, "OK")
		}
	}
	go r.w.follow(r.f)
	for range 3 {
		r.give(r.request("OPTIONS", "sip:a@b", ""))
	}
	if first := await(r.client, 1); len(first) != 1 || !strings.HasPrefix(first[0], "SIP/2.0 503") {
		t.Errorf("the third got %q", first)
	}
	close(release)
	for _, m := range await(r.client, 2) {
		if !strings.HasPrefix(m, "SIP/2.0 200") {
			t.Errorf("one that may wait got %q", m)
		}
	}
}

// Where what is waited for comes promptly, many at once are not refused: they lack the processor, not an answer.
func TestCrowdIsServed(t *testing.T) {
	r := newRig(t, func(s *settings) { s.maxWaiting = 2 })
	r.s.request = func(c *module.Ctx) {
		for range 3 {
			if r.w.Wait(c, func() { time.Sleep(200 * time.Microsecond) }) != nil {
				return
			}
		}
		_ = r.w.Reply(c, 200, "OK")
	}
	go r.w.follow(r.f)
	const n = 40
	refused := n
	for try := 0; try < 5 && refused > n/4; try++ { // a machine that has no time for this test refuses some
		for range n {
			r.give(r.request("OPTIONS", "sip:a@b", ""))
		}
		refused = 0
		for _, m := range await(r.client, n) {
			if !strings.HasPrefix(m, "SIP/2.0 200") {
				refused++
			}
		}
	}
	if refused > n/4 {
		t.Errorf("%d of %d were refused", refused, n)
	}
}
