// Package kill marks the instructions between which a process may die.
//
// Every operation that changes the arena calls [Point] between its stores. In
// a server that costs one predictable load and a branch. In a test a point is
// armed, by name ([Arm]) or by ordinal ([ArmNth]), and the process that reaches
// it kills itself with SIGKILL: no deferred call, no flush, no goodbye. What the
// survivors find then has to be whole.
//
// The environment variable GOSER_KILL arms a process that cannot be told
// otherwise: "name", "name:3" (the third time) or ":1234" (the 1234th point of
// any name).
package kill

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// Env is the environment variable that [FromEnv] reads.
const Env = "GOSER_KILL"

var (
	armed atomic.Bool

	mu     sync.Mutex
	target string // point that kills, "" for any
	left   int64  // hits until it kills; 0 never kills
	record map[string]int
	total  int64
)

// Point is a place to die. Names read "structure.operation.step".
func Point(name string) {
	if armed.Load() {
		hit(name)
	}
}

// Arm makes the nth hit (from 1) of the named point fatal.
func Arm(name string, nth int64) { set(name, nth, nil) }

// ArmNth makes the nth hit of any point fatal.
func ArmNth(nth int64) { set("", nth, nil) }

// Record counts the points from now on instead of dying at one.
func Record() { set("", 0, map[string]int{}) }

// Disarm returns to the normal state.
func Disarm() {
	armed.Store(false)
	mu.Lock()
	defer mu.Unlock()
	target, left, record = "", 0, nil
}

// Hits returns how often each point was passed since [Record], and in all.
func Hits() (map[string]int, int64) {
	mu.Lock()
	defer mu.Unlock()
	out := make(map[string]int, len(record))
	for k, v := range record {
		out[k] = v
	}
	return out, total
}

// FromEnv arms the process as [Env] says. An empty variable does nothing.
func FromEnv() error {
	v := os.Getenv(Env)
	if v == "" {
		return nil
	}
	name, num, found := strings.Cut(v, ":")
	n := int64(1)
	if found {
		var err error
		if n, err = strconv.ParseInt(num, 10, 64); err != nil || n < 1 {
			return fmt.Errorf("kill: %s=%q: want NAME, NAME:N or :N with N of at least 1", Env, v)
		}
	}
	set(name, n, nil)
	return nil
}

func set(name string, nth int64, rec map[string]int) {
	mu.Lock()
	target, left, record, total = name, nth, rec, 0
	mu.Unlock()
	armed.Store(true)
}

func hit(name string) {
	mu.Lock()
	defer mu.Unlock()
	total++
	if record != nil {
		record[name]++
	}
	if left == 0 || (target != "" && target != name) {
		return
	}
	if left--; left == 0 {
		die()
	}
}

func die() {
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way; nothing may be stored meanwhile
}
