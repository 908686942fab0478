// Package spawn starts processes of this very program and collects the dead.
//
// A child is /proc/self/exe, so it is the binary that runs now even if the file
// on disk was replaced meanwhile. It dies with its parent: the kernel kills it
// when the thread that started it ends (PR_SET_PDEATHSIG), and that thread is
// one that never ends while the process lives. Because the signal is lost when
// the program file carries capabilities, children also watch a pipe; see
// handoff.Birth.LifeFD.
//
// The thread has a file system view of its own (unshare(2) CLONE_FS) whose
// working directory is /proc. So it finds the program as "self/exe" even after
// chroot, when no absolute path leads there any more. A child therefore starts
// with its working directory outside the new root and must change it first
// thing; handoff.Birth.Dir says where to.
//
// What can go wrong: without /proc New fails; fork and exec fail with the
// kernel's error, which the caller answers with a pause and another try.
package spawn

import (
	"fmt"
	"math"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Spec is a process to be started.
type Spec struct {
	Args  []string // with the name, as ps shows it
	Env   []string
	Files []int // descriptors that become 0, 1, 2, ...
	Sched Sched
}

// Spawner owns the thread that starts processes.
type Spawner struct {
	// Own is how the thread itself is scheduled; set it before the first Start.
	Own Sched
	// Refused is told when the kernel refuses a child's scheduling.
	Refused func(error)
	work    chan func()
}

// New starts the thread. Descriptors that the process was started with, beyond
// the standard ones, are not passed on to children.
func New() (*Spawner, error) {
	keepToOurselves()
	s := &Spawner{work: make(chan func())}
	failed := make(chan error)
	go s.thread(failed)
	if err := <-failed; err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Spawner) thread(failed chan<- error) {
	runtime.LockOSThread() // for good: its end would kill every child
	err := unix.Unshare(unix.CLONE_FS)
	if err != nil {
		err = fmt.Errorf("spawn: unshare: %w", err)
	} else if err = unix.Chdir("/proc"); err == nil {
		err = unix.Access("self/exe", unix.X_OK)
	}
	if err != nil {
		failed <- fmt.Errorf("spawn: /proc must be mounted, and the program executable: %w", err)
		return
	}
	failed <- nil
	for f := range s.work {
		f()
	}
}

// do runs f on the thread.
func (s *Spawner) do(f func()) {
	done := make(chan struct{})
	s.work <- func() { f(); close(done) }
	<-done
}

// Chroot makes dir the root of all children to come. The caller's own threads
// are not affected.
func (s *Spawner) Chroot(dir string) (err error) {
	s.do(func() { err = unix.Chroot(dir) })
	return err
}

// Start starts a process and returns its pid.
func (s *Spawner) Start(spec Spec) (pid int, err error) {
	attr := &syscall.ProcAttr{
		Env:   spec.Env,
		Files: make([]uintptr, len(spec.Files)),
		Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	}
	for i, fd := range spec.Files {
		attr.Files[i] = uintptr(fd)
	}
	var refused error
	s.do(func() {
		refused = spec.Sched.forked(s.Own, func() { pid, err = syscall.ForkExec("self/exe", spec.Args, attr) })
	})
	if refused != nil && s.Refused != nil {
		s.Refused(refused)
	}
	if err != nil {
		return 0, fmt.Errorf("spawn: %w", err)
	}
	return pid, nil
}

// SetSched puts every thread of a child under sched.
func (s *Spawner) SetSched(pid int, sched Sched) (err error) {
	s.do(func() { err = sched.setAll(fmt.Sprintf("%d/task", pid)) }) // seen from /proc, also after chroot
	return err
}

// keepToOurselves marks whatever a careless starter left open. A kernel older
// than 5.11 cannot; then children hold it open too, which harms nobody but the starter.
func keepToOurselves() { _ = unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC) }

// Again starts this program once more in a session of its own, to outlive the
// caller. It is how a Go program goes into the background, which cannot fork.
func Again(spec Spec) (pid int, err error) {
	keepToOurselves()
	attr := &syscall.ProcAttr{Env: spec.Env, Sys: &syscall.SysProcAttr{Setsid: true}}
	for _, fd := range spec.Files {
		attr.Files = append(attr.Files, uintptr(fd))
	}
	if pid, err = syscall.ForkExec("/proc/self/exe", spec.Args, attr); err != nil {
		return 0, fmt.Errorf("spawn: go into the background: %w", err)
	}
	return pid, nil
}
