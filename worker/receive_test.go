package worker

import (
	"strings"
	"testing"
	"time"

	"goser/worker/module"
)

// A worker that is behind leaves INVITEs to be sent again and does all else;
// as soon as it has caught up it takes them.
func TestBehind(t *testing.T) {
	r := newRig(t, nil)
	r.s.request = func(c *module.Ctx) { r.w.Reply(c, 200, "OK") }
	late := func() (invites int) {
		r.w.backlog.Behind(true, time.Now())
		for range 2 * r.w.conf.batch {
			r.give(r.request("INVITE", "sip:x@example.org", ""))
			r.give(r.request("OPTIONS", "sip:x@example.org", ""))
		}
		time.Sleep(200 * time.Millisecond)
		for range 4 {
			r.step()
		}
		answers := strings.Join(got(r.client), "")
		if n := strings.Count(answers, "7 OPTIONS"); n != 2*r.w.conf.batch {
			t.Fatalf("answered %d of %d OPTIONS", n, 2*r.w.conf.batch)
		}
		return strings.Count(answers, "7 INVITE")
	}
	for n := 1; late() != 0; n++ {
		if n == 20 { // the kernel begins to note times some time after it was asked to
			t.Fatal("INVITEs are answered although it is behind")
		}
	}
	r.give(r.request("INVITE", "sip:x@example.org", ""))
	r.step()
	if len(got(r.client)) != 1 {
		t.Error("no INVITE is taken after it has caught up")
	}
}
