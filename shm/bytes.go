package shm

import "unsafe"

// Bytes is a view of n bytes at off, or nil if they do not all lie in the pages
// of the arena. Its capacity is its length.
func (a *Arena) Bytes(off, n uint64) []byte {
	if !a.holds(off, n, 1) {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Add(a.base, off)), n)
}

// View is a *T at off, or nil if no T lies there ([Ref.Get] for an offset that
// is not typed).
func View[T any](a *Arena, off uint64) *T { return Ref[T](off).Get(a) }

// Slice is a view of n Ts at off, or nil if they do not all lie in the pages of
// the arena or off is not aligned for a T.
func Slice[T any](a *Arena, off, n uint64) []T {
	var t T
	size := uint64(unsafe.Sizeof(t))
	if size == 0 || n > a.size/size || !a.holds(off, n*size, uint64(unsafe.Alignof(t))) {
		return nil
	}
	return unsafe.Slice(at[T](a, off), n)
}
