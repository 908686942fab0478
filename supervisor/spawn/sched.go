package spawn

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Sched is a scheduling policy of the kernel (sched(7)). The zero Sched is the
// ordinary one.
type Sched struct {
	Policy   uint32 // unix.SCHED_FIFO, unix.SCHED_RR or unix.SCHED_NORMAL
	Priority uint32 // 1..99 for the first two
	Nice     int32  // -20..19 for the ordinary one
}

// Of is how a thread is scheduled; 0 is the caller.
func Of(tid int) (Sched, error) {
	a, err := unix.SchedGetAttr(tid, 0)
	if err != nil {
		return Sched{}, fmt.Errorf("spawn: scheduling: %w", err)
	}
	return Sched{Policy: a.Policy, Priority: a.Priority, Nice: a.Nice}, nil
}

func (s Sched) set(tid int) error {
	return unix.SchedSetAttr(tid, &unix.SchedAttr{Policy: s.Policy, Priority: s.Priority, Nice: s.Nice}, 0)
}

// Returns tells whether a thread that went from s to lower can come back: it
// cannot without CAP_SYS_NICE or RLIMIT_NICE. It is tried, on a thread that is
// thrown away. The first thread of a process only stops, so it goes back to what it was.
func (s Sched) Returns(lower Sched) bool {
	came := make(chan bool)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends here
		was, err := Of(0)
		ok := lower.set(0) == nil && s.set(0) == nil
		if err == nil && was != s {
			_ = was.set(0)
		}
		came <- ok
	}()
	return <-came
}

// Allow lets processes come back to s, an ordinary one, once privileges are
// gone. Whether that was granted, Returns tells.
func (s Sched) Allow() {
	limit := uint64(20 - s.Nice) // the kernel counts backwards: 20 - n allows n
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NICE, &r) != nil || r.Cur >= limit {
		return
	}
	_ = unix.Setrlimit(unix.RLIMIT_NICE, &unix.Rlimit{Cur: limit, Max: max(limit, r.Max)})
}

// SetSelf puts every thread of this process under s.
func SetSelf(s Sched) error { return s.setAll("/proc/self/task") }

// setAll puts every thread of a process under s. Threads that come later
// inherit it from the one that starts them, so it is done when a whole pass
// found nothing to change: the process may have started one meanwhile.
func (s Sched) setAll(task string) error {
	const passes = 100
	for range passes {
		changed, err := s.pass(task)
		if err != nil || changed == 0 {
			return err
		}
	}
	return errors.New("spawn: scheduling: new threads keep coming")
}

// pass goes over all threads once and counts those that were not under s.
func (s Sched) pass(task string) (changed int, err error) {
	threads, err := os.ReadDir(task)
	if err != nil {
		return 0, fmt.Errorf("spawn: %w", err)
	}
	for _, t := range threads {
		tid, _ := strconv.Atoi(t.Name())
		if have, err := Of(tid); err == nil && have == s {
			continue
		}
		if err := s.set(tid); err != nil && !errors.Is(err, unix.ESRCH) {
			return 0, fmt.Errorf("spawn: scheduling: %w", err)
		}
		changed++
	}
	return changed, nil
}

// forked runs f, which forks, with this thread under s, so that the child and
// all its threads are. If the kernel refuses, f runs all the same and refused
// tells why.
func (s Sched) forked(own Sched, f func()) (refused error) {
	if s == own {
		f()
		return nil
	}
	if refused = s.set(0); refused != nil {
		f()
		return fmt.Errorf("spawn: scheduling: %w", refused)
	}
	f()
	_ = own.set(0) // downwards is always allowed, and upwards it was us before
	return nil
}
