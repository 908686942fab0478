package worker

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goser/cfg/param"
	"goser/shm/kill"
	"goser/worker/module"
)

// heard lets a rig's events note what they see.
func heard(r *rig, saw *[]string, verdict func(c *module.Ctx, block string) (int, bool)) {
	r.s.blocks = []string{"core:msg-received", "core:receive-parse-error", "core:pre-routing", "core:worker-one-init"}
	r.s.run = func(c *module.Ctx, block string) (int, bool) {
		*saw = append(*saw, fmt.Sprintf("%s faked=%t request=%t %d", strings.TrimPrefix(block, "core:"), c.Faked, c.SIP.IsRequest, len(c.Datagram)))
		if c.Faked {
			if err := r.w.Reply(c, 200, "OK"); err == nil {
				r.t.Error("an event without a message was answered")
			}
			c.AVPs.Push("s:x", module.StrValue("kept"))
		}
		return verdict(c, block)
	}
	r.s.request = func(c *module.Ctx) {
		*saw = append(*saw, fmt.Sprintf("request faked=%t avps=%d", c.Faked, c.AVPs.Len()))
	}
	v := param.NewValues()
	v.SetInt(param.ReceivedRouteMode, 1)
	r.w.events = eventsOf(r.s, v)
}

func goOn(*module.Ctx, string) (int, bool) { return 1, false }

func TestReceivedRouteMode(t *testing.T) {
	r := newRig(t, nil)
	var saw []string
	heard(r, &saw, goOn)
	msg := r.request("OPTIONS", "sip:x@example.org", "")
	r.ask(msg)
	r.ask(strings.Repeat("this is no message ", 3))
	r.w.events = eventsOf(r.s, param.NewValues()) // received_route_mode=0
	r.ask(msg)
	want := fmt.Sprintf(`msg-received faked=true request=true %d
pre-routing faked=false request=true 0
request faked=false avps=1
msg-received faked=true request=true 61
receive-parse-error faked=false request=false 0
pre-routing faked=false request=true 0
request faked=false avps=0`, len(wire(msg)))
	if got := strings.Join(saw, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEventsDrop(t *testing.T) {
	for block, verdict := range map[string]struct {
		value   int
		dropped bool
		reaches bool
	}{
		"core:msg-received dropped": {0, true, false}, "core:msg-received -1": {-1, false, false}, "core:msg-received 0": {0, false, true},
		"core:pre-routing dropped": {0, true, false}, "core:pre-routing -1": {-1, false, true},
	} {
		r := newRig(t, nil)
		var saw []string
		heard(r, &saw, func(_ *module.Ctx, b string) (int, bool) {
			if strings.HasPrefix(block, b) {
				return verdict.value, verdict.dropped
			}
			return 1, false
		})
		r.ask(r.request("OPTIONS", "sip:x@example.org", ""))
		if got := strings.Contains(strings.Join(saw, "\n"), "request faked=false avps"); got != verdict.reaches {
			t.Errorf("%s: the request reached its route: %t", block, got)
		}
	}
}

// TestFirstWorker: once in the life of the server, whoever is the first worker.
func TestFirstWorker(t *testing.T) {
	r := newRig(t, nil)
	var saw []string
	heard(r, &saw, goOn)
	r.w.firstWorker(r.f)
	if len(saw) != 0 {
		t.Errorf("a worker that is not the first ran it: %q", saw)
	}
	r.w.birth.Rank = 1
	r.w.firstWorker(r.f)
	r.w.firstWorker(r.f) // its successor
	if len(saw) != 1 || saw[0] != "worker-one-init faked=true request=true 0" {
		t.Errorf("got %q", saw)
	}
}

// TestFirstWorkerDies: a successor runs the block, and what has killed two of them is left alone. The clock is that of now,
// though nothing has been received.
func TestFirstWorkerDies(t *testing.T) {
	for deaths, runs := range []int{1, 1, 0} {
		r := newRig(t, nil)
		var saw []string
		heard(r, &saw, func(c *module.Ctx, _ string) (int, bool) {
			if d := time.Since(c.Recv.Time); d < 0 || d > time.Minute {
				t.Errorf("it was %v ago", d)
			}
			return 1, false
		})
		r.w.birth.Rank = 1
		for range deaths {
			if at := kill.Try("worker.first", 1, func() { r.w.firstWorker(r.f) }); at != "worker.first" {
				t.Fatalf("died at %q", at)
			}
		}
		r.w.now = time.Time{}
		r.w.firstWorker(r.f)
		if len(saw) != runs {
			t.Errorf("%d deaths: %q", deaths, saw)
		}
	}
}
