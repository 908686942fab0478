// Package inflight keeps the datagrams that a worker has taken from the kernel
// and not yet finished, in shared memory, so that a worker's death loses none.
//
// The kernel itself writes them there: the vector handed to recvmmsg(2), with
// its lengths, lies in the region too. It stores each length before the system
// call can be interrupted, so at every instruction a received datagram is
// either in the vector (length not 0) or in a slot that is not free. The
// successor adopts both and runs them again, in the order of arrival.
//
//	region:  header | vector: mmsghdr, iovec, slot number | slots | data, 64 KiB each
//
// A slot that was being handled when its worker died has its death counted;
// the caller decides how many deaths are too many.
package inflight

import (
	"fmt"
	"sort"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"goser/shm/kill"
)

// SlotSize is the room for one datagram; UDP cannot carry more.
const SlotSize = 64 << 10

// MaxBatch bounds the datagrams taken in one system call.
const MaxBatch = 64

const (
	magic   = 0x534c4f54
	ctlSize = 64
	pageLen = 4096
)

// State is what is happening to a slot.
type State uint8

// A slot goes free → received → running → done → free; running may turn into
// waiting and back.
const (
	Free     State = iota
	Received       // complete, not looked at yet
	Running        // in the script; a death now is blamed on it
	Waiting        // waits for something outside; a death now is not its fault
	Done           // handled, its output not sent yet
)

// Slot is one datagram. It lies in the arena: fixed-width fields only. Word
// holds state and deaths, so both change with one store.
type Slot struct {
	Word    uint32 // State | deaths<<8
	Len     uint32
	NameLen uint32
	CtlLen  uint32
	Seq     uint64
	TimeNS  int64
	Name    [unix.SizeofSockaddrInet6 + 4]byte
	Ctl     [ctlSize]byte
}

// State returns the state.
func (s *Slot) State() State { return State(atomic.LoadUint32(&s.Word)) }

// Deaths is how many workers died with this slot running.
func (s *Slot) Deaths() int { return int(atomic.LoadUint32(&s.Word) >> 8) }

// Set changes the state. Entering Running counts a death in advance; leaving
// it takes that back, so only a death in between stays counted.
func (s *Slot) Set(st State) {
	w := atomic.LoadUint32(&s.Word)
	deaths := w >> 8
	if st == Running {
		deaths++
	} else if State(w) == Running && deaths > 0 {
		deaths--
	}
	if st == Free {
		deaths = 0
	}
	atomic.StoreUint32(&s.Word, uint32(st)|deaths<<8)
	kill.Point("inflight.state")
}

// mmsghdr and iovec are the kernel's, for 64-bit Linux. The addresses in them
// are those of one process and are never followed by another.
type mmsghdr struct {
	name       uint64
	nameLen    uint32
	_          uint32
	iov        uint64
	iovLen     uint64
	control    uint64
	controlLen uint64
	flags      int32
	_          uint32
	msgLen     uint32
	_          uint32
}

type iovec struct{ base, len uint64 }

type header struct {
	Magic uint32
	Slots uint32
	Seq   uint64
}

type vector struct {
	hdr  [MaxBatch]mmsghdr
	iov  [MaxBatch]iovec
	slot [MaxBatch]int32 // slot number, -1 none
}

// Region is one worker's in-flight memory. One goroutine at a time.
type Region struct {
	h     *header
	vec   *vector
	slots []Slot
	data  []byte
	free  []int32 // private: rebuilt by every successor
	batch int
}

// Size is the room that a region of n slots needs; most of it is never
// touched.
func Size(n int) int64 { return dataOffset(n) + int64(n)*SlotSize }

// Slots is how many slots a worker needs in which so many messages may wait and
// that takes so many datagrams in one system call.
func Slots(waiting, batch int) int { return waiting + 2*min(batch, MaxBatch) }

func dataOffset(n int) int64 {
	head := int64(unsafe.Sizeof(header{})+unsafe.Sizeof(vector{})) + int64(n)*int64(unsafe.Sizeof(Slot{}))
	return (head + pageLen - 1) &^ (pageLen - 1)
}

