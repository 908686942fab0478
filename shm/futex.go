package shm

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The shared (not PRIVATE) operations: the waiter and the waker are different
// processes.
const (
	futexOpWait   = 0
	futexOpWake   = 1
	mlock2OnFault = 1
)

// futexWait sleeps while *w is val, at most d.
func futexWait(w *uint32, val uint32, d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(w)), futexOpWait, uintptr(val),
		uintptr(unsafe.Pointer(&ts)), 0, 0)
}

func futexWake(w *uint32, n int) {
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(w)), futexOpWake, uintptr(n), 0, 0, 0)
}

// WaitWord sleeps while *w is val, at most d: for structures that wait for an
// event in the arena. It may return early.
func WaitWord(w *uint32, val uint32, d time.Duration) { futexWait(w, val, d) }

// WakeWord wakes up to n of those who wait on w.
func WakeWord(w *uint32, n int) { futexWake(w, n) }

func mlockOnFault(b []byte) error {
	_, _, e := unix.Syscall(unix.SYS_MLOCK2, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), mlock2OnFault)
	if e != 0 {
		return e
	}
	return nil
}
