package worker

import (
	"encoding/binary"
	"strings"
	"testing"

	"goser/worker/module"
	"goser/worker/stun"
)

// bind is a binding request of RFC 8489, and its 12 bytes of transaction id.
const bind = "\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl"

func stunRig(t *testing.T, change func(*settings)) *rig {
	return newRig(t, func(c *settings) {
		c.stun, c.stunAnswer = true, stun.Options{Fingerprint: true}
		if change != nil {
			change(c)
		}
	})
}

// raw gives the bytes as they are and returns what comes back.
func (r *rig) raw(data string) []string {
	r.t.Helper()
	if _, err := r.client.WriteToUDPAddrPort([]byte(data), r.addr); err != nil {
		r.t.Fatal(err)
	}
	r.step()
	return got(r.client)
}

func TestSTUN(t *testing.T) {
	r := stunRig(t, nil)
	answers := r.raw(bind)
	if len(answers) != 1 || !strings.HasPrefix(answers[0], "\x01\x01") || answers[0][8:20] != "abcdefghijkl" {
		t.Fatalf("got %q", answers)
	}
	port := binary.BigEndian.Uint16([]byte(answers[0][26:28])) ^ 0x2112
	if port != addrOf(r.client).Port() {
		t.Errorf("the address in %x is not the source", answers[0])
	}
	// SIP goes on beside it.
	r.s.request = func(c *module.Ctx) { _ = r.w.Reply(c, 200, "OK") }
	if got := r.ask(r.request("OPTIONS", "sip:a@b", "")); len(got) != 1 {
		t.Errorf("SIP got %q", got)
	}
}

// What nobody asked for, or would multiply, has no answer.
func TestSTUNBounds(t *testing.T) {
	off := func(c *settings) { c.stun = false }
	for _, c := range []struct {
		name, data string
		change     func(*settings)
	}{
		{"switched off", bind, off},
		{"a response", "\x01\x01" + bind[2:], nil},
		{"an indication", "\x00\x11" + bind[2:], nil},
		{"truncated", bind[:19], nil},
		{"amplification", bind, func(c *settings) { c.amplification = 1 }},
	} {
		if got := stunRig(t, c.change).raw(c.data); len(got) != 0 {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	r := stunRig(t, nil)
	r.w.stunRate.PerSecond = 2
	n := 0
	for range 10 {
		n += len(r.raw(bind))
	}
	if n > 4 { // two seconds at most
		t.Errorf("%d of 10 answered with stun_rate_limit=2", n)
	}
}
