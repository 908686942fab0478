package shm

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
)

// Kind says what a block or a root is: a small number for a registered name.
// Packages register theirs in variables at start-up; since every process runs
// the same program, the numbers agree everywhere (the layout hash checks it).
type Kind uint16

// KindInfo describes a kind. All but Name may be missing.
type KindInfo struct {
	Name string // group.thing, "tm.transaction"

	// Refs returns the i-th field of the block that owns another block, nil
	// when there is none left. A reap frees the owned with the owner.
	Refs func(a *Arena, off uint64, i int) *uint64
	// Release is called by a reap before it frees a block whose owner died
	// while it was under construction or being taken apart: cancel its timers.
	Release func(p *Proc, off uint64)

	// Check verifies a root of this kind and tells the checker what it reaches.
	Check func(c *Checker, r Root)
	// Reap repairs a root of this kind after the process in slot died: takes
	// over its locks, finishes or undoes what it was at. Afterwards no block
	// may be both reachable and unpublished.
	Reap func(p *Proc, r Root, slot int) error
}

var registry struct {
	sync.RWMutex
	list []KindInfo
}

// KindRaw is the kind of blocks nobody has named.
var KindRaw = NewKind(KindInfo{Name: "shm.raw"})

// NewKind registers a kind. A name that is empty or taken is a mistake in the
// program and panics at start-up.
func NewKind(info KindInfo) Kind {
	registry.Lock()
	defer registry.Unlock()
	taken := slices.ContainsFunc(registry.list, func(k KindInfo) bool { return k.Name == info.Name })
	if info.Name == "" || taken || len(registry.list) == 1<<16-1 {
		panic(fmt.Sprintf("shm: kind %q: the name is empty or taken", info.Name))
	}
	registry.list = append(registry.list, info)
	return Kind(len(registry.list))
}

// NewKindOf registers the kind of blocks that hold a T: T is checked with
// [CheckType], and its fields of type Own are what Refs walks.
func NewKindOf[T any](info KindInfo) Kind {
	t := reflect.TypeFor[T]()
	if err := CheckType(t); err != nil {
		panic(err)
	}
	fields := ownFields(t, 0, nil)
	size := uint64(t.Size())
	info.Refs = func(a *Arena, off uint64, i int) *uint64 {
		if i >= len(fields) || !a.holds(off, size, 8) {
			return nil
		}
		return at[uint64](a, off+fields[i])
	}
	return NewKind(info)
}

func ownFields(t reflect.Type, base uint64, out []uint64) []uint64 {
	switch {
	case t.Implements(reflect.TypeFor[owner]()):
		return append(out, base)
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			out = ownFields(t.Field(i).Type, base+uint64(t.Field(i).Offset), out)
		}
	case t.Kind() == reflect.Array:
		for i := range t.Len() {
			out = ownFields(t.Elem(), base+uint64(i)*uint64(t.Elem().Size()), out)
		}
	}
	return out
}

func kinds() []KindInfo {
	registry.RLock()
	defer registry.RUnlock()
	return slices.Clone(registry.list)
}

func (k Kind) info() (KindInfo, bool) {
	registry.RLock()
	defer registry.RUnlock()
	if k == 0 || int(k) > len(registry.list) {
		return KindInfo{}, false
	}
	return registry.list[k-1], true
}

func (k Kind) String() string {
	if i, ok := k.info(); ok {
		return i.Name
	}
	return fmt.Sprintf("kind %d", uint16(k))
}
