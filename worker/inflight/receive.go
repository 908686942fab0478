package inflight

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"goser/shm/kill"
)

// Arm gives the kernel's vector as many free slots as there are, up to the
// batch, and returns how many entries it has.
func (r *Region) Arm() int {
	n := 0
	for n < r.batch {
		if r.vec.slot[n] < 0 {
			if len(r.free) == 0 {
				break
			}
			k := r.free[len(r.free)-1]
			r.free = r.free[:len(r.free)-1]
			r.vec.slot[n] = k
		}
		k := r.vec.slot[n]
		s := &r.slots[k]
		r.vec.iov[n] = iovec{base: uint64(uintptr(unsafe.Pointer(&r.data[int(k)*SlotSize]))), len: SlotSize}
		r.vec.hdr[n] = mmsghdr{
			name: uint64(uintptr(unsafe.Pointer(&s.Name))), nameLen: uint32(len(s.Name)),
			iov: uint64(uintptr(unsafe.Pointer(&r.vec.iov[n]))), iovLen: 1,
			control: uint64(uintptr(unsafe.Pointer(&s.Ctl))), controlLen: ctlSize,
		}
		n++
	}
	kill.Point("inflight.arm")
	return n
}

// maxSleep bounds a sleep in Receive. Having a bound at all is what counts: only
// a receive with a timeout ends with EINTR when a signal has been handled, all
// others are begun again by the kernel (signal(7)).
const maxSleep = time.Second

// Prepare makes a socket fit for Receive: it blocks, with a timeout. Senders of
// the same socket say for themselves not to wait.
func Prepare(fd int) error {
	if err := unix.SetNonblock(fd, false); err != nil {
		return err
	}
	tv := unix.NsecToTimeval(int64(maxSleep))
	return unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv)
}

// Receive waits for datagrams on fd into the n entries that Arm made. It may
// run without the worker's baton: it touches nothing but the vector.
//
// With soon, the caller expects one within milliseconds and keeps its place in
// Go's scheduler while it sleeps: that saves the wake-ups of other threads, more
// than the message costs. Nobody is kept waiting by it: the runtime interrupts
// a goroutine that holds its place for 10 ms, or at once when it has to stop
// the world, by a signal, and Receive returns EINTR. Without one it returns
// EAGAIN after a second.
func (r *Region) Receive(fd, n int, soon bool) (int, unix.Errno) {
	hdr := uintptr(unsafe.Pointer(&r.vec.hdr[0]))
	if soon {
		got, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), hdr, uintptr(n), unix.MSG_WAITFORONE, 0, 0)
		return int(got), errno
	}
	got, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), hdr, uintptr(n), unix.MSG_WAITFORONE, 0, 0)
	return int(got), errno
}

// Gather sleeps for d, so that datagrams gather in the socket meanwhile, without
// giving up the place in Go's scheduler; a signal of the runtime ends it early.
func Gather(d time.Duration) {
	// The kernel may be 50 µs late unless the thread asks for better, and it is not
	// always the same thread.
	unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, 1, 0)
	ts := unix.NsecToTimespec(int64(d))
	unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&ts)), 0, 0)
}

// Adopt turns the first n entries of the vector into slots, appended to dst in
// order of arrival.
func (r *Region) Adopt(dst []*Slot, n int, nowNS int64) []*Slot {
	for i := range n {
		s := r.adopt(i, r.vec.hdr[i].msgLen)
		if s == nil {
			continue // an empty datagram: its slot stays armed
		}
		r.vec.slot[i] = -1
		s.TimeNS = nowNS
		dst = append(dst, s)
	}
	return dst
}
