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
// any name). With GOSER_KILL_STOP=1 the process stops there (SIGSTOP) instead of
// dying.
//
// [Try] is for simulations that hold several processes in one: the point ends
// the call of a function, and until Try returns no later point is passed either,
// so that what the function has deferred stores nothing (every unlock begins
// with a point).
package kill

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The environment variables that [FromEnv] reads.
const (
	Env     = "GOSER_KILL"
	EnvStop = "GOSER_KILL_STOP"
)

var (
	armed atomic.Bool

	mu     sync.Mutex
	target string // point that kills, "" for any, "x." for any that begins so
	left   int64  // hits until it kills; 0 never kills
	record map[string]int
	total  int64
	throws bool // in place of a signal
	stops  bool
	died   string
)

// death is what a point throws under [Try].
type death struct{}

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

// Try calls f, which dies at the nth hit (from 1) of the named point, of any if
// the name is empty, of any that begins so if it ends with a dot. It returns the point's name, "" if f did not come so far.
// One at a time; f starts no goroutine that passes points.
func Try(name string, nth int64, f func()) (at string) {
	set(name, nth, nil)
	throws = true
	defer func() {
		at = died
		Disarm()
		if r := recover(); r != nil && r != (death{}) {
			panic(r)
		}
	}()
	f()
	return ""
}

// Disarm returns to the normal state.
func Disarm() {
	armed.Store(false)
	mu.Lock()
	defer mu.Unlock()
	target, left, record, throws, died = "", 0, nil, false, ""
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
	stops = os.Getenv(EnvStop) != ""
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
	if died != "" {
		panic(death{})
	}
	total++
	if record != nil {
		record[name]++
	}
	if left == 0 || !meant(name) {
		return
	}
	if left--; left > 0 {
		return
	}
	if throws {
		died = name
		panic(death{})
	}
	die()
}

func meant(name string) bool {
	return target == "" || target == name || strings.HasSuffix(target, ".") && strings.HasPrefix(name, target)
}

func die() {
	if stops {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
		time.Sleep(20 * time.Millisecond) // another thread may take the signal, a moment later
		return
	}
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way; nothing may be stored meanwhile
}
