package shm

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Ref is a typed offset into the arena; zero is "none". It is what stands for a
// pointer there, the same in every process.
type Ref[T any] uint64

// Off returns the plain offset.
func (r Ref[T]) Off() uint64 { return uint64(r) }

// Get returns the T it refers to, or nil if the reference is none, lies outside
// the pages of the arena or is not aligned for a T. The pointer is for use now:
// it may be kept no longer than the lock or ownership that protects the T.
func (r Ref[T]) Get(a *Arena) *T {
	var t T
	if !a.holds(uint64(r), uint64(unsafe.Sizeof(t)), uint64(unsafe.Alignof(t))) {
		return nil
	}
	return at[T](a, uint64(r))
}

// Own is a Ref to a block that belongs to the one it stands in: freeing the
// parent frees it too ([NewKindOf] finds such fields).
type Own[T any] uint64

// Off returns the plain offset.
func (r Own[T]) Off() uint64 { return uint64(r) }

// Get is Ref.Get.
func (r Own[T]) Get(a *Arena) *T { return Ref[T](r).Get(a) }

func (Own[T]) owned() {}

type owner interface{ owned() }

// holds reports whether size bytes at off lie in the part of the arena that
// roots and blocks come from.
func (a *Arena) holds(off, size, align uint64) bool {
	return off >= a.dataOff && off <= a.size && size <= a.size-off && off&(align-1) == 0
}

func at[T any](a *Arena, off uint64) *T { return (*T)(unsafe.Add(a.base, off)) }

// CheckType returns an error unless t may live in the arena: fixed-width
// integers, bools, floats, arrays and structs of these, and Refs.
// Packages call it in a test on each of their
// arena types.
func CheckType(t reflect.Type) error { return checkType(t, t.String()) }

func checkType(t reflect.Type, path string) error {
	switch t.Kind() {
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return nil
	case reflect.Array:
		return checkType(t.Elem(), path+"[]")
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if err := checkType(f.Type, path+"."+f.Name); err != nil {
				return err
			}
		}
		return nil
	case reflect.Int, reflect.Uint, reflect.Uintptr:
		return fmt.Errorf("shm: %s is %s, whose width depends on the machine: use a fixed-width integer", path, t)
	}
	return fmt.Errorf("shm: %s is %s, which holds a Go pointer or means nothing to another process: use integers, arrays, structs and shm.Ref", path, t)
}
