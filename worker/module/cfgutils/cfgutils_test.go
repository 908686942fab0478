package cfgutils

import (
	"testing"
	"time"

	"goser/cfg/check"
	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

// world is one arena with two processes.
func world(t testing.TB) (a *shm.Arena, one, two *moduletest.Env) {
	t.Helper()
	a, err := shm.NewHeap(16 << 20)
	if err != nil {
		t.Fatal(err)
	}
	lockSetSize, initialFlags, holdings = 4, 5, nil
	t.Cleanup(func() { lockSetSize, initialFlags = 0, 0 })
	one, two = seat(t, a, 1), seat(t, a, 2)
	for _, e := range []*moduletest.Env{one, two} {
		if err := start(e); err != nil {
			t.Fatal(err)
		}
	}
	return a, one, two
}

func seat(t testing.TB, a *shm.Arena, slot int) *moduletest.Env {
	t.Helper()
	p, err := a.Enter(slot, 1, slot)
	if err != nil {
		t.Fatal(err)
	}
	e := moduletest.New(t)
	e.Seat(p)
	return e
}

func call(t testing.TB, c *module.Ctx, name string, texts ...string) int {
	t.Helper()
	return moduletest.Call(t, c, functions(), name, texts...)
}

func TestLocks(t *testing.T) {
	a, one, two := world(t)
	x, y := one.Request(moduletest.Options), two.Request(moduletest.Options)
	for _, name := range []string{"lock", "lock"} {
		if call(t, x, name, "k") != 1 {
			t.Error("a lock that is free, or mine: " + name)
		}
	}
	if call(t, x, "trylock", "k") != -1 {
		t.Error("trylock of what the message has")
	}
	if call(t, y, "trylock", "k") != -1 {
		t.Error("another process got a lock that is taken")
	}
	other := one.Request(moduletest.Options)
	other.Recv.Number = 2
	if call(t, other, "trylock", "k") != -1 {
		t.Error("another message of the same process got it")
	}
	if call(t, y, "unlock", "k") != 1 || call(t, y, "trylock", "k") != -1 {
		t.Error("unlock by somebody else")
	}
	// lock waits with the loop handed on, and gets it when it is given back.
	two.OnWait = func() { call(t, x, "unlock", "k") }
	if call(t, y, "lock", "k") != 1 || two.Waits != 1 {
		t.Errorf("%d waits", two.Waits)
	}
	releaseAll(y)
	if call(t, x, "trylock", "k") != 1 || len(holdings) != 1 {
		t.Error("a script that ended kept its lock")
	}
	// What an earlier message in the same place has forgotten is free.
	x.Recv.Number++
	if call(t, x, "lock", "other") != 1 || call(t, y, "trylock", "k") != 1 {
		t.Error("a lock of a message that is over stays taken")
	}
	releaseAll(y)
	afterReply(x)
	for i := range locks {
		if locks[i] != 0 {
			t.Errorf("lock %d is taken: %x", i, locks[i])
		}
	}
	if err := shm.Check(a); err != nil {
		t.Error(err)
	}
}

// A process dies at each point; the lock is another's at once.
func TestOwnerDies(t *testing.T) {
	for _, point := range []string{"cfgutils.lock.free", "cfgutils.lock.taken", "cfgutils.unlock", ""} {
		a, one, two := world(t)
		x := one.Request(moduletest.Options)
		if at := kill.Try(point, 1, func() {
			call(t, x, "lock", "k")
			call(t, x, "unlock", "k")
			if point == "" {
				call(t, x, "lock", "k")
			}
		}); at != point && point != "" {
			t.Fatalf("died at %q, not at %q", at, point)
		}
		a.MarkDead(1)
		holdings = nil // they were its memory
		if call(t, two.Request(moduletest.Options), "trylock", "k") != 1 {
			t.Errorf("%q: the lock of the dead stays taken", point)
		}
		if err := shm.Check(a); err != nil {
			t.Errorf("%q: %v", point, err)
		}
	}
}

func TestShared(t *testing.T) {
	_, one, two := world(t)
	x, y := one.Request(moduletest.Options), two.Request(moduletest.Options)
	number := func(n int32) *module.Args {
		a := new(module.Args)
		a.Init(make([]check.Arg, 1), nil, nil)
		a.Set(0, module.IntValue(n))
		return a
	}
	if getProb(x, nil) != 10 || setProb(x, number(100)) != 1 || getProb(y, nil) != 100 || event(y, nil) != 1 {
		t.Error("the probability is not shared")
	}
	if setProb(x, number(101)) != -1 || setProb(x, number(-1)) != -1 || getProb(x, nil) != 100 {
		t.Error("bad probabilities")
	}
	if setProb(x, number(0)); event(x, nil) != -1 {
		t.Error("an event of probability 0")
	}
	if resetProb(x, nil); getProb(y, nil) != 10 {
		t.Error("reset")
	}
	if call(t, x, "is_gflag", "0") != 1 || call(t, x, "is_gflag", "1") != -1 || call(t, x, "is_gflag", "2") != 1 {
		t.Error("initial_gflags")
	}
	call(t, x, "set_gflag", "31")
	call(t, x, "reset_gflag", "0")
	if call(t, y, "is_gflag", "31") != 1 || call(t, y, "is_gflag", "0") != -1 {
		t.Error("global flags are not shared")
	}
	for _, bad := range []string{"32", "-1", "x", ""} {
		if _, err := fixFlag([]check.Arg{{Const: true, Str: bad}}); err == nil {
			t.Errorf("flag %q was taken", bad)
		}
	}
}

func TestNap(t *testing.T) {
	_, one, _ := world(t)
	c, a := one.Request(moduletest.Options), new(module.Args)
	a.Init(make([]check.Arg, 1), nil, nil)
	a.Set(0, module.IntValue(2000))
	before := time.Now()
	if nap(1)(c, a) != 1 || one.Waits != 1 || time.Since(before) < 2*time.Millisecond {
		t.Errorf("%d waits, %v", one.Waits, time.Since(before))
	}
	a.Set(0, module.IntValue(-1))
	if nap(1e6)(c, a) != 1 || one.Waits != 1 {
		t.Error("a negative time")
	}
}

func TestWithoutLocks(t *testing.T) {
	if _, err := fixLock(nil); err == nil {
		t.Error("locks without lock_set_size")
	}
	to := int32(7)
	for _, n := range []int32{-1, maxLockBits + 1} {
		if module.Within("x", &to, 0, maxLockBits)(module.IntValue(n)) == nil || to != 7 {
			t.Errorf("%d was taken", n)
		}
	}
	if module.Within("x", &to, 0, maxLockBits)(module.IntValue(maxLockBits)) != nil || to != maxLockBits {
		t.Error("the highest was refused")
	}
}

func TestStatus(t *testing.T) {
	_, one, _ := world(t)
	c := one.Request(moduletest.Options)
	if pkgStatus(c, nil) != 1 || shmStatus(c, nil) != 1 || len(one.Logs) != 2 {
		t.Errorf("%+v", one.Logs)
	}
}
