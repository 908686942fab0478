package tm

import (
	"reflect"
	"strings"

	"goser/shm"

	"goser/worker/module"
)

// ResetParams gives all parameters their defaults.
func ResetParams() { params = defaults() }

// Transactions is how many there are.
func Transactions(e module.Env) int { return of(e).table.Len() }

// ArenaTypes are all types that lie in the arena.
var ArenaTypes = []reflect.Type{reflect.TypeFor[tx](), reflect.TypeFor[branch](), reflect.TypeFor[request](), reflect.TypeFor[blob](), reflect.TypeFor[workRow]()}

// BranchOf reads a branch parameter of ours.
func BranchOf(e module.Env, b string) (off uint64, ok bool) {
	id, ok := of(e).parseBranchID(b)
	return id.off, ok
}

// Forget drops a process's state, as its death does.
func Forget(e module.Env) {
	delete(states, e)
	current = nil
}

// BytesInUse is what tm's blocks take of an arena, their headers included.
func BytesInUse(a *shm.Arena) (n uint64) {
	for _, u := range a.Usage() {
		if !u.Root && strings.HasPrefix(u.Kind, "tm.") {
			n += u.Held
		}
	}
	return n
}
