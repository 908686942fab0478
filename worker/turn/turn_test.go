package turn

import (
	"testing"
	"time"

	"goser/shm"
)

// A standby takes over from the dead as soon as the supervisor has seen it.
func TestDeathWakesStandby(t *testing.T) {
	x := open(t, 1)
	x[0].Take()
	got := make(chan bool)
	go func() {
		for !x[1].Take() {
			x[1].Park()
		}
		got <- true
	}()
	time.Sleep(20 * time.Millisecond)
	x[1].a.MarkDead(0)
	select {
	case <-got:
	case <-time.After(nap / 2):
		t.Error("the standby sleeps on")
	}
}

func open(t *testing.T, n int) []*Turns {
	t.Helper()
	a, err := shm.NewHeap(4 << 20)
	if err != nil {
		t.Fatal(err)
	}
	var out []*Turns
	for slot := range 3 {
		p, err := a.Enter(slot, 1, slot)
		if err != nil {
			t.Fatal(err)
		}
		x, err := Open(p, 0, n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

func TestOneHolder(t *testing.T) {
	x := open(t, 1)
	if !x[0].Take() || x[1].Take() || x[2].Take() {
		t.Fatal("one token, and not exactly the first one has it")
	}
	if !x[0].Take() {
		t.Error("a successor in the same row does not get its predecessor's token")
	}
	x[0].Release()
	if x[0].Keep() || !x[1].Take() || x[2].Take() {
		t.Error("a released token must go to exactly one other")
	}
}

func TestReleaseWakesStandby(t *testing.T) {
	x := open(t, 1)
	x[0].Take()
	got := make(chan bool)
	go func() {
		for !x[1].Take() {
			x[1].Park()
		}
		got <- true
	}()
	time.Sleep(20 * time.Millisecond)
	x[0].Release()
	select {
	case <-got:
	case <-time.After(nap / 2):
		t.Error("the standby sleeps on")
	}
}

// Only a holder that makes no progress while datagrams wait loses its token.
func TestWatch(t *testing.T) {
	x := open(t, 2)
	x[0].Take()
	x[1].Take()
	watch := x[2]
	for range 10 {
		if watch.Watch(false) != 0 {
			t.Fatal("an idle holder lost its token")
		}
	}
	for range 10 {
		x[0].Keep()
		x[1].Keep()
		if watch.Watch(true) != 0 {
			t.Fatal("a busy holder lost its token")
		}
	}
	taken := 0
	for range patience {
		x[1].Keep()
		taken += watch.Watch(true)
	}
	if taken != 1 || x[0].Keep() || !x[1].Keep() {
		t.Errorf("%d tokens taken; the stuck one must lose its own, the other not", taken)
	}
	if !x[2].Take() {
		t.Error("the token that was taken away is not free")
	}
}
