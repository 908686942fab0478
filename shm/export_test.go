package shm

import "sync/atomic"

// HoldMag plays another goroutine that is at the magazines.
func (p *Proc) HoldMag() (release func()) {
	for !atomic.CompareAndSwapUint32(&p.row.MagLock, 0, 1) {
	}
	return func() { atomic.StoreUint32(&p.row.MagLock, 0) }
}

// SipHash24 is the variant with published vectors.
func SipHash24(k0, k1 uint64, b []byte) uint64 { return sipHash(2, 4, k0, k1, b) }

// Raw is all of the arena's memory.
func (a *Arena) Raw() []byte { return a.mem }

// IsRunning is the question to the kernel.
func IsRunning(pid int, start uint64) bool { return running(pid, start) }

// IsStopped tells whether a process is stopped.
func IsStopped(pid int) bool {
	f := statFields(pid)
	return len(f) > 0 && string(f[0]) == "T"
}