// Open takes over a region of n slots. mem must be page aligned, Size(n) long,
// and zero when it is used for the first time.
func Open(mem []byte, n, batch int) (*Region, error) {
	if int64(len(mem)) < Size(n) || n < batch || batch < 1 || batch > MaxBatch {
		return nil, fmt.Errorf("inflight: %d bytes for %d slots, batch %d: want %d bytes, batch 1..%d and no more than the slots",
			len(mem), n, batch, Size(n), MaxBatch)
	}
	base := unsafe.Pointer(&mem[0])
	r := &Region{h: (*header)(base), batch: batch, free: make([]int32, 0, n)}
	r.vec = (*vector)(unsafe.Add(base, unsafe.Sizeof(header{})))
	r.slots = unsafe.Slice((*Slot)(unsafe.Add(base, unsafe.Sizeof(header{})+unsafe.Sizeof(vector{}))), n)
	r.data = mem[dataOffset(n):Size(n)]
	if r.h.Magic != magic || int(r.h.Slots) != n {
		clear(mem[:dataOffset(n)])
		for i := range r.vec.slot {
			r.vec.slot[i] = -1
		}
		r.h.Slots = uint32(n)
		r.h.Magic = magic
	}
	return r, nil
}

// Recover adopts what the predecessor left, and returns its slots in order of
// arrival. It must be called once, before Receive.
func (r *Region) Recover() []*Slot {
	for i := range r.vec.hdr {
		r.adopt(i, r.vec.hdr[i].msgLen)
	}
	for i := range r.vec.slot {
		r.vec.slot[i] = -1
	}
	var left []*Slot
	r.free = r.free[:0]
	for i := len(r.slots) - 1; i >= 0; i-- {
		s := &r.slots[i]
		switch s.State() {
		case Free:
			r.free = append(r.free, int32(i))
		case Received, Running, Waiting, Done:
			if s.Len > SlotSize || s.NameLen > uint32(len(s.Name)) || s.CtlLen > ctlSize {
				s.Set(Free)
				r.free = append(r.free, int32(i))
				break
			}
			left = append(left, s)
		default:
			s.Set(Free)
			r.free = append(r.free, int32(i))
		}
	}
	sort.Slice(left, func(a, b int) bool { return left[a].Seq < left[b].Seq })
	return left
}

// adopt turns entry i of the vector into a received slot.
func (r *Region) adopt(i int, n uint32) *Slot {
	k := r.vec.slot[i]
	if n == 0 || k < 0 || int(k) >= len(r.slots) {
		r.vec.hdr[i].msgLen = 0
		return nil
	}
	s := &r.slots[k]
	if s.State() == Free {
		s.Len = min(n, SlotSize)
		s.NameLen = min(r.vec.hdr[i].nameLen, uint32(len(s.Name)))
		s.CtlLen = uint32(min(r.vec.hdr[i].controlLen, ctlSize))
		r.h.Seq++
		s.Seq = r.h.Seq
		kill.Point("inflight.adopt.fill")
		atomic.StoreUint32(&s.Word, uint32(Received))
	}
	kill.Point("inflight.adopt.publish")
	atomic.StoreUint32(&r.vec.hdr[i].msgLen, 0)
	kill.Point("inflight.adopt.clear")
	return s
}

// Data is the datagram in a slot.
func (r *Region) Data(s *Slot) []byte {
	i := (uintptr(unsafe.Pointer(s)) - uintptr(unsafe.Pointer(&r.slots[0]))) / unsafe.Sizeof(Slot{})
	return r.data[i*SlotSize:][:s.Len:s.Len]
}

// Release frees a slot that is finished.
func (r *Region) Release(s *Slot) {
	s.Set(Free)
	i := (uintptr(unsafe.Pointer(s)) - uintptr(unsafe.Pointer(&r.slots[0]))) / unsafe.Sizeof(Slot{})
	r.free = append(r.free, int32(i))
}

// Free is the number of free slots, those armed for the kernel included.
func (r *Region) Free() int {
	n := len(r.free)
	for _, k := range r.vec.slot[:r.batch] {
		if k >= 0 {
			n++
		}
	}
	return n
}
