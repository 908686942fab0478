package pv

import (
	"testing"

	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

// sharedProcess is a process of its own in an arena.
func sharedProcess(t *testing.T, a *shm.Arena, slot int) *moduletest.Env {
	t.Helper()
	p, err := a.Enter(slot, 1, slot)
	if err != nil {
		t.Fatal(err)
	}
	e := moduletest.New(t)
	e.Seat(p)
	t.Cleanup(func() { delete(shvTables, e) })
	return e
}

func newShared(t *testing.T) *shm.Arena {
	t.Helper()
	a, err := shm.NewHeap(3 << 20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func readShv(e *moduletest.Env, name string) module.Value {
	v := getShv(e.Request(moduletest.Options), shvNamed(name))
	v.Str = string([]byte(v.Str))
	return v
}

func TestSharedVariablesAreSeenByAll(t *testing.T) {
	a := newShared(t)
	one, two := sharedProcess(t, a, 1), sharedProcess(t, a, 2)
	if err := setShvStart(module.StrValue("begun=s:here")); err != nil {
		t.Fatal(err)
	}
	if got := readShv(two, "begun"); got != module.StrValue("here") {
		t.Errorf("start value: %v", got)
	}
	if got := readShv(two, "never"); got != module.IntValue(0) {
		t.Errorf("never set: %v", got)
	}
	for _, v := range []module.Value{
		module.IntValue(-5), module.IntValue(6), module.StrValue("text"), module.StrValue(""), module.StrValue("longer than it was"), module.IntValue(7),
	} {
		if err := setShv(one, shvNamed("x"), v); err != nil {
			t.Fatal(err)
		}
		if got := readShv(two, "x"); got != v {
			t.Errorf("got %v, want %v", got, v)
		}
	}
	if err := setShv(two, shvNamed("x"), module.Undef); err != nil || readShv(one, "x") != module.IntValue(0) {
		t.Errorf("$null: %v, %v", err, readShv(one, "x"))
	}
	if n := shvTables[one].Len(); n != 1 {
		t.Errorf("%d entries for one variable", n)
	}
	if err := shm.Check(a); err != nil {
		t.Error(err)
	}
}

func TestSharedVariablesHaveABound(t *testing.T) {
	e := sharedProcess(t, newShared(t), 1)
	for i := range maxShvs {
		n := &shvName{name: string([]byte{byte(i), byte(i >> 8)}), hash: uint64(i)}
		if err := setShv(e, n, module.StrValue("x")); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := setShv(e, &shvName{name: "more", hash: 1}, module.StrValue("x")); err == nil {
		t.Error("there is no bound")
	}
	if err := setShv(e, &shvName{name: "\x01\x00", hash: 1}, module.IntValue(1)); err == nil {
		t.Error("replacing needs a place of its own for a moment") // a death in between must not lose the value
	}
}

// TestSharedVariablesSurviveEveryDeath: a process dies at each point of an assignment; the others find the value from
// before or from after it, and nothing is left behind.
func TestSharedVariablesSurviveEveryDeath(t *testing.T) {
	before := []module.Value{module.IntValue(1), module.StrValue("one")}
	after := []module.Value{module.IntValue(2), module.StrValue("another, longer text")}
	died := map[string]bool{}
	for _, from := range before {
		for _, to := range after {
			for nth, at := int64(1), "?"; at != ""; nth++ {
				at = dieAssigning(t, from, to, nth)
				died[at] = true
			}
		}
	}
	for _, p := range []string{"pv.shv.built", "pv.shv.number", "pv.shv.inserted", "pv.shv.removed"} {
		if !died[p] {
			t.Errorf("nobody died at %s", p)
		}
	}
}

func dieAssigning(t *testing.T, from, to module.Value, nth int64) (at string) {
	t.Helper()
	a, n := newShared(t), shvNamed("k")
	survivor, victim := sharedProcess(t, a, 1), sharedProcess(t, a, 2)
	if err := setShv(survivor, n, from); err != nil {
		t.Fatal(err)
	}
	if _, err := shvTable(victim); err != nil {
		t.Fatal(err)
	}
	if at = kill.Try("", nth, func() { _ = setShv(victim, n, to) }); at == "" {
		return ""
	}
	a.MarkDead(2)
	if _, err := survivor.Proc().Reap(2); err != nil {
		t.Fatal(err)
	}
	if got := readShv(survivor, "k"); got != from && got != to {
		t.Errorf("%v to %v, death at %s: %v", from, to, at, got)
	}
	last := module.StrValue("last")
	if err := setShv(survivor, n, last); err != nil || readShv(survivor, "k") != last || shvTables[survivor].Len() != 1 {
		t.Errorf("%v to %v, death at %s: afterwards %v, %d entries, %v", from, to, at, readShv(survivor, "k"), shvTables[survivor].Len(), err)
	}
	if err := shm.Check(a); err != nil {
		t.Errorf("%v to %v, death at %s: %v", from, to, at, err)
	}
	return at
}

// Neither reading nor changing a number allocates.
func TestSharedVariablesDoNotAllocate(t *testing.T) {
	e := sharedProcess(t, newShared(t), 1)
	c, n := e.Request(moduletest.Options), shvNamed("count")
	if err := setShv(e, n, module.IntValue(1)); err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(100, func() { _ = setShv(e, n, module.IntValue(getShv(c, n).Int+1)) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
