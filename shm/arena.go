package shm

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Arena is one process's view of the shared memory.
type Arena struct {
	base    unsafe.Pointer
	size    uint64
	dataOff uint64
	hdr     *header
	mem     []byte   // the mapping, nil on the heap
	heap    []uint64 // keeps the heap's memory alive, nil for a mapping
	file    *os.File
}

// Options are what Create and NewHeap do not ask for.
type Options struct {
	Rows int       // rows of the process table, 256 if 0
	Seed [2]uint64 // of Arena.Hash; random if zero, as a server needs it
}

// Create makes an arena of size bytes as a sparse memfd: what is not touched
// costs nothing, so size is a limit, not an allocation. The file is sealed
// against changing its size, so no process can make another's access fault.
func Create(name string, size int64) (*Arena, error) { return CreateWith(name, size, Options{}) }

// CreateWith is Create with options.
func CreateWith(name string, size int64, o Options) (*Arena, error) {
	h, err := newHeader(size, o)
	if err != nil {
		return nil, err
	}
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("shm: memfd_create %s: %w", name, err)
	}
	f := os.NewFile(uintptr(fd), name)
	a, err := createIn(f, h)
	if err != nil {
		f.Close()
		return nil, err
	}
	return a, nil
}

func createIn(f *os.File, h *header) (*Arena, error) {
	if err := f.Truncate(int64(h.Size)); err != nil {
		return nil, fmt.Errorf("shm: size of %d bytes: %w", h.Size, err)
	}
	seals := unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return nil, fmt.Errorf("shm: seal: %w", err)
	}
	a, err := mapFile(f, h.Size)
	if err != nil {
		return nil, err
	}
	*a.hdr = *h
	a.dataOff = h.DataOff
	return a, nil
}

func newHeader(size int64, o Options) (*header, error) {
	if size < MinSize || size > MaxSize {
		return nil, fmt.Errorf("shm: an arena of %d bytes: want %d to %d", size, MinSize, int64(MaxSize))
	}
	if o.Rows == 0 {
		o.Rows = defaultRows
		if size < 16<<20 {
			o.Rows = 32
		}
	}
	if o.Rows < 1 || o.Rows > MaxRows {
		return nil, fmt.Errorf("shm: %d process rows: want 1 to %d", o.Rows, MaxRows)
	}
	h := layout(uint64(size)&^(PageSize-1), o.Rows)
	if h.Pages == 0 {
		return nil, fmt.Errorf("shm: %d bytes hold no more than the table of %d processes: give more memory", size, o.Rows)
	}
	if h.Seed = o.Seed; h.Seed == [2]uint64{} {
		var err error
		if h.Seed, err = newSeed(); err != nil {
			return nil, err
		}
	}
	h.Sum = h.sum()
	return &h, nil
}

// Attach maps the arena that fd refers to, after having verified its header
// without trusting it. It keeps a duplicate of fd; the caller may close its own.
func Attach(fd int) (*Arena, error) {
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("shm: attach descriptor %d: %w", fd, err)
	}
	f := os.NewFile(uintptr(dup), "arena")
	a, err := attach(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return a, nil
}

func attach(f *os.File) (*Arena, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("shm: attach: %w", err)
	}
	const want = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW
	seals, err := unix.FcntlInt(f.Fd(), unix.F_GET_SEALS, 0)
	if err != nil || seals&want != want {
		return nil, errors.New("shm: attach: the descriptor is no memfd sealed against shrinking and growing")
	}
	h, err := readHeader(f, uint64(st.Size()))
	if err != nil {
		return nil, err
	}
	a, err := mapFile(f, h.Size)
	if err != nil {
		return nil, err
	}
	a.dataOff = h.DataOff
	return a, nil
}

func readHeader(f *os.File, size uint64) (*header, error) {
	if size < MinSize || size > MaxSize {
		return nil, fmt.Errorf("shm: attach: a file of %d bytes is no arena: want %d to %d", size, MinSize, int64(MaxSize))
	}
	h := new(header)
	b := unsafe.Slice((*byte)(unsafe.Pointer(h)), unsafe.Sizeof(*h))
	if _, err := f.ReadAt(b, 0); err != nil {
		return nil, fmt.Errorf("shm: attach: read the header: %w", err)
	}
	return h, h.verify(size)
}

func mapFile(f *os.File, size uint64) (*Arena, error) {
	mem, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("shm: map %d bytes: %w", size, err)
	}
	// A dump of a dead worker should hold the worker, not the whole arena.
	_ = unix.Madvise(mem, unix.MADV_DONTDUMP)
	a := &Arena{base: unsafe.Pointer(&mem[0]), size: size, mem: mem, file: f}
	a.hdr = at[header](a, 0)
	return a, nil
}

// NewHeap makes an arena in the Go heap, for one process only: goroutines play
// the processes, and the race detector watches them.
func NewHeap(size int64) (*Arena, error) { return NewHeapWith(size, Options{}) }

// NewHeapWith is NewHeap with options.
func NewHeapWith(size int64, o Options) (*Arena, error) {
	h, err := newHeader(size, o)
	if err != nil {
		return nil, err
	}
	heap := make([]uint64, (h.Size+PageSize)/8)
	base := unsafe.Pointer(&heap[0])
	if over := uintptr(base) % PageSize; over != 0 {
		base = unsafe.Add(base, PageSize-over)
	}
	a := &Arena{base: base, size: h.Size, heap: heap, dataOff: h.DataOff}
	a.hdr = at[header](a, 0)
	*a.hdr = *h
	return a, nil
}

// File is the memfd, to be inherited by another process; nil on the heap.
func (a *Arena) File() *os.File { return a.file }

// Size is the limit in bytes.
func (a *Arena) Size() uint64 { return a.size }

// Seed returns the key of [Arena.Hash], for a structure that hashes on its own.
func (a *Arena) Seed() (uint64, uint64) { return a.hdr.Seed[0], a.hdr.Seed[1] }

// Generation is the number of the configuration the arena serves.
func (a *Arena) Generation() uint32 { return atomic.LoadUint32(&a.hdr.Generation) }

// SetGeneration starts a new one; the supervisor's to call.
func (a *Arena) SetGeneration(n uint32) { atomic.StoreUint32(&a.hdr.Generation, n) }

// Close unmaps the arena. No view of it may be used afterwards.
func (a *Arena) Close() error {
	if a.mem == nil {
		return nil
	}
	err := unix.Munmap(a.mem)
	a.mem, a.base, a.hdr = nil, nil, nil
	return errors.Join(err, a.file.Close())
}

// Populate touches every page now, so that running out of the machine's memory
// happens at start or not at all (shm_force_alloc).
func (a *Arena) Populate() error {
	if a.mem == nil {
		return nil
	}
	if err := unix.Madvise(a.mem, unix.MADV_POPULATE_WRITE); err != nil {
		return fmt.Errorf("shm: reserve %d bytes: %w", a.size, err)
	}
	return nil
}

// Mlock keeps the arena out of swap (mlock_pages): pages are locked as they are
// touched, so an arena that is larger than its use costs only its use.
func (a *Arena) Mlock() error {
	if a.mem == nil {
		return nil
	}
	if err := mlockOnFault(a.mem); err != nil {
		return fmt.Errorf("shm: lock %d bytes in memory (RLIMIT_MEMLOCK?): %w", a.size, err)
	}
	return nil
}
