package shm

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"reflect"
	"unsafe"
)

const (
	// Version is the version of the layout; it changes when the meaning of a
	// field does (its place is covered by the layout hash).
	Version = 1
	// PageSize is the unit in which the arena is handed to roots and blocks.
	PageSize = 8192
	// MinSize and MaxSize limit an arena. The upper one is what a block offset
	// of 32 bits in units of 16 bytes reaches.
	MinSize = 1 << 20
	MaxSize = 64 << 30
	// MaxRows limits the process table (a lock word has 12 bits for a row).
	MaxRows = 4094
	// MaxRoots is the number of named roots.
	MaxRoots = 512

	defaultRows = 256
)

var magic = [8]byte{'g', 'o', 's', 'e', 'r', 'A', 'R', 'N'}

// header is the first thing in an arena. The part up to Sum is written once.
type header struct {
	Magic      [8]byte
	Version    uint32
	HeaderSize uint32
	Layout     uint64
	Size       uint64
	Rows       uint32
	Roots      uint32
	RowOff     uint64
	RootOff    uint64
	CentralOff uint64
	PageOff    uint64
	DataOff    uint64
	Pages      uint64
	Seed       [2]uint64
	Sum        uint64

	_          [64]byte
	Generation uint32
	RootLock   Mutex
	PageLock   Mutex
	PageSeq    uint32
	PageHint   uint64
	PageFail   uint64 // smallest run that was not found since the last one was freed
	PagesUsed  uint64
	PagesPeak  uint64 // the most that PagesUsed has been
	PageHigh   uint64 // no block lies at or above this page ...
	PageLow    uint64 // ... and no root below this one: reading there would touch memory
	Bell       uint32 // futex: rung when a process has died, and by Ring
	_          uint32
	Stats      Stats
}

// layout computes where everything stands in an arena of that size.
func layout(size uint64, rows int) header {
	h := header{
		Magic: magic, Version: Version, HeaderSize: uint32(unsafe.Sizeof(header{})),
		Layout: layoutHash(), Size: size, Rows: uint32(rows), Roots: MaxRoots,
	}
	off := roundUp(uint64(h.HeaderSize), 4096)
	h.RowOff = off
	off = roundUp(off+uint64(rows)*uint64(unsafe.Sizeof(row{})), 4096)
	h.RootOff = off
	off = roundUp(off+MaxRoots*uint64(unsafe.Sizeof(rootRow{})), 4096)
	h.CentralOff = off
	off = roundUp(off+uint64(unsafe.Sizeof(centrals{})), 4096)
	h.PageOff = off
	if off >= size {
		return h
	}
	h.Pages = (size - off) / (PageSize + 8)
	h.DataOff = roundUp(off+h.Pages*8, PageSize)
	for h.Pages > 0 && h.DataOff+h.Pages*PageSize > size {
		h.Pages--
	}
	h.PageLow = h.Pages
	return h
}

func roundUp(n, to uint64) uint64 { return (n + to - 1) &^ (to - 1) }

// sum covers the part that never changes.
func (h *header) sum() uint64 {
	b := unsafe.Slice((*byte)(unsafe.Pointer(h)), unsafe.Offsetof(h.Sum))
	f := fnv.New64a()
	f.Write(b)
	return f.Sum64()
}

// verify says what is wrong with a header read from a file of that size. The
// sum catches an accident; the comparison with what we would have written
// ourselves makes sure that every bound is one we can trust.
func (h *header) verify(size uint64) error {
	switch {
	case h.Magic != magic:
		return fmt.Errorf("shm: not an arena: it starts with %q instead of %q", h.Magic[:], magic[:])
	case h.Version != Version:
		return fmt.Errorf("shm: the arena has layout version %d, this program speaks %d", h.Version, Version)
	case h.Layout != layoutHash():
		return fmt.Errorf("shm: the arena was made by a different build (layout %016x, ours is %016x)", h.Layout, layoutHash())
	case h.Size != size:
		return fmt.Errorf("shm: the arena says it has %d bytes, its file has %d", h.Size, size)
	case h.Sum != h.sum():
		return fmt.Errorf("shm: the arena's header is damaged: its sum is %016x, it says %016x", h.sum(), h.Sum)
	case h.Rows < 1 || h.Rows > MaxRows:
		return fmt.Errorf("shm: the arena has %d process rows, want 1 to %d", h.Rows, MaxRows)
	}
	want := layout(size, int(h.Rows))
	want.Seed, want.Sum = h.Seed, h.Sum
	if want.sum() != h.sum() || want.Pages == 0 {
		return fmt.Errorf("shm: the arena's header has offsets that do not fit its size of %d bytes", size)
	}
	return nil
}

func newSeed() (s [2]uint64, err error) {
	var b [16]byte
	if _, err := io.ReadFull(rand.Reader, b[:]); err != nil {
		return s, fmt.Errorf("shm: hash seed: %w", err)
	}
	s[0], s[1] = binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])
	return s, nil
}

// layoutHash tells builds apart: the shape of every type in the arena that this
// package defines, the size classes, and the names of all kinds in their order.
func layoutHash() uint64 {
	f := fnv.New64a()
	for _, t := range arenaTypes {
		describe(f, t)
	}
	fmt.Fprint(f, classSizes, magCaps, PageSize)
	for _, k := range kinds() {
		fmt.Fprint(f, k.Name, ";")
	}
	return f.Sum64()
}

var arenaTypes = []reflect.Type{
	reflect.TypeFor[header](), reflect.TypeFor[row](),
	reflect.TypeFor[rootRow](), reflect.TypeFor[centrals](), reflect.TypeFor[block](),
}

func describe(w io.Writer, t reflect.Type) {
	fmt.Fprint(w, t.Kind(), t.Size(), "{")
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprint(w, f.Name, f.Offset)
			describe(w, f.Type)
		}
	case reflect.Array:
		describe(w, t.Elem())
	}
	fmt.Fprint(w, "}")
}
